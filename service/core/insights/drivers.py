"""Insights about drivers: which facets and themes go with a rating, as far as it holds on held-out people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from service.core.insights.sources import EVIDENCE, SIGNIFICANT, Found, Sources, score, value_of
from service.results import Driver
from service.results.wording import interval, number, respondents

NOTABLE_CORRELATION = 0.15
MAX_A_RATING = 3


def drivers(sources: Sources, found: Sequence[Driver]) -> Iterable[Found]:
    """Notable drivers that help to predict the rating of people whom the model was not fitted on, three a rating."""
    for target in dict.fromkeys(driver.target for driver in found):
        clear = [driver for driver in found if driver.target == target and _clear(sources, driver)]
        said = [_driver(sources, driver) for driver in clear]
        yield from sorted(said, key=lambda item: (-item.score, item.headline))[:MAX_A_RATING]


def _clear(sources: Sources, driver: Driver) -> bool:
    return (
        bool(driver.held_out)
        and driver.adjusted_p is not None
        and driver.adjusted_p < SIGNIFICANT
        and abs(value_of(driver.effect)) >= NOTABLE_CORRELATION
        and (driver.theme_id is None or driver.theme_id in sources.shown)
    )


def _driver(sources: Sources, driver: Driver) -> Found:
    effect = driver.effect
    who, people, evidence = _of_theme(sources, driver) if driver.theme_id else _of_facet(sources, driver)
    says = f"{who} give {'higher' if value_of(effect) > 0 else 'lower'} values of “{driver.target}”"
    return Found(
        kind="driver",
        headline=says,
        text=f"{says}: rank correlation {number(value_of(effect), 'correlation')} ({interval(effect, 'correlation')}, "
        f"{respondents(effect.n or 0)}). It also helps to predict “{driver.target}” of people whom the model did not "
        "know, beyond all other facets and themes. An association, not a cause.",
        estimate=effect,
        score=score(people / max(sources.measured.n_respondents, 1), 1 - (driver.adjusted_p or 0.0), value_of(effect)),
        evidence=evidence,
        facet_id=driver.facet_id,
        theme_id=driver.theme_id,
    )


def _of_theme(sources: Sources, driver: Driver) -> tuple[str, int, tuple[str, ...]]:
    """Who it is about, how many, and comments on the theme."""
    assert driver.theme_id is not None
    column = sources.column[driver.theme_id]
    people = sources.people(column)
    strength = sources.measured.unit_theme[:, column].astype(np.float64)
    name = sources.tables.found[column].name
    return f"People who speak of “{name}”", people, sources.evidence(strength, EVIDENCE, people)


def _of_facet(sources: Sources, driver: Driver) -> tuple[str, int, tuple[str, ...]]:
    """The same of a facet; the comments are chosen by what they say, never by what their writers rate."""
    column, facet = next((c, f) for c, f in enumerate(sources.facets) if f.facet_id == driver.facet_id)
    people = driver.effect.n or 0
    alignment = np.nan_to_num(sources.measured.unit_alignment[:, column])
    half = EVIDENCE // 2
    lived = sources.evidence(alignment, EVIDENCE - half, people)
    return f"People who see “{facet.title}” lived", people, lived + sources.evidence(-alignment, half, people)
