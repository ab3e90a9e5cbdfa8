"""API and pages say of an analysis no number and no word that its document, which the attacker reads, does not hold."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

import pytest

from service.core.disclosure import Disclosure
from service.results import Comment
from service.results.wording import basis
from service.store import AnalysisRequest
from tests.attacker import analysis_of, make_survey
from tests.attacker.printed import Words, leaves, said_beside, without_results
from tests.web.test_pages import PASSWORD, sign_in

STATUS = {"id", "name", "status", "stage", "progress", "done", "total", "error", "created_at", "finished_at"}
"""What is said of every analysis, however far it is."""
PARTS = {"", "/insights", "/facets", "/themes", "/groups", "/map"}
"""Answers about an analysis that leaders get, and that are made of its document."""


@pytest.fixture(scope="module")
def analysis():
    survey = make_survey(
        [16, 14, 9, 3], kind="crossed", odd_ones=2, spoken=0.7, said=0.5, apart=0.6, suggests=0.4, seed=5
    )
    return analysis_of(survey, Disclosure())


@pytest.fixture
def store(repository, organisation_id):
    """Keep an analysis as if a worker had made it, and give its id."""

    def keep(analysis):
        request = AnalysisRequest(name="Pulse", purpose=analysis.purpose)
        comments = [Comment(comment_id="c", text="words")]
        analysis_id, job_id = repository.create_analysis(organisation_id, request, comments)
        assert repository.complete_job(repository.claim_job(job_id, dt.timedelta(hours=1)), analysis)
        return analysis_id

    return keep


def test_answers_about_an_analysis_hold_nothing_that_its_document_does_not_hold(app, client_of, store, analysis):
    analysis_id, leader = store(analysis), client_of("leader")
    known = set(leaves(analysis.to_dict(theme_map=True)))
    known.add(basis(analysis.counts.respondents, analysis.counts.asked))
    prefix, answered = "/v1/analyses/<analysis_id>", set()
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.rule.startswith(prefix) and rule.arguments == {"analysis_id"}:
            response = leader.get(rule.rule.replace("<analysis_id>", analysis_id))
            if response.status_code == HTTPStatus.OK and response.is_json:
                answered.add(rule.rule.removeprefix(prefix))
                said = {name: part for name, part in response.json.items() if name not in STATUS}
                assert set(leaves(said)) <= known, rule.rule
    assert answered >= PARTS


def test_the_page_and_its_download_print_no_number_that_the_document_does_not_hold(
    app, repository, organisation_id, store, analysis
):
    repository.create_user(organisation_id, "leader@valley.example", PASSWORD, "leader")
    visitor = app.test_client()
    sign_in(visitor, "leader@valley.example")
    full, empty = store(analysis), store(without_results(analysis))
    for address in ("/analyses/{}", "/analyses/{}/report"):
        template = Words(visitor.get(address.format(empty)).text)
        assert said_beside(analysis, Words(visitor.get(address.format(full)).text), template) == set()
