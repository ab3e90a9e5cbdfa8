"""XLSX: one sheet as a table; values only, formulas are never computed."""

from __future__ import annotations

import io
from typing import Any

from service.errors import UnreadableFile
from service.ingest.archive import check_archive, reading
from service.ingest.table import Table, as_text, check_count, check_header, empty_batch, is_empty


def read_xlsx(data: bytes, name: str, *, sheet: str | None = None, limit: int | None = None) -> Table:
    """Read a sheet whose first row with anything in it is the header.

    Blank rows are passed over, and so are cells in columns without a name.

    Args:
        data: the file.
        name: its name, for messages.
        sheet: name of the sheet; None: the first.
        limit: most rows taken.

    Raises:
        UnreadableFile: not an XLSX file, too large when unpacked, no such sheet, or a column named twice.
        EmptyBatch: no header, or no row under it.
        TooLarge: more rows than ``limit``.
    """
    check_archive(data, name, "XLSX")
    with reading(name, "XLSX"):
        return _read(data, name, sheet, limit)


def _read(data: bytes, name: str, sheet: str | None, limit: int | None) -> Table:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    names = [page.title for page in book.worksheets]
    if not names or (sheet is not None and sheet not in names):
        listed = ", ".join(repr(title) for title in names) or "none"
        raise UnreadableFile(f"{name} has no sheet {sheet or ''!r}; its sheets are {listed}", where=name)
    page = book[sheet or names[0]]
    # Some programs write a wrong extent; without this the reader would believe it and drop rows.
    page.reset_dimensions()
    header: list[str] = []
    rows: list[tuple[Any, ...]] = []
    numbers: list[int] = []
    for number, cells in enumerate(page.iter_rows(values_only=True), start=1):
        if all(is_empty(cell) for cell in cells):
            continue
        if not header:
            header = [as_text(cell).strip() for cell in cells]
            check_header(header, name)
            continue
        row = (*map(_plain, cells[: len(header)]), *[None] * (len(header) - len(cells)))
        rows.append(row)
        numbers.append(number)
        check_count(len(rows), limit, columns=len(header))
    if not rows:
        raise empty_batch(name)
    columns = {column: cells for column, cells in zip(header, zip(*rows, strict=True), strict=True) if column}
    return Table(name=name, columns=columns, numbers=numbers)


def _plain(cell: Any) -> Any:
    """A cell with the escapes of the format read: ``_x000D_`` is a carriage return."""
    if not isinstance(cell, str) or "_x" not in cell:
        return cell
    from openpyxl.utils.escape import unescape

    return unescape(cell)
