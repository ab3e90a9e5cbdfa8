"""The likeness of units and facets is what the network that was trained computes, in any number of rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.stance.likeness import Network
from service.core.alignment import likeness
from service.core.alignment.likeness import Likeness
from service.core.alignment.pairs import FloatArray

DIMENSION = 24


def vectors(n: int, seed: int) -> FloatArray:
    drawn = np.random.default_rng(seed).normal(size=(n, DIMENSION)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(3)
    return Network(DIMENSION).eval()


def learned(network: Network) -> Likeness:
    return Likeness({name: value.detach().numpy() for name, value in network.named_parameters()})


def test_it_is_what_was_trained(network: Network) -> None:
    units, facets = vectors(7, 0), vectors(3, 1)
    found = learned(network)(units, facets)
    assert found.shape == (7, 3)
    assert found.dtype == np.float32
    for column, facet in enumerate(facets):
        with torch.inference_mode():
            expected = network(torch.from_numpy(units), torch.from_numpy(facet).expand(7, -1)).numpy()
        assert found[:, column] == pytest.approx(expected, abs=1e-4)


def test_a_units_likeness_does_not_depend_on_how_many_there_are(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    units, facets = vectors(9, 0), vectors(2, 1)
    together = learned(network)(units, facets)
    monkeypatch.setattr(likeness, "ROWS", 4)
    assert learned(network)(units, facets) == pytest.approx(together, abs=1e-5)


def test_the_cosine_can_be_given_more_weight(network: Network) -> None:
    units, facets = vectors(5, 0), vectors(2, 1)
    weights = {name: value.detach().numpy() for name, value in network.named_parameters()}
    more = Likeness(weights, 3.0)(units, facets)
    assert more - learned(network)(units, facets) == pytest.approx(3 * units @ facets.T, abs=1e-5)


def test_no_units_give_no_rows(network: Network) -> None:
    assert learned(network)(vectors(0, 0), vectors(2, 1)).shape == (0, 2)
