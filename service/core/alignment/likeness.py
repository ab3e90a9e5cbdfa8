"""How likely a unit is about a facet, from their embeddings alone: learned, where the cosine only compares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from service.core.alignment.pairs import FloatArray

PRODUCT_SCALE = 8.0
"""What products of the two projections are multiplied with, to be of a size with their differences."""
ROWS = 4096


class Likeness:
    """Log-odds that a unit is about a facet, by a small network over the vectors of the two.

    Both vectors are projected, each by its own matrix; one hidden layer sees their product and the size of their
    difference, and the cosine is added. Trained by ``models/stance/likeness.py`` on what people write beside facets and
    on the accurate model's labels, for one embedder.

    Args:
        weights: arrays ``unit.weight`` (k, dim), ``unit.bias`` (k,), ``facet.weight``, ``facet.bias``,
            ``hidden.weight`` (h, 2k), ``hidden.bias`` (h,), ``out.weight`` (1, h), ``out.bias`` (1,), ``cosine`` (1,).
        cosine: how many times the cosine is added once more: of words that nobody wrote for learning it knows better.
    """

    def __init__(self, weights: Mapping[str, FloatArray], cosine: float = 0.0) -> None:
        self._weights = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}
        self._weights["cosine"] = self._weights["cosine"] + np.float32(cosine)

    def __call__(self, units: FloatArray, facets: FloatArray) -> FloatArray:
        """Log-odds, float32, (n_units, n_facets), of rows of unit length."""
        w = self._weights
        out = np.empty((len(units), len(facets)), dtype=np.float32)
        of_facets = facets @ w["facet.weight"].T + w["facet.bias"]
        size = of_facets.shape[1]
        products, differences = w["hidden.weight"][:, :size], w["hidden.weight"][:, size:]
        for start in range(0, len(units), ROWS):
            part = units[start : start + ROWS]
            of_units = part @ w["unit.weight"].T + w["unit.bias"]
            for column, facet in enumerate(of_facets):
                hidden = of_units @ (PRODUCT_SCALE * facet * products).T
                hidden += np.abs(of_units - facet) @ differences.T + w["hidden.bias"]
                out[start : start + ROWS, column] = np.maximum(hidden, 0) @ w["out.weight"][0]
            out[start : start + ROWS] += w["out.bias"] + w["cosine"] * (part @ facets.T)
        return out
