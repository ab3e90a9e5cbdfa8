"""Themes are edited on the page: what it shows, what it changes, who may, and what it says when something is wrong."""

from __future__ import annotations

import re

import pytest

PASSWORD = "correct horse battery"
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def visitor(app, repository, organisation_id):
    def sign_in(role, organisation=organisation_id):
        email = f"{role}@{organisation}.example"
        repository.create_user(organisation, email, PASSWORD, role)
        client = app.test_client()
        form = {"csrf_token": token(client.get("/sign-in", headers=BROWSER).text), "email": email, "password": PASSWORD}
        assert client.post("/sign-in", data=form, headers=BROWSER).status_code == 302
        return client

    return sign_in


def token(html):
    return re.search(r'name="csrf_token" value="([^"]+)"', html)[1]


def shown(client, analysis_id):
    return client.get(f"/analyses/{analysis_id}/themes", headers=BROWSER)


def send(client, analysis_id, version="1", **form):
    html = shown(client, analysis_id).text
    data = {"csrf_token": token(html), "version": version} | form
    return client.post(f"/analyses/{analysis_id}/themes", data=data, headers=BROWSER)


def test_the_page_lists_every_theme_with_what_can_be_done_to_it(visitor, analysis_id):
    html = shown(visitor("researcher"), analysis_id).text
    assert "this is version\n  1" in html
    for operation in ("merge", "undo", "rename", "split", "hide"):
        assert f'name="op" value="{operation}"' in html
    assert "Workload" in html


def test_an_edit_changes_the_page_of_the_analysis_too(visitor, analysis_id):
    client = visitor("researcher")
    assert "What we earn" not in client.get(f"/analyses/{analysis_id}", headers=BROWSER).text
    answer = send(client, analysis_id, op="rename", theme_id="workload", name="What we earn", definition="")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/analyses/{analysis_id}/themes")
    assert "What we earn" in shown(client, analysis_id).text
    assert "What we earn" in client.get(f"/analyses/{analysis_id}", headers=BROWSER).text


def test_the_last_change_is_taken_back(visitor, analysis_id):
    client = visitor("analyst")
    send(client, analysis_id, op="hide", theme_id="workload")
    assert send(client, analysis_id, version="1+1", op="undo").status_code == 302
    assert "1+2" in shown(client, analysis_id).text


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"version": "0", "op": "hide", "theme_id": "workload"}, 409, "is not the newest"),
        ({"op": "undo"}, 422, "no edit to take back"),
        ({"op": "split", "theme_id": "workload", "parts": "two"}, 422, "parts must be a whole number"),
        ({"op": "move", "theme_id": "workload", "target": ""}, 422, "choose what is to be done"),
        ({}, 422, "choose what is to be done"),
    ],
)
def test_what_cannot_be_done_is_said_above_the_themes(visitor, analysis_id, form, status, said):
    answer = send(visitor("researcher"), analysis_id, **form)
    assert answer.status_code == status
    assert said in answer.text
    assert "Nothing was changed" in answer.text
    assert "Workload" in answer.text


def test_leaders_strangers_and_those_who_have_not_signed_in_edit_nothing(app, visitor, repository, analysis_id):
    leader = visitor("leader")
    assert shown(leader, analysis_id).status_code == 403
    assert "Edit the themes" not in leader.get(f"/analyses/{analysis_id}", headers=BROWSER).text
    other = repository.ensure_organisation("Elsewhere").organisation_id
    assert shown(visitor("researcher", other), analysis_id).status_code == 404
    assert shown(app.test_client(), analysis_id).status_code == 302


def test_a_form_without_its_token_is_refused(visitor, analysis_id):
    client = visitor("researcher")
    data = {"version": "1", "op": "hide", "theme_id": "workload"}
    assert client.post(f"/analyses/{analysis_id}/themes", data=data, headers=BROWSER).status_code == 403
