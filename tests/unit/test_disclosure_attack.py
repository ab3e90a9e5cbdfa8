"""Nobody who reads all that is published and subtracts learns of fewer people than the minimum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.disclosure import Disclosure, PublishedSets
from tests.attacker import KINDS, breaches, make_survey, publication_of, random_survey

MINIMUM = 5
SURVEYS = st.builds(
    make_survey,
    st.lists(st.integers(1, 17), min_size=2, max_size=5),
    kind=st.sampled_from(KINDS),
    odd_ones=st.integers(-2, 3),
    spoken=st.floats(0.2, 1.0),
    said=st.floats(0.1, 0.95),
    seed=st.integers(0, 2**31),
)


def attacked(survey):
    return list(breaches(survey, publication_of(survey, Disclosure(MINIMUM)), MINIMUM))


@settings(max_examples=200, deadline=None)
@given(SURVEYS)
def test_no_count_and_no_score_of_fewer_people_than_the_minimum_can_be_worked_out(survey):
    assert attacked(survey) == []


def test_groups_large_enough_are_shown_where_nothing_is_given_away():
    survey = make_survey([20, 30, 25], kind="coarser", odd_ones=0, spoken=1.0, said=0.5, seed=1)
    cuts = publication_of(survey, Disclosure(MINIMUM)).cuts
    assert all(group.alignment.shown for cut in cuts for group in cut.groups)
    assert all(theme.prevalence.shown for cut in cuts for group in cut.groups for theme in group.themes)


def without_secondary(self, counted, among=None):
    weight = np.bincount(self._kind, weights=counted, minlength=self._rows.shape[1])
    return (self._rows @ weight >= self._minimum) & (True if among is None else among)


def without_pairs_of_sets(self, basis, shown, weight):
    yield np.zeros((0, self._rows.shape[1]))


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        (PublishedSets, "publishable", without_secondary),
        (PublishedSets, "_few_of_sets", without_pairs_of_sets),
        (Disclosure, "share", lambda self, estimate: self.number(estimate)),
        (Disclosure, "number", lambda self, estimate: estimate),
    ],
    ids=["secondary suppression", "sets against sets", "shares", "minimum"],
)
def test_the_attacker_notices_when_a_rule_is_broken(monkeypatch, owner, name, broken):
    monkeypatch.setattr(owner, name, broken)
    random = np.random.default_rng(0)
    assert any(attacked(random_survey(random)) for _ in range(60))
