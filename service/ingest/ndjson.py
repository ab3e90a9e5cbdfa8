"""NDJSON and JSON arrays: an object a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from service.errors import BrokenRow, UnreadableFile
from service.ingest.table import Table, check_count, check_header, empty_batch

# Half of a character beyond U+FFFF: what a tool leaves that cuts a text in the middle of an emoji.
_HALF = re.compile("[\ud800-\udfff]")


def read_ndjson(text: str, name: str, *, limit: int | None = None) -> Table:
    """Read one JSON object a line; empty lines are passed over.

    Raises:
        EmptyBatch: there is no object.
        BrokenRow: a line is not a JSON object; its number is named.
        TooLarge: more objects than ``limit``.
    """
    return _table(_lines(text), name, unit_is_line=True, limit=limit)


def read_json(text: str, name: str, *, limit: int | None = None) -> Table:
    """Read a JSON array of objects, or NDJSON.

    Raises:
        UnreadableFile: the array is not valid JSON; line and column are named.
        EmptyBatch, BrokenRow, TooLarge: as ``read_ndjson``; an array's objects are counted from 1.
    """
    if not text.lstrip().startswith("["):
        return read_ndjson(text, name, limit=limit)
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"{name}, line {error.lineno}, column {error.colno}: not valid JSON ({error.msg})",
            where=f"line {error.lineno}",
        ) from None
    except (RecursionError, ValueError):
        raise UnreadableFile(f"{name} is not a JSON array of comments; it nests too deeply", where=name) from None
    return _table(enumerate(items, start=1), name, unit_is_line=False, limit=limit)


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line or line.isspace():
            continue
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            raise BrokenRow(
                f"line {number}, character {error.colno}: not valid JSON ({error.msg}); each line is one JSON object",
                where=f"line {number}",
            ) from None
        except (RecursionError, ValueError):
            raise BrokenRow(f"line {number}: not a JSON object of plain values", where=f"line {number}") from None


def _table(items: Iterable[tuple[int, Any]], name: str, *, unit_is_line: bool, limit: int | None) -> Table:
    """Objects to columns; a key that an object lacks is an empty cell."""
    unit = "line" if unit_is_line else "row"
    objects: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, item in items:
        if not isinstance(item, dict):
            kind = "a list" if isinstance(item, list) else "a single value"
            raise BrokenRow(
                f'{unit} {number}: {kind} where an object was expected, for instance {{"text": "…"}}',
                where=f"{unit} {number}",
            )
        objects.append(item)
        numbers.append(number)
        check_count(len(objects), limit)
    if not objects:
        raise empty_batch(name)
    objects = list(map(_whole, objects))
    keys = list(dict.fromkeys(key for item in objects for key in item))
    check_header(keys, name)
    check_count(len(objects), limit, columns=len(keys))
    columns = {key: [item.get(key) for item in objects] for key in keys}
    return Table(name=name, columns=columns, numbers=numbers, unit="line" if unit_is_line else "row")


def _whole(item: dict[str, Any]) -> dict[str, Any]:
    """The object with halves of characters, which no encoding can hold, as replacement characters."""
    if not any(isinstance(value, str) and not value.isascii() and _HALF.search(value) for value in item.values()):
        return item
    return {key: _HALF.sub("\ufffd", value) if isinstance(value, str) else value for key, value in item.items()}
