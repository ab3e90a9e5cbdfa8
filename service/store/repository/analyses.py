"""Analyses: what was asked, how far it is, what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, Row, delete, insert, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.errors import NotFound
from service.results import Analysis, Comment
from service.results.analysis import plain
from service.store.documents import codebook_from, codebook_to, comments_to, purpose_from, purpose_to
from service.store.records import AnalysisRecord, AnalysisRequest, AnalysisSummary, Page, Status, StudyRecord
from service.store.repository.base import (
    RepositoryBase,
    decode_cursor,
    decode_moment_cursor,
    encode_cursor,
    encode_moment_cursor,
    new_id,
)
from service.store.tables import (
    ActionRow,
    AnalysisCommentRow,
    AnalysisInputRow,
    AnalysisRow,
    AnalysisStudyRow,
    IdempotencyKeyRow,
    JobRow,
)

_INSERT_ROWS = 1_000

_SUMMARY: tuple[InstrumentedAttribute[Any], ...] = (
    AnalysisRow.id,
    AnalysisRow.name,
    AnalysisRow.counts,
    AnalysisRow.created_at,
    AnalysisRow.finished_at,
    JobRow.state,
    JobRow.stage,
    JobRow.done,
    JobRow.total,
    JobRow.error_code,
    JobRow.error_detail,
)


class Analyses(RepositoryBase):
    """Analyses of one organisation; ids of another organisation are not found."""

    def create_analysis(
        self, organisation_id: str, request: AnalysisRequest, comments: Sequence[Comment]
    ) -> tuple[str, str]:
        """Store a request with its comments and a queued job.

        Returns:
            the analysis' id and the job's id, which is to be sent to the queue.
        """
        now = self._now()
        analysis_id, job_id = new_id("an"), new_id("job")
        options = {
            "cuts": list(request.cuts),
            "ratings": list(request.ratings),
            "stance": request.stance,
            "codebook": codebook_to(request.codebook) if request.codebook else None,
        }
        with self._sessions.begin() as session:
            session.add(
                AnalysisRow(
                    id=analysis_id,
                    organisation_id=organisation_id,
                    purpose_id=request.purpose_id,
                    name=request.name,
                    purpose=purpose_to(request.purpose),
                    options=options,
                    created_at=now,
                )
            )
            session.flush()
            session.add(AnalysisInputRow(analysis_id=analysis_id, comments=comments_to(comments)))
            session.add(
                JobRow(
                    id=job_id,
                    analysis_id=analysis_id,
                    state="queued",
                    attempts=0,
                    done=0,
                    total=0,
                    sent_at=now,
                    created_at=now,
                )
            )
        return analysis_id, job_id

    def list_analyses(
        self, organisation_id: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[AnalysisSummary]:
        """Newest first.

        Raises:
            InvalidField: the cursor is not one of this list.
        """
        order = tuple_(AnalysisRow.created_at, AnalysisRow.id)
        query = (
            select(*_SUMMARY)
            .join(JobRow, JobRow.analysis_id == AnalysisRow.id)
            .where(AnalysisRow.organisation_id == organisation_id)
            .order_by(AnalysisRow.created_at.desc(), AnalysisRow.id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            query = query.where(order < tuple_(*decode_moment_cursor(cursor)))
        with self._sessions() as session:
            rows = session.execute(query).all()
        items = tuple(AnalysisSummary(**_summary(row)) for row in rows[:limit])
        more = encode_moment_cursor(items[-1].created_at, items[-1].analysis_id) if len(rows) > limit else None
        return Page(items, more)

    def get_analysis(self, organisation_id: str, analysis_id: str) -> AnalysisRecord:
        """One analysis with its result, if it has one.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        extra = (AnalysisRow.purpose, AnalysisRow.purpose_id, AnalysisRow.options, AnalysisRow.result)
        with self._sessions() as session:
            row = _one(session, organisation_id, analysis_id, *extra)
        return AnalysisRecord(**_summary(row), request=request_of(row), document=row.result)

    def get_summary(self, organisation_id: str, analysis_id: str) -> AnalysisSummary:
        """One analysis without its result: cheap to ask again and again while it runs.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        with self._sessions() as session:
            return AnalysisSummary(**_summary(_one(session, organisation_id, analysis_id)))

    def list_comments(
        self, organisation_id: str, analysis_id: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[dict[str, Any]]:
        """The scored comments in the order they came, each as ``CommentResult`` makes it plain.

        Raises:
            NotFound: there is no such analysis in this organisation.
            InvalidField: the cursor is not one of this list.
        """
        after = int(decode_cursor(cursor, int)[0]) if cursor is not None else -1
        query = (
            select(AnalysisCommentRow.position, AnalysisCommentRow.comment)
            .where(AnalysisCommentRow.analysis_id == analysis_id, AnalysisCommentRow.position > after)
            .order_by(AnalysisCommentRow.position)
            .limit(limit + 1)
        )
        with self._sessions() as session:
            _one(session, organisation_id, analysis_id)
            rows = session.execute(query).all()
        more = encode_cursor(rows[limit - 1].position) if len(rows) > limit else None
        return Page(tuple(row.comment for row in rows[:limit]), more)

    def load_study(self, organisation_id: str, analysis_id: str) -> StudyRecord:
        """What is needed to edit an analysis' themes.

        Raises:
            NotFound: there is none of that id in this organisation, it has not completed, or it was made before themes
                could be edited.
        """
        query = select(AnalysisStudyRow.version, AnalysisStudyRow.study).where(
            AnalysisStudyRow.analysis_id == analysis_id
        )
        with self._sessions() as session:
            row = _one(session, organisation_id, analysis_id, AnalysisRow.result, AnalysisRow.options)
            stored = session.execute(query).one_or_none()
        if stored is None or row.result is None:
            raise NotFound(f"the themes of analysis {analysis_id!r} cannot be edited; make the analysis again to do so")
        return StudyRecord(
            version=stored.version,
            study=stored.study,
            analysis=Analysis.from_dict(row.result),
            stance=row.options.get("stance"),
        )

    def save_study(
        self, organisation_id: str, analysis_id: str, analysis: Analysis, study: bytes, *, before: str, version: str
    ) -> bool:
        """Put an edited analysis in the place of its version ``before``; False, and nothing stored, if that is gone.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        newest = update(AnalysisStudyRow).where(
            AnalysisStudyRow.analysis_id == analysis_id, AnalysisStudyRow.version == before
        )
        document = analysis.to_dict(theme_map=True)
        with self._sessions.begin() as session:
            _one(session, organisation_id, analysis_id)
            replaced = session.execute(newest.values(version=version, study=study))
            assert isinstance(replaced, CursorResult)
            if replaced.rowcount == 0:
                return False
            session.execute(
                update(AnalysisRow)
                .where(AnalysisRow.id == analysis_id)
                .values(result=document, counts=document["counts"])
            )
            session.execute(delete(AnalysisCommentRow).where(AnalysisCommentRow.analysis_id == analysis_id))
            insert_comments(session, analysis_id, analysis)
        return True

    def delete_analysis(self, organisation_id: str, analysis_id: str) -> None:
        """Remove an analysis with its comments, actions, job and remembered answers; a worker on it stops.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        with self._sessions.begin() as session:
            _one(session, organisation_id, analysis_id)
            gone = [analysis_id, *session.scalars(select(ActionRow.id).where(ActionRow.analysis_id == analysis_id))]
            session.execute(delete(IdempotencyKeyRow).where(IdempotencyKeyRow.resource_id.in_(gone)))
            session.execute(delete(AnalysisRow).where(AnalysisRow.id == analysis_id))
        self._forget_log()


def insert_comments(session: Session, analysis_id: str, analysis: Analysis) -> None:
    """Add an analysis' scored comments."""
    for start in range(0, len(analysis.comments), _INSERT_ROWS):
        rows = [
            {"analysis_id": analysis_id, "position": start + offset, "comment": plain(comment)}
            for offset, comment in enumerate(analysis.comments[start : start + _INSERT_ROWS])
        ]
        session.execute(insert(AnalysisCommentRow), rows)


