"""The theme map: idea units as points in two dimensions, with the names of their themes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPoint:
    """An idea unit; ``x`` and ``y`` in −1…1. ``theme_id`` is None where it belongs to no theme that the map names."""

    x: float
    y: float
    theme_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLabel:
    """A theme that the map names, and where its points are densest."""

    theme_id: str
    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeMap:
    """Points that lie near each other say similar things; the axes mean nothing. Empty where too few people wrote.

    A point carries no text, comment, respondent or date, and the points' order says nothing about that of the comments.
    """

    points: tuple[MapPoint, ...] = ()
    labels: tuple[MapLabel, ...] = ()
