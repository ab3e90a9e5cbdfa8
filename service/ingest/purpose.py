"""Purpose files and purpose objects of the HTTP interface: a statement, and its facets where they are given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.errors import InvalidPurpose, MissingPurpose
from service.ingest.fields import Fields
from service.ingest.yaml_file import YamlError, parse_yaml, read_file
from service.results import Facet, Purpose
from service.results.purpose import slug

MAX_STATEMENT_CHARS = 20_000
MAX_GIVEN_FACETS = 30
_YAML_ENDINGS = (".yaml", ".yml", ".json")
_FACET_KEYS = ("id", "facet_id", "title", "text", "supports", "contradicts")


def read_purpose(path: Path) -> Purpose:
    """Read a purpose: YAML by its ending (.yaml, .yml, .json), any other file is the statement itself.

    Raises:
        MissingPurpose: the file has no words in it.
        InvalidPurpose: it cannot be read or a field is wrong; file, line and field are named.
    """
    try:
        text = read_file(path)
        if path.suffix.lower() not in _YAML_ENDINGS:
            if "\0" in text:
                raise YamlError("not a text file; give the statement as plain text, or YAML")
            return _split(text, path.name)
        document = parse_yaml(text)
    except YamlError as error:
        place = f"{path.name}, line {error.line}" if error.line else path.name
        raise InvalidPurpose(f"{place}: {error.problem}", where=place) from None
    if document.data is None:
        raise MissingPurpose(f"{path.name} is empty; write a 'statement', and 'facets' if you wish", where=path.name)
    try:
        return parse_purpose(document.data)
    except (InvalidPurpose, MissingPurpose) as error:
        line = document.line_of(error.where or "")
        place = f"{path.name}, line {line}" if line else path.name
        raise type(error)(f"{place}: {error.detail}", where=place) from None


def parse_purpose(data: Mapping[str, Any]) -> Purpose:
    """Read ``{"statement": …, "facets": [{"id", "title", "text", "supports", "contradicts"}]}``.

    Without ``facets`` the statement is split; without ``statement`` the facets' texts are it. A facet may be a text
    alone; an id is made from its title, a title from its text.

    Raises:
        MissingPurpose: neither statement nor facets.
        InvalidPurpose: a field is wrong; its path is in ``where``.
    """
    fields = Fields(data, "", ("statement", "facets"), InvalidPurpose)
    statement = fields.text("statement")
    items = fields.items("facets")
    if not items:
        return _split(statement, "statement")
    if len(items) > MAX_GIVEN_FACETS:
        raise fields.fault("facets", f"{len(items)} facets; the limit is {MAX_GIVEN_FACETS}")
    _check_length(statement, "statement")
    taken: set[str] = set()
    facets = tuple(_facet(item, f"facets[{position}]", taken) for position, item in enumerate(items))
    return Purpose(statement=statement or "\n".join(facet.text for facet in facets), facets=facets)


def _facet(item: object, path: str, taken: set[str]) -> Facet:
    fields = Fields({"text": item} if isinstance(item, str) else item, path, _FACET_KEYS, InvalidPurpose)
    text = fields.text("text")
    if not text:
        raise fields.fault("text", "a facet needs a text: the clause of the statement that it stands for")
    _check_length(text, fields.path("text"))
    title = fields.text("title") or _title(text, fields)
    facet_id = fields.text("id", "facet_id") or _free_id(slug(title), taken)
    taken.add(facet_id)
    return Facet(
        facet_id=facet_id,
        title=title,
        text=text,
        supports=fields.texts("supports"),
        contradicts=fields.texts("contradicts"),
    )


def _title(text: str, fields: Fields) -> str:
    """The title that splitting would give the first clause of the text."""
    try:
        return Purpose.from_text(text).facets[0].title
    except MissingPurpose:
        raise fields.fault("text", "has no words in it") from None


def _free_id(base: str, taken: set[str]) -> str:
    candidate, number = base, 2
    while candidate in taken:
        candidate, number = f"{base}-{number}", number + 1
    return candidate


def _split(statement: str, where: str) -> Purpose:
    _check_length(statement, where)
    try:
        return Purpose.from_text(statement)
    except MissingPurpose as error:
        raise MissingPurpose(error.detail, where=where) from None


def _check_length(text: str, where: str) -> None:
    if len(text) > MAX_STATEMENT_CHARS:
        raise InvalidPurpose(
            f"{where}: {len(text):,} characters; the limit is {MAX_STATEMENT_CHARS:,}. Give the statement, not the "
            "report around it",
            where=where,
        )
