"""What goes in and what comes out: frozen dataclasses, importable with the standard library alone.

``to_frame`` and ``from_dict`` import pandas and pydantic when called, not before.
"""

from service.results.actions import Action, ActionOutcome, ActionReport
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
    LocalValidity,
    Provenance,
    Quote,
    StanceChoice,
    ThemeResult,
    ThemeScore,
    Trend,
    TrendPoint,
    UnitResult,
    Validity,
    ValidityFigure,
)
from service.results.codebook import Codebook, Correction, Theme
from service.results.comments import SOURCES, Comment
from service.results.comparison import Comparison, Draft, DraftFacet, UnmentionedTheme
from service.results.kpis import Kpi, KpiGroup, KpiPoint, KpiRelation, KpiReport, PulseAlignment
from service.results.purpose import Facet, Purpose
from service.results.theme_map import MapLabel, MapPoint, ThemeMap
from service.results.trends import Pulse, PulseSource, TrendReport

__all__ = [
    "SOURCES",
    "Action",
    "ActionOutcome",
    "ActionReport",
    "Analysis",
    "Codebook",
    "Comment",
    "CommentResult",
    "Comparison",
    "Correction",
    "Counts",
    "CutResult",
    "Draft",
    "DraftFacet",
    "Driver",
    "Estimate",
    "Facet",
    "FacetResult",
    "FacetScore",
    "GroupResult",
    "GroupTheme",
    "Insight",
    "Kpi",
    "KpiGroup",
    "KpiPoint",
    "KpiRelation",
    "KpiReport",
    "LocalValidity",
    "MapLabel",
    "MapPoint",
    "Provenance",
    "Pulse",
    "PulseAlignment",
    "PulseSource",
    "Purpose",
    "Quote",
    "StanceChoice",
    "Theme",
    "ThemeMap",
    "ThemeResult",
    "ThemeScore",
    "Trend",
    "TrendPoint",
    "TrendReport",
    "UnitResult",
    "UnmentionedTheme",
    "Validity",
    "ValidityFigure",
]
