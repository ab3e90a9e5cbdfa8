"""A codebook: named themes with definitions and examples, and what people corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.errors import InvalidCodebook
from service.results.wording import listed

FOUND_VERSION = "1"
"""Version of the themes of an analysis without a codebook, before any edit."""


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
        hidden: takes its units like any other, and is not shown.
    """

    theme_id: str
    name: str
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    parent: str | None = None
    kind: str = "topic"
    practices: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A researcher's word on whether a unit belongs to a theme; the text is redacted."""

    text: str
    theme_id: str
    belongs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """Themes under one name; ``version`` changes whenever a theme or a correction does.

    Reading and checking a YAML codebook is ``service.ingest.read_codebook``.
    """

    name: str
    version: str
    themes: tuple[Theme, ...]
    corrections: tuple[Correction, ...] = ()

    @property
    def edited(self) -> bool:
        """Whether it is what somebody made of the themes of an analysis."""
        return bool(re.search(r"\+\d+$", self.version))

    def corrected(self, corrections: Iterable[Correction]) -> Codebook:
        """The next version, with these corrections behind those it has.

        Raises:
            InvalidCodebook: a correction names a theme that is not in the codebook.
        """
        added = tuple(corrections)
        ids = sorted(theme.theme_id for theme in self.themes)
        for correction in added:
            if correction.theme_id not in ids:
                raise InvalidCodebook(
                    f"there is no theme {correction.theme_id!r} in codebook {self.name!r}; it has {listed(ids)}",
                    where="theme_id",
                )
        return replace(self, corrections=(*self.corrections, *added), version=next_version(self.version))


def next_version(version: str) -> str:
    """The version after one: "1" → "1+1" → "1+2"; what stands before the plus is whoever wrote the codebook's."""
    before, plus, last = version.rpartition("+")
    return f"{before}+{int(last) + 1}" if plus and last.isdecimal() else f"{version}+1"
