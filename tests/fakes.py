"""Small deterministic stand-ins for models, for tests where weights do not matter."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from service.core.alignment import PairScores, StancePair
from service.core.embedding import FloatArray

_GOOD = frozenset(
    "good great kind clear always open honest helpful friendly best love fair support supports supported trust safe "
    "thank thanks enjoy excellent listen listens explain explains happy respect respected together".split()
)
_BAD = frozenset(
    "bad poor rude unclear never no not nobody nothing hidden unfair worst hate slow blame blamed ignored wrong "
    "cannot lack lacks stress rushed angry shouting alone afraid".split()
)
_STOP = frozenset("we our the a an and to is are of in for with by on that this it i my was be they us you all".split())
_WORD = re.compile(r"[a-z]+")


class LexiconStance:
    """Looks for good and bad words; about a facet by shared word stems. ``asked`` keeps every pair it was given.

    A facet that itself has a bad word (a ``contradicts`` anchor) turns the sign. To a question with
    "improve", "better" or "change" in it, an answer without a good or bad word is praise when it is "nothing", and a
    complaint otherwise.
    """

    model_id = "lexicon"
    revision = "1"
    background = None
    rivals = None
    suggests = None
    similar_by = ""
    likeness = None

    def __init__(self) -> None:
        self.asked: list[StancePair] = []

    def score(self, pairs: Sequence[StancePair], similarity: FloatArray | None = None) -> PairScores:
        self.asked.extend(pairs)
        return PairScores(
            relevance=np.array([_relevance(pair) for pair in pairs], dtype=np.float32),
            stance=np.array([_stance(pair) for pair in pairs], dtype=np.float32),
        )


def _stems(text: str) -> set[str]:
    return {word[:5] for word in _WORD.findall(text.lower()) if word not in _STOP}


def _relevance(pair: StancePair) -> float:
    shared = _stems(pair.text) & _stems(pair.facet)
    return min(1.0, 0.1 + 0.6 * len(shared))


def _is_one_of(word: str, lexicon: frozenset[str]) -> bool:
    return word in lexicon or any(len(entry) > 3 and word.startswith(entry) for entry in lexicon)


def _polarity(text: str) -> float:
    words = _WORD.findall(text.lower())
    # One denial turns all the good words beside it: "nobody is open or honest" is bad, not mixed.
    if any(_is_one_of(word, _BAD) for word in words):
        return -1.0
    return 1.0 if any(_is_one_of(word, _GOOD) for word in words) else 0.0


def _stance(pair: StancePair) -> float:
    facet_sign = -1.0 if _polarity(pair.facet) < 0 else 1.0
    asks_for_change = re.search(r"improve|better|change", (pair.question or "").lower())
    if asks_for_change and pair.text.strip(" .!").lower() in {"nothing", "none"}:
        return facet_sign
    polarity = _polarity(pair.text)
    if asks_for_change and polarity == 0:
        return -0.5 * facet_sign
    return polarity * facet_sign
