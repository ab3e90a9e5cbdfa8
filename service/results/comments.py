"""A comment as it comes in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

SOURCES = ("survey", "pulse", "focus_group", "goal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One open-text answer, focus-group turn or stated goal.

    Attributes:
        comment_id: unique within a batch; ingest makes one where there is none.
        text: as written; it is redacted before anything is embedded or stored.
        respondent_id: the person behind it, or None. Without it there are no cuts.
        question: what was asked; it is context for short answers.
        source: one of ``SOURCES``.
        date: when it was given; comments of one pulse share a date or a period.
        groups: group dimension → group, for instance ``{"department": "Finance"}``.
        ratings: rating name → number, for instance ``{"engagement": 4.0}``; missing ratings are left out.
    """

    comment_id: str
    text: str
    respondent_id: str | None = None
    question: str | None = None
    source: str = "survey"
    date: dt.date | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    ratings: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"source {self.source!r} is not one of {', '.join(SOURCES)}")
