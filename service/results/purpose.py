"""The purpose: a statement and the facets it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.errors import InvalidPurpose, MissingPurpose

MAX_FACETS = 12
MIN_FACET_WORDS = 2
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+|\s*[•·▪]\s*")
_BULLET = re.compile(r"^\s*(?:[-*–—•]|\d{1,2}[.)]|[a-z]\))\s+")
_CLAUSE = re.compile(r",\s+(?:and|but|so that|while|by)\s+|,\s+(?=we\b|our\b|to\b|everyone\b|every\b)", re.IGNORECASE)
_HEADING = re.compile(r"^(?P<title>[^.:!?]{2,60}):\s+(?P<text>\S.{10,})$", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TITLE_WORDS = 7
_TITLE_LEAD = frozenset("we our to and the a an exist will aim strive are is that so by will believe in".split())
_TITLE_TAIL = frozenset("we our the a an and to is are that in of for by with who which".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One clause of the purpose.

    Attributes:
        facet_id: stable, unique within the purpose.
        title: a few words for tables and charts.
        text: the clause itself; it is what units are scored against.
        supports: behavioural anchors, sentences that show the facet lived.
        contradicts: behavioural anchors, sentences that show it broken.
    """

    facet_id: str
    title: str
    text: str
    supports: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """A purpose or vision statement and its facets.

    Reading a purpose file (plain text or YAML) is ``service.ingest.read_purpose``.
    """

    statement: str
    facets: tuple[Facet, ...]

    def __post_init__(self) -> None:
        if not self.facets:
            raise MissingPurpose("the purpose has no facets; give a statement of at least one clause, or facets")
        seen: set[str] = set()
        for position, facet in enumerate(self.facets):
            if not _WORD.search(facet.text):
                raise InvalidPurpose(
                    f"facet {facet.facet_id!r} has no words in its text", where=f"facets[{position}].text"
                )
            if facet.facet_id in seen:
                raise InvalidPurpose(
                    f"facet id {facet.facet_id!r} is used twice; give each facet its own id",
                    where=f"facets[{position}].id",
                )
            seen.add(facet.facet_id)

    @classmethod
    def from_text(cls, statement: str) -> Purpose:
        """Split a statement into facets: one for each sentence, list item or independent clause.

        A line of the form ``Title: text`` gives the facet that title. Facets are meant to be shown for editing.

        Raises:
            MissingPurpose: the statement has no words.
        """
        statement = statement.strip().lstrip("\ufeff")
        if not _WORD.search(statement):
            raise MissingPurpose(
                "the purpose statement is empty; write what the organisation is for in a sentence or more"
            )
        pieces = _merge_to_limit(_clauses(statement), MAX_FACETS)
        facets: list[Facet] = []
        taken: set[str] = set()
        for piece in pieces:
            heading = _HEADING.match(piece)
            title = heading["title"].strip() if heading else _title(piece)
            text = heading["text"].strip() if heading else piece
            facet_id = _unique_slug(title, taken)
            facets.append(Facet(facet_id=facet_id, title=title, text=text))
        return cls(statement=statement, facets=tuple(facets))


def slug(text: str) -> str:
    """A lower-case ASCII id of the words in ``text``: ``Dignity & respect`` → ``dignity-respect``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-") or "facet"


def _unique_slug(title: str, taken: set[str]) -> str:
    base = slug(title)
    candidate, number = base, 2
    while candidate in taken:
        candidate, number = f"{base}-{number}", number + 1
    taken.add(candidate)
    return candidate


def _clauses(statement: str) -> list[str]:
    pieces: list[str] = []
    for line in _SENTENCE_END.split(statement):
        sentence = _BULLET.sub("", line).strip()
        if not _WORD.search(sentence):
            continue
        parts = [sentence] if _HEADING.match(sentence) else _CLAUSE.split(sentence)
        kept: list[str] = []
        for part in (part.strip(" ,;") for part in parts):
            if kept and len(_WORD.findall(part)) < MIN_FACET_WORDS + 1:
                kept[-1] = f"{kept[-1]}, {part}"
            elif part:
                kept.append(part)
        pieces.extend(kept)
    seen: dict[str, str] = {}
    for piece in pieces:
        seen.setdefault(piece.casefold().rstrip("."), piece)
    return list(seen.values())


def _merge_to_limit(pieces: list[str], limit: int) -> list[str]:
    """Join the shortest neighbours until at most ``limit`` are left, so that no part of a long statement is lost."""
    pieces = list(pieces)
    while len(pieces) > limit:
        shortest = min(range(len(pieces) - 1), key=lambda i: len(pieces[i]) + len(pieces[i + 1]))
        pieces[shortest : shortest + 2] = [f"{pieces[shortest]} {pieces[shortest + 1]}"]
    return pieces


def _title(text: str) -> str:
    words = [word.strip(".,;:!?\"'()") for word in text.split()]
    start = next((i for i, word in enumerate(words) if word.lower() not in _TITLE_LEAD), 0)
    kept = words[start : start + _TITLE_WORDS]
    cut = start + _TITLE_WORDS < len(words)
    while len(kept) > 1 and kept[-1].lower() in _TITLE_TAIL:
        kept.pop()
    title = " ".join(kept) + ("…" if cut else "")
    return title[:1].upper() + title[1:]
