"""Numbers in the sentences of insights, in the form that ``service.results.wording`` gives them."""

from __future__ import annotations

import re

_IN_WORDS = re.compile(r"(?<![\d.])([+−]?)(\d+)%? \([^()]*?, ([\d,]+) respondents?\)")
_SIDES = re.compile(r"(\d+)% say it is (so|not)\b")
_PEOPLE = re.compile(r"\b([\d,]+) people\b")


def in_words(text: str) -> list[tuple[float, int]]:
    """Every ``number (low to high, N respondents)``: the number in −1…1, and N."""
    found = _IN_WORDS.findall(text)
    return [(int(size) / 100 * (-1 if sign == "−" else 1), _whole(n)) for sign, size, n in found]


def sides(text: str) -> list[tuple[float, str]]:
    """Shares of those who say that it is ``so`` or ``not``."""
    return [(int(percent) / 100, side) for percent, side in _SIDES.findall(text)]


def people(text: str) -> list[int]:
    """Every number of people."""
    return [_whole(n) for n in _PEOPLE.findall(text)]


def _whole(number: str) -> int:
    return int(number.replace(",", ""))
