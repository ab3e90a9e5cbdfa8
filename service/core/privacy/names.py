"""People's names in feedback: which words are one, and how far it goes.

The small language model knows many names but takes sentence-initial words ("Superb", "Covid") and typos for names;
a list of first names knows common ones in any spelling. A name counts when one of these holds:

- it follows a title or a cue ("Mr Patel", "my name is Rubija");
- it begins with a listed first name, which need not have a capital ("thanks to sarah jones");
- it is a surname in mid-sentence, beside another name, or part of a full name that the text has elsewhere;
- the model marks it, it is written like a name, and its words are neither known non-names nor ordinary words.

Organisations and places stay: "James Cook Hospital", "Victoria Ward", "Hill, Khan and Reed Ltd".
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from service.core.privacy.name_words import (
    FOLLOWING_WORDS,
    LOWER_TITLES,
    NOT_NAMES,
    ORGANISATION,
    PARTICLES,
    PERSON_VERBS,
    PLACE_WORDS,
    PLURAL_VERBS,
    ROLES,
    TITLES,
)

Offsets = tuple[int, int]

_WORD = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*")
_DIGIT = re.compile(r"\d")
_CUE_REACH = 30
_SURE_CUES = (
    r"\bname(?:'s| is|:)|\bnamed|regards,|sincerely,|surname is|calls? me|(?:named|called) (?:him|her|them)"
    r"|name\?|thanks to|kudos to|shout ?out to"
)
_SURE_CUE = re.compile(rf"(?i:{_SURE_CUES})\s{{1,8}}")
_PEOPLE = (
    "kid|son|daughter|child|wife|husband|partner|friend|brother|sister|mother|father|boss|mentor|nurse|gp|therapist"
    "|manager|supervisor|colleague|assistant"
)
_CUE = re.compile(
    rf"(?i:{_SURE_CUES}|\bi'm|i am|this is|called|my (?:{_PEOPLE})|thank you(?: to)?|thanks|manager,?|supervisor,?"
    rf"|colleague,?|nurse|doctor)\s{{1,3}}$"
)
# What makes a person of a capitalised word that nobody has seen before or that is a surname.
_UNSEEN_CUE = re.compile(
    rf"(?i:\bmy (?:{_PEOPLE})|\b(?:said|replied|asked|shouted at|starring|nicknamed|met)"
    r"|\b(?:why|how|when) (?:is|was|does|did|has)"
    r"|\b(?:him|her|me|us) and|\b(?:gender|age|death|behaviour|behavior|attitude|kindness|manner|leadership"
    rf"|handling|efforts|{_PEOPLE}) of) $"
)
# Who follows is written about: "the Jensen novel", "the Patel case".
_SIGNED = re.compile(
    r"(?i:\b(?:thanks|thank you|cheers|regards|wishes|yours|sincerely|faithfully))(?:,\s{1,3}|\s?\n\s{0,3})"
    r"([^\W\d_a-z][\w'-]{1,24}(?: [^\W\d_a-z][\w'-]{1,24})?)[\s.!x]{0,4}\Z"
)
_ATTRIBUTED = re.compile(r" (?:novel|book|film|song|album|family|case|affair|era|brothers|sisters)\b")
_SPEAKER = re.compile(r"^[>\s]{0,4}([^\W\d_]{3,20}):\s?\S", re.MULTILINE)
_ADDRESSED = re.compile(r", (?:can|could|would|will) (?:you|i|we|someone)\b", re.IGNORECASE)
_TOLD = re.compile(
    r"(?i:\b(?:spoke|speak|speaking|spoken|talk|talked|talking|listen|thanks|listened|said|thank you) (?:to|with) )$"
)
_PLACED = re.compile(
    r"(?i:\b(?:at|in|from|to|near|of|the|via|around|our|old|city|town|village|works? for|worked for) )$"
)
_FROM_PLACE = re.compile(
    r"(?i:\b(?:originally from|come from|comes from|city of|town of|home city|home town|hometown) )$"
)
# Organisations by how they are named or by what is said of them.
_CAPITALISED = r"[^\W\d_a-z][\w'-]{1,24}"
_FIRM_LIST = rf"{_CAPITALISED}(?:, {_CAPITALISED}){{1,3}},? (?:and|&) {_CAPITALISED}"
_FIRM = re.compile(
    rf"\b{_FIRM_LIST}(?= (?:is|was) an? | (?i:orchestra|ltd|limited|inc|llc|llp|plc|group|solicitors|associates)\b)"
    rf"|(?<= at ){_FIRM_LIST}|(?<=[ks] for ){_FIRM_LIST}|(?<=s from ){_FIRM_LIST}|(?<=address of ){_FIRM_LIST}"
    rf"|\b{_CAPITALISED} (?:and|&) (?:Sons|Sisters|Daughters|Partners|Associates|Co)\b"
    rf"|\b{_CAPITALISED} & {_CAPITALISED}(?= (?:ltd|inc|plc))"
)
_THING = re.compile(
    r" (?:is|was) (?:an?|the|our) (?:\d{3,4}\b|(?:[\w-]{1,20} ){0,4}(?:agency|company|firm|bank|business|charity|brand"
    r"|film|movie|series|game|app|tool|platform|software|startup|supplier|provider|brainchild)"
    r"(?=[.,;!?\n]| (?:that|which|who|based|in|for|from|directed|with|of|and|where|we)\b|$))"
)
_CONTRACTION = re.compile(r"n't$|'(?:ve|d|ll|re|m)$")
_MAX_FOLLOWING = 3
_MIN_LENGTH = 2
_MAX_ACRONYM = 3
_MIN_LOWER_LENGTH = 4  # "ben", "tim" and "tia" are also "been", "time" and a diagnosis


def _plain(word: str) -> str:
    """``word`` in lower case without its possessive."""
    return word.lower().removesuffix("'s")


class _Token(NamedTuple):
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return _plain(self.text)

    @property
    def is_capitalised(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_shouted(self) -> bool:
        return self.text.isupper()

    @property
    def is_initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper() and self.text not in {"I", "A"}

    @property
    def is_no_name(self) -> bool:
        return self.lower in NOT_NAMES and not self.is_initial


class Words(NamedTuple):
    """What the language model knows of words in lower case.

    Attributes:
        seen: words that it has met.
        ordinary: words of its dictionary that are no people's: verbs, adjectives, adverbs, and plurals.
    """

    seen: Container[str]
    ordinary: Container[str]

    def known(self, word: str) -> bool:
        return word in self.seen or word in self.ordinary


class _Listed(NamedTuple):
    """Listed names; the ambiguous ones are also words or places."""

    first: frozenset[str]
    ambiguous_first: frozenset[str]
    surnames: frozenset[str]
    ambiguous_surnames: frozenset[str]
    any_first: frozenset[str]
    any: frozenset[str]


@cache
def _listed() -> _Listed:
    first, ambiguous_first = _read_names("first_names.txt")
    surnames, ambiguous_surnames = _read_names("surnames.txt")
    any_first = first | ambiguous_first
    return _Listed(
        first, ambiguous_first, surnames, ambiguous_surnames, any_first, any_first | surnames | ambiguous_surnames
    )


def _read_names(file: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that are nothing else, and those that are also words or places."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    names, ambiguous = text.split("[names]\n")[1].split("[ambiguous]\n")
    return frozenset(names.split()), frozenset(ambiguous.split())


def may_hold_name(text: str, words: Words) -> bool:
    """Whether ``text`` can hold a name at all: a listed name, a title, a cue, or a capital that neither the start of
    a sentence nor a known non-name explains. Texts that cannot need no language model.
    """
    listed = _listed()
    for match in _WORD.finditer(text):
        word = match[0]
        lower = _plain(word)
        if lower in listed.first or lower in TITLES or _is_doubled(word):
            return True
        if not word[0].isupper() or lower in NOT_NAMES or _is_acronym(word, text):
            continue
        if lower in words.ordinary and lower not in listed.any:
            continue
        if lower in listed.surnames or not _starts_sentence(text, match.start()):
            return True
        if _is_unseen(_Token(word, *match.span()), words):
            return True
    return bool(_ANY_CUE.search(text))


def _is_doubled(word: str) -> bool:
    """Whether ``word`` is two first names, such as "Anne-Marie"."""
    if "-" not in word or not word[0].isupper():
        return False
    return all(part in _listed().any_first and part not in NOT_NAMES for part in _plain(word).split("-"))


def _is_acronym(word: str, text: str) -> bool:
    return len(word) <= _MAX_ACRONYM and word.isupper() and not text.isupper()


_ANY_CUE = re.compile(r"(?i)\bname(?:'s| is|:|\?)|\bnamed\b|calls? me")


def find_names(text: str, people: Iterable[Offsets], words: Words) -> list[Offsets]:
    """Offsets of the names in ``text``; they may overlap.

    Args:
        text: normalised text.
        people: what the language model takes for people; it is checked.
        words: what the language model knows of words.
    """
    tokens = _tokens(text)
    cued = {match.end() for match in _SURE_CUE.finditer(text)}
    found = [
        *_listed_names(text, tokens, cued),
        *_surnames(text, tokens),
        *_titled_names(text, tokens, cued, words),
        *_model_names(text, people, words),
        *_unseen_names(text, tokens, words),
        *_speakers(text, words),
        *_signatures(text, words),
    ]
    found += _joined_names(text, tokens, found, words)
    firms = [match.span() for match in _FIRM.finditer(text)]
    found = [name for name in found if not any(start <= name[0] < end for start, end in firms)]
    return [*found, *_repeated_names(text, tokens, found, words)]


def _tokens(text: str) -> list[_Token]:
    return [_Token(match[0], *match.span()) for match in _WORD.finditer(text)]


def _starts_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start].rstrip(" \"'(*->")
    return not before or before[-1] in ".!?\n:;\u2026)"


def _before(text: str, start: int) -> str:
    return text[max(0, start - _CUE_REACH) : start]


def _adjacent(text: str, before: _Token, after: _Token) -> bool:
    return text[before.end : after.start] in {" ", ". ", "-", "'", " '"}


def _without_possessive(token: _Token) -> int:
    return token.end - 2 if token.text.endswith(("'s", "\u2019s")) else token.end


def _extent(text: str, tokens: Sequence[_Token], i: int) -> Offsets | None:
    """The name that begins at ``tokens[i]`` with the surnames that follow; None when it is a place's or company's."""
    end = i
    for j in range(i + 1, min(i + 1 + _MAX_FOLLOWING, len(tokens))):
        token = tokens[j]
        if not _adjacent(text, tokens[j - 1], token) or (token.is_no_name and token.lower not in PLACE_WORDS):
            break
        if token.lower in PLACE_WORDS or (token.lower in ORGANISATION and token.is_capitalised):
            return None
        if token.is_capitalised or (not token.text.islower() and token.lower in _listed().any):  # "jOHN sMITH"
            end = j
        elif token.lower not in PARTICLES:
            break
    return tokens[i].start, _without_possessive(tokens[end])


def _listed_names(text: str, tokens: Sequence[_Token], surely_cued: Container[int]) -> list[Offsets]:
    listed = _listed()
    found: list[Offsets | None] = []
    for i, token in enumerate(tokens):
        lower = token.lower
        doubled = _is_doubled(token.text)
        if lower not in listed.any_first and not doubled:
            continue
        before = _before(text, token.start)
        cued = bool(_CUE.search(before))
        if lower in listed.first or doubled:
            if not token.text.islower() and (cued or not _is_acronym(token.text, text)):
                found.append(None if _FROM_PLACE.search(before) else _extent(text, tokens, i))
            elif token.text.islower() and (len(token.text) >= _MIN_LOWER_LENGTH or cued):
                found.append(_lower_extent(text, tokens, i, surely_cued))
        elif token.is_capitalised and not token.is_shouted:
            extent = _extent(text, tokens, i)
            if extent and (extent[1] > token.end or cued or _UNSEEN_CUE.search(before)):
                found.append(extent)
    return [extent for extent in found if extent]


def _surnames(text: str, tokens: Sequence[_Token]) -> list[Offsets]:
    """Surnames in mid-sentence, with what only people do, or beside another one ("White and Adams were", but not
    "White was").
    """
    listed = _listed()
    found: list[Offsets] = []
    for i, token in enumerate(tokens):
        lower = token.lower
        if lower not in listed.any or not token.is_capitalised or token.is_shouted:
            continue
        if lower in listed.surnames and _is_alone(text, tokens, i):
            found.append((token.start, _without_possessive(token)))
        elif _is_paired(text, tokens, i):
            found += [(t.start, _without_possessive(t)) for t in (token, tokens[i + 2])]
    return found


def _is_alone(text: str, tokens: Sequence[_Token], i: int) -> bool:
    """Whether the surname ``tokens[i]`` is a person's although no other name is with it."""
    token, following = tokens[i], tokens[i + 1] if i + 1 < len(tokens) else None
    before = _before(text, token.start)
    acts = bool(following and following.lower in PERSON_VERBS and _adjacent(text, token, following))
    if _THING.match(text, token.end) or _FROM_PLACE.search(before) or text[token.end : token.end + 3] == " & ":
        return False
    if following and following.is_capitalised and _adjacent(text, token, following) and not acts:
        return False
    if following and following.lower in PLACE_WORDS and _adjacent(text, token, following):
        return False
    if _starts_sentence(text, token.start):
        return acts
    placed = _PLACED.search(before) and not (_UNSEEN_CUE.search(before) or _TOLD.search(before))
    return not placed or bool(_ATTRIBUTED.match(text, token.end))


