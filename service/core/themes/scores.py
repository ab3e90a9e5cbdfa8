"""What a theme model gives back: the themes it found, and how far each unit and comment belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.core.embedding import FloatArray

IntArray = npt.NDArray[np.intp]

OTHER_ID = "other"
"""Id of what fits no emergent theme, when there is no codebook to be outside of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTheme:
    """A theme of this analysis.

    Attributes:
        theme_id: the codebook's id, or a slug of the name.
        name: unique within the analysis.
        kind: where it comes from.
        parent: ``theme_id`` of the theme above, or None.
        definition: a sentence.
        keyphrases: up to five phrases that people used.
        stability: cluster-wise Jaccard, 0…1; None for codebook themes and where there were too few units to resample.
        practices: next steps from the codebook.
        edited: whether somebody made it what it is, so that it is shown though nothing is known of its stability.
        new: found beside a codebook that was edited after an earlier pulse: new this time.
        named: whether its words gave it a name; else the name is "Theme" and a number.
    """

    theme_id: str
    name: str
    kind: Literal["codebook", "emergent"]
    parent: str | None = None
    definition: str = ""
    keyphrases: tuple[str, ...] = ()
    stability: float | None = None
    practices: tuple[str, ...] = ()
    edited: bool = False
    new: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True)
class ThemeScores:
    """How far each unit belongs to each theme.

    Attributes:
        scores: float32, (n_units, n_themes), 0 = not assigned, else above 0 up to 1.
        primary: (n_units,), the column of the theme a unit fits best, −1 for none.
    """

    scores: FloatArray
    primary: IntArray


def comment_themes(
    scores: ThemeScores, comment_rows: Sequence[int] | IntArray, n_comments: int
) -> tuple[FloatArray, IntArray]:
    """Themes of whole comments from those of their units.

    Args:
        scores: of the units.
        comment_rows: (n_units,), row of each unit's comment, below ``n_comments``.
        n_comments: comments in the batch, those without units included.

    Returns:
        scores: float32, (n_comments, n_themes), the highest score among a comment's units.
        primary: (n_comments,), the primary theme of its units with the largest summed score, −1 for none.
    """
    rows = np.asarray(comment_rows, dtype=np.intp)
    highest = np.zeros((n_comments, scores.scores.shape[1]), dtype=np.float32)
    np.maximum.at(highest, rows, scores.scores)
    weight = np.zeros(highest.shape, dtype=np.float64)
    inside = np.flatnonzero(scores.primary >= 0)
    chosen = scores.primary[inside]
    np.add.at(weight, (rows[inside], chosen), scores.scores[inside, chosen])
    primary = np.full(n_comments, -1, dtype=np.intp)
    themed = weight.any(axis=1)
    if not themed.any():
        return highest, primary
    primary[themed] = weight[themed].argmax(axis=1)
    return highest, primary
