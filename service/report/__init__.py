"""Analysis → a report in one HTML file, and the same results as a part of a page.

Page and report are made from the same templates (``templates/results``), so they never say different things.
"""

from __future__ import annotations

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from service.charts import charts, to_svg
from service.report.view import ResultsView
from service.results import Analysis, wording

__all__ = ["render_file", "render_html", "render_results", "stylesheet"]

_TEMPLATES = Path(__file__).parent / "templates"


def render_html(analysis: Analysis, *, title: str | None = None) -> str:
    """The whole report as one HTML file that needs nothing else: no network, no script, no other file."""
    return render_file(render_results(analysis), title=title)


def render_file(results: Markup, *, title: str | None = None) -> str:
    """The report around what ``render_results`` gave."""
    template = _environment().get_template("report.html")
    css = Markup(stylesheet())  # noqa: S704 our own file, and a quote in it must stay a quote
    return template.render(title=title or "Alignment report", results=results, stylesheet=css)


def render_results(analysis: Analysis) -> Markup:
    """The results as sections of HTML for a page that has ``stylesheet``; takes a second or two for the charts."""
    template = _environment().get_template("results/all.html")
    return Markup(template.render(view=ResultsView(analysis), charts=_svg(analysis)))  # noqa: S704 autoescaped


@functools.cache
def stylesheet() -> str:
    """The CSS of ``render_results``."""
    return (_TEMPLATES / "results.css").read_text(encoding="utf-8")


def _svg(analysis: Analysis) -> dict[str, dict[str, Markup]]:
    """Each chart by name, in both widths; the stylesheet shows the one that fits."""
    drawn: dict[str, dict[str, Markup]] = {}
    for width in ("wide", "narrow"):
        for name, chart in charts(analysis, width).items():
            drawn.setdefault(name, {})[width] = Markup(to_svg(chart))  # noqa: S704 vl-convert escapes text
    return drawn


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
    environment.filters["respondents"] = wording.respondents
    environment.globals["STATES"] = wording.STATES
    return environment
