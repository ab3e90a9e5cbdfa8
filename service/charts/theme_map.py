"""The theme map as a chart: a dot for each idea, and the themes' names where their dots are densest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, dist, pi, sin
from typing import Any, Final, NamedTuple

import altair as alt

from service.charts.style import (
    BLUE,
    FONT_SIZE,
    GREEN,
    INK,
    LINE,
    OCHRE,
    ORANGE,
    PURPLE,
    QUIET,
    Width,
    text_width,
    wrap,
)
from service.results import MapLabel, MapPoint, ThemeMap

MAX_NAMED: Final = 20
"""Themes that have a name and a mark; the dots of further ones look like those without a theme."""
# A dot is some 150 bytes of SVG, and more of them look no different.
_MAX_DOTS: Final[dict[Width, int]] = {"wide": 1500, "narrow": 600}
_PLOT: Final[dict[Width, tuple[int, int]]] = {"wide": (760, 580), "narrow": (326, 330)}
_BORDER: Final = 8
# Five colours by six shapes: no two of thirty themes have the same mark.
_COLOURS: Final = (BLUE, ORANGE, PURPLE, GREEN, OCHRE)
_SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
_FAINT: Final = ("#b7bec5", "circle")
_NAME_WIDTH: Final = 150
_INDENT: Final = 17  # pixels that the mark before a name takes
_STEP: Final = 8
_MOVED: Final = 14  # pixels from which a line shows where a name belongs

_LOOK: Final[dict[str, Any]] = {
    "color": alt.Color("colour:N", scale=None),
    "shape": alt.Shape("shape:N", scale=None),
}

_Spot = tuple[float, float]
_Mark = tuple[str, str]  # colour and shape


class Box(NamedTuple):
    """A rectangle in pixels, by its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def meets(self, other: Box) -> bool:
        """Whether the two share any ground."""
        beside = self.left >= other.right or other.left >= self.right
        return not (beside or self.top >= other.bottom or other.top >= self.bottom)


@dataclass(frozen=True, slots=True)
class _Words:
    """Lines of words from an upper left corner, after a mark or without one."""

    lines: Sequence[str]
    left: float
    top: float
    mark: _Mark | None = None


def draw_map(theme_map: ThemeMap, width: Width, notes: Sequence[str]) -> Any:
    """The map with names on it or, where it is narrow, with numbers and a key; ``notes`` stand below."""
    across, down = _PLOT[width]
    named = largest(theme_map)
    marks = [(_COLOURS[i % len(_COLOURS)], _SHAPES[i % len(_SHAPES)]) for i in range(len(named))]
    names = [wrap(label.name, _NAME_WIDTH) if width == "wide" else [str(i)] for i, label in enumerate(named, start=1)]
    anchors = [_pixels(label, width) for label in named]
    boxes = place(anchors, [_size(lines) for lines in names], (across, down))
    words = [_Words(lines, box.left, box.top, mark) for lines, box, mark in zip(names, boxes, marks, strict=True)]
    below: list[tuple[str, _Mark | None]] = [(note, None) for note in notes]
    if width == "narrow":
        key = [f"{number}  {label.name}" for number, label in enumerate(named, start=1)]
        below = [*zip(key, marks, strict=True), *below]
    bottom = down + _BORDER
    for text, mark in below:
        words.append(_Words(wrap(text, across - _INDENT), 0, bottom, mark))
        bottom += LINE * len(words[-1].lines)
    room = {
        "x": alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, across], nice=False, zero=False)),
        "y": alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[bottom, 0], nice=False, zero=False)),
    }
    mark_of = {label.theme_id: mark for label, mark in zip(named, marks, strict=True)}
    layers = [_dots(theme_map, mark_of, width, room), _lines(anchors, boxes, room), *_written(words, room)]
    return alt.layer(*layers).properties(width=across, height=bottom)


def largest(theme_map: ThemeMap) -> list[MapLabel]:
    """Labels of the themes with most points, ``MAX_NAMED`` at most."""
    sizes = Counter(point.theme_id for point in theme_map.points)
    return sorted(theme_map.labels, key=lambda label: -sizes[label.theme_id])[:MAX_NAMED]


