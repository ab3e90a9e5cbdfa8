"""``/v1/score``: a few texts, answered at once."""

from __future__ import annotations

from flask import Response, jsonify

from service.results.lines import score_line
from service.web.api.blueprint import blueprint
from service.web.api.purposes import chosen_purpose, chosen_stance
from service.web.auth import require_role
from service.web.schemas import ScoreIn, ScoreOut
from service.web.services import services


@blueprint.post("/score")
@blueprint.output(ScoreOut)
@require_role("analyst", "researcher")
@blueprint.input(ScoreIn)
def score_texts(json_data: ScoreIn) -> Response:
    """Score each text against a purpose, in order. Nothing is stored."""
    purpose = chosen_purpose(json_data)
    comments = json_data.to_comments(services().settings.max_score_texts)
    with services().analyser() as analyser:
        results = analyser.using(chosen_stance(json_data)).score(comments, purpose)
    return jsonify(results=[score_line(result) for result in results])
