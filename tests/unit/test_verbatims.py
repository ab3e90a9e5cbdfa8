"""Quotes: none gives away who wrote it."""

from __future__ import annotations

import re

import pytest

from service.core.verbatims import _naming, tells_who


@pytest.mark.parametrize(
    "text",
    [
        "As the only midwife on nights I never get a break.",
        "I'm our only Polish speaker, so everything lands on me.",
        "I am the sole electrician and nobody covers for me.",
        "Being the lone woman in the workshop is hard.",
        "The only paramedic on the late shift is me.",
        "I was the only nurse who stayed.",
    ],
)
def test_who_says_that_they_are_the_only_one_is_not_quoted(text):
    assert tells_who(text)


@pytest.mark.parametrize(
    "text",
    [
        "The only thing that works here is the coffee machine.",
        "As one of many nurses I am glad of the new rota.",
        "It is only on Mondays that we meet.",
        "I was only told on Friday.",
        "The only good part at work is my team.",
        "We only have two hoists.",
    ],
)
def test_the_word_only_alone_keeps_nobody_from_being_quoted(text):
    assert not tells_who(text)


@pytest.mark.parametrize(
    ("group", "text"),
    [("Midwives", "a midwife"), ("Deputy", "the deputies"), ("Control Room", "our control-room staff")],
)
def test_a_group_of_few_is_recognised_where_it_is_named(group, text):
    assert tells_who(text, re.compile(_naming(group)))
    assert not tells_who("somebody else", re.compile(_naming(group)))


def test_a_group_without_a_telling_name_keeps_nothing_back():
    assert _naming("B") == ""
    assert _naming("3") == ""
