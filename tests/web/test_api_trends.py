"""``GET /v1/trends``: which pulses are set beside each other, for whom, and how often that is worked out."""

from __future__ import annotations

import pytest

from service.results import TrendReport
from tests.web.conftest import BATCH, PURPOSE


@pytest.fixture
def purpose_id(api):
    return api.post("/v1/purposes", json={"statement": PURPOSE}).json["purpose_id"]


def analyse(api, work, name, **purpose):
    made = api.post("/v1/analyses", json={"name": name, "comments": BATCH["comments"], **purpose})
    assert made.status_code == 202, made.json
    work()
    return made.json["id"]


def compared(analyser):
    return [[study.name for study in call.studies] for call in analyser.compared]


def test_the_pulses_of_a_purpose_are_all_that_were_made_with_it(api, work, analyser, purpose_id):
    for name in ("March", "May"):
        analyse(api, work, name, purpose_id=purpose_id)
    analyse(api, work, "Inline", purpose=PURPOSE)
    answer = api.get(f"/v1/trends?purpose_id={purpose_id}")
    assert answer.status_code == 200
    assert compared(analyser) == [["March", "May"]]
    report = TrendReport.from_dict(answer.json)
    assert report.pulses[0].sources[0].name == "March"
    assert answer.json["trends"][0]["points"][0]["pulse"] == "2026-01"
    assert "value" not in answer.json["trends"][0]["to_last"][1]


def test_the_pulses_of_an_analysis_with_an_inline_purpose_are_those_with_its_statement(api, work, analyser, purpose_id):
    analyse(api, work, "Stored", purpose_id=purpose_id)
    first = analyse(api, work, "First", purpose=PURPOSE)
    analyse(api, work, "Second", purpose=PURPOSE)
    analyse(api, work, "Other", purpose="We build bridges that last.")
    assert api.get(f"/v1/trends?analysis_id={first}").status_code == 200
    assert compared(analyser) == [["First", "Second"]]


def test_named_analyses_are_compared_whatever_their_purposes(api, work, analyser):
    first, _, third = (analyse(api, work, name, purpose=PURPOSE) for name in ("One", "Two", "Three"))
    assert api.get(f"/v1/trends?analysis_id={first}&analysis_id={third}").status_code == 200
    assert compared(analyser) == [["One", "Three"]]


def test_a_report_is_made_once_until_something_it_is_made_of_changes(api, work, analyser, purpose_id):
    analysis_id = analyse(api, work, "March", purpose_id=purpose_id)
    address = f"/v1/trends?purpose_id={purpose_id}"
    assert api.get(address).json == api.get(address).json
    assert len(analyser.compared) == 1
    edit = {"version": "1", "edits": [{"op": "rename", "theme_id": "workload", "name": "Too much to do"}]}
    assert api.post(f"/v1/analyses/{analysis_id}/theme-edits", json=edit).status_code == 200
    api.get(address)
    assert len(analyser.compared) == 2
    analyse(api, work, "May", purpose_id=purpose_id)
    api.get(address)
    assert compared(analyser)[-1] == ["March", "May"]
    api.delete(f"/v1/analyses/{analysis_id}")
    api.get(address)
    assert compared(analyser)[-1] == ["May"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 422, "give either 'purpose_id' or 'analysis_id'"),
        ("?purpose_id=a&analysis_id=b", 422, "give either 'purpose_id' or 'analysis_id'"),
        ("?purpose_id=pu_none", 404, "there is no purpose 'pu_none'"),
        ("?analysis_id=an_none", 404, "there is no analysis 'an_none'"),
        ("?analysis_id=an_none&analysis_id=an_other", 404, "there is no analysis 'an_none'"),
        ("?team=a&purpose_id=b", 422, "team"),
    ],
)
def test_what_cannot_be_compared_is_said(api, query, status, said):
    answer = api.get(f"/v1/trends{query}")
    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)


def test_a_purpose_without_a_completed_analysis_is_not_ready(api, batch, purpose_id):
    assert api.get(f"/v1/trends?purpose_id={purpose_id}").json["code"] == "not_ready"
    queued = api.post("/v1/analyses", json=batch).json["id"]
    assert api.get(f"/v1/trends?analysis_id={queued}").json["code"] == "not_ready"


def test_leaders_may_read_trends_and_other_organisations_may_not(client_of, api, work, purpose_id):
    analysis_id = analyse(api, work, "March", purpose_id=purpose_id)
    assert client_of("leader").get(f"/v1/trends?purpose_id={purpose_id}").status_code == 200
    other = client_of("analyst", "Hill Care")
    assert other.get(f"/v1/trends?purpose_id={purpose_id}").status_code == 404
    assert other.get(f"/v1/trends?analysis_id={analysis_id}").status_code == 404
    assert other.get(f"/v1/trends?analysis_id={analysis_id}&analysis_id={analysis_id}").status_code == 404
