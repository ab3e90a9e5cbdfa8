"""Actions over HTTP: decided on an insight, followed by the pulses, refused with what would be right."""

from __future__ import annotations

import datetime as dt

import pytest

from service.errors import NotFound
from tests.web.acting import asked_for

__all__ = ["asked_for"]

TODAY = dt.datetime.now(dt.UTC).date()
HEADLINE = "Care for every patient is what people live most"


@pytest.fixture
def given(completed) -> dict:
    return {
        "analysis_id": completed,
        "insight_id": "i-01",
        "description": " Crews tell each other what went well ",
        "owner": "Head of care",
        "date": "2026-04-02",
        "expected_change": 5,
    }


def _errors(response) -> dict[str, str]:
    assert (response.status_code, response.json["code"]) == (422, "invalid_field"), response.text
    return {error["path"]: error["message"] for error in response.json["errors"]}


def test_an_action_is_kept_and_found_again_with_what_the_pulses_show(api, given, asked_for):
    made = api.post("/v1/actions", json=given)
    action = made.json
    assert (made.status_code, made.headers["Location"]) == (201, f"/v1/actions/{action['action_id']}")
    assert (action["headline"], action["kind"]) == (HEADLINE, "facet_lived")
    assert (action["measure"], action["facet_id"], action["theme_id"], action["group"]) == (
        "alignment",
        "care",
        None,
        None,
    )
    assert (action["description"], action["date"], action["expected_change"]) == (
        "Crews tell each other what went well",
        "2026-04-02",
        5.0,
    )
    found = api.get(made.headers["Location"]).json
    outcome = found.pop("outcome")
    assert found == action
    assert (outcome["verdict"], outcome["as_expected"], outcome["change"]["low"]) == ("moved", True, 0.03)
    assert outcome["before"] == {"pulse": "2026-03", "status": "ok", "value": 0.41, "low": 0.33, "high": 0.48, "n": 143}
    assert outcome["after"]["pulse"] == "2026-05"
    assert "a change of +14 points (+3 to +25)" in outcome["text"]


def test_the_list_is_newest_first_in_pages_and_asks_for_the_pulses_of_an_analysis_once(
    api, given, batch, work, asked_for
):
    other = api.post("/v1/analyses", json=batch).json["id"]
    work()
    made = [api.post("/v1/actions", json=given | {"insight_id": f"i-0{n}"}).json["action_id"] for n in (1, 2, 3)]
    made.append(api.post("/v1/actions", json=given | {"analysis_id": other}).json["action_id"])
    everything = api.get("/v1/actions").json
    assert [action["action_id"] for action in everything["actions"]] == made[::-1]
    assert everything["next_cursor"] is None
    assert sorted(asked_for) == sorted([given["analysis_id"], other])
    own = api.get("/v1/actions", query_string={"analysis_id": given["analysis_id"], "limit": 2}).json
    rest = api.get(
        "/v1/actions", query_string={"analysis_id": given["analysis_id"], "limit": 2, "cursor": own["next_cursor"]}
    ).json
    assert [action["action_id"] for action in own["actions"] + rest["actions"]] == made[2::-1]
    assert [action["outcome"]["verdict"] for action in rest["actions"]] == ["moved"]
    assert api.get("/v1/actions?cursor=nonsense").status_code == 422
    assert api.get("/v1/actions?analysis_id=an_none").status_code == 404