def _is_paired(text: str, tokens: Sequence[_Token], i: int) -> bool:
    """Whether ``tokens[i]`` begins "Dale and White were": two listed names of which several things are said."""
    if i + 3 >= len(tokens) or tokens[i + 1].lower != "and" or tokens[i + 3].lower not in PLURAL_VERBS:
        return False
    first, _, second, verb = tokens[i : i + 4]
    if first.is_no_name or second.is_no_name or not second.is_capitalised or second.is_shouted:
        return False
    return second.lower in _listed().any and _adjacent(text, second, verb)


def _lower_extent(text: str, tokens: Sequence[_Token], i: int, surely_cued: Container[int]) -> Offsets:
    """A first name in lower case; the next word is its surname only after a cue, as in "thanks to sarah jones"."""
    token = tokens[i]
    if i + 1 < len(tokens) and _adjacent(text, token, tokens[i + 1]) and token.start in surely_cued:
        following = tokens[i + 1]
        if following.lower not in NOT_NAMES | FOLLOWING_WORDS:
            return token.start, _without_possessive(following)
    return token.start, _without_possessive(token)


def _titled_names(text: str, tokens: Sequence[_Token], surely_cued: Container[int], words: Words) -> list[Offsets]:
    """Names after a title or a cue, and those written with a middle initial ("Sari J. Paavolainen")."""
    found: list[Offsets | None] = []
    for i, token in enumerate(tokens):
        if token.is_no_name or len(token.text) < _MIN_LENGTH:
            continue
        before = tokens[i - 1].lower if i and _adjacent(text, tokens[i - 1], token) else ""
        titled = before in LOWER_TITLES or (before in TITLES and token.is_capitalised)
        titled = titled or (before in ROLES and token.is_capitalised and not token.text.isupper())
        cued = token.start in surely_cued
        if titled or (cued and token.is_capitalised) or _has_middle_initial(text, tokens, i):
            found.append(_extent(text, tokens, i))
        elif cued and not words.known(token.lower):
            found.append((token.start, token.end))
    return [extent for extent in found if extent]


