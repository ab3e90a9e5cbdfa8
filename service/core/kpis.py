"""KPIs beside alignment, by group. Only published estimates go in, so nothing new about respondents comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from service.core.aggregate import rank_correlation
from service.results import Analysis, CutResult
from service.results.kpis import Kpi, KpiGroup, KpiPoint, KpiRelation, KpiReport, PulseAlignment, period_order
from service.results.wording import number

MIN_GROUPS: Final = 4
"""Groups a coefficient needs: over three, chance alone makes it −1 or +1 one time in three."""
MIN_GROUPS_INTERVAL: Final = 8
"""Groups an interval needs: with fewer it would include nearly everything, or claim more than there is."""
_SEED: Final = 0

Values = Mapping[str, Mapping[str, float]]
"""Group → period → value."""


def relate_kpis(analysis: Analysis, kpis: Iterable[Kpi], *, period: str | None = None) -> KpiReport:
    """Every KPI beside the alignment of the groups of every cut, where a group has both.

    Args:
        analysis: as it is published; a group whose alignment is suppressed is left out.
        kpis: of the organisation; one with a cut goes before one without, for the same group and period.
        period: take the values of this period; None: the latest of each group.
    """
    by_name: dict[str, list[Kpi]] = {}
    for item in kpis:
        by_name.setdefault(item.kpi, []).append(item)
    relations = [
        relation
        for kpi in sorted(by_name)
        for cut in analysis.cuts
        if (relation := _relate(kpi, cut, _values(by_name[kpi], cut.name), period)) is not None
    ]
    return KpiReport(pulses=_pulses(analysis), relations=tuple(relations))


def _values(kpis: Iterable[Kpi], cut: str) -> Values:
    mine = [item for item in kpis if item.cut in (None, cut)]
    values: dict[str, dict[str, float]] = {}
    for item in sorted(mine, key=lambda item: item.cut is not None):
        values.setdefault(item.group, {})[item.period] = item.value
    return values


def _relate(kpi: str, cut: CutResult, values: Values, period: str | None) -> KpiRelation | None:
    """One KPI beside the groups of one cut; None when no group has both."""
    groups: list[KpiGroup] = []
    for group in cut.groups:
        own = values.get(group.name, {})
        periods = sorted(own, key=period_order)
        chosen = periods[-1] if period is None and periods else period
        if not group.alignment.shown or chosen not in periods:
            continue
        assert chosen is not None
        groups.append(
            KpiGroup(
                group=group.name,
                alignment=group.alignment,
                period=chosen,
                value=own[chosen],
                history=tuple(KpiPoint(period=when, value=own[when]) for when in periods),
            )
        )
    if not groups:
        return None
    rho, low, high = _correlation(groups)
    return KpiRelation(
        kpi=kpi,
        cut=cut.name,
        groups=tuple(groups),
        n=len(groups),
        rho=rho,
        low=low,
        high=high,
        text=_text(kpi, cut.name, groups, rho) + _interval(len(groups), rho, low, high) + _periods(groups),
        caution=_caution(len(groups)),
    )


def _correlation(groups: list[KpiGroup]) -> tuple[float | None, float | None, float | None]:
    """Spearman's rho over the groups and its interval; None for what cannot be given."""
    if len(groups) < MIN_GROUPS:
        return None, None, None
    alignment = np.array([group.alignment.value for group in groups], dtype=np.float64)
    value = np.array([group.value for group in groups], dtype=np.float64)
    found = rank_correlation(alignment, value, _SEED).estimate
    if found.value is None or found.low is None or found.high is None:
        return None, None, None
    rho, low, high = (float(np.clip(end, -1.0, 1.0)) for end in (found.value, found.low, found.high))
    if len(groups) < MIN_GROUPS_INTERVAL or np.isclose(abs(rho), 1.0):
        return rho, None, None
    return rho, low, high


def _text(kpi: str, cut: str, groups: list[KpiGroup], rho: float | None) -> str:
    n = _groups(len(groups))
    if len(groups) < MIN_GROUPS:
        have = f"have both alignment and “{kpi}”" if len(groups) > 1 else f"has both alignment and “{kpi}”"
        return f"{n} of “{cut}” {have}; a rank correlation needs {MIN_GROUPS}, so none is given."
    if rho is None:
        return f"Alignment or “{kpi}” is the same in all {n} of “{cut}”, so there is no rank correlation."
    return f"Rank correlation of alignment and “{kpi}” over {n} of “{cut}”: {number(rho, 'correlation')}"


def _interval(n: int, rho: float | None, low: float | None, high: float | None) -> str:
    """What follows the coefficient."""
    if rho is None:
        return ""
    if n < MIN_GROUPS_INTERVAL:
        return f"; under {MIN_GROUPS_INTERVAL} groups no interval is given, and even the sign may be chance."
    if low is None or high is None:
        return "; where all groups agree, groups drawn from them do too, so no interval can be given."
    unsure = ", so the sign is not known" if low <= 0 <= high else ""
    return f" ({number(low, 'correlation')} to {number(high, 'correlation')}{unsure})."


def _periods(groups: list[KpiGroup]) -> str:
    periods = sorted({group.period for group in groups}, key=period_order)
    return f" The values are of different periods, {periods[0]} to {periods[-1]}." if len(periods) > 1 else ""


def _caution(n: int) -> str:
    return (
        f"This rests on {_groups(n)}, and few groups say little: what they show together may be chance. It is an "
        "association, not a cause."
    )


def _groups(n: int) -> str:
    return "1 group" if n == 1 else f"{n} groups"


def _pulses(analysis: Analysis) -> tuple[PulseAlignment, ...]:
    return tuple(
        PulseAlignment(pulse=point.pulse, alignment=point.estimate)
        for trend in analysis.trends
        if trend.measure == "alignment" and trend.facet_id is None and trend.theme_id is None and trend.cut is None
        for point in trend.points
    )
