"""KPIs of groups, the periods they are of, and how they stand beside alignment."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.results.analysis import Estimate, plain
from service.results.wording import MINUS

PERIOD_FORMS = "2026, 2026-Q1, 2026-03 or 2026-03-31"
_PERIOD = re.compile(r"(\d{4})(?:-[Qq]([1-4])|-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One value of one KPI for one group in one period, for instance the turnover of a department in 2026-Q1.

    Attributes:
        group: as an analysis of the organisation names it.
        period: a year, quarter, month or day: ``2026``, ``2026-Q1``, ``2026-03``, ``2026-03-31``.
        kpi: what is measured, for instance ``engagement score``.
        value: finite, in whatever unit the KPI has.
        cut: the group dimension; None: every one that has a group of that name.
    """

    group: str
    period: str
    kpi: str
    value: float
    cut: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiPoint:
    period: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiGroup:
    """A group with its alignment, the KPI's value in ``period``, and its values in all periods, the earliest first."""

    group: str
    alignment: Estimate
    period: str
    value: float
    history: tuple[KpiPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiRelation:
    """One KPI beside alignment over the groups of one cut that have both.

    Attributes:
        groups: those whose alignment is published and that have a value, in the order of the analysis.
        n: how many groups that are.
        rho: Spearman's rank correlation over them; None under 4 groups, or when all have the same value.
        low, high: its 95 % bootstrap interval over groups; None under 8 groups, or when ``rho`` is −1 or +1.
        text: what that says, or why there is no number.
        caution: what must stand beside it.
    """

    kpi: str
    cut: str
    groups: tuple[KpiGroup, ...]
    n: int
    rho: float | None
    low: float | None
    high: float | None
    text: str
    caution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseAlignment:
    """The alignment of everybody in one pulse."""

    pulse: str
    alignment: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiReport:
    """The KPIs of an organisation beside one analysis; ``pulses`` is its alignment over time, empty without pulses."""

    pulses: tuple[PulseAlignment, ...]
    relations: tuple[KpiRelation, ...]

    def to_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = plain(self)
        return document

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> KpiReport:
        """Read ``to_dict``'s object back; needs pydantic."""
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_python(data)


def value_in_words(value: float) -> str:
    """A KPI's value as a reader sees it, to six digits: ``12.5``, ``−0.25``, ``1,234,568``."""
    whole = 1e6 <= abs(value) < 1e15
    return (f"{value:,.0f}" if whole else f"{value:,.6g}").replace("-", MINUS)


def parse_period(text: str) -> str:
    """The period in its one spelling.

    Raises:
        ValueError: it is none, or could be two; says what would be right.
    """
    text = text.strip()
    if (match := _PERIOD.fullmatch(text)) is None:
        raise ValueError(_wrong_period(text))
    try:
        _bounds(match)
    except ValueError:
        raise ValueError(f"{text!r} is not a day or month of the calendar; write it like {PERIOD_FORMS}") from None
    return text.upper()


def period_order(period: str) -> tuple[dt.date, dt.date]:
    """What periods are sorted by: later is the one that ends later, and of two with one end the shorter.

    Args:
        period: from ``parse_period``.
    """
    match = _PERIOD.fullmatch(period)
    assert match is not None
    first, last = _bounds(match)
    return last, first


def _bounds(match: re.Match[str]) -> tuple[dt.date, dt.date]:
    """The first and the last day.

    Raises:
        ValueError: there is no such month or day.
    """
    year, quarter, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if day is not None and month is not None:
        return dt.date(year, month, day), dt.date(year, month, day)
    if month is not None:
        return dt.date(year, month, 1), _last_day(year, month)
    if quarter is not None:
        return dt.date(year, 3 * quarter - 2, 1), _last_day(year, 3 * quarter)
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def _last_day(year: int, month: int) -> dt.date:
    if month == 12:
        return dt.date(year, 12, 31)
    return dt.date(year, month + 1, 1) - dt.timedelta(days=1)


def _wrong_period(text: str) -> str:
    """Why ``text`` is no period; a date that ends with its year is told both ways, or the one way, to write it."""
    if not text:
        return f"the period is empty; write it like {PERIOD_FORMS}"
    if match := _YEAR_LAST.fullmatch(text):
        one, two, year = match.groups()
        readings = sorted(
            {f"{year}-{month:0>2}-{day:0>2}" for day, month in ((one, two), (two, one)) if _is(month, day)}
        )
        if len(readings) == 2:
            return f"{text!r} could be two days; write the one that is meant as {readings[0]} or {readings[1]}"
        if readings:
            return f"{text!r} is not written with the year first; write {readings[0]}"
    shown = repr(text) if len(text) <= 40 else f"a value of {len(text)} characters"
    return f"{shown} is not a year, quarter, month or day; write it like {PERIOD_FORMS}"


def _is(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31
