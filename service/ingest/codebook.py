"""Codebook files: YAML to a checked Codebook, errors with their line."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from service.errors import InvalidCodebook
from service.ingest.fields import Fields
from service.ingest.yaml_file import YamlError, parse_yaml, read_file
from service.results import Codebook, Correction, Theme
from service.results.purpose import slug

KINDS = ("obstacle", "strength", "practice", "condition", "topic")
_KEYS = ("name", "version", "description", "themes", "corrections")
_THEME_KEYS = ("id", "theme_id", "name", "definition", "include", "exclude", "parent", "kind", "practices", "hidden")
_CORRECTION_KEYS = ("text", "theme_id", "belongs")


def read_codebook(path: Path) -> Codebook:
    """Read a YAML codebook.

    Raises:
        InvalidCodebook: it cannot be read, or is malformed; file, line and field are named.
    """
    try:
        document = parse_yaml(read_file(path))
    except YamlError as error:
        place = f"{path.name}, line {error.line}" if error.line else path.name
        raise InvalidCodebook(f"{place}: {error.problem}", where=place) from None
    try:
        return parse_codebook(document.data)
    except InvalidCodebook as error:
        line = document.line_of(error.where or "")
        place = f"{path.name}, line {line}" if line else path.name
        raise InvalidCodebook(f"{place}: {error.detail}", where=place) from None


def parse_codebook(data: Mapping[str, Any]) -> Codebook:
    """Read ``{"name", "version", "themes": [{"id", "name", "definition", "include", "exclude", "parent", …}]}``.

    ``corrections``, if there are any, are ``[{"text", "theme_id", "belongs"}]``. Without ``version`` the first 12
    hexadecimal digits of a hash of the themes stand for it; without an ``id`` the name in lower case does.

    Raises:
        InvalidCodebook: a key is unknown or missing, an id is used twice, a parent does not exist or is among the
            theme's own descendants, or a theme has neither definition nor examples. The path is in ``where``.
    """
    fields = Fields(data, "", _KEYS, InvalidCodebook)
    name = fields.text("name")
    if not name:
        raise fields.fault("name", "a codebook needs a name")
    items = fields.items("themes")
    if not items:
        raise fields.fault("themes", "a codebook needs at least one theme")
    themes = [_theme(item, f"themes[{position}]") for position, item in enumerate(items)]
    _check_ids(themes)
    _check_parents(themes)
    corrections = _corrections(fields, {theme.theme_id for theme in themes})
    version = fields.text("version") or _version(themes)
    return Codebook(name=name, version=version, themes=tuple(themes), corrections=corrections)


def _corrections(fields: Fields, themes: Collection[str]) -> tuple[Correction, ...]:
    found = []
    for position, item in enumerate(fields.items("corrections") or ()):
        correction = Fields(item, f"corrections[{position}]", _CORRECTION_KEYS, InvalidCodebook)
        text, theme_id = correction.text("text"), correction.text("theme_id")
        if not text:
            raise correction.fault("text", "a correction needs the text it is about")
        if theme_id not in themes:
            raise correction.fault("theme_id", f"there is no theme {theme_id!r} in this codebook")
        found.append(Correction(text=text, theme_id=theme_id, belongs=correction.flag("belongs")))
    return tuple(found)


def _theme(item: object, path: str) -> Theme:
    fields = Fields(item, path, _THEME_KEYS, InvalidCodebook)
    name = fields.text("name")
    if not name:
        raise fields.fault("name", "a theme needs a name")
    kind = fields.text("kind") or "topic"
    if kind not in KINDS:
        raise fields.fault("kind", f"{kind!r} is not a kind (expected {', '.join(KINDS)})")
    theme = Theme(
        theme_id=fields.text("id", "theme_id") or slug(name),
        name=name,
        definition=fields.text("definition"),
        include=fields.texts("include"),
        exclude=fields.texts("exclude"),
        parent=fields.text("parent") or None,
        kind=kind,
        practices=fields.texts("practices"),
        hidden=fields.flag("hidden"),
    )
    if not theme.definition and not theme.include:
        raise fields.fault(
            "", f"theme {theme.theme_id!r} has neither a definition nor include examples; give one of them"
        )
    return theme


def _check_ids(themes: Sequence[Theme]) -> None:
    first: dict[str, int] = {}
    for position, theme in enumerate(themes):
        if (earlier := first.setdefault(theme.theme_id, position)) != position:
            where = f"themes[{position}].id"
            raise InvalidCodebook(
                f"{where}: theme id {theme.theme_id!r} is already that of themes[{earlier}]; give each theme its own",
                where=where,
            )


def _check_parents(themes: Sequence[Theme]) -> None:
    parents = {theme.theme_id: theme.parent for theme in themes}
    for position, theme in enumerate(themes):
        where = f"themes[{position}].parent"
        if theme.parent is not None and theme.parent not in parents:
            raise InvalidCodebook(
                f"{where}: there is no theme {theme.parent!r}; name the id of a theme in this codebook", where=where
            )
        chain = [theme.theme_id]
        while (above := parents.get(chain[-1])) is not None:
            chain.append(above)
            if above in chain[:-1]:
                raise InvalidCodebook(
                    f"{where}: the parents go round in a circle ({' → '.join(chain)}); leave one of them out",
                    where=where,
                )


def _version(themes: Sequence[Theme]) -> str:
    content = json.dumps([_described(theme) for theme in themes], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _described(theme: Theme) -> dict[str, Any]:
    # A theme that is not hidden has the version it had before themes could be.
    return {name: value for name, value in dataclasses.asdict(theme).items() if name != "hidden" or value}
