"""Insights about the facets: their states, those that stand apart from the others, those that people want and miss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from service.core.aggregate import adjust
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
from service.core.tables import SIDE
from service.results import Estimate, FacetResult
from service.results.wording import in_words, interval, listed, share_of_respondents

GAP = 0.2
"""Share of those who speak to a facet who must ask for it, for the facet to be wanted and missed."""
MAX_GAPS = 2
FEWEST_TO_COMPARE = 3
"""Facets that people must speak to: of two, one is above the other as the other is below it."""


def facet_states(sources: Sources, differences: Sequence[GroupDifference]) -> Iterable[Found]:
    """One insight a facet: what state it is in."""
    for column, facet in enumerate(sources.facets):
        yield _facet_state(sources, column, facet, differences)


def _facet_state(
    sources: Sources,
    column: int,
    facet: FacetResult,
    differences: Sequence[GroupDifference],
) -> Found:
    title, kind = facet.title, f"facet_{facet.state}"
    if facet.state == "silent":
        return Found(
            kind=kind,
            headline=f"Hardly anyone speaks about “{title}”",
            text=f"“{title}” stands in the statement, and few mention it"
            f"{_covered(facet.coverage)}. Silence is neither support nor contradiction.",
            estimate=facet.coverage,
            score=0.3,
            facet_id=facet.facet_id,
        )
    if not facet.alignment.shown:
        return Found(
            kind=kind,
            headline=f"Too few people speak about “{title}” to say",
            text=f"Fewer respondents than the minimum speak to “{title}”, so nothing is shown about it.",
            estimate=facet.alignment,
            score=0.0,
            facet_id=facet.facet_id,
        )
    numbers = f"Alignment is {in_words(facet.alignment)}{_covered(facet.coverage)}."
    headlines = {
        "lived": f"“{title}” is lived",
        "contradicted": f"“{title}” is contradicted by what people tell",
        "contested": f"“{title}” is contested",
        "uncertain": f"“{title}”: what people say does not settle it",
    }
    shares = _shares(facet)
    sides = _contested_sides(sources, column, differences) if facet.state in ("contested", "uncertain") else ""
    return Found(
        kind=kind,
        headline=headlines[facet.state],
        text=" ".join(part for part in (numbers, shares, sides) if part),
        estimate=facet.alignment,
        score=_facet_score(sources, column, facet),
        evidence=_facet_evidence(sources, column, facet),
        facet_id=facet.facet_id,
    )


def _facet_score(sources: Sources, column: int, facet: FacetResult) -> float:
    reach = value_of(facet.coverage)
    if facet.state == "contested":
        return score(reach, 1.0, 2 * min(facet.supports_share or 0.0, facet.contradicts_share or 0.0))
    # What is broken asks for an answer before what works: it counts twice.
    weight = 2.0 if facet.state == "contradicted" else 1.0
    value, others = value_of(facet.alignment), _others(sources, column)
    rest = sum(value_of(sources.facets[c].alignment) for c in others) / len(others) if others else 0.0
    return weight * score(reach, one_sided(facet.alignment), (abs(value) + abs(value - rest)) / 2)


def _others(sources: Sources, column: int) -> list[int]:
    """Columns of the other facets that people speak to."""
    return [c for c, facet in enumerate(sources.facets) if c != column and _spoken(facet)]


def _spoken(facet: FacetResult) -> bool:
    return facet.alignment.shown and facet.state != "silent"


def facets_apart(sources: Sources) -> Iterable[Found]:
    """The strongest and the weakest facet, where they differ from the other facets for certain."""
    spoken = [column for column, facet in enumerate(sources.facets) if _spoken(facet)]
    if len(spoken) < FEWEST_TO_COMPARE:
        return
    apart = [sources.tables.facet_apart(column, _others(sources, column)) for column in spoken]
    adjusted = adjust([item.p for item in apart])
    values = [value_of(item.estimate) for item in apart]
    for place in (int(np.argmax(values)), int(np.argmin(values))):
        estimate, p = apart[place].estimate, adjusted[place]
        if p < SIGNIFICANT and abs(values[place]) >= NOTABLE_DIFFERENCE and one_sided(estimate) == 1:
            yield _facet_apart(sources, spoken[place], estimate, p)


def _facet_apart(sources: Sources, column: int, estimate: Estimate, adjusted_p: float) -> Found:
    facet, value = sources.facets[column], value_of(estimate)
    above = value > 0
    return Found(
        kind="facet_strongest" if above else "facet_weakest",
        headline=f"“{facet.title}” is lived {'more' if above else 'less'} than the rest of the purpose",
        text=f"Alignment is {in_words(facet.alignment)}, {abs(value) * 100:.0f} points {'above' if above else 'below'} "
        f"the mean of the other facets ({interval(estimate)}).",
        estimate=estimate,
        score=score(value_of(facet.coverage), 1 - adjusted_p, value),
        evidence=sources.evidence(
            np.sign(value) * np.nan_to_num(sources.measured.unit_alignment[:, column]), EVIDENCE, facet.alignment.n
        ),
        facet_id=facet.facet_id,
    )


def _contested_sides(sources: Sources, column: int, differences: Sequence[GroupDifference]) -> str:
    mine = [item for item in differences if item.facet == column and item.adjusted_p < SIGNIFICANT]
    above = [item for item in mine if value_of(item.difference.estimate) >= NOTABLE_DIFFERENCE]
    below = [item for item in mine if value_of(item.difference.estimate) <= -NOTABLE_DIFFERENCE]
    parts = []
    if above:
        parts.append(f"it is seen lived more in {listed([item.group for item in above])}")
    if below:
        parts.append(f"it is seen lived less in {listed([item.group for item in below])}")
    return f"Against the rest, {' and '.join(parts)}." if parts else ""


def _facet_evidence(sources: Sources, column: int, facet: FacetResult) -> tuple[str, ...]:
    alignment = np.nan_to_num(sources.measured.unit_alignment[:, column])
    if facet.state in ("contested", "uncertain"):
        half = EVIDENCE // 2
        return sources.evidence(alignment, half + 1, facet.alignment.n) + sources.evidence(
            -alignment, half, facet.alignment.n
        )
    return sources.evidence(alignment * np.sign(value_of(facet.alignment)), EVIDENCE, facet.alignment.n)


def facet_gaps(sources: Sources) -> Iterable[Found]:
    """Facets that people share and miss: they wish for them or say what should change, and that it is not so now."""
    yield from sorted(_gaps(sources), key=lambda item: (-item.score, item.headline))[:MAX_GAPS]


def _gaps(sources: Sources) -> Iterable[Found]:
    measured = sources.measured
    names, pulse = measured.pulses
    # What was missed before may have come since: where there are pulses, the last one counts.
    latest = names[-1] if len(names) > 1 else None
    now = pulse[measured.unit_comment] == len(names) - 1 if latest else np.ones(len(measured.units), dtype=np.bool_)
    known = {c.trend.facet_id for c in sources.changes if c.trend.points[-1].estimate.shown} if latest else None
    for column, facet in enumerate(sources.facets):
        if facet.state == "silent" or (known is not None and facet.facet_id not in known):
            continue
        own = measured.unit_alignment[:, column]
        asking = measured.unit_suggestion & (np.nan_to_num(own) < 0) & now
        wishes = np.full((measured.n_respondents, 1), np.nan)
        wishes[measured.unit_respondent[~np.isnan(own) & now], 0] = 0.0
        wishes[measured.unit_respondent[asking], 0] = 1.0
        estimate = sources.disclosure.share(sources.tables.bootstrap.means(wishes).share(0))
        if estimate.value is None or estimate.low is None or estimate.low < GAP:
            continue
        # Beside the share of those who say it is so, theirs tells how many do neither.
        neither = int(((wishes[:, 0] == 0) & (measured.facet[:, column] < SIDE)).sum())
        if facet.supports_share is not None and 0 < neither < sources.disclosure.min_respondents:
            continue
        when = f" in {latest}" if latest else ""
        yield Found(
            kind="facet_gap",
            headline=f"People want “{facet.title}” and do not see it yet",
            text=f"Of those who speak to “{facet.title}”{when}, {estimate.value:.0%} ask for it or say what should "
            f"change ({interval(estimate, 'share')}): they share it, and say that it is not so.",
            estimate=estimate,
            # As with what is contradicted: it asks for an answer before what works.
            score=2 * score(value_of(facet.coverage), 1.0, estimate.value),
            evidence=sources.evidence(-np.nan_to_num(own) * asking, EVIDENCE, int((wishes == 1).sum())),
            facet_id=facet.facet_id,
        )


def _covered(coverage: Estimate) -> str:
    return f"; {share_of_respondents(coverage)} speak to it" if coverage.shown else ""


def _shares(facet: FacetResult) -> str:
    parts = []
    if facet.supports_share is not None:
        parts.append(f"{facet.supports_share:.0%} say it is so")
    if facet.contradicts_share is not None:
        parts.append(f"{facet.contradicts_share:.0%} say it is not")
    return f"Of those who speak to it, {' and '.join(parts)}." if parts else ""
