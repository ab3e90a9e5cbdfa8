"""Numbers and states in words: the one place that says how an estimate is written for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from service.results.analysis import Estimate

Scale = Literal["alignment", "share", "correlation"]

MINUS: Final = "\N{MINUS SIGN}"
TOO_FEW: Final = "not shown: it would tell of fewer than the minimum number of respondents"
TOO_FEW_SHORT: Final = "not shown (protected)"
_REASONS: Final = {"no_variation": "cannot be computed: every answer is the same"}

STATES: Final = {
    "lived": ("lived", "most of what people say supports it, and the interval lies above 0"),
    "contradicted": ("contradicted", "most of what people say contradicts it, and the interval lies below 0"),
    "contested": ("contested", "many support it and many contradict it"),
    "silent": ("silent", "hardly anybody speaks of it"),
    "uncertain": ("uncertain", "too little, or too mixed, to say which way it goes"),
}


def number(value: float, scale: Scale = "alignment") -> str:
    """One number as a reader sees it: ``−23`` and ``+41`` of −100…+100, ``28%``, or ``−0.27`` for a correlation."""
    if scale == "share":
        return f"{round(100 * value)}%".replace("-", MINUS)
    text = f"{value:+.2f}" if scale == "correlation" else f"{round(100 * value):+d}"
    if not text.strip("+-0."):
        return text[1:]
    return text.replace("-", MINUS)


def with_interval(estimate: Estimate, scale: Scale = "alignment") -> str:
    """``−23 (−31 to −14)``, or that it is not shown."""
    if not estimate.shown or estimate.value is None or estimate.low is None or estimate.high is None:
        return not_shown(estimate)
    low, high = number(estimate.low, scale), number(estimate.high, scale)
    return f"{number(estimate.value, scale)} ({low} to {high})"


def shown_value(estimate: Estimate) -> float | None:
    """The number, or None when it may not be shown, whatever the estimate holds."""
    return estimate.value if estimate.shown else None


def in_words(estimate: Estimate, scale: Scale = "alignment") -> str:
    """``−23 (−31 to −14, 57 respondents)``, or why there is no number."""
    if not estimate.shown or estimate.n is None:
        return not_shown(estimate)
    return f"{with_interval(estimate, scale)[:-1]}, {respondents(estimate.n)})"


def not_shown(estimate: Estimate) -> str:
    """Why an estimate has no number."""
    return _REASONS.get(estimate.reason or "", TOO_FEW)


def not_shown_short(estimate: Estimate) -> str:
    """The same in the room a chart has."""
    return "cannot be computed" if estimate.reason in _REASONS else TOO_FEW_SHORT


def respondents(n: int) -> str:
    """``57 respondents``."""
    return f"{n:,} respondent" if n == 1 else f"{n:,} respondents"


def basis(wrote: int, asked: int) -> str:
    """Who stands behind the numbers: ``204 of 231 respondents (88%) wrote something that counts; …``."""
    share = f" ({number(wrote / asked, 'share')})" if asked else ""
    return f"{wrote:,} of {respondents(asked)}{share} wrote something that counts; people who comment are not everyone."


def share_of_respondents(estimate: Estimate) -> str:
    """``23% of respondents (15% to 31%)``, or why there is no number."""
    if not estimate.shown or estimate.value is None:
        return not_shown(estimate)
    return f"{number(estimate.value, 'share')} of respondents ({interval(estimate, 'share')})"


def interval(estimate: Estimate, scale: Scale = "alignment") -> str:
    """The interval alone: ``−31 to −14``."""
    return f"{number(estimate.low or 0.0, scale)} to {number(estimate.high or 0.0, scale)}"


def listed(names: Sequence[str]) -> str:
    """``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
