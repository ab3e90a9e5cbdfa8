"""The page on which pulses stand side by side."""

from __future__ import annotations

import re

import pytest

from service.charts.pulses import pulse_charts
from service.report import render_pulses
from tests.builders import make_trend_report


@pytest.fixture
def browser(app, repository, organisation_id):
    """A signed-in browser without JavaScript."""
    repository.create_user(organisation_id, "lea@example.org", "a password of hers", "leader")
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").get_data(as_text=True))[1]
    form = {"email": "lea@example.org", "password": "a password of hers", "csrf_token": token}
    assert client.post("/sign-in", data=form).status_code == 302
    return client


def test_a_leader_sees_facets_themes_and_groups_from_pulse_to_pulse(browser, analysis_id):
    html = browser.get(f"/analyses/{analysis_id}/pulses").get_data(as_text=True)
    for said in ("The purpose, part by part", "Themes", "By team", "2026-05", "Workload", "Days"):
        assert said in html
    assert f"/analyses/{analysis_id}/pulses" in browser.get(f"/analyses/{analysis_id}").get_data(as_text=True)


def test_an_analysis_that_is_not_there_is_not_found(browser):
    assert browser.get("/analyses/an_none/pulses").status_code == 404


def test_what_is_hidden_has_no_number_and_says_why(browser):
    html = str(render_pulses(make_trend_report()))
    row = re.search(r'<th scope="row">Days.*?</tr>', html, flags=re.DOTALL)[0]
    assert row.count("not shown") == 2  # the first pulse, and the change since the one before the last
    assert "−20 (−30 to −10, 20 respondents)" in row


def test_there_is_a_chart_of_the_facets_and_one_of_each_cut_in_both_widths():
    for width in ("wide", "narrow"):
        assert list(pulse_charts(make_trend_report(), width)) == ["facets", "team"]
