"""Scores idea units against the facets of a purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.core.alignment.pairs import SUGGESTS, FloatArray, StanceModel, StancePair, facet_text, question_and_text
from service.core.background import GENERIC_SENTENCES
from service.core.embedding import Embedder, embed
from service.core.text import presupposes
from service.core.units import Unit
from service.results import Facet, Purpose

QUESTION_LEAN = 1.5
"""Log-odds by which an answer leans to the side its question presupposes ("what gets in the way?"). Questions of the
kinds the stance model was trained with ("what was good?", "what could we improve?") need none; a lean there made NHS
comments worse. Chosen by hand on the sample organisation; no real data at hand asks so."""
GOAL_STANCE = 0.6
"""The least stance of a goal towards what it is about: to pursue a facet is to support it."""
ANCHOR_NEAR, ANCHOR_SAME, ANCHOR_WEIGHT = 0.35, 0.85, 0.8
"""Cosine to an anchor from which it counts, from which it counts in full, and its full weight beside the facet."""
PRUNE_BELOW = 1.0
"""Likeness of unit and facet, less what background sentences have, under which the stance model is not asked; it is in
log-odds, so with an embedder that the stance model knows no likeness for nothing is pruned. Of 600 NHS comments beside
the six values a third of the pairs are not asked, and of those that would have had a relevance of 0.1 or more 27 in a
thousand are lost (``tests.benchmarks.alignment --only pruning``)."""
RIVAL_FLOOR = -1.5
"""Log-odds of relevance under which another facet takes nothing from this one; of seven, the one with the least log
loss on what calibration is fitted on. Lower ones lift units that are about no facet at all."""
SHORT_WORDS = 4
CHUNK = 512


FloatMatrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class UnitScores:
    """Scores of units (rows) towards facets (columns).

    Attributes:
        relevance: float32, (n_units, n_facets), 0…1.
        stance: float32, (n_units, n_facets), −1…1.
        suggests: float32, (n_units,), log-odds that the unit says what should change; None where the stance model
            knows nothing of it or was made for the vectors of another embedder.
    """

    relevance: FloatArray
    stance: FloatArray
    suggests: FloatArray | None = None

    def of(self, units: npt.NDArray[np.bool_]) -> UnitScores:
        """Of some of the units only."""
        suggests = None if self.suggests is None else self.suggests[units]
        return UnitScores(self.relevance[units], self.stance[units], suggests)

    @property
    def alignment(self) -> FloatArray:
        """Relevance × stance, float32, (n_units, n_facets), −1…1."""
        return self.relevance * self.stance


@dataclass(frozen=True, slots=True)
class _Anchors:
    """A facet's anchors, as columns of the statements; ``sides`` is +1 where it is lived, −1 where it is broken."""

    columns: npt.NDArray[np.intp]
    sides: FloatArray


