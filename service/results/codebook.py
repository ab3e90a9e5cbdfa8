"""A codebook: named themes with definitions and examples."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A named theme of a codebook.

    Attributes:
        theme_id: stable, unique within the codebook.
        name: two to five words a manager would use.
        definition: one or two sentences that say what belongs here.
        include: example sentences that belong.
        exclude: example sentences that look alike and do not belong.
        parent: the ``theme_id`` of the theme above, or None.
        kind: ``obstacle``, ``strength``, ``practice``, ``condition`` or ``topic``: the part it plays in the codebook.
        practices: next steps that fit when this theme pulls alignment down; the first is shown.
    """

    theme_id: str
    name: str
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    parent: str | None = None
    kind: str = "topic"
    practices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """Themes under one name; ``version`` changes whenever a theme does.

    Reading and checking a YAML codebook is ``service.ingest.read_codebook``.
    """

    name: str
    version: str
    themes: tuple[Theme, ...]
