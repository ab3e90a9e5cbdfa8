"""Whose words and points an analysis shows: how many people really stand behind them, and that these are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tests.attacker.surveys import THEMES, Survey, best_theme

SIDES = {"among the clearest that say it is so": 1, "among the clearest that say it is not so": -1}
SUGGESTION = "A suggestion"


def behind_words(survey: Survey, document: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray, list[str]]]:
    """Everything that is somebody's words, with who says such a thing, (n_people,), and the comments it is taken from.

    Of keyphrases and points of the map, which name no comment, the list is empty.
    """
    for theme in document["themes"]:
        says = survey.said[:, THEMES.index(theme["theme_id"])]
        if theme["keyphrases"] or theme["together"]:
            yield f"keyphrases of {theme['theme_id']}", says, []
        for quote in theme["quotes"]:
            who = says & survey.suggests if quote["why"].startswith(SUGGESTION) else says
            yield f"quote of {theme['theme_id']}", who, [quote["comment_id"]]
    for facet in document["facets"]:
        for quote in facet["quotes"]:
            side = SIDES[quote["why"]] * _on(survey, facet["facet_id"]) > 0
            yield f"quote of {facet['facet_id']}", side, [quote["comment_id"]]
    for insight in document["insights"]:
        sides = _behind(survey, insight) if insight["evidence"] else []
        for who in sides:
            theirs = [one for one in insight["evidence"] if who[author(survey, one)]]
            if theirs or len(sides) == 1:
                yield insight["headline"], who, theirs if len(sides) > 1 else insight["evidence"]
    yield from _on_map(survey, document)


def author(survey: Survey, comment_id: str) -> int:
    """Who wrote a comment."""
    return int(np.nonzero(survey.pulses)[1][int(comment_id.removeprefix("c"))])


def _behind(survey: Survey, insight: Mapping[str, Any]) -> list[np.ndarray]:
    """Who says what an insight says; both sides where people are of two minds."""
    kind, value = insight["kind"], insight["estimate"].get("value") or 0.0
    now = survey.pulses[-1] if survey.pulses[-1].any() else survey.pulses[0]
    about = _on(survey, insight["facet_id"])
    says = survey.said[:, THEMES.index(insight["theme_id"])] if insight["theme_id"] else np.ones(survey.n_people, bool)
    if kind in ("facet_contested", "facet_uncertain") or (kind == "driver" and insight["facet_id"]):
        return [about > 0, about < 0]
    if kind in ("facet_lived", "facet_strongest", "facet_contradicted", "facet_weakest"):
        return [about > 0 if kind in ("facet_lived", "facet_strongest") else about < 0]
    if kind == "group_differs":
        return [np.array([str(own) == insight["group"] for own in survey.groups[insight["cut"]]]) & (value * about > 0)]
    if kind in ("facet_change", "alignment_change", "theme_moved"):
        return [says & now & (value * about > 0)]
    if kind in ("theme_grew", "theme_shrank", "theme_new"):
        return [says & now]
    if kind == "facet_gap":
        return [now & survey.suggests & (about < 0)]
    if kind.startswith("unmentioned"):
        return [says & np.isnan(survey.alignment).all(axis=1)]
    if kind == "goals_beside_purpose":
        return [survey.goal & ~(np.nan_to_num(survey.alignment) >= 0.15).any(axis=1)]
    own = {
        "suggestion": survey.suggests,
        "theme_up": about > 0,
        "theme_down": about < 0,
        "theme_common": says,
        "driver": says,
    }
    return [says & own[kind]]


def _on(survey: Survey, facet: str | None) -> np.ndarray:
    """Everybody's alignment on a facet, or where it is strongest; 0 for who has none."""
    alignment = np.nan_to_num(survey.alignment)
    if facet is not None:
        return alignment[:, int(facet.removeprefix("f"))]
    return alignment[np.arange(survey.n_people), np.abs(alignment).argmax(axis=1)]


def _on_map(survey: Survey, document: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray, list[str]]]:
    """Who is behind the points of each name, and behind those without one."""
    points = [point["theme_id"] for point in document["theme_map"]["points"]]
    if not points:
        return
    names = {name for name in points if name is not None}
    assert {label["theme_id"] for label in document["theme_map"]["labels"]} == names
    best, took_part = best_theme(survey, document), survey.pulses.any(axis=0)
    for name in names:
        yield f"points of {name}", took_part & (best == THEMES.index(name)), []
    unnamed = ~np.isin(best, [THEMES.index(name) for name in names])
    yield "points without a name", took_part & unnamed, []
