"""The Python client, against the application in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from service import errors
from service.client import Client
from service.errors import PlumblineError
from service.results import Codebook, Comment, Purpose, Theme
from service.results.edits import Hide, Rename
from service.results.kpis import Kpi
from tests.builders import make_analysis

COMMENTS = [
    Comment(comment_id="a", text="They listen.", respondent_id="r1", groups={"team": "North"}, ratings={"joy": 4.0}),
    Comment(comment_id="b", text="Never."),
]


@pytest.fixture
def client(app, repository, organisation_id) -> Iterator[Client]:
    key = repository.create_api_key(organisation_id, "analyst")
    with Client("http://plumbline.test", key, transport=httpx.WSGITransport(app=app)) as client:
        yield client


@pytest.fixture
def working(work) -> Iterator[None]:
    """A worker beside the client."""
    stop = threading.Event()

    def keep_working() -> None:
        while not stop.is_set():
            work()
            time.sleep(0.05)

    thread = threading.Thread(target=keep_working)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_a_batch_comes_back_as_an_analysis_with_its_comments(client, working, analyser):
    told: list[tuple[str, int, int]] = []
    analyser.before = lambda **_: time.sleep(2)  # long enough to be seen at work
    codebook = Codebook(name="Own", version="1", themes=(Theme(theme_id="t", name="Trust", definition="Trust."),))
    purpose = Purpose.from_text("We listen to each other.")
    analysis = client.analyse(
        COMMENTS,
        purpose,
        name="Spring",
        cuts=["team"],
        ratings=["joy"],
        codebook=codebook,
        progress=lambda *step: told.append(step),
    )
    expected = make_analysis()
    assert analysis.to_dict(comments=True, theme_map=True) == expected.to_dict(comments=True, theme_map=True)
    (call,) = analyser.calls
    assert list(call.comments) == COMMENTS
    assert (call.purpose, call.codebook) == (purpose, codebook)
    assert (call.cuts, call.ratings) == (("team",), ("joy",))
    assert ("score", 0, 2) in told
    assert [item.name for item in client.analyses()] == ["Spring"]


def test_an_analysis_that_fails_raises_its_error(client, working, analyser):
    def refuse(**_):
        raise errors.InvalidCut("cut 'team' needs respondent ids")

    analyser.before = refuse
    with pytest.raises(errors.InvalidCut, match="needs respondent ids"):
        client.analyse(COMMENTS, "We listen.")


def test_score_gives_a_result_for_each_text_in_order(client):
    results = client.score(["one", COMMENTS[0]], "We listen.")
    assert [result.comment_id for result in results] == ["c1", "a"]
    assert results[0].facets[0].alignment == 0.25
    assert results[0].text == ""


def test_a_purpose_is_stored_changed_and_used(client, sent):
    stored = client.create_purpose("We listen to each other. We learn from mistakes.")
    changed = client.replace_facets(stored.purpose_id, stored.purpose.facets[:1])
    assert (changed.version, changed.purpose.facets) == (2, stored.purpose.facets[:1])
    assert client.purpose(stored.purpose_id) == changed
    client.submit(COMMENTS, changed)
    assert len(sent) == 1


def test_an_unfinished_analysis_has_no_result_and_a_deleted_one_is_gone(client):
    analysis_id = client.submit(COMMENTS, "We listen.")
    with pytest.raises(errors.NotReady):
        client.analysis(analysis_id)
    client.delete_analysis(analysis_id)
    with pytest.raises(errors.NotFound):
        client.analysis(analysis_id)


def test_a_refused_batch_raises_the_error_with_its_place(client):
    with pytest.raises(errors.DuplicateIds) as caught:
        client.submit([COMMENTS[0], COMMENTS[0]], "We listen.")
    assert caught.value.where == "comments[1].id"


def test_a_wrong_key_raises_unauthenticated(app):
    with (
        Client("http://plumbline.test", "plk_no", transport=httpx.WSGITransport(app=app)) as client,
        pytest.raises(errors.Unauthenticated),
    ):
        client.info()


def test_every_code_of_the_error_tree_comes_back_as_its_class():
    def kinds(root: type[PlumblineError]) -> Iterator[type[PlumblineError]]:
        yield root
        for kind in root.__subclasses__():
            if kind.__module__ == "service.errors":
                yield from kinds(kind)

    for kind in kinds(PlumblineError):

        def answer(_: httpx.Request, kind: type[PlumblineError] = kind) -> httpx.Response:
            return httpx.Response(kind.status, json={"code": kind.code, "detail": "why"}, headers={"Retry-After": "0"})

        with (
            Client("http://plumbline.test", "k", transport=httpx.MockTransport(answer)) as client,
            pytest.raises(kind) as caught,
        ):
            client.info()
        assert type(caught.value) is kind


def test_an_answer_from_something_else_is_not_mistaken_for_a_problem():
    transport = httpx.MockTransport(lambda _: httpx.Response(502, text="<h1>Bad gateway</h1>"))
    with (
        Client("http://plumbline.test", "k", transport=transport) as client,
        pytest.raises(errors.InternalError, match="502"),
    ):
        client.info()


def test_a_request_that_came_too_fast_is_sent_again_with_the_same_idempotency_key(batch):
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Idempotency-Key"])
        if len(seen) == 1:
            return httpx.Response(429, headers={"Retry-After": "0"}, json={"code": "rate_limited", "detail": "slow"})
        return httpx.Response(202, json={"id": "an_1"})

    with Client("http://plumbline.test", "k", transport=httpx.MockTransport(answer)) as client:
        assert client.submit(COMMENTS, "We listen.") == "an_1"
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_themes_are_edited_taken_back_and_carried_into_the_next_pulse(client, work, analyser):
    analysis_id = client.submit(COMMENTS, "We listen to each other.")
    work()
    edited = client.edit_themes(analysis_id, Rename(theme_id="workload", name="Too much"), version="1")
    assert edited.themes[0].name == "Too much"
    book = client.codebook(analysis_id)
    assert (book.version, book.themes[0].name) == ("1+1", "Too much")
    client.submit(COMMENTS, "We listen to each other.", codebook=book)
    work()
    assert analyser.calls[-1].codebook == book
    assert client.edit_themes(analysis_id, version="1+1").provenance.codebook_version == "1+2"
    with pytest.raises(errors.StaleVersion, match="'1\\+2'"):
        client.edit_themes(analysis_id, Hide(theme_id="workload"), version="1")


def test_kpis_are_added_and_come_back_beside_alignment(client, work):
    analysis_id = client.submit(COMMENTS, "We listen.")
    work()
    kpis = [Kpi(group=group, period="2026-Q1", kpi="turnover", value=0.1) for group in ("Day", "Night", "Split")]
    assert client.add_kpis(kpis, analysis_id=analysis_id) == 3
    assert client.add_kpis(kpis) == 0
    (relation,) = client.kpis(analysis_id).relations
    assert [(group.group, group.alignment.value) for group in relation.groups] == [("Day", 0.17), ("Night", -0.09)]
    assert (relation.n, relation.rho) == (2, None)
    assert client.kpis(analysis_id, period="2025").relations == ()
    assert client.delete_kpis("turnover", group="Day", period="2026-Q1") == 1
    assert client.delete_kpis("turnover") == 2
    with pytest.raises(errors.NotFound, match="no value of KPI 'turnover' for cut 'shift'"):
        client.delete_kpis("turnover", cut="shift")
    with pytest.raises(errors.InvalidField, match="no completed analysis has a group 'Evening'"):
        client.add_kpis([Kpi(group="Evening", period="2026", kpi="turnover", value=1.0)])


def test_pulses_of_a_purpose_come_back_side_by_side(client, working, analyser):
    purpose = client.create_purpose("We listen to each other.")
    for name in ("Spring", "Autumn"):
        client.analyse(COMMENTS, purpose, name=name)
    report = client.trends(purpose_id=purpose.purpose_id)
    assert [source.name for source in report.pulses[0].sources] == ["Spring", "Autumn"]
    named = client.trends(analysis_ids=[item.analysis_id for item in client.analyses()])
    assert named.trends == report.trends
    with pytest.raises(errors.NotFound):
        client.trends(purpose_id="none")
