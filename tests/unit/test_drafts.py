"""Two drafts of a statement beside the same comments: read once, counted alike, and nobody given away between them."""

import dataclasses
import json

import pytest

from service.core import pipeline
from service.core.embedding import HashingEmbedder
from service.core.models import Models
from service.core.pipeline import Analyser
from service.core.privacy import Redactor
from service.core.themes import ThemeModel
from service.errors import DuplicateIds, EmptyBatch, InvalidPurpose
from service.results import Codebook, Comment, Facet, Purpose, Theme
from tests.fakes import LexiconStance

OPEN = Purpose.from_text("We explain our decisions openly.")
KIND = Purpose.from_text("We support each other at work.")
BOTH = Purpose.from_text("We explain our decisions openly. We support each other at work.")
EXPLAINED = "Managers always explain their decisions and are open and honest about them"
HIDDEN = "Nobody explains the decisions and everything is hidden, it is a bad place"
SUPPORTED = "My colleagues support me and they are kind and friendly to me"
LUNCH = "the canteen lunch is cold and the soup is thin"
FOOD = Codebook(
    name="b", version="1", themes=(Theme(theme_id="food", name="Food", include=(LUNCH, "cold canteen soup")),)
)


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(Models(HashingEmbedder(), LexiconStance(), Redactor()))


def said(*texts_and_people: tuple[str, int]) -> list[Comment]:
    """Comments of as many people each, every one a person of their own."""
    texts = [f"{text} says number {n}" for text, people in texts_and_people for n in range(people)]
    return [Comment(comment_id=f"c{n}", respondent_id=f"p{n}", text=text) for n, text in enumerate(texts)]


MIXED = said((EXPLAINED, 20), (HIDDEN, 10), (SUPPORTED, 20), (LUNCH, 20))


@pytest.mark.parametrize(("place", "purpose"), [(0, OPEN), (1, BOTH)])
def test_each_draft_has_the_numbers_that_an_analysis_beside_it_alone_has(analyser, place, purpose):
    draft = analyser.compare(MIXED, [OPEN, BOTH]).drafts[place]
    analysis = analyser.run(MIXED, purpose)
    assert draft.statement == purpose.statement
    assert (draft.alignment, draft.coverage) == (analysis.alignment, analysis.coverage)
    assert [(f.facet_id, f.title, f.state, f.alignment, f.coverage, f.quotes) for f in draft.facets] == [
        (f.facet_id, f.title, f.state, f.alignment, f.coverage, f.quotes) for f in analysis.facets
    ]


def test_comments_are_redacted_embedded_and_themed_once_and_only_scored_twice(monkeypatch):
    redacted, embedded, themed = [], [], []

    class CountingEmbedder(HashingEmbedder):
        def encode(self, texts):
            embedded.extend(texts)
            return super().encode(texts)

    class CountingRedactor(Redactor):
        def redact_many(self, texts):
            redacted.extend(texts)
            return super().redact_many(texts)

    fit_transform = ThemeModel.fit_transform
    monkeypatch.setattr(ThemeModel, "fit_transform", lambda *a: themed.append(1) or fit_transform(*a))
    stance = LexiconStance()
    Analyser(Models(CountingEmbedder(), stance, CountingRedactor())).compare(MIXED, [OPEN, KIND])
    assert len(redacted) == len(MIXED)
    assert len([text for text in embedded if text == MIXED[0].text]) == 1
    assert len(themed) == 1
    assert {pair.facet for pair in stance.asked if pair.text == MIXED[0].text} == {OPEN.statement, KIND.statement}


def test_a_facet_resonates_whichever_way_people_speak_of_it_and_is_silent_when_they_do_not(analyser):
    comments = said((HIDDEN, 30), (SUPPORTED, 30))
    planet = Purpose.from_text("We support each other at work. We protect rivers and forests.")
    first, second = analyser.compare(comments, [OPEN, planet]).drafts
    assert [(f.state, f.resonance) for f in first.facets] == [("contradicted", "resonates")]
    assert [(f.state, f.resonance) for f in second.facets] == [("lived", "resonates"), ("silent", "silent")]


