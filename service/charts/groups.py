"""Which groups a chart shows, and how a mark says on which side of 0 an interval lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from service.charts.style import BLUE, GREY, ORANGE
from service.results import Estimate, GroupResult
from service.results.kpis import KpiGroup

MAX_GROUPS: Final = 12
G = TypeVar("G", GroupResult, KpiGroup)


def largest_groups(groups: Sequence[G]) -> list[G]:
    """The ``MAX_GROUPS`` groups with most respondents, in the order they came."""
    sizes = [group.alignment.n or 0 if group.alignment.shown else 0 for group in groups]
    by_size = sorted(range(len(groups)), key=lambda i: -sizes[i])
    return [groups[i] for i in sorted(by_size[:MAX_GROUPS])]


def side(estimate: Estimate) -> tuple[str, str]:
    """Colour and symbol for where an interval lies: above 0, below 0, or across it."""
    if not estimate.shown:
        return GREY, "cross"
    if estimate.low is not None and estimate.low > 0:
        return BLUE, "circle"
    if estimate.high is not None and estimate.high < 0:
        return ORANGE, "diamond"
    return GREY, "triangle-up"
