"""A line of output, and the spread of a mean."""

from __future__ import annotations

import numpy as np

Row = dict[str, object]


def row(
    benchmark: str,
    metric: str,
    value: float,
    unit: str,
    baseline: float | None = None,
    against: str = "",
    spread: tuple[float, float, int] | None = None,
) -> Row:
    """A line of output; ``spread`` is the low and high end of the interval, and n."""
    ratio = None if not baseline else round(value / baseline, 3)
    out: Row = {"benchmark": benchmark, "metric": metric, "value": round(float(value), 4), "unit": unit}
    out |= {"baseline": None if baseline is None else round(float(baseline), 4), "ratio": ratio}
    if spread:
        out |= {"low": round(spread[0], 4), "high": round(spread[1], 4), "n": spread[2]}
    return out | ({"against": against} if against else {})


def spread_of_mean(values: np.ndarray) -> tuple[float, float, int]:
    """95 % bootstrap interval of the mean of what is not NaN, and its n."""
    values = values[~np.isnan(values)]
    draws = np.random.default_rng(0).integers(0, len(values), (1000, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), (2.5, 97.5))
    return float(low), float(high), len(values)
