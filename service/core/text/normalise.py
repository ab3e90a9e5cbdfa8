"""Cleaning that keeps every character in its place, so that offsets hold in the clean text and the original."""

from __future__ import annotations

import unicodedata

_QUOTES = {
    "'": "\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4\u0060\uff07",
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02",
    "-": "\u2010\u2011\u2212\u00ad",
    "\n": "\r\u000b\u000c\u0085\u2028\u2029",
}
_REPLACEMENT = "\ufffd"
_PLANE_0_END = 0x10000  # the characters above it that are invisible or a space are the tags
_TAGS = range(0xE0000, 0xE0080)


def _translation() -> dict[int, str]:
    table: dict[int, str] = {}
    for point in (*range(_PLANE_0_END), *_TAGS):
        category = unicodedata.category(chr(point))
        if category in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
            table[point] = " "
        elif category == "Cs":
            table[point] = _REPLACEMENT
    table.update({ord(character): plain for plain, characters in _QUOTES.items() for character in characters})
    del table[ord("\n")]
    return table


_TABLE = _translation()


def normalise(text: str) -> str:
    """``text`` with one plain character for each exotic one: same length, so offsets hold in both.

    Curly quotes and non-breaking hyphens become straight ones, every kind of space, tab, control and invisible
    character a space, every kind of line end a newline, and half a surrogate pair (which cannot be encoded) U+FFFD.
    """
    return text.translate(_TABLE)
