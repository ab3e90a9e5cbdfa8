"""Units that say what should change are told from praise, complaints and reports."""

from __future__ import annotations

import numpy as np
import pytest

from service.core.suggestions import find_suggestions
from service.core.units import Unit

IMPROVE = "What could we do better?"
GOOD = "What was good?"


def is_suggestion(text: str, question: str | None = None) -> bool:
    return bool(find_suggestions([Unit(0, 0, len(text), text, question)])[0])


@pytest.mark.parametrize("question", [None, IMPROVE, GOOD])
@pytest.mark.parametrize(
    "text",
    [
        "We should meet more often",
        "Please give us more notice",
        "The canteen needs to be improved",
        "You need to listen to staff",
        "More staff would help",
        "The rota could do with fewer changes",
        "It would be nice if managers visited",
        "I wish we had better laptops",
        "Why not try a shared calendar?",
        "The ambulance could of been quicker",
        "I’d like more training",
        "Maybe you could ask us first",
    ],
)
def test_a_wish_or_advice_is_a_suggestion_whatever_was_asked(text: str, question: str | None) -> None:
    assert is_suggestion(text, question)


@pytest.mark.parametrize(
    "text", ["More staff", "Quicker response", "Employ more cleaners", "Stop shouting at us", "Better communication."]
)
def test_a_bare_wish_or_instruction_is_a_suggestion_unless_what_is_good_was_asked(text: str) -> None:
    assert is_suggestion(text, IMPROVE)
    assert is_suggestion(text, None)
    assert not is_suggestion(text, GOOD)


@pytest.mark.parametrize(
    "text", ["Fair pay", "Arrived sooner", "Been quicker", "Being told how long it takes", "Be on time"]
)
def test_some_answers_are_suggestions_only_to_a_question_that_asks_for_them(text: str) -> None:
    assert is_suggestion(text, IMPROVE)
    assert not is_suggestion(text, GOOD)


@pytest.mark.parametrize("question", [None, IMPROVE, GOOD])
@pytest.mark.parametrize(
    "text",
    [
        "Nothing",
        "Nothing needs to be changed",
        "No improvement needed",
        "It couldn't be better",
        "You could not have done better",
        "Keep it up",
        "Keep up the good work",
        "We should have been told",
        "They should've rung me",
        "Staff were always helpful",
        "The driver was pleasant",
        "I would like to thank the team",
        "Never been better looked after",
        "The food was cold",
        "However it was late",
        "",
        "👍",
    ],
)
def test_praise_complaints_and_no_wish_are_not(text: str, question: str | None) -> None:
    assert not is_suggestion(text, question)


def test_the_answer_is_a_bool_array_in_the_units_order() -> None:
    found = find_suggestions([Unit(0, 0, 3, text, IMPROVE) for text in ("Nothing", "More pay", "It was fine")])
    assert found.dtype == np.bool_
    assert found.tolist() == [False, True, False]
    assert find_suggestions([]).shape == (0,)


def test_the_stance_model_and_the_rules_are_weighed_together() -> None:
    texts = ("More pay", "More pay", "The rota", "The rota")
    asked = [Unit(0, 0, 3, text, IMPROVE) for text in texts]
    log_odds, weights = np.array([0, -9, 0, 9], dtype=np.float32), np.array([1, 4, -2, 0], dtype=np.float32)
    vectors = np.ones((4, 1), dtype=np.float32)
    assert find_suggestions(asked, log_odds, weights, vectors).tolist() == [True, False, False, True]


def test_the_embedding_tips_what_neither_rules_nor_stance_model_tell() -> None:
    asked = [Unit(0, 0, 3, "The rota", IMPROVE)] * 2
    vectors, weights = np.array([[1, 0], [0, 1]], dtype=np.float32), np.array([1, 4, -2, 3, 0], dtype=np.float32)
    assert find_suggestions(asked, np.zeros(2, dtype=np.float32), weights, vectors).tolist() == [True, False]


def test_without_weights_the_rules_decide_alone() -> None:
    asked = [Unit(0, 0, 3, text, IMPROVE) for text in ("More pay", "The rota")]
    log_odds, vectors = np.array([-9, 9], dtype=np.float32), np.ones((2, 1), dtype=np.float32)
    assert find_suggestions(asked, log_odds, None, vectors).tolist() == [True, False]
    assert find_suggestions(asked, log_odds, np.zeros(4, dtype=np.float32), None).tolist() == [True, False]


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "more " * 20_000, "could " * 20_000, "maybe " * 20_000, "should not " * 9_000]
)
def test_huge_units_are_judged_in_bounded_time(text: str) -> None:
    assert is_suggestion(text, IMPROVE) in {True, False}
