"""Published tables → ranked insights: a sentence, its number and interval, its evidence, what may be tried next.

An insight's score is size × certainty × distance from the rest (``sources.score``): the root of the share of
respondents it is about; one minus the adjusted p value, or the share of the interval that lies on one side of zero; and
how far the number lies from what it is held against. A difference is a distance by itself; a facet's is the mean of how
far it is from 0 and from the other facets; where the number is a share of the respondents, a constant stands for it.
What contradicts the purpose or is missed counts twice, a check of the numbers a fifth; silence has a score of its own.
Each further insight about the same facet, theme or group counts half, and each further one of its kind a fifth less, so
that the first dozen are about a dozen things, and not of one kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from service.core.cuts import GroupDifference
from service.core.insights import changes as of_changes
from service.core.insights import drivers as of_drivers
from service.core.insights import facets as of_facets
from service.core.insights import goals as of_goals
from service.core.insights import groups, themes
from service.core.insights.sources import Found, Sources
from service.core.next_steps import NextSteps
from service.results import Driver, Insight, LocalValidity

REPEATED, SAME_KIND = 0.5, 0.8
"""What a further insight about the same thing counts, and a further one of the same kind."""


def find_insights(
    sources: Sources,
    differences: Sequence[GroupDifference],
    validity: Sequence[LocalValidity],
    drivers: Sequence[Driver],
    next_steps: NextSteps,
) -> tuple[Insight, ...]:
    """All insights, the highest score first.

    Args:
        sources: the tables of the analysis.
        differences: each group against the rest.
        validity: alignment beside each rating.
        drivers: of the ratings.
        next_steps: what may be tried next.
    """
    found = [
        *of_facets.facet_states(sources, differences),
        *themes.theme_effects(sources),
        *groups.group_differences(sources, differences),
        *of_facets.facet_gaps(sources),
        *of_facets.facets_apart(sources),
        *of_changes.changes(sources),
        *themes.suggestions(sources),
        *groups.rating_agreements(validity),
        *of_drivers.drivers(sources, drivers),
        *themes.unmentioned(sources),
        *of_goals.goals(sources),
    ]
    found.extend(themes.common_themes(sources, {item.theme_id for item in found}))
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
        for number, item in enumerate(_ranked(found), start=1)
    )


def _ranked(found: Iterable[Found]) -> list[Found]:
    """The highest score first, when a further insight about the same thing, or of the same kind, counts less."""
    ranked: list[Found] = []
    said: Counter[tuple[str, str | None]] = Counter()
    kinds: Counter[str] = Counter()
    waiting = sorted(found, key=lambda item: (-item.score, item.kind, item.headline))
    while waiting:
        again = [max((said[about] for about in _about(item)), default=0) for item in waiting]
        scores = [
            item.score * REPEATED**times * SAME_KIND ** kinds[item.kind]
            for item, times in zip(waiting, again, strict=True)
        ]
        best = max(range(len(waiting)), key=lambda place: (scores[place], -place))
        item = replace(waiting.pop(best), score=scores[best])
        said.update(_about(item))
        kinds[item.kind] += 1
        ranked.append(item)
    return ranked


def _about(item: Found) -> set[tuple[str, str | None]]:
    """What an insight is about: a group's difference on a facet is about the group."""
    if item.group is not None:
        return {(item.cut or "", item.group)}
    return {(kind, name) for kind, name in (("facet", item.facet_id), ("theme", item.theme_id)) if name is not None}
