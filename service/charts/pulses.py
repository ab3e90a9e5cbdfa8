"""The pulses of one purpose: small multiples of alignment, by facet and by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.charts.style import Width, finish
from service.charts.trends import Panel, trend_panels
from service.results import Trend, TrendReport
from service.results.wording import in_words

MAX_PANELS = 12


def pulse_charts(report: TrendReport, width: Width = "wide") -> dict[str, Any]:
    """Alignment over the pulses: ``facets`` (everybody and each facet), and a chart for each cut by its name.

    At most 12 panels each, those of most people; none where no number has two pulses.
    """
    followed = [trend for trend in report.trends if trend.measure == "alignment" and trend.theme_id is None]
    facets = [Panel(report.facets.get(t.facet_id or "", "Everybody"), t) for t in followed if t.cut is None]
    sets = {"facets": ("Alignment over the pulses", facets)}
    for cut in dict.fromkeys(trend.cut for trend in followed if trend.cut is not None):
        groups = [Panel(trend.group or "", trend) for trend in followed if trend.cut == cut]
        sets[cut] = (f"Alignment over the pulses by {cut.replace('_', ' ')}", groups)
    drawn: dict[str, Any] = {}
    for name, (title, panels) in sets.items():
        if panels := _worth_drawing(panels):
            words = "; ".join(
                f"{panel.title}: {', '.join(f'{p.pulse} {in_words(p.estimate)}' for p in panel.trend.points)}"
                for panel in panels
            )
            description = f"Alignment from −100 to +100. {words}."
            drawn[name] = finish(trend_panels(panels, width), title=title, description=description)
    return drawn


def _worth_drawing(panels: Sequence[Panel]) -> list[Panel]:
    """Those with a number in two pulses or more, at most 12, in their order."""
    known = [panel for panel in panels if sum(point.estimate.shown for point in panel.trend.points) > 1]
    largest = sorted(known, key=lambda panel: -_people(panel.trend))[:MAX_PANELS]
    return [panel for panel in known if panel in largest]


def _people(trend: Trend) -> int:
    return max(point.estimate.n or 0 for point in trend.points)
