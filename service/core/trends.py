"""Measures by pulse, side by side, and what changed between them.

One draw of respondents serves all pulses, so a change takes account of the people who wrote in both: it is tested as a
repeated measure as far as respondents recur, and as two samples as far as they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from service.core.aggregate import Bootstrap, FloatMatrix, IntVector, Means
from service.core.disclosure import BoolMatrix, BoolVector, Disclosure, PublishedSets
from service.core.measures import Measured
from service.core.themes import FoundTheme
from service.results import Estimate, Trend, TrendPoint

ENOUGH_FOR_NEW = 50
"""People in a pulse, of whom fewer than the minimum speak of a theme, for it to be new in the next one."""
_CELLS_AT_ONCE = 20_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """A trend, and how sure its change since the last pulse is.

    Attributes:
        trend: what is published.
        p: two-sided, of ``trend.since_last``; 1 where that is not shown and the theme is not new.
        p_from_first: of ``trend.change``; 1 where that is not shown or is the same change.
        new: a theme that fewer than the minimum spoke of in every pulse before the last.
    """

    trend: Trend
    p: float
    p_from_first: float
    new: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a cut, whose alignment is followed.

    Attributes:
        members: bool, (n_pulses, n_respondents), who belongs to it in which pulse.
        shown: (n_pulses,), pulses in which its number may be shown.
    """

    cut: str
    name: str
    members: BoolMatrix
    shown: BoolVector


@dataclass(frozen=True, slots=True)
class _Measure:
    """One measure.

    Attributes:
        values: (n_pulses, n_respondents), NaN where a respondent has none in that pulse.
        shown: (n_pulses,), pulses in which it may be shown.
        people: (n_respondents,), whom it could be of; the others are known not to have it.
        beside: bool, (n_pulses, n_respondents), who has what is published of everybody and not this: few of them would
            be told by subtraction. None where that is nobody's opinion.
    """

    kind: Literal["alignment", "prevalence"]
    values: FloatMatrix
    shown: BoolVector
    people: BoolVector
    facet_id: str | None = None
    theme_id: str | None = None
    cut: str | None = None
    group: str | None = None
    beside: BoolMatrix | None = None


