"""Dates: ISO, and those that end with their year, where day or month first is decided from the whole column."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from service.errors import BrokenRow
from service.ingest.table import Table, is_empty, shown, shown_value

logger = logging.getLogger(__name__)

DateOrder = Literal["day-first", "month-first"]
"""What comes first in a date that ends with its year."""
_FORMS: Final[dict[DateOrder, str]] = {"day-first": "DD/MM/YYYY", "month-first": "MM/DD/YYYY"}
_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}.*)?"
_YEAR_FIRST = re.compile(rf"\s*(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}\s*", re.DOTALL)
_YEAR_LAST = re.compile(rf"\s*(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}\s*", re.DOTALL)
_NEARER = 10
"""How many times nearer one reading must be to the dates of its own order, where exports of two orders meet."""


@dataclass(frozen=True, slots=True)
class _Readings:
    """A date with the day read first and with the month read first; None where there is no such day."""

    day_first: dt.date | None
    month_first: dt.date | None

    def of(self, order: DateOrder) -> dt.date | None:
        return self.day_first if order == "day-first" else self.month_first

    @property
    def proof(self) -> DateOrder | None:
        """The only order in which this is a date; None where it is none, or one either way."""
        if (self.day_first is None) == (self.month_first is None):
            return None
        return "day-first" if self.day_first else "month-first"

    @property
    def either(self) -> bool:
        """Whether this could be two days."""
        return self.day_first is not None and self.month_first is not None and self.day_first != self.month_first


def parse_date(text: str) -> dt.date:
    """One date that stands by itself, with the year first; a time after it is left out.

    Raises:
        ValueError: it is none, or could be two days; says what would be right.
    """
    found = _read(text)
    if _YEAR_FIRST.fullmatch(text) and found.day_first:
        return found.day_first
    said = shown_value(text)
    if found.either:
        raise ValueError(f"{said} could be two days; {_either(found)}")
    if only := found.day_first or found.month_first:
        raise ValueError(f"{said} is not written with the year first; write {only}")
    raise ValueError(f"{said} is not a date; write it as YYYY-MM-DD")


def parse_dates(table: Table, column: str, order: DateOrder | None = None) -> list[dt.date | None]:
    """The dates of a column; None where a cell is empty.

    31/12/2021 proves that the day comes first, 12/31/2021 the month. One kind of proof decides for the whole column.
    Where a file has both kinds (two exports put together), a date that could be two days follows the proofs before and
    after it if they agree; if they do not, the one of them that it is by far nearer to.

    Args:
        table: the rows.
        column: the one with the dates.
        order: what comes first in dates that end with their year; None: their column tells.

    Raises:
        BrokenRow: a value is not a date, or could be two days and nothing tells which; row, column and value are named.
    """
    cells = table.columns[column]
    known = {cell: _read(cell) for cell in set(filter(lambda cell: isinstance(cell, str), cells))}
    readings = [known.get(cell) if isinstance(cell, str) else None for cell in cells]
    orders = [order] * len(cells) if order else _Column(table, column, readings).orders()
    dates: list[dt.date | None] = []
    for row, (cell, found, own) in enumerate(zip(cells, readings, orders, strict=True)):
        if is_empty(cell):
            dates.append(None)
        elif isinstance(cell, dt.date):
            dates.append(cell.date() if isinstance(cell, dt.datetime) else cell)
        elif found is not None and (date := found.of(own or "day-first")):
            dates.append(date)
        else:
            where = f"{table.place(row)}, column {shown(column)}"
            expected = f"expected YYYY-MM-DD or {_FORMS[own or 'day-first']}"
            raise BrokenRow(f"{where}: {shown_value(cell)} is not a date ({expected})", where=where)
    return dates


class _Column:
    """The dates of a column, and what they prove about each other."""

    def __init__(self, table: Table, column: str, readings: Sequence[_Readings | None]) -> None:
        self._table = table
        self._column = column
        self._readings = readings
        self._proven = [found.proof if found else None for found in readings]

    def orders(self) -> list[DateOrder | None]:
        """The order of each row's date; None only where every order gives the same.

        Raises:
            BrokenRow: a date could be two days, and nothing tells which.
        """
        day_rows, month_rows = self._proven.count("day-first"), self._proven.count("month-first")
        if day_rows and month_rows:
            logger.warning(
                "%s, column %r: %d dates have the day first and %d the month; those that could be either follow the "
                "dates around them",
                self._table.name,
                self._column,
                day_rows,
                month_rows,
            )
            return self._by_those_around()
        if day_rows or month_rows:
            return ["day-first" if day_rows else "month-first"] * len(self._proven)
        for row, found in enumerate(self._readings):
            if found and found.either:
                raise self._undecided(row, found, "no other date of the column tells which", or_say=True)
        return [None] * len(self._proven)

    def _by_those_around(self) -> list[DateOrder | None]:
        last = len(self._proven) - 1
        before = _nearest(self._proven)
        after = [None if row is None else last - row for row in _nearest(self._proven[::-1])][::-1]
        orders: list[DateOrder | None] = []
        for row, (own, found) in enumerate(zip(self._proven, self._readings, strict=True)):
            decided = own
            if found and found.either:
                decided = self._between(found, before[row], after[row])
                if decided is None:
                    day, month = self._proven.index("day-first"), self._proven.index("month-first")
                    why = f"{self._table.place(day)} has the day first and {self._table.place(month)} the month"
                    raise self._undecided(row, found, why)
            orders.append(decided)
        return orders

    def _between(self, found: _Readings, before: int | None, after: int | None) -> DateOrder | None:
        """The order of a date between two proofs; None where they do not tell."""
        if before is None or after is None:
            return None
        one, other = self._proven[before], self._proven[after]
        assert one is not None
        assert other is not None
        if one == other:
            return one
        near, far = sorted([(self._days(found, before, one), one), (self._days(found, after, other), other)])
        return near[1] if near[0] * _NEARER < far[0] else None

    def _days(self, found: _Readings, row: int, order: DateOrder) -> int:
        """Days from a date to the one of ``row``, both read in the order that ``row`` proves."""
        proof = self._readings[row]
        own, other = found.of(order), proof.of(order) if proof else None
        assert own is not None
        assert other is not None
        return abs((own - other).days)

    def _undecided(self, row: int, found: _Readings, why: str, *, or_say: bool = False) -> BrokenRow:
        where = f"{self._table.place(row)}, column {shown(self._column)}"
        say = (
            "; or say which all are: --dates day-first or --dates month-first, over HTTP the form field 'dates'"
            if or_say
            else ""
        )
        return BrokenRow(
            f"{where}: {shown_value(self._table.columns[self._column][row])} could be two days, and {why}; "
            f"{_either(found)}, and the others so too{say}",
            where=where,
        )


def _read(text: str) -> _Readings:
    if match := _YEAR_FIRST.fullmatch(text):
        date = _day(match[1], match[3], match[4])
        return _Readings(date, date)
    if match := _YEAR_LAST.fullmatch(text):
        return _Readings(_day(match[4], match[3], match[1]), _day(match[4], match[1], match[3]))
    return _Readings(None, None)


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _either(found: _Readings) -> str:
    return f"write the one that is meant as {found.day_first} or {found.month_first}"


def _nearest(proven: Sequence[DateOrder | None]) -> list[int | None]:
    """The row of the last proof up to each row."""
    rows: list[int | None] = []
    last: int | None = None
    for row, order in enumerate(proven):
        last = last if order is None else row
        rows.append(last)
    return rows
