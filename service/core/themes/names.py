"""Names and keyphrases of themes: two to five words a manager would use, unique within the analysis."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from service.core.embedding import Embedder, FloatArray
from service.core.themes.phrases import Phrase

KEYPHRASES = 5
DIVERSITY = 0.5
"""Weight of being unlike the phrases already chosen (maximal marginal relevance)."""
MAX_NAME_WORDS = 5
MIN_RELEVANCE = 0.25
"""Below this the best phrase says little about the theme, and a typical short unit names it better."""
NEARLY_AS_GOOD = 0.65


@dataclass(frozen=True, slots=True)
class Keyphrase:
    """A phrase and how well it stands for its theme, 0…1; the best phrase of a theme need not reach 1."""

    text: str
    relevance: float
    noun: bool


def keyphrases(candidates: Sequence[Phrase], centre: FloatArray, embedder: Embedder) -> list[Keyphrase]:
    """Up to five phrases that mark a theme, near its centre and unlike each other, best first.

    Args:
        candidates: best first.
        centre: float32, (dim,), unit length.
        embedder: the one the units are embedded with.
    """
    if not candidates:
        return []
    vectors = embedder.encode([phrase.text for phrase in candidates])
    weights = np.sqrt(np.array([phrase.weight for phrase in candidates]))
    relevance = weights / weights.max() * np.clip(vectors @ centre, 0.01, 1.0)
    alike = np.clip(vectors @ vectors.T, 0.0, 1.0)
    open_places = list(range(len(candidates)))
    chosen: list[int] = []
    while open_places and len(chosen) < KEYPHRASES:
        penalty = alike[:, chosen].max(axis=1) if chosen else np.zeros(len(candidates))
        value = relevance - DIVERSITY * relevance.max() * penalty
        best = max(open_places, key=lambda place: (round(float(value[place]), 6), -place))
        chosen.append(best)
        open_places = [
            place
            for place in open_places
            if place != best and not _overlap(candidates[place].text, candidates[best].text)
        ]
    return [Keyphrase(candidates[place].text, float(relevance[place]), candidates[place].noun) for place in chosen]


def choose_names(
    phrases: Sequence[Sequence[Keyphrase]], taken: Sequence[str], typical: Sequence[str | None]
) -> list[str]:
    """One name for each theme; no two alike, none like those in ``taken``, whatever the case.

    Args:
        phrases: keyphrases of each theme, best first.
        taken: names that are in use.
        typical: for each theme a typical unit of five words at most, or None; it names the theme when no phrase does.
    """
    used = {name.casefold() for name in taken}
    names = []
    for number, (own, short) in enumerate(zip(phrases, typical, strict=True), start=1):
        name = next(name for name in _proposals(own, short, number) if name.casefold() not in used)
        used.add(name.casefold())
        names.append(name)
    return names


def definition(phrases: Sequence[str]) -> str:
    """One sentence that says what an emergent theme is about."""
    if not phrases:
        return "Units that are alike without sharing a phrase."
    listed = phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
    return f"What people say about {listed}."


def is_number(name: str) -> bool:
    """Whether ``choose_names`` found no words for it."""
    return re.fullmatch(r"Theme \d+", name) is not None


def slug(name: str) -> str:
    """The name in small letters and hyphens, for an id."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "theme"


def free_id(wanted: str, taken: Collection[str]) -> str:
    """``wanted``, or the first of wanted-2, wanted-3, … that is not taken."""
    candidate, number = wanted, 2
    while candidate in taken:
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate


def _proposals(phrases: Sequence[Keyphrase], typical: str | None, number: int) -> Iterator[str]:
    """Names in order of preference, never running out."""
    best = phrases[0] if phrases else Keyphrase("", 0.0, False)
    if typical and best.relevance < MIN_RELEVANCE:
        yield _sentence_case(typical)
    nouns = [phrase for phrase in phrases if phrase.noun]
    top = nouns[0].relevance if nouns else 0.0
    if top >= NEARLY_AS_GOOD * best.relevance:
        yield from _from_nouns(nouns, top)
    qualities = [phrase for phrase in phrases if not phrase.noun]
    yield from (_sentence_case(f"{first.text} and {second.text}") for first, second in pairwise(qualities))
    yield from (_sentence_case(phrase.text) for phrase in phrases)
    if typical:
        yield _sentence_case(typical)
    while True:
        yield f"Theme {number}"
        number += 1


def _from_nouns(nouns: Sequence[Keyphrase], top: float) -> Iterator[str]:
    """The best phrase of several words if it is nearly the best, else the best two together, else one alone."""
    for phrase in nouns:
        if len(phrase.text.split()) > 1 and phrase.relevance >= NEARLY_AS_GOOD * top:
            yield _sentence_case(phrase.text)
    for second in nouns[1:]:
        joined = f"{nouns[0].text} and {second.text}"
        if second.relevance >= NEARLY_AS_GOOD * top and len(joined.split()) <= MAX_NAME_WORDS:
            yield _sentence_case(joined)
    yield from (_sentence_case(phrase.text) for phrase in nouns)


def _sentence_case(phrase: str) -> str:
    return phrase[0].upper() + phrase[1:]


def _overlap(first: str, second: str) -> bool:
    """Whether one phrase says the other again: they share their content words, but for endings."""
    stems = [{word.lower()[:5] for word in phrase.split() if len(word) > 3} for phrase in (first, second)]
    return bool(stems[0] & stems[1])
