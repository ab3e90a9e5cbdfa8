"""The HTTP API under ``/v1``: one module a resource, all on one blueprint."""

from flask import request

from service.web.api import actions, analyses, info, kpis, purposes, score, trends
from service.web.api.blueprint import blueprint
from service.web.bodies import FORM_TYPE, JSON_TYPE, check_content_type

__all__ = ["actions", "analyses", "blueprint", "info", "kpis", "purposes", "score", "trends"]


@blueprint.before_request
def _check_body_type() -> None:
    if request.method in ("POST", "PUT"):
        takes_files = request.endpoint in ("v1.create_analysis", "v1.add_kpis")
        check_content_type({JSON_TYPE, FORM_TYPE} if takes_files else {JSON_TYPE})
