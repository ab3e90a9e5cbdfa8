"""What a stance model reads and answers: one unit beside one facet, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
SUGGESTS = "This says what should change."
"""What a unit that is a suggestion supports, and one that is none contradicts."""


@dataclass(frozen=True, slots=True)
class StancePair:
    """One question to a stance model.

    Attributes:
        text: the unit's words.
        question: the question the unit answers, or None.
        facet: the facet as ``facet_text`` writes it, or one of its anchors.
    """

    text: str
    question: str | None
    facet: str


@dataclass(frozen=True, slots=True)
class PairScores:
    """The answer: ``relevance`` in [0, 1] and ``stance`` in [−1, 1], float32, (n_pairs,), in the order of the pairs."""

    relevance: FloatArray
    stance: FloatArray


class StanceModel(Protocol):
    """Says for each pair how far the unit is about the facet, and which side of it it takes.

    A pair's scores do not depend on the other pairs of the call. ``model_id`` and ``revision`` go into the provenance.
    """

    @property
    def model_id(self) -> str: ...

    @property
    def revision(self) -> str: ...

    @property
    def similar_by(self) -> str:
        """Id of the embedder whose vectors of unit and facet the model makes use of; empty when it uses none."""
        ...

    @property
    def likeness(self) -> Callable[[FloatArray, FloatArray], FloatArray] | None:
        """How like a unit is to a facet, (n_units, n_facets), from vectors of that embedder, (n_units, dim) and
        (n_facets, dim). None: the cosine.
        """
        ...

    @property
    def background(self) -> float | None:
        """Log-odds of relevance that a sentence about nothing in particular has. A model leans towards some facets, by
        their length or wording; the scorer shifts each facet's relevance so that such sentences get this. None: no
        shift.
        """
        ...

    @property
    def rivals(self) -> FloatArray | None:
        """How the facets of a purpose share a unit, (3,): weights of a facet's log-odds of relevance and of the
        greatest among the other facets, and the offset, which together give the log-odds in the end. None: each facet
        stands alone.
        """
        ...

    @property
    def suggests(self) -> FloatArray | None:
        """How suggestions are told, (3 + dim,): weights of the log-odds of a unit beside ``SUGGESTS`` and of the
        wording's rules, the offset, and the weights of the unit's vector by ``similar_by``, as ``find_suggestions``
        takes them. None: the model knows nothing of them.
        """
        ...

    def score(self, pairs: Sequence[StancePair], similarity: FloatArray | None = None) -> PairScores:
        """Score ``pairs``; neighbours of like length are cheaper. An empty sequence gives empty arrays.

        Args:
            pairs: units beside facets.
            similarity: (n_pairs,), ``likeness`` of the unit and the facet, or the nearest of its anchors, by the
                embedder ``similar_by``; None where that is not in use.
        """
        ...


def facet_text(title: str, text: str) -> str:
    """The facet in words: its title before its text where they differ, since a title alone may be one word."""
    title, text = title.strip(), text.strip()
    if not title or _letters(title) in _letters(text):
        return text
    return f"{title}: {text}"


def question_and_text(text: str, question: str | None) -> str:
    """The unit with the question before it: "nothing" says nothing until one knows what was asked."""
    return f"{question.strip()} {text}" if question and question.strip() else text


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
