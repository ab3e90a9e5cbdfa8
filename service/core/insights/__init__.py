"""Published tables → ranked insights: a sentence, its number and interval, its evidence, what may be tried next.

The score that ranks insights is size × certainty × reach: the absolute estimate (alignment in −1…1, shares in 0…1),
one minus the adjusted p value or the share of the interval that lies on one side of zero, and the square root of the
share of respondents it is about. What contradicts the purpose counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.core.cuts import GroupDifference
from service.core.insights import facets as of_facets
from service.core.insights import goals as of_goals
from service.core.insights import groups, themes
from service.core.insights.sources import Sources
from service.core.next_steps import NextSteps
from service.results import Insight


def find_insights(
    sources: Sources, differences: Sequence[GroupDifference], ratings: Sequence[str], next_steps: NextSteps
) -> tuple[Insight, ...]:
    """All insights, the highest score first.

    Args:
        sources: the tables of the analysis.
        differences: each group against the rest.
        ratings: names of the ratings.
        next_steps: what may be tried next.
    """
    found = [
        *of_facets.facet_states(sources, differences),
        *themes.theme_effects(sources),
        *groups.group_differences(sources, differences),
        *of_facets.facet_gaps(sources),
        *of_facets.facet_changes(sources),
        *themes.suggestions(sources),
        *groups.rating_agreements(sources, ratings),
        *themes.unmentioned(sources),
        *of_goals.goals(sources),
    ]
    found.extend(themes.common_themes(sources, {item.theme_id for item in found}))
    found.sort(key=lambda item: (-item.score, item.kind, item.headline))
    return tuple(
        Insight(
            insight_id=f"i{number}",
            kind=item.kind,
            headline=item.headline,
            text=item.text,
            estimate=item.estimate,
            evidence=item.evidence,
            next_step=next_steps.of(
                item.step or item.kind, theme_id=item.theme_id, facet_id=item.facet_id, practice=item.practice
            ),
            score=item.score,
            facet_id=item.facet_id,
            theme_id=item.theme_id,
            cut=item.cut,
            group=item.group,
        )
        for number, item in enumerate(found, start=1)
    )