def _has_middle_initial(text: str, tokens: Sequence[_Token], i: int) -> bool:
    if i + 2 >= len(tokens) or not tokens[i + 1].is_initial:
        return False
    first, initial, last = tokens[i : i + 3]
    written = all(token.is_capitalised and not token.text.isupper() and not token.is_no_name for token in (first, last))
    return written and _adjacent(text, first, initial) and _adjacent(text, initial, last)


def _model_names(text: str, people: Iterable[Offsets], words: Words) -> list[Offsets]:
    found: list[Offsets] = []
    for start, end in people:
        if _DIGIT.search(text, start, end):  # "Leeds LS1" is no person
            continue
        tokens = _entity_tokens(text, start, end)
        while tokens and (tokens[0].lower in TITLES or tokens[0].is_no_name or not tokens[0].is_capitalised):
            tokens.pop(0)
        while tokens and tokens[-1].is_no_name:
            tokens.pop()
        if tokens and _looks_like_name(text, tokens, words) and not _is_thing(text, tokens, words):
            found.append((tokens[0].start, _without_possessive(tokens[-1])))
    return found


def _is_thing(text: str, tokens: Sequence[_Token], words: Words) -> bool:
    """Whether the model's name is of ordinary words ("Guilty Pleasures") or said to be an organisation or a work."""
    listed = _listed()
    if all(token.lower in words.ordinary and token.lower not in listed.any for token in tokens):
        return True
    return tokens[0].lower not in listed.first and bool(_THING.match(text, tokens[-1].end))


