"""An application with a fake analyser, keys of every role, and a worker that runs when it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from service.config import Settings
from service.core.privacy.pseudonyms import Pseudonyms
from service.errors import InvalidEdit, InvalidPurpose, StaleVersion
from service.jobs import Runner
from service.results import Codebook, CommentResult, FacetScore, Theme, Validity, ValidityFigure
from service.results.edits import edit_to
from service.store import Repository
from service.web import create_app
from service.web.services import EXTENSION
from tests.builders import make_analysis, make_trend_report

VALIDITY = Validity(
    figures=(
        ValidityFigure(
            data="comments", metric="right", value=0.8, low=0.7, high=0.9, n=50, baseline=0.5, against="cosine"
        ),
    ),
    limits=("It misses irony.",),
)
PURPOSE = "We listen to each other. We learn from mistakes."
BATCH = {"purpose": PURPOSE, "comments": [{"text": "We are listened to."}]}


class FakeStudy:
    """The analysis made by hand; an edit gives its first theme the name or the operation that was asked for."""

    def __init__(self, names=()) -> None:
        self.names = list(names)
        self.version = f"1+{len(self.names)}" if self.names else "1"

    @property
    def analysis(self):
        made = make_analysis()
        first, *others = made.themes
        name = self.names[-1] if self.names else first.name
        provenance = replace(made.provenance, codebook_version=self.version)
        return replace(made, themes=(replace(first, name=name), *others), provenance=provenance)

    @property
    def codebook(self):
        theme = Theme(theme_id="pay", name=self.names[-1] if self.names else "Pay", definition="What people are paid.")
        return Codebook(name="book", version=self.version, themes=(theme,))

    def edit(self, *edits, version):
        self._check(version)
        return FakeStudy([*self.names, *(getattr(edit, "name", None) or edit_to(edit)["op"] for edit in edits)])

    def undo(self, version):
        self._check(version)
        if not self.names:
            raise InvalidEdit("there is no edit to take back", where="undo")
        return FakeStudy([*self.names, "undone"])

    def _check(self, version):
        if version != self.version:
            raise StaleVersion(f"version {version!r} is not the newest; that is {self.version!r}", where="version")


class FakeAnalyser:
    """Gives the analysis made by hand, whatever it is asked; ``before`` may do something first."""

    def __init__(self) -> None:
        self.before: Callable[..., None] = lambda **_: None
        self.calls: list[SimpleNamespace] = []
        self.warmed = 0
        self.stances: list[str | None] = []
        self.compared: list[SimpleNamespace] = []
        self.loaded = SimpleNamespace(identities=lambda: {"embedder": "fake@1", "stance": "fake@1"}, validity=VALIDITY)

    def using(self, stance):
        self.stances.append(stance)
        return self

    def study(self, comments, purpose, *, codebook=None, cuts=(), ratings=(), progress=None):
        call = SimpleNamespace(
            comments=comments, purpose=purpose, codebook=codebook, cuts=tuple(cuts), ratings=tuple(ratings)
        )
        self.calls.append(call)
        progress("score", 0, len(comments))
        self.before(comments=comments, progress=progress)
        progress("score", len(comments), len(comments))
        return FakeStudy()

    def pack(self, study, pseudonym=None):
        return json.dumps(study.names).encode()

    def unpack(self, content, analysis, *, to_edit=True):
        return FakeStudy(json.loads(content))

    def trends(self, studies, *, wanted=(), left_out=()):
        self.compared.append(SimpleNamespace(studies=studies, wanted=tuple(wanted), left_out=tuple(left_out)))
        return make_trend_report([study.name for study in studies], [study.analysis_id for study in studies])

    def score(self, comments, purpose):
        self.before(comments=comments)
        facet_id = purpose.facets[0].facet_id
        return [
            CommentResult(
                comment_id=comment.comment_id,
                status="scored",
                text=comment.text,
                alignment=0.25,
                suggestion=False,
                facets=(FacetScore(facet_id=facet_id, relevance=0.5, stance=0.5, alignment=0.25),),
            )
            for comment in comments
        ]

    def check(self, purpose):
        if len(purpose.statement.split()) < 2:
            raise InvalidPurpose("the purpose statement has 1 word", where="statement")
        return ("The facets say nearly the same.",) if "same" in purpose.statement else ()

    def warm_up(self) -> None:
        self.warmed += 1


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(
        _env_file=None, data_dir=tmp_path, max_score_texts=3, max_comments=20, max_body_mb=1, log_level="INFO"
    )


@pytest.fixture
def analyser() -> FakeAnalyser:
    return FakeAnalyser()


@pytest.fixture
def sent() -> list[str]:
    """Ids of the jobs that were put in the queue."""
    return []


@pytest.fixture
def app(settings: Settings, analyser: FakeAnalyser, sent: list[str]) -> Iterator[APIFlask]:
    app = create_app(settings, analyser=analyser, send=sent.append)
    app.config["TESTING"] = False
    yield app
    app.extensions[EXTENSION].repository.close()


@pytest.fixture
def repository(app: APIFlask) -> Repository:
    return app.extensions[EXTENSION].repository


@pytest.fixture
def organisation_id(repository: Repository) -> str:
    return repository.ensure_organisation("Valley Care").organisation_id


@pytest.fixture
def work(repository: Repository, analyser: FakeAnalyser, sent: list[str]) -> Callable[[], None]:
    """Run every job that is in the queue."""
    runner = Runner(repository, analyser, Pseudonyms("key"), lease_seconds=30, send=sent.append)

    def run_all() -> None:
        while sent:
            runner.run(sent.pop(0))

    return run_all


@pytest.fixture
def client_of(app: APIFlask, repository: Repository) -> Callable[..., FlaskClient]:
    """A test client with a key of a role, in any organisation."""

    def make(role: str, organisation: str = "Valley Care") -> FlaskClient:
        key = repository.create_api_key(repository.ensure_organisation(organisation).organisation_id, role)
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        return client

    return make


@pytest.fixture
def analysis_id(client_of: Callable[..., FlaskClient], work: Callable[[], None]) -> str:
    """A finished analysis of ``BATCH``."""
    made = client_of("analyst").post("/v1/analyses", json=BATCH)
    work()
    return str(made.get_json()["id"])


@pytest.fixture
def api(client_of: Callable[..., FlaskClient]) -> FlaskClient:
    """A client with an analyst's key."""
    return client_of("analyst")


@pytest.fixture
def batch() -> dict:
    return {"purpose": PURPOSE, "comments": [{"id": "a", "text": "They listen."}, {"text": "They never do."}]}


@pytest.fixture
def completed(api: FlaskClient, batch: dict, work: Callable[[], None]) -> str:
    """Id of an analysis that is completed."""
    analysis_id = api.post("/v1/analyses", json=batch).json["id"]
    work()
    return analysis_id
