"""What goes with the ratings: rank correlations of each with alignment by facet and with speaking of themes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.core.aggregate import Difference, adjust, rank_correlation
from service.core.disclosure import Disclosure
from service.core.measures import Measured
from service.core.themes import FoundTheme
from service.results import Driver, Estimate, LocalValidity

MIN_DRIVER_RESPONDENTS = 20


def find_drivers(
    measured: Measured, found: Sequence[FoundTheme], disclosure: Disclosure, ratings: Sequence[str], seed: int
) -> tuple[Driver, ...]:
    """Rank correlation of each rating with alignment by facet and with speaking of a theme, strongest first."""
    rows: list[tuple[str, str | None, str | None, Difference]] = []
    for target in ratings:
        rating = measured.rating(target)
        for column, facet in enumerate(measured.purpose.facets):
            effect = rank_correlation(rating, measured.facet[:, column], seed)
            rows.append((target, facet.facet_id, None, effect))
        for column, theme in enumerate(found):
            if disclosure.enough_for_words(int(measured.theme[:, column].sum())):
                said = measured.theme[:, column].astype(np.float64)
                rows.append((target, None, theme.theme_id, rank_correlation(rating, said, seed)))
    rows = [row for row in rows if row[3].estimate.shown and (row[3].estimate.n or 0) >= MIN_DRIVER_RESPONDENTS]
    adjusted = adjust([row[3].p for row in rows])
    drivers = [
        Driver(target=target, facet_id=facet, theme_id=theme, effect=effect.estimate, adjusted_p=p)
        for (target, facet, theme, effect), p in zip(rows, adjusted, strict=True)
    ]
    return tuple(sorted(drivers, key=lambda driver: (driver.target, -abs(driver.effect.value or 0.0))))


def local_validity(measured: Measured, ratings: Sequence[str], seed: int) -> tuple[LocalValidity, ...]:
    """Spearman's rho of each rating with alignment over the respondents who have both."""
    return tuple(LocalValidity(rating=name, correlation=_agreement(measured, name, seed)) for name in ratings)


def _agreement(measured: Measured, rating: str, seed: int) -> Estimate:
    effect = rank_correlation(measured.rating(rating), measured.overall[:, 0], seed).estimate
    enough = effect.n is not None and effect.n >= MIN_DRIVER_RESPONDENTS
    return effect if enough else Estimate.suppressed()
