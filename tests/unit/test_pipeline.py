"""The whole way, with small models: what comes in is counted, nothing is lost, nobody is exposed."""

import dataclasses
import datetime as dt
import json

import pytest

from service.core.embedding import HashingEmbedder
from service.core.models import Models
from service.core.pipeline import Analyser
from service.core.privacy import Redactor
from service.errors import DuplicateIds, EmptyBatch, InvalidCut
from service.results import Analysis, Codebook, Comment, Purpose, Theme
from tests.fakes import LexiconStance

PURPOSE = Purpose.from_text("We explain our decisions openly. We support each other at work.")
GOOD = "Managers always explain their decisions and are open and honest about them"
BAD = "Nobody explains the decisions and everything is hidden, it is a bad place"


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(Models(HashingEmbedder(), LexiconStance(), Redactor()))


def comment(number: int, text: str, **fields) -> Comment:
    given = {"respondent_id": f"p{number}", "comment_id": f"c{number}"} | fields
    return Comment(text=text, **given)


def survey(people: int = 60) -> list[Comment]:
    """Half say it is so, half that it is not; the halves are two departments."""
    return [
        comment(n, f"{GOOD if n % 2 else BAD} in week {n}", groups={"department": "North" if n % 2 else "South"})
        for n in range(people)
    ]


def test_every_comment_received_is_accounted_for(analyser):
    comments = [
        *survey(20),
        comment(100, "n/a"),
        comment(101, ""),
        comment(102, "Bardzo dobra atmosfera w pracy i mili ludzie"),
        comment(103, GOOD, respondent_id="p1", comment_id="c103"),
        comment(104, GOOD, respondent_id="p1", comment_id="c104"),
        comment(105, GOOD + " and" * 3000),
    ]
    counts = analyser.run(comments, PURPOSE).counts
    assert counts.received == 26
    assert counts.no_content == 2
    assert counts.unsupported_language == 1
    assert counts.duplicate == 1
    assert counts.truncated == 1
    assert counts.received == counts.used + counts.no_content + counts.unsupported_language + counts.duplicate


def test_the_same_words_from_two_people_are_two_answers(analyser):
    counts = analyser.run([comment(n, GOOD) for n in range(12)], PURPOSE).counts
    assert (counts.used, counts.duplicate, counts.respondents) == (12, 0, 12)


def test_opposed_departments_get_opposed_signs_and_the_difference_is_an_insight(analyser):
    analysis = analyser.run(survey(), PURPOSE, cuts=["department"])
    north, south = (next(g for g in analysis.cuts[0].groups if g.name == name) for name in ("North", "South"))
    assert north.alignment.low > 0 > south.alignment.high
    assert {i.group for i in analysis.insights if i.kind == "group_differs"} >= {"North"}


def test_a_group_under_the_minimum_keeps_its_name_and_has_no_number(analyser):
    comments = [
        *survey(40),
        *(comment(200 + n, f"{BAD} {n}", groups={"department": "Tiny"}) for n in range(4)),
    ]
    analysis = analyser.run(comments, PURPOSE, cuts=["department"])
    tiny = next(g for g in analysis.cuts[0].groups if g.name == "Tiny")
    assert not tiny.alignment.shown
    assert not tiny.coverage.shown
    assert all(not theme.prevalence.shown for theme in tiny.themes)
    assert all(insight.group != "Tiny" for insight in analysis.insights)


def test_counting_is_by_respondent_however_many_comments_one_person_writes(analyser):
    loud = [comment(n, f"{BAD} and again {n}", respondent_id="loud") for n in range(30)]
    quiet = [comment(100 + n, f"{GOOD} {n}") for n in range(9)]
    analysis = analyser.run([*loud, *quiet], PURPOSE)
    assert analysis.counts.respondents == 10
    assert analysis.alignment.n == 10
    assert analysis.alignment.value > 0.3


def test_without_respondent_ids_each_comment_is_a_person_and_a_cut_is_refused(analyser):
    comments = [dataclasses.replace(c, respondent_id=None) for c in survey(12)]
    analysis = analyser.run(comments, PURPOSE)
    assert analysis.counts.respondents == 12
    assert "no respondent ids" in " ".join(analysis.provenance.notes)
    with pytest.raises(InvalidCut, match="respondent ids"):
        analyser.run(comments, PURPOSE, cuts=["department"])


