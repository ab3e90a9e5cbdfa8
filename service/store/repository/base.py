"""What the parts of the repository share: the engine, the clock, ids, cursors."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import secrets
from collections.abc import Callable

from sqlalchemy import Engine, text
from sqlalchemy.orm import sessionmaker

from service.errors import InvalidField

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class RepositoryBase:
    """Holds the engine.

    Args:
        engine: from ``service.store.connect``; the tables exist (``service.store.migrate``).
        clock: gives the present time, aware.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self._engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._now = clock

    def ping(self) -> None:
        """A real query on a real table; raises SQLAlchemy's error when the database cannot answer."""
        with self._sessions() as session:
            session.execute(text("SELECT count(*) FROM organisations")).scalar_one()

    def close(self) -> None:
        self._engine.dispose()

    def _forget_log(self) -> None:
        """Empty SQLite's write-ahead log, in which deleted comments would outlive their row."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def new_id(kind: str) -> str:
    """A random id with 96 bits, for instance ``an_3f…``."""
    return f"{kind}_{secrets.token_hex(12)}"


def encode_cursor(*parts: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> list[str | int]:
    """The parts ``encode_cursor`` was given, one of each of ``kinds``.

    Raises:
        InvalidField: it is not a cursor of this list.
    """
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        parts = None
    if not isinstance(parts, list) or [type(part) for part in parts] != list(kinds):
        raise _no_cursor()
    return parts


def encode_moment_cursor(moment: dt.datetime, item_id: str) -> str:
    """The cursor after an item, in a list by time and then by id."""
    return encode_cursor((moment - _EPOCH) // dt.timedelta(microseconds=1), item_id)


def decode_moment_cursor(cursor: str) -> tuple[dt.datetime, str]:
    """What ``encode_moment_cursor`` was given.

    Raises:
        InvalidField: it is not a cursor of such a list.
    """
    micros, item_id = decode_cursor(cursor, int, str)
    try:
        return _EPOCH + dt.timedelta(microseconds=int(micros)), str(item_id)
    except OverflowError:
        raise _no_cursor() from None


def _no_cursor() -> InvalidField:
    return InvalidField("the cursor is not one that this list gave; leave it out to begin anew", where="cursor")
