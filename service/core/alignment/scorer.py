"""Scores idea units against the facets of a purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.core.alignment.pairs import FloatArray, PairScores, StanceModel, StancePair, facet_text, question_and_text
from service.core.embedding import Embedder, embed
from service.core.units import Unit
from service.results import Facet, Purpose

GOAL_STANCE = 0.6
"""The least stance of a goal towards what it is about: to pursue a facet is to support it."""
ANCHOR_NEAR, ANCHOR_SAME, ANCHOR_WEIGHT = 0.35, 0.85, 0.8
"""Cosine to an anchor from which it counts, from which it counts in full, and its full weight beside the facet."""
PRUNE_BELOW = {"all-MiniLM-L6-v2": 0.0}
"""Cosine of unit and facet under which the stance model is not asked, by embedder; others are not pruned with. Chosen
with ``tests.benchmarks.alignment --only pruning``."""
SHORT_WORDS = 4
CHUNK = 512


@dataclass(frozen=True, slots=True)
class UnitScores:
    """Scores of units (rows) towards facets (columns).

    Attributes:
        relevance: float32, (n_units, n_facets), 0…1.
        stance: float32, (n_units, n_facets), −1…1.
    """

    relevance: FloatArray
    stance: FloatArray

    @property
    def alignment(self) -> FloatArray:
        """Relevance × stance, float32, (n_units, n_facets), −1…1."""
        return self.relevance * self.stance


@dataclass(frozen=True, slots=True)
class _Anchors:
    """A facet's anchors: ``sides`` is +1 for those that show it lived, −1 for those that show it broken."""

    texts: tuple[str, ...]
    vectors: FloatArray
    sides: FloatArray


