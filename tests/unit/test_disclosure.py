"""Minimum group sizes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.disclosure import Disclosure, PublishedSets
from service.results import Estimate


@given(n=st.integers(0, 30), value=st.floats(-1, 1), minimum=st.integers(3, 12))
def test_a_number_is_shown_exactly_when_enough_respondents_are_behind_it(n, value, minimum):
    shown = Disclosure(minimum, minimum).number(Estimate.ok(value, value, value, n)).shown
    assert shown == (n >= minimum)


@given(counted=st.integers(0, 40), asked=st.integers(1, 40))
def test_a_share_is_never_shown_when_fewer_than_the_minimum_have_or_have_not_what_it_counts(counted, asked):
    counted = min(counted, asked)
    estimate = Disclosure().share(Estimate.ok(counted / asked, 0.0, 1.0, asked))
    assert estimate.shown == (min(counted, asked - counted) >= 5)


@given(supports=st.integers(0, 30), contradicts=st.integers(0, 30), neither=st.integers(0, 30))
def test_from_the_shares_of_the_two_sides_nobody_counts_a_few(supports, contradicts, neither):
    asked = supports + contradicts + neither
    shares = Disclosure().sides(supports, contradicts, asked)
    known = [side for side, share in zip((supports, contradicts), shares, strict=True) if share is not None]
    told = [*known, *(asked - side for side in known)] + ([neither] if len(known) == 2 else [])
    assert all(people >= 5 or people == 0 == neither for people in told)


@given(n=st.integers(0, 4))
def test_what_is_suppressed_looks_the_same_whatever_the_number(n):
    assert Disclosure().number(Estimate.ok(0.3, 0.1, 0.5, n)).to_dict() == {
        "status": "suppressed",
        "reason": "too_few_respondents",
    }


def test_words_need_more_people_than_numbers():
    disclosure = Disclosure()
    assert disclosure.enough(5)
    assert not disclosure.enough_for_words(9)
    assert disclosure.enough_for_words(10)


@pytest.mark.parametrize(("numbers", "words"), [(2, 10), (5, 4)])
def test_thresholds_under_the_floor_or_in_the_wrong_order_are_refused(numbers, words):
    with pytest.raises(ValueError, match="min_"):
        Disclosure(numbers, words)


def groups(*sizes, people=None):
    """Sets of so many people one after another, and all of them counted."""
    people = people or sum(sizes)
    of = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), np.full(people - sum(sizes), -1)])
    return np.array([of == k for k in range(len(sizes))])


def publishable(sets, parts, counted=None):
    everyone = np.ones(sets.shape[1], dtype=bool)
    return PublishedSets(sets, parts, 5).publishable(everyone if counted is None else counted).tolist()


def test_groups_of_enough_people_are_published():
    assert publishable(groups(20, 7, 5), [0, 0, 0]) == [True, True, True]


def test_a_single_small_group_takes_the_next_smallest_with_it():
    assert publishable(groups(20, 7, 3), [0, 0, 0]) == [True, False, False]


def test_small_groups_that_are_enough_people_together_hide_each_other():
    assert publishable(groups(20, 7, 3, 4), [0, 0, 0, 0]) == [True, True, False, False]


def test_people_without_a_group_are_a_group_that_is_not_shown():
    assert publishable(groups(20, 7, people=30), [0, 0]) == [True, False]
    assert publishable(groups(20, 7, people=33), [0, 0]) == [True, True]


def test_of_two_cuts_that_differ_by_one_person_not_both_are_published():
    sets = np.vstack([groups(20, 20), groups(21, 19)])
    assert publishable(sets, [0, 0, 1, 1]).count(True) == 2


def test_a_pulse_that_all_but_one_took_part_in_is_not_published():
    pulses = np.ones((2, 40), dtype=bool)
    pulses[0, 39] = False
    assert publishable(pulses, [0, 1]) == [False, True]


def test_only_those_whom_a_number_counts_stand_behind_it():
    counted = np.ones(27, dtype=bool)
    counted[24:] = False
    assert publishable(groups(20, 7), [0, 0], counted) == [False, False]


def test_that_nobody_of_a_hidden_group_is_counted_is_not_told():
    counted = np.ones(33, dtype=bool)
    counted[30:] = False
    assert publishable(groups(15, 15, 3), [0, 0, 0], counted).count(True) == 1


def test_of_a_large_survey_with_many_overlapping_groups_no_small_one_and_no_small_rest_is_published():
    random = np.random.default_rng(0)
    of = random.geometric(0.1, (2, 5_000))
    kinds = [np.array([own == k for k in np.unique(own)]) for own in of]
    parts = [part for part, sets in enumerate(kinds) for _ in sets]
    shown = np.array(publishable(np.vstack(kinds), parts))
    sizes = np.vstack(kinds).sum(axis=1)
    hidden = [int(sizes[(np.array(parts) == part) & ~shown].sum()) for part in (0, 1)]
    assert shown.sum() > 40
    assert sizes[shown].min() >= 5
    assert all(people == 0 or people >= 5 for people in hidden)


def test_three_people_who_are_left_in_three_groups_are_not_given_away_by_sets_of_four_cuts():
    # S has 23 people; T and U take ten of them each; the three who are left are in three groups of a fourth cut.
    people = np.arange(60)
    s, t, u = people < 23, people < 10, (people >= 10) & (people < 20)
    left = [(people == 20 + k) | ((people >= 30 + 10 * k) & (people < 40 + 10 * k)) for k in range(3)]
    shown = publishable(np.array([s, ~s, t, ~t, u, ~u, *left]), [0, 0, 1, 1, 2, 2, 3, 3, 3])
    assert not all(shown)
    assert not all(shown[k] for k in (0, 2, 4))
