"""How every chart looks: fonts, colours that stay apart for colour-blind readers, and two widths."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any, Final, Literal

import altair as alt

Width = Literal["wide", "narrow"]

FONT: Final = "Arial, 'Liberation Sans', 'DejaVu Sans', Helvetica, sans-serif"
INK: Final = "#1b1f24"
QUIET: Final = "#535b63"
GRID: Final = "#e3e6e9"
BLUE: Final = "#005a9c"
ORANGE: Final = "#b34700"
PURPLE: Final = "#75369b"
GREEN: Final = "#1e7a4c"
OCHRE: Final = "#8a6a00"
GREY: Final = "#5f6b76"
# Orange to blue keeps its order under protanopia, deuteranopia and tritanopia, which red to green does not.
DIVERGING: Final = ("#b34700", "#eda96b", "#ececec", "#86b6dd", "#005a9c")

# state → colour, symbol; a reader who sees no colour has the symbol and the word
MARKS: Final = {
    "lived": (BLUE, "circle"),
    "contradicted": (ORANGE, "diamond"),
    "contested": (PURPLE, "square"),
    "uncertain": (GREY, "triangle-up"),
    "silent": (GREY, "cross"),
}
FONT_SIZE: Final = 13.5
SMALL: Final = 12.5
LINE: Final = 17
_CHARACTER: Final = 0.536  # mean width of a character of FONT in parts of its size, on the generous side


@dataclass(frozen=True, slots=True)
class Room:
    """Pixels of a chart of rows: the words on the left, the plot, the words on the right (none on a telephone)."""

    label: int
    plot: int
    right: int

    @property
    def total(self) -> int:
        return self.label + self.plot + self.right


ROOM: Final[dict[Width, Room]] = {"wide": Room(240, 350, 180), "narrow": Room(144, 180, 0)}


def wrap(text: str, pixels: float, size: float = FONT_SIZE) -> list[str]:
    """``text`` in lines that fit in ``pixels``; a word that is too long is broken, nothing is cut off."""
    return textwrap.wrap(text, max(8, int(pixels / (_CHARACTER * size)))) or [""]


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """Pixels that a line of text takes, on the generous side."""
    return _CHARACTER * size * len(text)


_WORDS: Final[dict[str, Any]] = {
    "labelFontSize": SMALL,
    "titleFontSize": SMALL,
    "titleFontWeight": "normal",
    "labelColor": QUIET,
    "titleColor": QUIET,
}
_CONFIG: Final = alt.Config(
    font=FONT,
    aria=False,  # the SVG has one name and one description, not one for each mark
    view=alt.ViewConfig(stroke=None),
    axis=alt.AxisConfig(gridColor=GRID, domainColor="#9aa3ab", tickColor="#9aa3ab", **_WORDS),
    legend=alt.LegendConfig(**_WORDS),
)


def finish(chart: alt.LayerChart | alt.VConcatChart | alt.ConcatChart, *, title: str, description: str) -> Any:
    """Give ``chart`` its title, its description for people who cannot see it, and the common style."""
    return chart.properties(
        description=description,
        background="white",
        padding={"left": 4, "right": 8, "top": 4, "bottom": 4},
        usermeta={"title": title},
        config=_CONFIG,
    )
