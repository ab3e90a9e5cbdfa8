"""YAML files as plain values, with the line of every value kept for messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_YAML_BYTES = 1_000_000
# A reference (*name) repeats what it stands for; nested ones can make a small file endless.
_MAX_VALUES = 100_000
_MAX_DEPTH = 12


class YamlError(Exception):
    """A file that is not plain YAML; ``line`` counts from 1, None where it does not apply."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A document's values, and the line on which each begins, by path: ``themes[3].parent`` → 41."""

    data: Any
    lines: Mapping[str, int]

    def line_of(self, path: str) -> int | None:
        """The line of ``path``, or of the nearest value around it."""
        while path not in self.lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path)


@dataclass(slots=True)
class _Walk:
    lines: dict[str, int] = field(default_factory=dict)
    count: int = 0


def read_file(path: Path) -> str:
    """The text of a small UTF-8 file.

    Raises:
        YamlError: it is missing, too large, or not UTF-8.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_YAML_BYTES + 1)
    except FileNotFoundError:
        raise YamlError("there is no such file; check the path") from None
    except OSError as error:
        raise YamlError(f"cannot be opened: {error.strerror}") from None
    if len(data) > MAX_YAML_BYTES:
        raise YamlError(f"larger than {MAX_YAML_BYTES // 1_000_000} MB, which is the limit for this kind of file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError("not UTF-8; save it as UTF-8", data.count(b"\n", 0, error.start) + 1) from None


def parse_yaml(text: str) -> YamlDocument:
    """Mappings, lists and texts; every scalar stays the text it was written as, an empty one is None.

    Raises:
        YamlError: bad syntax, a key that stands twice, or values without end.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"not valid YAML: {error.problem or error.context}", mark.line + 1 if mark else None) from None
    except yaml.YAMLError:
        raise YamlError("not valid YAML: it has characters that YAML does not allow") from None
    except RecursionError:
        raise YamlError("nested too deeply") from None
    walk = _Walk()
    return YamlDocument(_value(node, "", walk, 0), walk.lines)


def _value(node: yaml.Node | None, path: str, walk: _Walk, depth: int) -> Any:
    if node is None:
        return None
    line = node.start_mark.line + 1
    walk.lines[path] = line
    walk.count += 1
    if walk.count > _MAX_VALUES or depth > _MAX_DEPTH:
        raise YamlError("too many values, or nested too deeply", line)
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{path}[{position}]", walk, depth + 1) for position, item in enumerate(node.value)]
    assert isinstance(node, yaml.MappingNode)
    return dict(_items(node, path, walk, depth))


def _items(node: yaml.MappingNode, path: str, walk: _Walk, depth: int) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError("a key must be a plain word", line)
        if key.value in seen:
            raise YamlError(f"key {key.value!r} stands here again, after line {seen[key.value]}; keep one", line)
        seen[key.value] = line
        yield key.value, _value(value, f"{path}.{key.value}" if path else key.value, walk, depth + 1)
