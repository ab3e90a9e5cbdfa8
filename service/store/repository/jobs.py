"""Jobs: claims with a lease, heartbeats, the end of a job, and the repair of what was lost."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from service.results import Analysis
from service.store.documents import comments_from
from service.store.records import Job, JobInput, Status
from service.store.repository.analyses import insert_comments, request_of
from service.store.repository.base import RepositoryBase
from service.store.tables import AnalysisInputRow, AnalysisRow, AnalysisStudyRow, JobRow


class Jobs(RepositoryBase):
    """The truth about work. Whoever writes to a running job must hold its claim; a lost claim writes nothing."""

    def claim_job(self, job_id: str, lease: dt.timedelta) -> Job | None:
        """Take a queued job for ``lease``; None when it is not queued (somebody else has it, it ended, it is gone)."""
        now, claim = self._now(), secrets.token_hex(16)
        taken = (
            update(JobRow)
            .where(JobRow.id == job_id, JobRow.state == "queued")
            .values(
                state="running",
                claim=claim,
                attempts=JobRow.attempts + 1,
                lease_until=now + lease,
                heartbeat_at=now,
                stage=None,
                done=0,
                total=0,
            )
        )
        with self._sessions.begin() as session:
            if _count(session.execute(taken)) == 0:
                return None
            row = session.execute(select(JobRow.analysis_id, JobRow.attempts).where(JobRow.id == job_id)).one()
        return Job(job_id=job_id, analysis_id=row.analysis_id, attempts=row.attempts, claim=claim)

    def load_input(self, job: Job) -> JobInput:
        columns = (
            AnalysisRow.organisation_id,
            AnalysisRow.name,
            AnalysisRow.purpose,
            AnalysisRow.purpose_id,
            AnalysisRow.options,
            AnalysisInputRow.comments,
        )
        query = select(*columns).join(AnalysisInputRow).where(AnalysisRow.id == job.analysis_id)
        with self._sessions() as session:
            row = session.execute(query).one()
        return JobInput(
            organisation_id=row.organisation_id, request=request_of(row), comments=comments_from(row.comments)
        )

    def heartbeat(self, job: Job, lease: dt.timedelta, *, stage: str | None, done: int, total: int) -> bool:
        """Renew the lease and note the progress; False when the claim is lost and the work should stop."""
        now = self._now()
        renewed = (
            update(JobRow)
            .where(*_held(job))
            .values(lease_until=now + lease, heartbeat_at=now, stage=stage, done=done, total=total)
        )
        with self._sessions.begin() as session:
            return _count(session.execute(renewed)) == 1

    def complete_job(self, job: Job, analysis: Analysis, study: bytes | None = None, version: str = "") -> bool:
        """Store the result and delete the input; False (and nothing stored) when the claim is lost.

        Args:
            job: a job this worker holds.
            analysis: what was found.
            study: what is needed to edit its themes; None: they cannot be edited.
            version: of the themes in it.
        """
        document = analysis.to_dict(theme_map=True)
        with self._sessions.begin() as session:
            if not _end(session, job, "completed"):
                return False
            session.execute(
                update(AnalysisRow)
                .where(AnalysisRow.id == job.analysis_id)
                .values(result=document, counts=document["counts"], finished_at=self._now())
            )
            insert_comments(session, job.analysis_id, analysis)
            if study is not None:
                session.add(AnalysisStudyRow(analysis_id=job.analysis_id, version=version, study=study))
            _delete_inputs(session, [job.analysis_id])
        self._forget_log()
        return True

    def fail_job(self, job: Job, *, code: str, detail: str) -> bool:
        """End a job for good and delete the input; False when the claim is lost."""
        with self._sessions.begin() as session:
            if not _end(session, job, "failed", code, detail):
                return False
            session.execute(
                update(AnalysisRow).where(AnalysisRow.id == job.analysis_id).values(finished_at=self._now())
            )
            _delete_inputs(session, [job.analysis_id])
        self._forget_log()
        return True

    def release_job(self, job: Job) -> bool:
        """Put a job back unharmed, as when its worker is told to stop: the attempt does not count."""
        released = (
            update(JobRow)
            .where(*_held(job))
            .values(state="queued", claim=None, lease_until=None, attempts=JobRow.attempts - 1, sent_at=self._now())
        )
        with self._sessions.begin() as session:
            return _count(session.execute(released)) == 1

    def repair_jobs(self, *, max_attempts: int, resend_after: dt.timedelta) -> list[str]:
        """Requeue running jobs whose lease ran out, or fail them after ``max_attempts``.

        Returns:
            ids of the queued jobs whose message must be sent (again): those just requeued, and those whose message is
            older than ``resend_after``.
        """
        now = self._now()
        expired = and_(JobRow.state == "running", JobRow.lease_until < now)
        with self._sessions.begin() as session:
            lost = (
                session.execute(
                    update(JobRow)
                    .where(expired, JobRow.attempts >= max_attempts)
                    .values(
                        state="failed",
                        claim=None,
                        lease_until=None,
                        error_code="internal_error",
                        error_detail=f"the worker stopped without an answer {max_attempts} times; send the batch "
                        "again, or in smaller parts if the machine ran out of memory",
                    )
                    .returning(JobRow.analysis_id)
                )
                .scalars()
                .all()
            )
            if lost:
                session.execute(update(AnalysisRow).where(AnalysisRow.id.in_(lost)).values(finished_at=now))
                _delete_inputs(session, lost)
            session.execute(
                update(JobRow).where(expired).values(state="queued", claim=None, lease_until=None, sent_at=None)
            )
            unsent = or_(JobRow.sent_at.is_(None), JobRow.sent_at < now - resend_after)
            to_send = (
                session.execute(
                    update(JobRow).where(JobRow.state == "queued", unsent).values(sent_at=now).returning(JobRow.id)
                )
                .scalars()
                .all()
            )
        # Also for a job whose words could not be wiped at its end because somebody was reading.
        self._forget_log()
        return list(to_send)

    def count_jobs(self) -> dict[str, int]:
        """How many jobs are in each state."""
        with self._sessions() as session:
            rows = session.execute(select(JobRow.state, func.count()).group_by(JobRow.state)).all()
        return {row[0]: row[1] for row in rows}


def _held(job: Job) -> tuple[ColumnElement[bool], ...]:
    return (JobRow.id == job.job_id, JobRow.state == "running", JobRow.claim == job.claim)


def _end(session: Session, job: Job, state: Status, code: str | None = None, detail: str | None = None) -> bool:
    ended = (
        update(JobRow)
        .where(*_held(job))
        .values(state=state, claim=None, lease_until=None, error_code=code, error_detail=detail)
    )
    return _count(session.execute(ended)) == 1


def _delete_inputs(session: Session, analysis_ids: Iterable[str]) -> None:
    session.execute(delete(AnalysisInputRow).where(AnalysisInputRow.analysis_id.in_(list(analysis_ids))))


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
