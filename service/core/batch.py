"""A batch of comments on its way: joined, freed of duplicates, and turned into results by comment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from service.core.aggregate import FloatMatrix, IntVector, score_comments
from service.core.alignment import AlignmentScorer, UnitScores
from service.core.embedding import FloatArray
from service.core.measures import Measured, number_respondents
from service.core.themes import FoundTheme, ThemeScores, comment_themes
from service.core.units import Unit
from service.errors import DuplicateIds, EmptyBatch
from service.results import Comment, CommentResult, Counts, FacetScore, Purpose, ThemeScore, UnitResult
from service.results.analysis import CommentStatus


@dataclass(frozen=True, slots=True)
class Batch:
    """What ``map_batch`` found out about some comments; nothing in it depends on the other comments.

    Attributes:
        comments: as they came in.
        status: (n_comments), ``scored`` for every comment with content; off-purpose ones are found out by ``reduce``.
        redacted: the comments' texts, redacted; empty for those without content.
        truncated: how many comments were cut at the length limit.
        units: idea units, with ``Unit.comment`` counting from 0 in this batch.
        embeddings: float32, (n_units, dim).
        scores: relevance and stance, (n_units, n_facets), what the units suggest aside; None when no purpose was given.
        suggestions: (n_units,).
    """

    comments: Sequence[Comment]
    status: list[CommentStatus]
    redacted: list[str]
    truncated: int
    units: list[Unit]
    embeddings: FloatArray
    scores: UnitScores | None
    suggestions: np.ndarray[tuple[int], np.dtype[np.bool_]]


def join(batches: Sequence[Batch]) -> Batch:
    """One batch of several, in their order."""
    offsets = np.cumsum([0, *(len(batch.comments) for batch in batches)])
    scores = [batch.scores for batch in batches if batch.scores is not None]
    return Batch(
        comments=[comment for batch in batches for comment in batch.comments],
        status=[state for batch in batches for state in batch.status],
        redacted=[text for batch in batches for text in batch.redacted],
        truncated=sum(batch.truncated for batch in batches),
        units=[
            replace(unit, comment=unit.comment + int(offset))
            for batch, offset in zip(batches, offsets[:-1], strict=True)
            for unit in batch.units
        ],
        embeddings=np.concatenate([batch.embeddings for batch in batches]),
        scores=UnitScores(
            np.concatenate([part.relevance for part in scores]), np.concatenate([part.stance for part in scores])
        )
        if scores
        else None,
        suggestions=np.concatenate([batch.suggestions for batch in batches]),
    )


def without_duplicates(batch: Batch) -> Batch:
    """Mark what a respondent sent twice (same text, question and date) and drop its units.

    The same words from different people are two answers; without respondent ids nothing can be told apart.
    """
    status = list(batch.status)
    seen: set[tuple[object, ...]] = set()
    for row, comment in enumerate(batch.comments):
        if status[row] != "scored" or comment.respondent_id is None:
            continue
        key = (comment.respondent_id, comment.question, comment.date, comment.text.strip().casefold())
        if key in seen:
            status[row] = "duplicate"
        seen.add(key)
    keep = np.array([status[unit.comment] == "scored" for unit in batch.units], dtype=np.bool_)
    scores = batch.scores
    return replace(
        batch,
        status=status,
        units=[unit for unit, kept in zip(batch.units, keep, strict=True) if kept],
        embeddings=batch.embeddings[keep],
        scores=scores.of(keep) if scores else None,
        suggestions=batch.suggestions[keep],
    )


def some_of(batch: Batch, keep: Sequence[bool]) -> Batch:
    """The batch with those comments alone that are to be kept, and their units."""
    kept = [row for row, wanted in enumerate(keep) if wanted]
    place = {row: position for position, row in enumerate(kept)}
    units = np.array([unit.comment in place for unit in batch.units], dtype=np.bool_)
    return replace(
        batch,
        comments=[batch.comments[row] for row in kept],
        status=[batch.status[row] for row in kept],
        redacted=[batch.redacted[row] for row in kept],
        units=[replace(unit, comment=place[unit.comment]) for unit, own in zip(batch.units, units, strict=True) if own],
        embeddings=batch.embeddings[units],
        scores=batch.scores.of(units) if batch.scores else None,
        suggestions=batch.suggestions[units],
    )


def unit_rows(batch: Batch) -> IntVector:
    """Row of each unit's comment, (n_units,)."""
    return np.array([unit.comment for unit in batch.units], dtype=np.int64)


