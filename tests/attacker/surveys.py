"""Random surveys with small groups, overlapping cuts and pulses that somebody joins, and what is published of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from service.core.disclosure import Disclosure
from service.core.measures import Measured
from service.core.publication import publish
from service.core.tables import SIDE
from service.core.themes import FoundTheme
from service.results import Analysis, Counts, Provenance
from tests.simulated import measured_of

CUTS = ("site", "role")
PULSES = (dt.date(2026, 3, 1), dt.date(2026, 9, 1))
KINDS = ("nested", "coarser", "crossed")
THEMES = ("overtime", "pay", "trust", "rota")
PARENTS = {"overtime": "pay"}
"""Whoever speaks of the first speaks of the second."""
RATING = "score"


@dataclass(frozen=True)
class Survey:
    """What really is: for every person their groups, the pulses they wrote in, and what they said in each of them.

    Attributes:
        groups: for each cut the group of every person, None where it is not known.
        pulses: bool, (n_pulses, n_people).
        alignment: (n_people, n_facets), NaN where somebody does not speak to the facet.
        said: bool, (n_people, n_themes).
        suggests: bool, (n_people,), whether what they say is what should change.
        goal: bool, (n_people,), whether it is a goal of theirs.
        rating: (n_people,), NaN where they gave none.
        tone: (n_themes,), how those speak of a theme who speak to no facet.
    """

    groups: Mapping[str, list[str | None]]
    pulses: np.ndarray
    alignment: np.ndarray
    said: np.ndarray
    suggests: np.ndarray
    goal: np.ndarray
    rating: np.ndarray
    tone: np.ndarray

    @property
    def n_people(self) -> int:
        return len(self.alignment)

    def taking_part(self) -> Survey:
        """The same without those who wrote in no pulse."""
        rows = np.flatnonzero(self.pulses.any(axis=0))
        return replace(
            self,
            groups={cut: [of[row] for row in rows] for cut, of in self.groups.items()},
            pulses=self.pulses[:, rows],
            **{name: getattr(self, name)[rows] for name in ("alignment", "said", "suggests", "goal", "rating")},
        )


def random_survey(random: np.random.Generator) -> Survey:
    """A survey of a few to a few dozen people, most of its groups near the minimum."""
    return make_survey(
        [int(size) for size in random.integers(1, 18, random.integers(2, 6))],
        kind=str(random.choice(KINDS)),
        odd_ones=int(random.integers(-2, 4)),
        fresh=float(random.choice([0.0, 0.0, 0.4, 1.0])),
        spoken=float(random.uniform(0.2, 1.0)),
        said=float(random.uniform(0.1, 0.95)),
        apart=float(random.uniform(0.0, 1.0)),
        suggests=float(random.uniform(0.0, 1.0)),
        rated=float(random.choice([0.0, 0.9, 1.0])),
        goals=float(random.choice([0.0, 0.9, 1.0])),
        seed=int(random.integers(2**31)),
    )


def make_survey(
    sizes: list[int],
    *,
    kind: str,
    odd_ones: int,
    spoken: float,
    said: float,
    fresh: float = 0.0,
    apart: float = 0.0,
    suggests: float = 0.0,
    rated: float = 0.0,
    goals: float = 0.0,
    seed: int,
) -> Survey:
    """A survey in two cuts and up to two pulses.

    Args:
        sizes: people in each group of the first cut; the last ones have no group if there are more than two.
        kind: how the second cut lies to the first: ``nested`` (the same but for a few), ``coarser`` or ``crossed``.
        odd_ones: people who move group, and who join or leave between the pulses; negative for one pulse only.
        fresh: share of the people who write in one of two pulses alone, whole groups in the same where it is 1.
        spoken, said: chance that somebody speaks to a facet, and of a theme.
        apart: how far groups and themes are apart, 0…1; the more, the more insights there are.
        suggests, rated, goals: chance that somebody suggests something, gives a rating, and states a goal.
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
    if odd_ones >= 0 and fresh:
        only = np.where(
            random.random(n) < 0.8, np.repeat(random.integers(0, 2, len(sizes)), sizes), random.integers(0, 2, n)
        )
        pulses[1 - only, np.arange(n)] &= random.random(n) >= fresh
    says = random.random((n, len(THEMES))) < said
    for part, whole in PARENTS.items():
        says[:, THEMES.index(part)] &= says[:, THEMES.index(whole)]
    # Who stands on which side: the even groups, those who speak of the last theme, or everybody.
    sides = [np.repeat(np.arange(len(sizes)) % 2 == 0, sizes), says[:, -1], np.full(n, random.random() < 0.5)]
    lean = np.where(np.stack([sides[k] for k in random.integers(0, 3, 2)], axis=1), 1.0, -1.0)
    alignment = np.round((1 - apart) * random.uniform(-1, 1, (n, 2)) + apart * 0.9 * lean, 3)
    alignment[random.random((n, 2)) > spoken] = np.nan
    return Survey(
        groups={"site": first, "role": second},
        pulses=pulses,
        alignment=alignment,
        said=says,
        suggests=random.random(n) < suggests,
        goal=random.random(n) < goals,
        rating=np.where(random.random(n) < rated, random.integers(1, 6, n).astype(float), np.nan),
        tone=random.choice([-0.6, 0.6], len(THEMES)),
    )