def _unseen_names(text: str, tokens: Sequence[_Token], words: Words) -> list[Offsets]:
    """Words the model has never seen, written as a full name or followed by what only people do."""
    found: list[Offsets] = []
    for i, token in enumerate(tokens):
        if not _is_unseen(token, words) or _THING.match(text, token.end):
            continue
        before = _before(text, token.start)
        if _UNSEEN_CUE.search(before) or _is_addressed(text, token):
            found.append((token.start, _without_possessive(token)))
        if before.lower().endswith("the ") and _ATTRIBUTED.match(text, token.end):
            found.append((token.start, token.end))
        if _PLACED.search(before):
            continue
        if i + 1 < len(tokens) and tokens[i + 1].lower in PERSON_VERBS and _adjacent(text, token, tokens[i + 1]):
            found.append((token.start, token.end))
        elif i + 1 < len(tokens) and _is_unseen(tokens[i + 1], words) and _adjacent(text, token, tokens[i + 1]):
            extent = _extent(text, tokens, i)
            if extent:
                found.append(extent)
    return found


def _is_addressed(text: str, token: _Token) -> bool:
    """Whether ``token`` is spoken to: "Aloisia, can I please speak to your boss?"."""
    return _starts_sentence(text, token.start) and bool(_ADDRESSED.match(text, token.end))