def score_results(batch: Batch, purpose: Purpose, scorer: AlignmentScorer) -> list[CommentResult]:
    """Every comment with its scores and units, without themes, in order."""
    assert batch.scores is not None
    rows = unit_rows(batch)
    relevance, stance = batch.scores.relevance, batch.scores.stance
    threshold = scorer.relevance_threshold
    scores = score_comments(relevance, stance, rows, len(batch.comments), threshold, scorer.about_threshold)
    units: list[list[UnitResult]] = [[] for _ in batch.comments]
    weights = np.where(relevance >= threshold, relevance, 0.0).astype(np.float64)
    for i, unit in enumerate(batch.units):
        weight = weights[i].sum()
        units[unit.comment].append(
            UnitResult(
                start=unit.start,
                end=unit.end,
                text=unit.text,
                suggestion=bool(batch.suggestions[i]),
                alignment=float((weights[i] * stance[i]).sum() / weight) if weight > 0 else None,
            )
        )
    results: list[CommentResult] = []
    for row, comment in enumerate(batch.comments):
        state = batch.status[row]
        if state == "scored" and np.isnan(scores.overall[row]):
            state = "off_purpose"
        facets = tuple(
            FacetScore(facet_id=facet.facet_id, relevance=float(r), stance=float(s), alignment=float(r * s))
            for facet, r, s in zip(purpose.facets, scores.relevance[row], scores.stance[row], strict=True)
        )
        results.append(
            CommentResult(
                comment_id=comment.comment_id,
                status=state,
                text=batch.redacted[row],
                alignment=float(scores.overall[row]) if state == "scored" else None,
                suggestion=any(unit.suggestion for unit in units[row]),
                facets=facets if state in ("scored", "off_purpose") else (),
                units=tuple(units[row]),
            )
        )
    return results


def theme_results(batch: Batch, found: Sequence[FoundTheme], scores: ThemeScores) -> list[CommentResult]:
    """Every comment with its themes, the primary one first, without scores, in order."""
    by_comment, primary = comment_themes(scores, unit_rows(batch), len(batch.comments))
    results: list[CommentResult] = []
    for row, comment in enumerate(batch.comments):
        columns = np.flatnonzero(by_comment[row] > 0).tolist()
        columns.sort(key=lambda column: (column != primary[row], -by_comment[row, column], column))
        themes = tuple(
            ThemeScore(
                theme_id=found[c].theme_id, name=found[c].name, kind=found[c].kind, score=float(by_comment[row, c])
            )
            for c in columns
        )
        results.append(
            CommentResult(
                comment_id=comment.comment_id,
                status=batch.status[row],
                text=batch.redacted[row],
                alignment=None,
                suggestion=False,
                themes=themes,
            )
        )
    return results


def counts(batch: Batch, measured: Measured, suppressed: int) -> Counts:
    """What became of the comments; ``suppressed`` is how many estimates are not shown."""
    return Counts(
        received=len(batch.comments),
        used=batch.status.count("scored"),
        duplicate=batch.status.count("duplicate"),
        no_content=batch.status.count("no_content"),
        unsupported_language=batch.status.count("unsupported_language"),
        truncated=batch.truncated,
        suppressed=suppressed,
        asked=number_respondents(batch.comments, [True] * len(batch.comments))[1],
        respondents=measured.n_respondents,
        units=len(batch.units),
    )


def check_batch(comments: Sequence[Comment]) -> None:
    """Refuse a batch that has no comments, or an id twice.

    Raises:
        EmptyBatch: there are no comments.
        DuplicateIds: two comments have the same id; names it and both positions.
    """
    if not comments:
        raise EmptyBatch("there are no comments; give at least one", where="comments")
    seen: dict[str, int] = {}
    for position, comment in enumerate(comments):
        if comment.comment_id in seen:
            raise DuplicateIds(
                f"comment id {comment.comment_id!r} is used by comments {seen[comment.comment_id]} and {position} "
                "(counted from 0); ids must be unique",
                where=f"comments[{position}].id",
            )
        seen[comment.comment_id] = position


def measure(
    batch: Batch, purpose: Purpose, themes: ThemeScores, tone: FloatMatrix, scorer: AlignmentScorer
) -> Measured:
    """What was measured of a batch that was scored with ``scorer``; ``tone`` as ``Measured.theme_tone``."""
    assert batch.scores is not None
    rows = unit_rows(batch)
    relevance, stance = batch.scores.relevance, batch.scores.stance
    respondent, n_respondents = number_respondents(batch.comments, [state == "scored" for state in batch.status])
    by_comment, _ = comment_themes(themes, rows, len(batch.comments))
    return Measured(
        comments=batch.comments,
        purpose=purpose,
        units=batch.units,
        unit_comment=rows,
        unit_alignment=np.where(relevance >= scorer.about_threshold, relevance * stance, np.nan).astype(np.float64),
        embeddings=batch.embeddings,
        theme_scores=themes,
        theme_tone=tone,
        unit_suggestion=batch.suggestions,
        scores=score_comments(
            relevance, stance, rows, len(batch.comments), scorer.relevance_threshold, scorer.about_threshold
        ),
        comment_theme=by_comment > 0,
        respondent=respondent,
        n_respondents=n_respondents,
        identified=any(comment.respondent_id is not None for comment in batch.comments),
    )


def comment_results(
    batch: Batch,
    purpose: Purpose,
    found: Sequence[FoundTheme],
    theme_scores: ThemeScores,
    shown: Sequence[str],
    scorer: AlignmentScorer,
) -> tuple[CommentResult, ...]:
    """Every comment with its scores, and of its themes those that are shown."""
    scored = score_results(batch, purpose, scorer)
    themed = theme_results(batch, found, theme_scores)
    kept = set(shown)
    return tuple(
        replace(one, themes=tuple(theme for theme in other.themes if theme.theme_id in kept))
        for one, other in zip(scored, themed, strict=True)
    )
