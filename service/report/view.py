"""What the templates ask of an analysis beyond its fields: evidence, names, the sentence at the top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from markupsafe import Markup

from service.charts import most_frequent_first
from service.results import Analysis, CutResult, Driver, Estimate, GroupResult, Insight, Quote, ThemeResult, Trend
from service.results.kpis import KpiGroup, KpiPoint, KpiRelation
from service.results.wording import Scale, basis, shown_value

FIRST_INSIGHTS = 12
MAX_EVIDENCE = 3
MAX_EVIDENCE_CHARS = 320
MAX_GROUP_THEMES = 3
MAX_KPIS_BEFORE = 3

_INSIGHT_SCALES: Final[Mapping[str, Scale]] = {
    "facet_silent": "share",
    "facet_gap": "share",
    "facet_without_goal": "share",
    "goals_beside_purpose": "share",
    "theme_common": "share",
    "theme_new": "share",
    "theme_grew": "share",
    "theme_shrank": "share",
    "suggestion": "share",
    "unmentioned_value": "share",
    "unmentioned_concern": "share",
    "driver": "correlation",
    "rating_agreement": "correlation",
}
_INSIGHT_LABELS: Final = {
    "facet_lived": "Lived",
    "facet_contradicted": "Contradicted",
    "facet_contested": "Contested",
    "facet_silent": "Silent",
    "facet_uncertain": "Uncertain",
    "facet_strongest": "Strongest",
    "facet_weakest": "Weakest",
    "facet_change": "Change",
    "alignment_change": "Change",
    "facet_gap": "Wanted and missed",
    "facet_without_goal": "Goals",
    "goals_beside_purpose": "Goals",
    "group_differs": "Group difference",
    "suggestion": "Suggestions",
    "theme_common": "Common theme",
    "theme_new": "New theme",
    "theme_grew": "Change",
    "theme_shrank": "Change",
    "theme_moved": "Change",
    "driver": "Goes with a rating",
    "theme_up": "Goes with higher alignment",
    "theme_down": "Goes with lower alignment",
    "rating_agreement": "Check against a rating",
    "unmentioned_value": "Not in the statement",
    "unmentioned_concern": "Not in the statement",
}
_MEASURES: Final[Mapping[str, Scale]] = {"alignment": "alignment", "coverage": "share", "prevalence": "share"}
_TWO_SIDED: Final = ("facet_contested", "facet_uncertain")
_THRESHOLDS: Final = {
    "min_respondents": "respondents a number needs",
    "min_verbatim_respondents": "respondents a quote or key phrase needs",
}


class ResultsView:
    """One analysis as the templates read it."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self._facets = {facet.facet_id: facet.title for facet in analysis.facets}
        self._themes = {theme.theme_id: theme for theme in analysis.themes}
        self._quotes = {theme.theme_id: theme.quotes for theme in analysis.themes}
        self._quotes |= {facet.facet_id: facet.quotes for facet in analysis.facets}
        self._texts = {comment.comment_id: comment.text for comment in analysis.comments}

    @property
    def themes(self) -> Sequence[ThemeResult]:
        """Most frequent first, those that are not shown last."""
        return sorted(self.analysis.themes, key=most_frequent_first)

    @property
    def verdict(self) -> str:
        """The whole in a sentence that says no more than the interval does."""
        alignment = self.analysis.alignment
        if not alignment.shown or alignment.low is None or alignment.high is None:
            return "Too few people speak to the purpose for an overall number to be shown."
        if alignment.low > 0:
            return "On the whole, what people say supports the purpose more than it contradicts it."
        if alignment.high < 0:
            return "On the whole, what people say contradicts the purpose more than it supports it."
        return "On the whole, what people say neither clearly supports nor clearly contradicts the purpose."

    @property
    def states(self) -> Sequence[tuple[str, list[str]]]:
        """Each facet state that occurs, with the titles of its facets."""
        order = ("lived", "contested", "contradicted", "silent", "uncertain")
        grouped = [(state, [f.title for f in self.analysis.facets if f.state == state]) for state in order]
        return [(state, titles) for state, titles in grouped if titles]

    @property
    def basis(self) -> str:
        """How many of the respondents wrote."""
        return basis(self.analysis.counts.respondents, self.analysis.counts.asked)

    @property
    def thresholds(self) -> Iterable[tuple[str, Any]]:
        thresholds = self.analysis.provenance.thresholds
        return ((_THRESHOLDS.get(name, _plain(name)), value) for name, value in thresholds.items())

    @property
    def settings(self) -> Iterable[tuple[str, Any]]:
        return ((_plain(name), _listed(value)) for name, value in self.analysis.provenance.settings.items())

    @property
    def first_insights(self) -> Sequence[Insight]:
        """Those that stand on the first screen."""
        return self.analysis.insights[:FIRST_INSIGHTS]

    @property
    def further_insights(self) -> Sequence[Insight]:
        return self.analysis.insights[FIRST_INSIGHTS:]

    def scale(self, insight: Insight) -> Scale:
        """The unit of an insight's number."""
        return _INSIGHT_SCALES.get(insight.kind, "alignment")

    def label(self, insight: Insight) -> str:
        """The kind of an insight in words."""
        return _INSIGHT_LABELS.get(insight.kind, _plain(insight.kind).capitalize())

    def evidence(self, insight: Insight) -> list[Quote]:
        """Up to three of the comments behind an insight, as far as the analysis may show them.

        Where people disagree the evidence holds one side and then the other, and both are shown.
        """
        known = {
            quote.comment_id: quote
            for about in (insight.theme_id, insight.facet_id)
            for quote in self._quotes.get(about or "", ())
        }
        found: list[Quote] = []
        for comment_id in insight.evidence:
            if comment_id in known:
                found.append(known[comment_id])
            elif comment_id in self._texts:
                found.append(Quote(comment_id=comment_id, text=_shortened(self._texts[comment_id]), why=""))
        if insight.kind in _TWO_SIDED and len(found) > MAX_EVIDENCE:
            return [*found[: MAX_EVIDENCE - 1], found[-1]]
        return found[:MAX_EVIDENCE]

    def driver_name(self, driver: Driver) -> str:
        if driver.theme_id in self._themes:
            return f"theme “{self._themes[driver.theme_id].name}”"
        return f"facet “{self._facets.get(driver.facet_id or '', driver.facet_id or 'all')}”"

    def held_out(self, driver: Driver) -> str:
        """Whether a driver holds on people whom the model was not fitted on, in words."""
        if driver.held_out is None:
            return "too few to say"
        if driver.adds is None:
            return "no: another says nearly the same"
        return "yes" if driver.held_out else "no"

    @property
    def ratings(self) -> Sequence[tuple[str, Estimate]]:
        """Each rating that has a model, and how much its drivers tell together."""
        told = {driver.target: driver.together for driver in self.analysis.drivers if driver.together is not None}
        return [(target, together) for target, together in told.items() if together.shown]

    def trend_name(self, trend: Trend) -> str:
        if trend.theme_id is not None:
            theme = self._themes.get(trend.theme_id)
            return theme.name if theme else trend.theme_id
        if trend.facet_id is not None:
            return self._facets.get(trend.facet_id, trend.facet_id)
        return "Everybody, all facets"

    def trend_scale(self, trend: Trend) -> Scale:
        return _MEASURES[trend.measure]

    def pulses(self) -> list[str]:
        """All pulses in order."""
        return sorted({point.pulse for trend in self.analysis.trends for point in trend.points})

    def at(self, trend: Trend, pulse: str) -> Estimate | None:
        """The estimate of one pulse, or None where the trend has no such pulse."""
        return next((point.estimate for point in trend.points if point.pulse == pulse), None)

    def cut_name(self, cut: CutResult) -> str:
        return _plain(cut.name).capitalize()

    def group_themes(self, group: GroupResult) -> list[tuple[str, Estimate]]:
        """The themes most of the group's respondents write about, as far as they may be shown."""
        shown = [theme for theme in group.themes if shown_value(theme.prevalence) and theme.theme_id in self._themes]
        shown.sort(key=lambda theme: -(shown_value(theme.prevalence) or 0.0))
        return [(self._themes[theme.theme_id].name, theme.prevalence) for theme in shown[:MAX_GROUP_THEMES]]


@dataclass(frozen=True, slots=True)
class KpiView:
    """One KPI of the groups of a cut as the templates read it; ``chart`` in both widths, or None without one."""

    relation: KpiRelation
    chart: Mapping[str, Markup] | None

    @property
    def name(self) -> str:
        return f"{self.relation.kpi} by {_plain(self.relation.cut)}"

    def before(self, group: KpiGroup) -> Sequence[KpiPoint]:
        """Up to three values before the one that counts."""
        return list(takewhile(lambda point: point.period != group.period, group.history))[-MAX_KPIS_BEFORE:]


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _listed(value: Any) -> Any:
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else value


def _shortened(text: str) -> str:
    """The beginning of a long comment, cut between words."""
    if len(text) <= MAX_EVIDENCE_CHARS:
        return text
    return text[:MAX_EVIDENCE_CHARS].rsplit(" ", 1)[0] + " …"
