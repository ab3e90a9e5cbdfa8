from __future__ import annotations

import pytest

from service.core.embedding import HashingEmbedder
from service.core.purpose_checks import MAX_WORDS, check_purpose
from service.core.text import LanguageDetector
from service.errors import InvalidPurpose
from service.results import Facet, Purpose
from tests.fakes import LexiconStance


def doubts(purpose: Purpose) -> tuple[str, ...]:
    return check_purpose(purpose, HashingEmbedder(), LexiconStance(), LanguageDetector(("en",)))


def listening(*, supports: tuple[str, ...] = (), contradicts: tuple[str, ...] = ()) -> Purpose:
    facet = Facet(facet_id="l", title="We listen", text="We listen.", supports=supports, contradicts=contradicts)
    return Purpose(statement="We listen.", facets=(facet,))


def test_a_plain_statement_leaves_no_doubt() -> None:
    assert doubts(Purpose.from_text("We listen to each other. We protect the rivers we draw from.")) == ()


def test_a_statement_of_one_word_is_refused_saying_what_to_give() -> None:
    with pytest.raises(InvalidPurpose, match=r"1 word;.*Say in a sentence") as caught:
        doubts(Purpose.from_text("Excellence"))
    assert caught.value.where == "statement"


def test_one_word_beside_facets_that_say_more_is_accepted() -> None:
    facet = Facet(facet_id="l", title="Listening", text="We listen to each other.")
    assert not any("one word" in doubt for doubt in doubts(Purpose(statement="Listening", facets=(facet,))))


def test_a_statement_of_two_thousand_words_is_refused_naming_the_limit() -> None:
    with pytest.raises(InvalidPurpose, match=f"2,000 words; the limit is {MAX_WORDS:,}"):
        doubts(Purpose.from_text("We listen to people. " * 500))


def test_a_statement_in_another_language_is_refused_naming_the_ones_that_are_analysed() -> None:
    with pytest.raises(InvalidPurpose, match=r"not in a language that is analysed \(en\)"):
        doubts(Purpose.from_text("Wir hören einander zu und sagen offen, was wir entscheiden und warum."))


def test_a_statement_without_a_verb_is_measured_and_said_to_have_none() -> None:
    (doubt,) = doubts(Purpose.from_text("Safety, quality and honesty"))
    assert "no verb" in doubt


def test_facets_that_repeat_each_other_are_named() -> None:
    facets = (
        Facet(facet_id="a", title="Open", text="We communicate openly with people"),
        Facet(facet_id="b", title="Rivers", text="We protect rivers"),
        Facet(facet_id="c", title="Frank", text="we communicate openly with people"),
    )
    purpose = Purpose(statement="We communicate openly with people. We protect rivers.", facets=facets)
    (doubt,) = doubts(Purpose(statement=purpose.statement, facets=tuple(_untitled(f) for f in facets)))
    assert "“Open”" in doubt
    assert "“Frank”" in doubt
    assert "Rivers" not in doubt


def _untitled(facet: Facet) -> Facet:
    """The hashing embedder sees words alone, so the titles must not be read with the text: they are part of it."""
    return Facet(facet_id=facet.facet_id, title=facet.title, text=f"{facet.text} open rivers frank")


@pytest.mark.parametrize(
    ("anchors", "side"),
    [
        ({"supports": ("They never listen.",)}, "contradicts"),
        ({"contradicts": ("They always listen, great.",)}, "supports"),
    ],
)
def test_an_anchor_on_the_wrong_side_is_named(anchors: dict[str, tuple[str, ...]], side: str) -> None:
    (doubt,) = doubts(listening(**anchors))
    assert "“We listen”" in doubt
    assert f"{side} it" in doubt


def test_anchors_on_their_own_side_leave_no_doubt() -> None:
    assert doubts(listening(supports=("They always listen.",), contradicts=("They never listen.",))) == ()
