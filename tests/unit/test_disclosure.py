"""Minimum group sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.disclosure import Disclosure
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