def drawn(theme_map: ThemeMap, width: Width) -> Sequence[MapPoint]:
    """Every so manieth point. They come by theme and from left to right: every theme keeps its share and its form."""
    every = -(-len(theme_map.points) // _MAX_DOTS[width])
    return theme_map.points[:: max(every, 1)]


def place(anchors: Sequence[_Spot], sizes: Sequence[_Spot], room: _Spot) -> list[Box]:
    """Boxes as near their anchors as the room and the boxes before them allow; none lies over another.

    Args:
        anchors: where the middle of each box should be, in pixels.
        sizes: width and height of each box.
        room: width and height of what holds them all.
    """
    placed: list[Box] = []
    for anchor, size in zip(anchors, sizes, strict=True):
        around = list(_around(anchor, size, room))
        free = (box for box in around if not any(box.meets(other) for other in placed))
        # Where nothing is free the names are too many for any place to be right.
        placed.append(next(free, around[0]))
    return placed


def _around(anchor: _Spot, size: _Spot, room: _Spot) -> Iterator[Box]:
    """Boxes in the room, on the anchor first and then further and further from it."""
    for step in range(int(max(room)) // _STEP):
        for turn in range(16 if step else 1):
            left = anchor[0] - size[0] / 2 + step * _STEP * cos(turn * pi / 8)
            top = anchor[1] - size[1] / 2 + step * _STEP * sin(turn * pi / 8)
            yield Box(min(max(left, 0), room[0] - size[0]), min(max(top, 0), room[1] - size[1]), *size)


def _size(lines: Sequence[str]) -> _Spot:
    return _INDENT + max(map(text_width, lines)), LINE * len(lines)


def _pixels(at: MapLabel | MapPoint, width: Width) -> _Spot:
    """A place on the map in the plot; both axes have the same scale."""
    across, down = _PLOT[width]
    scale = min(across, down) / 2 - _BORDER
    return across / 2 + scale * at.x, down / 2 - scale * at.y


def _dots(theme_map: ThemeMap, mark_of: dict[str, _Mark], width: Width, room: dict[str, Any]) -> Any:
    """The points; those without a mark of their own lie below the others."""
    names = {label.theme_id: label.name for label in theme_map.labels}
    values = []
    for point in sorted(drawn(theme_map, width), key=lambda point: point.theme_id in mark_of):
        x, y = _pixels(point, width)
        colour, shape = mark_of.get(point.theme_id or "", _FAINT)
        theme = names.get(point.theme_id or "", "no theme that is shown")
        values.append({"x": round(x, 1), "y": round(y, 1), "theme": theme, "colour": colour, "shape": shape})
    dots = alt.Chart(alt.InlineData(values=values)).mark_point(filled=True, opacity=0.75, size=26)
    return dots.encode(**room, **_LOOK, tooltip=alt.Tooltip("theme:N"))


def _lines(anchors: Sequence[_Spot], boxes: Sequence[Box], room: dict[str, Any]) -> Any:
    """A line from each name that was moved to where it belongs."""
    values = []
    for (x, y), box in zip(anchors, boxes, strict=True):
        middle = box.left + box.width / 2, box.top + box.height / 2
        if dist((x, y), middle) > _MOVED:
            values.append({"x": x, "y": y, "x2": middle[0], "y2": middle[1]})
    return alt.Chart(alt.InlineData(values=values)).mark_rule(color=QUIET).encode(**room, x2="x2:Q", y2="y2:Q")


def _written(words: Sequence[_Words], room: dict[str, Any]) -> list[Any]:
    """Marks and words, with a white edge so that they can be read on dots."""
    marks, texts = [], []
    for one in words:
        if one.mark:
            colour, shape = one.mark
            marks.append({"x": one.left + 7, "y": one.top + LINE / 2, "colour": colour, "shape": shape})
        left = one.left + (_INDENT if one.mark else 0)
        texts += [{"x": left, "y": one.top + (i + 0.5) * LINE, "text": line} for i, line in enumerate(one.lines)]
    mark = alt.Chart(alt.InlineData(values=marks)).encode(**room, **_LOOK)
    text = alt.Chart(alt.InlineData(values=texts)).encode(**room, text="text:N")
    style: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": FONT_SIZE, "limit": 0}
    edge: dict[str, Any] = {"stroke": "white", "strokeJoin": "round"}
    return [
        mark.mark_point(filled=True, opacity=1, size=130, strokeWidth=4, **edge),
        mark.mark_point(filled=True, opacity=1, size=80),
        text.mark_text(strokeWidth=4, strokeOpacity=0.9, **edge, **style),
        text.mark_text(color=INK, **style),
    ]
