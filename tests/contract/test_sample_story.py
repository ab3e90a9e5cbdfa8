"""The story that was written into the sample organisation is found, with the real models."""

from pathlib import Path

import pytest
import yaml

from service import ingest
from service.build import build_analyser
from service.config import load_settings
from service.results import Analysis, Insight

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
STORY = yaml.safe_load((SAMPLE / "story.yaml").read_text(encoding="utf-8"))

pytestmark = [pytest.mark.weights, pytest.mark.xdist_group("sample")]


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    comments = ingest.read_comments(SAMPLE / "comments.csv", cuts=["department"], ratings=["engagement"])
    purpose = ingest.read_purpose(SAMPLE / "purpose.yaml")
    analyser = build_analyser(load_settings(), cached=False)
    return analyser.run(comments, purpose, cuts=["department"], ratings=["engagement"])


def facet(analysis: Analysis, facet_id: str):
    return next(item for item in analysis.facets if item.facet_id == facet_id)


def insights(analysis: Analysis, kind: str) -> list[Insight]:
    return [insight for insight in analysis.insights if insight.kind == kind]


def test_every_comment_is_accounted_for_as_the_story_counts_them(analysis):
    counts = analysis.counts
    assert counts.received == STORY["counts"]["comments"]
    assert counts.unsupported_language == STORY["counts"]["other_language"]
    assert counts.duplicate == STORY["counts"]["exact_duplicates"]
    may_be_answers = len(STORY["no_content_that_may_be_read_as_an_answer"])
    assert STORY["counts"]["no_content"] - may_be_answers <= counts.no_content <= STORY["counts"]["no_content"]


def test_the_strongest_facet_is_lived_and_the_highest(analysis):
    strongest = facet(analysis, STORY["strongest"])
    assert strongest.state == "lived"
    assert all(f.alignment.value <= strongest.alignment.value for f in analysis.facets if f.alignment.shown)


def test_the_contradicted_facet_is_contradicted_and_the_lowest_that_people_speak_of(analysis):
    contradicted = facet(analysis, STORY["contradicted"]["facet"])
    assert contradicted.state == "contradicted"
    spoken = [f for f in analysis.facets if f.state != "silent"]
    assert min(spoken, key=lambda f: f.alignment.value) is contradicted


def test_the_contested_facet_is_contested_and_the_praising_department_is_named(analysis):
    contested = facet(analysis, STORY["contested"]["facet"])
    assert contested.state == "contested"
    named = [i for i in insights(analysis, "group_differs") if i.facet_id == contested.facet_id]
    assert {i.group for i in named if i.estimate.value > 0} == set(STORY["contested"]["praised_by"])


def test_the_silent_facet_is_silent_and_no_other_is(analysis):
    assert [f.facet_id for f in analysis.facets if f.state == "silent"] == [STORY["silent"]]


def test_the_improved_facet_rose_between_the_pulses_of_the_story_and_no_facet_fell(analysis):
    changes = insights(analysis, "facet_change")
    improved = next(i for i in changes if i.facet_id == STORY["improved"]["facet"])
    assert improved.estimate.low > 0
    assert STORY["improved"]["from"] in improved.headline
    assert STORY["improved"]["to"] in improved.headline
    assert all(i.estimate.value > 0 for i in changes)


def test_a_department_of_the_higher_side_is_found_higher_and_none_of_the_lower_side(analysis):
    higher = {i.group for i in insights(analysis, "group_differs") if i.estimate.value > 0}
    assert higher & set(STORY["groups_differ"]["higher"])
    assert not higher & set(STORY["groups_differ"]["lower"])


def test_the_theme_that_pulls_alignment_down_is_found(analysis):
    down = {i.theme_id for i in insights(analysis, "theme_down")}
    assert set(STORY["pulls_down"]) <= down


def test_the_value_the_statement_does_not_mention_is_found(analysis):
    assert STORY["unmentioned_value"] in {i.theme_id for i in insights(analysis, "unmentioned_value")}


def test_suggestions_are_found(analysis):
    assert insights(analysis, "suggestion")


def test_departments_that_are_too_small_have_no_number_anywhere(analysis):
    groups = {group.name: group for cut in analysis.cuts for group in cut.groups}
    for name in STORY["too_small"]:
        assert not groups[name].alignment.shown
        assert not groups[name].coverage.shown
        assert not any(theme.prevalence.shown for theme in groups[name].themes)
    assert not {i.group for i in analysis.insights} & set(STORY["too_small"])


def test_alignment_goes_with_the_engagement_that_people_stated(analysis):
    assert insights(analysis, "rating_agreement")[0].estimate.low > 0.3


def test_no_personal_data_of_the_story_is_in_anything_that_is_returned(analysis):
    returned = str(analysis.to_dict(comments=True))
    listed = [piece for pieces in STORY["personal_data"].values() for piece in pieces]
    found = [piece["type"] for piece in listed if piece["text"] in returned]
    assert found == []


def test_every_evidence_id_is_a_comment_and_every_quote_its_words(analysis):
    texts = {comment.comment_id: comment.text for comment in analysis.comments}
    for insight in analysis.insights:
        assert set(insight.evidence) <= set(texts)
    for item in (*analysis.facets, *analysis.themes):
        for quote in item.quotes:
            assert quote.text in texts[quote.comment_id]
