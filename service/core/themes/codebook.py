"""Codebook themes: zero-shot assignment of units to named themes, refined on the batch and by people's corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import log_softmax

from service.core.background import GENERIC_SENTENCES
from service.core.embedding import Embedder, FloatArray
from service.core.themes.clusters import unit_rows
from service.results import Codebook, Correction, Theme

FloatMatrix = npt.NDArray[np.float64]

NEAREST_EXAMPLES = 2
CENTRE_WEIGHT = 0.5
EXCLUDE_WEIGHT = 1.0
"""Taken off for each unit of cosine by which an exclude example is nearer than what the theme includes."""
THRESHOLD = 1.2
"""Standard scores above the background from which a unit belongs, before a theme's own examples move it. Of the sample
organisation's themes, as its author coded them, 1.7 found 27 % at a precision of 65 %, and 1.2 finds 32 % at 57 %; many
a comment is about a theme that its author had not in mind. Of a hundred requests to a bank or a voice assistant 7 and
14 pass it beside the NHS definitions, of a hundred NHS comments 72."""
THRESHOLD_SHRINKAGE = 0.5
"""How far a theme's threshold stays at ``THRESHOLD``; a handful of examples cannot set it alone."""
THRESHOLD_RANGE = (0.8, 2.1)
FEWEST_EXAMPLES = 4
SHARPNESS = 2.0
"""Of the softmax that shares a unit among the themes. Being held against the others is what tells which units are about
a theme: mean average precision on the NHS comments .42, where standard scores alone have .32."""
STEEPNESS = 0.8
LEAST_SHARE = 0.2
"""A further theme must have this share of the unit, and be no further than ``FURTHER`` below its own threshold."""
FURTHER = 0.8
MOST_THEMES = 3
FEWEST_REFINED = 200
"""Units under which the batch is too small to learn from."""
REFINED_WEIGHT = 0.5
PENALTY = 3.0
CORRECTION_REACH = 0.2
"""Distance in cosine over which a correction fades by e."""
CORRECTION_RIDGE = 0.1
CORRECTED = 1.0
"""Standard scores above or below its threshold that a corrected unit is moved to, unless it is beyond already."""


