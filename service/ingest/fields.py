"""Checked reading of mappings that people wrote: required texts, lists of texts, no unknown keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from service.errors import InvalidInput

_SHOWN_CHARS = 60


class Fields:
    """The entries of one mapping.

    Args:
        data: the mapping.
        path: where it stands, for messages (``facets[2]``); empty for the document.
        known: the keys it may have.
        error: the kind of error to raise.

    Raises:
        InvalidInput: ``error``; the value is not a mapping, or has a key that is not known.
    """

    def __init__(self, data: object, path: str, known: Collection[str], error: type[InvalidInput]) -> None:
        self._path = path
        self._error = error
        if not isinstance(data, Mapping):
            raise self.fault("", f"expected {', '.join(known)} with their values, found {_kind(data)}")
        self._data: Mapping[str, Any] = data
        for key in data:
            if key not in known:
                close = get_close_matches(str(key), known, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"the keys are {', '.join(known)}"
                raise self.fault(str(key)[:_SHOWN_CHARS], f"unknown key; {hint}")

    def path(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path and key else self._path or key

    def fault(self, key: str, problem: str) -> InvalidInput:
        """The error for ``key``, its path before the problem."""
        path = self.path(key)
        return self._error(f"{path}: {problem}" if path else problem, where=path or None)

    def text(self, *keys: str) -> str:
        """The text under the first of ``keys`` that is there, trimmed; ``""`` when none is.

        Raises:
            InvalidInput: the value is a list, a mapping or not text.
        """
        for key in keys:
            value = self._data.get(key)
            if value is None:
                continue
            if not isinstance(value, str):
                raise self.fault(key, f"expected text, found {_kind(value)}")
            return value.strip()
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under ``key``; a single text counts as a list of one, none as an empty list.

        Raises:
            InvalidInput: an entry is empty or not text.
        """
        value = self._data.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, (list, tuple)):
            raise self.fault(key, f"expected a list of texts, found {_kind(value)}")
        for position, item in enumerate(value):
            if not isinstance(item, str) or not item.strip():
                raise self.fault(f"{key}[{position}]", f"expected text, found {_kind(item)}")
        return tuple(item.strip() for item in value)

    def flag(self, key: str) -> bool:
        """The truth value under ``key``; False when it is not there.

        Raises:
            InvalidInput: it is not true or false.
        """
        value = self._data.get(key, False)
        # YAML files are read as texts, so that an id "no" stays one.
        if isinstance(value, str) and value.casefold() in ("true", "false"):
            return value.casefold() == "true"
        if not isinstance(value, bool):
            raise self.fault(key, f"expected true or false, found {_kind(value)}")
        return value

    def items(self, key: str) -> list[Any] | None:
        """The list under ``key``, None when it is not there.

        Raises:
            InvalidInput: it is not a list.
        """
        value = self._data.get(key)
        if value is not None and not isinstance(value, (list, tuple)):
            raise self.fault(key, f"expected a list, found {_kind(value)}")
        return None if value is None else list(value)


def _kind(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, (list, tuple)) else f"a value of type {type(value).__name__}"
