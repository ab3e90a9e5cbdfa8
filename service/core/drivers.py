"""Drivers: what goes with a rating or another number of the respondents' own, and whether it holds on held-out people.

Two questions are asked of every candidate (alignment with a facet; speaking of a theme):

- *Does it go with the rating?* Spearman's rho over the respondents who have both, one candidate at a time.
- *Does it say more than the others do?* One elastic net of the rating's ranks on all candidates together, fitted on
  some of the respondents and asked about the rest (five folds, several times over). Who does not speak to a facet has
  0 there, which is the mean of those who do, and the model has a column for whether they speak to it, so that silence
  is not read as an opinion; that column is no candidate.

What a candidate adds is its conditional permutation importance on held-out people: the part of it that the other
candidates do not tell is exchanged between people, and half of what the squared error rises by, over the variance of
the rating's ranks, is the share of that variance that goes with this part alone. For a linear model the mean over all
exchanges has a closed form, so nothing is drawn. Exchanging the whole candidate would credit one that only goes with a
driver with what the penalty left of that driver; exchanging its own part does not.

Of near-duplicates none has much of its own, and each would be said to add nothing. Of candidates that correlate by
``NEAR_DUPLICATE`` or more the one with the largest coefficient therefore stands for the others, which leave the model.
Candidates that correlate less, and much, still share what they tell, and each adds little.

Zou and Hastie (2005). Regularization and variable selection via the elastic net. JRSS B 67.
Strobl et al. (2008). Conditional variable importance for random forests. BMC Bioinformatics 9.
Ledoit and Wolf (2004). A well-conditioned estimator for large-dimensional covariance matrices. J. Multivar. Anal. 88.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from service.core.aggregate import (
    Bootstrap,
    Difference,
    FloatMatrix,
    adjust,
    interval,
    rank_correlation,
    rank_correlations,
)
from service.core.disclosure import Disclosure
from service.core.measures import Measured
from service.core.themes import FoundTheme
from service.results import Driver, Estimate, LocalValidity

FloatVector = npt.NDArray[np.float64]
IntVector = npt.NDArray[np.int64]

MIN_DRIVER_RESPONDENTS: Final = 20
MIN_MODEL_RESPONDENTS: Final = 40
"""Fewer are correlated and not modelled: a fold would hold out fewer than eight people."""
NEAR_DUPLICATE: Final = 0.8
FOLDS: Final = 5
REPEATS: Final = 3
L1_SHARE: Final = 0.5
PEOPLE_A_COLUMN: Final = 2
"""Respondents a column of the model needs for its covariances to be taken as they are. With shrunk ones a facet that
only goes with a driver was credited three times as often, in simulated surveys of 100 people."""
PENALTIES: Final = 10
"""Penalties tried, from the one that leaves nothing of any candidate down to a hundredth of it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A facet or a theme beside a rating.

    Attributes:
        values: (n_respondents,), alignment, NaN for who does not speak to it; or whether they speak of the theme.
    """

    values: FloatVector
    facet_id: str | None = None
    theme_id: str | None = None


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a model of a rating is worth on people whom it was not fitted on.

    Attributes:
        together: share of the variance of the rating's ranks that all candidates tell (R²); below 0 for less than none.
        adds: of each candidate beyond the others, a share of the same variance; suppressed where a near-duplicate
            stands for it.
        direction: sign of each candidate's coefficient, 0 where it has none.
    """

    together: Estimate
    adds: tuple[Estimate, ...]
    direction: FloatVector


def find_drivers(
    measured: Measured,
    found: Sequence[FoundTheme],
    shown: Collection[str],
    disclosure: Disclosure,
    ratings: Sequence[str],
    seed: int,
) -> tuple[Driver, ...]:
    """Drivers of each rating, the strongest correlation first; adjusted p values are over all of them.

    Args:
        measured: of the respondents.
        found: the themes, in the order of the theme columns.
        shown: ids of the themes that are published; others are no candidates.
        disclosure: how many must speak of a theme, and how many must not.
        ratings: their names.
        seed: of the folds and of the bootstrap.
    """
    drivers: list[Driver] = []
    p_values: list[float] = []
    for name in ratings:
        rating = measured.rating(name)
        fewest = max(MIN_DRIVER_RESPONDENTS, disclosure.min_respondents)
        candidates = _candidates(measured, found, shown, disclosure, rating)
        for driver, p in _of_rating(name, rating, candidates, fewest, seed):
            drivers.append(driver)
            p_values.append(p)
    adjusted = [replace(driver, adjusted_p=p) for driver, p in zip(drivers, adjust(p_values), strict=True)]
    return tuple(sorted(adjusted, key=lambda driver: (driver.target, -abs(driver.effect.value or 0.0))))


