"""What goes in and what comes out: frozen dataclasses, importable with the standard library alone.

``to_frame`` and ``from_dict`` import pandas and pydantic when called, not before.
"""

from service.results.analysis import (
    Analysis,
    CommentResult,
    Counts,
    CutResult,
    Driver,
    Estimate,
    FacetResult,
    FacetScore,
    GroupResult,
    GroupTheme,
    Insight,
    Provenance,
    Quote,
    ThemeResult,
    ThemeScore,
    Trend,
    TrendPoint,
    UnitResult,
)
from service.results.codebook import Codebook, Theme
from service.results.comments import SOURCES, Comment
from service.results.purpose import Facet, Purpose

__all__ = [
    "SOURCES",
    "Analysis",
    "Codebook",
    "Comment",
    "CommentResult",
    "Counts",
    "CutResult",
    "Driver",
    "Estimate",
    "Facet",
    "FacetResult",
    "FacetScore",
    "GroupResult",
    "GroupTheme",
    "Insight",
    "Provenance",
    "Purpose",
    "Quote",
    "Theme",
    "ThemeResult",
    "ThemeScore",
    "Trend",
    "TrendPoint",
    "UnitResult",
]
