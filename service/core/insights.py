"""Published tables → ranked insights: a sentence, its number and interval, its evidence, what may be tried next.

The score that ranks insights is size × certainty × reach: the absolute estimate (alignment in −1…1, shares in 0…1),
one minus the adjusted p value or the share of the interval that lies on one side of zero, and the square root of the
share of respondents it is about. What contradicts the purpose counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.core.aggregate import adjust
from service.core.cuts import GroupDifference
from service.core.disclosure import Disclosure
from service.core.measures import Measured
from service.core.next_steps import NEXT_STEPS
from service.core.tables import Tables
from service.results import Estimate, FacetResult, Insight, ThemeResult, Trend, TrendPoint
from service.results.wording import in_words, interval, listed, number, respondents, share_of_respondents

EVIDENCE = 5
SIGNIFICANT = 0.05
NOTABLE_DIFFERENCE = 0.15
NOTABLE_PREVALENCE = 0.05
MAX_THEMES_A_SIDE = 4
MAX_COMMON_THEMES = 3
MAX_GROUP_DIFFERENCES = 6
MAX_SUGGESTIONS = 4
UNMENTIONED_SHARE = 0.6
"""Of what is said on a theme, the share that must touch no facet; it was three quarters when codebook themes took fewer
units."""
UNMENTIONED_TONE = 0.1


@dataclass(frozen=True, slots=True)
class _Found:
    """An insight before it has an id."""

    kind: str
    headline: str
    text: str
    estimate: Estimate
    score: float
    evidence: tuple[str, ...] = ()
    facet_id: str | None = None
    theme_id: str | None = None
    cut: str | None = None
    group: str | None = None
    next_step: str = ""


class InsightFinder:
    """Finds what is worth saying in the tables of one analysis."""

    def __init__(
        self,
        tables: Tables,
        facets: Sequence[FacetResult],
        themes: Sequence[ThemeResult],
        trends: Sequence[Trend],
    ) -> None:
        self._tables = tables
        self._measured: Measured = tables.measured
        self._disclosure: Disclosure = tables.disclosure
        self._facets = facets
        # A theme within another says part of what that one says.
        self._themes = [theme for theme in themes if theme.kind == "codebook" or theme.parent is None]
        self._trends = trends
        self._column = {theme.theme_id: column for column, theme in enumerate(tables.found)}

    def find(self, differences: Sequence[GroupDifference], ratings: Sequence[str]) -> tuple[Insight, ...]:
        """All insights, the highest score first."""
        found = [
            *self._facet_states(differences),
            *self._theme_effects(),
            *self._group_differences(differences),
            *self._changes(),
            *self._suggestions(),
            *self._ratings(ratings),
            *self._unmentioned(),
        ]
        found.extend(self._common_themes({item.theme_id for item in found}))
        found.sort(key=lambda item: (-item.score, item.kind, item.headline))
        return tuple(
            Insight(
                insight_id=f"i{number}",
                kind=item.kind,
                headline=item.headline,
                text=item.text,
                estimate=item.estimate,
                evidence=item.evidence,
                next_step=item.next_step or NEXT_STEPS[item.kind],
                score=item.score,
                facet_id=item.facet_id,
                theme_id=item.theme_id,
                cut=item.cut,
                group=item.group,
            )
            for number, item in enumerate(found, start=1)
        )

    def _facet_states(self, differences: Sequence[GroupDifference]) -> Iterable[_Found]:
        shown = [facet for facet in self._facets if facet.alignment.value is not None and facet.state != "silent"]
        strongest = max(shown, key=_value, default=None)
        weakest = min(shown, key=_value, default=None)
        for column, facet in enumerate(self._facets):
            yield self._facet_state(column, facet, strongest, weakest, differences)

    def _facet_state(
        self,
        column: int,
        facet: FacetResult,
        strongest: FacetResult | None,
        weakest: FacetResult | None,
        differences: Sequence[GroupDifference],
    ) -> _Found:
        title, kind = facet.title, f"facet_{facet.state}"
        if facet.state == "silent":
            return _Found(
                kind=kind,
                headline=f"Hardly anyone speaks about “{title}”",
                text=f"“{title}” stands in the statement, and next to nobody mentions it"
                f"{_covered(facet.coverage)}. Silence is neither support nor contradiction.",
                estimate=facet.coverage,
                score=0.3,
                facet_id=facet.facet_id,
            )
        if not facet.alignment.shown:
            return _Found(
                kind=kind,
                headline=f"Too few people speak about “{title}” to say",
                text=f"Fewer respondents than the minimum speak to “{title}”, so nothing is shown about it.",
                estimate=facet.alignment,
                score=0.0,
                facet_id=facet.facet_id,
            )
        rank = (
            ", the highest of all facets"
            if facet is strongest
            else ", the lowest of all facets"
            if facet is weakest
            else ""
        )
        numbers = f"Alignment is {in_words(facet.alignment)}{rank}{_covered(facet.coverage)}."
        headlines = {
            "lived": f"“{title}” is lived",
            "contradicted": f"“{title}” is contradicted by what people tell",
            "contested": f"“{title}” is contested",
            "uncertain": f"“{title}”: what people say does not settle it",
        }
        shares = _shares(facet)
        sides = self._contested_sides(column, differences) if facet.state in ("contested", "uncertain") else ""
        return _Found(
            kind=kind,
            headline=headlines[facet.state],
            text=" ".join(part for part in (numbers, shares, sides) if part),
            estimate=facet.alignment,
            score=self._facet_score(facet),
            evidence=self._facet_evidence(column, facet),
            facet_id=facet.facet_id,
        )

    def _facet_score(self, facet: FacetResult) -> float:
        reach = np.sqrt(facet.coverage.value or 0.0)
        if facet.state == "contested":
            return float(2 * min(facet.supports_share or 0.0, facet.contradicts_share or 0.0) * reach)
        # What is broken asks for an answer before what works: it counts twice.
        weight = 2.0 if facet.state == "contradicted" else 1.0
        return float(weight * abs(_value(facet)) * one_sided(facet.alignment) * reach)

    def _contested_sides(self, column: int, differences: Sequence[GroupDifference]) -> str:
        mine = [item for item in differences if item.facet == column and item.adjusted_p < SIGNIFICANT]
        above = [item for item in mine if _estimate(item) >= NOTABLE_DIFFERENCE]
        below = [item for item in mine if _estimate(item) <= -NOTABLE_DIFFERENCE]
        parts = []
        if above:
            parts.append(f"it is seen lived more in {listed([item.group for item in above])}")
        if below:
            parts.append(f"it is seen lived less in {listed([item.group for item in below])}")
        return f"Against the rest, {' and '.join(parts)}." if parts else ""

    def _facet_evidence(self, column: int, facet: FacetResult) -> tuple[str, ...]:
        alignment = np.nan_to_num(self._measured.unit_alignment[:, column])
        if facet.state in ("contested", "uncertain"):
            half = EVIDENCE // 2
            return self._ids(alignment, half + 1, facet.alignment.n) + self._ids(-alignment, half, facet.alignment.n)
        return self._ids(alignment * np.sign(_value(facet)), EVIDENCE, facet.alignment.n)

    def _theme_effects(self) -> Iterable[_Found]:
        shown = [
            theme for theme in self._themes if theme.effect.value is not None and theme.prevalence.value is not None
        ]
        adjusted = adjust([self._tables.theme_effect(self._column[theme.theme_id]).p for theme in shown])
        clear = [
            (theme, p)
            for theme, p in zip(shown, adjusted, strict=True)
            if p < SIGNIFICANT
            and abs(theme.effect.value or 0.0) >= NOTABLE_DIFFERENCE
            and self._disclosure.enough_for_words(theme.effect.n or 0)
        ]
        found = [self._theme_effect(theme, p) for theme, p in clear]
        for kind in ("theme_down", "theme_up"):
            side = [item for item in found if item.kind == kind]
            yield from sorted(side, key=lambda item: -item.score)[:MAX_THEMES_A_SIDE]

    def _theme_effect(self, theme: ThemeResult, adjusted_p: float) -> _Found:
        effect = theme.effect.value or 0.0
        prevalence = theme.prevalence.value or 0.0
        down = effect < 0
        column = self._column[theme.theme_id]
        strength = self._unit_overall() * np.sign(effect) * (self._measured.unit_theme[:, column] > 0)
        practices = self._tables.found[column].practices
        return _Found(
            kind="theme_down" if down else "theme_up",
            headline=f"“{theme.name}” goes with {'lower' if down else 'higher'} alignment",
            text=f"Where people speak of “{theme.name}”, alignment is {abs(effect) * 100:.0f} points "
            f"{'lower' if down else 'higher'} than in the rest of what is said ({interval(theme.effect)}); "
            f"{share_of_respondents(theme.prevalence)} speak of it.",
            estimate=theme.effect,
            score=abs(effect) * (1 - adjusted_p) * float(np.sqrt(prevalence)),
            evidence=self._ids(strength, EVIDENCE, theme.effect.n),
            theme_id=theme.theme_id,
            next_step=practices[0] if down and practices else "",
        )

    def _common_themes(self, said: set[str | None]) -> Iterable[_Found]:
        """The most frequent themes about which nothing else is said."""
        shown = [
            theme
            for theme in self._themes
            if (theme.prevalence.value or 0.0) >= NOTABLE_PREVALENCE and theme.theme_id not in said
        ]
        for theme in shown[:MAX_COMMON_THEMES]:
            column = self._column[theme.theme_id]
            prevalence = theme.prevalence.value or 0.0
            tone = f" Alignment in what they say: {in_words(theme.alignment)}." if theme.alignment.shown else ""
            yield _Found(
                kind="theme_common",
                headline=f"Many speak of “{theme.name}”",
                text=f"{share_of_respondents(theme.prevalence).capitalize()} speak of “{theme.name}”.{tone}",
                estimate=theme.prevalence,
                score=0.3 * prevalence,
                evidence=self._ids(
                    self._measured.unit_theme[:, column].astype(np.float64), EVIDENCE, self._people(column)
                ),
                theme_id=theme.theme_id,
            )

    def _group_differences(self, differences: Sequence[GroupDifference]) -> Iterable[_Found]:
        clear = [d for d in differences if d.adjusted_p < SIGNIFICANT and abs(_estimate(d)) >= NOTABLE_DIFFERENCE]
        found = [self._group_difference(item) for item in clear]
        found.sort(key=lambda item: (-item.score, item.headline))
        per_group: dict[tuple[str | None, str | None], int] = {}
        kept = 0
        for item in found:
            key = (item.cut, item.group)
            if kept < MAX_GROUP_DIFFERENCES and per_group.get(key, 0) < 2:
                per_group[key] = per_group.get(key, 0) + 1
                kept += 1
                yield item

    def _group_difference(self, item: GroupDifference) -> _Found:
        value = _estimate(item)
        facet = self._facets[item.facet] if item.facet is not None else None
        about = f"on “{facet.title}”" if facet else "overall"
        lower = value < 0
        members = np.array([group == item.group for group in self._measured.group_of(item.cut)])
        inside = members[self._measured.unit_respondent]
        by_facet = self._measured.unit_alignment
        strength = self._unit_overall() if item.facet is None else np.nan_to_num(by_facet[:, item.facet])
        n = item.inside.n or 0
        return _Found(
            kind="group_differs",
            headline=f"{item.group} ({item.cut}) stands {'lower' if lower else 'higher'} {about}",
            text=f"{item.group}: {in_words(item.inside)}; everyone else: {in_words(item.outside)}. The difference is "
            f"{abs(value) * 100:.0f} points ({interval(item.difference.estimate)}).",
            estimate=item.difference.estimate,
            score=abs(value) * (1 - item.adjusted_p) * float(np.sqrt(n / max(self._measured.n_respondents, 1))),
            evidence=self._ids(np.sign(value) * strength * inside, EVIDENCE, n),
            facet_id=facet.facet_id if facet else None,
            cut=item.cut,
            group=item.group,
            next_step="" if lower else NEXT_STEPS["group_higher"],
        )

    def _changes(self) -> Iterable[_Found]:
        trends = [trend for trend in self._trends if trend.facet_id and trend.change.value is not None]
        titles = {facet.facet_id: facet.title for facet in self._facets}
        columns = {facet.facet_id: column for column, facet in enumerate(self._facets)}
        for trend in trends:
            change = trend.change.value or 0.0
            if abs(change) < NOTABLE_DIFFERENCE or one_sided(trend.change) < 1:
                continue
            first, last = _ends(trend)
            rose = change > 0
            assert trend.facet_id is not None
            column = columns[trend.facet_id]
            names, pulse = self._measured.pulses
            in_last = pulse[self._measured.unit_comment] == names.index(last.pulse)
            strength = np.sign(change) * np.nan_to_num(self._measured.unit_alignment[:, column]) * in_last
            yield _Found(
                kind="facet_change",
                headline=f"“{titles[trend.facet_id]}” {'rose' if rose else 'fell'} "
                f"between {first.pulse} and {last.pulse}",
                text=f"From {in_words(first.estimate)} in {first.pulse} to {in_words(last.estimate)} in {last.pulse}: "
                f"{'up' if rose else 'down'} {abs(change) * 100:.0f} points ({interval(trend.change)}).",
                estimate=trend.change,
                score=abs(change) * float(np.sqrt((trend.change.n or 0) / max(self._measured.n_respondents, 1))),
                evidence=self._ids(strength, EVIDENCE, last.estimate.n),
                facet_id=trend.facet_id,
            )

    def _suggestions(self) -> Iterable[_Found]:
        measured = self._measured
        found: list[_Found] = []
        for theme in self._themes:
            column = self._column[theme.theme_id]
            suggesting = measured.unit_suggestion & (measured.unit_theme[:, column] > 0)
            people = len(set(measured.unit_respondent[suggesting].tolist()))
            if not self._disclosure.enough(people):
                continue
            said = np.zeros((measured.n_respondents, 1))
            said[np.unique(measured.unit_respondent[suggesting]), 0] = 1.0
            estimate = self._disclosure.share(self._tables.bootstrap.means(said).share(0))
            strength = measured.unit_theme[:, column].astype(np.float64) * suggesting
            found.append(
                _Found(
                    kind="suggestion",
                    headline=f"People suggest changes to “{theme.name}”",
                    text=f"{people} people ({share_of_respondents(estimate)}) say what should change about "
                    f"“{theme.name}”.",
                    estimate=estimate,
                    score=float(estimate.value or 0.0),
                    evidence=self._ids(strength, EVIDENCE, people),
                    theme_id=theme.theme_id,
                )
            )
        yield from sorted(found, key=lambda item: (-item.score, item.headline))[:MAX_SUGGESTIONS]

    def _ratings(self, ratings: Sequence[str]) -> Iterable[_Found]:
        for local in self._tables.local_validity(ratings):
            rating, agreement = local.rating, local.correlation
            if agreement.value is None:
                continue
            clear = one_sided(agreement) == 1
            goes = "higher" if agreement.value > 0 else "lower"
            yield _Found(
                kind="rating_agreement",
                headline=f"Alignment {'goes' if clear else 'does not clearly go'} with “{rating}”",
                text=(
                    f"People whose comments align more give {goes} values of “{rating}”"
                    if clear
                    else f"No clear link between alignment and “{rating}” in this batch"
                )
                + f": rank correlation {number(agreement.value, 'correlation')} ({interval(agreement, 'correlation')}, "
                f"{respondents(agreement.n or 0)}). An association, not a cause.",
                estimate=agreement,
                score=0.3 * abs(agreement.value),
            )

    def _unmentioned(self) -> Iterable[_Found]:
        """Themes people speak well or ill of in words that speak to no facet: candidates for the next draft."""
        measured = self._measured
        off = measured.off_purpose
        for theme in self._themes:
            column = self._column[theme.theme_id]
            units = measured.unit_theme[:, column] > 0
            if (theme.prevalence.value or 0.0) < NOTABLE_PREVALENCE or off[units].mean() < UNMENTIONED_SHARE:
                continue
            tone = self._tables.theme_tone(column)
            if abs(tone.value or 0.0) < UNMENTIONED_TONE or one_sided(tone) < 1:
                continue
            well = (tone.value or 0.0) > 0
            strength = np.nan_to_num(measured.theme_tone[:, column]) * (1 if well else -1)
            yield _Found(
                kind="unmentioned_value" if well else "unmentioned_concern",
                headline=f"People {'value' if well else 'are troubled by'} “{theme.name}”, "
                "which the statement does not mention",
                text=f"{share_of_respondents(theme.prevalence).capitalize()} speak of “{theme.name}”, mostly "
                f"{'well' if well else 'ill'}; {off[units].mean():.0%} of what they say about it touches no facet.",
                estimate=theme.prevalence,
                score=0.5 * (theme.prevalence.value or 0.0),
                evidence=self._ids(strength, EVIDENCE, tone.n),
                theme_id=theme.theme_id,
            )

    def _people(self, theme: int) -> int:
        return int(self._measured.theme[:, theme].sum())

    def _unit_overall(self) -> npt.NDArray[np.float64]:
        """Strongest alignment of each unit over the facets, with its sign; 0 where it speaks to none: (n_units,)."""
        alignment = np.nan_to_num(self._measured.unit_alignment)
        if alignment.shape[0] == 0:
            return np.zeros(0)
        strongest = np.abs(alignment).argmax(axis=1)
        return np.asarray(alignment[np.arange(len(alignment)), strongest], dtype=np.float64)

    def _ids(self, strength: npt.NDArray[np.float64], limit: int, respondents: int | None) -> tuple[str, ...]:
        """Ids of the comments that show it best, one a respondent; none below the minimum for verbatims."""
        if not self._disclosure.enough_for_words(respondents or 0):
            return ()
        units = self._measured.strongest_units(strength, limit, rows=self._tables.quotable)
        return tuple(self._tables.comment_id(unit) for unit in units)


def _covered(coverage: Estimate) -> str:
    return f"; {share_of_respondents(coverage)} speak to it" if coverage.shown else ""


def _shares(facet: FacetResult) -> str:
    parts = []
    if facet.supports_share is not None:
        parts.append(f"{facet.supports_share:.0%} say it is so")
    if facet.contradicts_share is not None:
        parts.append(f"{facet.contradicts_share:.0%} say it is not")
    return f"Of those who speak to it, {' and '.join(parts)}." if parts else ""


def _ends(trend: Trend) -> tuple[TrendPoint, TrendPoint]:
    known = [point for point in trend.points if point.estimate.shown]
    return known[0], known[-1]


def _value(facet: FacetResult) -> float:
    return facet.alignment.value or 0.0


def _estimate(item: GroupDifference) -> float:
    return item.difference.estimate.value or 0.0


def one_sided(estimate: Estimate) -> float:
    """Which part of the interval lies on the estimate's side of zero: 1 when the interval does not include zero."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return 0.0
    low, high = (estimate.low, estimate.high) if estimate.value >= 0 else (-estimate.high, -estimate.low)
    return 1.0 if low > 0 else float(high / (high - low)) if high > low else 0.0
