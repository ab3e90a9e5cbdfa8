"""What the template of pulses asks of a trend report: rows of its tables, and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.results import Trend, TrendReport
from service.results.wording import Scale

_MEASURES: Final = {"alignment": "alignment", "prevalence": "share of respondents", "coverage": "share of respondents"}


@dataclass(frozen=True, slots=True)
class PulseRow:
    """One measure over the pulses, with what stands at the head of its row."""

    name: str
    measure: str
    trend: Trend
    scale: Scale


@dataclass(frozen=True, slots=True)
class PulseTable:
    """Measures that stand in one table."""

    key: str
    title: str
    rows: Sequence[PulseRow]


class PulsesView:
    """One trend report as the template reads it."""

    def __init__(self, report: TrendReport) -> None:
        self.report = report

    @property
    def labels(self) -> list[str]:
        return [pulse.pulse for pulse in self.report.pulses]

    @property
    def tables(self) -> list[PulseTable]:
        """Of the purpose, the themes, and each cut; those that have no row are left out."""
        trends = self.report.trends
        purpose = [t for t in trends if t.theme_id is None and t.cut is None]
        themes = [t for t in trends if t.theme_id is not None and any(p.estimate.shown for p in t.points)]
        tables = [
            self._table("facets", "The purpose, part by part", purpose),
            self._table("themes", "Themes", themes),
            *(
                self._table(cut, f"By {cut.replace('_', ' ')}", [t for t in trends if t.cut == cut])
                for cut in dict.fromkeys(t.cut for t in trends if t.cut is not None)
            ),
        ]
        return [table for table in tables if table.rows]

    def _table(self, key: str, title: str, trends: Sequence[Trend]) -> PulseTable:
        return PulseTable(key, title, [self._row(trend) for trend in trends])

    def _row(self, trend: Trend) -> PulseRow:
        if trend.group is not None:
            name = trend.group
        elif trend.theme_id is not None:
            name = self.report.themes.get(trend.theme_id, trend.theme_id)
        else:
            name = self.report.facets.get(trend.facet_id or "", "Everybody, all facets")
        scale: Scale = "alignment" if trend.measure == "alignment" else "share"
        return PulseRow(name, _MEASURES[trend.measure], trend, scale)
