"""What may be tried next: the sentences of a YAML file that HR can edit, by kind of insight, theme and facet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from service.errors import ConfigurationError

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "next_steps.yaml"
KINDS = (
    "facet_lived",
    "facet_contradicted",
    "facet_contested",
    "facet_silent",
    "facet_uncertain",
    "facet_gap",
    "facet_strongest",
    "facet_weakest",
    "facet_change",
    "alignment_change",
    "group_differs",
    "group_higher",
    "theme_up",
    "theme_down",
    "theme_common",
    "theme_new",
    "theme_grew",
    "theme_shrank",
    "theme_moved",
    "suggestion",
    "unmentioned_value",
    "unmentioned_concern",
    "facet_without_goal",
    "goals_beside_purpose",
    "rating_agreement",
    "driver",
)
_PARTS = ("kinds", "themes", "facets")


@dataclass(frozen=True, slots=True)
class NextSteps:
    """Sentences by kind, and by kind for single themes and facets."""

    kinds: Mapping[str, str]
    themes: Mapping[str, Mapping[str, str]]
    facets: Mapping[str, Mapping[str, str]]

    def of(self, kind: str, *, theme_id: str | None = None, facet_id: str | None = None, practice: str = "") -> str:
        """The most particular sentence there is: of the theme or facet, else ``practice``, else of the kind."""
        own = self.themes.get(theme_id or "", {}).get(kind) or self.facets.get(facet_id or "", {}).get(kind)
        return own or practice or self.kinds[kind]


@cache
def shipped_next_steps() -> NextSteps:
    return read_next_steps(SHIPPED)


def read_next_steps(file: Path) -> NextSteps:
    """Read ``{"kinds": {kind: sentence}, "themes": {id: {kind: sentence}}, "facets": {id: {kind: sentence}}}``.

    Raises:
        ConfigurationError: the file cannot be read, lacks a kind, or names one that there is not; the place is named.
    """
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"next steps {file.name} cannot be read: {error.__class__.__name__}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"next steps {file.name}{line}: not YAML") from None
    if not isinstance(data, dict) or not data.keys() <= set(_PARTS):
        raise ConfigurationError(f"next steps {file.name}: give {', '.join(_PARTS)} and nothing else")
    kinds = _sentences(data.get("kinds"), file, "kinds")
    if missing := [kind for kind in KINDS if kind not in kinds]:
        raise ConfigurationError(f"next steps {file.name}: kinds lacks {', '.join(missing)}")
    themes, facets = (
        {str(key): _sentences(own, file, f"{part}.{key}") for key, own in (data.get(part) or {}).items()}
        for part in ("themes", "facets")
    )
    return NextSteps(kinds, themes, facets)


def _sentences(data: Any, file: Path, where: str) -> dict[str, str]:
    """A checked mapping of kinds to sentences."""
    if not isinstance(data, dict):
        raise ConfigurationError(f"next steps {file.name}: {where} must map kinds of insight to sentences")
    for kind, sentence in data.items():
        if kind not in KINDS:
            raise ConfigurationError(
                f"next steps {file.name}: {where} has {kind!r}, which is no kind; there are {', '.join(KINDS)}"
            )
        if not isinstance(sentence, str) or not sentence.strip():
            raise ConfigurationError(f"next steps {file.name}: {where}.{kind} must be a sentence")
    return {kind: sentence.strip() for kind, sentence in data.items()}