class CodebookScorer:
    """How far units belong to the themes of a codebook.

    A unit's similarity to a theme is that to the theme's nearest examples and to its centre, less what its exclude
    examples take off. It is measured from the theme's similarity to a background: the other themes' examples and
    sentences about nothing in particular, so that a theme whose words are similar to everything gains nothing. The
    deviation is shared by the themes: with one each, themes of few examples win too often (hit@1 on the NHS comments
    0.43 against 0.49). What a unit has above the thresholds says whether any theme fits it; a softmax over the themes
    says which.

    Corrections move the scores of the corrected units and of what is near them (kernel ridge regression on what is
    wrong with the scores). ``refine`` learns from a batch how its people speak of each theme. Without it, scores depend
    on the unit and the codebook alone.

    Args:
        embedder: the one that the units are embedded with.
        codebook: at least one theme.
    """

    def __init__(self, embedder: Embedder, codebook: Codebook) -> None:
        self.themes = codebook.themes
        texts = [_theme_texts(theme) for theme in self.themes]
        excludes = [list(theme.exclude) for theme in self.themes]
        corrected = [correction.text for correction in codebook.corrections]
        groups = (*texts, *excludes, corrected, GENERIC_SENTENCES)
        flat = list(dict.fromkeys(text for group in groups for text in group))
        row = dict(zip(flat, embedder.encode(flat), strict=True))
        self._examples = [np.stack([row[text] for text in group]) for group in texts]
        self._excludes = [np.array([row[text] for text in group], dtype=np.float32) for group in excludes]
        self._lineage = _lineages(self.themes)
        generic = np.stack([row[text] for text in GENERIC_SENTENCES])
        outside = [self._outside(index, generic) for index in range(len(self.themes))]
        self._mean = np.array([similarity.mean() for similarity in outside])
        self._deviation = max(float(np.mean([similarity.std() for similarity in outside])), 0.02)
        self.thresholds = np.array([self._threshold(index, own) for index, own in enumerate(outside)])
        self._refined: _Refined | None = None
        self._corrected: _Corrected | None = None
        if corrected:
            self._corrected = self._correct(codebook.corrections, row)

    def standard_scores(self, embeddings: FloatArray) -> FloatArray:
        """Similarity to each theme in standard deviations above its background: float32, (n_units, n_themes)."""
        columns = [
            (self._similarity(index, embeddings, self._examples[index]) - self._mean[index]) / self._deviation
            for index in range(len(self.themes))
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def refine(self, embeddings: FloatArray) -> CodebookScorer:
        """Learn from a batch: the shares that its units get by the codebook teach a classifier of their embeddings.

        Units that no theme fits teach nothing; with fewer than ``FEWEST_REFINED`` that one fits nothing is learned. The
        result depends on the order of the rows but for its last digits; give them in an order of their own.

        Args:
            embeddings: float32, (n_units, dim), rows of unit length, no text twice.
        """
        excess = self.excess(embeddings) if len(embeddings) else np.zeros((0, len(self.themes)), dtype=np.float32)
        rows = (excess >= 0).any(axis=1)
        if rows.sum() >= FEWEST_REFINED and len(self.themes) > 1:
            self._refined = _learn(embeddings[rows], log_softmax(SHARPNESS * excess[rows], axis=1))
        return self

    def excess(self, embeddings: FloatArray) -> FloatArray:
        """Standard scores above each theme's threshold, corrections included: float32, (n_units, n_themes)."""
        excess = self.standard_scores(embeddings) - self.thresholds.astype(np.float32)
        return excess if self._corrected is None else excess + self._corrected.moves(embeddings)

    def log_shares(self, embeddings: FloatArray, excess: FloatArray | None = None) -> FloatArray:
        """Logarithm of the share that each theme has of a unit, whether or not any fits: float32, (n_units, n_themes).

        Args:
            embeddings: float32, (n_units, dim), rows of unit length.
            excess: of these rows, if it is known.
        """
        excess = self.excess(embeddings) if excess is None else excess
        shares = log_softmax(SHARPNESS * excess.astype(np.float64), axis=1)
        if self._refined is not None:
            weight = np.full((len(embeddings), 1), REFINED_WEIGHT)
            if self._corrected is not None:
                weight *= 1.0 - self._corrected.nearness(embeddings)[:, None]
            shares = log_softmax((1 - weight) * shares + weight * self._refined.log_shares(embeddings), axis=1)
        return np.asarray(shares, dtype=np.float32)

    def scores(self, embeddings: FloatArray) -> tuple[FloatArray, npt.NDArray[np.intp]]:
        """What each unit is assigned to.

        Returns:
            scores: float32, (n_units, n_themes); 0 where not assigned, else above 0 up to 1: the theme's share of the
                unit times how well its best theme fits it. A parent has at least the score of its children.
            primary: (n_units,), the theme with the largest share of the unit, −1 where none fits.
        """
        excess = self.excess(embeddings)
        shares = np.exp(self.log_shares(embeddings, excess))
        rank = (-shares).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        best = excess.max(axis=1, keepdims=True)
        further = (shares >= LEAST_SHARE) & (excess >= -FURTHER) & (rank < MOST_THEMES)
        assigned = (best >= 0) & (further | (rank == 0))
        scores = np.where(assigned, shares / (1.0 + np.exp(-STEEPNESS * best)), 0.0).astype(np.float32)
        primary = np.where(best[:, 0] >= 0, shares.argmax(axis=1), -1).astype(np.intp)
        for index, lineage in enumerate(self._lineage):
            for ancestor in lineage:
                scores[:, ancestor] = np.maximum(scores[:, ancestor], scores[:, index])
        return scores, primary

    def _correct(self, corrections: Sequence[Correction], row: dict[str, FloatArray]) -> _Corrected | None:
        """How far corrected units stand from where they should."""
        column = {theme.theme_id: index for index, theme in enumerate(self.themes)}
        known = [correction for correction in corrections if correction.theme_id in column]
        texts = list(dict.fromkeys(correction.text for correction in known))
        if not texts:
            return None
        vectors = np.stack([row[text] for text in texts])
        excess = self.excess(vectors)
        wanted = excess.astype(np.float64)
        # A later correction of the same unit and theme is the one that counts.
        for correction in known:
            at, theme = texts.index(correction.text), column[correction.theme_id]
            if correction.belongs:
                wanted[at, theme] = max(CORRECTED, excess[at].max())
            else:
                wanted[at, theme] = min(-CORRECTED, excess[at, theme])
        return _Corrected.fit(vectors, wanted - excess)

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


@dataclass(frozen=True, slots=True)
class _Refined:
    """A linear classifier of centred embeddings."""

    mean: FloatArray
    weights: FloatMatrix
    offsets: FloatMatrix

    def log_shares(self, embeddings: FloatArray) -> FloatMatrix:
        centred = unit_rows(embeddings - self.mean)
        return np.asarray(log_softmax(centred @ self.weights + self.offsets, axis=1))


def _learn(embeddings: FloatArray, log_shares: FloatArray) -> _Refined:
    """Multinomial logistic regression with soft targets; scikit-learn's takes hard ones only."""
    mean = embeddings.mean(axis=0)
    rows, targets = unit_rows(embeddings - mean).astype(np.float64), np.exp(log_shares.astype(np.float64))
    (n, dim), k = rows.shape, targets.shape[1]

    def loss(flat: FloatMatrix) -> tuple[float, FloatMatrix]:
        weights, offsets = flat[:-k].reshape(dim, k), flat[-k:]
        predicted = log_softmax(rows @ weights + offsets, axis=1)
        error = (np.exp(predicted) - targets) / n
        gradient = np.concatenate([(rows.T @ error + 2 * PENALTY / n * weights).ravel(), error.sum(axis=0)])
        return float(-(targets * predicted).sum() / n + PENALTY / n * np.square(weights).sum()), gradient

    flat = minimize(loss, np.zeros(dim * k + k), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    return _Refined(mean, flat[:-k].reshape(dim, k), flat[-k:])


@dataclass(frozen=True, slots=True)
class _Corrected:
    """Kernel ridge regression on what corrections ask for; a unit far from all of them is not moved."""

    vectors: FloatArray
    weights: FloatMatrix

    @classmethod
    def fit(cls, vectors: FloatArray, moves: FloatMatrix) -> _Corrected:
        """``moves``: (n_corrected, n_themes), by how much each should have scored more."""
        kernel = _kernel(vectors, vectors)
        ridge = CORRECTION_RIDGE * np.eye(len(vectors))
        return cls(vectors, np.asarray(np.linalg.solve(kernel + ridge, moves), dtype=np.float64))

    def moves(self, embeddings: FloatArray) -> FloatArray:
        """What is added to the standard scores: float32, (n_units, n_themes)."""
        return np.asarray(_kernel(embeddings, self.vectors) @ self.weights, dtype=np.float32)

    def nearness(self, embeddings: FloatArray) -> FloatMatrix:
        """To the nearest corrected unit, (n_units,), 1 where it is the same."""
        return np.asarray(_kernel(embeddings, self.vectors).max(axis=1))


def _kernel(rows: FloatArray, others: FloatArray) -> FloatMatrix:
    cosine = np.minimum(rows.astype(np.float64) @ others.astype(np.float64).T, 1.0)
    return np.asarray(np.exp((cosine - 1.0) / CORRECTION_REACH))


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
