"""Purposes and the versions of their facets."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.results import Facet, Purpose
from service.store.documents import facets_from, facets_to
from service.store.records import PurposeRecord
from service.store.repository.base import RepositoryBase, new_id
from service.store.tables import PurposeRow, PurposeVersionRow


class Purposes(RepositoryBase):
    """What organisations say they are for."""

    def create_purpose(self, organisation_id: str, purpose: Purpose) -> PurposeRecord:
        now = self._now()
        row = PurposeRow(
            id=new_id("pur"), organisation_id=organisation_id, statement=purpose.statement, version=1, created_at=now
        )
        with self._sessions.begin() as session:
            session.add(row)
            session.flush()
            session.add(_version(row, purpose.facets, self))
        return PurposeRecord(purpose_id=row.id, version=1, purpose=purpose, created_at=now)

    def get_purpose(self, organisation_id: str, purpose_id: str) -> PurposeRecord:
        """The purpose with its newest facets.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        with self._sessions() as session:
            return _read(session, _find(session, organisation_id, purpose_id))

    def replace_facets(self, organisation_id: str, purpose_id: str, facets: tuple[Facet, ...]) -> PurposeRecord:
        """A new version with other facets; earlier versions and the analyses made with them stay as they are.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        with self._sessions.begin() as session:
            row = _find(session, organisation_id, purpose_id, lock=True)
            row.version += 1
            session.add(_version(row, facets, self))
            session.flush()
            return _read(session, row)


def _find(session: Session, organisation_id: str, purpose_id: str, *, lock: bool = False) -> PurposeRow:
    query = select(PurposeRow).where(PurposeRow.id == purpose_id, PurposeRow.organisation_id == organisation_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"there is no purpose {purpose_id!r}")
    return row


def _version(row: PurposeRow, facets: tuple[Facet, ...], repository: RepositoryBase) -> PurposeVersionRow:
    return PurposeVersionRow(
        purpose_id=row.id, version=row.version, facets=facets_to(facets), created_at=repository._now()
    )


def _read(session: Session, row: PurposeRow) -> PurposeRecord:
    version = session.get_one(PurposeVersionRow, (row.id, row.version))
    return PurposeRecord(
        purpose_id=row.id,
        version=row.version,
        purpose=Purpose(statement=row.statement, facets=facets_from(version.facets)),
        created_at=row.created_at,
    )
