"""Estimates as people read them; the one place where a number becomes words."""

from __future__ import annotations

from collections.abc import Sequence

from service.results.analysis import Estimate


def points(estimate: Estimate) -> str:
    """An alignment as people read it: ``+23 (+15 to +31, 57 respondents)``."""
    if estimate.value is None:
        return "not shown (too few respondents)"
    return f"{signed(estimate.value * 100)} ({interval_points(estimate)}, {estimate.n} respondents)"


def share(estimate: Estimate) -> str:
    """A share as people read it: ``23 % of respondents (15 to 31 %)``."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "too few respondents to show"
    return f"{estimate.value * 100:.0f} % of respondents ({estimate.low * 100:.0f} to {estimate.high * 100:.0f} %)"


def one_sided(estimate: Estimate) -> float:
    """Which part of the interval lies on the estimate's side of zero: 1 when the interval does not include zero."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return 0.0
    low, high = (estimate.low, estimate.high) if estimate.value >= 0 else (-estimate.high, -estimate.low)
    return 1.0 if low > 0 else float(high / (high - low)) if high > low else 0.0


def interval_points(estimate: Estimate, scale: int = 100, digits: int = 0) -> str:
    """The interval alone: ``+15 to +31``."""
    low, high = (estimate.low or 0.0) * scale, (estimate.high or 0.0) * scale
    return f"{signed(low, digits)} to {signed(high, digits)}"


def signed(value: float, digits: int = 0) -> str:
    """A number with a true minus sign, and no sign on zero."""
    rounded = round(value, digits)
    text = f"{abs(rounded):.{digits}f}"
    return f"+{text}" if rounded > 0 else f"−{text}" if rounded < 0 else text


def listed(names: Sequence[str]) -> str:
    """``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
