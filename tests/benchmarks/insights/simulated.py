"""Whether insights find what was planted in simulated organisations, and claim nothing else; and how fast.

Each organisation has five departments of forty people or more, six facets, four themes and two pulses. In one half, a
department, a pulse and a theme are each moved by one standard deviation of what people say; in the other nothing is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from service.core.disclosure import Disclosure
from service.core.measures import Measured
from service.core.publication import Publication, publish
from service.core.themes import FoundTheme
from service.results import Estimate, Insight
from tests.benchmarks.insights.rows import Row, Took, peak_memory, row
from tests.simulated import measured_of

BENCHMARK = "insights"
ORGANISATIONS = 200
FACETS, THEMES, GROUPS = 6, 4, 5
SMALLEST, LARGEST = 40, 110
SPREAD = 0.3
"""Standard deviation of what people say of a facet; a planted effect is as large."""
SPOKEN, SAID, WROTE = 0.6, 0.3, 0.8
PULSES = (dt.date(2026, 3, 1), dt.date(2026, 9, 1))
CLAIMS = (
    "group_differs",
    "facet_strongest",
    "facet_weakest",
    "facet_change",
    "alignment_change",
    "theme_down",
    "theme_up",
    "theme_new",
    "theme_grew",
    "theme_shrank",
    "theme_moved",
)
LOAD_COMMENTS = 10_000


@dataclass(frozen=True)
class Planted:
    """What was moved in an organisation, by how much; zeros where nothing was.

    Attributes:
        group: (n_groups, n_facets). pulse: (n_facets,), in the second one. theme: (n_themes,), on every facet.
        base: (n_facets,), the mean without any of these.
    """

    group: np.ndarray
    pulse: np.ndarray
    theme: np.ndarray
    base: np.ndarray


@dataclass
class Tally:
    planted: int = 0
    found: int = 0
    claims: int = 0
    false: int = 0
    insights: int = 0
    covered: list[bool] = field(default_factory=list)


def organisation(random: np.random.Generator, *, effects: bool, comments: int = 0) -> tuple[Planted, Measured]:
    """An organisation and what it says; ``comments`` for a larger one, with so many of them."""
    sizes = random.integers(SMALLEST, LARGEST, GROUPS)
    if comments:
        sizes = np.full(GROUPS, int(comments / (len(PULSES) * WROTE)) // GROUPS)
    planted = Planted(
        group=np.zeros((GROUPS, FACETS)),
        pulse=np.zeros(FACETS),
        theme=np.zeros(THEMES),
        base=random.uniform(-0.3, 0.3, FACETS),
    )
    if effects:
        sign = random.choice([-1.0, 1.0], 3) * SPREAD
        of_group, of_pulse = random.choice(FACETS, 2, replace=False)
        planted.group[random.integers(GROUPS), of_group] = sign[0]
        planted.pulse[of_pulse] = sign[1]
        planted.theme[random.integers(THEMES)] = sign[2]
    group = np.repeat(np.arange(GROUPS), sizes)
    person = np.tile(np.arange(len(group)), 2)
    pulse = np.repeat([0, 1], len(group))
    # Not everybody answers both times.
    wrote = random.random(len(person)) < WROTE
    if comments:
        wrote = random.permutation(len(person)) < comments
    person, pulse = person[wrote], pulse[wrote]
    said = random.random((len(person), THEMES)) < SAID
    own = random.normal(0.0, SPREAD / np.sqrt(2), (len(group), FACETS))
    alignment = planted.base + own[person] + random.normal(0.0, SPREAD / np.sqrt(2), (len(person), FACETS))
    alignment += planted.group[group[person]] + np.outer(pulse, planted.pulse) + (said @ planted.theme)[:, None]
    alignment[random.random(alignment.shape) > SPOKEN] = np.nan
    measured = measured_of(
        alignment=alignment,
        said=said,
        person=person,
        dates=[PULSES[p] for p in pulse],
        groups={"department": [f"Department {k}" for k in group]},
    )
    return planted, measured


def published(measured: Measured) -> Publication:
    """What the service says of it."""
    found = [FoundTheme(theme_id=f"t{k}", name=f"Theme {k}", kind="codebook") for k in range(THEMES)]
    return publish(measured, found, Disclosure(), seed=0, cuts=("department",), ratings=())


def truly(planted: Planted, insight: Insight) -> float:
    """The sign of the effect that a claim is about: 0 where there is none."""
    facet = int(insight.facet_id[1:]) if insight.facet_id else None
    if insight.kind == "group_differs":
        assert insight.group is not None
        moved = planted.group[int(insight.group.split()[-1])]
        # Where one department is moved, each of the others stands against a rest that is.
        others = -(planted.group.sum(axis=0) - moved)
        both = moved + others
        return float(np.sign(both.sum() if facet is None else both[facet]))
    if insight.kind in ("facet_strongest", "facet_weakest"):
        whole = planted.base + planted.pulse / 2 + planted.group.mean(axis=0)
        return float(np.sign(whole[facet] - np.delete(whole, facet).mean()))
    if insight.kind == "facet_change":
        return float(np.sign(planted.pulse[facet]))
    if insight.kind in ("alignment_change", "theme_moved"):
        return float(np.sign(planted.pulse.sum()))
    if insight.kind in ("theme_new", "theme_grew", "theme_shrank"):
        return 0.0
    assert insight.theme_id is not None
    theme = int(insight.theme_id[1:])
    return float(np.sign(planted.theme[theme]))


def tally(planted: Planted, published: Publication, into: Tally) -> None:
    claims = [insight for insight in published.insights if insight.kind in CLAIMS]
    signs = [truly(planted, claim) for claim in claims]
    into.insights += len(published.insights)
    into.claims += len(claims)
    into.false += sum(sign != np.sign(claim.estimate.value or 0.0) for sign, claim in zip(signs, claims, strict=True))
    said = {(c.kind, c.facet_id, c.group) for c in claims} | {(c.kind[:5], c.theme_id, None) for c in claims}
    for group, facet in zip(*np.nonzero(planted.group), strict=True):
        into.planted += 1
        into.found += ("group_differs", f"f{facet}", f"Department {group}") in said
    for facet in np.flatnonzero(planted.pulse):
        into.planted += 1
        into.found += ("facet_change", f"f{facet}", None) in said
    for theme in np.flatnonzero(planted.theme):
        into.planted += 1
        into.found += ("theme", f"t{theme}", None) in said
    into.covered += [_holds(truth, estimate) for truth, estimate in _truths(planted, published)]


def _truths(planted: Planted, published: Publication) -> Iterator[tuple[float, Estimate]]:
    """What an estimate is of, where nothing but the base and a pulse enters."""
    for column, trend in enumerate(t for t in published.trends if t.facet_id):
        if not planted.theme.any():
            yield planted.pulse[column], trend.change
    if not planted.theme.any() and not planted.pulse.any():
        for column, facet in enumerate(published.facets):
            if not planted.group[:, column].any():
                yield planted.base[column], facet.alignment
        for cut in published.cuts:
            for group in cut.groups:
                if not planted.group.any():
                    yield float(planted.base.mean()), group.alignment


def _holds(truth: float, estimate: Estimate) -> bool:
    return estimate.low is not None and estimate.high is not None and estimate.low <= truth <= estimate.high


def simulated(organisations: int) -> Iterator[Row]:
    random = np.random.default_rng(0)
    with_effects, without = Tally(), Tally()
    for number in range(organisations):
        into = with_effects if number % 2 else without
        planted, measured = organisation(random, effects=bool(number % 2))
        tally(planted, published(measured), into)
    yield row(
        BENCHMARK, "planted_effects_found", with_effects.found / max(with_effects.planted, 1), "share", 0.9, "at least"
    )
    yield row(
        BENCHMARK, "false_discoveries", with_effects.false / max(with_effects.claims, 1), "share", 0.05, "at most"
    )
    yield row(BENCHMARK, "claims_where_nothing_is", without.false / max(without.insights, 1), "share", 0.05, "at most")
    yield row(BENCHMARK, "intervals_that_cover", float(np.mean(without.covered)), "share", 0.95, "nominal")
    _, measured = organisation(random, effects=True, comments=LOAD_COMMENTS)
    assert len(measured.comments) == LOAD_COMMENTS
    began = Took.now()
    published(measured)
    took = Took.now().since(began)
    yield row(BENCHMARK, "seconds_for_10000_comments", took.wall, "s", 10.0, "at most", cpu=round(took.cpu, 1))
    yield row(BENCHMARK, "peak_memory", peak_memory(), "GB", 1.0, "at most")
