"""The idea unit: what is embedded, scored and themed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or clause of a comment that carries one idea.

    Attributes:
        comment: row of the comment in its batch.
        start: character offset of the unit in the comment as it was given.
        end: offset after its last character.
        text: the unit's words, redacted.
        question: the question the comment answers, or None; context for short answers.
        source: source of the comment (``survey``, ``pulse``, ``focus_group``, ``goal``).
    """

    comment: int
    start: int
    end: int
    text: str
    question: str | None = None
    source: str = "survey"
