"""Insights about stated goals: facets that no goal serves, and goals that serve no facet."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from service.core.insights.sources import EVIDENCE, Found, Sources, value_of
from service.core.tables import SIDE
from service.results.wording import interval, number

FEWEST_GOALS = 50
"""Respondents with goals, under which a facet without one says little, and "next to no goal" would mean none at all."""
UNSERVED = 0.02
BESIDE = 0.3


def goals(sources: Sources) -> Iterable[Found]:
    """What the goals say of the purpose, where enough people stated some."""
    measured = sources.measured
    is_goal = np.array([unit.source == "goal" for unit in measured.units], dtype=np.bool_)
    with_goals = np.unique(measured.unit_respondent[is_goal])
    if len(with_goals) < max(FEWEST_GOALS, sources.disclosure.min_respondents):
        return
    serves = np.nan_to_num(measured.unit_alignment) >= SIDE
    n_facets = len(sources.facets)
    # (n_respondents, n_facets + 1): whose goals serve each facet, and whose serve none.
    said = np.full((measured.n_respondents, n_facets + 1), np.nan)
    said[with_goals] = 0.0
    for column in range(n_facets):
        said[np.unique(measured.unit_respondent[is_goal & serves[:, column]]), column] = 1.0
    said[with_goals, n_facets] = (said[with_goals, :n_facets].max(axis=1) == 0).astype(np.float64)
    means = sources.tables.bootstrap.means(said)
    for column, facet in enumerate(sources.facets):
        serving = means.share(column)
        # That fewer than the minimum serve it is said, and how many do is not.
        if serving.high is not None and serving.high < BESIDE and value_of(serving) <= UNSERVED:
            yield Found(
                kind="facet_without_goal",
                headline=f"Next to no goal serves “{facet.title}”",
                text=f"{len(with_goals)} people stated goals, and next to none of them is about “{facet.title}”.",
                estimate=sources.disclosure.share(serving),
                score=0.2,
                facet_id=facet.facet_id,
            )
    beside = sources.disclosure.share(means.share(n_facets))
    if beside.low is not None and beside.low >= BESIDE:
        alone = np.isin(measured.unit_respondent, np.flatnonzero(said[:, n_facets] == 1))
        yield Found(
            kind="goals_beside_purpose",
            headline="Many goals serve nothing that the statement says",
            text=f"Of the {len(with_goals)} people who stated goals, {number(value_of(beside), 'share')} "
            f"({interval(beside, 'share')}) have none that serves a facet.",
            estimate=beside,
            score=0.3 * value_of(beside),
            evidence=sources.evidence((is_goal & alone).astype(np.float64), EVIDENCE, int(alone.sum())),
        )
