"""Insights about the facets: their states, and how they moved between the pulses."""

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
    value_of,
)
from service.results import Estimate, FacetResult, Trend, TrendPoint
from service.results.wording import in_words, interval, listed, share_of_respondents

GAP = 0.2
"""Share of those who speak to a facet who must ask for it, for the facet to be wanted and missed."""
MAX_GAPS = 2


def facet_states(sources: Sources, differences: Sequence[GroupDifference]) -> Iterable[Found]:
    """One insight a facet: what state it is in."""
    shown = [facet for facet in sources.facets if facet.alignment.value is not None and facet.state != "silent"]
    strongest = max(shown, key=lambda facet: value_of(facet.alignment), default=None)
    weakest = min(shown, key=lambda facet: value_of(facet.alignment), default=None)
    for column, facet in enumerate(sources.facets):
        yield _facet_state(sources, column, facet, strongest, weakest, differences)


def _facet_state(
    sources: Sources,
    column: int,
    facet: FacetResult,
    strongest: FacetResult | None,
    weakest: FacetResult | None,
    differences: Sequence[GroupDifference],
) -> Found:
    title, kind = facet.title, f"facet_{facet.state}"
    if facet.state == "silent":
        return Found(
            kind=kind,
            headline=f"Hardly anyone speaks about “{title}”",
            text=f"“{title}” stands in the statement, and next to nobody mentions it"
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
    rank = (
        ", the highest of all facets"
        if facet is strongest
        else ", the lowest of all facets"
        if facet is weakest
        else ""
    )
    numbers = f"Alignment is {in_words(facet.alignment)}{rank}{_covered(facet.coverage)}."
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
        score=_facet_score(sources, facet),
        evidence=_facet_evidence(sources, column, facet),
        facet_id=facet.facet_id,
    )


def _facet_score(sources: Sources, facet: FacetResult) -> float:
    reach = np.sqrt(facet.coverage.value or 0.0)
    if facet.state == "contested":
        return float(2 * min(facet.supports_share or 0.0, facet.contradicts_share or 0.0) * reach)
    # What is broken asks for an answer before what works: it counts twice.
    weight = 2.0 if facet.state == "contradicted" else 1.0
    return float(weight * abs(value_of(facet.alignment)) * one_sided(facet.alignment) * reach)


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
    known = {trend.facet_id for trend in sources.trends if trend.points[-1].estimate.shown} if latest else None
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
        when = f" in {latest}" if latest else ""
        yield Found(
            kind="facet_gap",
            headline=f"People want “{facet.title}” and do not see it yet",
            text=f"Of those who speak to “{facet.title}”{when}, {estimate.value:.0%} ask for it or say what should "
            f"change ({interval(estimate, 'share')}): they share it, and say that it is not so.",
            estimate=estimate,
            score=estimate.value * float(np.sqrt(value_of(facet.coverage))),
            evidence=sources.evidence(-np.nan_to_num(own) * asking, EVIDENCE, int((wishes == 1).sum())),
            facet_id=facet.facet_id,
        )


def facet_changes(sources: Sources) -> Iterable[Found]:
    """Facets that moved between the first and the last pulse."""
    trends = [trend for trend in sources.trends if trend.facet_id and trend.change.value is not None]
    titles = {facet.facet_id: facet.title for facet in sources.facets}
    columns = {facet.facet_id: column for column, facet in enumerate(sources.facets)}
    for trend in trends:
        change = trend.change.value or 0.0
        if abs(change) < NOTABLE_DIFFERENCE or one_sided(trend.change) < 1:
            continue
        first, last = _ends(trend)
        rose = change > 0
        assert trend.facet_id is not None
        column = columns[trend.facet_id]
        names, pulse = sources.measured.pulses
        in_last = pulse[sources.measured.unit_comment] == names.index(last.pulse)
        strength = np.sign(change) * np.nan_to_num(sources.measured.unit_alignment[:, column]) * in_last
        yield Found(
            kind="facet_change",
            headline=f"“{titles[trend.facet_id]}” {'rose' if rose else 'fell'} between {first.pulse} and {last.pulse}",
            text=f"From {in_words(first.estimate)} in {first.pulse} to {in_words(last.estimate)} in {last.pulse}: "
            f"{'up' if rose else 'down'} {abs(change) * 100:.0f} points ({interval(trend.change)}).",
            estimate=trend.change,
            score=abs(change) * float(np.sqrt((trend.change.n or 0) / max(sources.measured.n_respondents, 1))),
            evidence=sources.evidence(strength, EVIDENCE, last.estimate.n),
            facet_id=trend.facet_id,
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


def _ends(trend: Trend) -> tuple[TrendPoint, TrendPoint]:
    known = [point for point in trend.points if point.estimate.shown]
    return known[0], known[-1]
