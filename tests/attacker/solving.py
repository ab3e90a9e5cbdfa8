"""Equations about people of whom is known who belongs to which set, and what follows from them.

A topic is what people may be in one matter: its cells. What the attacker does not know is how many people of each kind
(people who are alike in every set) are in each cell, or the sum of their scores. An equation is a sum of such unknowns.
What follows from all equations of a topic is their span, and how exactly it follows is how exactly they are known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import combinations, product

import numpy as np

Place = tuple[str, ...]
"""A set of people: everybody, a group, a pulse, a group in a pulse."""
ALL: Place = ("all",)
SCORE_TOLERANCE = 0.05
"""A mean score is known that is known to five points of −100…+100."""
IN_SPAN = 1e-7
FEW, MOST_IN_THREES = 3, 24
"""People of a kind, of which three kinds may be few together; and kinds of so few that are looked at in threes."""
NEARLY_EXACT = 1e-5
"""Equations that are as exact as this are used before others."""


@dataclass(frozen=True)
class Breach:
    """What the attacker worked out: of how many people, in which topic, and of what."""

    topic: str
    what: str
    people: int
    value: float


@dataclass(frozen=True)
class Measure:
    """The people of a place who are in cells with these marks; or in all cells."""

    place: Place
    marks: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Equation:
    """That the sum of ``terms`` is ``value``, to within ``tolerance``."""

    terms: Sequence[tuple[float, Measure]]
    value: float
    tolerance: float = 0.0


@dataclass(frozen=True)
class Cells:
    """What somebody may be in one matter.

    Attributes:
        marks: that somebody has or has not.
        has: for each cell, which of the marks.
        nobodys: marks whose absence is no opinion: that a few have not got them may be known, as coverage tells it.
        harmless: marks of which it may be known that of those with another mark nobody has them, or everybody.
    """

    marks: tuple[str, ...] = ()
    has: tuple[tuple[bool, ...], ...] = ((),)
    nobodys: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()

    def mask(self, marks: Mapping[str, bool]) -> np.ndarray:
        """Which cells have the marks, (n_cells,)."""
        places = [self.marks.index(mark) for mark in marks]
        return (self._table[:, places] == list(marks.values())).all(axis=1)

    @cached_property
    def _table(self) -> np.ndarray:
        return np.array(self.has, dtype=bool).reshape(len(self.has), len(self.marks))


@cache
def asked(cells: Cells) -> list[tuple[dict[str, bool], np.ndarray]]:
    """All that can be asked of cells: marks that people have, have not, or may have; with which cells these are."""
    found: dict[bytes, tuple[dict[str, bool], np.ndarray]] = {}
    for answer in product((None, True, False), repeat=len(cells.marks)):
        marks = {name: has for name, has in zip(cells.marks, answer, strict=True) if has is not None}
        mask = cells.mask(marks)
        if mask.any() and not any(not has and name in cells.nobodys for name, has in marks.items()):
            found.setdefault(mask.tobytes(), (marks, mask))
    return list(found.values())


@dataclass
class Topic:
    """One matter, and the equations that are published of it.

    Attributes:
        cells: what somebody may be.
        of: (n_people,), the cell of each; −1 for nobody's.
        score: (n_people,), what is summed; None where people are counted.
    """

    name: str
    cells: Cells
    of: np.ndarray
    score: np.ndarray | None = None
    equations: list[Equation] = field(default_factory=list)

    def know(self, value: float, *terms: Measure | tuple[float, Measure], tolerance: float = 0.0) -> None:
        """That so many people, or so high a sum, is published."""
        pairs = [(1.0, term) if isinstance(term, Measure) else term for term in terms]
        self.equations.append(Equation(pairs, value, tolerance))

    def people(self, marks: Mapping[str, bool]) -> np.ndarray:
        """Who really has the marks, (n_people,)."""
        return self.cells.mask(marks)[self.of] & (self.of >= 0)

    def truth(self, people: np.ndarray) -> float:
        """What is asked of these people: how many they are, or their sum."""
        return float(people.sum() if self.score is None else self.score[people].sum())


class People:
    """Who belongs to which set; people who are alike in every set are one kind."""

    def __init__(self, sets: Mapping[Place, np.ndarray]) -> None:
        self.sets = sets
        kinds, of = np.unique(np.array(list(sets.values())).T, axis=0, return_inverse=True)
        self.n_kinds, self.kind = len(kinds), of.ravel()
        self.rows = dict(zip(sets, kinds.T.astype(float), strict=True))
        self.few = self._few()

    def _few(self) -> np.ndarray:
        """What may be few: one to three kinds, each set, what it leaves of another and shares with it."""
        single = np.eye(self.n_kinds)
        size = np.bincount(self.kind, minlength=self.n_kinds)
        small = single[size <= FEW]
        every = np.unique(np.array(list(self.rows.values())), axis=0)
        pairs = [a + b for a, b in combinations(single, 2)]
        threes = [a + b + c for a, b, c in combinations(small[:MOST_IN_THREES], 3)]
        left = [a - b for a in every for b in every if (a >= b).all()]
        shared = [a * b for a, b in combinations(every, 2)]
        tried = np.unique(np.array([*single, *pairs, *threes, *every, *left, *shared]), axis=0)
        return tried[tried.any(axis=1)]

    def counted(self, people: np.ndarray) -> np.ndarray:
        """How many of these people are of each kind, (n_kinds,)."""
        return np.bincount(self.kind, weights=people, minlength=self.n_kinds)


def solve(topic: Topic, people: People, minimum: int) -> Iterator[Breach]:
    """Everything about fewer people than the minimum that follows: all that can be asked of every set that may be."""
    if not topic.equations:
        return
    rows, values, tolerances = _matrix(topic, people)
    basis = _span(rows).reshape(-1, len(topic.cells.has), people.n_kinds)
    for marks, mask in asked(topic.cells):
        having = topic.people(marks)
        tried = people.few[people.few @ people.counted(having) < minimum]
        inside = np.square(basis[:, mask].sum(axis=1) @ tried.T).sum(axis=0)
        for target in tried[inside > mask.sum() * tried.sum(axis=1) * (1 - IN_SPAN)]:
            value, error = _work_out(np.where(mask[:, None], target, 0.0).ravel(), rows, values, tolerances)
            those = having & (target[people.kind] > 0)
            real = topic.truth(those)
            assert abs(value - real) <= error + NEARLY_EXACT, f"{topic.name}, {marks}: {real} and not {value} ± {error}"
            if _tells(topic, marks, value, error, int(those.sum()), minimum):
                yield Breach(topic.name, _named(marks), int(those.sum()), value)


def _tells(topic: Topic, marks: Mapping[str, bool], value: float, error: float, people: int, minimum: int) -> bool:
    """Whether a number that is known to within ``error`` tells of few people."""
    if topic.score is not None:
        return people > 0 and error / people <= SCORE_TOLERANCE
    # That everybody is the one or the other says of nobody which.
    if people == 0 and len(marks) > 1 and (set(marks) & topic.cells.harmless or not any(marks.values())):
        return False
    return math.floor(value + error + NEARLY_EXACT) < minimum


def _named(marks: Mapping[str, bool]) -> str:
    return ", ".join(mark if has else f"not {mark}" for mark, has in marks.items()) or "all"


def _matrix(topic: Topic, people: People) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients (n_equations, n_cells · n_kinds), values and tolerances; each equation must really hold."""
    rows = np.zeros((len(topic.equations), len(topic.cells.has), people.n_kinds))
    for number, equation in enumerate(topic.equations):
        real = 0.0
        for coefficient, measure in equation.terms:
            rows[number] += coefficient * np.outer(topic.cells.mask(measure.marks), people.rows[measure.place])
            real += coefficient * topic.truth(topic.people(measure.marks) & people.sets[measure.place])
        wrong = abs(real - equation.value) > equation.tolerance + NEARLY_EXACT
        assert not wrong, f"{topic.name}: {equation} is read wrongly, or not true: it is {real}"
    values = np.array([equation.value for equation in topic.equations])
    tolerances = np.array([equation.tolerance for equation in topic.equations])
    return rows.reshape(len(rows), -1), values, tolerances


def _work_out(target: np.ndarray, rows: np.ndarray, values: np.ndarray, tolerances: np.ndarray) -> tuple[float, float]:
    """The value of a combination of equations, and how far it may be off; exact equations are used first."""
    scale = np.maximum(tolerances, NEARLY_EXACT)
    used = np.linalg.lstsq((rows / scale[:, None]).T, target, rcond=1e-12)[0] / scale
    return float(used @ values), float(np.abs(used) @ tolerances)


def _span(rows: np.ndarray) -> np.ndarray:
    """Orthonormal rows that span what ``rows`` do."""
    _, strength, basis = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(basis[strength > 1e-9 * strength[0]])


def cells(marks: Iterable[str], possible: Callable[[Mapping[str, bool]], bool], **how: frozenset[str]) -> Cells:
    """All combinations of marks that are possible."""
    marks = tuple(marks)
    every = product((True, False), repeat=len(marks))
    return Cells(marks, tuple(has for has in every if possible(dict(zip(marks, has, strict=True)))), **how)