def test_a_cut_that_looks_like_an_id_is_refused(analyser):
    comments = [comment(n, f"{GOOD} {n}", groups={"badge": f"b{n}"}) for n in range(60)]
    with pytest.raises(InvalidCut, match="looks like an id"):
        analyser.run(comments, PURPOSE, cuts=["badge"])


def test_a_cut_that_nobody_has_is_refused(analyser):
    with pytest.raises(InvalidCut, match="'team'"):
        analyser.run(survey(12), PURPOSE, cuts=["team"])


@pytest.mark.parametrize(
    "comments",
    [
        [comment(1, GOOD)],
        [comment(n, GOOD) for n in range(30)],
        [comment(n, "n/a") for n in range(8)],
        [comment(n, "Bardzo dobra atmosfera w pracy i mili ludzie") for n in range(8)],
        [comment(n, f"{GOOD} {n}") for n in range(6)],
    ],
    ids=["one comment", "all identical", "all empty", "all in another language", "six respondents"],
)
def test_small_or_odd_batches_give_a_valid_restricted_result(analyser, comments):
    analysis = analyser.run(comments, PURPOSE)
    assert analysis.counts.received == len(comments)
    assert Analysis.from_dict(json.loads(json.dumps(analysis.to_dict()))).to_dict() == analysis.to_dict()
    if analysis.counts.respondents < 5:
        assert not analysis.alignment.shown
        assert all(not facet.alignment.shown for facet in analysis.facets)
    if analysis.counts.respondents < 10:
        assert analysis.comments == ()
        assert all(not facet.quotes for facet in analysis.facets)
        assert all(not insight.evidence for insight in analysis.insights)
        assert all(not theme.quotes and not theme.keyphrases for theme in analysis.themes)


def test_an_empty_batch_and_duplicate_ids_are_refused_and_named(analyser):
    with pytest.raises(EmptyBatch):
        analyser.run([], PURPOSE)
    with pytest.raises(DuplicateIds, match=r"'c1'.*0 and 1"):
        analyser.run([comment(1, GOOD), comment(1, BAD)], PURPOSE)


def test_batches_mapped_apart_and_reduced_give_what_one_run_gives(analyser):
    comments = survey(40)
    whole = analyser.run(comments, PURPOSE, cuts=["department"])
    parts = [analyser.map_batch(comments[:13], PURPOSE), analyser.map_batch(comments[13:], PURPOSE)]
    assert analyser.reduce(parts, PURPOSE, cuts=["department"]) == whole


def test_the_same_input_gives_the_same_analysis(analyser):
    assert analyser.run(survey(), PURPOSE) == analyser.run(survey(), PURPOSE)


def test_offsets_of_units_point_into_the_comment_as_it_was_given(analyser):
    text = "The rota is late.  My manager Priya Natarajan explains every decision openly, but parking is bad."
    results = analyser.run([comment(n, text) for n in range(12)], PURPOSE).comments
    units = results[0].units
    assert len(units) >= 2
    assert all(text[unit.start : unit.end].strip() for unit in units)
    assert "Priya" not in " ".join(unit.text for unit in units)
    assert "Priya" not in results[0].text


def test_score_gives_a_result_for_each_comment_in_order_and_drops_none(analyser):
    comments = [comment(1, GOOD), comment(2, "n/a"), comment(3, "Bardzo dobra atmosfera w pracy"), comment(4, GOOD)]
    results = analyser.score(comments, PURPOSE)
    assert [result.comment_id for result in results] == ["c1", "c2", "c3", "c4"]
    assert [result.status for result in results] == ["scored", "no_content", "unsupported_language", "scored"]
    assert results[0].facets[0].alignment == pytest.approx(results[0].facets[0].relevance * results[0].facets[0].stance)
    assert results[1].alignment is None


