"""Everything that is published of what was measured; nothing about respondents leaves an analysis by another way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.core.cuts import CutTables
from service.core.disclosure import Disclosure
from service.core.drivers import find_drivers, local_validity
from service.core.insights import find_insights
from service.core.insights.sources import Sources
from service.core.measures import Measured
from service.core.next_steps import NextSteps, shipped_next_steps
from service.core.tables import Tables
from service.core.theme_map import theme_map
from service.core.themes import FoundTheme
from service.core.trends import PulseTables
from service.core.verbatims import quotable_units
from service.results import (
    CutResult,
    Driver,
    Estimate,
    FacetResult,
    Insight,
    LocalValidity,
    ThemeMap,
    ThemeResult,
    Trend,
)
from service.results.analysis import count_suppressed


@dataclass(frozen=True, slots=True)
class Publication:
    """The tables of an analysis after disclosure control, under the names they have there.

    Attributes:
        suppressed: numbers and emergent themes that are withheld.
    """

    alignment: Estimate
    coverage: Estimate
    facets: tuple[FacetResult, ...]
    themes: tuple[ThemeResult, ...]
    cuts: tuple[CutResult, ...]
    drivers: tuple[Driver, ...]
    trends: tuple[Trend, ...]
    insights: tuple[Insight, ...]
    theme_map: ThemeMap
    local_validity: tuple[LocalValidity, ...]
    suppressed: int


def publish(
    measured: Measured,
    found: Sequence[FoundTheme],
    disclosure: Disclosure,
    *,
    seed: int,
    cuts: Sequence[str],
    ratings: Sequence[str],
    next_steps: NextSteps | None = None,
) -> Publication:
    """Compute the tables of what was measured, and the insights from them; ``next_steps`` None for the shipped ones.

    Raises:
        InvalidCut: a cut cannot be used.
    """
    cut_tables = CutTables(measured, found, disclosure, seed, cuts)
    tables = Tables(measured, found, disclosure, seed, quotable_units(measured, cuts, disclosure))
    facets, themes = tables.facets(), tables.themes()
    followed = tables.above_all_others()
    pulses = PulseTables(
        measured,
        found,
        disclosure,
        tables.bootstrap,
        measured.pulses,
        cut_tables.shown_pulses,
        followed,
        beside=cut_tables.pulses_publishable,
    )
    changes = pulses.changes()
    trends = tuple(change.trend for change in changes)
    groups = cut_tables.results([theme.theme_id for theme in themes])
    drivers = find_drivers(measured, found, [theme.theme_id for theme in themes], disclosure, ratings, seed)
    validity = local_validity(measured, disclosure, ratings, seed)
    told = {found[column].theme_id for column in followed}
    above = [theme for theme in themes if theme.theme_id in told]
    insights = find_insights(
        Sources(tables, facets, above, changes),
        cut_tables.differences(),
        validity,
        drivers,
        next_steps or shipped_next_steps(),
    )
    return Publication(
        alignment=tables.alignment(),
        coverage=tables.coverage(),
        facets=facets,
        themes=themes,
        cuts=groups,
        drivers=drivers,
        trends=trends,
        insights=insights,
        theme_map=theme_map(measured, found, themes, disclosure),
        local_validity=validity,
        suppressed=count_suppressed((facets, themes, groups, drivers, trends)) + len(found) - len(themes),
    )
