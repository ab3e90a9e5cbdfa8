"""The page on which the pulses of a purpose stand side by side; it shows what ``GET /v1/trends`` answers."""

from __future__ import annotations

from flask import render_template

from service import report
from service.web import auth
from service.web.following import trend_report
from service.web.pages import blueprint, completed, page


@blueprint.get("/analyses/<analysis_id>/pulses")
@page
def show_pulses(analysis_id: str) -> str:
    """An analysis and all others of its purpose as pulses beside each other."""
    record, _ = completed(analysis_id)
    found = trend_report(auth.signed_in().organisation_id, analysis_id)
    return render_template("pulses.html", analysis=record, results=report.render_pulses(found))
