"""How a change between two pulses is said, in an analysis and across analyses alike."""

from __future__ import annotations

from service.results import Estimate, Trend, TrendPoint
from service.results.wording import Scale, in_words, interval, number


def scale_of(trend: Trend) -> Scale:
    """What the numbers of a trend are in."""
    return "alignment" if trend.measure == "alignment" else "share"


def headline(trend: Trend, name: str, change: Estimate, first: str, last: str) -> str:
    """What changed, without a number.

    Args:
        trend: of everybody, a facet, a theme or a group.
        name: of the facet, theme or group; of everybody it is not used.
        change: whose interval does not include 0.
        first: the pulse it is counted from.
        last: the pulse it is counted to.
    """
    up = (change.value or 0.0) > 0
    went = f"{'rose' if up else 'fell'} between {first} and {last}"
    if trend.measure != "alignment":
        return f"“{name}” comes up {'more' if up else 'less'} often in {last} than in {first}"
    if trend.theme_id is not None:
        return f"Where people speak of “{name}”, alignment {went}"
    if trend.group is not None:
        return f"Alignment in {name} ({trend.cut}) {went}"
    return f"“{name}” {went}" if trend.facet_id is not None else f"Alignment with the purpose {went}"


def from_to(first: TrendPoint, last: TrendPoint, change: Estimate, scale: Scale) -> str:
    """``From −2 (…) in A to +30 (…) in B: up 32 points (…).``"""
    value = change.value or 0.0
    size = number(abs(value), scale).lstrip("+").removesuffix("%")
    return (
        f"From {in_words(first.estimate, scale)} in {first.pulse} to {in_words(last.estimate, scale)} in {last.pulse}: "
        f"{'up' if value > 0 else 'down'} {size} points ({interval(change, scale)})."
    )
