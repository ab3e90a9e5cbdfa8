"""The shapes of answers, as Pydantic models; they are for the OpenAPI description, which a test holds true."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel

from service.results import (
    Correction,
    Counts,
    CutResult,
    Driver,
    Estimate,
    FacetResult,
    FacetScore,
    Insight,
    MapLabel,
    MapPoint,
    Provenance,
    Purpose,
    Theme,
    ThemeResult,
    ThemeScore,
    UnitResult,
    Validity,
)


class FacetOut(BaseModel):
    facet_id: str
    title: str
    text: str
    supports: list[str]
    contradicts: list[str]


class PurposeOut(BaseModel):
    purpose_id: str
    version: int
    statement: str
    facets: list[FacetOut]
    created_at: dt.datetime
    notes: list[str]


class ScoreLine(BaseModel):
    """One text beside the purpose; ``alignment`` is null unless ``status`` is ``scored``."""

    id: str
    status: Literal["scored", "off_purpose", "no_content", "unsupported_language"]
    alignment: float | None
    suggestion: bool
    facets: list[FacetScore]


class ScoreOut(BaseModel):
    results: list[ScoreLine]


class ErrorOut(BaseModel):
    code: str
    detail: str


class AnalysisStatusOut(BaseModel):
    """How far an analysis is: ``done`` of ``total`` items of ``stage``; ``progress`` is their ratio."""

    id: str
    name: str
    status: Literal["queued", "running", "completed", "failed"]
    stage: str | None
    progress: float
    done: int
    total: int
    error: ErrorOut | None
    counts: Counts | None
    created_at: dt.datetime
    finished_at: dt.datetime | None


class TrendPointOut(BaseModel):
    """A pulse and its estimate, side by side."""

    pulse: str
    status: Literal["ok", "suppressed"]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    reason: str | None = None


class TrendOut(BaseModel):
    """A measure over the pulses; ``change`` is from the first to the last, ``since_last`` from the one before."""

    measure: Literal["alignment", "coverage", "prevalence"]
    points: list[TrendPointOut]
    change: Estimate
    since_last: Estimate | None = None
    facet_id: str | None = None
    theme_id: str | None = None
    cut: str | None = None
    group: str | None = None
    to_last: list[Estimate] = []
    adjusted_p: float | None = None


class AnalysisOut(AnalysisStatusOut):
    """An analysis; the fields after ``finished_at`` are there once it is completed."""

    provenance: Provenance | None = None
    purpose: Purpose | None = None
    alignment: Estimate | None = None
    coverage: Estimate | None = None
    facets: list[FacetResult] | None = None
    themes: list[ThemeResult] | None = None
    cuts: list[CutResult] | None = None
    drivers: list[Driver] | None = None
    trends: list[TrendOut] | None = None
    insights: list[Insight] | None = None


class AnalysesOut(BaseModel):
    analyses: list[AnalysisStatusOut]
    next_cursor: str | None


class InsightsOut(BaseModel):
    """``basis`` belongs beside every headline: how many of the respondents wrote, and that they are not everyone."""

    basis: str
    insights: list[Insight]


class FacetResultsOut(BaseModel):
    alignment: Estimate
    coverage: Estimate
    facets: list[FacetResult]


class ThemesOut(BaseModel):
    """``version`` is that of the themes as they are now edited; an edit names it."""

    version: str
    themes: list[ThemeResult]


class CodebookOut(BaseModel):
    """A codebook as in the YAML files, to be given with the next pulse."""

    name: str
    version: str
    themes: list[Theme]
    corrections: list[Correction]


class MapOut(BaseModel):
    """Points within −1…1, near what is similar to them; labels stand where a theme's points are densest."""

    points: list[MapPoint]
    labels: list[MapLabel]


class GroupsOut(BaseModel):
    cuts: list[CutResult]


class CommentOut(BaseModel):
    """A scored comment: redacted, without respondent, date and groups."""

    comment_id: str
    status: Literal["scored", "off_purpose", "no_content", "unsupported_language", "duplicate"]
    text: str
    alignment: float | None
    suggestion: bool
    facets: list[FacetScore]
    themes: list[ThemeScore]
    units: list[UnitResult]


class CommentsOut(BaseModel):
    comments: list[CommentOut]
    next_cursor: str | None


class LimitsOut(BaseModel):
    max_body_mb: int
    max_comments: int
    max_comment_chars: int
    max_score_texts: int
    max_wait_seconds: int
    rate_limit: str


class DisclosureOut(BaseModel):
    min_respondents: int
    min_verbatim_respondents: int


class InfoOut(BaseModel):
    version: str
    languages: list[str]
    limits: LimitsOut
    disclosure: DisclosureOut
    models: dict[str, str]
    validity: Validity


class FieldError(BaseModel):
    path: str
    message: str


class ProblemOut(BaseModel):
    """An RFC 9457 problem; ``code`` is stable, ``errors`` names the fields."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    errors: list[FieldError] | None = None
