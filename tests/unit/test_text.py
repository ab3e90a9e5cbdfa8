"""Cleaning, no-content answers, language and idea units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.text import LanguageDetector, is_no_content, normalise, split_units
from service.errors import ConfigurationError

IMPROVE = "What could we do better?"
GOOD = "What was good?"
FEEDBACK = st.text(
    alphabet=st.one_of(st.sampled_from(" .,;:!?-'\"\n\r\t()<>/@•&1290aeinstrAEINST"), st.characters()), max_size=200
)
PHRASES = st.lists(
    st.sampled_from(
        "the staff were great|but|and|we waited 3 hours|, |. |.|\n|1. |- |however|e.g.|Dr. Smith|good pay|poor parking"
        "|https://a.b/c|<PERSON>|I|was|kind|; |(|)|…|although|more staff|late".split("|")
    ),
    max_size=40,
).map(" ".join)


def units(text: str) -> list[str]:
    return [text[start:end] for start, end in split_units(text)]


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector()


class TestNormalise:
    def test_curly_quotes_exotic_spaces_and_invisible_characters_become_plain(self) -> None:
        assert normalise("I’m “ok”\u00a0\u200bnow\u2009\x00-\u2011") == 'I\'m "ok"  now  --'

    def test_every_kind_of_line_end_becomes_a_newline(self) -> None:
        assert normalise("a\r\nb\u2028c\x0bd") == "a\n\nb\nc\nd"

    def test_half_a_surrogate_pair_becomes_encodable(self) -> None:
        assert normalise("a\ud800b").encode() == "a\ufffdb".encode()

    @given(FEEDBACK)
    def test_length_is_kept_and_a_second_time_changes_nothing(self, text: str) -> None:
        once = normalise(text)
        assert len(once) == len(text)
        assert normalise(once) == once


class TestNoContent:
    @pytest.mark.parametrize("question", [None, IMPROVE, GOOD])
    @pytest.mark.parametrize(
        "text",
        "|  |.|-|?|...|N/A|n/a.|NA|n.a.|Did not answer|did not answer.|No comment|not applicable|x|XXX|asdf|test|👍|❤️"
        "|Don’t know|I'm not sure|as above|see above|Nothing to add|nothing to say|no answer|null|7|[unreadable]".split(
            "|"
        ),
    )
    def test_an_answer_without_an_idea_has_none_whatever_was_asked(self, text: str, question: str | None) -> None:
        assert is_no_content(text, question)

    @pytest.mark.parametrize(
        "text",
        "Nothing|nothing.|None|No|nil|Nothing at all!|Absolutely nothing|Can’t think of anything".split("|"),
    )
    @pytest.mark.parametrize("question", [IMPROVE, GOOD, "What gets in the way of your work?", "How could we improve?"])
    def test_nothing_answers_a_question_for_what_is_wrong_or_good(self, text: str, question: str) -> None:
        assert not is_no_content(text, question)

    @pytest.mark.parametrize("question", [None, "", "Why?", "What were you satisfied and/or dissatisfied with?"])
    def test_nothing_says_nothing_without_such_a_question_or_when_it_asks_for_both(self, question: str | None) -> None:
        assert is_no_content("Nothing.", question)

    def test_yes_and_no_answer_a_yes_or_no_question_only(self) -> None:
        assert not is_no_content("Yes", "Do you feel heard?")
        assert not is_no_content("no", "Are you paid fairly?")
        assert is_no_content("Yes", GOOD)

    @pytest.mark.parametrize(
        "text",
        "ok|Pay|More staff|Nothing, the staff were great|No complaints|10/10|Everything|Not sure about the new rota"
        "|I don't know who my manager is|test results came late|Nothing works here|<PERSON>|很好".split("|"),
    )
    def test_short_answers_with_an_idea_are_kept(self, text: str) -> None:
        assert not is_no_content(text, None)


class TestLanguage:
    @pytest.mark.parametrize(
        "text",
        "ok great|More staff pls|Good comms|Priya Raman|Sarah Jones|Communication|Brilliant staff.|Excellent service"
        "|Efficient.|All ok|WFH|10/10|👍||Kudos to Wojciech Szczęsny|Salary|Canteen food|lol".split("|"),
    )
    def test_short_english_is_supported(self, detector: LanguageDetector, text: str) -> None:
        assert detector.supported([text]) == [True]

    @pytest.mark.parametrize(
        "text",
        "Muy bien, gracias|zu wenig Personal|Nic mi się nie podoba|Bardzo dobra atmosfera|Diolch yn fawr"
        "|Za mało pracowników|Mein Chef hört nie zu|Prea multă muncă|Çok güzel bir ekip|شكرا جزيلا|很好，谢谢"
        "|Les réunions sont trop longues|Mijn manager luistert niet naar ons".split("|"),
    )
    def test_other_languages_are_not(self, detector: LanguageDetector, text: str) -> None:
        assert detector.supported([text]) == [False]

    def test_a_foreign_name_or_address_in_english_does_not_matter(self, detector: LanguageDetector) -> None:
        assert detector.supported(["My manager Wojciech Szczęsny is great", "See https://przykład.pl/zażółć ok"]) == [
            True,
            True,
        ]

    def test_verdicts_come_in_order_and_do_not_depend_on_the_other_texts(self, detector: LanguageDetector) -> None:
        texts = ["ok", "Muy bien, gracias", "ok", "Bardzo dobra atmosfera"]
        assert detector.supported(texts) == [True, False, True, False]
        assert detector.supported(texts[::-1]) == [False, True, False, True]
        assert detector.supported([]) == []

    def test_a_second_language_can_be_supported(self) -> None:
        detector = LanguageDetector(("en", "pl"))
        assert detector.supported(["Bardzo dobra atmosfera", "Muy bien, gracias", "ok"]) == [True, False, True]

    def test_an_unknown_language_is_refused_by_name(self) -> None:
        with pytest.raises(ConfigurationError, match="'xx'"):
            LanguageDetector(("en", "xx"))

    def test_a_very_long_text_is_judged_by_its_beginning(self, detector: LanguageDetector) -> None:
        assert detector.supported(["za mało ludzi w pracy " * 5_000, "not enough people " * 5_000]) == [False, True]


class TestSplitUnits:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Staff were great. Food was cold!", ["Staff were great.", "Food was cold!"]),
            ("They were late.No one told us", ["They were late.", "No one told us"]),
            ("it was late.they never rang", ["it was late.", "they never rang"]),
            ("We waited 3 hours, e.g. on Monday", ["We waited 3 hours, e.g. on Monday"]),
            ("Dr. Smith came at 4.30 p.m. He was kind.", ["Dr. Smith came at 4.30 p.m.", "He was kind."]),
            ("The manager listens; the director does not", ["The manager listens", "the director does not"]),
            ("Great pay but long hours and stress", ["Great pay", "but long hours and stress"]),
            (
                "Although the staff were great, the wait was awful.",
                ["Although the staff were great", "the wait was awful."],
            ),
            ("The team is kind and I feel supported", ["The team is kind", "and I feel supported"]),
            (
                "morale is low, decisions are made behind closed doors",
                ["morale is low", "decisions are made behind closed doors"],
            ),
            ("Good pay, nice colleagues, poor parking", ["Good pay", "nice colleagues", "poor parking"]),
            ("Clear rules, fair pay, and better support.", ["Clear rules", "fair pay", "and better support."]),
            ("1. Pay\n2. Parking", ["1. Pay", "2. Parking"]),
            ("• pay • parking • food", ["pay", "parking", "food"]),
            ("- pay\r\n- parking\r\n\r\nlong wait", ["pay", "parking", "long wait"]),
            ("<PERSON> was rude, <PERSON> was kind", ["<PERSON> was rude", "<PERSON> was kind"]),
        ],
    )
    def test_each_idea_is_a_unit(self, text: str, expected: list[str]) -> None:
        assert units(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "ok",
            "Friendly, helpful staff",
            "The staff were kind and caring and helpful",
            "Nothing but praise",
            "Not only kind but also fast",
            "Slow but good",
            "When I arrived the bus came and I got on",
            "To make work fairer, platforms should pay more",
            "Thanks to Sarah Jones, Priya Raman and Tom",
            "See https://x.nhs.uk/a.b?c;d=1 for it",
            "Mail anna.b@c.com about it",
            "Excellent. Kind. Caring.",
            "I waited 2 hrs. and then left",
        ],
    )
    def test_what_is_one_idea_stays_whole(self, text: str) -> None:
        assert units(text) == [text]

    def test_a_hard_wrapped_line_is_not_a_sentence_end(self) -> None:
        text = "The managers in our department never seem to have any time for\nthe questions that we ask them"
        assert units(text) == [text]

    def test_a_unit_is_never_longer_than_the_limit(self) -> None:
        assert all(len(unit.split()) <= 60 for unit in units("and then we waited for the driver again " * 200))

    @pytest.mark.parametrize("text", ["", "   ", "👍👍", "...", "\r\n\t", "•"])
    def test_a_text_without_words_has_no_units(self, text: str) -> None:
        assert split_units(text) == []

    @pytest.mark.parametrize(
        "text",
        ["a" * 100_000, "word " * 20_000, "no. " * 25_000, ", and I was " * 9_000, "((" * 50_000, "\n1. a" * 20_000],
    )
    def test_huge_texts_are_split_in_bounded_time(self, text: str) -> None:
        assert_partition(text)

    @pytest.mark.parametrize(
        "text",
        [
            "شكرا جزيلا. المدير لا يستمع؟ نعم هو",
            "a\x00b\x00c. d e",
            "<b>Pay</b> is bad.<br>Food is ok",
            "你好。很好很好。",
            "\ud800 ok it is",
        ],
    )
    def test_other_scripts_markup_and_control_characters_are_covered(self, text: str) -> None:
        assert_partition(text)

    @given(st.one_of(FEEDBACK, PHRASES))
    def test_units_are_in_order_apart_and_hold_every_letter_and_digit(self, text: str) -> None:
        assert_partition(text)

    @given(PHRASES)
    def test_splitting_is_deterministic_and_ignores_curly_quotes(self, text: str) -> None:
        assert split_units(text) == split_units(text.replace("'", "’"))


def assert_partition(text: str) -> None:
    offsets = split_units(text)
    covered = 0
    for start, end in offsets:
        assert covered <= start < end <= len(text)
        assert not any(character.isalnum() for character in normalise(text[covered:start]))
        assert text[start:end].strip() == text[start:end] or not text[start:end].isascii()
        covered = end
    assert not any(character.isalnum() for character in normalise(text[covered:]))
