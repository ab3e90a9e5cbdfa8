"""Which numbers and words may be published: minimum group sizes, and what subtraction would bring back.

*Primary*: a number needs ``min_respondents`` distinct respondents behind it; a share also needs that many who have what
it counts and that many who have not, or it would tell how few they are. Verbatims, keyphrases and evidence need
``min_verbatim_respondents``. What is suppressed looks the same whatever the true number is, none included.

*Secondary* (``PublishedSets``): numbers of several sets of respondents (the groups of all cuts, or the pulses)
are published together with the total. Every number is a sum over the respondents of its set, so what can be worked out
from them is the span of the published sets; and no set of fewer respondents than the minimum may lie in it. That covers
the last hidden group of a cut, remainders, cuts that overlap, and pulses that one person joins or leaves, in one rule.
Willenborg, L. and de Waal, T. (2001). Elements of Statistical Disclosure Control. Springer, chapters 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.results import Estimate

BoolMatrix = npt.NDArray[np.bool_]
BoolVector = npt.NDArray[np.bool_]
FloatMatrix = npt.NDArray[np.float64]
FloatVector = npt.NDArray[np.float64]

FLOOR = 3
EXACT = 1e-7
MOST_PAIRED = 2000
"""Kinds of people that are looked at in pairs as well; the pairs of more would not fit into memory."""
_BITS = 62
"""Sets that fit into one whole number."""
MOST_IN_FOURS = 400
"""Kinds that are looked at in threes and fours: of more it would take seconds for every number."""
MOST_TRIED = 2_000_000
"""Threes or fours that are looked at in full; there are more only where very many pairs are given away already."""


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
        """A share: shown when enough respondents have what is counted, and enough have not."""
        estimate = self.coverage(estimate)
        if not estimate.shown or estimate.n is None or estimate.value is None:
            return estimate
        return estimate if self.enough(round((1 - estimate.value) * estimate.n)) else Estimate.suppressed()

    def coverage(self, estimate: Estimate) -> Estimate:
        """A share of respondents who say anything on something: that the rest does not is nobody's opinion."""
        estimate = self.number(estimate)
        if not estimate.shown or estimate.n is None or estimate.value is None:
            return estimate
        return estimate if self.enough(round(estimate.value * estimate.n)) else Estimate.suppressed()

    def part(self, estimate: Estimate, whole: int) -> Estimate:
        """A number about a part of ``whole`` respondents, about whom the same is published: enough are left of them."""
        estimate = self.number(estimate)
        return estimate if estimate.n is not None and self.enough(whole - estimate.n) else Estimate.suppressed()

    def sides(self, supports: int, contradicts: int, asked: int) -> tuple[float | None, float | None]:
        """Shares of those who say it is so and that it is not, each None where a few could be counted from it."""
        shown = [self.enough(side) and self.enough(asked - side) for side in (supports, contradicts)]
        if all(shown) and 0 < asked - supports - contradicts < self.min_respondents:
            shown[0 if supports < contradicts else 1] = False
        return supports / asked if shown[0] else None, contradicts / asked if shown[1] else None

    def enough(self, respondents: int) -> bool:
        """Whether a number about so many respondents may be shown."""
        return respondents >= self.min_respondents

    def enough_for_words(self, respondents: int) -> bool:
        """Whether verbatims, keyphrases and evidence of so many respondents may be shown."""
        return respondents >= self.min_verbatim_respondents


