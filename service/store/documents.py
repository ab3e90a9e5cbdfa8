"""Dataclasses of ``service.results`` as stored JSON, and back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.results import Codebook, Comment, Correction, Facet, Purpose, Theme
from service.results.analysis import plain


def facets_to(facets: Iterable[Facet]) -> list[Any]:
    return [plain(facet) for facet in facets]


def facets_from(documents: Iterable[Mapping[str, Any]]) -> tuple[Facet, ...]:
    return tuple(
        Facet(
            facet_id=document["facet_id"],
            title=document["title"],
            text=document["text"],
            supports=tuple(document["supports"]),
            contradicts=tuple(document["contradicts"]),
        )
        for document in documents
    )


def purpose_to(purpose: Purpose) -> dict[str, Any]:
    return {"statement": purpose.statement, "facets": facets_to(purpose.facets)}


def purpose_from(document: Mapping[str, Any]) -> Purpose:
    return Purpose(statement=document["statement"], facets=facets_from(document["facets"]))


def codebook_to(codebook: Codebook) -> dict[str, Any]:
    document: dict[str, Any] = plain(codebook)
    return document


def codebook_from(document: Mapping[str, Any]) -> Codebook:
    themes = tuple(_theme_from(theme) for theme in document["themes"])
    # Codebooks stored before there were corrections have none.
    corrections = tuple(Correction(**correction) for correction in document.get("corrections", ()))
    return Codebook(name=document["name"], version=document["version"], themes=themes, corrections=corrections)


def _theme_from(document: Mapping[str, Any]) -> Theme:
    lists = {name: tuple(document[name]) for name in ("include", "exclude", "practices")}
    return Theme(**{**document, **lists})


def comments_to(comments: Sequence[Comment]) -> bytes:
    rows = [
        {
            "comment_id": comment.comment_id,
            "text": comment.text,
            "respondent_id": comment.respondent_id,
            "question": comment.question,
            "source": comment.source,
            "date": comment.date.isoformat() if comment.date else None,
            "groups": dict(comment.groups),
            "ratings": dict(comment.ratings),
        }
        for comment in comments
    ]
    return json.dumps(rows, ensure_ascii=False).encode()


def comments_from(payload: bytes) -> tuple[Comment, ...]:
    return tuple(
        Comment(**{**row, "date": dt.date.fromisoformat(row["date"]) if row["date"] else None})
        for row in json.loads(payload)
    )
