"""``/v1/trends``: the pulses of one purpose side by side."""

from __future__ import annotations

from flask import Response, jsonify

from service.web import following
from service.web.api.blueprint import blueprint
from service.web.auth import require_role, signed_in
from service.web.schemas import TrendQuery, TrendReportOut


@blueprint.get("/trends")
@blueprint.output(TrendReportOut)
@require_role()
@blueprint.input(TrendQuery, location="query")
def get_trends(query_data: TrendQuery) -> Response:
    """Alignment by facet, theme and group from pulse to pulse, with what changed, on the same models and themes.

    Pulses of different statements are refused. The first answer after an analysis or an edit of themes takes up to a
    minute for ten thousand comments, and longer where they are scored again; it is then kept.
    """
    organisation_id = signed_in().organisation_id
    if query_data.purpose_id is not None:
        report = following.purpose_trends(organisation_id, query_data.purpose_id)
    elif len(query_data.analysis_id) == 1:
        report = following.trend_report(organisation_id, query_data.analysis_id[0])
    else:
        report = following.chosen_trends(organisation_id, query_data.analysis_id)
    return jsonify(report.to_dict())
