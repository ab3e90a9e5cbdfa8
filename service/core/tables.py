"""The published tables of an analysis: facets, themes, cuts, trends. Each number passes disclosure here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from service.core.aggregate import Bootstrap, Difference
from service.core.disclosure import BoolVector, Disclosure
from service.core.measures import Measured
from service.core.themes import OTHER_ID, FoundTheme, representative
from service.results import (
    Estimate,
    FacetResult,
    Quote,
    ThemeResult,
)
from service.results.analysis import FacetState

# False alarms of relevance alone reach 10 % of respondents on the sample's facet that next to nobody speaks to.
SILENT_COVERAGE = 0.12
# A hundred people are not hardly anyone, unless they are fewer than one in twenty.
VOICES, SILENT_AT_ANY_SIZE = 100, 0.05
# Fewer than the minimum out of so many is silence; out of fewer it may be most of those who were asked.
ENOUGH_FOR_SILENCE = 50
MOST_WITHIN = 6
"""Themes within another that are shown: more would not be read."""
TOGETHER, MOST_TOGETHER = 1.2, 3
"""Themes go together when they are named by the same people this many times as often as chance would have it."""
# Cluster-wise Jaccard under which Hennig (2007) would not call a cluster stable.
STABLE = 0.6
SIDE = 0.15
CONTESTED_SHARE = 0.3
CONTESTED_BALANCE = 0.2
DECIDED = 0.1
QUOTES_FACET = 2
QUOTES_THEME = 3
SHORTEST_QUOTE = 15
LONGEST_QUOTE = 280


class Tables:
    """Computes the published tables from what was measured.

    Args:
        measured: matrices by comment and respondent.
        found: the themes, in the order of the theme columns.
        disclosure: thresholds; nothing leaves here without them.
        seed: of the bootstrap.
        quotable: (n_units,), which units may be quoted and cited.
    """

    def __init__(
        self,
        measured: Measured,
        found: Sequence[FoundTheme],
        disclosure: Disclosure,
        seed: int,
        quotable: BoolVector,
    ) -> None:
        self.measured = measured
        self.found = found
        self.disclosure = disclosure
        self.seed = seed
        self.quotable = quotable
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
        return self.disclosure.coverage(self._total.share(1))

    def facets(self) -> tuple[FacetResult, ...]:
        """Each facet with its state, in the order of the purpose."""
        return tuple(self._facet(column) for column in range(len(self.measured.purpose.facets)))

    def _facet(self, column: int) -> FacetResult:
        facet = self.measured.purpose.facets[column]
        values = self.measured.facet[:, column]
        n = int((~np.isnan(values)).sum())
        supports, contradicts = int((values >= SIDE).sum()), int((values <= -SIDE).sum())
        alignment = self.disclosure.number(self._facets.estimate(column))
        supports_share, contradicts_share = self.disclosure.sides(supports, contradicts, n)
        return FacetResult(
            facet_id=facet.facet_id,
            title=facet.title,
            state=self._state(alignment, n, supports, contradicts),
            alignment=alignment,
            coverage=self.disclosure.coverage(self._facets.share(len(self.measured.purpose.facets) + column)),
            supports_share=supports_share,
            contradicts_share=contradicts_share,
            quotes=self._facet_quotes(column, n),
        )

    def facet_apart(self, column: int, others: Sequence[int]) -> Difference:
        """Alignment of a facet less the mean of other facets' alignment; ``n`` is that of the least spoken to."""
        return self._facets.apart(column, others)

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
        alignment = np.nan_to_num(self.measured.unit_alignment[:, column]) * self._readable()
        sides = (
            (alignment, "among the clearest that say it is so"),
            (-alignment, "among the clearest that say it is not so"),
        )
        return shuffled(
            Quote(comment_id=self.comment_id(unit), text=self.measured.units[unit].text, why=why)
            for side, why in sides
            if self.disclosure.enough_for_words(len(np.unique(self.measured.unit_respondent[side > 0])))
            for unit in self.measured.strongest_units(side, QUOTES_FACET, rows=self.quotable)
        )

    def _readable(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """1 for units of a length that reads well as a quote, else 0: (n_units,)."""
        lengths = np.array([len(unit.text) for unit in self.measured.units], dtype=np.int64)
        return ((lengths >= SHORTEST_QUOTE) & (lengths <= LONGEST_QUOTE)).astype(np.float64)

    def comment_id(self, unit: int) -> str:
        """Id of the comment that a unit is part of."""
        return self.measured.comments[int(self.measured.unit_comment[unit])].comment_id

    def themes(self) -> tuple[ThemeResult, ...]:
        """Each theme, most respondents first."""
        shown = self._shown()
        results = [self._theme(column, self.found[column], shown) for column in shown]
        return tuple(sorted(results, key=lambda theme: (-(theme.prevalence.value or 0.0), theme.theme_id)))

    def above_all_others(self) -> list[int]:
        """Columns of the themes that are shown, without the emergent ones within others: these say part of those."""
        return [c for c in self._shown() if self.found[c].kind == "codebook" or self.found[c].parent is None]

    def _shown(self) -> list[int]:
        return [c for c, theme in enumerate(self.found) if theme.kind == "codebook"] + self._emergent_shown()

    def _emergent_shown(self) -> list[int]:
        """Columns of the emergent themes worth showing, of those within another the most frequent alone."""
        worth = [c for c, theme in enumerate(self.found) if theme.kind == "emergent" and self._worth_showing(c, theme)]
        free = [c for c in worth if not self.found[c].parent or self.found[c].edited]
        around = {self.found[c].theme_id for c in free} | {t.theme_id for t in self.found if t.kind == "codebook"}
        kept, inside = list(free), Counter[str]()
        for column in sorted(set(worth) - set(free), key=lambda c: (-self._people(c), self.found[c].theme_id)):
            parent = self.found[column].parent or ""
            if parent in around and inside[parent] < MOST_WITHIN:
                inside[parent] += 1
                kept.append(column)
        return sorted(kept)

    def _worth_showing(self, column: int, theme: FoundTheme) -> bool:
        """Whether an emergent theme holds still, and is not made of the words of fewer people than verbatims need."""
        if theme.theme_id == OTHER_ID or not self.disclosure.enough_for_words(self._people(column)):
            return False
        if theme.parent and (not theme.named or self._leaves_a_few(column, theme)):
            return False
        return theme.edited or (theme.stability is not None and theme.stability >= STABLE)

    def _leaves_a_few(self, column: int, theme: FoundTheme) -> bool:
        """Whether all but a few of those who speak of the theme around this one speak of it: they could be counted."""
        said = self.measured.theme
        rest = [int((said[:, c] & ~said[:, column]).sum()) for c in self._around(theme)]
        return any(0 < people < self.disclosure.min_respondents for people in rest)

    def _theme(self, column: int, theme: FoundTheme, shown: Sequence[int]) -> ThemeResult:
        n_themes = len(self.found)
        people = int(self.measured.theme[:, column].sum())
        words = self.disclosure.enough_for_words(people)
        prevalence = self.disclosure.share(self._themes.share(column))
        alignment = self._themes.estimate(n_themes + column)
        # What it leaves of those who speak to the purpose, and of those who speak of the theme around it, follows.
        for whole in (self._total.n[0], *(self._themes.n[n_themes + c] for c in self._around(theme))):
            alignment = self.disclosure.part(alignment, int(whole))
        return ThemeResult(
            theme_id=theme.theme_id,
            name=theme.name,
            kind=theme.kind,
            parent=theme.parent,
            definition=theme.definition,
            keyphrases=theme.keyphrases if words else (),
            prevalence=prevalence,
            alignment=alignment,
            effect=self.disclosure.number(self.theme_effect(column).estimate) if alignment.shown else alignment,
            stability=theme.stability,
            suggestion_share=self._suggestion_share(column) if prevalence.shown else None,
            quotes=self._theme_quotes(column) if words else (),
            new=theme.new,
            together=self._together(column, shown) if words else (),
        )

    def _suggestion_share(self, column: int) -> float | None:
        """Share of those who speak of a theme who say there what should change; None where few do or few do not, of it
        or of what is left around it.
        """
        measured = self.measured
        asking = np.zeros(measured.theme.shape, dtype=np.bool_)
        carried = (measured.unit_theme > 0) & measured.unit_suggestion[:, None]
        for one in (column, *self._around(self.found[column])):
            asking[measured.unit_respondent[carried[:, one]], one] = True
        said, asks = measured.theme[:, column], asking[:, column]
        left = [(asking[:, c] & ~asks, measured.theme[:, c] & ~said) for c in self._around(self.found[column])]
        people = [int(asks.sum()), int((said & ~asks).sum()), *(int(part.sum()) for pair in left for part in pair)]
        return float(asks.sum() / said.sum()) if self.disclosure.enough(min(people)) else None

    def _around(self, theme: FoundTheme) -> list[int]:
        """Column of the theme that a theme is within; none where it is within none."""
        return [c for c, other in enumerate(self.found) if other.theme_id == theme.parent]

    def _together(self, column: int, shown: Sequence[int]) -> tuple[str, ...]:
        """Themes that those who speak of this one speak of more often than others do, most often so first."""
        said, place = self.measured.theme, {theme.theme_id: c for c, theme in enumerate(self.found)}
        own = said[:, column]
        kin = {column, place.get(self.found[column].parent or "", column)}
        kin |= {c for c, theme in enumerate(self.found) if theme.parent == self.found[column].theme_id}
        lift = {}
        for other in shown:
            both = int((own & said[:, other]).sum())
            if other not in kin and self.disclosure.enough_for_words(both):
                lift[self.found[other].theme_id] = both * len(own) / (own.sum() * said[:, other].sum())
        often = [theme for theme, value in lift.items() if value >= TOGETHER]
        return tuple(sorted(often, key=lambda theme: (-lift[theme], theme))[:MOST_TOGETHER])

    def theme_effect(self, column: int) -> Difference:
        """Alignment of what is said on the theme less alignment of everything else, respondents as the unit."""
        n_themes = len(self.found)
        return self._themes.difference(n_themes + column, 2 * n_themes + column)

    def _theme_quotes(self, column: int) -> tuple[Quote, ...]:
        measured = self.measured
        suggestions = measured.unit_suggestion
        suggesting = len(np.unique(measured.unit_respondent[suggestions & (measured.unit_theme[:, column] > 0)]))
        picks = representative(
            measured.units,
            measured.embeddings,
            measured.theme_scores,
            column,
            QUOTES_THEME,
            suggestions if self.disclosure.enough_for_words(suggesting) else None,
            self.quotable,
        )
        # One person's words are shown once; the pick nearest to the theme's centre comes first.
        people: dict[int, Quote] = {}
        for unit, why in picks:
            quote = Quote(comment_id=self.comment_id(unit), text=measured.units[unit].text, why=why)
            people.setdefault(int(measured.unit_respondent[unit]), quote)
        return shuffled(people.values())

    def theme_tone(self, column: int) -> Estimate:
        """How people speak of a theme where it touches no facet, −1…1, over the respondents who do."""
        return self.disclosure.number(self.bootstrap.means(self.measured.tone[:, [column]]).estimate(0))

    def _people(self, theme: int) -> int:
        return int(self.measured.theme[:, theme].sum())


def shuffled(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """Quotes in an order of their own words, so that it says nothing of who wrote when."""
    return tuple(sorted(quotes, key=lambda quote: hashlib.sha256(quote.text.encode()).digest()))
