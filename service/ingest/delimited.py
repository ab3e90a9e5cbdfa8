"""CSV and TSV: delimiter by the header, strict quotes, every row as long as the header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence
from itertools import islice

from service.errors import BrokenRow
from service.ingest.mapping import normalise_name
from service.ingest.table import Table, check_count, check_header, empty_batch, place, shown

_DELIMITERS = ",;\t|"
_FIELD_LIMIT = 2**31 - 1


def read_delimited(
    text: str, name: str, *, delimiter: str | None = None, expected: Collection[str] = (), limit: int | None = None
) -> Table:
    """Read a table whose first record is its header.

    Args:
        text: the file.
        name: its name, for messages.
        delimiter: None: the one of comma, semicolon, tab and bar under which the header makes the most sense.
        expected: normalised column names that make sense.
        limit: most rows taken.

    Raises:
        EmptyBatch: no header, or no row under it.
        BrokenRow: a row longer or shorter than the header, or a quote mark that is not closed or not doubled.
        UnreadableFile: a column is named twice.
        TooLarge: more rows than ``limit``.
    """
    # The module's default refuses fields over 128 KiB; over-long comments are cut and counted later, not refused here.
    csv.field_size_limit(_FIELD_LIMIT)
    delimiter = delimiter or _find_delimiter(text, expected)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    numbers: list[int] = []
    lines: list[int] = []
    number = 0
    while True:
        number, line = number + 1, reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            raise _broken_quotes(text, delimiter, header, number, line) from None
        if not row or (len(row) > 1 and not any(row)):
            continue
        if not header:
            header = [column.strip() for column in row]
            check_header(header, name)
            continue
        if len(row) != len(header):
            raise _wrong_length(row, header, place("row", number, line))
        rows.append(row)
        numbers.append(number)
        lines.append(line)
        check_count(len(rows), limit, columns=len(header))
    if not rows:
        raise empty_batch(name)
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    return Table(name=name, columns=columns, numbers=numbers, lines=lines)


def _find_delimiter(text: str, expected: Collection[str]) -> str:
    """The delimiter whose header has most expected names, then most fields; a comma when nothing tells."""

    def sense(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            header = next((row for row in reader if row), [])
        except csv.Error:
            return (0, 0)
        return sum(normalise_name(column) in expected for column in header), len(header)

    return max(_DELIMITERS, key=sense)


def _wrong_length(row: Sequence[str], header: Sequence[str], where: str) -> BrokenRow:
    if len(row) < len(header):
        column, found = header[len(row)] or f"number {len(row) + 1}", f"{len(row)} of {len(header)} fields"
        return BrokenRow(
            f"{where}, column {shown(column)}: the row ends before this column, after {found}",
            where=f"{where}, column {column}",
        )
    column = header[-1]
    return BrokenRow(
        f"{where}, column {shown(column)}: {len(row)} fields where the header names {len(header)}, so there are more "
        "after this last column; put quotes around a text that has the delimiter in it",
        where=f"{where}, column {column}",
    )


def _broken_quotes(text: str, delimiter: str, header: Sequence[str], number: int, line: int) -> BrokenRow:
    raw = "".join(islice(io.StringIO(text, newline=""), line - 1, None))
    field, closed = _field_with_bad_quote(raw, delimiter)
    column = shown(header[field]) if field < len(header) else f"number {field + 1}"
    fault = (
        "a quote mark inside a quoted field is not doubled, or the field before it is not closed"
        if closed
        else "a quote mark opens here and is never closed"
    )
    where = place("row", number, line)
    return BrokenRow(
        f'{where}, column {column}: {fault}; close it, and write a quote mark that belongs to the text twice ("")',
        where=f"{where}, column {column}",
    )


def _field_with_bad_quote(raw: str, delimiter: str) -> tuple[int, bool]:
    """Which field (from 0) breaks the quoting, and whether its quotes were closed at all."""
    end = re.compile(f"[{re.escape(delimiter)}\r\n]")
    field, position = 0, 0
    while position < len(raw):
        if raw[position] != '"':
            found = end.search(raw, position)
            position = found.start() if found else len(raw)
        else:
            position = _closing_quote(raw, position + 1)
            if position < 0:
                return field, False
            if position < len(raw) and not end.match(raw, position):
                return field, True
        field, position = field + 1, position + 1
    return field, False


def _closing_quote(raw: str, start: int) -> int:
    """Position after the quote mark that closes the field begun before ``start``; -1 when none does."""
    position = raw.find('"', start)
    while position >= 0 and raw[position + 1 : position + 2] == '"':
        position = raw.find('"', position + 2)
    return position + 1 if position >= 0 else -1