def request_of(row: Row[Any]) -> AnalysisRequest:
    """The request behind a row with ``name``, ``purpose``, ``purpose_id`` and ``options``."""
    options = row.options
    return AnalysisRequest(
        name=row.name,
        purpose=purpose_from(row.purpose),
        purpose_id=row.purpose_id,
        codebook=codebook_from(options["codebook"]) if options["codebook"] else None,
        cuts=tuple(options["cuts"]),
        ratings=tuple(options["ratings"]),
        stance=options.get("stance"),
    )


def _one(session: Session, organisation_id: str, analysis_id: str, *extra: InstrumentedAttribute[Any]) -> Row[Any]:
    query = (
        select(*_SUMMARY, *extra)
        .join(JobRow, JobRow.analysis_id == AnalysisRow.id)
        .where(AnalysisRow.id == analysis_id, AnalysisRow.organisation_id == organisation_id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no analysis {analysis_id!r}")
    return row


def _summary(row: Row[Any]) -> dict[str, Any]:
    status: Status = row.state
    return {
        "analysis_id": row.id,
        "name": row.name,
        "status": status,
        "stage": row.stage,
        "done": row.done,
        "total": row.total,
        "error_code": row.error_code,
        "error_detail": row.error_detail,
        "counts": row.counts,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }
