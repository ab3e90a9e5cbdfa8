"""Insights about groups against the rest, and about ratings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from service.core.cuts import GroupDifference
from service.core.insights.sources import (
    EVIDENCE,
    NOTABLE_DIFFERENCE,
    SIGNIFICANT,
    Found,
    Sources,
    one_sided,
    score,
    value_of,
)
from service.results import LocalValidity
from service.results.wording import in_words, interval, number, respondents

MAX_GROUP_DIFFERENCES = 6


def group_differences(sources: Sources, differences: Sequence[GroupDifference]) -> Iterable[Found]:
    """Groups that stand apart, two insights a group at most."""
    clear = [
        d
        for d in differences
        if d.adjusted_p < SIGNIFICANT
        and abs(value_of(d.difference.estimate)) >= NOTABLE_DIFFERENCE
        and one_sided(d.difference.estimate) == 1
    ]
    found = [_group_difference(sources, item) for item in clear]
    found.sort(key=lambda item: (-item.score, item.headline))
    per_group: dict[tuple[str | None, str | None], int] = {}
    kept = 0
    for item in found:
        key = (item.cut, item.group)
        if kept < MAX_GROUP_DIFFERENCES and per_group.get(key, 0) < 2:
            per_group[key] = per_group.get(key, 0) + 1
            kept += 1
            yield item


def _group_difference(sources: Sources, item: GroupDifference) -> Found:
    value = value_of(item.difference.estimate)
    facet = sources.facets[item.facet] if item.facet is not None else None
    about = f"“{facet.title}”" if facet else "the purpose"
    lower = value < 0
    members = np.array([group == item.group for group in sources.measured.group_of(item.cut)])
    inside = members[sources.measured.unit_respondent]
    by_facet = sources.measured.unit_alignment
    strength = sources.unit_overall() if item.facet is None else np.nan_to_num(by_facet[:, item.facet])
    n = item.inside.n or 0
    return Found(
        kind="group_differs",
        headline=f"In {item.group} ({item.cut}), {about} is lived {'less' if lower else 'more'} than elsewhere",
        text=f"{item.group}: {in_words(item.inside)}; everyone else: {in_words(item.outside)}. The difference is "
        f"{number(value)} points ({interval(item.difference.estimate)}).",
        estimate=item.difference.estimate,
        score=score(n / max(sources.measured.n_respondents, 1), 1 - item.adjusted_p, value),
        evidence=sources.evidence(np.sign(value) * strength * inside, EVIDENCE, n),
        facet_id=facet.facet_id if facet else None,
        cut=item.cut,
        group=item.group,
        step="" if lower else "group_higher",
    )


def rating_agreements(validity: Sequence[LocalValidity]) -> Iterable[Found]:
    """Whether alignment goes with the respondents' own ratings."""
    for local in validity:
        rating, agreement = local.rating, local.correlation
        if agreement.value is None:
            continue
        clear = one_sided(agreement) == 1
        goes = "higher" if agreement.value > 0 else "lower"
        yield Found(
            kind="rating_agreement",
            headline=f"Alignment {'goes' if clear else 'does not clearly go'} with “{rating}”",
            text=(
                f"People whose comments align more give {goes} values of “{rating}”"
                if clear
                else f"No clear link between alignment and “{rating}” in this batch"
            )
            + f": rank correlation {number(agreement.value, 'correlation')} ({interval(agreement, 'correlation')}, "
            f"{respondents(agreement.n or 0)}). An association, not a cause.",
            estimate=agreement,
            score=0.2 * abs(agreement.value),
        )
