"""A KPI beside alignment, small multiples: everybody over the pulses, then the KPI's values of each group over periods.

Alignment and the KPI never share a panel, because they have no unit in common. Without pulses the first panel has the
alignment of each group as one point.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import altair as alt

from service.charts.groups import MAX_GROUPS, largest_groups, side
from service.charts.style import (
    BLUE,
    FONT_SIZE,
    INK,
    LINE,
    PURPLE,
    QUIET,
    SMALL,
    Width,
    finish,
    text_width,
    wrap,
)
from service.results import Estimate
from service.results.kpis import KpiGroup, KpiRelation, PulseAlignment, period_order, value_in_words
from service.results.wording import MINUS, TOO_FEW_SHORT, in_words, number, with_interval


@dataclass(frozen=True, slots=True)
class _Size:
    """Pixels of a panel's plot, and how far its points stay from its left and right edge."""

    width: int
    height: int
    left: int
    right: int


_COLUMNS: Final[dict[Width, int]] = {"wide": 3, "narrow": 2}
_KPI: Final[dict[Width, _Size]] = {"wide": _Size(198, 140, 24, 30), "narrow": _Size(112, 104, 20, 22)}
_ALIGNMENT: Final[dict[Width, _Size]] = {"wide": _Size(720, 130, 30, 44), "narrow": _Size(270, 130, 28, 40)}
_SPACING: Final[dict[Width, int]] = {"wide": 26, "narrow": 14}
_AXIS: Final = 38  # pixels left of a plot that its numbers may take
_LABEL_GAP: Final = 6
_STEP: Final = 60  # pixels that a group takes where there is room
_HUGE: Final = 8.9e307  # twice of it is finite
_SCALES: Final = ((1e12, "T"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
_MAX_LABELLED: Final = 6  # with more points only the first and the last have their number beside them
_CLOSE: Final = 0.25  # part of the time that all points span, under which those of one panel would be a heap
_NEW_LINE: Final = "\x1f"  # parts the lines of a panel's title; no title has it
_TO: Final = "\xa0to\xa0"
_FAINT: Final = "#c3c9cf"
_ZERO: Final = "#7b858e"
_SIGNED: Final = "datum.value == 0 ? '0' : format(datum.value, '+d')"
_PLAIN: Final = (
    "datum.value == 0 ? '0' : abs(datum.value) >= 1e15 || abs(datum.value) < 1e-3 ? format(datum.value, '.1e') : "
    "abs(datum.value) >= 1e4 ? replace(format(datum.value, '.3~s'), 'G', 'bn') : format(datum.value, '.4~r')"
)

_ENDS: Final = "−100 contradicted to +100 lived."
_BROKEN: Final[dict[str, Any]] = {"invalid": "break-paths-show-domains", "strokeCap": "round", "strokeJoin": "round"}
_TITLE: Final[dict[str, Any]] = {
    "anchor": "start",
    "lineHeight": LINE,
    "color": INK,
    "subtitleFontSize": SMALL,
    "subtitleLineHeight": LINE,
    "subtitleColor": QUIET,
    "offset": 10,
}

_Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Point:
    period: str
    value: float | None


@dataclass(frozen=True, slots=True)
class _Time:
    """The horizontal axis of a panel: days from the first to the last, and the pixels that they take."""

    first: float
    last: float

    def x(self, day: float, size: _Size) -> float:
        if self.last <= self.first:
            return (size.left + size.width - size.right) / 2
        room = size.width - size.left - size.right
        return round(size.left + (day - self.first) / (self.last - self.first) * room, 1)


def kpi_chart(relation: KpiRelation, pulses: Sequence[PulseAlignment] = (), width: Width = "wide") -> Any:
    """One KPI of the groups of a cut over periods, beside alignment; at most 12 groups, the largest.

    Args:
        relation: from ``KpiReport.relations``.
        pulses: alignment over time, from ``KpiReport.pulses``; with fewer than two, each group's alignment is shown.
        width: ``wide`` or ``narrow``.
    """
    groups = largest_groups(relation.groups)
    periods = sorted({point.period for group in groups for point in group.history}, key=period_order)
    over_time = len(pulses) > 1
    of_pulses, of_kpi, shared = _times([pulse.pulse for pulse in pulses] if over_time else [], periods)
    alignment = _over_pulses(pulses, of_pulses, width, shared) if over_time else _of_groups(groups, width)
    panels = _of_kpi(groups, periods, of_kpi, width, numbered=not over_time)
    chart = alt.vconcat(alignment, panels, spacing=_SPACING[width])
    title = _heading(relation, len(groups))
    room = _ALIGNMENT[width].width + _AXIS
    head = alt.TitleParams(
        text=wrap(title, room),
        subtitle=wrap(_key(groups, periods), room, SMALL),
        fontSize=FONT_SIZE,
        **_TITLE,
    )
    description = f"{_alignment_words(pulses if over_time else ())} {relation.kpi}: {_kpi_words(groups)}."
    return finish(chart.properties(title=head), title=title, description=description)


def _heading(relation: KpiRelation, shown: int) -> str:
    cut = relation.cut.replace("_", " ")
    most = f", the {MAX_GROUPS} largest groups" if shown < len(relation.groups) else ""
    return f"{relation.kpi} by {cut}{most}, beside alignment"


def _key(groups: Sequence[KpiGroup], periods: Sequence[str]) -> str:
    """What grey lines and crosses in the panels of the KPI mean."""
    gaps = any(point.value is None for group in groups for point in _with_gaps(group, periods))
    words = ["Grey: the other groups."] if len(groups) > 1 else []
    return " ".join(words + (["×: no value was given."] if gaps else []))


def _times(pulses: Sequence[str], periods: Sequence[str]) -> tuple[_Time, _Time, bool]:
    """The time of the pulses, that of the KPI, and whether it is one: not where it would make a heap of either."""
    parts = [[_day(name) for name in names] for names in (pulses, periods)]
    together = [day for days in parts for day in days]
    whole = _Time(min(together), max(together))
    spans = [max(days) - min(days) for days in parts if len(set(days)) > 1]
    if all(span >= _CLOSE * (whole.last - whole.first) for span in spans):
        return whole, whole, True
    of_pulses, of_kpi = (_Time(min(days), max(days)) for days in parts)
    return of_pulses, of_kpi, False


def _day(period: str) -> float:
    """The middle of a period or pulse, as the number of a day."""
    year, *rest = period.split("-")
    last, first = period_order("-".join([year.zfill(4), *rest]))
    return (first.toordinal() + last.toordinal()) / 2


def _over_pulses(pulses: Sequence[PulseAlignment], time: _Time, width: Width, shared: bool) -> Any:
    """The alignment of everybody; a pulse that is not shown is a cross, and the line breaks there."""
    size = _ALIGNMENT[width]
    places = [time.x(_day(pulse.pulse), size) for pulse in pulses]
    records = [
        {"x": x, "words": words, "colour": PURPLE, "symbol": "circle", **_numbers(pulse.alignment)}
        for x, words, pulse in zip(places, _alignment_labels(pulses, places), pulses, strict=True)
    ]
    below = [_ENDS] + ([] if shared else ["Its time axis is not that of the KPI."])
    below += [f"×: {TOO_FEW_SHORT}."] if any(not pulse.alignment.shown for pulse in pulses) else []
    axis = _time_axis(places, [pulse.pulse for pulse in pulses], size)
    line = alt.Chart(alt.InlineData(values=records)).mark_line(color=PURPLE, strokeWidth=2, **_BROKEN)
    return _alignment_panel("Alignment of everybody", " ".join(below), records, axis, size, line)


def _of_groups(groups: Sequence[KpiGroup], width: Width) -> Any:
    """The alignment of each group as one point over its number, which stands before its name further on."""
    most = _ALIGNMENT[width]
    size = replace(most, width=min(most.width, _STEP * len(groups)))
    places = [size.width * (i + 0.5) / len(groups) for i in range(len(groups))]
    records = []
    labels = _alignment_labels(groups, places)
    labels = labels if all(labels) else [""] * len(groups)
    for x, words, group in zip(places, labels, groups, strict=True):
        colour, symbol = side(group.alignment)
        records.append({"x": x, "words": words, "colour": colour, "symbol": symbol, **_numbers(group.alignment)})
    axis = _x_axis(places, [str(i + 1) for i in range(len(groups))], size)
    return _alignment_panel("Alignment of each group", _ENDS, records, axis, size, None)


def _alignment_labels(items: Sequence[KpiGroup | PulseAlignment], places: Sequence[float]) -> list[str]:
    return _where_room(places, [number(i.alignment.value or 0.0) if i.alignment.shown else "" for i in items])


def _alignment_panel(
    title: str, below: str, records: Sequence[_Record], x: alt.X, size: _Size, line: alt.Chart | None
) -> Any:
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[-100, 100], nice=False),
        axis=alt.Axis(values=[-100, 0, 100], labelExpr=_SIGNED, ticks=False, domain=False, **_fixed()),
    )
    chart = alt.Chart(alt.InlineData(values=list(records)))
    shown = chart.transform_filter("isValid(datum.value)")
    look = {"color": alt.Color("colour:N", scale=None)}
    layers = [
        chart.mark_rule(color=_ZERO, strokeWidth=1.2).encode(y=alt.datum(0, type="quantitative")),
        *([line.encode(x=x, y=y)] if line is not None else []),
        shown.mark_rule(strokeWidth=2.5, opacity=0.55).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", **look),
        shown.mark_point(filled=True, size=60, opacity=1).encode(
            x=x, y=y, shape=alt.Shape("symbol:N", scale=None), **look
        ),
        *_written(shown, x, y, dx=7, dy=-2, align="left"),
        _crosses(chart, x, size),
    ]
    return _panel(layers, [title], wrap(below, max(size.width, _ALIGNMENT["narrow"].width), SMALL), size)