def found_themes() -> list[FoundTheme]:
    return [
        FoundTheme(
            theme_id=name,
            name=name.capitalize(),
            kind="emergent" if name in PARENTS else "codebook",
            parent=PARENTS.get(name),
            keyphrases=(f"about {name}",),
            stability=0.9 if name in PARENTS else None,
        )
        for name in THEMES
    ]


def measured(survey: Survey) -> Measured:
    """Each person writes one comment of one unit in each of their pulses."""
    pulse, person = np.nonzero(survey.pulses)
    off = np.isnan(survey.alignment).all(axis=1, keepdims=True)
    return measured_of(
        alignment=survey.alignment[person],
        said=survey.said[person],
        person=person,
        dates=[PULSES[p] for p in pulse],
        groups=survey.groups,
        ratings={RATING: survey.rating},
        suggestion=survey.suggests[person],
        tone=np.where(survey.said & off, survey.tone, np.nan)[person],
        source=["goal" if survey.goal[one] else "survey" for one in person],
    )


def best_theme(survey: Survey, document: Mapping[str, Any]) -> np.ndarray:
    """Column of the theme that the map puts the ideas of each person under, whether it names it or not; −1 for none."""
    shown = {theme["theme_id"] for theme in document["themes"]}
    people = survey.said[survey.pulses.any(axis=0)].sum(axis=0)
    enough = people >= document["provenance"]["thresholds"]["min_verbatim_respondents"]
    said = survey.said & enough & [name in shown for name in THEMES]
    return np.where(said.any(axis=1), said.argmax(axis=1), -1)


def analysis_of(survey: Survey, disclosure: Disclosure) -> Analysis:
    """What the service publishes of a survey, without the comments, which only those see who gave them."""
    what = measured(survey)
    ratings = () if np.isnan(survey.rating).all() else (RATING,)
    made = publish(what, found_themes(), disclosure, seed=0, cuts=CUTS, ratings=ratings)
    n = len(what.comments)
    return Analysis(
        provenance=Provenance(
            package_version="0",
            models={},
            codebook="book",
            codebook_version="1",
            seed=0,
            thresholds={
                "side": SIDE,
                "min_respondents": disclosure.min_respondents,
                "min_verbatim_respondents": disclosure.min_verbatim_respondents,
            },
            local_validity=made.local_validity,
        ),
        purpose=what.purpose,
        counts=Counts(
            received=n,
            used=n,
            duplicate=0,
            no_content=0,
            unsupported_language=0,
            truncated=0,
            suppressed=made.suppressed,
            asked=what.n_respondents,
            respondents=what.n_respondents,
            units=len(what.units),
        ),
        alignment=made.alignment,
        coverage=made.coverage,
        facets=made.facets,
        themes=made.themes,
        cuts=made.cuts,
        drivers=made.drivers,
        trends=made.trends,
        insights=made.insights,
        theme_map=made.theme_map,
    )