def _candidates(
    measured: Measured, found: Sequence[FoundTheme], shown: Collection[str], disclosure: Disclosure, rating: FloatVector
) -> Iterator[Candidate]:
    """All facets, and the shown themes that enough of those with a rating speak of, and enough do not."""
    for column, facet in enumerate(measured.purpose.facets):
        yield Candidate(measured.facet[:, column], facet_id=facet.facet_id)
    rated = ~np.isnan(rating)
    for column, theme in enumerate(found):
        said = measured.theme[:, column]
        people = int(said[rated].sum())
        # A correlation with what all but a few speak of would tell what these few rate.
        both_sides = disclosure.enough_for_words(people) and disclosure.enough(int(rated.sum()) - people)
        if theme.theme_id in shown and both_sides:
            yield Candidate(said.astype(np.float64), theme_id=theme.theme_id)


def _of_rating(
    name: str, rating: FloatVector, candidates: Iterable[Candidate], fewest: int, seed: int
) -> Iterator[tuple[Driver, float]]:
    """Each candidate that can be correlated with the rating, and the p value of its correlation."""
    every = list(candidates)
    if not every:
        return
    effects = rank_correlations(rating, np.column_stack([item.values for item in every]), seed)
    kept = [
        (item, effect)
        for item, effect in zip(every, effects, strict=True)
        if effect.estimate.shown and (effect.estimate.n or 0) >= fewest
    ]
    model = held_out(rating, np.column_stack([item.values for item, _ in kept]), seed) if kept else None
    for column, (item, effect) in enumerate(kept):
        driver = Driver(
            target=name,
            facet_id=item.facet_id,
            theme_id=item.theme_id,
            effect=effect.estimate,
            adjusted_p=None,
            held_out=_holds(effect, model, column) if model else None,
            adds=model.adds[column].value if model else None,
            together=model.together if model else None,
        )
        yield driver, effect.p


def _holds(effect: Difference, model: HeldOut, column: int) -> bool:
    """Whether a candidate adds something, and in the model goes the way that it goes by itself."""
    low = model.adds[column].low
    same_way = float(model.direction[column]) * (effect.estimate.value or 0.0) > 0
    return low is not None and low > 0 and same_way


def held_out(rating: FloatVector, values: FloatMatrix, seed: int) -> HeldOut | None:
    """Model a rating on all candidates and ask about people whom the model was not fitted on.

    Args:
        rating: (n_respondents,), NaN where missing.
        values: (n_respondents, n_candidates), NaN for who does not speak to it.
        seed: of the folds and of the bootstrap.

    Returns:
        None where fewer than ``MIN_MODEL_RESPONDENTS`` have the rating.
    """
    rated = ~np.isnan(rating)
    if rated.sum() < MIN_MODEL_RESPONDENTS:
        return None
    target, values = stats.zscore(stats.rankdata(rating[rated])), values[rated]
    spoken = ~np.isnan(values)
    columns = np.hstack([np.where(spoken, values - np.nanmean(values, axis=0), 0.0), spoken.astype(np.float64)])
    n_candidates = values.shape[1]
    kept, coefficients = _without_near_duplicates(columns, target, n_candidates, seed)
    standing = np.flatnonzero(kept < n_candidates)
    error, baseline, own = _cross_validate(columns[:, kept], target, standing, seed)
    means = Bootstrap(len(target), seed).means(np.column_stack([error, baseline, own]))
    with np.errstate(invalid="ignore", divide="ignore"):
        draws = means.draws / means.draws[:, [1]]
    shares = means.point / means.point[1]
    adds = [Estimate.suppressed("near_duplicate")] * n_candidates
    for place, column in enumerate(kept[standing].tolist()):
        adds[column] = _share(shares[2 + place], draws[:, 2 + place], len(target))
    together = _share(1 - shares[0], 1 - draws[:, 0], len(target))
    return HeldOut(together, tuple(adds), np.sign(coefficients[:n_candidates]))