def test_a_facet_on_which_few_speak_among_few_is_uncertain(analyser):
    first, _ = analyser.compare(said((EXPLAINED, 3), (LUNCH, 8)), [OPEN, KIND]).drafts
    assert first.facets[0].resonance == "uncertain"


def test_reach_counts_those_who_speak_to_at_least_one_facet(analyser):
    first, second = analyser.compare(said((EXPLAINED, 20), (SUPPORTED, 10), (LUNCH, 20)), [OPEN, BOTH]).drafts
    assert (first.reach.value, second.reach.value) == (0.4, 0.6)
    assert second.reach.n == 50


def test_the_difference_is_the_second_draft_less_the_first_and_turns_with_their_order(analyser):
    comments = said((EXPLAINED, 40), (SUPPORTED, 10), (LUNCH, 10))
    one, other = (analyser.compare(comments, drafts).reach_difference for drafts in ([OPEN, KIND], [KIND, OPEN]))
    assert one.value == pytest.approx(-0.5)
    assert one.high < 0
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))


def test_the_same_respondents_are_resampled_for_both_drafts(analyser):
    """Unpaired, two shares of 40 in 60 would differ by some twelve points now and then."""
    comments = said((f"{EXPLAINED}. {SUPPORTED}", 40), (LUNCH, 20))
    difference = analyser.compare(comments, [OPEN, KIND]).reach_difference
    assert (difference.value, difference.low, difference.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("only_first", "only_second", "in_both", "shown"),
    [
        (10, 10, 10, True),
        (5, 0, 20, True),
        (0, 5, 20, True),
        (10, 10, 0, True),
        (0, 0, 20, True),
        (4, 10, 20, False),
        (10, 4, 20, False),
        (1, 0, 20, False),
        (0, 1, 20, False),
        (20, 20, 4, False),
        (20, 0, 0, False),
    ],
)
def test_a_difference_is_shown_only_when_it_gives_no_few_people_away(analyser, only_first, only_second, in_both, shown):
    comments = said(
        (EXPLAINED, only_first), (SUPPORTED, only_second), (f"{EXPLAINED}. {SUPPORTED}", in_both), (LUNCH, 20)
    )
    difference = analyser.compare(comments, [OPEN, KIND]).reach_difference
    assert difference.shown == shown
    if not shown:
        assert difference.to_dict() == {"status": "suppressed", "reason": "too_few_respondents"}


def test_under_the_minimum_no_number_is_shown(analyser):
    comparison = analyser.compare(said((EXPLAINED, 2), (SUPPORTED, 2)), [OPEN, KIND])
    for draft in comparison.drafts:
        assert not any(estimate.shown for estimate in (draft.alignment, draft.coverage, draft.reach))
        assert not any(facet.alignment.shown or facet.coverage.shown or facet.quotes for facet in draft.facets)
    assert not comparison.reach_difference.shown
    assert comparison.unmentioned == ()


@pytest.mark.parametrize("text", ["n/a", "Bardzo dobra atmosfera w pracy i mili ludzie"])
def test_comments_of_which_none_can_be_used_give_a_comparison_without_numbers(analyser, text):
    comparison = analyser.compare([Comment(comment_id=f"c{n}", text=text) for n in range(8)], [OPEN, KIND])
    assert (comparison.counts.received, comparison.counts.used) == (8, 0)
    assert not comparison.reach_difference.shown
    assert {facet.resonance for draft in comparison.drafts for facet in draft.facets} == {"uncertain"}


def test_a_theme_that_neither_draft_mentions_is_named_with_its_prevalence(analyser):
    themes = {theme.theme_id: theme for theme in analyser.compare(MIXED, [OPEN, KIND], codebook=FOOD).unmentioned}
    assert themes["food"].kind == "codebook"
    assert themes["food"].prevalence == next(
        theme.prevalence for theme in analyser.run(MIXED, OPEN, codebook=FOOD).themes if theme.theme_id == "food"
    )


@pytest.mark.parametrize("order", [1, -1])
def test_a_theme_that_one_of_the_drafts_mentions_is_not_said_to_be_missing(analyser, order):
    food = Purpose.from_text("We serve a warm canteen lunch.")
    unmentioned = analyser.compare(MIXED, [OPEN, food][::order], codebook=FOOD).unmentioned
    assert "food" not in [theme.theme_id for theme in unmentioned]


