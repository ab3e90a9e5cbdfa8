"""Analysis → a report in one HTML file, and the same results as a part of a page.

Page and report are made from the same templates (``templates/results``), so they never say different things.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from service.charts import charts, kpi_chart, to_svg
from service.charts.pulses import pulse_charts
from service.charts.style import Width
from service.report.pulses import PulsesView
from service.report.view import KpiView, ResultsView
from service.results import Analysis, TrendReport, wording
from service.results.kpis import KpiRelation, KpiReport, PulseAlignment, value_in_words

__all__ = ["render_file", "render_html", "render_pulses", "render_results", "stylesheet"]

MAX_KPI_CHARTS: Final = 6
"""KPIs of a cut that have a chart; a chart takes half a second, and all have their table."""
_TEMPLATES = Path(__file__).parent / "templates"
_WIDTHS: Final[tuple[Width, ...]] = ("wide", "narrow")


def render_html(analysis: Analysis, *, title: str | None = None, kpis: KpiReport | None = None) -> str:
    """The whole report as one HTML file that needs nothing else: no network, no script, no other file.

    Args:
        analysis: as it is published.
        title: of the report.
        kpis: of the same analysis (``service.core.kpis.relate_kpis``), if they should stand in it.
    """
    return render_file(render_results(analysis, kpis=kpis), title=title)


def render_file(results: Markup, *, title: str | None = None) -> str:
    """The report around what ``render_results`` gave."""
    template = _environment().get_template("report.html")
    css = Markup(stylesheet())  # noqa: S704 our own file, and a quote in it must stay a quote
    return template.render(title=title or "Alignment report", results=results, stylesheet=css)


def render_results(analysis: Analysis, *, kpis: KpiReport | None = None, decide: str | None = None) -> Markup:
    """The results as sections of HTML for a page that has ``stylesheet``; takes a second or two for the charts.

    Args:
        analysis: as it is published.
        kpis: of the same analysis, if they should stand in it.
        decide: address of the page on which an insight is decided on, which every insight then links to.
    """
    template = _environment().get_template("results/all.html")
    kpis = kpis or KpiReport(pulses=(), relations=())
    beside = [
        KpiView(relation, _kpi_svg(relation, kpis.pulses) if place < MAX_KPI_CHARTS else None)
        for place, relation in enumerate(kpis.relations)
    ]
    html = template.render(view=ResultsView(analysis), charts=_svg(analysis), kpis=beside, decide=decide)
    return Markup(html)  # noqa: S704 autoescaped


def render_pulses(report: TrendReport) -> Markup:
    """The pulses of a purpose side by side, as sections of HTML for a page that has ``stylesheet``."""
    drawn: dict[str, dict[str, Markup]] = {}
    for width in _WIDTHS:
        for name, chart in pulse_charts(report, width).items():
            drawn.setdefault(name, {})[width] = _drawn(chart)
    template = _environment().get_template("pulses.html")
    return Markup(template.render(view=PulsesView(report), charts=drawn))  # noqa: S704 autoescaped


@functools.cache
def stylesheet() -> str:
    """The CSS of ``render_results``."""
    return (_TEMPLATES / "results.css").read_text(encoding="utf-8")


def _svg(analysis: Analysis) -> dict[str, dict[str, Markup]]:
    """Each chart by name, in both widths; the stylesheet shows the one that fits."""
    drawn: dict[str, dict[str, Markup]] = {}
    for width in _WIDTHS:
        for name, chart in charts(analysis, width).items():
            drawn.setdefault(name, {})[width] = _drawn(chart)
    return drawn


def _kpi_svg(relation: KpiRelation, pulses: Sequence[PulseAlignment]) -> dict[str, Markup]:
    """The chart of a KPI, in both widths."""
    return {width: _drawn(kpi_chart(relation, pulses, width)) for width in _WIDTHS}


def _drawn(chart: Any) -> Markup:
    return Markup(to_svg(chart))  # noqa: S704 vl-convert escapes text


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["estimate"] = wording.in_words
    environment.filters["short_estimate"] = wording.with_interval
    environment.filters["number"] = wording.number
    environment.filters["kpi_value"] = value_in_words
    environment.filters["respondents"] = wording.respondents
    environment.globals["STATES"] = wording.STATES
    environment.globals["TOO_FEW_SHORT"] = wording.TOO_FEW_SHORT
    environment.globals["max_kpi_charts"] = MAX_KPI_CHARTS
    return environment
