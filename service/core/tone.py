"""Whether people speak well or ill of what the statement does not mention: stance towards themes instead of facets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from service.core.aggregate import FloatMatrix
from service.core.alignment import StanceModel, StancePair
from service.core.batch import Batch, unit_rows
from service.core.disclosure import Disclosure
from service.core.insights.sources import NOTABLE_PREVALENCE
from service.core.insights.themes import UNMENTIONED_SHARE
from service.core.measures import number_respondents
from service.core.themes import FoundTheme, ThemeScores

MOST_ASKED: Final = 120
"""Units of a theme that are asked about: the standard error of their mean is then .09 at most."""


def theme_tone(
    batch: Batch,
    found: Sequence[FoundTheme],
    themes: ThemeScores,
    stance: StanceModel,
    *,
    about: float,
    disclosure: Disclosure,
    seed: int,
) -> FloatMatrix:
    """Stance towards a theme of units that carry it and speak to no facet, (n_units, n_themes); NaN elsewhere.

    Only themes that an insight may say to be lacking in the statement are asked about, and of their units only so many
    as tell which way people speak.

    Args:
        batch: units with their scores, without duplicates.
        found: the themes, in the order of the columns of ``themes``.
        themes: of the units.
        stance: the model that is asked.
        about: relevance from which a unit speaks to a facet.
        disclosure: how many people must speak of a theme.
        seed: of which units are asked about.
    """
    assert batch.scores is not None
    tone = np.full(themes.scores.shape, np.nan)
    off_purpose = (batch.scores.relevance < about).all(axis=1)
    person, n_people = number_respondents(batch.comments, [state == "scored" for state in batch.status])
    writer = person[unit_rows(batch)]
    for column, theme in enumerate(found):
        carrying = themes.scores[:, column] > 0
        people = len(np.unique(writer[carrying]))
        rows = np.flatnonzero(off_purpose & carrying)
        if (
            (theme.kind == "emergent" and theme.parent)
            or not disclosure.enough(people)
            or people < NOTABLE_PREVALENCE * n_people
            or len(rows) < UNMENTIONED_SHARE * carrying.sum()
        ):
            continue
        if len(rows) > MOST_ASKED:
            rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ASKED, replace=False))
        sentence = f"{theme.name} is good here."
        pairs = [StancePair(batch.units[row].text, batch.units[row].question, sentence) for row in rows]
        tone[rows, column] = stance.score(pairs).stance
    return tone