class PublishedSets:
    """Sets of respondents that numbers are published of, as a rule beside the number of all: which must be withheld.

    Args:
        sets: (n_sets, n_respondents), who belongs to which.
        parts: (n_sets,), the partition that each set is a part of; sets of different partitions may overlap.
        minimum: respondents a number needs.
        published: (n, n_respondents), sets whose numbers are out already and cannot be withheld; None for none.
        total: whether the number of all is published too.
    """

    def __init__(
        self,
        sets: BoolMatrix,
        parts: Sequence[int],
        minimum: int,
        published: BoolMatrix | None = None,
        *,
        total: bool = True,
    ) -> None:
        self._sets, self._total = sets, total
        self._out = np.zeros((0, sets.shape[1]), dtype=np.bool_) if published is None else published
        kinds, self._kind = _kinds(np.vstack([self._sets, self._out]))
        rows = kinds.T.astype(np.float64)
        self._rows = rows[: len(sets)]
        self._published: FloatMatrix = np.vstack([np.ones((int(total), rows.shape[1])), rows[len(sets) :]])
        self._people = np.bincount(self._kind, minlength=self._rows.shape[1])
        self._parts = np.asarray(parts, dtype=np.int64)
        self._minimum = minimum

    def publishable(self, counted: BoolVector, among: BoolVector | None = None) -> BoolVector:
        """Which sets' numbers may be published: sets are withheld, the smallest first, until nothing about fewer
        respondents than the minimum can be worked out.

        Args:
            counted: (n_respondents,), whom the number counts.
            among: (n_sets,), the sets that are not withheld already; None for all.
        """
        shown = self._among_all(counted, among)
        if counted.all() or not shown.any():
            return shown
        # Of those whom it counts alone fewer kinds make up a few, and who they are may be known.
        own = PublishedSets(
            self._sets[:, counted], self._parts.tolist(), self._minimum, self._out[:, counted], total=self._total
        )
        return own._among_all(np.ones(int(counted.sum()), dtype=np.bool_), shown)

    def _among_all(self, counted: BoolVector, among: BoolVector | None) -> BoolVector:
        """As ``publishable``, where whom the number counts is not known."""
        weight: FloatVector = np.bincount(
            self._kind, weights=counted.astype(np.float64), minlength=self._rows.shape[1]
        ).astype(np.float64)
        shown = self._rows @ weight >= self._minimum
        if among is not None:
            shown &= among
        allowed = shown.copy()
        while shown.any():
            withheld = self._to_withhold(shown, weight)
            if not withheld:
                break
            shown[list(withheld)] = False
        return self._with_what_follows(shown, allowed) if shown.any() else shown

    def _with_what_follows(self, shown: BoolVector, allowed: BoolVector) -> BoolVector:
        """And those of ``allowed`` whose numbers follow from the shown ones: to withhold them hides nothing."""
        basis = _span(np.vstack([self._published, self._rows[shown]]))
        rest = np.abs(self._rows - (self._rows @ basis.T) @ basis).max(axis=1)
        return np.asarray(shown | (allowed & (rest < EXACT)), dtype=np.bool_)

    def _to_withhold(self, shown: BoolVector, weight: FloatVector) -> set[int]:
        """For each set under the minimum that can be worked out, the smallest of those it is worked out from."""
        numbers, rows = np.flatnonzero(shown), self._rows[shown]
        published = np.vstack([self._published, rows])
        basis = _span(published)
        found = np.vstack([*self._few_kinds(basis, weight), *self._few_of_sets(basis, shown, weight)])
        if not len(found):
            return set()
        used = np.abs(np.linalg.lstsq(published.T, found.T, rcond=None)[0][len(self._published) :]).T > EXACT
        size = np.where(used, rows @ weight, np.inf)
        return {int(numbers[smallest]) for smallest in size.argmin(axis=1)[used.any(axis=1)]}

    def _few_kinds(self, basis: FloatMatrix, weight: FloatVector) -> Iterator[FloatMatrix]:
        """People who are alike in every set, one to four kinds of them, that the span of ``basis`` gives away."""
        few = np.flatnonzero((weight < self._minimum) & (self._people > 0))
        inside = basis[:, few]
        alone = np.square(inside).sum(axis=0)
        yield self._indicators(few[alone > 1 - EXACT][:, None])
        if 1 < len(few) <= MOST_PAIRED:
            # A set of kinds is given away when what the span leaves of them adds up to nothing.
            others = few[alone <= 1 - EXACT]
            left = np.eye(self._rows.shape[1])[others] - basis[:, others].T @ basis
            for several in _adding_up_to_nothing(left, weight[others], self._minimum):
                yield self._indicators(others[several])

    def _few_of_sets(self, basis: FloatMatrix, shown: BoolVector, weight: FloatVector) -> Iterator[FloatMatrix]:
        """Withheld sets, and what a set, and the shown sets of a partition together, leave of all and of one around."""
        rows = np.vstack([self._published, self._rows[shown]])
        whole = [self._rows[shown & (self._parts == part)].sum(axis=0) for part in np.unique(self._parts)]
        around = (outer - inner for inner in (*rows, *whole) for outer in rows[(rows >= inner).all(axis=1)])
        tried = np.vstack([self._rows[~shown], *around])
        real = (tried >= 0).all(axis=1) & (tried @ self._people > 0) & (tried @ weight < self._minimum)
        tried = tried[real]
        yield tried[np.abs(tried - (tried @ basis.T) @ basis).max(axis=1, initial=0.0) < EXACT]

    def _indicators(self, kinds: npt.NDArray[np.intp]) -> FloatMatrix:
        """Sets of one or more kinds each, (n, n_kinds)."""
        out = np.zeros((len(kinds), self._rows.shape[1]))
        np.put_along_axis(out, kinds, 1.0, axis=1)
        return out


