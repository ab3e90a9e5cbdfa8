"""Actions: what is followed for which insight, and what later pulses show of it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from service.core.actions import follow_action
from service.results import Estimate, Insight, Pulse, PulseSource, Trend, TrendPoint, TrendReport
from service.results.actions import Action, ActionReport, followed_in_words, measure_of, verdict_in_words
from tests.builders import days

OK = Estimate.ok
HIDDEN = Estimate.suppressed()
PULSES = ("2026-01", "2026-03", "2026-Q3")
POINTS = (OK(-0.3, -0.4, -0.2, 40), OK(-0.17, -0.3, -0.04, 44), OK(0.06, -0.04, 0.16, 50))
ACTION = Action(
    action_id="ac_1",
    analysis_id="an_1",
    insight_id="i1",
    headline="“Care” fell",
    kind="facet_change",
    measure="alignment",
    facet_id="care",
    description="Team talks every Friday",
    owner="Ada",
    date=dt.date(2026, 4, 1),
    expected_change=10.0,
    created_at=dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC),
)
SHARE = {"measure": "prevalence", "facet_id": None, "theme_id": "workload"}


def _trend(points, to_last, **of):
    return Trend(
        **{"measure": "alignment", **of},
        points=tuple(TrendPoint(pulse=name, estimate=e) for name, e in zip(PULSES, points, strict=True)),
        change=HIDDEN,
        to_last=tuple(to_last),
    )


def _report(points=POINTS, to_last=None, **of):
    return TrendReport(
        statement="We care.",
        facets={"care": "Care"},
        themes={"workload": "Workload"},
        pulses=tuple(
            Pulse(pulse=name, **days(name), respondents=60, sources=(PulseSource(analysis_id=f"an_{n}", name="x"),))
            for n, name in enumerate(PULSES)
        ),
        trends=(
            _trend(points, (HIDDEN, HIDDEN, HIDDEN)),
            _trend(
                points,
                to_last or (OK(0.36, 0.2, 0.5, 40), OK(0.23, 0.07, 0.39, 44), OK(0, 0, 0, 50)),
                **(of or {"facet_id": "care"}),
            ),
        ),
    )


def test_a_change_whose_interval_leaves_out_0_has_moved():
    outcome = follow_action(ACTION, _report())
    assert (outcome.verdict, outcome.as_expected, verdict_in_words(outcome)) == (
        "moved",
        True,
        "moved in the expected direction",
    )
    assert (outcome.before.pulse, outcome.after.pulse, outcome.change.value) == ("2026-03", "2026-Q3", 0.23)
    assert outcome.text == (
        "Alignment on “Care” went from −17 (−30 to −4) in 2026-03 to +6 (−4 to +16) in 2026-Q3, a change of +23 points "
        "(+7 to +39), in the direction expected (+10 points), which does not show that the action caused it."
    )


def test_the_other_way_is_said():
    outcome = follow_action(replace(ACTION, expected_change=-2.5), _report())
    assert (outcome.verdict, outcome.as_expected, verdict_in_words(outcome)) == ("moved", False, "moved the other way")
    assert "the other way than was expected (−2.5 points), which does not show" in outcome.text


@pytest.mark.parametrize(("low", "high", "verdict"), [(0.0, 0.2, "did_not_move"), (-0.2, -0.01, "moved")])
def test_an_interval_that_includes_0_has_not_moved(low, high, verdict):
    outcome = follow_action(ACTION, _report(to_last=(HIDDEN, OK((low + high) / 2, low, high, 44), HIDDEN)))
    assert outcome.verdict == verdict
    assert (outcome.as_expected is None) == (verdict == "did_not_move")
    assert outcome.text.endswith("the interval includes no change.") == (verdict == "did_not_move")


def test_a_share_is_told_in_percent_and_its_change_in_percentage_points():
    action = replace(ACTION, **SHARE, expected_change=-5)
    report = _report(
        (OK(0.3, 0.2, 0.4, 60), OK(0.35, 0.26, 0.44, 60), OK(0.2, 0.1, 0.3, 60)),
        (HIDDEN, OK(-0.15, -0.25, -0.05, 60), HIDDEN),
        measure="prevalence",
        theme_id="workload",
    )
    outcome = follow_action(action, report)
    assert outcome.text.startswith(
        "The share of people who speak of “Workload” went from 35% (26% to 44%) in 2026-03 to 20% (10% to 30%) in "
        "2026-Q3, a change of −15 percentage points (−25 to −5), in the direction expected (−5 percentage points)"
    )


@pytest.mark.parametrize(
    ("date", "before"),
    [("2026-01-31", "2026-01"), ("2026-03-30", "2026-01"), ("2026-03-31", "2026-03"), ("2026-06-30", "2026-03")],
)
def test_before_is_the_last_pulse_that_ended_by_the_day_of_the_action(date, before):
    outcome = follow_action(replace(ACTION, date=dt.date.fromisoformat(date)), _report())
    assert (outcome.before.pulse, outcome.after.pulse) == (before, "2026-Q3")


def test_an_action_during_the_only_pulse_is_held_against_it_where_that_was_decided_on():
    during = replace(ACTION, date=dt.date(2026, 1, 15), analysis_id="an_0")
    assert follow_action(during, _report()).before.pulse == "2026-01"
    nowhere = follow_action(replace(during, analysis_id="an_x"), _report())
    assert (nowhere.verdict, nowhere.before) == ("too_early", None)
    assert "no pulse from before it" in nowhere.text


@pytest.mark.parametrize("date", ["2026-07-01", "2026-08-15", "2027-01-01"])
def test_without_a_pulse_that_began_since_it_is_too_early(date):
    outcome = follow_action(replace(ACTION, date=dt.date.fromisoformat(date)), _report())
    assert (outcome.verdict, outcome.after, outcome.change.shown) == ("too_early", None, False)
    assert outcome.text == f"No pulse begins after {date} yet, so it is too early to tell."


def test_without_any_pulse_it_is_too_early():
    outcome = follow_action(ACTION, replace(_report(), pulses=(), trends=()))
    assert (outcome.verdict, outcome.before, outcome.after) == ("too_early", None, None)


@pytest.mark.parametrize("hidden", ["before", "after", "change"])
def test_numbers_that_are_not_shown_are_never_counted(hidden):
    points = list(POINTS)
    to_last = [HIDDEN, OK(0.23, 0.07, 0.39, 44), HIDDEN]
    if hidden == "change":
        to_last[1] = HIDDEN
    else:
        points[1 if hidden == "before" else 2] = HIDDEN
    outcome = follow_action(ACTION, _report(points, to_last))
    assert (outcome.verdict, outcome.change, outcome.as_expected) == ("too_early", HIDDEN, None)
    assert "too few people" in outcome.text
    assert "44" not in outcome.text and "23" not in outcome.text


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({"facet_id": "gone"}, "no longer has the facet"),
        ({"facet_id": None, "theme_id": "gone"}, "theme that this was decided on is not among"),
        ({"facet_id": None, "cut": "team", "group": "North"}, "“North” is not among the groups"),
        ({"facet_id": None, "theme_id": "workload"}, "too few people"),
    ],
)
def test_what_is_not_in_the_pulses_is_said(of, said):
    outcome = follow_action(replace(ACTION, **of), _report())
    assert outcome.verdict == "too_early"
    assert said in outcome.text


@pytest.mark.parametrize(
    ("kind", "of", "expected", "words"),
    [
        ("facet_silent", {"facet_id": "care"}, ("alignment", "care", None, None), "alignment on “Care”"),
        ("x", {"facet_id": "care", "cut": "t", "group": "A"}, ("alignment", None, None, "A"), "alignment of “A”"),
        ("group_differs", {"cut": "t", "group": "A"}, ("alignment", None, None, "A"), "alignment of “A”"),
        ("theme_down", {"theme_id": "w"}, ("alignment", None, "w", None), "alignment where people speak of “Work”"),
        ("theme_moved", {"theme_id": "w"}, ("alignment", None, "w", None), "alignment where people speak of “Work”"),
        ("theme_new", {"theme_id": "w"}, ("prevalence", None, "w", None), "the share of people who speak of “Work”"),
        ("suggestion", {"theme_id": "w"}, ("prevalence", None, "w", None), "the share of people who speak of “Work”"),
        ("alignment_change", {}, ("alignment", None, None, None), "alignment of everybody"),
    ],
)
def test_what_is_followed_depends_on_what_the_insight_is_about(kind, of, expected, words):
    insight = Insight(
        insight_id="i1", kind=kind, headline="h", text="t", estimate=HIDDEN, evidence=(), next_step="n", score=1.0, **of
    )
    followed = measure_of(insight)
    assert (followed["measure"], followed["facet_id"], followed["theme_id"], followed["group"]) == expected
    assert followed_in_words(followed, {"care": "Care"}, {"w": "Work"}) == words


@pytest.mark.parametrize("date", [dt.date(2026, 4, 1), dt.date(2027, 1, 1)])
def test_an_action_with_its_outcome_comes_back_from_json(date):
    action = replace(ACTION, date=date)
    report = ActionReport(action=action, outcome=follow_action(action, _report()))
    assert ActionReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_a_survey_that_was_still_open_is_before_only_for_who_acted_on_it():
    report = _report()
    open_still = replace(
        report, pulses=tuple(replace(p, last="2026-04-04") if p.pulse == "2026-03" else p for p in report.pulses)
    )
    acted_on_another = follow_action(replace(ACTION, analysis_id="an_0"), open_still)
    assert acted_on_another.before.pulse == "2026-01"


def test_what_was_done_before_there_was_any_pulse_has_no_before():
    outcome = follow_action(replace(ACTION, date=dt.date(2020, 1, 1)), _report())
    assert (outcome.verdict, outcome.before) == ("too_early", None)