def _of_kpi(groups: Sequence[KpiGroup], periods: Sequence[str], time: _Time, width: Width, *, numbered: bool) -> Any:
    """A panel for each group: its values and, faintly, those of the others, all on one scale."""
    size = _KPI[width]
    places = [time.x(_day(period), size) for period in periods]
    x_of = dict(zip(periods, places, strict=True))
    lines = [_with_gaps(group, periods) for group in groups]
    titles = _titles(groups, width, numbered=numbered)
    records = [
        {"panel": title, "line": other, "own": other == own, **record}
        for own, title in enumerate(titles)
        for other, points in enumerate(lines)
        for record in _values(points, x_of)
    ]
    x = _time_axis(places, periods, size)
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=_domain(groups), nice=False, zero=False, clamp=True),
        axis=alt.Axis(labelExpr=_PLAIN, tickCount=3, ticks=False, domain=False, **_fixed()),
    )
    chart = alt.Chart()
    faint, own = chart.transform_filter("!datum.own"), chart.transform_filter("datum.own")
    shown = chart.transform_filter("datum.own && isValid(datum.value)")
    layers = [
        faint.mark_line(color=_FAINT, strokeWidth=2 if len(periods) > 1 else 5, **_BROKEN).encode(
            x=x, y=y, detail="line:N"
        ),
        own.mark_line(color=BLUE, strokeWidth=2, **_BROKEN).encode(x=x, y=y),
        shown.mark_point(color=BLUE, filled=True, size=60, opacity=1).encode(x=x, y=y),
        *_written(shown, x, y, dx=0, dy=-7, align="center"),
        _crosses(own, x, size),
    ]
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
    faceted = alt.layer(*layers).properties(width=size.width, height=size.height)
    return faceted.facet(
        facet=alt.Facet("panel:N", sort=titles, header=header),
        columns=_COLUMNS[width],
        spacing=_SPACING[width],
        data=alt.InlineData(values=records),
    ).resolve_axis(x="independent", y="independent")


