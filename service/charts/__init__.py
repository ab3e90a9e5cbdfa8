"""Analysis → charts: one specification for page, report and notebook.

Every function takes ``width``: ``wide`` (770 pixels) or ``narrow`` (330 pixels, for a telephone). A number that is not
shown is drawn as the words "not shown (protected)", never as zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import dist
from typing import Any

from service.charts.groups import MAX_GROUPS, largest_groups, side
from service.charts.kpis import kpi_chart
from service.charts.rows import Row, bar_chart, interval_chart
from service.charts.style import MARKS, Width, finish
from service.charts.svg import to_svg
from service.charts.theme_map import draw_map, drawn, largest
from service.charts.trends import Panel, trend_panels
from service.results import Analysis, FacetResult, ThemeResult
from service.results.wording import STATES, TOO_FEW_SHORT, in_words, number, respondents, shown_value, with_interval

__all__ = [
    "Width",
    "charts",
    "cut_chart",
    "facet_chart",
    "kpi_chart",
    "map_chart",
    "most_frequent_first",
    "theme_chart",
    "to_svg",
    "trend_chart",
]

MAX_THEMES = 20


def facet_chart(analysis: Analysis, width: Width = "wide") -> Any:
    """Alignment by facet: a dot with its interval around 0, the state in words, and how many speak of it."""
    rows = [_facet_row(facet) for facet in analysis.facets]
    words = "; ".join(
        f"{facet.title}: {STATES[facet.state][0]}, {in_words(facet.alignment)}" for facet in analysis.facets
    )
    chart = interval_chart(rows, width, axis_title=f"{_axis_title(width)} (dot) with 95% interval (bar)")
    return finish(chart, title="Alignment by facet", description=f"Alignment from −100 to +100. {words}.")


def theme_chart(analysis: Analysis, width: Width = "wide") -> Any:
    """How many respondents write about each theme, coloured by their alignment; at most 20 themes.

    Raises:
        ValueError: the analysis has no themes.
    """
    if not analysis.themes:
        raise ValueError("the analysis has no themes to chart")
    themes = sorted(analysis.themes, key=most_frequent_first)[:MAX_THEMES]
    words = "; ".join(
        f"{theme.name}: {in_words(theme.prevalence, 'share')}, alignment {in_words(theme.alignment)}"
        for theme in themes
    )
    chart = bar_chart(
        [_theme_row(theme) for theme in themes],
        width,
        axis_title="Share of respondents (bar) with 95% interval (line)",
        legend_title="Alignment of those who write about it (white, dashed: not shown)",
    )
    return finish(chart, title="Themes by how many write about them", description=f"Share of respondents. {words}.")


def map_chart(analysis: Analysis, width: Width = "wide") -> Any:
    """Ideas as dots, near what is similar to them, with the names of at most 20 themes, those of most ideas.

    Raises:
        ValueError: the analysis has no theme map.
    """
    theme_map = analysis.theme_map
    if not theme_map.points:
        raise ValueError("the analysis has no theme map to chart: too few people wrote")
    chart = draw_map(theme_map, width, _map_notes(analysis, width))
    return finish(chart, title="Map of the themes", description=_map_words(analysis))


def cut_chart(analysis: Analysis, width: Width = "wide") -> Any:
    """Alignment of every group of every cut; the dashed line is everybody. At most 12 groups a cut, the largest.

    Raises:
        ValueError: the analysis has no cuts.
    """
    if not analysis.cuts:
        raise ValueError("the analysis has no cuts to chart")
    rows: list[Row] = []
    words: list[str] = []
    for cut in analysis.cuts:
        groups = largest_groups(cut.groups)
        name = cut.name.replace("_", " ").capitalize()
        rows.append(Row(name if len(groups) == len(cut.groups) else f"{name}: the {MAX_GROUPS} largest groups"))
        for group in groups:
            colour, symbol = side(group.alignment)
            n = group.alignment.n if group.alignment.shown else None
            aside = () if n is None else (with_interval(group.alignment), respondents(n))
            rows.append(Row(group.name, group.alignment, aside=aside, colour=colour, symbol=symbol))
            words.append(f"{cut.name}, {group.name}: {in_words(group.alignment)}")
    overall = shown_value(analysis.alignment)
    everybody = f"; dashed line: everybody, {number(overall)}" if overall is not None else ""
    chart = interval_chart(
        rows, width, axis_title=f"{_axis_title(width)} with 95% interval{everybody}", reference=overall
    )
    return finish(chart, title="Alignment by group", description=f"Alignment from −100 to +100. {'; '.join(words)}.")


def trend_chart(analysis: Analysis, width: Width = "wide") -> Any:
    """Alignment over the pulses, a panel for everybody and one for each facet.

    Raises:
        ValueError: no measure of alignment has two pulses.
    """
    panels = _trend_panels(analysis)
    if not panels:
        raise ValueError("the analysis has no trend to chart: it needs at least two pulses")
    words = "; ".join(
        f"{panel.title}: " + ", ".join(f"{point.pulse} {in_words(point.estimate)}" for point in panel.trend.points)
        for panel in panels
    )
    chart = trend_panels(panels, width)
    return finish(chart, title="Alignment over the pulses", description=f"Alignment from −100 to +100. {words}.")


def charts(analysis: Analysis, width: Width = "wide") -> dict[str, Any]:
    """Every chart the analysis has something for, by name: ``facets``, ``themes``, ``map``, ``cuts``, ``trends``."""
    makers: dict[str, tuple[bool, Callable[[Analysis, Width], Any]]] = {
        "facets": (True, facet_chart),
        "themes": (bool(analysis.themes), theme_chart),
        "map": (bool(analysis.theme_map.points), map_chart),
        "cuts": (bool(analysis.cuts), cut_chart),
        "trends": (bool(_trend_panels(analysis)), trend_chart),
    }
    return {name: make(analysis, width) for name, (present, make) in makers.items() if present}


def _axis_title(width: Width) -> str:
    return "Alignment" if width == "narrow" else "Alignment, −100 contradicted to +100 lived"


def _facet_row(facet: FacetResult) -> Row:
    colour, symbol = MARKS[facet.state]
    aside: list[str] = []
    if facet.alignment.shown:
        aside.append(with_interval(facet.alignment))
    coverage = shown_value(facet.coverage)
    if coverage is not None:
        aside.append(f"{number(coverage, 'share')} speak of it")
    return Row(
        facet.title,
        facet.alignment,
        aside=tuple(aside),
        note=STATES[facet.state][0],
        colour=colour,
        symbol=symbol,
    )


def _theme_row(theme: ThemeResult) -> Row:
    alignment = shown_value(theme.alignment)
    if not theme.prevalence.shown:
        return Row(theme.name, theme.prevalence)
    words = "alignment not shown" if alignment is None else f"alignment {number(alignment)}"
    tint = None if alignment is None else 100 * alignment
    return Row(theme.name, theme.prevalence, aside=(with_interval(theme.prevalence, "share"), words), tint=tint)


def most_frequent_first(theme: ThemeResult) -> tuple[bool, float]:
    """Most frequent first, those that are not shown last."""
    return (not theme.prevalence.shown, -(shown_value(theme.prevalence) or 0.0))


def _map_notes(analysis: Analysis, width: Width) -> list[str]:
    """What the map does not show, in sentences."""
    theme_map = analysis.theme_map
    points, dots = len(theme_map.points), len(drawn(theme_map, width))
    on_map = {label.theme_id for label in theme_map.labels}
    hidden = [theme.name for theme in analysis.themes if theme.theme_id not in on_map]
    unnamed = len(theme_map.labels) - len(largest(theme_map))
    notes = [f"{dots:,} of {points:,} ideas are drawn."] if dots < points else []
    notes += [f"{unnamed} smaller themes have no name here."] if unnamed else []
    return notes + ([f"Other themes are {TOO_FEW_SHORT}: {'; '.join(hidden)}."] if hidden else [])


def _map_words(analysis: Analysis) -> str:
    """The map for people who cannot see it: how many ideas each theme has, and which theme lies next to it."""
    named = largest(analysis.theme_map)
    sizes = Counter(point.theme_id for point in analysis.theme_map.points)
    words = [f"Each dot is one of {len(analysis.theme_map.points):,} ideas; dots that are near say similar things."]
    for label in named:
        others = [other for other in named if other is not label]
        nearest = min(others, key=lambda other: dist((other.x, other.y), (label.x, label.y)), default=None)
        beside = f", next to {nearest.name}" if nearest else ""
        words.append(f"{label.name}: {sizes[label.theme_id]:,} ideas{beside}.")
    return " ".join(words)


def _trend_panels(analysis: Analysis) -> list[Panel]:
    titles = {facet.facet_id: facet.title for facet in analysis.facets}
    return [
        Panel(titles.get(trend.facet_id or "", "Everybody, all facets"), trend)
        for trend in analysis.trends
        if trend.measure == "alignment" and trend.theme_id is None and trend.cut is None and len(trend.points) >= 2
    ]
