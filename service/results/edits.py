"""Edits of the themes of an analysis: what a researcher does to them, and what it is called in JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.errors import InvalidEdit


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRef:
    """An idea unit: the comment it is part of, and where it begins there, in characters."""

    comment_id: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Several themes become one; it keeps the id of the first, and its name unless another is given."""

    theme_ids: tuple[str, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A theme gets another name, and a definition if one is given; its id stays."""

    theme_id: str
    name: str
    definition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A theme is taken apart into themes of what is alike within it: as many as hold still, or ``parts``."""

    theme_id: str
    parts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hide:
    """A theme is not shown any more. In later pulses it still takes its units, so that they do not come up anew."""

    theme_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Units leave the themes they are in for another."""

    units: tuple[UnitRef, ...]
    theme_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct:
    """Units belong to a theme, or do not; what is near them in meaning follows."""

    units: tuple[UnitRef, ...]
    theme_id: str
    belongs: bool


ThemeEdit = Merge | Rename | Split | Hide | Move | Correct


def edit_to(edit: ThemeEdit) -> dict[str, Any]:
    """An edit in JSON: ``{"op": "merge", "theme_ids": […]}``."""
    fields = {name: getattr(edit, name) for name in edit.__dataclass_fields__}
    if isinstance(edit, (Move, Correct)):
        fields["units"] = [{"comment_id": unit.comment_id, "start": unit.start} for unit in edit.units]
    if isinstance(edit, Merge):
        fields["theme_ids"] = list(edit.theme_ids)
    return {"op": type(edit).__name__.lower(), **fields}


def edit_from(document: Mapping[str, Any]) -> ThemeEdit:
    """What ``edit_to`` wrote.

    Raises:
        InvalidEdit: the operation is unknown, or a field is missing, unknown or of another type.
    """
    op = document.get("op")
    if op not in _READERS:
        raise InvalidEdit(f"{op!r} is no operation on themes; there are {', '.join(_READERS)}", where="op")
    fields = {name: value for name, value in document.items() if name != "op" and value is not None}
    wanted, made = _READERS[op]
    if unknown := sorted(fields.keys() - wanted.keys()):
        raise InvalidEdit(f"{op} has no field {unknown[0]!r}; it takes {', '.join(wanted)}", where=unknown[0])
    for name, (kind, needed) in wanted.items():
        if needed and name not in fields:
            raise InvalidEdit(f"{op} needs {name!r}", where=name)
        # A bool is an int to Python, and "parts": true would be 1.
        if name in fields and (not isinstance(fields[name], kind) or isinstance(fields[name], bool) != (kind is bool)):
            raise InvalidEdit(f"{name!r} of {op} must be {_WORDS[kind]}", where=name)
    if "units" in fields:
        fields["units"] = tuple(_unit(unit, place) for place, unit in enumerate(fields["units"]))
    if "theme_ids" in fields:
        fields["theme_ids"] = tuple(str(theme) for theme in fields["theme_ids"])
    return made(**fields)


def _unit(document: object, place: int) -> UnitRef:
    comment, start = (document.get("comment_id"), document.get("start")) if isinstance(document, dict) else (None, None)
    if not isinstance(comment, str) or not isinstance(start, int) or isinstance(start, bool):
        raise InvalidEdit(
            "a unit is named by 'comment_id', a text, and 'start', a whole number", where=f"units[{place}]"
        )
    return UnitRef(comment_id=comment, start=start)


_WORDS: dict[type, str] = {str: "a text", int: "a whole number", list: "a list", bool: "true or false"}
_Fields = dict[str, tuple[type, bool]]
_UNITS: _Fields = {"units": (list, True), "theme_id": (str, True)}
_READERS: dict[str, tuple[_Fields, Callable[..., ThemeEdit]]] = {
    "merge": ({"theme_ids": (list, True), "name": (str, False)}, Merge),
    "rename": ({"theme_id": (str, True), "name": (str, True), "definition": (str, False)}, Rename),
    "split": ({"theme_id": (str, True), "parts": (int, False)}, Split),
    "hide": ({"theme_id": (str, True)}, Hide),
    "move": (_UNITS, Move),
    "correct": ({**_UNITS, "belongs": (bool, True)}, Correct),
}
