"""A CSV of KPIs → rows of words, with the place of each; what the words may be is checked where JSON is."""

from __future__ import annotations

from typing import BinaryIO, Final

from service.errors import EmptyBatch, UnreadableFile
from service.ingest.decoding import decode
from service.ingest.delimited import read_delimited
from service.ingest.mapping import find_column, require_column
from service.ingest.table import as_group

KPI_COLUMNS: Final = ("group", "period", "kpi", "value")
"""The columns a file must have; ``cut`` may stand beside them."""
_BINARY = (b"PK\x03\x04", b"PAR1", b"%PDF", b"\xd0\xcf\x11\xe0")


def read_kpi_rows(source: BinaryIO, name: str) -> list[tuple[str, dict[str, str]]]:
    """Each row's place, as ``row 3``, and its words by column; an empty ``cut`` is left out.

    Raises:
        UnreadableFile: it is no CSV, or its encoding cannot be told.
        EmptyBatch: it has no row.
        MissingColumn: a column is not there; those that are there are named.
        BrokenRow: a row is longer or shorter than the header, or a quote mark is not closed.
    """
    data = source.read()
    if data.startswith(_BINARY):
        raise UnreadableFile(f"{name} is not a CSV file; save it as one (in Excel: Save As, 'CSV UTF-8')", where=name)
    try:
        table = read_delimited(decode(data, name), name, expected=(*KPI_COLUMNS, "cut"))
    except EmptyBatch:
        raise EmptyBatch(f"{name} has no KPIs in it; it needs at least one row under its header", where=name) from None
    found = list(table.columns)
    hint = f"; a file of KPIs needs {', '.join(KPI_COLUMNS)}"
    columns = {wanted: require_column(found, wanted, name, hint=hint) for wanted in KPI_COLUMNS}
    if cut := find_column(found, "cut"):
        columns["cut"] = cut
    rows = []
    for row in range(len(table)):
        cells = {wanted: as_group(table.columns[column][row]) or "" for wanted, column in columns.items()}
        rows.append((table.place(row), {wanted: cell for wanted, cell in cells.items() if cell or wanted != "cut"}))
    return rows