def _adding_up_to_nothing(rows: FloatMatrix, weight: FloatVector, minimum: int) -> Iterator[npt.NDArray[np.intp]]:
    """Two, three and four of ``rows`` (n, m) that weigh less than the minimum and whose sum is 0, (n_found, k) each.

    Their sums are 0 on a random line as well; what is 0 there is looked at in full.
    """
    n = len(rows)
    line = rows @ np.random.default_rng(0).standard_normal(rows.shape[1])
    first, second = np.triu_indices(n, 1)
    light = weight[first] + weight[second] < minimum
    first, second = first[light], second[light]
    pairs = line[first] + line[second]
    yield _really(rows, weight, minimum, np.column_stack([first, second])[np.abs(pairs) < EXACT])
    if n > MOST_IN_FOURS:
        return
    order = np.argsort(pairs, kind="stable")
    ranked = pairs[order]
    for others, columns in ((line, [np.arange(n)]), (pairs, [first, second])):
        low, high = (np.searchsorted(ranked, -others + edge) for edge in (-EXACT, EXACT))
        count = high - low
        if count.sum() > MOST_TRIED:
            continue
        mine = np.repeat(np.arange(len(others)), count)
        theirs = order[np.repeat(low, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)]
        tried = np.column_stack([*(column[mine] for column in columns), first[theirs], second[theirs]])
        yield _really(rows, weight, minimum, tried)


def _really(rows: FloatMatrix, weight: FloatVector, minimum: int, tried: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Those of ``tried`` (n, k) that name k different rows, weigh less than the minimum, and whose sum is 0."""
    tried = np.unique(np.sort(tried, axis=1), axis=0)
    tried = tried[(np.diff(tried, axis=1) > 0).all(axis=1) & (weight[tried].sum(axis=1) < minimum)]
    nothing = np.abs(rows[tried].sum(axis=1)).max(axis=1, initial=0.0) < EXACT
    return np.asarray(tried[nothing], dtype=np.intp)


def _span(rows: FloatMatrix) -> FloatMatrix:
    """Orthonormal rows that span what ``rows`` do, (rank, n_kinds)."""
    _, strength, basis = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(basis[strength > EXACT * strength[0]], dtype=np.float64)


def _kinds(sets: BoolMatrix) -> tuple[BoolMatrix, npt.NDArray[np.intp]]:
    """The different columns of ``sets``, (n_kinds, n_sets), and which of them each respondent is."""
    if len(sets) <= _BITS:
        code = (np.int64(1) << np.arange(len(sets), dtype=np.int64)) @ sets.astype(np.int64)
        _, first, kind = np.unique(code, return_index=True, return_inverse=True)
    else:
        packed = np.packbits(sets, axis=0).T
        _, first, kind = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return sets.T[first], kind.ravel()
