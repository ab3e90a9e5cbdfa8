"""Which units may be quoted or cited: none in which somebody says who they are by what they do, and few do it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from service.core.disclosure import BoolVector, Disclosure
from service.core.measures import Measured

# "As the only midwife on nights", "I'm our one Polish speaker", "being the sole man here".
_ONLY_ONE = re.compile(
    r"\b(?:as|(?:being|be|i\s+am|i['’]?m|i\s+was|i['’]ve\s+been)\s+(?:the|our|their|its|an?))\s+(?:the\s+|our\s+)?"
    r"(?:only|sole|lone|single|one)\s+(?!of\b)[a-z]",
    re.IGNORECASE,
)
# "The only midwife on nights", "the sole electrician in our team".
_ONLY_HERE = re.compile(
    r"\b(?:the|our)\s+(?:only|sole|lone)\s+(?:[\w’'-]+\s+){1,3}?(?:here|left|on|in|at|for|who)\b", re.IGNORECASE
)
_THINGS = re.compile(r"\b(?:only|sole|lone)\s+(?:thing|way|reason|problem|issue|time|place|part|good|bad|real|other)\b")
_ENDINGS = (
    ("ies", "(?:y|ies)"),
    ("ves", "(?:fe?|ves?)"),
    ("fe", "(?:fe?|ves?)"),
    ("y", "(?:y|ies)"),
    ("s", "s?"),
)
_WORD = re.compile(r"[a-z0-9]+")


def quotable_units(measured: Measured, cuts: Sequence[str], disclosure: Disclosure) -> BoolVector:
    """Which units may be quoted, (n_units,).

    Left out are those in which somebody says that they are the only one of their kind, and those that name a group of a
    declared cut which fewer respondents belong to than verbatims need.
    """
    few = [
        pattern
        for cut in cuts
        for name, people in Counter(measured.group_of(cut)).items()
        if name is not None and not disclosure.enough_for_words(people) and (pattern := _naming(name))
    ]
    named = re.compile("|".join(few)) if few else None
    return np.array([not tells_who(unit.text, named) for unit in measured.units], dtype=np.bool_)


def tells_who(text: str, named: re.Pattern[str] | None = None) -> bool:
    """Whether a text gives away who wrote it, or names what ``named`` finds in its small letters."""
    small = text.casefold()
    only = _ONLY_ONE.search(small) or _ONLY_HERE.search(small)
    return bool((only and not _THINGS.search(small)) or (named and named.search(small)))


def _naming(group: str) -> str:
    """A pattern that finds a group's name in small letters, in the singular or the plural."""
    words = _WORD.findall(group.casefold())
    return r"\b" + r"\W+".join(_either_number(words)) + r"\b" if any(len(word) > 2 for word in words) else ""


def _either_number(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        for ending, either in _ENDINGS:
            if len(word) > 3 and word.endswith(ending):
                yield re.escape(word[: -len(ending)]) + either
                break
        else:
            yield f"{re.escape(word)}s?"
