"""Insights on surveys of which the truth is known, and the next steps that go with them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import yaml

from service.core.disclosure import Disclosure
from service.core.next_steps import KINDS, SHIPPED, read_next_steps, shipped_next_steps
from service.core.publication import publish
from service.core.themes import FoundTheme
from service.errors import ConfigurationError
from tests.simulated import measured_of

PEOPLE = 60


def insights(alignment, **fields):
    people = len(alignment)
    given = {"person": np.arange(people), "dates": [dt.date(2026, 3, 1)] * people} | fields
    measured = measured_of(**{"alignment": alignment, "said": np.zeros((people, 1), dtype=bool)} | given)
    found = [FoundTheme(theme_id="pay", name="Pay", kind="codebook")]
    return publish(measured, found, Disclosure(), seed=0, cuts=(), ratings=()).insights


def of_kind(found, kind):
    return [insight for insight in found if insight.kind == kind]


def test_a_facet_that_many_ask_for_is_wanted_and_missed():
    alignment = np.full((PEOPLE, 1), 0.5)
    alignment[:30] = -0.5
    asking = np.arange(PEOPLE) < 30
    (gap,) = of_kind(insights(alignment, suggestion=asking), "facet_gap")
    assert (gap.facet_id, gap.estimate.value, gap.estimate.n) == ("f0", 0.5, PEOPLE)
    assert "50%" in gap.text
    assert gap.next_step


@pytest.mark.parametrize("asked_in", [0, 1])
def test_what_was_missed_before_the_last_pulse_and_no_more_is_no_gap(asked_in):
    dates = [dt.date(2026, 3, 1)] * PEOPLE + [dt.date(2026, 9, 1)] * PEOPLE
    asking = np.arange(2 * PEOPLE) % 2 == 0
    asking &= np.repeat([asked_in == 0, asked_in == 1], PEOPLE)
    alignment = np.where(asking, -0.5, 0.5)[:, None]
    person = np.tile(np.arange(PEOPLE), 2)
    gaps = of_kind(insights(alignment, suggestion=asking, person=person, dates=dates), "facet_gap")
    assert [gap.estimate.value for gap in gaps] == ([0.5] if asked_in else [])
    assert all("in 2026-09-01" in gap.text for gap in gaps)


@pytest.mark.parametrize("asking", [np.arange(PEOPLE) < 6, np.arange(PEOPLE) >= 30], ids=["few", "content"])
def test_few_wishes_or_suggestions_of_people_who_see_it_lived_are_no_gap(asking):
    alignment = np.full((PEOPLE, 1), 0.5)
    alignment[:30] = -0.5
    assert not of_kind(insights(alignment, suggestion=asking), "facet_gap")


def test_a_facet_that_no_goal_serves_is_named_and_so_are_goals_that_serve_none():
    alignment = np.full((PEOPLE, 2), np.nan)
    alignment[:30, 0] = 0.6
    found = insights(alignment, source="goal")
    assert [insight.facet_id for insight in of_kind(found, "facet_without_goal")] == ["f1"]
    (beside,) = of_kind(found, "goals_beside_purpose")
    assert beside.estimate.value == 0.5


def test_of_a_few_goals_nothing_is_said():
    alignment = np.full((PEOPLE, 2), np.nan)
    alignment[:5, 0] = 0.6
    assert not of_kind(insights(alignment[:12], source="goal"), "facet_without_goal")


def test_of_a_facet_without_a_goal_no_number_tells_how_few_serve_it():
    alignment = np.full((PEOPLE, 2), np.nan)
    alignment[:, 0] = 0.6
    alignment[0, 1] = 0.6
    (unserved,) = of_kind(insights(alignment, source="goal"), "facet_without_goal")
    assert not unserved.estimate.shown


def test_the_next_step_of_a_theme_goes_before_the_practice_and_that_before_the_kinds(tmp_path):
    data = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    data["themes"] = {"pay": {"theme_down": "Talk about pay."}}
    file = tmp_path / "steps.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    steps = read_next_steps(file)
    assert steps.of("theme_down", theme_id="pay", practice="A practice.") == "Talk about pay."
    assert steps.of("theme_down", theme_id="rota", practice="A practice.") == "A practice."
    assert steps.of("theme_down", theme_id="rota") == shipped_next_steps().kinds["theme_down"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kinds": {}}, "kinds lacks facet_lived"),
        ({"kinds": dict.fromkeys(KINDS, "Do it.") | {"burn": "No."}}, "has 'burn', which is no kind"),
        ({"kinds": {"facet_change": ""}}, "kinds.facet_change must be a sentence"),
        ({"themes": {"pay": "Do it."}}, "themes.pay must map"),
        ({"sorts": {}}, "give kinds, themes, facets and nothing else"),
    ],
)
def test_a_file_of_next_steps_that_cannot_be_used_says_where_it_is_wrong(tmp_path, change, said):
    file = tmp_path / "steps.yaml"
    file.write_text(yaml.safe_dump({"kinds": dict.fromkeys(KINDS, "Do it.")} | change), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        read_next_steps(file)


def test_a_file_that_is_not_there_or_is_not_yaml_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"steps\.yaml cannot be read"):
        read_next_steps(tmp_path / "steps.yaml")
    (tmp_path / "steps.yaml").write_text("kinds: [", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"steps\.yaml, line 1: not YAML"):
        read_next_steps(tmp_path / "steps.yaml")


@pytest.mark.parametrize(("asking", "told"), [(30, True), (PEOPLE - 12, False), (2, False)])
def test_how_many_suggest_something_is_said_only_where_few_are_on_neither_side(asking, told):
    suggestion = np.arange(PEOPLE) < asking
    said = (np.arange(PEOPLE) < PEOPLE - 10)[:, None]
    found = insights(np.full((PEOPLE, 1), 0.5), suggestion=suggestion, said=said)
    assert bool(of_kind(found, "suggestion")) == told


def themes_within(count, **fields):
    """One theme that everybody speaks of, and so many within it that a part speaks of."""
    found = [
        FoundTheme(theme_id="food", name="Food", kind="emergent", stability=0.9),
        *(
            FoundTheme(theme_id=f"in{k}", name=f"In {k}", kind="emergent", parent="food", stability=0.9, **fields)
            for k in range(count)
        ),
    ]
    said = np.ones((100, count + 1), dtype=bool)
    for k in range(count):
        said[:, k + 1] = np.arange(100) < 30 + k
    measured = measured_of(
        alignment=np.full((100, 1), np.nan), said=said, person=np.arange(100), dates=[dt.date(2026, 3, 1)] * 100
    )
    return publish(measured, found, Disclosure(), seed=0, cuts=(), ratings=()).themes


def test_of_many_themes_within_one_the_most_frequent_are_shown():
    assert {theme.theme_id for theme in themes_within(9)} == {"food", *(f"in{k}" for k in range(3, 9))}


def test_a_theme_within_another_that_has_no_name_is_not_shown():
    assert [theme.theme_id for theme in themes_within(1, named=False)] == ["food"]


def test_what_somebody_made_of_a_theme_is_shown_however_many_there_are():
    assert len(themes_within(9, edited=True)) == 10
