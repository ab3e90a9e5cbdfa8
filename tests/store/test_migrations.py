"""Migrations: they make exactly the tables of the code, once, whoever starts them."""

from __future__ import annotations

import multiprocessing

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from service.store import connect, migrate
from service.store.tables import Base


def test_migrations_and_tables_agree(url):
    migrate(url)
    engine = connect(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def test_migrating_again_changes_nothing(url, repository, organisation_id):
    migrate(url)
    assert repository.ensure_organisation("Valley Care").organisation_id == organisation_id


def test_processes_that_start_at_once_all_find_the_tables(url):
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=migrate, args=(url,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]


def test_sqlite_writes_ahead_enforces_keys_and_overwrites_what_is_deleted(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'new' / 'x.sqlite'}")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "secure_delete", "busy_timeout")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 15_000}


def test_database_errors_quote_no_values(url):
    migrate(url)
    engine = connect(url)
    try:
        with engine.begin() as connection:
            for _ in range(2):
                connection.execute(
                    Base.metadata.tables["organisations"].insert(),
                    {"id": "o", "name": "Rumpelstiltskin", "created_at": None},
                )
    except IntegrityError as error:
        assert "Rumpelstiltskin" not in str(error).split("DETAIL")[0]
    else:
        raise AssertionError("a missing time was accepted")
    finally:
        engine.dispose()
