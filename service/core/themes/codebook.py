"""Codebook themes: zero-shot assignment of units to named themes, with a threshold calibrated for each theme."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.core.background import GENERIC_SENTENCES
from service.core.embedding import Embedder, FloatArray
from service.core.themes.clusters import unit_rows
from service.results import Codebook, Theme

BoolArray = npt.NDArray[np.bool_]

NEAREST_EXAMPLES = 2
CENTRE_WEIGHT = 0.5
EXCLUDE_WEIGHT = 1.0
"""Taken off for each unit of cosine by which an exclude example is nearer than what the theme includes."""
THRESHOLD = 1.7
"""Standard scores above the background from which a unit belongs, before a theme's own examples move it."""
THRESHOLD_SHRINKAGE = 0.5
"""How far a theme's threshold stays at ``THRESHOLD``; a handful of examples cannot set it alone."""
THRESHOLD_RANGE = (1.3, 2.6)
FEWEST_EXAMPLES = 4
STEEPNESS = 1.6
RUNNER_UP_MARGIN = 0.8
"""A further theme must come this near, in standard scores, to the unit's best theme."""
MOST_THEMES = 3


class CodebookScorer:
    """How far units belong to the themes of a codebook.

    A unit's similarity to a theme is that to the theme's nearest examples and to its centre, less what its exclude
    examples take off. It is measured from the theme's similarity to a background: the other themes' examples and
    sentences about nothing in particular, so that a theme whose words are similar to everything gains nothing. The
    deviation is shared by the themes: with one each, themes of few examples win too often (hit@1 on the NHS comments
    0.43 against 0.49). Scores depend on the unit and the codebook alone, never on the rest of the batch.

    Args:
        embedder: the one that the units are embedded with.
        codebook: at least one theme.
    """

    def __init__(self, embedder: Embedder, codebook: Codebook) -> None:
        self.themes = codebook.themes
        texts = [_theme_texts(theme) for theme in self.themes]
        excludes = [list(theme.exclude) for theme in self.themes]
        flat = list(dict.fromkeys(text for group in (*texts, *excludes, GENERIC_SENTENCES) for text in group))
        row = dict(zip(flat, embedder.encode(flat), strict=True))
        self._examples = [np.stack([row[text] for text in group]) for group in texts]
        self._excludes = [np.array([row[text] for text in group], dtype=np.float32) for group in excludes]
        self._lineage = _lineages(self.themes)
        generic = np.stack([row[text] for text in GENERIC_SENTENCES])
        outside = [self._outside(index, generic) for index in range(len(self.themes))]
        self._mean = np.array([similarity.mean() for similarity in outside])
        self._deviation = max(float(np.mean([similarity.std() for similarity in outside])), 0.02)
        self.thresholds = np.array([self._threshold(index, own) for index, own in enumerate(outside)])

    def standard_scores(self, embeddings: FloatArray) -> FloatArray:
        """Similarity to each theme in standard deviations above its background: float32, (n_units, n_themes)."""
        columns = [
            (self._similarity(index, embeddings, self._examples[index]) - self._mean[index]) / self._deviation
            for index in range(len(self.themes))
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def scores(self, embeddings: FloatArray) -> tuple[FloatArray, npt.NDArray[np.intp]]:
        """What each unit is assigned to.

        Returns:
            scores: float32, (n_units, n_themes); 0 where not assigned, else 0.5…1. A parent has at least the score of
                its children.
            primary: (n_units,), the theme a unit fits best, −1 for none; a child before its parent.
        """
        excess = self.standard_scores(embeddings) - self.thresholds.astype(np.float32)
        best = excess.max(axis=1, keepdims=True)
        rank = (-excess).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        assigned = (excess >= 0) & (excess >= best - RUNNER_UP_MARGIN) & (rank < MOST_THEMES)
        scores = np.where(assigned, 1.0 / (1.0 + np.exp(-STEEPNESS * excess)), 0.0).astype(np.float32)
        primary = np.where(assigned.any(axis=1), excess.argmax(axis=1), -1).astype(np.intp)
        for index, lineage in enumerate(self._lineage):
            for ancestor in lineage:
                scores[:, ancestor] = np.maximum(scores[:, ancestor], scores[:, index])
        return scores, primary

    def _similarity(self, index: int, embeddings: FloatArray, examples: FloatArray) -> FloatArray:
        to_examples = embeddings @ examples.T
        near = np.sort(to_examples, axis=1)[:, -NEAREST_EXAMPLES:].mean(axis=1)
        centre = embeddings @ unit_rows(examples.mean(axis=0, keepdims=True))[0]
        similarity = (1 - CENTRE_WEIGHT) * near + CENTRE_WEIGHT * centre
        if len(self._excludes[index]):
            nearer = (embeddings @ self._excludes[index].T).max(axis=1) - to_examples.max(axis=1)
            similarity = similarity - EXCLUDE_WEIGHT * np.maximum(nearer, 0.0)
        return np.asarray(similarity, dtype=np.float32)

    def _outside(self, index: int, generic: FloatArray) -> FloatArray:
        """Similarities to a theme of what does not belong: generic sentences, and examples of themes not its kin."""
        kin = {index, *self._lineage[index], *(i for i, line in enumerate(self._lineage) if index in line)}
        others = [self._examples[other] for other in range(len(self.themes)) if other not in kin]
        return self._similarity(index, np.concatenate([*others, generic]), self._examples[index])

    def _threshold(self, index: int, outside: FloatArray) -> float:
        """Where the theme begins, in standard scores.

        Halfway between its own examples, each left out in turn, and the 95th percentile of what does not belong;
        shrunk towards ``THRESHOLD``.
        """
        examples = self._examples[index]
        if len(examples) < FEWEST_EXAMPLES:
            return THRESHOLD
        left_out = [
            self._similarity(index, examples[[i]], np.delete(examples, i, axis=0))[0] for i in range(len(examples))
        ]
        halfway = (float(np.median(left_out)) + float(np.quantile(outside, 0.95))) / 2
        own = (halfway - self._mean[index]) / self._deviation
        mixed = THRESHOLD_SHRINKAGE * THRESHOLD + (1 - THRESHOLD_SHRINKAGE) * own
        return float(np.clip(mixed, *THRESHOLD_RANGE))


def _theme_texts(theme: Theme) -> list[str]:
    """What a theme is recognised by: its name, its definition and its examples."""
    return list(dict.fromkeys(text for text in (theme.name, theme.definition, *theme.include) if text))


def _lineages(themes: tuple[Theme, ...]) -> list[list[int]]:
    """For each theme the rows of its parent, its parent's parent and so on; a cycle ends where it began."""
    row = {theme.theme_id: index for index, theme in enumerate(themes)}
    lineages = []
    for theme in themes:
        line: list[int] = []
        parent = theme.parent
        while parent in row and row[parent] not in line and parent != theme.theme_id:
            line.append(row[parent])
            parent = themes[row[parent]].parent
        lineages.append(line)
    return lineages
