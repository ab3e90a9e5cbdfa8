"""What the client gives back beside ``service.results``, and the bodies of its requests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from service.results import Comment, Facet, Purpose
from service.results.analysis import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisStatus:
    """How far an analysis is: ``done`` of ``total`` items of ``stage``."""

    analysis_id: str
    name: str
    status: Literal["queued", "running", "completed", "failed"]
    stage: str | None
    done: int
    total: int
    created_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPurpose:
    """A purpose as the service keeps it; ``version`` counts the changes of its facets."""

    purpose_id: str
    version: int
    purpose: Purpose


def purpose_fields(purpose: Purpose | StoredPurpose | str) -> dict[str, Any]:
    if isinstance(purpose, StoredPurpose):
        return {"purpose_id": purpose.purpose_id}
    return {"purpose": purpose_body(purpose)}


def purpose_body(purpose: Purpose | str) -> dict[str, Any]:
    if isinstance(purpose, str):
        return {"statement": purpose}
    return {"statement": purpose.statement, "facets": plain(purpose.facets)}


def comment_fields(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.comment_id,
        "text": comment.text,
        "respondent_id": comment.respondent_id,
        "question": comment.question,
        "source": comment.source,
        "date": comment.date.isoformat() if comment.date else None,
        "groups": dict(comment.groups),
        "ratings": dict(comment.ratings),
    }


def stored(answer: dict[str, Any]) -> StoredPurpose:
    facets = tuple(
        Facet(
            facet_id=facet["facet_id"],
            title=facet["title"],
            text=facet["text"],
            supports=tuple(facet["supports"]),
            contradicts=tuple(facet["contradicts"]),
        )
        for facet in answer["facets"]
    )
    purpose = Purpose(statement=answer["statement"], facets=facets)
    return StoredPurpose(purpose_id=answer["purpose_id"], version=answer["version"], purpose=purpose)
