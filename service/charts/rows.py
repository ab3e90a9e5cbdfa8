"""Charts of rows: a label, a mark with its interval, and the numbers in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from service.charts.style import DIVERGING, FONT_SIZE, GREY, INK, LINE, QUIET, ROOM, SMALL, Width, wrap
from service.results import Estimate
from service.results.wording import not_shown_short

_ROW_GAP = 14
_HEADING_GAP = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a chart.

    Attributes:
        label: what the row is about; a heading when there is no ``estimate``.
        estimate: its number in the unit of the result (−1…1 or 0…1), or None for a heading.
        aside: lines of words that say the number, to the right of the plot or, on a narrow chart, under the label.
        note: a word under the label, for instance the state of a facet.
        colour: of the mark.
        symbol: Vega's name of the mark's shape.
        tint: a second number in −100…+100 that colours a bar, or None.
    """

    label: str
    estimate: Estimate | None = None
    aside: tuple[str, ...] = ()
    note: str = ""
    colour: str = GREY
    symbol: str = "circle"
    tint: float | None = None


@dataclass(frozen=True, slots=True)
class _Layout:
    """Every row and line of words at its height in pixels; ``height`` is the height of the plot."""

    marks: list[dict[str, Any]]
    words: list[dict[str, Any]]
    blanks: list[dict[str, Any]]
    bands: list[dict[str, Any]]
    height: int


def interval_chart(rows: Sequence[Row], width: Width, *, axis_title: str, reference: float | None = None) -> Any:
    """Dots with intervals on −100…+100; ``reference`` (−1…1) draws a dashed line through all rows."""
    layout = _lay_out(rows, width)
    x = alt.X(
        "value:Q",
        title=wrap(axis_title, ROOM[width].plot),
        scale=alt.Scale(domain=[-100, 100], nice=False),
        axis=alt.Axis(
            values=[-100, -50, 0, 50, 100],
            labelExpr="datum.value == 0 ? '0' : format(datum.value, '+d')",
            orient="bottom",
            ticks=False,
            domain=False,
        ),
    )
    zero = alt.Chart(alt.InlineData(values=[{"value": 0}])).mark_rule(color="#7b858e", strokeWidth=1.2).encode(x=x)
    layers = [_bands(layout), zero]
    if reference is not None:
        line = alt.InlineData(values=[{"value": 100 * reference}])
        layers.append(alt.Chart(line).mark_rule(color=QUIET, strokeDash=[4, 3]).encode(x=x))
    marks = alt.Chart(alt.InlineData(values=layout.marks))
    layers.append(marks.mark_rule(strokeWidth=3.5, strokeCap="round").encode(x=_x("low"), x2="high:Q", **_mark(layout)))
    layers.append(
        marks.mark_point(size=110, filled=True, opacity=1).encode(
            x=x, shape=alt.Shape("symbol:N", scale=None), **_mark(layout)
        )
    )
    return _layered(layers, layout, width)


