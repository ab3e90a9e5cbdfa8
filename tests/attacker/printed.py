"""Numbers as they are printed: whether a page, report or export says one that the document does not hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from service.results import Analysis, ThemeMap
from service.results.wording import MINUS, basis, number

_NUMBER = re.compile(rf"(?<![\w.,])[+{MINUS}-]?\d[\d,]*(?:\.\d+)?%?")
_UNSEEN = ("style", "script")
_TICKS = {f"{sign}{size}{unit}" for size in range(0, 101, 5) for sign in ("", "+", MINUS) for unit in ("", "%")}
"""What the axes of charts may carry."""


class Words(HTMLParser):
    """What a reader sees of a page or report, and, apart from it, what stands in its drawings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.drawn: list[str] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (*_UNSEEN, "svg"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if "svg" in self._inside:
            self.drawn.append(data)
        elif not self._inside:
            self.text.append(data)


def said_beside(analysis: Analysis, words: Words, template: Words) -> set[str]:
    """Numbers on a page or report that neither the analysis holds nor the page says of every analysis.

    Args:
        analysis: what is shown.
        words: of the page.
        template: of the same page for an analysis without results.
    """
    document = analysis.to_dict(theme_map=True)
    counts, ideas = analysis.counts, Counter(point.theme_id for point in analysis.theme_map.points)
    known = printed(document) | numbers(" ".join(template.text)) | numbers(basis(counts.respondents, counts.asked))
    drawn = known | _TICKS | printed([*ideas.values(), ideas.total()])
    return (numbers(" ".join(words.text)) - known) | (numbers(" ".join(words.drawn)) - drawn)


def without_results(analysis: Analysis) -> Analysis:
    """The same analysis with nothing found."""
    empty = dict.fromkeys(("facets", "themes", "cuts", "drivers", "trends", "insights"), ())
    return replace(analysis, **empty, theme_map=ThemeMap())


def numbers(text: str) -> set[str]:
    """Every number in a text, as it stands there."""
    return {found.rstrip(",") for found in _NUMBER.findall(text)}


def printed(document: Any) -> set[str]:
    """Every number of a document in every form that it may be printed in, and every number in its words."""
    forms: set[str] = set()
    for leaf in leaves(document):
        if isinstance(leaf, str):
            forms |= numbers(leaf)
        elif isinstance(leaf, int):
            forms |= {str(leaf), f"{leaf:,}"}
        elif isinstance(leaf, float):
            forms |= {number(leaf), number(leaf, "correlation"), f"{leaf:.2f}", f"{leaf:.3f}", f"{leaf:g}"}
            if 0 <= leaf <= 1:
                forms.add(number(leaf, "share"))
    return forms


def leaves(document: Any) -> Iterator[Any]:
    """Every value of a document that holds no other."""
    if isinstance(document, Mapping):
        for item in document.values():
            yield from leaves(item)
    elif isinstance(document, (list, tuple)):
        for item in document:
            yield from leaves(item)
    elif document is not None and not isinstance(document, bool):
        yield document
