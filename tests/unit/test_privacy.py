"""Personal data is found, replaced by typed placeholders, and everything else is left alone."""

from __future__ import annotations

import re
import socket
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.core.privacy import TYPES, Redaction, Redactor, Span
from service.core.privacy.spans import resolve


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor()


def redacted(redactor: Redactor, text: str) -> str:
    return redactor.redact_many([text])[0].text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thanks to Sarah Jones for her help", "Thanks to <PERSON> for her help"),
        ("thanks to sarah jones", "thanks to <PERSON>"),
        ("my manager sarah is great", "my manager <PERSON> is great"),
        ("Dr Patel and Mrs O'Brien were rude", "Dr <PERSON> and Mrs <PERSON> were rude"),
        ("Our CEO Priya Raman never listens", "Our CEO <PERSON> never listens"),
        ("Sarah’s desk", "<PERSON>’s desk"),
        ("Will Smith was nice", "<PERSON> was nice"),
        ("HELP FROM SARAH JONES WAS GREAT", "HELP FROM <PERSON> WAS GREAT"),
        ("My name is Rubija", "My name is <PERSON>"),
        ("Write to priya.raman@acme.internal today", "Write to <EMAIL> today"),
        ("priya at acme dot com", "<EMAIL>"),
        ("Call me on 07700 900123 or 0191 498 0123", "Call me on <PHONE> or <PHONE>"),
        ("I live at 12 Park Road, Leeds LS1 4AP", "I live at <ADDRESS>"),
        ("Flat 3, 45 High Street is damp", "<ADDRESS> is damp"),
        ("staff id 48213 was ignored", "staff id <ID> was ignored"),
        ("my NI number is AB123456C", "my NI number is <ID>"),
        ("They clamped AB12 CDE", "They clamped <ID>"),
        ("born on 12/05/1971", "born on <ID>"),
        ("card 4111 1111 1111 1111", "card <CARD>"),
        ("IBAN GB82 WEST 1234 5698 7654 32", "IBAN <ACCOUNT>"),
        ("sort code 12-34-56 account 12345678", "sort code <ACCOUNT> account <ACCOUNT>"),
        ("www.foo.com/x?y=1 and @sarah_j", "<URL> and <URL>"),
    ],
)
def test_personal_data_is_replaced_by_its_type(redactor: Redactor, text: str, expected: str) -> None:
    assert redacted(redactor, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Teams and Slack are good. May was hard, June better. Will you mark my words?",
        "Nurse was kind, Sister on the ward and Matron too. Covid again.",
        "James Cook Hospital is good and so is Rose Ward",
        "HR, IT and Finance never answer. NHS GP A&E.",
        "On Monday 12/05/2022 at 10.30 we waited 1,000 minutes, 24/7, 10/10",
        "call 111 or 999; ward 12 bed 4; B12 injections; the A12",
        "14 Jan 2022 was late.No one told us. nice.The staff",
        "Nobody in Newcastle or at Deloitte cares",
        "grace and patience helped; I hope so, with joy",
        "We need more staff, quicker response and fairer pay",
    ],
)
def test_ordinary_words_organisations_places_and_numbers_stay(redactor: Redactor, text: str) -> None:
    assert redacted(redactor, text) == text


@pytest.mark.parametrize(
    "text",
    [
        "my staff number is {48213}",
        "Employee ID: {E-204817} was wrong",
        "payroll no. {7731902}",
        "badge {AB12345} stopped working",
    ],
)
def test_a_number_after_a_word_for_staff_is_a_staff_id(redactor: Redactor, text: str) -> None:
    assert_found(redactor, text, "ID")


@pytest.mark.parametrize(
    "text",
    [
        "national insurance number {JG 10 37 59 A}",
        "NINO: {ab 12 34 56 c}",
        "ssn {078-05-1120}",
        "Here's my SSN: {023-01-0866}",
        "passport {533401372}",
        "my driving licence {MORGA753116SM9IJ}",
    ],
)
def test_a_national_id_is_an_id_and_not_a_phone_number(redactor: Redactor, text: str) -> None:
    assert_found(redactor, text, "ID")


@pytest.mark.parametrize(
    "text",
    ["my car {AB12 CDE} was clamped", "reg {ab12cde}", "number plate {K123 ABC}", "plate: {ABC 123D}"],
)
def test_a_vehicle_plate_is_an_id_in_any_case_after_its_cue(redactor: Redactor, text: str) -> None:
    assert_found(redactor, text, "ID")


