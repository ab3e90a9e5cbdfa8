"""Studies as bytes, to be kept beside their analysis: numbers as a NumPy archive, everything else as JSON within it.

What is kept is redacted: texts are those that may be shown, respondents are pseudonyms or numbers, and of groups and
ratings only those that were declared. It is compressed, and read without running anything that stands in it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from service.core.alignment import UnitScores
from service.core.batch import Batch
from service.core.measures import number_respondents
from service.core.study import People, Study
from service.core.themes import FoundTheme, ThemeScores
from service.core.themes.edits import EditedThemes
from service.core.units import Unit
from service.results import Codebook, Comment
from service.results.analysis import CommentStatus, plain
from service.results.edits import ThemeEdit, edit_from, edit_to

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class StoredStudy:
    """A study without its analysis and without what makes a new one; ``Analyser.restore`` adds these."""

    cuts: tuple[str, ...]
    ratings: tuple[str, ...]
    batch: Batch
    first: EditedThemes
    edits: tuple[ThemeEdit, ...]
    changes: int
    people: People


@dataclass(frozen=True, kw_only=True)
class _Words:
    """All of a study that is not a matrix."""

    format: int
    cuts: tuple[str, ...]
    ratings: tuple[str, ...]
    comments: list[Comment]
    status: list[CommentStatus]
    redacted: list[str]
    truncated: int
    units: list[Unit]
    found: list[FoundTheme]
    codebook: Codebook
    edits: list[dict[str, Any]]
    changes: int
    people: People = "numbers"


def pack(study: Study, pseudonym: Callable[[str], str] | None = None) -> bytes:
    """A study as bytes; embeddings and scores lose digits that no published number shows.

    Args:
        study: any.
        pseudonym: of a respondent id, the same for the same id; None: respondents are numbered, and not the same people
            in any other study. Ids that are pseudonyms or numbers already stay.
    """
    batch, first = study.batch, study.first
    assert batch.scores is not None
    people = study.people if study.people != "given" else "pseudonyms" if pseudonym else "numbers"
    words = _Words(
        format=FORMAT,
        cuts=study.cuts,
        ratings=study.ratings,
        comments=_pseudonymous(study, pseudonym),
        status=batch.status,
        redacted=batch.redacted,
        truncated=batch.truncated,
        units=batch.units,
        found=list(first.found),
        codebook=first.codebook,
        edits=[edit_to(edit) for edit in study.edits],
        changes=study.changes,
        people=people,
    )
    file = io.BytesIO()
    np.savez_compressed(
        file,
        words=np.frombuffer(json.dumps(_plain(words), ensure_ascii=False).encode(), dtype=np.uint8),
        embeddings=batch.embeddings.astype(np.float16),
        relevance=batch.scores.relevance,
        stance=batch.scores.stance,
        suggestions=batch.suggestions,
        theme_scores=first.scores.scores,
        primary=first.scores.primary,
    )
    return file.getvalue()


def unpack(content: bytes) -> StoredStudy:
    """What ``pack`` wrote.

    Raises:
        ValueError: it is of another format.
    """
    from pydantic import TypeAdapter

    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        document = json.loads(file["words"].tobytes())
        if document.get("format") != FORMAT:
            raise ValueError(f"the study is of format {document.get('format')}; this version reads {FORMAT}")
        words = TypeAdapter(_Words).validate_python(document)
        embeddings = file["embeddings"].astype(np.float32)
        batch = Batch(
            comments=words.comments,
            status=words.status,
            redacted=words.redacted,
            truncated=words.truncated,
            units=words.units,
            embeddings=embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-9),
            scores=UnitScores(file["relevance"], file["stance"]),
            suggestions=file["suggestions"],
        )
        scores = ThemeScores(file["theme_scores"], file["primary"])
    return StoredStudy(
        cuts=words.cuts,
        ratings=words.ratings,
        batch=batch,
        first=EditedThemes(tuple(words.found), scores, words.codebook),
        edits=tuple(edit_from(edit) for edit in words.edits),
        changes=words.changes,
        people=words.people,
    )


def _pseudonymous(study: Study, pseudonym: Callable[[str], str] | None) -> list[Comment]:
    """The comments without what was not declared, the words redacted and the people under other names."""
    batch = study.batch
    person, _ = number_respondents(batch.comments, [True] * len(batch.comments))

    def name(respondent_id: str, number: int) -> str:
        if study.people != "given":
            return respondent_id
        return pseudonym(respondent_id) if pseudonym else str(number)

    return [
        replace(
            comment,
            text=text,
            respondent_id=None if comment.respondent_id is None else name(comment.respondent_id, int(number)),
            groups={name: group for name, group in comment.groups.items() if name in study.cuts},
            ratings={name: rating for name, rating in comment.ratings.items() if name in study.ratings},
        )
        for comment, text, number in zip(batch.comments, batch.redacted, person, strict=True)
    ]


def _plain(words: _Words) -> dict[str, Any]:
    document: dict[str, Any] = plain(replace(words, comments=[]))
    document["comments"] = [_comment(comment) for comment in words.comments]
    return document


def _comment(comment: Comment) -> dict[str, Any]:
    document: dict[str, Any] = plain(comment)
    document["date"] = comment.date.isoformat() if comment.date else None
    return document