def _titles(groups: Sequence[KpiGroup], width: Width, *, numbered: bool) -> list[str]:
    """Group and alignment, in lines; all titles of a row of panels have the same number of lines."""
    room, columns = _KPI[width].width + _AXIS - 4, _COLUMNS[width]
    titles = []
    for i, group in enumerate(groups, start=1):
        alignment = with_interval(group.alignment) if group.alignment.shown else TOO_FEW_SHORT
        name = wrap(f"{i}  {group.group}" if numbered else group.group, room)
        whole = f"alignment {alignment}".replace(" to ", _TO)  # an interval is not parted
        titles.append([*name, *(line.replace(_TO, " to ") for line in wrap(whole, room))])
    rows = [titles[start : start + columns] for start in range(0, len(titles), columns)]
    most = [max(map(len, row)) for row in rows for _ in row]
    return [_NEW_LINE.join([" "] * (lines - len(title)) + title) for title, lines in zip(titles, most, strict=True)]


def _values(points: Sequence[_Point], x_of: Mapping[str, float]) -> list[_Record]:
    """One record a period; one without a value has no number in it."""
    places = [x_of[point.period] for point in points]
    words = ["" if point.value is None else _short(point.value) for point in points]
    marked = _where_room(places, words)
    if len(points) > _MAX_LABELLED:
        marked[1:-1] = [""] * (len(marked) - 2)
    return [{"x": x, "value": p.value, "words": text} for x, text, p in zip(places, marked, points, strict=True)]


def _with_gaps(group: KpiGroup, periods: Sequence[str]) -> list[_Point]:
    """The values of a group in order, None where it lacks one of a kind that it has and another group has it."""
    own = {point.period: point.value for point in group.history}
    kinds = {_kind(period) for period in own}
    return [_Point(period, own.get(period)) for period in periods if period in own or _kind(period) in kinds]


