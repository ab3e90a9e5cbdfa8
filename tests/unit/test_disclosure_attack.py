"""Nobody who reads all that is published and subtracts learns of fewer people than the minimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from service.core import theme_map
from service.core.cuts import CutTables
from service.core.disclosure import Disclosure, PublishedSets
from tests.attacker import analysis_of, breaches, make_survey, random_survey
from tests.attacker.strategies import SMALL
from tests.attacker.surveys import THEMES

MINIMUM = 5


def attacked(survey):
    return list(breaches(survey, analysis_of(survey, Disclosure(MINIMUM)), MINIMUM))


@settings(max_examples=200, deadline=None)
@given(SMALL)
def test_no_count_and_no_score_of_fewer_people_than_the_minimum_can_be_worked_out(survey):
    assert attacked(survey) == []


def test_groups_large_enough_are_shown_where_nothing_is_given_away():
    survey = make_survey([20, 30, 25], kind="coarser", odd_ones=0, spoken=1.0, said=0.5, seed=1)
    cuts = analysis_of(survey, Disclosure(MINIMUM)).cuts
    assert all(group.alignment.shown for cut in cuts for group in cut.groups)
    assert all(theme.prevalence.shown for cut in cuts for group in cut.groups for theme in group.themes)


def without_secondary(self, counted, among=None):
    weight = np.bincount(self._kind, weights=counted, minlength=self._rows.shape[1])
    return (self._rows @ weight >= self._minimum) & (True if among is None else among)


def without_kinds(self, *_):
    yield np.zeros((0, self._rows.shape[1]))


def any_difference(self, differences=CutTables.differences):
    """Each group against the rest, however small the one or the other."""
    with pytest.MonkeyPatch.context() as careless:
        careless.setattr(PublishedSets, "publishable", lambda self, counted, among=None: self._rows.any(axis=1))
        careless.setattr(Disclosure, "enough", lambda self, people: people > 0)
        return differences(self)


def both_sides(self, supports, contradicts, asked):
    return (supports / asked, contradicts / asked) if self.enough(asked) else (None, None)


@pytest.mark.parametrize(
    ("owner", "name", "broken", "topic"),
    [
        (PublishedSets, "publishable", without_secondary, "people"),
        (PublishedSets, "_few_kinds", without_kinds, ""),
        (Disclosure, "share", lambda self, estimate: self.number(estimate), "people who speak of"),
        (Disclosure, "number", lambda self, estimate: estimate, "alignment on"),
        (Disclosure, "sides", both_sides, "sides of"),
        (CutTables, "differences", any_difference, "alignment on"),
        (Disclosure, "part", lambda self, estimate, whole: self.number(estimate), "alignment of people who speak of"),
    ],
    ids=["secondary suppression", "kinds of people", "shares", "minimum", "sides", "group differences", "themes"],
)
def test_the_attacker_notices_when_a_rule_is_broken(monkeypatch, owner, name, broken, topic):
    monkeypatch.setattr(owner, name, broken)
    random = np.random.default_rng(0)
    assert any(topic in found.topic for _ in range(60) for found in attacked(random_survey(random)))


def test_points_of_a_theme_do_not_tell_how_few_of_those_who_speak_of_it_are_under_another_theme(monkeypatch):
    survey = make_survey([25, 30], kind="nested", odd_ones=-1, spoken=0.6, said=0.0, seed=2)
    said = survey.said.copy()
    said[:15, THEMES.index("pay")] = True
    said[12:30, THEMES.index("trust")] = True
    survey = replace(survey, said=said)
    assert attacked(survey) == []
    monkeypatch.setattr(theme_map, "_leaves_a_few", lambda measured, *_: np.zeros(measured.theme.shape[1], bool))
    assert {(found.topic, found.what) for found in attacked(survey)} == {
        ("people who speak of trust", "said, not mainly")
    }