def bar_chart(rows: Sequence[Row], width: Width, *, axis_title: str, legend_title: str) -> Any:
    """Bars of shares with intervals, tinted on the diverging scale by a second number; grey where it is not shown."""
    layout = _lay_out(rows, width)
    highest = max((mark["high"] for mark in layout.marks), default=10)
    top = min(100, 10 * (int(highest // 10) + 1))
    x = alt.X(
        "value:Q",
        title=wrap(axis_title, ROOM[width].plot),
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(labelExpr="datum.value + '%'", tickCount=4 if width == "wide" else 3, ticks=False, domain=False),
    )
    tint = alt.Color(
        "tint:Q",
        title=wrap(legend_title, ROOM[width].plot + ROOM[width].right),
        scale=alt.Scale(domain=[-60, -30, 0, 30, 60], range=list(DIVERGING), clamp=True),
        legend=alt.Legend(
            orient="bottom",
            direction="horizontal",
            gradientLength=ROOM[width].plot,
            gradientThickness=10,
            values=[-60, -30, 0, 30, 60],
            labelExpr="datum.value == 0 ? '0' : format(datum.value, '+d')",
            titleLimit=0,
            offset=10,
        ),
    )
    marks = alt.Chart(alt.InlineData(values=layout.marks))
    y = _y(layout)
    bar: dict[str, Any] = {"height": 16, "stroke": "#5b646c", "strokeWidth": 0.7}
    known = marks.transform_filter("isValid(datum.tint)").mark_bar(**bar)
    unknown = marks.transform_filter("!isValid(datum.tint)").mark_bar(fill="white", strokeDash=[3, 2], **bar)
    layers = [
        _bands(layout),
        known.encode(x=x, x2=alt.X2Datum(0), y=y, color=tint),
        unknown.encode(x=_x("value"), x2=alt.X2Datum(0), y=y),
        marks.mark_rule(strokeWidth=1.6, color=INK).encode(x=_x("low"), x2="high:Q", y=y),
    ]
    return _layered(layers, layout, width)


def _lay_out(rows: Sequence[Row], width: Width) -> _Layout:
    """Put rows below one another, each as high as its words need."""
    layout: tuple[list[dict[str, Any]], ...] = ([], [], [], [])
    marks, words, blanks, bands = layout
    room, top, striped = ROOM[width], 4.0, False
    for row in rows:
        if row.estimate is None:
            top += _HEADING_GAP
            heading = wrap(row.label, room.label + room.plot)
            words += _words(heading, top + 6, -room.label, weight="bold", size=FONT_SIZE)
            top += len(heading) * LINE + _HEADING_GAP
            striped = False
            continue
        left, aside = _row_words(row, width)
        height = max(len(left), len(aside), 1) * LINE + _ROW_GAP
        middle = top + height / 2
        for x, lines in ((-room.label, left), (room.plot + 14, aside)):
            start = middle - (len(lines) - 1) * LINE / 2
            for position, (text, quiet) in enumerate(lines):
                words += _words([text], start + position * LINE, x, size=SMALL if quiet else FONT_SIZE, quiet=quiet)
        if striped:
            bands.append({"top": top, "bottom": top + height})
        striped = not striped
        if row.estimate.shown:
            marks.append(_values(row, middle))
        elif width == "wide":
            blanks.append({"y": middle, "text": not_shown_short(row.estimate)})
        top += height
    return _Layout(marks, words, blanks, bands, int(top))


def _row_words(row: Row, width: Width) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Lines to the left and to the right of the plot, each with whether it is set in quiet type."""
    room = ROOM[width]
    left = [(line, False) for line in wrap(row.label, room.label - 10)]
    if row.note:
        left += [(line, True) for line in wrap(row.note, room.label - 10, SMALL)]
    if width == "narrow":
        aside = row.aside
        if row.estimate is not None and not row.estimate.shown:
            aside = (not_shown_short(row.estimate), *aside)
        left += [(line, True) for text in aside for line in wrap(text, room.label - 10, SMALL)]
        return left, []
    right = [(line, position > 0) for position, text in enumerate(row.aside) for line in wrap(text, room.right - 14)]
    return left, right


def _words(
    lines: Iterable[str], top: float, x: float, *, size: float, weight: str = "normal", quiet: bool = False
) -> list[dict[str, Any]]:
    return [
        {"text": text, "y": top + i * LINE, "x": x, "size": size, "weight": weight, "ink": QUIET if quiet else INK}
        for i, text in enumerate(lines)
    ]


def _values(row: Row, y: float) -> dict[str, Any]:
    """The row's number and interval in hundredths, at its height."""
    estimate = row.estimate
    if estimate is None or not estimate.shown:
        raise ValueError(f"row {row.label!r} has no number to draw")
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        raise ValueError(f"row {row.label!r} has an estimate without its numbers")
    return {
        "y": y,
        "label": row.label,
        "value": 100 * value,
        "low": 100 * low,
        "high": 100 * high,
        "colour": row.colour,
        "symbol": row.symbol,
        "tint": row.tint,
    }


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q")


def _y(layout: _Layout, field: str = "y") -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[layout.height, 0], nice=False, zero=False))


def _mark(layout: _Layout) -> dict[str, Any]:
    return {"y": _y(layout), "color": alt.Color("colour:N", scale=None)}


def _bands(layout: _Layout) -> Any:
    """A quiet stripe behind every second row, so that the eye keeps the line."""
    bands = alt.Chart(alt.InlineData(values=layout.bands)).mark_rect(color="#f5f6f8")
    return bands.encode(y=_y(layout, "top"), y2="bottom:Q")


def _layered(layers: list[alt.Chart], layout: _Layout, width: Width) -> Any:
    room = ROOM[width]
    blank = alt.Chart(alt.InlineData(values=layout.blanks)).mark_text(
        align="left", baseline="middle", fontStyle="italic", fontSize=SMALL, color=QUIET
    )
    layers.append(blank.encode(x=alt.value(10), y=_y(layout), text="text:N"))
    for x in sorted({word["x"] for word in layout.words}):
        for weight in ("normal", "bold"):
            values = [word for word in layout.words if word["x"] == x and word["weight"] == weight]
            if values:
                text = alt.Chart(alt.InlineData(values=values)).mark_text(
                    align="left", baseline="middle", fontWeight=weight, limit=0
                )
                layers.append(
                    text.encode(
                        x=alt.value(x),
                        y=_y(layout),
                        text="text:N",
                        size=alt.Size("size:Q", scale=None),
                        color=alt.Color("ink:N", scale=None),
                    )
                )
    return alt.layer(*layers).properties(width=room.plot, height=layout.height).resolve_scale(color="independent")