def _short(value: float) -> str:
    """A value in the room that a panel has; the whole of it stands in the table."""
    for scale, sign in _SCALES:
        if 1e4 <= abs(value) < 1e15 and abs(value) >= scale:
            return f"{value / scale:.4g}{sign}".replace("-", MINUS)
    return f"{value:.4g}".replace("-", MINUS)


def _kind(period: str) -> tuple[int, bool]:
    """What years, quarters, months and days differ in."""
    return len(period), "Q" in period


def _domain(groups: Sequence[KpiGroup]) -> list[float]:
    """From the lowest to the highest value, with room for the numbers above the points."""
    values = [point.value for group in groups for point in group.history]
    low, high = min(values), max(values)
    span = (high / 2 - low / 2) or abs(high) / 10 or 1.0  # half of it, which is finite whatever the values are
    return [_finite(low - 0.3 * span), _finite(high + 0.5 * span)]


def _finite(value: float) -> float:
    return max(min(value, _HUGE), -_HUGE)


def _numbers(estimate: Estimate) -> _Record:
    """An alignment in hundredths; without a number where it is not shown."""
    if not estimate.shown or estimate.value is None or estimate.low is None or estimate.high is None:
        return {"value": None}
    return {"value": 100 * estimate.value, "low": 100 * estimate.low, "high": 100 * estimate.high}


def _where_room(places: Sequence[float], words: Sequence[str]) -> list[str]:
    """The words of places that leave room for them, the last and the first before the others; the others empty."""
    kept: list[int] = []
    for i in [len(words) - 1, 0, *range(len(words) - 2, 0, -1)]:
        room = text_width(words[i], SMALL) + _LABEL_GAP
        if words[i] and all(abs(places[i] - places[other]) >= room for other in kept):
            kept.append(i)
    return [text if i in kept else "" for i, text in enumerate(words)]


def _time_axis(places: Sequence[float], names: Sequence[str], size: _Size) -> alt.X:
    """As many names of periods or pulses as have room."""
    return _x_axis(places, _where_room(places, names), size)


def _x_axis(places: Sequence[float], names: Sequence[str], size: _Size) -> alt.X:
    """A tick at every place, and its name where it has one."""
    return alt.X(
        "x:Q",
        title=None,
        scale=alt.Scale(domain=[0, size.width], nice=False, zero=False),
        axis=alt.Axis(
            values=list(places),
            labelExpr=f"{json.dumps(names)}[indexof({json.dumps(places)}, datum.value)]",
            labelFlush=False,
            labelOverlap=False,
            grid=False,
            labelPadding=6,
        ),
    )


def _fixed() -> dict[str, Any]:
    """An axis that takes the same room in every panel."""
    return {"minExtent": _AXIS - 4, "maxExtent": _AXIS - 4}


def _written(chart: alt.Chart, x: alt.X, y: alt.Y, **where: Any) -> list[alt.Chart]:
    """Numbers at their points, with a white edge so that they can be read on lines."""
    style: dict[str, Any] = {"baseline": "bottom", "fontSize": SMALL, "limit": 0, **where}
    return [
        chart.mark_text(stroke="white", strokeWidth=3, **style).encode(x=x, y=y, text="words:N"),
        chart.mark_text(color=INK, **style).encode(x=x, y=y, text="words:N"),
    ]


def _crosses(chart: alt.Chart, x: alt.X, size: _Size) -> Any:
    """A cross at the foot of the panel where there is no number."""
    hidden = chart.transform_filter("!isValid(datum.value)")
    return hidden.mark_text(fontSize=14, color=QUIET).encode(x=x, y=alt.value(size.height - 9), text=alt.value("×"))


def _panel(layers: Sequence[alt.Chart], title: Sequence[str], below: Sequence[str], size: _Size) -> Any:
    head = alt.TitleParams(
        text=list(title), subtitle=list(below), frame="group", fontSize=FONT_SIZE, fontWeight="normal", **_TITLE
    )
    return alt.layer(*layers).properties(title=head, width=size.width, height=size.height)


def _alignment_words(pulses: Sequence[PulseAlignment]) -> str:
    """Alignment for people who cannot see the chart."""
    if pulses:
        said = ", ".join(f"{pulse.pulse} {in_words(pulse.alignment)}" for pulse in pulses)
        return f"Alignment of everybody from −100 to +100: {said}."
    return "Alignment from −100 to +100."


def _kpi_words(groups: Sequence[KpiGroup]) -> str:
    """Each group's alignment and values for people who cannot see the chart."""
    return "; ".join(
        f"{group.group}, alignment {in_words(group.alignment)}: "
        + ", ".join(f"{point.period} {value_in_words(point.value)}" for point in group.history)
        for group in groups
    )