def _speakers(text: str, words: Words) -> Iterator[Offsets]:
    """Who speaks in a transcript: the unseen labels of lines among which at least one is a first name."""
    labels = list(_SPEAKER.finditer(text))
    if any(_plain(label[1]) in _listed().first for label in labels):
        for label in labels:
            if not words.known(_plain(label[1])):
                yield label.span(1)


def _signatures(text: str, words: Words) -> Iterator[Offsets]:
    """Who signs at the end, after "Thanks," or "Regards"."""
    signed = _SIGNED.search(text)
    if signed:
        tokens = _tokens(signed[1])
        if not any(
            token.is_no_name or token.lower in ORGANISATION or token.lower in words.ordinary for token in tokens
        ):
            yield signed.span(1)


def _repeated_names(text: str, tokens: Sequence[_Token], found: Sequence[Offsets], words: Words) -> Iterator[Offsets]:
    """Words of a full name found elsewhere in the text: "Faina Yefremova … the early Yefremova"."""
    parts: set[str] = set()
    for start, end in found:
        name = _tokens(text[start:end])
        if len(name) > 1:
            parts |= {token.lower for token in name if token.is_capitalised and _may_repeat(token, words)}
    if parts:
        for token in tokens:
            if token.is_capitalised and token.lower in parts:
                yield token.start, _without_possessive(token)


def _may_repeat(token: _Token, words: Words) -> bool:
    listed = _listed()
    if token.is_no_name or len(token.text) <= _MIN_LENGTH or token.lower in ORGANISATION | PARTICLES:
        return False
    return token.lower in listed.any_first | listed.surnames or token.lower not in words.ordinary


def _joined_names(text: str, tokens: Sequence[_Token], found: Sequence[Offsets], words: Words) -> list[Offsets]:
    """Unseen words beside a name in an enumeration: "Nekolná and Pearson", "Kastner, Becker and Reed"."""
    starts, ends = {start for start, _ in found}, {end for _, end in found}
    joined: list[Offsets] = []
    for before, after in pairwise(tokens):
        gap = text[before.end : after.start]
        if gap in {", ", " & "} and _is_unseen(after, words) and before.end in ends:
            joined.append((after.start, _without_possessive(after)))
        elif gap in {", ", " & "} and _is_unseen(before, words) and after.start in starts:
            joined.append((before.start, _without_possessive(before)))
    for before, link, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if link.lower != "and":
            continue
        if before.end in ends and _is_unseen(after, words):
            joined.append((after.start, _without_possessive(after)))
        elif after.start in starts and _is_unseen(before, words):
            joined.append((before.start, _without_possessive(before)))
    return joined


def _is_unseen(token: _Token, words: Words) -> bool:
    written = token.is_capitalised and not token.text.isupper() and len(token.text) > _MIN_LENGTH
    explained = token.is_no_name or token.lower in ORGANISATION | PLACE_WORDS or _CONTRACTION.search(token.lower)
    return written and not explained and not words.known(token.lower)


def _entity_tokens(text: str, start: int, end: int) -> list[_Token]:
    entity = text[start:end].split("\n", maxsplit=1)[0]
    return [_Token(token.text, token.start + start, token.end + start) for token in _tokens(entity)]


def _looks_like_name(text: str, tokens: Sequence[_Token], words: Words) -> bool:
    if any(token.is_no_name or token.lower in ORGANISATION for token in tokens):
        return False
    following = _WORD.match(text, tokens[-1].end + 1)
    if following and (
        following[0].lower() in PLACE_WORDS
        or (following[0].title() == following[0] and following[0].lower() in ORGANISATION)
    ):
        return False
    if max(len(token.text) for token in tokens) <= _MIN_LENGTH:
        return False
    before = _before(text, tokens[0].start)
    if len(tokens) > 1:
        written = all(token.is_capitalised or token.lower in PARTICLES for token in tokens)
        return written and not (_PLACED.search(before) and all(words.known(token.lower) for token in tokens))
    token = tokens[0]
    if token.text.isupper() and not text.isupper():
        return False
    if _starts_sentence(text, token.start):
        return not words.known(token.lower)
    return not _PLACED.search(before) or bool(_TOLD.search(before))
