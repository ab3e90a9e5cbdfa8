"""Which column holds what: names given by the user, or found by the usual ones."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.errors import InvalidInput, MissingColumn
from service.ingest.table import list_columns, shown

TEXT_COLUMN = "text"
# Usual names in the exports of survey tools, best first.
_ALIASES: dict[str, tuple[str, ...]] = {
    "text": ("text", "comment", "comments", "answer", "response", "feedback", "verbatim", "free text", "comment text"),
    "comment_id": ("comment_id", "id", "response_id", "answer_id"),
    "respondent_id": ("respondent_id", "respondent", "participant_id", "participant", "employee_id", "person_id"),
    "question": ("question", "question_text", "prompt"),
    "source": ("source",),
    "date": ("date", "created_at", "submitted", "submitted_at", "created", "timestamp"),
}
_SHORT_FIELDS = {"id": "comment_id", "respondent": "respondent_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """The column of each field; None: found by its usual names; ``""``: the file's column is left out.

    Names match exactly, or else without regard to case, spaces and underscores.
    """

    text: str | None = None
    comment_id: str | None = None
    respondent_id: str | None = None
    question: str | None = None
    source: str | None = None
    date: str | None = None

    @classmethod
    def parse(cls, pairs: Sequence[str]) -> ColumnMapping:
        """Read ``field=column`` pairs, as ``--map`` takes them.

        Raises:
            InvalidInput: a pair has no ``=``, names an unknown field, or a field comes twice.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        chosen: dict[str, str] = {}
        for pair in pairs:
            given, equals, column = pair.partition("=")
            field = _SHORT_FIELDS.get(given.strip(), given.strip())
            if not equals or field not in known:
                raise InvalidInput(
                    f"{shown(pair)} does not map a field to a column; write FIELD=COLUMN, where FIELD is one of "
                    f"{', '.join(known)}",
                    where="map",
                )
            if field in chosen:
                raise InvalidInput(f"field {field!r} is mapped twice; map it once", where="map")
            chosen[field] = column.strip()
        return cls(**chosen)


def normalise_name(name: str) -> str:
    """A column name without case, spaces, underscores and punctuation: ``Created At`` → ``createdat``."""
    return re.sub(r"[\W_]+", "", name.casefold())


USUAL_NAMES = frozenset(normalise_name(alias) for aliases in _ALIASES.values() for alias in aliases)


def find_column(columns: Sequence[str], name: str) -> str | None:
    """The column called ``name``; exactly, or else by its normalised name.

    Raises:
        MissingColumn: several columns have that normalised name.
    """
    if name in columns:
        return name
    alike = [column for column in columns if normalise_name(column) == normalise_name(name) and column]
    if len(alike) > 1:
        raise MissingColumn(
            f"column {shown(name)} could be {list_columns(alike)}; give the exact name", where=f"column {name}"
        )
    return alike[0] if alike else None


def require_column(columns: Sequence[str], name: str, file: str, *, hint: str = "") -> str:
    """The column called ``name``.

    Raises:
        MissingColumn: there is none; the columns found are listed.
    """
    found = find_column(columns, name)
    if found is None:
        raise MissingColumn(
            f"{file} has no column {shown(name)}; its columns are {list_columns(columns)}{hint}", where=f"column {name}"
        )
    return found


def resolve(columns: Sequence[str], mapping: ColumnMapping, text_column: str, file: str) -> dict[str, str | None]:
    """The column of every field, None where the file has none.

    Args:
        columns: names in the file.
        mapping: what the user chose.
        text_column: the column with the comments; ``text`` also finds its usual other names.
        file: its name, for messages.

    Raises:
        MissingColumn: a chosen column or the text column is missing, or several columns could be the text.
    """
    chosen = dataclasses.asdict(mapping)
    if normalise_name(text_column) != TEXT_COLUMN:
        chosen["text"] = text_column
    if normalise_name(chosen["text"] or "") == TEXT_COLUMN:
        chosen["text"] = None
    hint = "; name the one that holds the comments with --text-column"
    resolved: dict[str, str | None] = {
        field: require_column(columns, column, file, hint=hint if field == "text" else "") if column else None
        for field, column in chosen.items()
        if column is not None
    }
    free = [column for column in columns if column not in resolved.values()]
    if not resolved.get("text"):
        text = _find_text(free, columns, file, hint)
        resolved["text"] = text
        free.remove(text)
    for field, aliases in _ALIASES.items():
        if field not in resolved:
            found = (find_column(free, alias) for alias in aliases)
            resolved[field] = next((column for column in found if column), None)
    return resolved


def _find_text(free: Sequence[str], columns: Sequence[str], file: str, hint: str) -> str:
    if column := find_column(free, TEXT_COLUMN):
        return column
    found = [column for alias in _ALIASES["text"] if (column := find_column(free, alias))]
    if not found:
        raise MissingColumn(
            f"{file} has no column 'text'; its columns are {list_columns(columns)}{hint}", where="column text"
        )
    if len(found) > 1:
        raise MissingColumn(
            f"{file} has no column 'text', and several could be it: {list_columns(found)}{hint}", where="column text"
        )
    return found[0]
