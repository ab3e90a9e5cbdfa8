"""A table as it was read: columns of cells, and where each row stands in the file."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from service.errors import EmptyBatch, TooLarge, UnreadableFile

MAX_COLUMNS = 1_000
MAX_CELLS = 20_000_000
_SHOWN_CHARS = 40
_SHOWN_WORD_CHARS = 12
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SHOWN_COLUMNS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells by column.

    Attributes:
        name: of the file, for messages.
        columns: column name → its cells, all of one length.
        numbers: row (or line) number of each row in the file, counted from 1 with the header.
        unit: what the numbers count.
        lines: physical line on which each row begins, where it may differ from its number; else empty.
    """

    name: str
    columns: Mapping[str, Sequence[Any]]
    numbers: Sequence[int]
    unit: Literal["row", "line"] = "row"
    lines: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def place(self, row: int) -> str:
        """Where row ``row`` (from 0) is in the file: ``row 12``, or ``row 12 (line 15)`` after a break in a field."""
        return place(self.unit, self.numbers[row], self.lines[row] if self.lines else None)


def place(unit: str, number: int, line: int | None = None) -> str:
    return f"{unit} {number}" if line in (None, number) else f"{unit} {number} (line {line})"


def is_empty(cell: object) -> bool:
    """No value: None, NaN, or white space only."""
    if isinstance(cell, str):
        return not cell or cell.isspace()
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def as_text(cell: object) -> str:
    """A cell as a person would read it: whole floats without ``.0``, dates in ISO form, no value as ``""``."""
    if isinstance(cell, str):
        return cell
    if is_empty(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    return str(cell)


def as_label(cell: object) -> str | None:
    """A cell as an id or question: trimmed, None when there is nothing in it."""
    return as_text(cell).strip() or None


def as_group(cell: object) -> str | None:
    """A cell as the name of a group: runs of white space become one space, so that one group has one name."""
    return " ".join(as_text(cell).split()) or None


def as_number(cell: object) -> float | None:
    """A cell as a finite number, None when it is none; text is one when it is digits with a point and nothing else."""
    number = cell.strip() if isinstance(cell, str) else cell
    if isinstance(number, str) and _NUMBER.fullmatch(number):
        number = float(number)
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal)):
        return None
    try:
        return float(number) if math.isfinite(number) else None
    except OverflowError:
        return None


def shown_value(cell: object) -> str:
    """A cell that should have been a date or a number, for a message.

    Of a long word or of more than one only the length is told: a column that was named by mistake has people's words.
    """
    text = as_text(cell)
    words = [part for part in text.split() if any(char.isalpha() for char in part)]
    told = len(words) < 2 and all(len(word) <= _SHOWN_WORD_CHARS for word in words)
    return shown(cell) if told else f"a value of {len(text)} characters"


def shown(cell: object) -> str:
    """A name or id for a message. A long value may be somebody's words, so only its length is told."""
    text = as_text(cell)
    return repr(text) if len(text) <= _SHOWN_CHARS else f"a value of {len(text)} characters"


def list_columns(columns: Sequence[str]) -> str:
    """Column names for a message; long ones are cut, because a file without a header has words in its first row."""
    named = [column for column in columns if column]
    if not named:
        return "no named columns"
    listed = [f"'{name[:_SHOWN_CHARS]}…'" if len(name) > _SHOWN_CHARS else f"'{name}'" for name in named]
    more = f" and {len(listed) - _SHOWN_COLUMNS} more" if len(listed) > _SHOWN_COLUMNS else ""
    return ", ".join(listed[:_SHOWN_COLUMNS]) + more


def check_header(header: Sequence[str], name: str) -> None:
    """Refuse a header that names a column twice, or too many.

    Raises:
        UnreadableFile: with the column and both positions, or with the limit.
    """
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(
            f"{name} has {len(header):,} columns; the limit is {MAX_COLUMNS:,}. Leave some out", where=name
        )
    seen: dict[str, int] = {}
    for position, column in enumerate(header, start=1):
        if column and (first := seen.setdefault(column, position)) != position:
            raise UnreadableFile(
                f"{name}: the header names column {shown(column)} twice (columns {first} and {position}); rename one",
                where=f"column {column[:_SHOWN_CHARS]}",
            )


def check_count(count: int, limit: int | None, *, columns: int = 1) -> None:
    """Refuse a batch over the limit, or a table with more cells than memory should hold.

    Raises:
        TooLarge: names the limit.
    """
    if limit is not None and count > limit:
        raise TooLarge(f"more than {limit:,} comments, which is the most one analysis takes; split the file")
    if count * columns > MAX_CELLS:
        raise TooLarge(f"more than {MAX_CELLS:,} cells, which is the limit for a table; leave columns out, or split it")


def empty_batch(name: str) -> EmptyBatch:
    return EmptyBatch(f"{name} has no comments in it; it needs at least one", where=name)