def _share(value: float, draws: FloatVector, n: int) -> Estimate:
    low, high = interval(draws, n)
    return Estimate.ok(float(value), min(low, float(value)), max(high, float(value)), n)


def _without_near_duplicates(
    columns: FloatMatrix, target: FloatVector, n_candidates: int, seed: int
) -> tuple[IntVector, FloatVector]:
    """Columns that no stronger one stands for, and the coefficients of all; candidates go before other columns."""
    varied = np.ptp(columns, axis=0) > 0
    scaled = np.zeros_like(columns)
    scaled[:, varied] = stats.zscore(columns[:, varied])
    likeness = np.abs(scaled.T @ scaled) / len(scaled)
    coefficients = _fit(scaled, target, seed)
    kept: list[int] = []
    for column in sorted(np.flatnonzero(varied), key=lambda c: (c >= n_candidates, -abs(coefficients[c]), c)):
        if not (likeness[column, kept] >= NEAR_DUPLICATE).any():
            kept.append(int(column))
    return np.array(sorted(kept), dtype=np.int64), coefficients


def _cross_validate(
    columns: FloatMatrix, target: FloatVector, standing: IntVector, seed: int
) -> tuple[FloatVector, FloatVector, FloatMatrix]:
    """Squared error of the model and of the mean, both (n,), and what each of the columns ``standing`` adds, (n, m).

    A respondent's values are means over the repeats; in each the model was fitted on people in other folds.
    """
    from sklearn.model_selection import RepeatedKFold

    error, baseline, adds = np.zeros(len(target)), np.zeros(len(target)), np.zeros((len(target), len(standing)))
    for fitted, asked in RepeatedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=seed).split(columns):
        centre, spread = columns[fitted].mean(axis=0), columns[fitted].std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        known, new = (columns[fitted] - centre) / scale, (columns[asked] - centre) / scale
        mean = target[fitted].mean()
        coefficients = _fit(known, target[fitted], seed)
        left = target[asked] - mean - new @ coefficients
        own = (_own_part(known, new) * coefficients)[:, standing]
        error[asked] += left**2 / REPEATS
        baseline[asked] += (target[asked] - mean) ** 2 / REPEATS
        # Exchanged with a stranger's, the squared error rises by twice the mean of this.
        adds[asked] += own * (left[:, None] + own) / REPEATS
    return error, baseline, adds


def _fit(scaled: FloatMatrix, target: FloatVector, seed: int) -> FloatVector:
    """Coefficients of an elastic net, its penalty chosen by cross-validation, for columns of mean 0 and variance 1."""
    from sklearn.linear_model import ElasticNetCV
    from sklearn.model_selection import KFold

    if np.ptp(target) == 0:
        return np.zeros(scaled.shape[1])
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    model = ElasticNetCV(l1_ratio=L1_SHARE, eps=0.01, alphas=PENALTIES, cv=folds, max_iter=10_000)
    return np.asarray(model.fit(scaled, target).coef_, dtype=np.float64)


def _own_part(known: FloatMatrix, new: FloatMatrix) -> FloatMatrix:
    """What of each column of ``new`` the other columns do not tell, by a regression on ``known``: (n_new, n_columns).

    With few people for so many columns the covariance is shrunk, or the columns would tell each other by chance.
    """
    from sklearn.covariance import ledoit_wolf

    if len(known) < PEOPLE_A_COLUMN * known.shape[1]:
        covariance, _ = ledoit_wolf(known, assume_centered=True)
    else:
        covariance = known.T @ known / len(known)
    precision = np.linalg.inv(covariance + 1e-6 * np.eye(len(covariance)))
    return np.asarray(new @ precision / np.diag(precision), dtype=np.float64)


def local_validity(
    measured: Measured, disclosure: Disclosure, ratings: Sequence[str], seed: int
) -> tuple[LocalValidity, ...]:
    """Spearman's rho of each rating with alignment over the respondents who have both."""
    fewest = max(MIN_DRIVER_RESPONDENTS, disclosure.min_respondents)
    return tuple(LocalValidity(rating=name, correlation=_agreement(measured, name, fewest, seed)) for name in ratings)


def _agreement(measured: Measured, rating: str, fewest: int, seed: int) -> Estimate:
    effect = rank_correlation(measured.rating(rating), measured.overall[:, 0], seed).estimate
    return effect if (effect.n or 0) >= fewest else Estimate.suppressed()