class PulseTables:
    """Computes the trends of what was measured.

    Args:
        measured: matrices by comment and respondent.
        found: the themes, in the order of the theme columns.
        disclosure: thresholds.
        bootstrap: over the respondents of ``measured``.
        pulses: names in their order, and the pulse of each comment, (n_comments,), −1 for none.
        shown: (n_pulses,), which pulses may have numbers, by who took part in them.
        themes: columns of the themes that are followed; those of too few respondents are not.
        total: whether the numbers of all pulses together are published as well.
        beside: in which pulses a number of some respondents, (n_respondents,) each, gives nobody away beside numbers of
            other sets that are published too (``CutTables.pulses_publishable``).
    """

    def __init__(
        self,
        measured: Measured,
        found: Sequence[FoundTheme],
        disclosure: Disclosure,
        bootstrap: Bootstrap,
        pulses: tuple[list[str], IntVector],
        shown: BoolVector,
        themes: Sequence[int],
        *,
        total: bool = True,
        beside: Callable[..., BoolVector] | None = None,
    ) -> None:
        self._total = total
        self._beside = beside
        self._measured = measured
        self._found = found
        self._themes = themes
        self._disclosure = disclosure
        self._bootstrap = bootstrap
        self._names, self._pulse = pulses
        self._shown = shown

    def changes(self, groups: Sequence[Group] = (), *, to_last: bool = False) -> tuple[Change, ...]:
        """Alignment as a whole, by facet, by theme and by group, and each theme's prevalence; empty with one pulse.

        Args:
            groups: whose alignment is followed.
            to_last: whether the trends also have the change from each pulse to the last.
        """
        if len(self._names) < 2:
            return ()
        measures = list(self._measures(groups))
        at_once = max(1, _CELLS_AT_ONCE // max(measures[0].values.size, 1))
        found: list[Change] = []
        for start in range(0, len(measures), at_once):
            part = measures[start : start + at_once]
            means = self._bootstrap.means(np.vstack([one.values for one in part]).T)
            for place, one in enumerate(part):
                found.append(self._change(one, means, place * len(self._names), to_last))
        return tuple(found)

    def rows(self, pulse: int) -> IntVector:
        """Rows of the used comments of a pulse."""
        return np.flatnonzero((self._pulse == pulse) & (self._measured.respondent >= 0))

    def _measures(self, groups: Sequence[Group]) -> Iterator[_Measure]:
        measured = self._measured
        overall = measured.scores.overall[:, None]
        everybody = np.ones(measured.n_respondents, dtype=np.bool_)
        scores = self._by_pulse(np.hstack([overall, measured.scores.facet]))
        yield _Measure("alignment", scores[:, :, 0], self._shown, everybody)
        for column, facet in enumerate(measured.purpose.facets):
            yield _Measure("alignment", scores[:, :, 1 + column], self._shown, everybody, facet_id=facet.facet_id)
        people = measured.theme.sum(axis=0)
        themes = [c for c in self._themes if self._disclosure.enough_for_words(int(people[c]))]
        carried = measured.comment_theme[:, themes]
        said = self._by_pulse(carried.astype(np.float64))
        aligned = self._by_pulse(np.where(carried, overall, np.nan))
        for place, column in enumerate(themes):
            theme_id = self._found[column].theme_id
            share = np.where(np.isnan(said[:, :, place]), np.nan, (said[:, :, place] > 0).astype(np.float64))
            yield _Measure("prevalence", share, self._shown, everybody, theme_id=theme_id)
            own = aligned[:, :, place]
            speaks_of_others = ~np.isnan(scores[:, :, 0]) & np.isnan(own)
            yield _Measure("alignment", own, self._shown, everybody, theme_id=theme_id, beside=speaks_of_others)
        for group in groups:
            values = np.where(group.members, scores[:, :, 0], np.nan)
            yield _Measure(
                "alignment",
                values,
                group.shown,
                np.asarray(group.members.any(axis=0), dtype=np.bool_),
                cut=group.cut,
                group=group.name,
            )

    def _by_pulse(self, values: FloatMatrix) -> FloatMatrix:
        """Means over each respondent's comments of each pulse: (n_comments, m) → (n_pulses, n_respondents, m)."""
        return np.stack([self._measured.by_respondent(values, self.rows(pulse)) for pulse in range(len(self._names))])

    def _change(self, measure: _Measure, means: Means, first: int, to_last: bool) -> Change:
        """One measure, whose pulses are the columns of ``means`` from ``first`` on."""
        is_share = measure.kind == "prevalence"
        estimates = list(self._estimates(measure, means, first, is_share))
        known = [pulse for pulse, estimate in enumerate(estimates) if estimate.shown]
        last = len(estimates) - 1
        change = since = Estimate.suppressed()
        p, p_from_first, new = 1.0, 1.0, False
        if len(known) > 1:
            overall = means.difference(first + known[-1], first + known[0])
            change, p_from_first = overall.estimate, overall.p
            if known[-1] == last:
                difference = means.difference(first + last, first + known[-2])
                since, p = difference.estimate, difference.p
            if len(known) == 2 and since.shown:
                p_from_first = 1.0
        elif is_share and self._is_new(measure.values):
            p, new = means.difference(first + last, first + last - 1).p, True
        trend = Trend(
            measure=measure.kind,
            points=tuple(TrendPoint(pulse=name, estimate=e) for name, e in zip(self._names, estimates, strict=True)),
            change=change,
            since_last=since,
            facet_id=measure.facet_id,
            theme_id=measure.theme_id,
            cut=measure.cut,
            group=measure.group,
            to_last=tuple(self._to_last(means, first, estimates)) if to_last else (),
        )
        return Change(trend, p, p_from_first, new)

    def _to_last(self, means: Means, first: int, estimates: Sequence[Estimate]) -> Iterable[Estimate]:
        """The change from each pulse before the last to that."""
        last = len(estimates) - 1
        for pulse, estimate in enumerate(estimates[:-1]):
            both = estimate.shown and estimates[last].shown
            yield means.difference(first + last, first + pulse).estimate if both else Estimate.suppressed()

    def _estimates(self, measure: _Measure, means: Means, first: int, is_share: bool) -> Iterable[Estimate]:
        shown = self._publishable(measure, is_share)
        for pulse, may in enumerate(shown):
            column = first + pulse
            if not may:
                yield Estimate.suppressed()
            elif is_share:
                yield self._disclosure.share(means.share(column))
            else:
                yield self._disclosure.number(means.estimate(column))

    def _publishable(self, measure: _Measure, is_share: bool) -> BoolVector:
        """In which pulses a measure may be shown, given who has it in which: (n_pulses,)."""
        values, among = measure.values, measure.shown
        counts: list[BoolMatrix] = [values == 1, values == 0] if is_share else [~np.isnan(values)]
        if measure.beside is not None:
            counts.append(measure.beside)
        for sets in counts:
            counted: BoolVector = np.asarray(sets.any(axis=0), dtype=np.bool_)
            # Of facets the pulses' numbers come first, and those of groups are what can be told beside them.
            if self._beside is not None and measure.facet_id is None:
                among = among & self._beside(counted)
            own = sets[:, measure.people]
            guarded = PublishedSets(own, range(len(own)), self._disclosure.min_respondents, total=self._total)
            among = guarded.publishable(counted[measure.people], among)
        return among

    def _is_new(self, values: FloatMatrix) -> bool:
        """Whether next to nobody had a theme before the last pulse, of many who were there, and many have it now.

        Its share in the last pulse is not published where that of all pulses is: it would tell how few were before.
        """
        people, took_part = np.nansum(values, axis=1), (~np.isnan(values)).sum(axis=1)
        few = people[:-1].sum() < self._disclosure.min_respondents
        enough = self._shown.all() and took_part.min() >= ENOUGH_FOR_NEW
        return bool(few and enough and self._disclosure.enough_for_words(int(people[-1])))
