"""Units → comments → respondents, and bootstrap intervals over respondents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from service.results import Estimate

FloatMatrix = npt.NDArray[np.float64]
IntVector = npt.NDArray[np.int64]
BoolMatrix = npt.NDArray[np.bool_]

BOOTSTRAP_DRAWS = 1000
CONFIDENCE = 0.95
_CELLS_AT_ONCE = 20_000_000
_COLUMNS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class CommentScores:
    """Alignment by comment.

    Attributes:
        relevance: (n_comments, n_facets), the highest relevance among the comment's units; 0 without units.
        stance: (n_comments, n_facets), the relevance-weighted mean stance over its units; 0 without units.
        facet: (n_comments, n_facets), that mean over the units that speak to the facet; NaN where none does.
        overall: (n_comments,), the relevance-weighted mean over all relevant (unit, facet) pairs; NaN where none is.
    """

    relevance: FloatMatrix
    stance: FloatMatrix
    facet: FloatMatrix
    overall: npt.NDArray[np.float64]


def score_comments(
    relevance: npt.NDArray[np.float32],
    stance: npt.NDArray[np.float32],
    unit_comment: IntVector,
    n_comments: int,
    threshold: float,
    about: float,
) -> CommentScores:
    """Put unit scores (n_units, n_facets) together by comment.

    Args:
        relevance: (n_units, n_facets).
        stance: (n_units, n_facets).
        unit_comment: (n_units,), row of the unit's comment.
        n_comments: comments in the batch, those without units included.
        threshold: relevance from which a pair counts for ``overall``.
        about: relevance from which a unit speaks to a facet.
    """
    n_facets = relevance.shape[1]
    r = relevance.astype(np.float64)
    s = stance.astype(np.float64)
    counted = np.where(r >= threshold, r, 0.0)

    highest = np.zeros((n_comments, n_facets))
    np.maximum.at(highest, unit_comment, r)
    all_weight = sum_rows(r, unit_comment, n_comments)
    mean_stance = np.divide(
        sum_rows(r * s, unit_comment, n_comments), all_weight, out=np.zeros_like(highest), where=all_weight > 0
    )
    spoken = np.where(r >= about, r, 0.0)
    weight = sum_rows(spoken, unit_comment, n_comments)
    weighted = sum_rows(spoken * s, unit_comment, n_comments)
    facet = np.divide(weighted, weight, out=np.full_like(highest, np.nan), where=weight > 0)
    total = sum_rows(counted, unit_comment, n_comments).sum(axis=1)
    weighted_total = sum_rows(counted * s, unit_comment, n_comments).sum(axis=1)
    overall = np.divide(weighted_total, total, out=np.full(n_comments, np.nan), where=total > 0)
    return CommentScores(highest, mean_stance, facet, overall)


def sum_rows(values: FloatMatrix, group: IntVector, n_groups: int) -> FloatMatrix:
    """Sum the rows of ``values`` (n, m) by ``group`` (n,): (n_groups, m)."""
    out = np.zeros((n_groups, values.shape[1]))
    np.add.at(out, group, values)
    return out


def mean_by(values: FloatMatrix, group: IntVector, n_groups: int) -> FloatMatrix:
    """Mean of the rows of ``values`` (n, m) by ``group`` (n,), NaN left out: (n_groups, m), NaN where nothing is."""
    known = ~np.isnan(values)
    total = sum_rows(np.where(known, values, 0.0), group, n_groups)
    count = sum_rows(known.astype(np.float64), group, n_groups)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def any_by(flags: BoolMatrix, group: IntVector, n_groups: int) -> BoolMatrix:
    """Whether any row of ``flags`` (n, m) is true, by ``group`` (n,): (n_groups, m)."""
    out = np.zeros((n_groups, flags.shape[1]), dtype=np.bool_)
    np.logical_or.at(out, group, flags)
    return out


class Bootstrap:
    """Means over respondents with the spread of resampled respondents; every measure is resampled alike.

    Because one draw of respondents serves all columns, differences between columns (a group and the rest, two pulses)
    take account of the people who are in both.

    Args:
        n_respondents: rows of every matrix that is given to ``means``.
        seed: makes the draws; same seed, same intervals.
    """

    def __init__(self, n_respondents: int, seed: int, draws: int = BOOTSTRAP_DRAWS) -> None:
        self._n = n_respondents
        self._seed = seed
        self._draws = draws
        self._kept: FloatMatrix | None = None

    def means(self, values: FloatMatrix) -> Means:
        """Column means of ``values`` (n_respondents, n_measures), NaN meaning the respondent has no such value."""
        known = ~np.isnan(values)
        filled = np.where(known, values, 0.0)
        n = known.sum(axis=0)
        point = np.divide(filled.sum(axis=0), n, out=np.full(values.shape[1], np.nan), where=n > 0)
        draws = np.full((self._draws, values.shape[1]), np.nan)
        weight = known.astype(np.float64)
        start = 0
        for counts in self._resamples():
            below = counts @ weight
            np.divide(counts @ filled, below, out=draws[start : start + len(counts)], where=below > 0)
            start += len(counts)
        return Means(point, draws, n)

    def _resamples(self) -> Iterable[FloatMatrix]:
        """How often each respondent is drawn, in blocks of (draws, n_respondents); kept when one block holds them."""
        if self._kept is not None:
            return (self._kept,)
        step = max(1, _CELLS_AT_ONCE // max(self._n, 1))
        if step >= self._draws:
            self._kept = _resample(np.random.default_rng(self._seed), self._draws, self._n)
            return (self._kept,)
        rng = np.random.default_rng(self._seed)
        return (_resample(rng, min(step, self._draws - start), self._n) for start in range(0, self._draws, step))


def _resample(rng: np.random.Generator, size: int, n: int) -> FloatMatrix:
    """``size`` resamples of ``n`` things as counts, (size, n)."""
    picks = rng.integers(0, n, size=(size, n))
    picks += np.arange(size)[:, None] * n
    counts: FloatMatrix = np.bincount(picks.ravel(), minlength=size * n).astype(np.float64)
    return counts.reshape(size, n)


@dataclass(frozen=True, slots=True)
class Means:
    """Means with their bootstrap draws.

    Attributes:
        point: (n_measures,).
        draws: (n_draws, n_measures).
        n: (n_measures,), respondents that have the measure.
    """

    point: npt.NDArray[np.float64]
    draws: FloatMatrix
    n: IntVector

    def estimate(self, column: int) -> Estimate:
        """The mean of one measure with its interval."""
        low, high = interval(self.draws[:, column], int(self.n[column]))
        point = float(self.point[column])
        return Estimate.ok(point, min(low, point), max(high, point), int(self.n[column]))

    def share(self, column: int) -> Estimate:
        """The same for a share. Where all agree no resample differs, and Wilson's interval says what n allows."""
        estimate = self.estimate(column)
        n = int(self.n[column])
        if estimate.value not in (0.0, 1.0) or n == 0:
            return estimate
        bounds = stats.binomtest(round(estimate.value * n), n).proportion_ci(CONFIDENCE, method="wilson")
        return Estimate.ok(estimate.value, float(bounds.low), float(bounds.high), n)

    def difference(self, column: int, other: int) -> Difference:
        """Measure ``column`` less measure ``other``."""
        return self.apart(column, (other,))

    def apart(self, column: int, others: Sequence[int]) -> Difference:
        """Measure ``column`` less the mean of the measures ``others``."""
        rest = list(others)
        n = int(min(self.n[column], self.n[rest].min()))
        if n == 0:
            return Difference(Estimate.suppressed(), 1.0)
        draws = self.draws[:, column] - self.draws[:, rest].mean(axis=1)
        point = float(self.point[column] - self.point[rest].mean())
        low, high = interval(draws, n)
        spread = float(np.nanstd(draws))
        if spread > 0:
            p = float(2 * stats.t.sf(abs(point) / spread, max(n - 1, 1)))
        else:
            # Everybody on a side says the same; what n such people can prove is what a sign test can.
            p = 2.0 ** (1 - n) if point else 1.0
        return Difference(Estimate.ok(point, min(low, point), max(high, point), n), p)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two means; ``estimate.n`` is the smaller side, ``p`` two-sided from the bootstrap spread."""

    estimate: Estimate
    p: float


def interval(draws: npt.NDArray[np.float64], n: int) -> tuple[float, float]:
    """Expanded percentile interval of one measure's draws.

    The plain percentile interval is too narrow for small n; its tails are widened as in Hesterberg (2015), "What
    teachers should know about the bootstrap", section 5.3: Φ(−√(n/(n−1)) · t(α/2, n−1)).
    """
    draws = draws[~np.isnan(draws)]
    if draws.size == 0:
        return float("nan"), float("nan")
    tail = (1 - CONFIDENCE) / 2
    if n > 1:
        tail = float(stats.norm.cdf(-np.sqrt(n / (n - 1)) * stats.t.isf(tail, n - 1)))
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def rank_correlation(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], seed: int) -> Difference:
    """Spearman's rho over the respondents who have both, with a bootstrap interval; ``n`` is how many have both."""
    return rank_correlations(x, y[:, None], seed)[0]


