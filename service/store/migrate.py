"""Brings a database to the newest version of the tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, event, text

from service.store.engine import connect

_LOCK = 7_265_418_093  # an arbitrary number that names this advisory lock


def migrate(url: str) -> None:
    """Apply the migrations that are missing. Safe when several processes start at once: one applies, the rest wait."""
    engine = connect(url)
    if engine.dialect.name == "sqlite":
        _lock_on_begin(engine)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            command.upgrade(_config(connection), "head")
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _lock_on_begin(engine: Engine) -> None:
    """Begin with the write lock held, so that a second process waits before it looks at the version."""

    @event.listens_for(engine, "connect")
    def _manual_transactions(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def _begin_immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