def test_a_facet_that_rises_between_pulses_is_said_to_rise(analyser):
    first, last = dt.date(2026, 1, 15), dt.date(2026, 6, 15)
    comments = [
        *(comment(n, f"{BAD} {n}", date=first) for n in range(30)),
        *(comment(100 + n, f"{GOOD} {n}", date=last, respondent_id=f"p{n}") for n in range(30)),
    ]
    analysis = analyser.run(comments, PURPOSE)
    rises = [insight for insight in analysis.insights if insight.kind == "facet_change"]
    assert rises
    assert "rose" in rises[0].headline
    assert rises[0].estimate.low > 0


def test_progress_is_told_from_start_to_end_of_every_stage(analyser):
    told: list[tuple[str, int, int]] = []
    analyser.run(survey(20), PURPOSE, progress=lambda *step: told.append(step))
    stages = {stage for stage, _, _ in told}
    assert stages == {"score", "themes", "insights"}
    for stage in stages:
        steps = [(done, total) for name, done, total in told if name == stage]
        assert steps[-1][0] == steps[-1][1]


def test_a_rating_is_compared_and_said_to_be_an_association(analyser):
    comments = [dataclasses.replace(c, ratings={"mood": 5.0 if i % 2 else 2.0}) for i, c in enumerate(survey())]
    analysis = analyser.run(comments, PURPOSE, ratings=["mood"])
    agreement = next(insight for insight in analysis.insights if insight.kind == "rating_agreement")
    assert agreement.estimate.low > 0.5
    assert "not a cause" in agreement.text
    assert analysis.drivers[0].adjusted_p < 0.05
    (local,) = analysis.provenance.local_validity
    assert (local.rating, local.correlation) == ("mood", agreement.estimate)


def test_without_a_rating_nothing_local_is_claimed_to_be_checked(analyser):
    assert analyser.run(survey(), PURPOSE).provenance.local_validity == ()


def test_those_who_were_asked_and_wrote_nothing_are_counted_beside_those_who_wrote(analyser):
    silent = [Comment(comment_id=f"s{i}", respondent_id=f"s{i}", text="Did not answer") for i in range(5)]
    spoke = analyser.run(survey(), PURPOSE).counts
    counts = analyser.run([*survey(), *silent], PURPOSE).counts
    assert (counts.asked, counts.respondents) == (spoke.asked + 5, spoke.respondents)


def test_themes_that_the_same_people_speak_of_are_named_together(analyser):
    texts = {"pay": "the salary and wages are low", "food": "the canteen lunch is cold", "cars": "the garage is full"}
    book = Codebook(
        name="b", version="1", themes=tuple(Theme(theme_id=n, name=n.title(), include=(t,)) for n, t in texts.items())
    )
    both = [comment(n, texts[theme], comment_id=f"{theme}{n}") for n in range(14) for theme in ("pay", "food")]
    alone = [comment(n, texts["cars"]) for n in range(20, 40)]
    themes = {theme.theme_id: theme for theme in analyser.run([*both, *alone], PURPOSE, codebook=book).themes}
    assert themes["pay"].together == ("food",)
    assert themes["food"].together == ("pay",)
    assert themes["cars"].together == ()


def test_people_too_few_for_verbatims_put_no_themes_together(analyser):
    texts = {"pay": "the salary and wages are low", "food": "the canteen lunch is cold"}
    book = Codebook(
        name="b", version="1", themes=tuple(Theme(theme_id=n, name=n.title(), include=(t,)) for n, t in texts.items())
    )
    both = [comment(n, texts[theme], comment_id=f"{theme}{n}") for n in range(9) for theme in texts]
    alone = [comment(n + shift, texts[t]) for t, shift in (("pay", 20), ("food", 60)) for n in range(15)]
    themes = {theme.theme_id: theme for theme in analyser.run([*both, *alone], PURPOSE, codebook=book).themes}
    assert themes["pay"].together == themes["food"].together == ()


def test_a_hundred_people_out_of_many_are_not_silence(analyser):
    purpose = Purpose.from_text("We explain our decisions openly. We support each other at work.")
    pay = [comment(n, f"the salary and wages are low says number {n}") for n in range(1100)]
    spoken = [comment(5000 + n, f"{GOOD} in week {n}") for n in range(110)]
    states = {
        count: next(f for f in analyser.run([*pay, *spoken[:count]], purpose).facets if "explain" in f.title.lower())
        for count in (60, 110)
    }
    assert states[60].state == "silent"
    assert states[110].state == "lived"