@pytest.mark.parametrize(("outside", "named"), [(4, False), (5, True)])
def test_a_theme_that_few_speak_of_outside_the_drafts_is_not_named(analyser, outside, named):
    warm = Purpose.from_text("We support each other at work. We serve a warm meal.")
    comments = said((LUNCH, outside), ("the canteen lunch is not warm", 2), ("You support me", 40))
    unmentioned = analyser.compare(comments, [OPEN, warm], codebook=FOOD).unmentioned
    assert ("food" in [theme.theme_id for theme in unmentioned]) == named


def test_what_is_said_of_a_clause_that_stands_in_both_drafts_is_that_its_numbers_may_differ(analyser):
    (note,) = analyser.compare(MIXED, [OPEN, BOTH]).provenance.notes
    assert note.startswith(f"Both drafts have “{OPEN.facets[0].title}”.")
    assert analyser.compare(MIXED, [OPEN, KIND]).provenance.notes == ()


@pytest.mark.parametrize("purposes", [[], [OPEN], [OPEN, KIND, BOTH]])
def test_other_than_two_drafts_are_refused(analyser, purposes):
    with pytest.raises(InvalidPurpose, match=f"exactly two.*{len(purposes)} given"):
        analyser.compare(MIXED, purposes)


@pytest.mark.parametrize(
    "same",
    [
        BOTH,
        Purpose.from_text("We support each other   at WORK.\nWe explain our decisions openly"),
        Purpose(statement="Other words", facets=tuple(dataclasses.replace(f, title="t") for f in BOTH.facets)),
    ],
    ids=["equal", "other order, spaces and capitals", "other titles"],
)
def test_two_drafts_that_say_the_same_are_refused(analyser, same):
    with pytest.raises(InvalidPurpose, match=r"same text.*give two drafts that differ"):
        analyser.compare(MIXED, [BOTH, same])


def test_a_draft_that_cannot_be_used_is_named(analyser):
    with pytest.raises(InvalidPurpose, match=r"draft 2: .*not in a language"):
        analyser.compare(MIXED, [OPEN, Purpose.from_text("Wir erklären unsere Entscheidungen und helfen einander.")])


def test_what_is_doubtful_about_a_draft_is_said_of_that_draft(analyser):
    twice = Purpose(
        statement="We explain.",
        facets=tuple(Facet(facet_id=n, title=n, text="We explain our decisions") for n in "ab"),
    )
    (note,) = analyser.compare(MIXED, [KIND, twice]).provenance.notes
    assert note.startswith("Draft 2: The facets “a” and “b” say nearly the same")


def test_an_empty_batch_and_duplicate_ids_are_refused(analyser):
    with pytest.raises(EmptyBatch):
        analyser.compare([], [OPEN, KIND])
    with pytest.raises(DuplicateIds):
        analyser.compare([MIXED[0], MIXED[0]], [OPEN, KIND])


def test_the_same_comments_give_the_same_comparison_however_they_are_batched(analyser, monkeypatch):
    whole = analyser.compare(MIXED, [OPEN, KIND])
    monkeypatch.setattr(pipeline, "BATCH_SIZE", 13)
    assert analyser.compare(MIXED, [OPEN, KIND]) == whole


def test_a_comparison_is_a_json_object(analyser):
    data = json.loads(json.dumps(analyser.compare(MIXED, [OPEN, KIND]).to_dict()))
    assert list(data) == ["provenance", "counts", "drafts", "reach_difference", "unmentioned"]
    assert list(data["drafts"][0]) == ["statement", "alignment", "coverage", "reach", "facets"]
    assert data["counts"]["received"] == len(MIXED)


def test_progress_is_told_from_start_to_end_of_every_stage(analyser):
    told: list[tuple[str, int, int]] = []
    analyser.compare(MIXED, [OPEN, KIND], progress=lambda *step: told.append(step))
    last = {stage: (done, total) for stage, done, total in told}
    assert list(last) == ["draft 1", "draft 2", "themes"]
    assert all(done == total for done, total in last.values())
