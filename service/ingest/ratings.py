"""Ratings: a column of numbers, and which end of its scale is the good one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.errors import InvalidRating
from service.ingest.table import as_number, is_empty, shown, shown_value

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"(?P<name>.+?)\s*=\s*(?P<worst>{_NUMBER})\s*\.\.\s*(?P<best>{_NUMBER})")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingSpec:
    """A rating column and its scale.

    Attributes:
        name: of the column; also the rating's name in a comment.
        worst: the value that means worst, or None: values are taken as they are.
        best: the value that means best.
    """

    name: str
    worst: float | None = None
    best: float | None = None

    def value(self, cell: object) -> float | None:
        """The rating of a cell, turned so that higher is better; None when empty or outside the scale.

        A scale from 5 (worst) to 1 (best) gives 6 minus the cell: 1 for the worst, 5 for the best.

        Raises:
            ValueError: the cell is not a number; says how one is written.
        """
        if is_empty(cell):
            return None
        number = check_rating(cell)
        if self.worst is None or self.best is None:
            return number
        low, high = sorted((self.worst, self.best))
        if not low <= number <= high:
            return None
        return number if self.best > self.worst else self.worst + self.best - number


def check_rating(value: object) -> float:
    """A rating as a finite number.

    Raises:
        ValueError: it is none; says how one is written.
    """
    number = as_number(value)
    if number is not None:
        return number
    said = shown_value(value) if isinstance(value, (str, int, float)) else "it"
    with_point = value.strip().replace(",", ".") if isinstance(value, str) else ""
    right = with_point if as_number(with_point) is not None else "it in digits, like 4 or 4.5"
    raise ValueError(f"{said} is not a number; write {right}, or leave it empty")


def parse_rating(spec: str) -> RatingSpec:
    """Read ``COLUMN`` or ``COLUMN=WORST..BEST`` (``experience_rating=5..1``: 5 is worst, 1 is best).

    Raises:
        InvalidRating: no column, or a scale that is not two different numbers.
    """
    spec = spec.strip()
    if match := _RANGE.fullmatch(spec):
        worst, best = float(match["worst"]), float(match["best"])
        if worst != best:
            return RatingSpec(name=match["name"], worst=worst, best=best)
    elif spec and "=" not in spec:
        return RatingSpec(name=spec)
    raise InvalidRating(
        f"{shown(spec)} is not a rating; write COLUMN, or COLUMN=WORST..BEST with two different numbers, "
        "for instance satisfaction=1..5",
        where="rating",
    )
