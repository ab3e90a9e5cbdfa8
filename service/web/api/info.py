"""``/v1/info``: limits, and the models that answer."""

from __future__ import annotations

from flask import Response, jsonify

from service.results.analysis import plain
from service.version import VERSION
from service.web.api.analyses import MAX_WAIT_SECONDS
from service.web.api.blueprint import blueprint
from service.web.auth import require_role
from service.web.schemas import InfoOut
from service.web.services import services


@blueprint.get("/info")
@blueprint.output(InfoOut)
@require_role()
def get_info() -> Response:
    """Version, languages, limits, disclosure minimums, model ids and their validity card."""
    settings = services().settings
    with services().analyser() as analyser:
        models, validity = analyser.loaded.identities(), plain(analyser.loaded.validity)
    return jsonify(
        version=VERSION,
        languages=list(settings.languages),
        limits={
            "max_body_mb": settings.max_body_mb,
            "max_comments": settings.max_comments,
            "max_comment_chars": settings.max_comment_chars,
            "max_score_texts": settings.max_score_texts,
            "max_wait_seconds": MAX_WAIT_SECONDS,
            "rate_limit": settings.rate_limit,
        },
        disclosure={
            "min_respondents": settings.min_respondents,
            "min_verbatim_respondents": settings.min_verbatim_respondents,
        },
        models=models,
        validity=validity,
    )
