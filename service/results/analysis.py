"""The result of an analysis, and its two forms: the JSON object of the contract and data frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from service.results.purpose import Purpose
from service.results.theme_map import ThemeMap

if TYPE_CHECKING:
    import pandas as pd

CommentStatus = Literal["scored", "off_purpose", "no_content", "unsupported_language", "duplicate"]
StanceChoice = Literal["fast", "accurate"]
"""Which stance model reads the comments."""
FacetState = Literal["lived", "contradicted", "contested", "silent", "uncertain"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, or the fact that it may not be shown.

    Attributes:
        status: ``ok`` or ``suppressed``.
        value: the point estimate; alignment in −1…1, coverage and prevalence in 0…1. None when suppressed.
        low: lower end of the 95 % bootstrap interval over respondents.
        high: upper end.
        n: respondents behind the number.
        reason: why it is suppressed; a code, the same whatever the hidden number is.
    """

    status: Literal["ok", "suppressed"]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    reason: str | None = None

    @classmethod
    def ok(cls, value: float, low: float, high: float, n: int) -> Estimate:
        return cls("ok", value, low, high, n)

    @classmethod
    def suppressed(cls, reason: str = "too_few_respondents") -> Estimate:
        return cls("suppressed", reason=reason)

    @property
    def shown(self) -> bool:
        return self.status == "ok"

    def to_dict(self) -> dict[str, Any]:
        if self.shown:
            return {"status": "ok", "value": self.value, "low": self.low, "high": self.high, "n": self.n}
        return {"status": "suppressed", "reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A verbatim: redacted, and with the reason why this one is shown."""

    comment_id: str
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidityFigure:
    """How right the stance model was on data that it had not learned from.

    Attributes:
        data: what it was measured on, in words.
        metric: what was counted, in words.
        value, low, high: the figure and its 95 % interval.
        n: texts, pairs or teams it was measured on.
        baseline: the same of ``against``.
        against: the simple method beside it.
    """

    data: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    baseline: float
    against: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """The validity card of the models: figures, and what they do not cover, in sentences."""

    figures: tuple[ValidityFigure, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalValidity:
    """How far alignment goes with a rating of the respondents' own: Spearman's rho over those who have both."""

    rating: str
    correlation: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How the numbers came about, enough to make them again; and how right such numbers were found to be.

    ``local_validity`` is empty when no rating came with the comments: then nothing of their own was there to check the
    numbers against.
    """

    package_version: str
    models: Mapping[str, str]
    codebook: str
    codebook_version: str
    seed: int
    thresholds: Mapping[str, float]
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    validity: Validity = field(default_factory=Validity)
    local_validity: tuple[LocalValidity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many comments came in and what became of them; ``used`` + left out = ``received``.

    ``asked`` counts the respondents of all that came in, ``respondents`` those who wrote something that was used.
    """

    received: int
    used: int
    duplicate: int
    no_content: int
    unsupported_language: int
    truncated: int
    suppressed: int
    asked: int
    respondents: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetResult:
    """One facet. ``supports_share`` and ``contradicts_share`` are shares of the respondents who speak to it."""

    facet_id: str
    title: str
    state: FacetState
    alignment: Estimate
    coverage: Estimate
    supports_share: float | None
    contradicts_share: float | None
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeResult:
    """One theme, from the codebook or emergent (``kind`` is ``codebook`` or ``emergent``); ``new`` when it fits none of
    the themes that were edited after an earlier pulse; ``together`` are ids of themes that the same people speak of.
    """

    theme_id: str
    name: str
    kind: Literal["codebook", "emergent"]
    parent: str | None
    definition: str
    keyphrases: tuple[str, ...]
    prevalence: Estimate
    alignment: Estimate
    effect: Estimate
    stability: float | None
    suggestion_share: float | None
    quotes: tuple[Quote, ...] = ()
    new: bool = False
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTheme:
    theme_id: str
    prevalence: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    name: str
    alignment: Estimate
    coverage: Estimate
    themes: tuple[GroupTheme, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CutResult:
    """A declared group dimension. Groups under the minimum keep their name and lose their numbers."""

    name: str
    groups: tuple[GroupResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """An association of a facet or theme with a rating, over respondents. Not a cause.

    Attributes:
        target: the rating.
        effect: Spearman's rho of the rating with alignment, or with speaking of the theme.
        adjusted_p: of ``effect``, adjusted over all drivers of the analysis (Benjamini–Hochberg).
        held_out: whether it helps to predict the rating of people whom the model was not fitted on, beyond all other
            candidates, in the direction of ``effect``. None where too few have the rating for a model.
        adds: share of the variance of the rating's ranks that it accounts for on such people beyond the others; may
            fall below 0. None without a model, and where another that says nearly the same stands for it.
        together: the same of all candidates of this rating together (held-out R²). None without a model.
    """

    target: str
    effect: Estimate
    adjusted_p: float | None
    theme_id: str | None = None
    facet_id: str | None = None
    held_out: bool | None = None
    adds: float | None = None
    together: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    pulse: str
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A measure over the pulses.

    ``change`` is from the first pulse that is shown to the last, ``since_last`` to the last pulse from the one before
    it. With a facet, theme or group the measure is theirs, with none of these it is of everybody. ``to_last`` is from
    each pulse to the last one, and ``adjusted_p`` is of ``since_last``, adjusted over all trends that stand beside it
    (Benjamini–Hochberg); an analysis has neither.
    """

    measure: Literal["alignment", "coverage", "prevalence"]
    points: tuple[TrendPoint, ...]
    change: Estimate
    since_last: Estimate = field(default_factory=Estimate.suppressed)
    theme_id: str | None = None
    facet_id: str | None = None
    cut: str | None = None
    group: str | None = None
    to_last: tuple[Estimate, ...] = ()
    adjusted_p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """A sentence with its number, its evidence and what may be tried next."""

    insight_id: str
    kind: str
    headline: str
    text: str
    estimate: Estimate
    evidence: tuple[str, ...]
    next_step: str
    score: float
    facet_id: str | None = None
    theme_id: str | None = None
    cut: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetScore:
    """One text beside one facet: relevance 0…1, stance −1…1, alignment = relevance × stance."""

    facet_id: str
    relevance: float
    stance: float
    alignment: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeScore:
    theme_id: str
    name: str
    kind: Literal["codebook", "emergent"]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitResult:
    """An idea unit: ``start`` and ``end`` are character offsets into the comment as it was given; text is redacted."""

    start: int
    end: int
    text: str
    suggestion: bool
    alignment: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentResult:
    """One comment: its redacted text, its scores and themes. ``alignment`` is None unless ``status`` is ``scored``."""

    comment_id: str
    status: CommentStatus
    text: str
    alignment: float | None
    suggestion: bool
    facets: tuple[FacetScore, ...] = ()
    themes: tuple[ThemeScore, ...] = ()
    units: tuple[UnitResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything an analysis found, after disclosure control.

    ``comments`` and ``theme_map`` are empty when there are fewer respondents than verbatims need.
    """

    provenance: Provenance
    purpose: Purpose
    counts: Counts
    alignment: Estimate
    coverage: Estimate
    facets: tuple[FacetResult, ...]
    themes: tuple[ThemeResult, ...]
    cuts: tuple[CutResult, ...]
    drivers: tuple[Driver, ...]
    trends: tuple[Trend, ...]
    insights: tuple[Insight, ...]
    comments: tuple[CommentResult, ...] = ()
    theme_map: ThemeMap = field(default_factory=ThemeMap)

    def to_dict(self, *, comments: bool = False, theme_map: bool = False) -> dict[str, Any]:
        """The ``analysis.json`` object of the contract; if asked also the scored comments and the theme map."""
        asked = {"comments": comments, "theme_map": theme_map}
        names = [item.name for item in dataclasses.fields(self) if asked.get(item.name, True)]
        return {name: plain(getattr(self, name)) for name in names}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Analysis:
        """Read ``to_dict``'s object back; needs pydantic.

        Raises:
            InvalidInput: the object is not an analysis; the first wrong field is named.
        """
        from pydantic import TypeAdapter, ValidationError

        from service.errors import InvalidInput

        try:
            return TypeAdapter(cls).validate_python(nested_points(data))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise InvalidInput(f"not an analysis: {where}: {first['msg']}", where=where) from None

    def to_frame(self, table: str = "comments") -> pd.DataFrame:
        """One of the tables ``comments``, ``facets``, ``themes``, ``groups``, ``insights``, ``trends``, ``map``.

        Needs pandas.

        Raises:
            ValueError: there is no such table; the names are listed.
        """
        from service.results.frames import frame

        return frame(self, table)


def plain(value: Any) -> Any:
    """Dataclasses, tuples and mappings as JSON types; an estimate in its two contract forms; floats to 6 digits."""
    if isinstance(value, Estimate):
        return {key: plain(item) for key, item in value.to_dict().items()}
    if isinstance(value, TrendPoint):
        return {"pulse": value.pulse, **plain(value.estimate)}
    if isinstance(value, float):
        return round(value, 6)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def count_suppressed(value: object) -> int:
    """How many estimates in a result, or in any nest of tuples of results, are suppressed."""
    if isinstance(value, Estimate):
        return 0 if value.shown else 1
    if dataclasses.is_dataclass(value):
        return sum(count_suppressed(getattr(value, item.name)) for item in dataclasses.fields(value))
    if isinstance(value, (tuple, list)):
        return sum(count_suppressed(item) for item in value)
    return 0


def nested_points(data: Mapping[str, Any]) -> dict[str, Any]:
    """The trend points of the contract are flat; the dataclass keeps the estimate in a field of its own."""
    trends = data.get("trends")
    if not isinstance(trends, list):
        return dict(data)
    return {
        **data,
        "trends": [
            {
                **trend,
                "points": [
                    {"pulse": point.get("pulse"), "estimate": {k: v for k, v in point.items() if k != "pulse"}}
                    for point in trend.get("points", [])
                ],
            }
            for trend in trends
        ],
    }