def rank_correlations(x: npt.NDArray[np.float64], others: FloatMatrix, seed: int) -> list[Difference]:
    """The same of ``x`` (n_respondents,) with every column of ``others`` (n_respondents, m), all resampled alike."""
    some = ~np.isnan(x) & ~np.isnan(others).all(axis=1)
    x, others = x[some], others[some]
    bootstrap = Bootstrap(len(x), seed)
    found: list[Difference] = []
    for start in range(0, others.shape[1], _COLUMNS_AT_ONCE):
        found += _rank_correlations(x, others[:, start : start + _COLUMNS_AT_ONCE], bootstrap)
    return found


def _rank_correlations(x: npt.NDArray[np.float64], others: FloatMatrix, bootstrap: Bootstrap) -> list[Difference]:
    a, b = (np.full(others.shape, np.nan) for _ in range(2))
    for column, y in enumerate(others.T):
        both = ~np.isnan(y)
        if both.sum() >= 3 and np.ptp(x[both]) > 0 and np.ptp(y[both]) > 0:
            a[both, column], b[both, column] = (stats.zscore(stats.rankdata(v[both])) for v in (x, y))
    means = bootstrap.means(np.hstack([a, b, a * a, b * b, a * b]))
    ma, mb, maa, mbb, mab = np.split(means.draws, 5, axis=1)
    spread = np.sqrt(np.maximum(maa - ma**2, 0) * np.maximum(mbb - mb**2, 0))
    draws = np.divide(mab - ma * mb, spread, out=np.full(spread.shape, np.nan), where=spread > 1e-9)
    rho, draws = (np.clip(value, -1.0, 1.0) for value in (means.point[-others.shape[1] :], draws))
    return [_correlation(float(rho[c]), draws[:, c], int(means.n[c])) for c in range(others.shape[1])]


def _correlation(rho: float, draws: npt.NDArray[np.float64], n: int) -> Difference:
    """A correlation with its interval, and p by Student's t with n − 2 degrees of freedom; NaN without variation."""
    if np.isnan(rho):
        return Difference(Estimate.suppressed("no_variation"), 1.0)
    low, high = interval(draws, n)
    with np.errstate(divide="ignore"):
        p = float(2 * stats.t.sf(abs(rho) * np.sqrt((n - 2) / np.float64((1 - rho) * (1 + rho))), n - 2))
    return Difference(Estimate.ok(rho, min(low, rho), max(high, rho), n), p)


def adjust(p_values: Sequence[float]) -> list[float]:
    """Benjamini–Hochberg adjusted p values, in the same order."""
    return [float(p) for p in stats.false_discovery_control(p_values)] if p_values else []


Progress = Callable[[str, int, int], None]
