"""One way in for comments: the format is told by name or content, then read by the module for it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from service.errors import InvalidInput, MissingColumn, UnreadableFile
from service.ingest.dates import DateOrder
from service.ingest.decoding import decode
from service.ingest.delimited import read_delimited
from service.ingest.mapping import TEXT_COLUMN, USUAL_NAMES, ColumnMapping, normalise_name, resolve
from service.ingest.ndjson import read_json, read_ndjson
from service.ingest.parquet import read_parquet
from service.ingest.ratings import RatingSpec, parse_rating
from service.ingest.rows import comments_of
from service.ingest.table import Table, empty_batch
from service.ingest.transcripts import read_docx, read_txt, read_vtt
from service.ingest.workbook import read_xlsx
from service.results import Comment

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".xlsx": "xlsx",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".parquet": "parquet",
    ".docx": "docx",
    ".vtt": "vtt",
    ".txt": "txt",
}
_KINDS = "CSV, TSV, XLSX, NDJSON, JSON, Parquet, DOCX, VTT and TXT"
_DOCUMENTS = ("docx", "vtt", "txt")
_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"


def read_comments(
    source: Path | BinaryIO,
    *,
    filename: str | None = None,
    file_format: str | None = None,
    mapping: ColumnMapping | None = None,
    text_column: str = TEXT_COLUMN,
    cuts: Sequence[str] = (),
    ratings: Sequence[str | RatingSpec] = (),
    dates: DateOrder | None = None,
    sheet: str | None = None,
    moderators: Sequence[str] = (),
    max_comments: int | None = None,
) -> list[Comment]:
    """Read comments from a file or stream.

    Args:
        source: a path (``Path("-")`` is standard input) or an open binary stream.
        filename: the name for a stream: its ending tells the format, and messages use it.
        file_format: one of the values of ``FORMATS``; None: told by the name's ending, or without one by the content.
        mapping: columns chosen by the user; the others are found by their usual names.
        text_column: the column with the comments.
        cuts: columns with groups; each becomes a key of ``Comment.groups``, spelled as given here.
        ratings: ``COLUMN`` or ``COLUMN=WORST..BEST``; ratings come turned so that higher is better.
        dates: what comes first in dates that end with their year; None: their column tells, or is refused.
        sheet: sheet of a workbook; None: the first.
        moderators: speakers of a transcript whose turns are questions, besides those called Moderator and the like.
        max_comments: the most comments taken.

    Returns:
        the comments in the order of the file, with unique ids.

    Raises:
        InvalidInput: one of its kinds (EmptyBatch, MissingColumn, BrokenRow, UnreadableFile, DuplicateIds, InvalidCut,
            InvalidRating, TooLarge), naming the place and what would be right, never a comment's words.
    """
    data, name = _read_bytes(source, filename)
    if not data.strip():
        raise empty_batch(name)
    kind = _kind(data, name, file_format)
    mapping = mapping or ColumnMapping()
    specs = [rating if isinstance(rating, RatingSpec) else parse_rating(rating) for rating in ratings]
    if kind in _DOCUMENTS:
        asked = [*cuts, *(spec.name for spec in specs), *filter(None, (mapping.text, mapping.respondent_id))]
        if asked:
            raise MissingColumn(
                f"{name} is a {kind.upper()} file, which has no columns; {asked[0]!r} was asked for. Leave it out, "
                "or give a table (CSV, XLSX, NDJSON or Parquet)",
                where=f"column {asked[0]}",
            )
        return _read_document(data, name, kind, moderators, max_comments)
    expected = USUAL_NAMES.union(map(normalise_name, (text_column, *cuts, *(spec.name for spec in specs))))
    table = _read_table(data, name, kind, expected, sheet, max_comments)
    fields = resolve(list(table.columns), mapping, text_column, name)
    return comments_of(table, fields, cuts, specs, dates)


def _read_bytes(source: Path | BinaryIO, filename: str | None) -> tuple[bytes, str]:
    if not isinstance(source, Path):
        return source.read(), Path(filename).name if filename else "the input"
    if source == Path("-"):
        return sys.stdin.buffer.read(), filename or "standard input"
    try:
        return source.read_bytes(), filename or source.name
    except FileNotFoundError:
        raise UnreadableFile(f"there is no file {str(source)!r}; check the path", where=str(source)) from None
    except OSError as error:
        raise UnreadableFile(f"cannot open {str(source)!r}: {error.strerror}", where=str(source)) from None


def _kind(data: bytes, name: str, file_format: str | None) -> str:
    """The format: as asked, by the ending of the name, or by the first bytes; binary content must fit it."""
    if file_format is not None and file_format not in FORMATS.values():
        raise InvalidInput(f"{file_format!r} is not a format; the formats are {_KINDS}", where="format")
    ending = Path(name).suffix.lower()
    if file_format is None and ending and ending not in FORMATS:
        raise UnreadableFile(f"{name}: {ending!r} is not a kind of file Plumbline reads; it reads {_KINDS}", where=name)
    kind = file_format or FORMATS.get(ending) or _sniff(data)
    if data.startswith(_OLE):
        raise UnreadableFile(
            f"{name} is an old Office file (.xls, .doc) or has a password; save it as XLSX or DOCX without one",
            where=name,
        )
    needed = {"xlsx": _ZIP, "docx": _ZIP, "parquet": _PARQUET}.get(kind)
    if needed and not data.startswith(needed):
        raise UnreadableFile(
            f"{name} is not a readable {kind.upper()} file; save it again as {kind.upper()}", where=name
        )
    if not needed and data.startswith((_ZIP, _PARQUET, b"%PDF")):
        raise UnreadableFile(
            f"{name} is not a {kind.upper()} file, whatever its name says; give it the ending of what it is", where=name
        )
    return kind


def _sniff(data: bytes) -> str:
    if data.startswith(_ZIP):
        return "docx" if b"word/document.xml" in data else "xlsx"
    if data.startswith(_PARQUET):
        return "parquet"
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"WEBVTT"):
        return "vtt"
    return "json" if start[:1] in (b"{", b"[") else "csv"


def _read_document(
    data: bytes, name: str, kind: str, moderators: Sequence[str], max_comments: int | None
) -> list[Comment]:
    if kind == "docx":
        return read_docx(data, name, moderators=moderators, limit=max_comments)
    read = read_vtt if kind == "vtt" else read_txt
    return read(decode(data, name), name, moderators=moderators, limit=max_comments)


def _read_table(
    data: bytes, name: str, kind: str, expected: frozenset[str], sheet: str | None, max_comments: int | None
) -> Table:
    if kind == "xlsx":
        return read_xlsx(data, name, sheet=sheet, limit=max_comments)
    if kind == "parquet":
        return read_parquet(data, name, limit=max_comments)
    text = decode(data, name)
    if not text.strip():
        raise empty_batch(name)
    if kind in ("ndjson", "json"):
        return (read_ndjson if kind == "ndjson" else read_json)(text, name, limit=max_comments)
    delimiter = "\t" if kind == "tsv" else None
    return read_delimited(text, name, delimiter=delimiter, expected=expected, limit=max_comments)