@pytest.mark.parametrize(
    "text",
    [
        "ping {@sarah_j} on Slack",
        "my instagram handle is {sarahj_92}",
        "username {sjones42}",
        "my twitter is {@dev.ops.dan}",
        "{github.com/sjones}",
    ],
)
def test_a_handle_is_redacted_with_an_at_sign_or_after_its_cue(redactor: Redactor, text: str) -> None:
    assert_found(redactor, text, "URL")


@pytest.mark.parametrize(
    "text", ["our office at {1 Canada Square}", "I live at {7 Elm Grove}", "an IP address {36.160.14.148} was blocked"]
)
def test_an_address_is_found_by_a_house_number_of_one_digit_and_an_ip_address_is_an_id(
    redactor: Redactor, text: str
) -> None:
    assert_found(redactor, text, "ID" if "IP" in text else "ADDRESS")


@pytest.mark.parametrize(
    "text",
    [
        "{jOHN sMITH} was rude",
        "I spoke to {JOHN SMITH}",
        "{Anne-Marie O'Neill} and {Jean-Pierre}'s team",
        "All good.\n\nThanks,\n{Xochitl}",
        "Cheers, {Olu}",
        "my colleague {Xiadani} left",
        "{White-Okafor} was kind",
        "I met {Johnson} about the {Jensen} case",
        "{Xiadani Quetzal} joined. Later {Quetzal} left, and early {Xiadani} too",
        "{Xiadani}, can I speak to your boss?",
    ],
)
def test_a_name_is_found_in_mixed_case_doubled_signed_cued_or_repeated(redactor: Redactor, text: str) -> None:
    assert_found(redactor, text, "PERSON")


def assert_found(redactor: Redactor, marked: str, kind: str) -> None:
    """What stands in braces in ``marked``, and nothing else, becomes the placeholder of ``kind``."""
    text = marked.replace("{", "").replace("}", "")
    assert redacted(redactor, text) == re.sub(r"\{[^}]*\}", f"<{kind}>", marked)


@pytest.mark.parametrize(
    "text",
    [
        "Hill, Khan and Reed Ltd is late and Thomas and Sons too",
        "Zorblatt is a design agency based in Leeds",
        "I work for Flightstats",
        "Jira, Trello and Workday are slow; Confluence is worse",
        "The Head of Engineering and the Scrum Master argue with Product Managers",
        "See Guilty Pleasures. Awarded the Bronze Age prize",
        "my login is slow, my username is forgotten",
    ],
)
def test_firms_products_titles_and_job_titles_stay(redactor: Redactor, text: str) -> None:
    assert redacted(redactor, text) == text


