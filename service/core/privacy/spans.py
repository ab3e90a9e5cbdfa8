"""Spans of personal data and the redacted text they make."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TYPES = ("PERSON", "EMAIL", "PHONE", "ADDRESS", "URL", "CARD", "ACCOUNT", "ID")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Personal data at characters ``start`` to ``end`` (exclusive) of the original; ``type`` is one of ``TYPES``."""

    start: int
    end: int
    type: str

    @property
    def placeholder(self) -> str:
        return f"<{self.type}>"


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redacted text.

    Attributes:
        text: the text with a placeholder such as ``<PERSON>`` for each span, otherwise unchanged.
        spans: what was replaced, in offsets of the original, in order, not overlapping.
    """

    text: str
    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, original: str, spans: Iterable[Span]) -> Redaction:
        """``original`` with ``spans`` (in order, not overlapping) replaced."""
        parts: list[str] = []
        position = 0
        kept = tuple(spans)
        for span in kept:
            parts += original[position : span.start], span.placeholder
            position = span.end
        return cls("".join([*parts, original[position:]]), kept)

    def slice(self, start: int, end: int) -> str:
        """The redacted text of characters ``start`` to ``end`` (exclusive) of the original.

        A span that straddles an edge is kept whole on the side where it begins, so that the slices of consecutive
        ranges put together are ``text``.
        """
        return self.text[self._position(start) : self._position(end)]

    def _position(self, offset: int) -> int:
        """Where in ``text`` the character ``offset`` of the original is; inside a span, the end of its placeholder."""
        shift = 0
        for span in self.spans:
            if span.start >= offset:
                break
            placeholder_end = span.start + shift + len(span.placeholder)
            if offset < span.end:
                return placeholder_end
            shift = placeholder_end - span.end
        return min(offset + shift, len(self.text))


def resolve(spans: Iterable[Span], protected: Sequence[tuple[int, int]] = ()) -> tuple[Span, ...]:
    """Spans in order, overlapping ones joined under the type of the longest; those that touch ``protected``, which is
    in order and does not overlap, left out.

    Overlaps are joined, not dropped, because the rest of a dropped span would stay readable.
    """
    resolved: list[Span] = []
    longest = 0
    starts = [start for start, _ in protected]
    for span in sorted(spans, key=lambda span: (span.start, -span.end, TYPES.index(span.type))):
        before = bisect_left(starts, span.end)
        if before and protected[before - 1][1] > span.start:
            continue
        if resolved and span.start < resolved[-1].end:
            last = resolved[-1]
            kind = last.type if span.end - span.start <= longest else span.type
            longest = max(longest, span.end - span.start)
            resolved[-1] = Span(last.start, max(last.end, span.end), kind)
        else:
            resolved.append(span)
            longest = span.end - span.start
    return tuple(resolved)