class AlignmentScorer:
    """Relevance and stance of idea units towards each facet of a purpose.

    Facets that a unit is surely not about (by their embeddings) are not shown to the stance model; each distinct text,
    question and facet is shown to it once. Similarity is the likeness of the unit and the facet or the nearest of its
    anchors, as the stance model learned it from embeddings, or their cosine; relevance comes from it and from the
    stance model, each less what sentences about nothing in particular have with the same facet (contextual calibration,
    Zhao et al. 2021, "Calibrate Before Use"); then the facets are held against each other (``shared``), so a unit's
    relevance to one depends on the others of the purpose. The stance of a unit near an anchor is drawn to what it says
    about that anchor. A unit of source ``goal`` supports what it is about.

    Args:
        embedder: for pruning and for the nearness of anchors.
        stance_model: scores a unit beside a facet.
        relevance_threshold: a unit with at least this relevance to any facet counts for alignment as a whole, by its
            relevance; less is off purpose. Low, because a little relevance weighs little: of NHS comments 0.1 scores 77
            in a hundred and 0.2 62, and alignment goes with sentiment as closely (Spearman .68, .68; at 0.05 .67).
        about_threshold: a unit with at least this relevance speaks to the facet: counted in the facet's coverage and
            alignment. High, because a false alarm counts in full here (chosen by hand on the sample organisation).
            Neither cuts anything off here; they are carried for those who count.
        prune_below: pairs whose likeness, less that of background sentences, is under this get relevance 0 without
            asking the stance model, except units of fewer than four words, whose embedding says little. None:
            ``PRUNE_BELOW``, or no pruning.

    Attributes:
        purpose_: what it was fitted on.
        prune_below_: the likeness in use.
    """

    def __init__(
        self,
        embedder: Embedder,
        stance_model: StanceModel,
        *,
        relevance_threshold: float = 0.1,
        about_threshold: float = 0.5,
        prune_below: float | None = None,
    ) -> None:
        self.embedder = embedder
        self.stance_model = stance_model
        self.relevance_threshold = relevance_threshold
        self.about_threshold = about_threshold
        self.prune_below = prune_below

    def fit(self, purpose: Purpose) -> AlignmentScorer:
        """Embed the facets and their anchors."""
        self.purpose_ = purpose
        measured = PRUNE_BELOW if self._likeness() else -np.inf
        self.prune_below_ = measured if self.prune_below is None else self.prune_below
        column_of: dict[str, int] = {}
        facets = [column_of.setdefault(facet_text(f.title, f.text), len(column_of)) for f in purpose.facets]
        self._anchors = [_anchors(facet, column_of) for facet in purpose.facets]
        self._facet_columns = np.array(facets, dtype=np.intp)
        if self._knows_suggestions():
            column_of.setdefault(SUGGESTS, len(column_of))
        self._statements = list(column_of)
        self._statement_vectors = embed(self._statements, self.embedder)
        self._learn_background()
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
        relevance, stance, suggests = self._score_distinct(list(row_of), embeddings[first], progress)
        relevance, stance = relevance[rows], stance[rows]
        lean = QUESTION_LEAN * np.array([presupposes(unit.question) for unit in units], dtype=np.float32)
        leaning = lean != 0
        stance[leaning] = np.tanh((log_odds(stance[leaning]) + lean[leaning, None]) / 2)
        goals = np.array([unit.source == "goal" for unit in units], dtype=bool)
        stance[goals] = np.maximum(np.abs(stance[goals]), GOAL_STANCE)
        return UnitScores(relevance, stance, None if suggests is None else suggests[rows])

    def _score_distinct(
        self,
        texts: list[tuple[str, str | None]],
        embeddings: FloatArray,
        progress: Callable[[int, int], None] | None,
    ) -> tuple[FloatArray, FloatArray, FloatArray | None]:
        """Relevance and stance of distinct (text, question), (n_texts, n_facets), and whether they suggest, (n_texts,);
        ``embeddings`` has their rows.
        """
        cosine = embeddings @ self._statement_vectors.T
        similarity = self._similarity(embeddings)
        short = np.array([len(text.split()) < SHORT_WORDS for text, _ in texts], dtype=bool)
        nearest = [_nearest(anchors, cosine) for anchors in self._anchors]
        wanted = np.zeros(cosine.shape, dtype=bool)
        for column, (facet, (anchor, weight)) in enumerate(zip(self._facet_columns, nearest, strict=True)):
            near_enough = similarity[:, facet] - self._background_similarity[column] >= self.prune_below_
            wanted[:, facet] |= near_enough | short
            anchored = weight > 0
            wanted[anchored, anchor[anchored]] = True
        asks = self._statements.index(SUGGESTS) if self._knows_suggestions() else None
        if asks is not None:
            wanted[:, asks] = True
        relevance, stance = self._ask(texts, similarity, wanted, progress)
        facet_stance = stance[:, self._facet_columns]
        for column, (anchors, (anchor, weight)) in enumerate(zip(self._anchors, nearest, strict=True)):
            near = np.flatnonzero(weight > 0)
            index, pull = anchor[near], weight[near]
            side = anchors.sides[np.searchsorted(anchors.columns, index)]
            facet_stance[near, column] += pull * (side * stance[near, index] - facet_stance[near, column])
        shifted = self._shifted(relevance[:, self._facet_columns])
        suggests = None if asks is None else log_odds(stance[:, asks])
        return shared(shifted, self.stance_model.rivals), facet_stance, suggests

    def _similarity(self, embeddings: FloatArray) -> FloatArray:
        """How like each text is to each statement, (n_texts, n_statements), a facet's own raised to that of its nearest
        anchor.
        """
        likeness = self._likeness() or _cosine
        own = likeness(embeddings, self._statement_vectors)
        similarity = own.copy()
        for facet, anchors in zip(self._facet_columns, self._anchors, strict=True):
            if anchors.columns.size:
                nearest = own[:, anchors.columns].max(axis=1)
                similarity[:, facet] = np.maximum(similarity[:, facet], nearest)
        return similarity

    def _uses_vectors(self) -> bool:
        return self.stance_model.similar_by == self.embedder.model_id

    def _knows_suggestions(self) -> bool:
        """What tells suggestions needs the vectors beside what the stance model says."""
        return self._uses_vectors() and self.stance_model.suggests is not None

    def _likeness(self) -> Callable[[FloatArray, FloatArray], FloatArray] | None:
        """The stance model's own likeness, if it was learned for this embedder's vectors."""
        return self.stance_model.likeness if self._uses_vectors() else None

    def _learn_background(self) -> None:
        """What sentences about nothing in particular have with each facet: similarity, and log-odds of relevance."""
        texts: list[tuple[str, str | None]] = [(sentence, None) for sentence in GENERIC_SENTENCES]
        vectors = embed(list(GENERIC_SENTENCES), self.embedder)
        similarity = self._similarity(vectors)
        self._background_similarity = similarity[:, self._facet_columns].mean(axis=0)
        self._shift: FloatArray | None = None
        if self.stance_model.background is not None:
            wanted = np.zeros(similarity.shape, dtype=bool)
            wanted[:, self._facet_columns] = True
            relevance, _ = self._ask(texts, similarity, wanted, None)
            log_odds = _logit(relevance[:, self._facet_columns]).mean(axis=0)
            self._shift = (self.stance_model.background - log_odds).astype(np.float32)

    def _shifted(self, relevance: FloatArray) -> FloatArray:
        """Relevance (n_texts, n_facets) with each facet's lean taken out; what was not asked stays 0."""
        if self._shift is None:
            return relevance
        shifted = 1 / (1 + np.exp(-(_logit(relevance) + self._shift)))
        return np.where(relevance > 0, shifted, 0.0).astype(np.float32)

    def _ask(
        self,
        texts: list[tuple[str, str | None]],
        similarity: FloatArray,
        wanted: npt.NDArray[np.bool_],
        progress: Callable[[int, int], None] | None,
    ) -> tuple[FloatArray, FloatArray]:
        """Relevance and stance of the ``wanted`` texts beside statements, 0 elsewhere, (n_texts, n_statements)."""
        relevance, stance = np.zeros_like(similarity), np.zeros_like(similarity)
        rows, columns = np.nonzero(wanted)
        text_length = np.array([len(question_and_text(text, question)) for text, question in texts], dtype=int)
        # Like lengths together, so that little is padded; the pairs of one text stay together and are read as one.
        order = np.argsort(-text_length[rows], kind="stable")
        for start in range(0, len(order), CHUNK):
            row, column = rows[order[start : start + CHUNK]], columns[order[start : start + CHUNK]]
            pairs = [
                StancePair(text=texts[r][0], question=texts[r][1], facet=self._statements[c])
                for r, c in zip(row, column, strict=True)
            ]
            scores = self.stance_model.score(pairs, similarity[row, column] if self._uses_vectors() else None)
            relevance[row, column], stance[row, column] = scores.relevance, scores.stance
            if progress:
                progress(min(start + CHUNK, len(order)), len(order))
        return relevance, stance