class AlignmentScorer:
    """Relevance and stance of idea units towards each facet of a purpose.

    Facets that a unit is surely not about (by cosine of the embeddings) are not shown to the stance model; each
    distinct text, question and facet is shown to it once. Anchors of a facet are asked about like the facet itself, and
    count the more, the nearer the unit is to one. A unit of source ``goal`` supports what it is about.

    Args:
        embedder: for pruning and for the nearness of anchors.
        stance_model: scores a unit beside a facet.
        relevance_threshold: a unit with at least this relevance is about the facet; nothing is cut off by it here, it
            is carried for those who count.
        prune_below: pairs whose cosine is under this get relevance 0 without asking the stance model, except units of
            fewer than four words, whose embedding says little. None: the embedder's ``PRUNE_BELOW``, or no pruning.

    Attributes:
        purpose_: what it was fitted on.
        prune_below_: the cosine in use.
    """

    def __init__(
        self,
        embedder: Embedder,
        stance_model: StanceModel,
        *,
        relevance_threshold: float = 0.5,
        prune_below: float | None = None,
    ) -> None:
        self.embedder = embedder
        self.stance_model = stance_model
        self.relevance_threshold = relevance_threshold
        self.prune_below = prune_below

    def fit(self, purpose: Purpose) -> AlignmentScorer:
        """Embed the facets and their anchors."""
        self.purpose_ = purpose
        measured = PRUNE_BELOW.get(self.embedder.model_id, -1.0)
        self.prune_below_ = measured if self.prune_below is None else self.prune_below
        self._facet_texts = [facet_text(facet.title, facet.text) for facet in purpose.facets]
        self._facet_vectors = embed(self._facet_texts, self.embedder)
        self._anchors = [self._embed_anchors(facet) for facet in purpose.facets]
        return self

    def transform(
        self,
        units: Sequence[Unit],
        embeddings: FloatArray | None = None,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> UnitScores:
        """Score units.

        Args:
            units: idea units; equal text, question and source give equal scores.
            embeddings: float32, (n_units, dim), rows of unit length: the units' texts by ``embedder``; made when None.
            progress: called with pairs done and pairs in all.

        Raises:
            ValueError: ``fit`` was not called, or ``embeddings`` has another number of rows than there are units.
        """
        if not hasattr(self, "purpose_"):
            raise ValueError("AlignmentScorer.transform was called before fit(purpose)")
        if embeddings is None:
            embeddings = embed([unit.text for unit in units], self.embedder)
        if len(embeddings) != len(units):
            raise ValueError(f"embeddings has {len(embeddings)} rows for {len(units)} units; give one row a unit")
        row_of: dict[tuple[str, str | None], int] = {}
        rows = [row_of.setdefault((unit.text, unit.question), len(row_of)) for unit in units]
        first = np.unique(rows, return_index=True)[1]
        distinct = self._score_distinct(list(row_of), embeddings[first], progress)
        stance = distinct.stance[rows]
        goals = np.array([unit.source == "goal" for unit in units], dtype=bool)
        stance[goals] = np.maximum(np.abs(stance[goals]), GOAL_STANCE)
        return UnitScores(relevance=distinct.relevance[rows], stance=stance)

    def _embed_anchors(self, facet: Facet) -> _Anchors:
        texts = (*facet.supports, *facet.contradicts)
        sides = np.array([1.0] * len(facet.supports) + [-1.0] * len(facet.contradicts), dtype=np.float32)
        return _Anchors(texts=texts, vectors=embed(texts, self.embedder), sides=sides)

    def _score_distinct(
        self,
        texts: list[tuple[str, str | None]],
        embeddings: FloatArray,
        progress: Callable[[int, int], None] | None,
    ) -> UnitScores:
        """Scores of distinct (text, question) pairs; ``embeddings`` has their rows."""
        shape = (len(texts), len(self._facet_texts))
        cosine = (embeddings @ self._facet_vectors.T).reshape(shape)
        short = np.array([len(text.split()) < SHORT_WORDS for text, _ in texts], dtype=bool)
        nearest = [self._nearest_anchor(anchors, embeddings) for anchors in self._anchors]
        asked: dict[StancePair, int] = {}
        facet_slots = np.full(shape, -1)
        anchor_slots = np.full(shape, -1)
        for column, facet in enumerate(self._facet_texts):
            anchor_index, anchor_weight = nearest[column]
            wanted = (cosine[:, column] >= self.prune_below_) | short | (anchor_weight > 0)
            for row in np.flatnonzero(wanted):
                facet_slots[row, column] = asked.setdefault(StancePair(*texts[row], facet), len(asked))
            for row in np.flatnonzero(anchor_weight > 0):
                anchor = self._anchors[column].texts[anchor_index[row]]
                anchor_slots[row, column] = asked.setdefault(StancePair(*texts[row], anchor), len(asked))
        answers = self._ask(list(asked), progress)
        relevance, stance = _spread(answers, facet_slots)
        for column, (anchor_index, weight) in enumerate(nearest):
            near = np.flatnonzero(anchor_slots[:, column] >= 0)
            if near.size == 0:
                continue
            side = self._anchors[column].sides[anchor_index[near]]
            slots, pull = anchor_slots[near, column], weight[near]
            relevance[near, column] = np.maximum(relevance[near, column], pull * answers.relevance[slots])
            stance[near, column] = (1 - pull) * stance[near, column] + pull * side * answers.stance[slots]
        return UnitScores(relevance=relevance, stance=stance)

    @staticmethod
    def _nearest_anchor(anchors: _Anchors, embeddings: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray]:
        """For each text the index of the facet's nearest anchor and its weight, 0 where none is near."""
        if not anchors.texts:
            return np.zeros(len(embeddings), dtype=np.intp), np.zeros(len(embeddings), dtype=np.float32)
        cosine = embeddings @ anchors.vectors.T
        index = cosine.argmax(axis=1)
        nearness = (cosine.max(axis=1) - ANCHOR_NEAR) / (ANCHOR_SAME - ANCHOR_NEAR)
        return index, (ANCHOR_WEIGHT * np.clip(nearness, 0.0, 1.0)).astype(np.float32)

    def _ask(self, pairs: list[StancePair], progress: Callable[[int, int], None] | None) -> PairScores:
        """Ask the stance model, like lengths together, so that little is padded."""
        lengths = [len(question_and_text(pair.text, pair.question)) + len(pair.facet) for pair in pairs]
        order = np.argsort(lengths, kind="stable")[::-1]
        relevance = np.zeros(len(pairs), dtype=np.float32)
        stance = np.zeros(len(pairs), dtype=np.float32)
        for start in range(0, len(pairs), CHUNK):
            chunk = order[start : start + CHUNK]
            scores = self.stance_model.score([pairs[i] for i in chunk])
            relevance[chunk], stance[chunk] = scores.relevance, scores.stance
            if progress:
                progress(min(start + CHUNK, len(pairs)), len(pairs))
        return PairScores(relevance=relevance, stance=stance)


def _spread(answers: PairScores, slots: npt.NDArray[np.int_]) -> tuple[FloatArray, FloatArray]:
    """Answers put where ``slots`` says; −1 was not asked and is 0."""
    relevance = np.zeros(slots.shape, dtype=np.float32)
    stance = np.zeros(slots.shape, dtype=np.float32)
    asked = slots >= 0
    relevance[asked] = answers.relevance[slots[asked]]
    stance[asked] = answers.stance[slots[asked]]
    return relevance, stance
