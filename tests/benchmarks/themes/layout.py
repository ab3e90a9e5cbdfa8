"""How well the theme map keeps together what belongs together."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from service.core.embedding import FloatArray
from service.core.themes.layout import positions
from tests.benchmarks.themes.inputs import Inputs, Row, row

NEAREST = 10
MOST = 3_000


def layout(inputs: Inputs) -> Iterator[Row]:
    """The share of a request's ten nearest on the map that have its intent, beside the first two components."""
    from sklearn.decomposition import PCA

    texts = inputs.sets["banking77"].texts[:MOST]
    labels, vectors = np.array(inputs.sets["banking77"].labels[:MOST]), inputs.vectors("banking77")[:MOST]
    began = time.perf_counter()
    placed = positions(vectors, texts)
    yield row("map", "seconds", time.perf_counter() - began, "s")
    plain = PCA(2, random_state=0).fit_transform(vectors)
    yield row("map", "neighbours_alike", _alike(placed, labels), "share", _alike(plain, labels), "two components")
    yield row("map", "neighbours_alike", _alike(placed, labels), "share", _alike(vectors, labels), "all dimensions")


def _alike(places: FloatArray, labels: np.ndarray) -> float:
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=NEAREST + 1).fit(places).kneighbors(return_distance=False)
    others = nearest[:, 1:] if (nearest[:, 0] == np.arange(len(labels))).all() else nearest[:, :NEAREST]
    return float((labels[others] == labels[:, None]).mean())
