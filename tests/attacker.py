"""Somebody who reads everything an analysis publishes, knows who is in which group and pulse, and subtracts.

The attacker uses nothing of the service but its results. Every published number is written as an equation: a sum over
the people of a group or pulse, whose terms (who said it, how far they align) are unknown. People whom no equation tells
apart are one unknown. A count or a sum over some people is known to the attacker when it is the same in all solutions.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from service.core.disclosure import Disclosure
from service.core.publication import Publication, publish
from service.core.themes import FoundTheme
from service.results.analysis import plain
from tests.simulated import measured_of

CUTS = ("site", "role")
PULSES = (dt.date(2026, 3, 1), dt.date(2026, 9, 1))
KINDS = ("nested", "coarser", "crossed")
THEMES = ("pay", "trust", "rota")
TABLES = ("alignment", "coverage", "facets", "themes", "cuts", "trends")
TOLERANCE = 1e-4
"""Published numbers have six digits."""


@dataclass(frozen=True)
class Survey:
    """What really is: for every person their groups, the pulses they wrote in, and what they said.

    Attributes:
        groups: for each cut the group of every person, None where it is not known.
        pulses: bool, (n_pulses, n_people).
        alignment: (n_people, n_facets), NaN where somebody does not speak to the facet.
        said: bool, (n_people, n_themes).
    """

    groups: Mapping[str, list[str | None]]
    pulses: np.ndarray
    alignment: np.ndarray
    said: np.ndarray

    @property
    def n_people(self) -> int:
        return len(self.alignment)


@dataclass(frozen=True)
class Breach:
    """What the attacker worked out: of how many people, and in which table."""

    table: str
    people: int
    value: float


def random_survey(random: np.random.Generator) -> Survey:
    """A survey of a few to a few dozen people, most of its groups near the minimum."""
    return make_survey(
        [int(size) for size in random.integers(1, 18, random.integers(2, 6))],
        kind=str(random.choice(KINDS)),
        odd_ones=int(random.integers(-2, 4)),
        spoken=float(random.uniform(0.2, 1.0)),
        said=float(random.uniform(0.1, 0.95)),
        seed=int(random.integers(2**31)),
    )


def make_survey(sizes: list[int], *, kind: str, odd_ones: int, spoken: float, said: float, seed: int) -> Survey:
    """A survey in two cuts and up to two pulses.

    Args:
        sizes: people in each group of the first cut; the last ones have no group if there are more than two.
        kind: how the second cut lies to the first: ``nested`` (the same but for a few), ``coarser`` or ``crossed``.
        odd_ones: people who move group, and who join or leave between the pulses; negative for one pulse only.
        spoken, said: chance that somebody speaks to a facet, and of a theme.
        seed: of everything else.
    """
    random = np.random.default_rng(seed)
    n = sum(sizes)
    first: list[str | None] = [f"site {k}" for k, size in enumerate(sizes) for _ in range(size)]
    if len(sizes) > 2 and random.random() < 0.3:
        first[-sizes[-1] :] = [None] * sizes[-1]
    second: list[str | None] = [None if group is None else group.replace("site", "role") for group in first]
    if kind == "coarser":
        second = ["role 0" if group in ("role 0", "role 1") else group for group in second]
    elif kind == "crossed":
        second = [f"role {k}" for k in random.integers(0, max(len(sizes) - 1, 1), n)]
    for person in random.choice(n, min(abs(odd_ones), n), replace=False):
        second[person] = f"role {random.integers(0, len(sizes))}"
    pulses = np.ones((2, n), dtype=bool) if odd_ones >= 0 else np.array([np.ones(n, bool), np.zeros(n, bool)])
    if odd_ones > 0:
        gone = random.choice(n, min(odd_ones, n), replace=False)
        pulses[random.integers(0, 2), gone] = False
    alignment = np.round(random.uniform(-1, 1, (n, 2)), 3)
    alignment[random.random((n, 2)) > spoken] = np.nan
    return Survey({"site": first, "role": second}, pulses, alignment, random.random((n, len(THEMES))) < said)


def publication_of(survey: Survey, disclosure: Disclosure) -> Publication:
    """What the service publishes of a survey: each person writes one unit in each of their pulses."""
    pulse, person = np.nonzero(survey.pulses)
    found = [FoundTheme(theme_id=name, name=name.capitalize(), kind="codebook") for name in THEMES]
    measured = measured_of(
        alignment=survey.alignment[person],
        said=survey.said[person],
        person=person,
        dates=[PULSES[p] for p in pulse],
        groups=survey.groups,
    )
    return publish(measured, found, disclosure, seed=0, cuts=CUTS, ratings=())


def breaches(survey: Survey, publication: Publication, minimum: int) -> Iterator[Breach]:
    """Every count or sum over fewer people than the minimum that follows from what is published."""
    taking_part = np.flatnonzero(survey.pulses.any(axis=0))
    sets = {("all", ""): np.ones(survey.n_people, bool)}
    sets |= {
        (cut, str(g)): np.array([x == g for x in survey.groups[cut]]) for cut in CUTS for g in set(survey.groups[cut])
    }
    sets |= {("pulse", date.isoformat()): members for date, members in zip(PULSES, survey.pulses, strict=True)}
    sets = {name: members[taking_part] for name, members in sets.items()}
    said = survey.said[taking_part]
    spoken = ~np.isnan(survey.alignment[taking_part])
    overall = np.nansum(survey.alignment[taking_part], axis=1) / np.maximum(spoken.sum(axis=1), 1)
    tables = _equations(plain(_as_dict(publication)))
    truth: dict[str, np.ndarray] = {"people": np.ones(len(taking_part)), "speaking": spoken.any(axis=1).astype(float)}
    truth |= {"alignment": overall}
    truth |= {f"said {name}": said[:, k].astype(float) for k, name in enumerate(THEMES)}
    truth |= {f"did not say {name}": 1.0 - said[:, k] for k, name in enumerate(THEMES)}
    # A sum of scores tells of people only where they have one; who has is the attacker's to know, as the groups are.
    counted = truth | {"alignment": truth["speaking"]}
    for k in range(spoken.shape[1]):
        truth |= {f"speaking to f{k}": spoken[:, k].astype(float)}
        truth |= {f"alignment on f{k}": np.nan_to_num(survey.alignment[taking_part, k])}
        counted |= {table: spoken[:, k].astype(float) for table in (f"speaking to f{k}", f"alignment on f{k}")}
    for table, equations in tables.items():
        yield from _attack(table, equations, sets, truth[table], counted[table], minimum)


def _equations(published: Mapping[str, Any]) -> dict[str, dict[tuple[str, str], float]]:
    """Table → set of people → the sum that is published of it."""
    out: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)

    def mean(place: tuple[str, str], estimate: Mapping[str, Any], facet: str | None = None) -> None:
        if estimate["status"] == "ok":
            out[f"speaking to {facet}" if facet else "speaking"][place] = estimate["n"]
            out[f"alignment on {facet}" if facet else "alignment"][place] = estimate["n"] * estimate["value"]

    def share(place: tuple[str, str], estimate: Mapping[str, Any], theme: str | None) -> None:
        if estimate["status"] == "ok":
            out["people"][place] = estimate["n"]
            having = estimate["n"] * estimate["value"]
            if theme is None:
                out["speaking"][place] = having
            else:
                out[f"said {theme}"][place] = having
                out[f"did not say {theme}"][place] = estimate["n"] - having

    everyone = ("all", "")
    mean(everyone, published["alignment"])
    share(everyone, published["coverage"], None)
    for facet in published["facets"]:
        mean(everyone, facet["alignment"], facet["facet_id"])
    for theme in published["themes"]:
        share(everyone, theme["prevalence"], theme["theme_id"])
    for cut in published["cuts"]:
        for group in cut["groups"]:
            place = (cut["name"], group["name"])
            mean(place, group["alignment"])
            share(place, group["coverage"], None)
            for theme in group["themes"]:
                share(place, theme["prevalence"], theme["theme_id"])
    for trend in published["trends"]:
        for point in trend["points"]:
            place = ("pulse", point["pulse"])
            if trend["theme_id"]:
                share(place, point, trend["theme_id"])
            else:
                mean(place, point, trend["facet_id"])
    return out


def _attack(
    table: str,
    equations: Mapping[tuple[str, str], float],
    sets: Mapping[tuple[str, str], np.ndarray],
    truth: np.ndarray,
    counted: np.ndarray,
    minimum: int,
) -> Iterator[Breach]:
    """Solve one table for every suppressed set, every difference of two sets, and every kind of people and two."""
    known = [place for place in equations if place in sets]
    if not known:
        return
    kinds, kind = np.unique(np.array(list(sets.values())).T, axis=0, return_inverse=True)
    kind, n_kinds = kind.ravel(), len(kinds)
    people, weight = np.bincount(kind, minlength=n_kinds), np.bincount(kind, weights=counted, minlength=n_kinds)

    def row(members: np.ndarray) -> np.ndarray:
        return np.bincount(kind, weights=members, minlength=n_kinds) / people

    rows = np.array([row(sets[place]) for place in known])
    # A row that counts a part of a kind as a whole would be a mistake of this file.
    assert np.isin(rows, (0.0, 1.0)).all()
    values = np.array([equations[place] for place in known])
    single = [np.eye(n_kinds)[k] for k in range(n_kinds)]
    every = [row(members) for members in sets.values()]
    tried = [*single, *(a + b for a, b in combinations(single, 2)), *every]
    tried += [a - b for a in every for b in every if ((a - b) >= 0).all()]
    tried += [a * b for a, b in combinations(every, 2)]
    solution = np.linalg.lstsq(rows, values, rcond=None)[0]
    blind = _null_space(rows)
    seen: set[bytes] = set()
    for target in tried:
        few = target @ weight < minimum and target @ people > 0
        if few and target.tobytes() not in seen and np.abs(blind @ target).max(initial=0.0) < TOLERANCE:
            seen.add(target.tobytes())
            real = float(np.bincount(kind, weights=truth, minlength=n_kinds) @ target)
            worked_out = float(target @ solution)
            if abs(worked_out - real) < 0.01:
                yield Breach(table, int(target @ people), worked_out)


def _null_space(rows: np.ndarray) -> np.ndarray:
    """Orthonormal rows that span what the equations leave open, (n_open, n_kinds)."""
    _, strength, basis = np.linalg.svd(rows, full_matrices=True)
    rank = int((strength > 1e-9 * strength[0]).sum())
    return np.asarray(basis[rank:])


def _as_dict(publication: Publication) -> dict[str, Any]:
    return {name: getattr(publication, name) for name in TABLES}
