"""The published tables of an analysis: facets, themes, cuts, drivers, trends. Each number passes disclosure here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.core.aggregate import Bootstrap, Difference, Means, adjust, rank_correlation
from service.core.disclosure import Disclosure
from service.core.measures import Measured, groups_by_size
from service.core.themes import OTHER_ID, FoundTheme, representative
from service.errors import InvalidCut
from service.results import (
    CutResult,
    Driver,
    Estimate,
    FacetResult,
    GroupResult,
    GroupTheme,
    LocalValidity,
    Quote,
    ThemeResult,
    Trend,
    TrendPoint,
)
from service.results.analysis import FacetState

# False alarms of relevance alone reach 10 % of respondents on the sample's facet that next to nobody speaks to.
SILENT_COVERAGE = 0.12
# A hundred people are not hardly anyone, unless they are fewer than one in twenty.
VOICES, SILENT_AT_ANY_SIZE = 100, 0.05
# Fewer than the minimum out of so many is silence; out of fewer it may be most of those who were asked.
ENOUGH_FOR_SILENCE = 50
TOGETHER, MOST_TOGETHER = 1.2, 3
"""Themes go together when they are named by the same people this many times as often as chance would have it."""
# Cluster-wise Jaccard under which Hennig (2007) would not call a cluster stable.
STABLE = 0.6
SIDE = 0.15
CONTESTED_SHARE = 0.3
CONTESTED_BALANCE = 0.2
DECIDED = 0.1
MAX_GROUPS = 200
QUOTES_FACET = 2
QUOTES_THEME = 3
MIN_DRIVER_RESPONDENTS = 20
SHORTEST_QUOTE = 15
LONGEST_QUOTE = 280


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """A group against the rest of its cut; ``facet`` is a column, or None for alignment as a whole."""

    cut: str
    group: str
    facet: int | None
    inside: Estimate
    outside: Estimate
    difference: Difference
    adjusted_p: float


class Tables:
    """Computes the published tables from what was measured.

    Args:
        measured: matrices by comment and respondent.
        found: the themes, in the order of the theme columns.
        disclosure: thresholds; nothing leaves here without them.
        seed: of the bootstrap.
    """

    def __init__(self, measured: Measured, found: Sequence[FoundTheme], disclosure: Disclosure, seed: int) -> None:
        self.measured = measured
        self.found = found
        self.disclosure = disclosure
        self.seed = seed
        self.bootstrap = Bootstrap(measured.n_respondents, seed)
        columns = [measured.overall, (~np.isnan(measured.overall)).astype(np.float64)]
        self._total = self.bootstrap.means(np.hstack(columns))
        self._facets = self.bootstrap.means(np.hstack([measured.facet, (~np.isnan(measured.facet)).astype(np.float64)]))
        inside, outside = measured.theme_alignment
        self._themes = self.bootstrap.means(np.hstack([measured.theme.astype(np.float64), inside, outside]))

    def alignment(self) -> Estimate:
        """Alignment over all respondents who say anything relevant."""
        return self.disclosure.number(self._total.estimate(0))

    def coverage(self) -> Estimate:
        """Share of respondents who say anything relevant to any facet."""
        return self.disclosure.share(self._total.share(1))

    def facets(self) -> tuple[FacetResult, ...]:
        """Each facet with its state, in the order of the purpose."""
        return tuple(self._facet(column) for column in range(len(self.measured.purpose.facets)))

    def _facet(self, column: int) -> FacetResult:
        facet = self.measured.purpose.facets[column]
        values = self.measured.facet[:, column]
        n = int((~np.isnan(values)).sum())
        supports, contradicts = int((values >= SIDE).sum()), int((values <= -SIDE).sum())
        alignment = self.disclosure.number(self._facets.estimate(column))
        return FacetResult(
            facet_id=facet.facet_id,
            title=facet.title,
            state=self._state(alignment, n, supports, contradicts),
            alignment=alignment,
            coverage=self.disclosure.share(self._facets.share(len(self.measured.purpose.facets) + column)),
            supports_share=self.disclosure.plain_share(supports, n),
            contradicts_share=self.disclosure.plain_share(contradicts, n),
            quotes=self._facet_quotes(column, n),
        )

    def _state(self, alignment: Estimate, n: int, supports: int, contradicts: int) -> FacetState:
        if alignment.value is None or alignment.low is None or alignment.high is None:
            return "silent" if self.measured.n_respondents >= ENOUGH_FOR_SILENCE else "uncertain"
        if n < (SILENT_COVERAGE if n < VOICES else SILENT_AT_ANY_SIZE) * self.measured.n_respondents:
            return "silent"
        if min(supports, contradicts) >= CONTESTED_SHARE * n and abs(alignment.value) < CONTESTED_BALANCE:
            return "contested"
        if alignment.low > 0 and alignment.value >= DECIDED:
            return "lived"
        if alignment.high < 0 and alignment.value <= -DECIDED:
            return "contradicted"
        return "uncertain"

    def _facet_quotes(self, column: int, n: int) -> tuple[Quote, ...]:
        if not self.disclosure.enough_for_words(n):
            return ()
        alignment = np.nan_to_num(self.measured.unit_alignment[:, column]) * self._quotable()
        sides = (
            (alignment, "among the clearest that say it is so"),
            (-alignment, "among the clearest that say it is not so"),
        )
        return tuple(
            Quote(comment_id=self.comment_id(unit), text=self.measured.units[unit].text, why=why)
            for side, why in sides
            for unit in self.measured.strongest_units(side, QUOTES_FACET)
        )

    def _quotable(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """1 for units of a length that reads well as a quote, else 0: (n_units,)."""
        lengths = np.array([len(unit.text) for unit in self.measured.units], dtype=np.int64)
        return ((lengths >= SHORTEST_QUOTE) & (lengths <= LONGEST_QUOTE)).astype(np.float64)

    def comment_id(self, unit: int) -> str:
        """Id of the comment that a unit is part of."""
        return self.measured.comments[int(self.measured.unit_comment[unit])].comment_id

    def themes(self) -> tuple[ThemeResult, ...]:
        """Each theme, most respondents first."""
        results = [
            self._theme(column, theme)
            for column, theme in enumerate(self.found)
            if theme.kind == "codebook" or self._worth_showing(column, theme)
        ]
        return tuple(sorted(results, key=lambda theme: (-(theme.prevalence.value or 0.0), theme.theme_id)))

    def _worth_showing(self, column: int, theme: FoundTheme) -> bool:
        """Whether an emergent theme holds still, and is not made of the words of fewer people than verbatims need."""
        if theme.theme_id == OTHER_ID or not self.disclosure.enough_for_words(self._people(column)):
            return False
        return theme.edited or (theme.stability is not None and theme.stability >= STABLE)

    def themes_left_out(self) -> int:
        """How many emergent themes are kept back: they do not hold still, or too few people speak of them."""
        return len(self.found) - len(self.themes())

    def _theme(self, column: int, theme: FoundTheme) -> ThemeResult:
        n_themes = len(self.found)
        people = int(self.measured.theme[:, column].sum())
        words = self.disclosure.enough_for_words(people)
        alignment = self.disclosure.number(self._themes.estimate(n_themes + column))
        units = np.flatnonzero(self.measured.unit_theme[:, column] > 0)
        suggestions = self.measured.unit_suggestion[units]
        suggesting = len(set(self.measured.unit_respondent[units[suggestions]].tolist()))
        return ThemeResult(
            theme_id=theme.theme_id,
            name=theme.name,
            kind=theme.kind,
            parent=theme.parent,
            definition=theme.definition,
            keyphrases=theme.keyphrases if words else (),
            prevalence=self.disclosure.share(self._themes.share(column)),
            alignment=alignment,
            effect=self.disclosure.number(self.theme_effect(column).estimate),
            stability=theme.stability,
            suggestion_share=float(suggestions.mean()) if self.disclosure.enough(suggesting) else None,
            quotes=self._theme_quotes(column) if words else (),
            new=theme.new,
            together=self._together(column) if words else (),
        )

    def _together(self, column: int) -> tuple[str, ...]:
        """Themes that those who speak of this one speak of more often than others do, most often so first."""
        said, place = self.measured.theme, {theme.theme_id: c for c, theme in enumerate(self.found)}
        own = said[:, column]
        kin = {column, place.get(self.found[column].parent or "", column)}
        kin |= {c for c, theme in enumerate(self.found) if theme.parent == self.found[column].theme_id}
        lift = {}
        for other, theme in enumerate(self.found):
            both = int((own & said[:, other]).sum())
            hidden = theme.kind == "emergent" and not self._worth_showing(other, theme)
            if other not in kin and not hidden and self.disclosure.enough_for_words(both):
                lift[theme.theme_id] = both * len(own) / (own.sum() * said[:, other].sum())
        often = [theme for theme, value in lift.items() if value >= TOGETHER]
        return tuple(sorted(often, key=lambda theme: (-lift[theme], theme))[:MOST_TOGETHER])

    def theme_effect(self, column: int) -> Difference:
        """Alignment of what is said on the theme less alignment of everything else, respondents as the unit."""
        n_themes = len(self.found)
        return self._themes.difference(n_themes + column, 2 * n_themes + column)

    def _theme_quotes(self, column: int) -> tuple[Quote, ...]:
        measured = self.measured
        picks = representative(
            measured.units, measured.embeddings, measured.theme_scores, column, QUOTES_THEME, measured.unit_suggestion
        )
        # One person's words are shown once; the pick nearest to the theme's centre comes first.
        people: dict[int, Quote] = {}
        for unit, why in picks:
            quote = Quote(comment_id=self.comment_id(unit), text=measured.units[unit].text, why=why)
            people.setdefault(int(measured.unit_respondent[unit]), quote)
        return tuple(people.values())

    def theme_tone(self, column: int) -> Estimate:
        """How people speak of a theme where it touches no facet, −1…1, over the respondents who do."""
        return self.disclosure.number(self.bootstrap.means(self.measured.tone[:, [column]]).estimate(0))

    def cuts(self, names: Sequence[str], shown_themes: Sequence[str]) -> tuple[CutResult, ...]:
        """Each declared cut with its groups.

        Raises:
            InvalidCut: there are no respondent ids, no comment has the cut, or it has so many groups that it is an id.
        """
        return tuple(self._cut(name, shown_themes) for name in names)

    def groups(self, cut: str) -> list[tuple[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]]:
        """Group names of a cut with their members, (n_respondents,)."""
        if not self.measured.identified:
            raise InvalidCut(
                f"cut {cut!r} needs respondent ids, so that people can be counted; name their column",
                where=cut,
            )
        groups = self.measured.group_of(cut)
        names = groups_by_size(groups)
        if not names:
            raise InvalidCut(f"no comment has a value for cut {cut!r}", where=cut)
        if len(names) > MAX_GROUPS or len(names) > max(self.measured.n_respondents // 2, 20):
            raise InvalidCut(
                f"cut {cut!r} has {len(names)} different values and looks like an id; choose one with fewer groups",
                where=cut,
            )
        members = np.array(groups, dtype=object)
        return [(name, members == name) for name in names]

    def _cut(self, cut: str, shown_themes: Sequence[str]) -> CutResult:
        measured = self.measured
        overall = measured.overall
        wanted = [column for column, theme in enumerate(self.found) if theme.theme_id in set(shown_themes)]
        base = np.hstack(
            [overall, (~np.isnan(overall)).astype(np.float64), measured.theme[:, wanted].astype(np.float64)]
        )
        results: list[GroupResult] = []
        for name, members in self.groups(cut):
            if not self.disclosure.enough(int(members.sum())):
                nothing = Estimate.suppressed()
                themes = tuple(GroupTheme(theme_id=self.found[c].theme_id, prevalence=nothing) for c in wanted)
                results.append(GroupResult(name=name, alignment=nothing, coverage=nothing, themes=themes))
                continue
            means = Bootstrap(int(members.sum()), self.seed).means(base[members])
            results.append(
                GroupResult(
                    name=name,
                    alignment=self.disclosure.number(means.estimate(0)),
                    coverage=self.disclosure.share(means.share(1)),
                    themes=tuple(
                        GroupTheme(
                            theme_id=self.found[c].theme_id, prevalence=self.disclosure.share(means.share(2 + i))
                        )
                        for i, c in enumerate(wanted)
                    ),
                )
            )
        return CutResult(name=cut, groups=tuple(results))

    def group_differences(self, cuts: Sequence[str]) -> list[GroupDifference]:
        """Each group against the rest, on alignment as a whole and by facet; p values adjusted within each cut.

        Both sides need enough respondents, or the rest would tell about the group that is left.
        """
        return [difference for cut in cuts for difference in self._group_differences(cut)]

    def _group_differences(self, cut: str) -> list[GroupDifference]:
        values = np.hstack([self.measured.overall, self.measured.facet])
        width = values.shape[1]
        found: list[tuple[str, str, int | None, Estimate, Estimate, Difference]] = []
        for name, members in self.groups(cut):
            inside = np.where(members[:, None], values, np.nan)
            outside = np.where(members[:, None], np.nan, values)
            means = self.bootstrap.means(np.hstack([inside, outside]))
            for column in range(width):
                if not self.disclosure.enough(int(min(means.n[column], means.n[width + column]))):
                    continue
                facet = None if column == 0 else column - 1
                sides = means.estimate(column), means.estimate(width + column)
                found.append((cut, name, facet, *sides, means.difference(column, width + column)))
        adjusted = adjust([item[5].p for item in found])
        return [GroupDifference(*item, p) for item, p in zip(found, adjusted, strict=True)]

    def drivers(self, ratings: Sequence[str]) -> tuple[Driver, ...]:
        """Rank correlation of each rating with alignment by facet and with speaking of a theme, strongest first."""
        rows: list[tuple[str, str | None, str | None, Difference]] = []
        for target in ratings:
            rating = self.measured.rating(target)
            for column, facet in enumerate(self.measured.purpose.facets):
                effect = rank_correlation(rating, self.measured.facet[:, column], self.seed)
                rows.append((target, facet.facet_id, None, effect))
            for column, theme in enumerate(self.found):
                if self.disclosure.enough_for_words(int(self.measured.theme[:, column].sum())):
                    said = self.measured.theme[:, column].astype(np.float64)
                    rows.append((target, None, theme.theme_id, rank_correlation(rating, said, self.seed)))
        rows = [row for row in rows if row[3].estimate.shown and (row[3].estimate.n or 0) >= MIN_DRIVER_RESPONDENTS]
        adjusted = adjust([row[3].p for row in rows])
        drivers = [
            Driver(target=target, facet_id=facet, theme_id=theme, effect=effect.estimate, adjusted_p=p)
            for (target, facet, theme, effect), p in zip(rows, adjusted, strict=True)
        ]
        return tuple(sorted(drivers, key=lambda driver: (driver.target, -abs(driver.effect.value or 0.0))))

    def local_validity(self, ratings: Sequence[str]) -> tuple[LocalValidity, ...]:
        """Spearman's rho of each rating with alignment over the respondents who have both."""
        return tuple(LocalValidity(rating=rating, correlation=self._agreement(rating)) for rating in ratings)

    def _agreement(self, rating: str) -> Estimate:
        effect = rank_correlation(self.measured.rating(rating), self.measured.overall[:, 0], self.seed).estimate
        enough = effect.n is not None and effect.n >= MIN_DRIVER_RESPONDENTS
        return effect if enough else Estimate.suppressed()

    def trends(self) -> tuple[Trend, ...]:
        """Alignment as a whole, each facet's alignment and each shown theme's prevalence, by pulse; empty with one."""
        names, pulse = self.measured.pulses
        if len(names) < 2:
            return ()
        shown = [c for c, theme in enumerate(self.found) if self.disclosure.enough_for_words(self._people(c))]
        blocks = [
            self._pulse_values(np.flatnonzero((pulse == p) & (self.measured.respondent >= 0)), shown)
            for p in range(len(names))
        ]
        width = blocks[0].shape[1]
        means = self.bootstrap.means(np.hstack(blocks))
        n_facets = len(self.measured.purpose.facets)
        return tuple(self._trend(means, names, column, width, n_facets, shown) for column in range(width))

    def _people(self, theme: int) -> int:
        return int(self.measured.theme[:, theme].sum())

    def _pulse_values(
        self, rows: np.ndarray[tuple[int], np.dtype[np.int64]], themes: list[int]
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Overall, facets and themes of one pulse, (n_respondents, 1 + n_facets + n_themes)."""
        measured = self.measured
        scores = measured.by_respondent(np.hstack([measured.scores.overall[:, None], measured.scores.facet]), rows)
        said = measured.by_respondent(measured.comment_theme[:, themes].astype(np.float64), rows)
        return np.hstack([scores, np.where(np.isnan(said), np.nan, (said > 0).astype(np.float64))])

    def _trend(self, means: Means, names: list[str], column: int, width: int, n_facets: int, shown: list[int]) -> Trend:
        is_theme = column > n_facets
        control = self.disclosure.share if is_theme else self.disclosure.number
        estimates = [
            control(means.share(column + p * width) if is_theme else means.estimate(column + p * width))
            for p in range(len(names))
        ]
        known = [p for p, estimate in enumerate(estimates) if estimate.shown]
        change = Estimate.suppressed()
        if len(known) >= 2:
            change = means.difference(column + known[-1] * width, column + known[0] * width).estimate
        return Trend(
            measure="prevalence" if is_theme else "alignment",
            points=tuple(TrendPoint(pulse=name, estimate=e) for name, e in zip(names, estimates, strict=True)),
            change=change,
            facet_id=self.measured.purpose.facets[column - 1].facet_id if 0 < column <= n_facets else None,
            theme_id=self.found[shown[column - n_facets - 1]].theme_id if is_theme else None,
        )
