"""What was measured, by comment and by respondent: the matrices every published number is a mean of."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from service.core.aggregate import BoolMatrix, CommentScores, FloatMatrix, IntVector, any_by, mean_by
from service.core.embedding import FloatArray
from service.core.themes import ThemeScores
from service.core.units import Unit
from service.results import Comment, Purpose

MAX_PULSES = 12
WITHIN_PULSE = 5
"""Days to the next answer within one pulse: a weekend and a holiday; a weekly pulse is further off."""
LONGEST_PULSE = 45
"""Days that a survey is open at most."""


@dataclass(frozen=True)
class Measured:
    """Scored and themed comments of one analysis; only used comments count (``respondent`` ≥ 0).

    Attributes:
        comments: as they came in.
        purpose: with n_facets facets.
        units: idea units of the used comments, in comment order.
        unit_comment: (n_units,), row of the unit's comment.
        unit_alignment: (n_units, n_facets), relevance × stance; NaN where the unit is not relevant to the facet.
        embeddings: float32, (n_units, dim), rows of unit length.
        theme_scores: themes of the units, n_themes of them.
        theme_tone: (n_units, n_themes), whether a unit that speaks to no facet speaks well (+1) or ill (−1) of the
            theme; NaN where the unit does not carry the theme, speaks to a facet, or was not asked.
        unit_suggestion: (n_units,).
        scores: alignment by comment.
        comment_theme: (n_comments, n_themes), whether the comment carries the theme.
        respondent: (n_comments,), number of the person behind the comment; −1 when the comment is not used.
        n_respondents: how many there are; a comment without a respondent id is a person of its own.
        identified: whether any comment carries a respondent id; without one there are no cuts.
    """

    comments: Sequence[Comment]
    purpose: Purpose
    units: Sequence[Unit]
    unit_comment: IntVector
    unit_alignment: FloatMatrix
    embeddings: FloatArray
    theme_scores: ThemeScores
    theme_tone: FloatMatrix
    unit_suggestion: npt.NDArray[np.bool_]
    scores: CommentScores
    comment_theme: BoolMatrix
    respondent: IntVector
    n_respondents: int
    identified: bool

    @property
    def unit_theme(self) -> FloatArray:
        """(n_units, n_themes), score of the theme, 0 where it is not assigned."""
        return self.theme_scores.scores

    @cached_property
    def used(self) -> IntVector:
        """Rows of the used comments."""
        return np.flatnonzero(self.respondent >= 0)

    @cached_property
    def unit_respondent(self) -> IntVector:
        """(n_units,)."""
        return self.respondent[self.unit_comment]

    @cached_property
    def overall(self) -> FloatMatrix:
        """Alignment of each respondent, (n_respondents, 1); NaN for who says nothing relevant."""
        return self.by_respondent(self.scores.overall[:, None])

    @cached_property
    def facet(self) -> FloatMatrix:
        """Alignment of each respondent by facet, (n_respondents, n_facets); NaN where they do not speak to it."""
        return self.by_respondent(self.scores.facet)

    @cached_property
    def theme(self) -> BoolMatrix:
        """Whether the respondent speaks of the theme, (n_respondents, n_themes)."""
        return any_by(self.comment_theme[self.used], self.respondent[self.used], self.n_respondents)

    @cached_property
    def theme_alignment(self) -> tuple[FloatMatrix, FloatMatrix]:
        """Alignment where a respondent speaks of the theme and where they do not, each (n_respondents, n_themes)."""
        overall = self.scores.overall[:, None]
        inside = self.by_respondent(np.where(self.comment_theme, overall, np.nan))
        outside = self.by_respondent(np.where(self.comment_theme, np.nan, overall))
        return inside, outside

    @cached_property
    def off_purpose(self) -> npt.NDArray[np.bool_]:
        """Whether a unit speaks to no facet, (n_units,)."""
        return np.asarray(np.isnan(self.unit_alignment).all(axis=1), dtype=np.bool_)

    @cached_property
    def tone(self) -> FloatMatrix:
        """How each respondent speaks of a theme where it touches no facet, (n_respondents, n_themes), NaN for not."""
        return mean_by(self.theme_tone, self.unit_respondent, self.n_respondents)

    def by_respondent(self, values: FloatMatrix, rows: IntVector | None = None) -> FloatMatrix:
        """Mean over each respondent's used comments (of ``rows`` if given): (n_comments, m) → (n_respondents, m)."""
        rows = self.used if rows is None else rows
        return mean_by(values[rows], self.respondent[rows], self.n_respondents)

    def group_of(self, cut: str, rows: IntVector | None = None) -> list[str | None]:
        """Group of each respondent, the one of their latest comment (of ``rows`` if given); None where unknown."""
        latest: dict[int, tuple[dt.date, str]] = {}
        for row in self.used if rows is None else rows:
            comment = self.comments[row]
            group = comment.groups.get(cut)
            if group is None or comment.respondent_id is None:
                continue
            when = comment.date or dt.date.min
            person = int(self.respondent[row])
            if person not in latest or when >= latest[person][0]:
                latest[person] = (when, group)
        return [latest[person][1] if person in latest else None for person in range(self.n_respondents)]

    def rating(self, name: str) -> npt.NDArray[np.float64]:
        """Mean rating of each respondent, (n_respondents,); NaN where missing."""
        values = np.array([[comment.ratings.get(name, np.nan)] for comment in self.comments], dtype=np.float64)
        return self.by_respondent(values)[:, 0]

    @cached_property
    def pulses(self) -> tuple[list[str], IntVector]:
        """Names of the pulses in order, and the pulse of each comment (−1 without a date); see ``pulses_of``."""
        return pulses_of([comment.date for comment in self.comments])

    def strongest_units(
        self, strength: npt.NDArray[np.float64], limit: int, *, rows: npt.NDArray[np.bool_] | None = None
    ) -> list[int]:
        """Units with the highest positive ``strength`` (n_units,), one a respondent and no text twice."""
        chosen: list[int] = []
        people: set[int] = set()
        texts: set[str] = set()
        allowed = strength > 0 if rows is None else (strength > 0) & rows
        for unit in np.argsort(-strength, kind="stable"):
            if len(chosen) == limit or strength[unit] <= 0:
                break
            person, text = int(self.unit_respondent[unit]), self.units[unit].text.casefold()
            if allowed[unit] and person not in people and text not in texts:
                chosen.append(int(unit))
                people.add(person)
                texts.add(text)
        return chosen


