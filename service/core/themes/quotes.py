"""Representative units of a theme: near its centre, unlike each other, short and whole, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.core.embedding import FloatArray
from service.core.themes.clusters import unit_rows
from service.core.themes.scores import ThemeScores
from service.core.units import Unit

CANDIDATES = 200
DIVERSITY = 0.5
SAME = 0.9
"""Cosine from which a quote says the same as one already chosen."""
WORDS = (5, 40)
_WHOLE = re.compile(r"^[\"'“‘(]?[A-Z0-9].*[.!?…]?[\"'”’)]?$", re.DOTALL)
_DANGLING = re.compile(r"^(?:and|but|or|so|because|which|that|then|also)\b", re.IGNORECASE)

CENTRAL = "Typical: the closest to what most people say on this theme"
DISTINCT = "Another side: on this theme, but unlike the others"
SUGGESTION = "A suggestion: says what should change"


def representative(
    units: Sequence[Unit],
    embeddings: FloatArray,
    scores: ThemeScores,
    theme_index: int,
    k: int = 3,
    suggestions: npt.NDArray[np.bool_] | None = None,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> list[tuple[int, str]]:
    """Units that stand for a theme.

    Args:
        units: all units.
        embeddings: float32, (n_units, dim), rows of unit length.
        scores: of the units.
        theme_index: column of the theme.
        k: units to give back at most, the suggestion included. No two are of one comment, and fewer come back when the
            others only repeat what is said.
        suggestions: (n_units,), which units are suggestions; one is shown last if the theme has any.
        allowed: (n_units,), which units may be given back; None for all.

    Returns:
        (row of the unit, why it is shown) of each.
    """
    members = np.flatnonzero(scores.scores[:, theme_index] > 0).tolist()
    if not members or k < 1:
        return []
    centre = unit_rows(embeddings[members].mean(axis=0, keepdims=True))[0]
    worth = embeddings[members] @ centre + 0.5 * scores.scores[members, theme_index]
    worth += np.array([_readability(units[row].text) for row in members])
    usable = [
        (row, value) for row, value in zip(members, worth.tolist(), strict=True) if allowed is None or allowed[row]
    ]
    ranked = sorted(usable, key=lambda pair: (-pair[1], units[pair[0]].text, pair[0]))
    proposal = next((row for row, _ in ranked if suggestions is not None and suggestions[row]), None)
    chosen = _diverse(units, embeddings, ranked[:CANDIDATES], k, proposal)
    reasons = [(row, CENTRAL if place == 0 else DISTINCT) for place, row in enumerate(chosen)]
    return reasons if proposal is None else [*reasons, (proposal, SUGGESTION)]


def _diverse(
    units: Sequence[Unit], embeddings: FloatArray, ranked: list[tuple[int, float]], k: int, proposal: int | None
) -> list[int]:
    """The best unit, then those that add most to it, leaving a place for the suggestion."""
    chosen: list[int] = []
    shown = [] if proposal is None else [proposal]
    while len(chosen) + len(shown) < k:
        best, best_value = -1, -np.inf
        for row, worth in ranked:
            beside = [*chosen, *shown]
            alike = float((embeddings[beside] @ embeddings[row]).max()) if beside else 0.0
            repeats = alike > SAME or any(units[other].comment == units[row].comment for other in beside)
            value = worth - DIVERSITY * alike
            if not repeats and value > best_value:
                best, best_value = row, value
        if best < 0:
            break
        chosen.append(best)
    return chosen


def _readability(text: str) -> float:
    """What makes a unit fit to stand alone: a whole sentence of some words, that does not begin in the middle."""
    words = len(text.split())
    length = 0.0 if WORDS[0] <= words <= WORDS[1] else -0.4
    whole = 0.1 if _WHOLE.match(text.strip()) else 0.0
    dangling = -0.15 if _DANGLING.match(text.strip()) else 0.0
    return length + whole + dangling
