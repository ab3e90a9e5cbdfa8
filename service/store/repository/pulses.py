"""Which analyses are pulses of one purpose."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from service.errors import NotFound, NotReady
from service.store.records import PulseRecord
from service.store.repository.base import RepositoryBase
from service.store.tables import ActionRow, AnalysisRow, AnalysisStudyRow, JobRow, PurposeRow


class Pulses(RepositoryBase):
    """Completed analyses of one organisation, by their purpose, the earliest first."""

    def pulses_of_purpose(self, organisation_id: str, purpose_id: str) -> tuple[PulseRecord, ...]:
        """Those of a stored purpose; none while none has completed.

        Raises:
            NotFound: there is no purpose of that id in this organisation.
        """
        with self._sessions() as session:
            wanted = select(PurposeRow.id).where(
                PurposeRow.id == purpose_id, PurposeRow.organisation_id == organisation_id
            )
            if session.scalar(wanted) is None:
                raise NotFound(f"there is no purpose {purpose_id!r}")
            return _completed(session, organisation_id, AnalysisRow.purpose_id == purpose_id)

    def pulses_like(self, organisation_id: str, analysis_id: str) -> tuple[PulseRecord, ...]:
        """Those of the purpose of an analysis: the same stored one, or where it was given inline the same statement.

        Raises:
            NotFound: there is no analysis of that id in this organisation.
            NotReady: it has not completed.
        """
        with self._sessions() as session:
            columns = (AnalysisRow.id, AnalysisRow.purpose_id, AnalysisRow.purpose, JobRow.state)
            asked = select(*columns).join(JobRow, JobRow.analysis_id == AnalysisRow.id)
            row = session.execute(
                asked.where(AnalysisRow.id == analysis_id, AnalysisRow.organisation_id == organisation_id)
            ).one_or_none()
            if row is None:
                raise NotFound(f"there is no analysis {analysis_id!r}")
            if row.state != "completed":
                raise NotReady(f"the analysis is {row.state}; ask again when its status is 'completed'")
            if row.purpose_id is not None:
                return _completed(session, organisation_id, AnalysisRow.purpose_id == row.purpose_id)
            inline = select(AnalysisRow.id, AnalysisRow.purpose).where(
                AnalysisRow.organisation_id == organisation_id, AnalysisRow.purpose_id.is_(None)
            )
            statement = row.purpose["statement"].strip()
            same = [other.id for other in session.execute(inline) if other.purpose["statement"].strip() == statement]
            return _completed(session, organisation_id, AnalysisRow.id.in_(same))

    def pulses_named(self, organisation_id: str, analysis_ids: Sequence[str]) -> tuple[PulseRecord, ...]:
        """These analyses, whatever their purposes.

        Raises:
            NotFound: there is none of one of these ids in this organisation.
            NotReady: one has not completed.
        """
        with self._sessions() as session:
            states = select(AnalysisRow.id, JobRow.state).join(JobRow, JobRow.analysis_id == AnalysisRow.id)
            own = states.where(AnalysisRow.organisation_id == organisation_id, AnalysisRow.id.in_(analysis_ids))
            known = {row.id: row.state for row in session.execute(own)}
            for analysis_id in analysis_ids:
                if analysis_id not in known:
                    raise NotFound(f"there is no analysis {analysis_id!r}")
                if known[analysis_id] != "completed":
                    raise NotReady(f"analysis {analysis_id!r} is {known[analysis_id]}; ask again when it is completed")
            return _completed(session, organisation_id, AnalysisRow.id.in_(analysis_ids))

    def acted_on_themes(self, organisation_id: str, analysis_ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Analysis id and theme id of the themes of these analyses that something was decided about."""
        query = (
            select(ActionRow.analysis_id, ActionRow.theme_id)
            .where(
                ActionRow.organisation_id == organisation_id,
                ActionRow.analysis_id.in_(analysis_ids),
                ActionRow.theme_id.is_not(None),
            )
            .distinct()
            .order_by(ActionRow.analysis_id, ActionRow.theme_id)
        )
        with self._sessions() as session:
            return tuple((row.analysis_id, row.theme_id) for row in session.execute(query))


def _completed(session: Session, organisation_id: str, which: ColumnElement[bool]) -> tuple[PulseRecord, ...]:
    query = (
        select(AnalysisRow.id, AnalysisRow.name, AnalysisRow.created_at, AnalysisStudyRow.version)
        .join(JobRow, JobRow.analysis_id == AnalysisRow.id)
        .outerjoin(AnalysisStudyRow, AnalysisStudyRow.analysis_id == AnalysisRow.id)
        .where(AnalysisRow.organisation_id == organisation_id, JobRow.state == "completed", which)
        .order_by(AnalysisRow.created_at, AnalysisRow.id)
    )
    return tuple(
        PulseRecord(analysis_id=row.id, name=row.name, created_at=row.created_at, version=row.version)
        for row in session.execute(query)
    )
