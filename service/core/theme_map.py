"""The theme map: which units may be shown as points, under which theme's name, and where that name stands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.core.disclosure import BoolVector, Disclosure
from service.core.measures import Measured
from service.core.themes import FoundTheme
from service.core.themes.layout import positions
from service.results import MapLabel, MapPoint, ThemeMap, ThemeResult

MAX_POINTS = 3_000
FEWEST = 30
"""Points that a theme keeps, if it has them, where there are more units than points."""
DECIMALS = 3
NEAR = 0.1
"""Standard deviation, on the map, of the Gaussian that a theme's densest spot is found with."""
NO_THEME = -1

IntArray = npt.NDArray[np.int64]


def theme_map(
    measured: Measured, found: Sequence[FoundTheme], published: Sequence[ThemeResult], disclosure: Disclosure
) -> ThemeMap:
    """Lay the units out, each under the theme it fits best of those that the map may name.

    A theme is named when it is published and as many respondents stand behind its points as verbatims need, and when no
    few of those who speak of it are under other themes: its points would tell how few. The units of all other themes,
    and of none, are points without a theme. If few people stood behind those, leaving them out would not hide how many
    there are, for the number of all units is known: then the themes of fewest people lose their name as well, until
    enough people stand behind the points without one.

    Args:
        measured: units with their embeddings, themes and respondents.
        found: the themes, in the order of the theme columns.
        published: those that are shown; the points come in their order.
        disclosure: thresholds; with fewer respondents than verbatims need, the map is empty.
    """
    if not disclosure.enough_for_words(measured.n_respondents):
        return ThemeMap()
    theme = _best(measured, found, published, disclosure)
    rows = _sample(theme, [unit.text for unit in measured.units])
    respondent = measured.unit_respondent[rows]
    theme = _named(theme[rows], respondent, disclosure)
    if not disclosure.enough_for_words(_people(respondent[theme == NO_THEME])):
        return ThemeMap()
    placed = positions(measured.embeddings[rows], [measured.units[row].text for row in rows]).astype(np.float64)
    # Adding 0 turns −0 into 0.
    placed = placed.round(DECIMALS) + 0.0
    order = np.lexsort((placed[:, 1], placed[:, 0], np.where(theme == NO_THEME, len(published), theme)))
    placed, theme = placed[order], theme[order]
    return ThemeMap(
        points=tuple(
            MapPoint(x=x, y=y, theme_id=None if one == NO_THEME else published[one].theme_id)
            for (x, y), one in zip(placed.tolist(), theme.tolist(), strict=True)
        ),
        labels=tuple(
            _label(published[one], placed[theme == one]) for one in np.unique(theme).tolist() if one != NO_THEME
        ),
    )


def _best(
    measured: Measured, found: Sequence[FoundTheme], published: Sequence[ThemeResult], disclosure: Disclosure
) -> IntArray:
    """For each unit the theme it fits best of those that enough people speak of, as a position in ``published``.

    Where too few speak of its primary theme that is another theme it has, for instance the theme above.
    """
    position = {theme.theme_id: number for number, theme in enumerate(published)}
    numbers = np.array([position.get(theme.theme_id, NO_THEME) for theme in found])
    nameable = (numbers != NO_THEME) & [disclosure.enough_for_words(int(n)) for n in measured.theme.sum(axis=0)]
    scores = np.where(nameable, measured.unit_theme, 0.0)
    primary = measured.theme_scores.primary
    column = np.where(nameable[primary] & (primary >= 0), primary, scores.argmax(axis=1))
    fits = scores.max(axis=1) > 0
    few = _leaves_a_few(measured, fits, column, disclosure)
    return np.where(fits & ~few[column], numbers[column], NO_THEME)


def _leaves_a_few(measured: Measured, fits: BoolVector, column: IntArray, disclosure: Disclosure) -> BoolVector:
    """Which themes all but a few of those who speak of them are under, (n_themes,).

    Args:
        measured: who speaks of what.
        fits: (n_units,), whether a unit is under any theme.
        column: (n_units,), under which one.
        disclosure: how many are few.
    """
    under = np.zeros(measured.theme.shape, dtype=np.bool_)
    under[measured.unit_respondent[fits], column[fits]] = True
    elsewhere = (measured.theme & ~under).sum(axis=0).tolist()
    return np.array([people > 0 and not disclosure.enough(people) for people in elsewhere], dtype=np.bool_)


def _sample(theme: IntArray, texts: Sequence[str]) -> IntArray:
    """Rows of at most ``MAX_POINTS`` units: every theme's share of them, and ``FEWEST`` first where it has them."""
    if len(texts) <= MAX_POINTS:
        return np.arange(len(texts))
    digests = [hashlib.sha256(text.encode()).digest() for text in texts]
    order = np.array(sorted(range(len(texts)), key=digests.__getitem__))
    turn = np.empty(len(texts))
    for one in np.unique(theme):
        own = theme[order] == one
        count = np.arange(own.sum())
        turn[own] = np.where(count < FEWEST, count / FEWEST - 1, count / len(count))
    return order[np.argsort(turn, kind="stable")[:MAX_POINTS]]


def _named(theme: IntArray, respondent: IntArray, disclosure: Disclosure) -> IntArray:
    """The theme of each point where the map may name it, else ``NO_THEME``."""
    people = {one: _people(respondent[theme == one]) for one in np.unique(theme).tolist()}
    kept = theme.copy()
    for one in sorted(people.keys() - {NO_THEME}, key=lambda one: (people[one], -one)):
        unnamed = _people(respondent[kept == NO_THEME])
        if not (disclosure.enough_for_words(people[one]) and disclosure.enough_for_words(unnamed)):
            kept[theme == one] = NO_THEME
    return kept


def _people(respondent: IntArray) -> int:
    return len(np.unique(respondent))


def _label(theme: ThemeResult, points: npt.NDArray[np.float64]) -> MapLabel:
    """The theme's name at the point that has most of its points near it."""
    from scipy.spatial.distance import cdist

    density = np.exp(cdist(points, points, "sqeuclidean") / (-2 * NEAR**2)).sum(axis=1)
    x, y = points[int(density.argmax())].tolist()
    return MapLabel(theme_id=theme.theme_id, name=theme.name, x=x, y=y)
