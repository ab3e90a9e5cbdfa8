"""Insights about what changed between the pulses: facets and themes that moved, themes that are new, grew or shrank."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from service.core.aggregate import adjust
from service.core.change_words import from_to, headline, scale_of
from service.core.insights.sources import (
    EVIDENCE,
    NOTABLE_DIFFERENCE,
    NOTABLE_PREVALENCE,
    SIGNIFICANT,
    Found,
    Sources,
    one_sided,
    score,
    value_of,
)
from service.core.trends import Change
from service.results import Estimate, TrendPoint
from service.results.wording import share_of_respondents

MAX_THEME_CHANGES = 4


def changes(sources: Sources) -> Iterable[Found]:
    """What changed since the last pulse, and facets that drifted from the first to the last; false discovery controlled
    over all that could have.
    """
    tests = [(change, p) for change in sources.changes for p in (change.p, change.p_from_first)]
    adjusted = adjust([p for _, p in tests])
    found = [
        item
        for place, (change, _) in enumerate(tests)
        if adjusted[place] < SIGNIFICANT and (item := _told(sources, change, adjusted[place], since=place % 2 == 0))
    ]
    found.sort(key=lambda item: (-item.score, item.headline))
    about_themes = 0
    said: set[tuple[str, str | None]] = set()
    for item in found:
        about = (item.kind, item.facet_id or item.theme_id)
        about_themes += item.theme_id is not None
        if about not in said and (item.theme_id is None or about_themes <= MAX_THEME_CHANGES):
            said.add(about)
            yield item


def _told(sources: Sources, change: Change, adjusted_p: float, *, since: bool) -> Found | None:
    """One change as an insight; None where it is too small to be told, or of what is not shown."""
    trend = change.trend
    if change.new:
        return _new_theme(sources, change, adjusted_p) if since and trend.theme_id in sources.shown else None
    estimate = trend.since_last if since else trend.change
    notable = NOTABLE_PREVALENCE if trend.measure == "prevalence" else NOTABLE_DIFFERENCE
    if trend.cut is not None or one_sided(estimate) < 1 or abs(value_of(estimate)) < notable:
        return None
    if trend.theme_id is None:
        return _moved(sources, change, estimate, adjusted_p, since=since)
    # Themes come and go; what they did over a whole year is for the table.
    return _theme(sources, change, estimate, adjusted_p) if since and trend.theme_id in sources.shown else None


def _moved(sources: Sources, change: Change, estimate: Estimate, adjusted_p: float, *, since: bool) -> Found:
    """Alignment as a whole or on a facet rose or fell."""
    trend = change.trend
    first, last = _ends(change, since=since)
    titles = {facet.facet_id: facet.title for facet in sources.facets}
    columns = [facet.facet_id for facet in sources.facets]
    own = (
        sources.measured.unit_alignment[:, columns.index(trend.facet_id)] if trend.facet_id else sources.unit_overall()
    )
    return Found(
        kind="facet_change" if trend.facet_id else "alignment_change",
        headline=headline(trend, titles.get(trend.facet_id or "", ""), estimate, first.pulse, last.pulse),
        text=from_to(first, last, estimate, "alignment"),
        estimate=estimate,
        score=_score(sources, estimate, adjusted_p),
        evidence=sources.evidence(
            np.sign(value_of(estimate)) * np.nan_to_num(own) * _in_last(sources), EVIDENCE, last.estimate.n
        ),
        facet_id=trend.facet_id,
    )


def _theme(sources: Sources, change: Change, estimate: Estimate, adjusted_p: float) -> Found:
    """A theme grew or shrank, or what is said on it moved."""
    trend = change.trend
    assert trend.theme_id is not None
    first, last = _ends(change, since=True)
    up, name = value_of(estimate) > 0, sources.tables.found[sources.column[trend.theme_id]].name
    said = (sources.measured.unit_theme[:, sources.column[trend.theme_id]] > 0).astype(np.float64) * _in_last(sources)
    if trend.measure == "prevalence":
        kind = "theme_grew" if up else "theme_shrank"
        strength, people = said, round(value_of(last.estimate) * (last.estimate.n or 0))
    else:
        kind = "theme_moved"
        strength, people = said * sources.unit_overall() * np.sign(value_of(estimate)), last.estimate.n or 0
    return Found(
        kind=kind,
        headline=headline(trend, name, estimate, first.pulse, last.pulse),
        text=from_to(first, last, estimate, scale_of(trend)),
        estimate=estimate,
        score=_score(sources, estimate, adjusted_p),
        evidence=sources.evidence(strength, EVIDENCE, people),
        theme_id=trend.theme_id,
    )


def _new_theme(sources: Sources, change: Change, adjusted_p: float) -> Found | None:
    """A theme that next to nobody spoke of before the last pulse."""
    trend = change.trend
    assert trend.theme_id is not None
    theme = next(theme for theme in sources.themes if theme.theme_id == trend.theme_id)
    if value_of(theme.prevalence) < NOTABLE_PREVALENCE:
        return None
    last = trend.points[-1].pulse
    said = (sources.measured.unit_theme[:, sources.column[theme.theme_id]] > 0).astype(np.float64) * _in_last(sources)
    return Found(
        kind="theme_new",
        headline=f"“{theme.name}” is new in {last}",
        # How many speak of it in the last pulse would tell how few did before.
        text=f"{share_of_respondents(theme.prevalence).capitalize()} speak of “{theme.name}”, and next to nobody did "
        f"before {last}.",
        estimate=theme.prevalence,
        score=_score(sources, theme.prevalence, adjusted_p),
        evidence=sources.evidence(said, EVIDENCE, sources.people(sources.column[theme.theme_id])),
        theme_id=trend.theme_id,
    )


def _ends(change: Change, *, since: bool) -> tuple[TrendPoint, TrendPoint]:
    known = [point for point in change.trend.points if point.estimate.shown]
    return known[-2 if since else 0], known[-1]


def _in_last(sources: Sources) -> npt.NDArray[np.bool_]:
    """Which units were written in the last pulse, (n_units,)."""
    names, pulse = sources.measured.pulses
    return np.asarray(pulse[sources.measured.unit_comment] == len(names) - 1, dtype=np.bool_)


def _score(sources: Sources, estimate: Estimate, adjusted_p: float) -> float:
    reach = (estimate.n or 0) / max(sources.measured.n_respondents, 1)
    return score(reach, 1 - adjusted_p, value_of(estimate))
