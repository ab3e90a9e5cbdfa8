"""Dates of a column: ISO, and day or month first decided from all its values."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Sequence
from enum import Enum

from service.errors import BrokenRow
from service.ingest.table import Table, is_empty, shown

logger = logging.getLogger(__name__)

_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}.*)?"
_YEAR_FIRST = re.compile(rf"\s*(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}\s*", re.DOTALL)
_YEAR_LAST = re.compile(rf"\s*(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}\s*", re.DOTALL)
_MONTHS = 12


class Order(Enum):
    """What comes first in a date that ends with its year."""

    DAY = "DD/MM/YYYY"
    MONTH = "MM/DD/YYYY"


def parse_dates(table: Table, column: str) -> list[dt.date | None]:
    """The dates of a column; None where a cell is empty.

    31/12/2021 proves that the day comes first, 12/31/2021 the month. One kind of proof decides for the whole column;
    with none the day comes first. Where a file has both kinds (two exports put together), a date that could be either
    follows the proofs before and after it if they agree, else the more frequent kind.

    Raises:
        BrokenRow: a value is not a date; row, column and value are named.
    """
    cells = table.columns[column]
    known: dict[tuple[str, Order], dt.date | None] = {}
    dates: list[dt.date | None] = []
    for row, (cell, order) in enumerate(zip(cells, _orders(table, column), strict=True)):
        if is_empty(cell):
            dates.append(None)
            continue
        if isinstance(cell, dt.date):
            dates.append(cell.date() if isinstance(cell, dt.datetime) else cell)
            continue
        key = (str(cell), order)
        if key not in known:
            known[key] = _parse(*key)
        if known[key] is None:
            where = f"{table.place(row)}, column {shown(column)}"
            raise BrokenRow(f"{where}: {shown(cell)} is not a date (expected YYYY-MM-DD or {order.value})", where=where)
        dates.append(known[key])
    return dates


def _parse(text: str, order: Order) -> dt.date | None:
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match[1], match[3], match[4]
    elif match := _YEAR_LAST.fullmatch(text):
        year, month, day = (match[4], match[3], match[1]) if order is Order.DAY else (match[4], match[1], match[3])
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _orders(table: Table, column: str) -> list[Order]:
    """The order of each row's date."""
    cells = table.columns[column]
    proofs = {cell: _proof(cell) for cell in set(filter(lambda cell: isinstance(cell, str), cells))}
    proven = [proofs.get(cell) if isinstance(cell, str) else None for cell in cells]
    day_rows, month_rows = proven.count(Order.DAY), proven.count(Order.MONTH)
    usual = Order.DAY if day_rows >= month_rows else Order.MONTH
    if not (day_rows and month_rows):
        return [usual] * len(cells)
    logger.warning(
        "%s, column %r: %d dates have the day first and %d the month; "
        "those that could be either follow the dates around them",
        table.name,
        column,
        day_rows,
        month_rows,
    )
    before, after = _carried(proven), _carried(proven[::-1])[::-1]
    return [
        own or (earlier if earlier and earlier is later else usual)
        for own, earlier, later in zip(proven, before, after, strict=True)
    ]


def _proof(text: str) -> Order | None:
    match = _YEAR_LAST.fullmatch(text)
    if not match:
        return None
    first, second = int(match[1]), int(match[3])
    if first > _MONTHS >= second:
        return Order.DAY
    return Order.MONTH if second > _MONTHS >= first else None


def _carried(proven: Sequence[Order | None]) -> list[Order | None]:
    """The last proof up to each row."""
    carried: list[Order | None] = []
    last: Order | None = None
    for order in proven:
        last = order or last
        carried.append(last)
    return carried
