"""Facets of one purpose share a unit: what is about one is less about the others."""

from __future__ import annotations

import numpy as np
import pytest

from service.core.alignment.scorer import RIVAL_FLOOR, greatest_other, shared

RIVALS = np.array([1.0, -0.5, 0.0], dtype=np.float32)


def test_each_facet_meets_the_greatest_of_the_others_and_none_under_the_floor() -> None:
    found = greatest_other(np.array([[2.0, 0.5, -4.0], [-5.0, -6.0, -7.0]]))
    assert found.tolist() == [[0.5, 2.0, 2.0], [RIVAL_FLOOR] * 3]


def test_a_facet_alone_meets_the_floor() -> None:
    assert greatest_other(np.array([[3.0]])).tolist() == [[RIVAL_FLOOR]]


def test_a_facet_beside_one_that_fits_better_loses_and_the_better_one_stays_first() -> None:
    beside_none, beside_better = shared(np.array([[0.5, 0.01], [0.5, 0.9]], dtype=np.float32), RIVALS)
    assert beside_better[0] < beside_none[0]
    assert beside_better[1] > beside_better[0]


def test_what_was_not_asked_stays_0_and_takes_nothing_from_the_others() -> None:
    found = shared(np.array([[0.0, 0.7]], dtype=np.float32), RIVALS)
    assert found[0, 0] == 0
    assert found[0, 1] == pytest.approx(shared(np.array([[0.7]], dtype=np.float32), RIVALS)[0, 0])


def test_a_model_without_rivals_leaves_relevance_as_it_is() -> None:
    relevance = np.array([[0.2, 0.9]], dtype=np.float32)
    assert shared(relevance, None) is relevance
