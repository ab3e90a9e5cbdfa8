"""KPIs of groups, and the groups that analyses know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Row, delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.errors import NotFound
from service.results.kpis import Kpi
from service.store.records import KpiRecord, Page
from service.store.repository.base import RepositoryBase, decode_cursor, encode_cursor
from service.store.tables import AnalysisRow, KpiRow, OrganisationRow

_KEY = ("organisation_id", "kpi", "cut", "group_name", "period")
_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    KpiRow.kpi,
    KpiRow.cut,
    KpiRow.group_name,
    KpiRow.period,
    KpiRow.value,
    KpiRow.updated_at,
)
_ORDER = _COLUMNS[:4]


class Kpis(RepositoryBase):
    """KPIs of one organisation; they stay when an analysis is deleted, and go with the organisation."""

    def put_kpis(self, organisation_id: str, kpis: Sequence[Kpi]) -> int:
        """Store values, each in the place of the one that its cut, group, period and KPI had; all or none.

        Returns:
            how many had none before.
        """
        now = self._now()
        rows = [
            {
                "organisation_id": organisation_id,
                "kpi": item.kpi,
                "cut": item.cut or "",
                "group_name": item.group,
                "period": item.period,
                "value": item.value,
                "updated_at": now,
            }
            for item in kpis
        ]
        with self._sessions.begin() as session:
            _lock(session, organisation_id)
            before = _count(session, organisation_id)
            session.execute(self._upsert(), rows)
            return _count(session, organisation_id) - before

    def list_kpis(
        self,
        organisation_id: str,
        *,
        kpi: str | None = None,
        group: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[KpiRecord]:
        """By KPI, cut, group and period.

        Args:
            organisation_id: whose.
            kpi: only this one.
            group: only this one, of whatever cut.
            limit: the most on a page.
            cursor: of the page before.

        Raises:
            InvalidField: the cursor is not one of this list.
        """
        wanted: list[ColumnElement[bool]] = [KpiRow.organisation_id == organisation_id]
        if kpi is not None:
            wanted.append(KpiRow.kpi == kpi)
        if group is not None:
            wanted.append(KpiRow.group_name == group)
        if cursor is not None:
            wanted.append(tuple_(*_ORDER) > tuple_(*decode_cursor(cursor, str, str, str, str)))
        query = select(*_COLUMNS).where(*wanted).order_by(*_ORDER).limit(limit + 1)
        with self._sessions() as session:
            rows = session.execute(query).all()
        items = tuple(KpiRecord(kpi=_kpi(row), updated_at=row.updated_at) for row in rows[:limit])
        more = encode_cursor(*rows[limit - 1][:4]) if len(rows) > limit else None
        return Page(items, more)

    def kpis_of_groups(self, organisation_id: str, groups: Collection[str]) -> tuple[Kpi, ...]:
        """All values of these groups, of whatever cut."""
        query = select(*_COLUMNS).where(KpiRow.organisation_id == organisation_id, KpiRow.group_name.in_(groups))
        with self._sessions() as session:
            return tuple(_kpi(row) for row in session.execute(query.order_by(*_ORDER)))

    def delete_kpis(
        self,
        organisation_id: str,
        kpi: str,
        *,
        group: str | None = None,
        cut: str | None = None,
        period: str | None = None,
    ) -> int:
        """Forget the values of a KPI.

        Args:
            organisation_id: whose.
            kpi: which.
            group: only of this one.
            cut: only those given for this one; None: for whatever cut, or without one.
            period: only of this one.

        Returns:
            how many there were.
        """
        wanted: list[ColumnElement[bool]] = [KpiRow.organisation_id == organisation_id, KpiRow.kpi == kpi]
        for column, value in ((KpiRow.group_name, group), (KpiRow.cut, cut), (KpiRow.period, period)):
            if value is not None:
                wanted.append(column == value)
        with self._sessions.begin() as session:
            _lock(session, organisation_id)
            deleted = session.execute(delete(KpiRow).where(*wanted))
            assert isinstance(deleted, CursorResult)
            return deleted.rowcount

    def known_groups(self, organisation_id: str, analysis_id: str | None = None) -> Mapping[str, tuple[str, ...]]:
        """The groups of each cut, of one analysis or of all that are completed; names only.

        Raises:
            NotFound: there is no analysis of that id in this organisation.
        """
        query = select(AnalysisRow.result["cuts"]).where(AnalysisRow.organisation_id == organisation_id)
        if analysis_id is not None:
            query = query.where(AnalysisRow.id == analysis_id)
        with self._sessions() as session:
            found = session.scalars(query.order_by(AnalysisRow.created_at.desc())).all()
        if analysis_id is not None and not found:
            raise NotFound(f"there is no analysis {analysis_id!r}")
        known: dict[str, dict[str, None]] = {}
        for cut in (cut for cuts in found for cut in cuts or ()):
            known.setdefault(cut["name"], {}).update(dict.fromkeys(group["name"] for group in cut["groups"]))
        return {name: tuple(groups) for name, groups in known.items()}

    def _upsert(self) -> postgresql.Insert | sqlite.Insert:
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        insert: postgresql.Insert | sqlite.Insert = dialect.insert(KpiRow)
        new = insert.excluded
        return insert.on_conflict_do_update(
            index_elements=_KEY, set_={"value": new.value, "updated_at": new.updated_at}
        )


def _lock(session: Session, organisation_id: str) -> None:
    """Change the KPIs of an organisation one at a time: the same rows in another order would deadlock."""
    session.scalar(select(OrganisationRow.id).where(OrganisationRow.id == organisation_id).with_for_update())


def _count(session: Session, organisation_id: str) -> int:
    return session.execute(
        select(func.count()).select_from(KpiRow).where(KpiRow.organisation_id == organisation_id)
    ).scalar_one()


def _kpi(row: Row[Any]) -> Kpi:
    return Kpi(kpi=row.kpi, cut=row.cut or None, group=row.group_name, period=row.period, value=row.value)
