"""The tables of an analysis as data frames, for notebooks and exports; needs pandas."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from service.results.analysis import (
    Analysis,
    CommentResult,
    FacetResult,
    GroupResult,
    Insight,
    ThemeResult,
    Trend,
    plain,
)
from service.results.theme_map import MapPoint

if TYPE_CHECKING:
    import pandas as pd


def frame(analysis: Analysis, table: str) -> pd.DataFrame:
    """One table of an analysis, as ``Analysis.to_frame`` names them.

    Raises:
        ValueError: there is no such table; the names are listed.
    """
    import pandas as pd

    makers: dict[str, Callable[[Analysis], Iterable[dict[str, Any]]]] = {
        "comments": _comment_rows,
        "facets": lambda analysis: (_flat(plain(facet)) for facet in analysis.facets),
        "themes": lambda analysis: (_flat(plain(theme)) for theme in analysis.themes),
        "groups": _group_rows,
        "insights": lambda analysis: (_flat(plain(insight)) for insight in analysis.insights),
        "trends": _trend_rows,
        "map": lambda analysis: (plain(point) for point in analysis.theme_map.points),
    }
    if table not in makers:
        raise ValueError(f"no table {table!r}; there are {', '.join(makers)}")
    rows = list(makers[table](analysis))
    # A table without rows keeps its header, so that whoever reads the file sees what would stand in it.
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=_columns(table))


def _columns(table: str) -> list[str]:
    rows = {
        "comments": CommentResult,
        "facets": FacetResult,
        "themes": ThemeResult,
        "groups": GroupResult,
        "insights": Insight,
        "trends": Trend,
        "map": MapPoint,
    }
    return [item.name for item in dataclasses.fields(rows[table])]


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat.update({f"{key}_{name}" if name != "value" else key: item for name, item in value.items()})
        elif not isinstance(value, list) or all(isinstance(item, str) for item in value):
            flat[key] = value
    return flat


def _comment_rows(analysis: Analysis) -> Iterable[dict[str, Any]]:
    for comment in analysis.comments:
        yield {
            "comment_id": comment.comment_id,
            "status": comment.status,
            "text": comment.text,
            "alignment": comment.alignment,
            "suggestion": comment.suggestion,
            "themes": "; ".join(theme.name for theme in comment.themes),
            **{f"alignment_{score.facet_id}": score.alignment for score in comment.facets},
        }


def _group_rows(analysis: Analysis) -> Iterable[dict[str, Any]]:
    for cut in analysis.cuts:
        for group in cut.groups:
            yield {"cut": cut.name, **_flat(plain(group))}


def _trend_rows(analysis: Analysis) -> Iterable[dict[str, Any]]:
    for trend in analysis.trends:
        for point in trend.points:
            yield {
                "measure": trend.measure,
                "facet_id": trend.facet_id,
                "theme_id": trend.theme_id,
                "pulse": point.pulse,
                **_flat({"estimate": plain(point.estimate)}),
            }
