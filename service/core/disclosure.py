"""Minimum group sizes, for every derived number and every verbatim.

A number needs ``min_respondents`` distinct respondents behind it; a share also needs that many respondents who have
what it counts, or it would tell how few they are. Verbatims, keyphrases and evidence need ``min_verbatim_respondents``.
What is suppressed looks the same whatever the true number is, none included.
"""

from __future__ import annotations

from dataclasses import dataclass

from service.results import Estimate

FLOOR = 3


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The thresholds of one analysis, fixed when it is made.

    Raises:
        ValueError: a threshold is under the floor of 3, or verbatims need fewer than numbers.
    """

    min_respondents: int = 5
    min_verbatim_respondents: int = 10

    def __post_init__(self) -> None:
        if self.min_respondents < FLOOR:
            raise ValueError(f"min_respondents is {self.min_respondents}; it must be at least {FLOOR}")
        if self.min_verbatim_respondents < self.min_respondents:
            raise ValueError("min_verbatim_respondents must not be below min_respondents")

    def number(self, estimate: Estimate) -> Estimate:
        """A mean, a difference or a correlation: shown when enough respondents are behind it."""
        if not estimate.shown or estimate.n is None:
            return estimate
        return estimate if self.enough(estimate.n) else Estimate.suppressed()

    def share(self, estimate: Estimate) -> Estimate:
        """A share: shown when enough respondents are asked and enough have what is counted."""
        estimate = self.number(estimate)
        if not estimate.shown or estimate.n is None or estimate.value is None:
            return estimate
        return estimate if self.enough(round(estimate.value * estimate.n)) else Estimate.suppressed()

    def plain_share(self, counted: int, asked: int) -> float | None:
        """A share without an interval, or None."""
        return counted / asked if self.enough(counted) else None

    def enough(self, respondents: int) -> bool:
        """Whether a number about so many respondents may be shown."""
        return respondents >= self.min_respondents

    def enough_for_words(self, respondents: int) -> bool:
        """Whether verbatims, keyphrases and evidence of so many respondents may be shown."""
        return respondents >= self.min_verbatim_respondents
