"""What insights are made from, and an insight before it has an id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from service.core.disclosure import Disclosure
from service.core.measures import Measured
from service.core.tables import Tables
from service.core.trends import Change
from service.results import Estimate, FacetResult, ThemeResult

EVIDENCE = 5
SIGNIFICANT = 0.05
NOTABLE_DIFFERENCE = 0.15
NOTABLE_PREVALENCE = 0.05


@dataclass(frozen=True, slots=True)
class Found:
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
    practice: str = ""
    step: str = ""
    """Kind of the next step where it is not the insight's own."""


@dataclass(frozen=True)
class Sources:
    """The published tables of one analysis, and what they were computed from.

    Attributes:
        themes: those that are shown, without the emergent ones within others: these say part of what those say.
    """

    tables: Tables
    facets: Sequence[FacetResult]
    themes: Sequence[ThemeResult]
    changes: Sequence[Change]

    @property
    def measured(self) -> Measured:
        return self.tables.measured

    @property
    def disclosure(self) -> Disclosure:
        return self.tables.disclosure

    @cached_property
    def column(self) -> dict[str, int]:
        """Column of each theme by its id."""
        return {theme.theme_id: column for column, theme in enumerate(self.tables.found)}

    @cached_property
    def shown(self) -> frozenset[str]:
        """Ids of the themes that insights may name."""
        return frozenset(theme.theme_id for theme in self.themes)

    def people(self, theme: int) -> int:
        """How many speak of a theme."""
        return int(self.measured.theme[:, theme].sum())

    def unit_overall(self) -> npt.NDArray[np.float64]:
        """Strongest alignment of each unit over the facets, with its sign; 0 where it speaks to none: (n_units,)."""
        alignment = np.nan_to_num(self.measured.unit_alignment)
        if alignment.shape[0] == 0:
            return np.zeros(0)
        strongest = np.abs(alignment).argmax(axis=1)
        return np.asarray(alignment[np.arange(len(alignment)), strongest], dtype=np.float64)

    def evidence(self, strength: npt.NDArray[np.float64], limit: int, respondents: int | None) -> tuple[str, ...]:
        """Ids of the comments that show it best, one a respondent; none where fewer people say so, or are behind the
        number, than verbatims need.
        """
        saying = len(np.unique(self.measured.unit_respondent[strength > 0]))
        if not self.disclosure.enough_for_words(min(respondents or 0, saying)):
            return ()
        units = self.measured.strongest_units(strength, limit, rows=self.tables.quotable)
        return tuple(self.tables.comment_id(unit) for unit in units)


def score(reach: float, certainty: float, distance: float) -> float:
    """What insights are ranked by: the root of the share of respondents it is about × certainty × distance.

    Args:
        reach: share of the respondents, 0…1; its root, because four times as many people are not four times the matter.
        certainty: one minus the adjusted p value, or the share of the interval on the estimate's side of zero.
        distance: how far the number lies from the rest, 0…1 (alignment in −1…1, shares in 0…1).
    """
    return float(np.sqrt(reach) * certainty * abs(distance))


def one_sided(estimate: Estimate) -> float:
    """Which part of the interval lies on the estimate's side of zero: 1 when the interval does not include zero."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return 0.0
    low, high = (estimate.low, estimate.high) if estimate.value >= 0 else (-estimate.high, -estimate.low)
    return 1.0 if low > 0 else float(high / (high - low)) if high > low else 0.0


def value_of(estimate: Estimate) -> float:
    """Its value, 0 where it is suppressed."""
    return estimate.value or 0.0