def test_without_a_date_it_is_today_and_a_plan_may_lie_two_years_ahead(api, given, asked_for):
    del given["date"]
    made = api.post("/v1/actions", json=given).json
    assert made["date"] == TODAY.isoformat()
    assert api.get(f"/v1/actions/{made['action_id']}").json["outcome"]["verdict"] == "too_early"
    latest = (TODAY + dt.timedelta(days=731)).isoformat()
    assert api.post("/v1/actions", json=given | {"date": latest}).status_code == 201
    assert api.post("/v1/actions", json=given | {"date": None}).json["date"] == TODAY.isoformat()


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ({"insight_id": "i-99"}, "insight_id", f"no insight 'i-99'; it has i-01 “{HEADLINE}”, i-02"),
        ({"insight_id": "i-99"}, "insight_id", "/insights shows them"),
        ({"insight_id": ""}, "insight_id", "it is empty; say which insight"),
        ({"expected_change": 0}, "expected_change", "0 is no change; write how many points"),
        ({"expected_change": "-0.0"}, "expected_change", "0 is no change"),
        ({"expected_change": "a lot"}, "expected_change", "is not a number; write how many points"),
        ({"expected_change": None}, "expected_change", "it is not a number"),
        ({"expected_change": True}, "expected_change", "is not a number"),
        ({"expected_change": 200.5}, "expected_change", "200.5 points is more than there can be; give at most 200"),
        ({"expected_change": -101, "insight_id": "i-10"}, "expected_change", "-101 percentage points is more"),
        ({"description": "  "}, "description", "it is empty; say what is done"),
        ({"description": "x" * 2_001}, "description", "it has 2,001 characters; 2,000 are the most"),
        ({"description": 7}, "description", "it is not text"),
        ({"owner": ""}, "owner", "it is empty; say who sees to it"),
        ({"owner": "x" * 201}, "owner", "it has 201 characters; 200 are the most"),
        ({"date": "03/04/2026"}, "date", "could be two days; write the one that is meant as 2026-04-03 or 2026-03-04"),
        ({"date": "31/04/2026"}, "date", "is not a date"),
        ({"date": "soon"}, "date", "is not a date; write it as YYYY-MM-DD"),
        ({"date": 20260402}, "date", "it is not a date; write it as YYYY-MM-DD"),
        ({"date": "2999-01-01"}, "date", "2999-01-01 lies more than two years ahead; give a day up to"),
        ({"budget": 1}, "budget", "not permitted"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_kept(api, given, change, path, said):
    errors = _errors(api.post("/v1/actions", json=given | change))
    assert list(errors) == [path]
    assert said in errors[path]
    assert api.get("/v1/actions").json["actions"] == []


def test_everything_that_is_missing_is_named_at_once(api):
    assert set(_errors(api.post("/v1/actions", json={}))) == {
        "analysis_id",
        "insight_id",
        "description",
        "owner",
        "expected_change",
    }


def test_the_minus_of_the_page_is_understood(api, given):
    assert api.post("/v1/actions", json=given | {"expected_change": "−2.5"}).json["expected_change"] == -2.5


def test_an_analysis_that_is_not_there_or_not_done_is_not_decided_on(api, given, batch):
    missing = api.post("/v1/actions", json=given | {"analysis_id": "an_none"})
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")
    waiting = api.post("/v1/analyses", json=batch).json["id"]
    early = api.post("/v1/actions", json=given | {"analysis_id": waiting})
    assert (early.status_code, early.json["code"]) == (409, "not_ready")


def test_the_same_key_is_answered_the_same_until_the_action_is_deleted(api, given, asked_for):
    first = api.post("/v1/actions", json=given, headers={"Idempotency-Key": "k"})
    again = api.post("/v1/actions", json=given, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json, again.headers["Idempotency-Replayed"]) == (201, first.json, "true")
    other = api.post("/v1/actions", json=given | {"owner": "x"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")
    assert len(api.get("/v1/actions").json["actions"]) == 1
    api.delete(first.headers["Location"])
    anew = api.post("/v1/actions", json=given, headers={"Idempotency-Key": "k"})
    assert anew.json["action_id"] != first.json["action_id"]


@pytest.mark.parametrize("role", ["analyst", "researcher", "leader"])
def test_every_role_decides_reads_and_deletes(client_of, given, asked_for, role):
    client = client_of(role)
    location = client.post("/v1/actions", json=given).headers["Location"]
    assert client.get(location).status_code == 200
    assert client.delete(location).status_code == 204
    for method in (client.get, client.delete):
        assert method(location).json["code"] == "not_found"


def test_another_organisation_sees_none_of_it(api, client_of, given, asked_for):
    location = api.post("/v1/actions", json=given).headers["Location"]
    other = client_of("analyst", "Other")
    assert other.get("/v1/actions").json["actions"] == []
    refused = [
        other.get(location),
        other.delete(location),
        other.post("/v1/actions", json=given),
        other.get("/v1/actions", query_string={"analysis_id": given["analysis_id"]}),
    ]
    assert [response.status_code for response in refused] == [404] * 4
    assert api.get(location).status_code == 200


def test_actions_go_with_their_analysis(api, given, asked_for):
    location = api.post("/v1/actions", json=given).headers["Location"]
    api.delete(f"/v1/analyses/{given['analysis_id']}")
    assert api.get(location).status_code == 404
    assert api.get("/v1/actions").json["actions"] == []


def test_pulses_that_cannot_be_set_side_by_side_leave_the_list_readable(api, given, monkeypatch):
    def refused(organisation_id, analysis_id):
        raise NotFound("the analyses were made before pulses could be compared")

    monkeypatch.setattr("service.web.deciding.trend_report", refused)
    api.post("/v1/actions", json=given)
    (action,) = api.get("/v1/actions").json["actions"]
    assert action["outcome"]["verdict"] == "too_early"
    assert action["outcome"]["text"] == "The analyses were made before pulses could be compared."


def test_the_pulses_are_those_of_the_purpose_and_follow_the_theme_that_was_decided_on(api, analyser, given):
    dignity = api.post("/v1/actions", json=given | {"insight_id": "i-08", "date": "2026-02-01"}).json
    theme = api.post("/v1/actions", json=given | {"insight_id": "i-10"}).json
    outcome = api.get(f"/v1/actions/{dignity['action_id']}").json["outcome"]
    assert (outcome["before"]["pulse"], outcome["after"]["pulse"]) == ("2026-01", "2026-05")
    assert (outcome["verdict"], outcome["as_expected"], outcome["change"]["value"]) == ("moved", False, -0.2)
    assert analyser.compared[-1].wanted == ((given["analysis_id"], theme["theme_id"]),)


def test_an_insight_that_was_read_before_the_themes_were_edited_is_refused(api, given, completed, asked_for):
    version = api.get(f"/v1/analyses/{completed}/themes").json["version"]
    assert api.post("/v1/actions", json=given | {"version": version}).status_code == 201
    edit = {"version": version, "edits": [{"op": "rename", "theme_id": "workload", "name": "Too much to do"}]}
    newest = api.post(f"/v1/analyses/{completed}/theme-edits", json=edit).json["version"]
    refused = api.post("/v1/actions", json=given | {"version": version})
    assert (refused.status_code, refused.json["code"]) == (409, "stale_version")
    assert f"as of version '{newest}'" in refused.json["detail"]
