"""Insights are decided on, and actions followed, on the page: what it shows, keeps, refuses, and who may."""

from __future__ import annotations

import re

import pytest

from tests.web.acting import asked_for
from tests.web.test_theme_pages import BROWSER, token, visitor

__all__ = ["asked_for", "visitor"]

GIVEN = {
    "insight_id": "i-01",
    "description": "Crews say <b>thank you</b>",
    "owner": "Head of care",
    "date": "2026-04-02",
    "expected_change": "+5",
}


def shown(client, analysis_id, **query):
    return client.get(f"/analyses/{analysis_id}/actions", query_string=query, headers=BROWSER)


def send(client, analysis_id, **change):
    data = GIVEN | {"csrf_token": token(shown(client, analysis_id).text)} | change
    return client.post(f"/analyses/{analysis_id}/actions", data=data, headers=BROWSER)


def chosen(html):
    return re.findall(r'<option value="([^"]*)" selected', html)


def test_the_analysis_leads_to_its_actions_and_the_form_has_the_insight_that_was_asked_for(visitor, analysis_id):
    client = visitor("leader")
    page = client.get(f"/analyses/{analysis_id}", headers=BROWSER).text
    assert f'href="/analyses/{analysis_id}/actions"' in page
    html = shown(client, analysis_id, insight="i-05").text
    assert "Nothing has been decided yet" in html
    assert chosen(html) == ["i-05"]
    assert "Workload pulls alignment down [alignment where people speak of “Workload”]" in html
    assert "People suggest better tools [the share of people who speak of “Tools and workplace”]" in html
    assert chosen(shown(client, analysis_id).text) == []


def test_an_action_stands_with_before_after_change_and_verdict(visitor, analysis_id, asked_for):
    client = visitor("leader")
    answer = send(client, analysis_id)
    assert answer.status_code == 302
    assert re.fullmatch(rf"/analyses/{analysis_id}/actions#ac_\w+", answer.headers["Location"])
    html = shown(client, analysis_id).text
    for said in (
        "Crews say &lt;b&gt;thank you&lt;/b&gt;",
        "Because: Care for every patient is what people live most",
        "Moved in the expected direction",
        "Head of care",
        "<dt>Before, 2026-03</dt><dd>+41 (+33 to +48)</dd>",
        "<dt>After, 2026-05</dt><dd>+55 (+47 to +63)</dd>",
        "<dt>Change</dt><dd>+14 points (+3 to +25)</dd>",
        "Expected: +5 points in alignment on “Care for every patient”.",
        "does not show that the action caused it",
    ):
        assert said in html
    assert asked_for == [analysis_id]


def test_numbers_that_are_not_shown_are_said_to_be_protected(visitor, analysis_id, asked_for):
    client = visitor("leader")
    send(client, analysis_id, insight_id="i-03")
    html = shown(client, analysis_id).text
    assert "Too early" in html
    assert "would tell of too few people and are not shown" in html


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"expected_change": "a lot"}, "expected_change", "is not a number; write how many points"),
        ({"expected_change": ""}, "expected_change", "It is not a number"),
        ({"expected_change": "500"}, "expected_change", "more than there can be"),
        ({"insight_id": ""}, "insight_id", "It is empty; say which insight"),
        ({"insight_id": "i-99"}, "insight_id", "no insight &#39;i-99&#39;"),
        ({"description": " "}, "description", "It is empty; say what is done"),
        ({"owner": ""}, "owner", "It is empty; say who sees to it"),
        ({"date": "03/04/2026"}, "date", "could be two days"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_form_keeps_its_words(
    visitor, analysis_id, asked_for, change, field, said
):
    client = visitor("leader")
    answer = send(client, analysis_id, **change)
    assert answer.status_code == 422
    beside = re.search(rf'id="{field}-error">([^<]*)<', answer.text)[1]
    assert said in beside
    assert f'aria-describedby="{field}-hint {field}-error" aria-invalid="true"' in answer.text
    assert "Nothing was stored" in answer.text
    for kept, value in GIVEN.items():
        if kept not in {field, "insight_id", "description"}:
            assert f'value="{value}"' in answer.text
    assert chosen(answer.text) == [GIVEN["insight_id"]] or field == "insight_id"
    assert "Nothing has been decided yet" in shown(client, analysis_id).text


def test_an_action_is_deleted(visitor, analysis_id, asked_for):
    client = visitor("leader")
    send(client, analysis_id)
    html = shown(client, analysis_id).text
    address = re.search(r'action="(/analyses/[^"]+/delete)"', html)[1]
    assert client.post(address, headers=BROWSER).status_code == 403
    assert client.post(address.replace(analysis_id, "an_x"), data={"csrf_token": token(html)}).status_code == 404
    answer = client.post(address, data={"csrf_token": token(html)}, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/analyses/{analysis_id}/actions")
    assert "Nothing has been decided yet" in shown(client, analysis_id).text


def test_strangers_and_those_who_have_not_signed_in_see_and_decide_nothing(
    app, visitor, repository, analysis_id, asked_for
):
    send(visitor("leader"), analysis_id)
    other = visitor("analyst", repository.ensure_organisation("Elsewhere").organisation_id)
    assert shown(other, analysis_id).status_code == 404
    data = GIVEN | {"csrf_token": token(other.get("/analyses", headers=BROWSER).text)}
    assert other.post(f"/analyses/{analysis_id}/actions", data=data, headers=BROWSER).status_code == 404
    assert shown(app.test_client(), analysis_id).status_code == 302


def test_a_form_without_its_token_is_refused(visitor, analysis_id):
    client = visitor("leader")
    assert client.post(f"/analyses/{analysis_id}/actions", data=GIVEN, headers=BROWSER).status_code == 403


def test_an_analysis_that_is_not_done_has_no_actions(visitor, api, batch):
    waiting = api.post("/v1/analyses", json=batch).json["id"]
    assert shown(visitor("leader"), waiting).status_code == 409


def test_every_insight_on_the_page_links_to_where_it_is_decided_on_and_none_in_the_report(visitor, analysis_id):
    client = visitor("leader")
    page = client.get(f"/analyses/{analysis_id}", headers=BROWSER).text
    assert f'href="/analyses/{analysis_id}/actions?insight=i-05"' in page
    assert "?insight=" not in client.get(f"/analyses/{analysis_id}/report").text