@pytest.mark.parametrize(
    "piece", ["ABC DEF ", "jOHN ", "1 ", "0191 ", "👍1", "Aaaa ", "Abc, ", "O'", "<PERSON> Sarah 0191 498 0123 "]
)
def test_four_times_the_text_takes_about_four_times_the_time(redactor: Redactor, piece: str) -> None:
    def seconds(length: int) -> float:
        started = time.process_time()
        redactor.redact_many([piece * (length // len(piece))])
        return time.process_time() - started

    seconds(2_000)
    assert seconds(20_000) < 10 * (seconds(5_000) + 0.05)


def test_placeholders_already_there_stay_as_they_are(redactor: Redactor) -> None:
    text = "<PERSON> told <EMAIL> on [Date Redacted] about [Name Redacted]"
    redaction = redactor.redact_many([text])[0]
    assert (redaction.text, redaction.spans) == (text, ())


def test_spans_are_offsets_of_the_original_also_with_exotic_characters(redactor: Redactor) -> None:
    text = "\u200b“Thanks”\u00a0to Sarah\u00a0Jones, 07700\u2009900123 👍"
    redaction = redactor.redact_many([text])[0]
    assert [(text[s.start : s.end], s.type) for s in redaction.spans] == [
        ("Sarah\u00a0Jones", "PERSON"),
        ("07700\u2009900123", "PHONE"),
    ]
    assert redaction.text == "\u200b“Thanks”\u00a0to <PERSON>, <PHONE> 👍"


def test_redactions_come_in_order_and_do_not_depend_on_what_was_redacted_before(redactor: Redactor) -> None:
    texts = ["Zorblatt was kind", "ok", "Zorblatt was kind", "Thanks to Sarah"]
    first = redactor.redact_many(texts)
    again = redactor.redact_many(texts[::-1])[::-1]
    assert [r.text for r in first] == ["<PERSON> was kind", "ok", "<PERSON> was kind", "Thanks to <PERSON>"]
    assert first == again == [Redactor().redact_many([text])[0] for text in texts]
    assert redactor.redact_many([]) == []


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    text = "Sarah Jones, sarah@acme.co.uk, 192.168.2.1, 4111 1111 1111 1111, https://acme.co.uk"
    assert Redactor().redact_many([text])[0].text == "<PERSON>, <EMAIL>, <ID>, <CARD>, <URL>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍" * 100,
        "شكرا جزيلا يا محمد",
        "a\x00b \x00",
        "<b>ok</b> <script>alert(1)</script>",
        "a" * 100_000,
        "word " * 20_000,
        "a." * 20_000,
        "@" * 20_000,
        "1" * 100_000,
        "\r\n \n\r" * 3_000,
    ],
    ids=["empty", "emoji", "rtl", "nul", "html", "token", "words", "dots", "ats", "digits", "newlines"],
)
def test_hostile_texts_without_personal_data_are_unchanged(redactor: Redactor, text: str) -> None:
    assert redacted(redactor, text) == text


def test_personal_data_deep_in_a_long_text_is_found(redactor: Redactor) -> None:
    text = "we waited again " * 3_000 + "for Sarah Jones and her mail sarah@acme.com " + "and again " * 3_000
    redaction = redactor.redact_many([text])[0]
    assert [text[span.start : span.end] for span in redaction.spans] == ["Sarah Jones", "sarah@acme.com"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            "Sarah Jones|07700 900123|a@b.co|Dr|12 Park Road|Leeds|.|,|\n|the|staff|id 48213|👍|<URL>|“".split("|")
        ),
        max_size=15,
    ).map(" ".join)
)
def test_text_outside_spans_is_unchanged_and_slices_put_together_are_the_text(redactor: Redactor, text: str) -> None:
    redaction = redactor.redact_many([text])[0]
    assert_faithful(text, redaction)


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from(TYPES)), max_size=6),
)
def test_any_spans_give_a_faithful_redaction(text: str, raw: list[tuple[int, int, str]]) -> None:
    spans = [Span(start, min(len(text), start + size), kind) for start, size, kind in raw if start < len(text)]
    resolved = resolve(spans)
    hidden = {i for span in spans for i in range(span.start, span.end)}
    assert hidden == {i for span in resolved for i in range(span.start, span.end)}
    assert_faithful(text, Redaction.of(text, resolved))


def assert_faithful(text: str, redaction: Redaction) -> None:
    rebuilt, position = "", 0
    for span in redaction.spans:
        assert position <= span.start < span.end <= len(text)
        assert span.type in TYPES
        rebuilt += text[position : span.start] + span.placeholder
        position = span.end
    assert redaction.text == rebuilt + text[position:]
    for cut in range(len(text) + 1):
        assert redaction.slice(0, cut) + redaction.slice(cut, len(text)) == redaction.text


def test_overlapping_spans_become_one_of_the_longest_ones_type() -> None:
    spans = [Span(0, 5, "PERSON"), Span(3, 20, "ADDRESS"), Span(18, 22, "PHONE"), Span(30, 32, "ID")]
    assert resolve(spans) == (Span(0, 22, "ADDRESS"), Span(30, 32, "ID"))


def test_a_span_that_straddles_a_slice_is_whole_on_the_side_where_it_begins() -> None:
    redaction = Redaction.of("ask Sarah Jones now", [Span(4, 15, "PERSON")])
    assert redaction.slice(0, 9) == "ask <PERSON>"
    assert redaction.slice(9, 19) == " now"
    assert redaction.slice(4, 15) == "<PERSON>"
    assert redaction.slice(0, 4) == "ask "


@pytest.mark.parametrize("extension", ["ext 4471", "ext. 4471", "Extension 20417"])
def test_a_telephone_extension_alone_is_redacted(extension: str) -> None:
    (redaction,) = Redactor().redact_many([f"for the slides ring me on {extension} any day"])
    assert extension not in redaction.text
    assert "any day" in redaction.text
