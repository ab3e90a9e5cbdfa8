"""Small multiples: each measure over the pulses, a line with intervals, broken where a pulse is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from service.charts.style import BLUE, FONT_SIZE, INK, LINE, QUIET, SMALL, Width, wrap
from service.results import Trend
from service.results.wording import TOO_FEW_SHORT, number, with_interval

_COLUMNS: dict[Width, int] = {"wide": 3, "narrow": 1}
_PANEL: dict[Width, int] = {"wide": 208, "narrow": 270}
_HEIGHT = 150
_LABEL_ROOM = 66  # pixels that one pulse label needs
_MAX_LABELLED = 4  # with more pulses, only the first and the last point have their number beside them
_NEW_LINE = "\x1f"  # parts the lines of a panel's title; no title has it


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure over the pulses, with its title."""

    title: str
    trend: Trend


def trend_panels(panels: Sequence[Panel], width: Width) -> Any:
    """Panels on one −100…+100 scale, three beside one another, or one when ``narrow``."""
    pulses = sorted({point.pulse for panel in panels for point in panel.trend.points})
    titles = _titles(panels, width)
    records = [
        {"panel": title, **record}
        for title, panel in zip(titles, panels, strict=True)
        for record in _values(panel.trend)
    ]
    layers = alt.layer(*_layers(pulses, width)).properties(width=_PANEL[width], height=_HEIGHT)
    header = alt.Header(
        title=None,
        labelExpr=f"split(datum.label, '{_NEW_LINE}')",
        labelAnchor="start",
        labelAlign="left",
        labelFontSize=FONT_SIZE,
        labelLineHeight=LINE,
        labelColor=INK,
        labelLimit=0,
        labelPadding=10,
    )
    faceted = layers.facet(
        facet=alt.Facet("panel:N", sort=titles, header=header),
        columns=_COLUMNS[width],
        spacing=28,
        data=alt.InlineData(values=records),
    )
    return faceted.resolve_axis(x="independent", y="independent")


def _layers(pulses: Sequence[str], width: Width) -> list[alt.Chart]:
    every = max(1, -(-len(pulses) * _LABEL_ROOM // _PANEL[width]))
    x = alt.X(
        "pulse:O",
        title=None,
        scale=alt.Scale(domain=list(pulses)),
        axis=alt.Axis(labelAngle=0, labelLimit=0, values=list(pulses[::every]), ticks=False, labelPadding=6),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[-100, 100], nice=False),
        axis=alt.Axis(
            values=[-100, 0, 100],
            labelExpr="datum.value == 0 ? '0' : format(datum.value, '+d')",
            ticks=False,
            domain=False,
        ),
    )
    chart = alt.Chart()
    shown = chart.transform_filter("isValid(datum.value)")
    hidden = chart.transform_filter("!isValid(datum.value)")
    words: dict[str, Any] = {"dy": -2, "dx": 7, "align": "left", "baseline": "bottom", "fontSize": SMALL}
    return [
        chart.mark_rule(color="#7b858e", strokeWidth=1.2).encode(y=alt.datum(0, type="quantitative")),
        chart.mark_line(color=BLUE, strokeWidth=2, invalid="break-paths-show-domains").encode(x=x, y=y),
        shown.mark_rule(color=BLUE, strokeWidth=2.5, opacity=0.55).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        shown.mark_point(color=BLUE, filled=True, size=60, opacity=1).encode(x=x, y=y),
        shown.mark_text(**words, stroke="white", strokeWidth=3).encode(x=x, y=y, text="words:N"),
        shown.mark_text(**words, color=INK).encode(x=x, y=y, text="words:N"),
        hidden.mark_text(fontSize=14, color=QUIET).encode(x=x, y=alt.value(_HEIGHT - 9), text=alt.value("×")),
    ]


def _titles(panels: Sequence[Panel], width: Width) -> list[str]:
    """Title, change and what × means, in lines; all titles of a row of panels have the same number of lines."""
    titles = [wrap(panel.title, _PANEL[width] - 4) + _below(panel.trend) for panel in panels]
    most = max(len(title) for title in titles)
    return [_NEW_LINE.join(title if width == "narrow" else title + [" "] * (most - len(title))) for title in titles]


def _below(trend: Trend) -> list[str]:
    change = f"change {with_interval(trend.change) if trend.change.shown else TOO_FEW_SHORT}"
    return [change, f"× {TOO_FEW_SHORT}"] if any(not point.estimate.shown for point in trend.points) else [change]


def _values(trend: Trend) -> list[dict[str, Any]]:
    """One record a pulse, in hundredths; a pulse that is not shown has no number in it."""
    records: list[dict[str, Any]] = []
    shown = [point.pulse for point in trend.points if point.estimate.shown]
    labelled = set(shown if len(trend.points) <= _MAX_LABELLED else shown[:1] + shown[-1:])
    for point in trend.points:
        estimate = point.estimate
        if not estimate.shown or estimate.value is None or estimate.low is None or estimate.high is None:
            records.append({"pulse": point.pulse, "value": None})
        else:
            records.append(
                {
                    "pulse": point.pulse,
                    "value": 100 * estimate.value,
                    "low": 100 * estimate.low,
                    "high": 100 * estimate.high,
                    "words": number(estimate.value) if point.pulse in labelled else "",
                }
            )
    return records
