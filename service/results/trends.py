"""The pulses of one purpose side by side, of one analysis or of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.results.analysis import Trend, nested_points, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseSource:
    """An analysis that comments of a pulse came with."""

    analysis_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """A pulse.

    Attributes:
        pulse: its label, a day, month, quarter or year, by which pulses are in order.
        first, last: the days of its first and last comment, YYYY-MM-DD.
        respondents: None where they are fewer than a number needs.
        sources: the analyses its comments came with.
    """

    pulse: str
    first: str
    last: str
    respondents: int | None
    sources: tuple[PulseSource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendReport:
    """What people say of one purpose from pulse to pulse.

    Attributes:
        statement: of the purpose; its facets are those of the newest analysis.
        facets: id → title.
        themes: id → name.
        pulses: in their order.
        trends: alignment of everybody, by facet, theme and group, and prevalence by theme, each over all pulses; a
            trend's ``to_last`` has the change from each pulse to the last.
        changed: what changed since the last pulse, in sentences, the surest first: what is large enough to matter and,
            over all that was looked at, not to be had by chance.
        notes: what is not alike in the pulses and what was done about it, in sentences.
    """

    statement: str
    facets: Mapping[str, str]
    themes: Mapping[str, str]
    pulses: tuple[Pulse, ...]
    trends: tuple[Trend, ...]
    changed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = plain(self)
        return document

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TrendReport:
        """Read ``to_dict``'s object back; needs pydantic."""
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_python(nested_points(data))
