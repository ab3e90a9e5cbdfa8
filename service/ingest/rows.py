"""A table's rows to comments: ids, dates, groups and ratings, each checked with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from service.errors import BrokenRow, DuplicateIds, InvalidCut, InvalidRating
from service.ingest.dates import DateOrder, parse_dates
from service.ingest.mapping import require_column
from service.ingest.ratings import RatingSpec
from service.ingest.table import Table, as_group, as_label, as_text, shown, shown_value
from service.results import SOURCES, Comment

_NESTED: dict[type, str] = {
    list: "a list where text or a single value was expected",
    dict: "an object where text or a single value was expected",
    bytes: "bytes where text was expected",
}


def comments_of(
    table: Table,
    fields: Mapping[str, str | None],
    cuts: Sequence[str],
    ratings: Sequence[RatingSpec],
    dates: DateOrder | None = None,
) -> list[Comment]:
    """One comment for each row, in order; a row with an empty text gives a comment with an empty text.

    Args:
        table: the rows.
        fields: the column of each field, as ``mapping.resolve`` gives it.
        cuts: group dimensions; the column of each is found by its name.
        ratings: rating columns.
        dates: what comes first in dates that end with their year; None: their column tells.

    Raises:
        MissingColumn: a cut or rating has no column.
        BrokenRow: a cell that is a list or object or has a NUL character, a date that is none or could be two, an
            unknown source.
        DuplicateIds: an id stands in two rows.
        InvalidCut, InvalidRating: the column is the one with the comments; a rating that is not a number.
    """
    names = list(table.columns)
    text_column = fields["text"] or ""
    cut_columns = {cut: require_column(names, cut, table.name) for cut in dict.fromkeys(cuts)}
    rating_columns = {spec: require_column(names, spec.name, table.name) for spec in ratings}
    for cut, column in cut_columns.items():
        if column == text_column:
            raise InvalidCut(f"cut {cut!r} is the column with the comments; name a column of groups", where=cut)
    for spec, column in rating_columns.items():
        if column == text_column:
            raise InvalidRating(
                f"rating {spec.name!r} is the column with the comments; name a column of numbers", where=spec.name
            )
    used = {*filter(None, fields.values()), *cut_columns.values(), *rating_columns.values()}
    for column in used:
        _check_cells(table, column)
    texts = [as_text(cell) for cell in table.columns[text_column]]
    ids = _ids(table, fields["comment_id"])
    when: Sequence[dt.date | None] = [None] * len(table)
    if fields["date"]:
        when = parse_dates(table, fields["date"], dates)
    respondents = _labels(table, fields["respondent_id"])
    questions = _labels(table, fields["question"])
    sources = _sources(table, fields["source"])
    groups = _mappings(
        len(table), {cut: list(map(as_group, table.columns[column])) for cut, column in cut_columns.items()}
    )
    scores = _mappings(
        len(table), {spec.name: _ratings(table, spec, column) for spec, column in rating_columns.items()}
    )
    return [
        Comment(
            comment_id=ids[row],
            text=texts[row],
            respondent_id=respondents[row],
            question=questions[row],
            source=sources[row],
            date=when[row],
            groups=groups[row],
            ratings=scores[row],
        )
        for row in range(len(table))
    ]


def _check_cells(table: Table, column: str) -> None:
    """Refuse what no field can hold: nested values of JSON and Parquet, and NUL characters, which no store takes."""
    for row, cell in enumerate(table.columns[column]):
        if isinstance(cell, str):
            problem = "a NUL character; remove it" if "\0" in cell else None
        else:
            problem = _NESTED.get(type(cell))
        if problem:
            where = f"{table.place(row)}, column {shown(column)}"
            raise BrokenRow(f"{where}: {problem}", where=where)


def _labels(table: Table, column: str | None) -> list[str | None]:
    return [as_label(cell) for cell in table.columns[column]] if column is not None else [None] * len(table)


def _ids(table: Table, column: str | None) -> list[str]:
    """Ids as given; ``c1``, ``c2`` … by position where there is none, moved on where that is somebody's id."""
    given = _labels(table, column)
    first: dict[str, int] = {}
    for row, comment_id in enumerate(given):
        if comment_id is not None and (earlier := first.setdefault(comment_id, row)) != row:
            raise DuplicateIds(
                f"comment id {shown(comment_id)} is in {table.place(earlier)} and again in {table.place(row)}; give "
                "each comment its own id, or leave the ids out",
                where=table.place(row),
            )
    return [comment_id or _made_id(row + 1, first) for row, comment_id in enumerate(given)]


def _made_id(position: int, taken: Mapping[str, int]) -> str:
    made = f"c{position}"
    while made in taken:
        made += "x"
    return made


def _sources(table: Table, column: str | None) -> list[str]:
    known = {source.replace("_", ""): source for source in SOURCES}
    sources: list[str] = []
    for row, label in enumerate(_labels(table, column)):
        key = (label or SOURCES[0]).lower().replace(" ", "").replace("-", "").replace("_", "")
        if key not in known:
            where = f"{table.place(row)}, column {shown(column)}"
            raise BrokenRow(
                f"{where}: {shown_value(label)} is not a source (expected {', '.join(SOURCES)}; 'source=' as a mapping "
                "leaves the column out)",
                where=where,
            )
        sources.append(known[key])
    return sources


def _ratings(table: Table, spec: RatingSpec, column: str) -> list[float | None]:
    values: list[float | None] = []
    for row, cell in enumerate(table.columns[column]):
        try:
            values.append(spec.value(cell))
        except ValueError as error:
            where = f"{table.place(row)}, column {shown(column)}"
            raise InvalidRating(f"{where}: {error}", where=where) from None
    return values


def _mappings(count: int, columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """One dictionary a row of the columns that have a value there."""
    return [{name: values[row] for name, values in columns.items() if values[row] is not None} for row in range(count)]