def shared(relevance: FloatArray, rivals: FloatArray | None) -> FloatArray:
    """Relevance (n_texts, n_facets) once the facets of the purpose have been held against each other.

    Most of what is wrongly taken to be about a facet is about another of the same purpose, so a facet's log-odds fall
    with the greatest of the others. What was not asked stays 0.
    """
    if rivals is None:
        return relevance
    own, other, offset = rivals.astype(np.float64)
    log_odds = _logit(relevance).astype(np.float64)
    total = own * log_odds + other * greatest_other(log_odds) + offset
    return np.where(relevance > 0, 1 / (1 + np.exp(-total)), 0.0).astype(np.float32)


def greatest_other(log_odds: FloatMatrix) -> FloatMatrix:
    """For each facet (column) the greatest log-odds of another, at least ``RIVAL_FLOOR``."""
    found = np.full(log_odds.shape, RIVAL_FLOOR)
    for column in range(log_odds.shape[1]):
        others = np.delete(log_odds, column, axis=1)
        found[:, column] = others.max(axis=1, initial=RIVAL_FLOOR)
    return found


def log_odds(stance: FloatArray) -> FloatArray:
    """The log-odds that ``stance`` was made of."""
    return np.asarray(2 * np.arctanh(np.clip(stance, -0.9999, 0.9999)), dtype=np.float32)


def _logit(probability: FloatArray) -> FloatArray:
    inside = np.clip(probability.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float32)


def _anchors(facet: Facet, column_of: dict[str, int]) -> _Anchors:
    """The facet's anchors, each given a column among the statements."""
    sides = {column_of.setdefault(text.strip(), len(column_of)): 1.0 for text in facet.supports}
    sides |= {column_of.setdefault(text.strip(), len(column_of)): -1.0 for text in facet.contradicts}
    columns = np.array(sorted(sides), dtype=np.intp)
    return _Anchors(columns=columns, sides=np.array([sides[column] for column in columns], dtype=np.float32))


def _cosine(units: FloatArray, statements: FloatArray) -> FloatArray:
    return units @ statements.T


def _nearest(anchors: _Anchors, cosine: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """For each text the statement that is the facet's nearest anchor, and its weight: 0 where none is near."""
    if anchors.columns.size == 0:
        return np.zeros(len(cosine), dtype=np.intp), np.zeros(len(cosine), dtype=np.float32)
    own = cosine[:, anchors.columns]
    nearness = (own.max(axis=1) - ANCHOR_NEAR) / (ANCHOR_SAME - ANCHOR_NEAR)
    return anchors.columns[own.argmax(axis=1)], (ANCHOR_WEIGHT * np.clip(nearness, 0.0, 1.0)).astype(np.float32)
