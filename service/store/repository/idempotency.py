"""Idempotency keys: a POST that is sent twice happens once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from service.errors import Conflict, IdempotencyConflict
from service.store.records import StoredResponse
from service.store.repository.base import RepositoryBase
from service.store.tables import IdempotencyKeyRow

KEPT = dt.timedelta(hours=24)
ABANDONED = dt.timedelta(minutes=2)


class IdempotencyKeys(RepositoryBase):
    """Keys of one organisation, kept for a day."""

    def begin_idempotent(self, organisation_id: str, key: str, request_hash: str) -> StoredResponse | None:
        """Reserve a key; None means: go ahead, then call ``finish_idempotent`` or ``abandon_idempotent``.

        Returns:
            the answer of the first request, when this one repeats it.

        Raises:
            IdempotencyConflict: the key came before with another body.
            Conflict: the first request with this key is still being answered.
        """
        now = self._now()
        mine = (IdempotencyKeyRow.organisation_id == organisation_id, IdempotencyKeyRow.key == key)
        with self._sessions() as session:
            abandoned = IdempotencyKeyRow.status.is_(None) & (IdempotencyKeyRow.expires_at < now + KEPT - ABANDONED)
            session.execute(delete(IdempotencyKeyRow).where(or_(IdempotencyKeyRow.expires_at < now, abandoned)))
            session.add(
                IdempotencyKeyRow(
                    organisation_id=organisation_id, key=key, request_hash=request_hash, expires_at=now + KEPT
                )
            )
            try:
                session.commit()
            except IntegrityError:
                session.rollback()
            else:
                return None
            row = session.scalars(select(IdempotencyKeyRow).where(*mine)).one_or_none()
        if row is None or (row.request_hash == request_hash and row.status is None):
            raise Conflict("the first request with this Idempotency-Key is still being answered; try again shortly")
        if row.request_hash != request_hash:
            raise IdempotencyConflict(
                "this Idempotency-Key came before with a different request; use a new key for a new request",
                where="Idempotency-Key",
            )
        assert row.status is not None
        return StoredResponse(status=row.status, body=row.body or "", location=row.location)

    def finish_idempotent(
        self, organisation_id: str, key: str, response: StoredResponse, *, resource_id: str | None
    ) -> None:
        """Remember the answer; it is forgotten with the resource it names."""
        with self._sessions.begin() as session:
            session.execute(
                update(IdempotencyKeyRow)
                .where(IdempotencyKeyRow.organisation_id == organisation_id, IdempotencyKeyRow.key == key)
                .values(status=response.status, body=response.body, location=response.location, resource_id=resource_id)
            )

    def abandon_idempotent(self, organisation_id: str, key: str) -> None:
        """Free a key whose request failed, so that it can be tried again."""
        with self._sessions.begin() as session:
            session.execute(
                delete(IdempotencyKeyRow).where(
                    IdempotencyKeyRow.organisation_id == organisation_id, IdempotencyKeyRow.key == key
                )
            )