def number_respondents(comments: Sequence[Comment], used: Sequence[bool]) -> tuple[IntVector, int]:
    """Number the people behind the used comments: ids share a number, a comment without an id is its own person."""
    numbers: dict[object, int] = {}
    out = np.full(len(comments), -1, dtype=np.int64)
    for row, comment in enumerate(comments):
        if used[row]:
            person: object = comment.respondent_id if comment.respondent_id is not None else ("comment", row)
            out[row] = numbers.setdefault(person, len(numbers))
    return out, len(numbers)


def groups_by_size(groups: Sequence[str | None]) -> list[str]:
    """Group names, most respondents first, then by name."""
    counts = Counter(group for group in groups if group is not None)
    return sorted(counts, key=lambda name: (-counts[name], name))


def pulses_of(dates: Sequence[dt.date | None]) -> tuple[list[str], IntVector]:
    """Names of the pulses in order, and the pulse of each date, −1 for none.

    Dates with no more than a few days between them are of one pulse, as a survey is open for some days. Where that
    leaves a pulse of many weeks, answers keep coming in, and the pulses are months, quarters or years.
    """
    days = sorted({date for date in dates if date is not None})
    runs = _runs(days)
    if len(runs) > MAX_PULSES or any((run[-1] - run[0]).days > LONGEST_PULSE for run in runs):
        name = next(
            by for by in (_by_month, _by_quarter, _by_year) if len(set(map(by, days))) <= MAX_PULSES or by is _by_year
        )
        label = {day: name(day) for day in days}
    else:
        label = {day: run[0].isoformat() for run in runs for day in run}
    names = sorted(set(label.values()))
    number = {name: place for place, name in enumerate(names)}
    return names, np.array([-1 if date is None else number[label[date]] for date in dates], dtype=np.int64)


def _runs(days: Sequence[dt.date]) -> list[list[dt.date]]:
    """Days in order, parted where several lie between two."""
    runs: list[list[dt.date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days <= WITHIN_PULSE:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _by_month(date: dt.date) -> str:
    return f"{date.year}-{date.month:02d}"


def _by_quarter(date: dt.date) -> str:
    return f"{date.year}-Q{(date.month + 2) // 3}"


def _by_year(date: dt.date) -> str:
    return str(date.year)
