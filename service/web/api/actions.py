"""``/v1/actions``: what is done about insights, and what later pulses show of it."""

from __future__ import annotations

from flask import Response, jsonify, url_for

from service.web.api.blueprint import blueprint
from service.web.auth import require_role, signed_in
from service.web.deciding import decide, follow
from service.web.idempotency import idempotent
from service.web.schemas.actions import ActionIn, ActionOut, ActionQuery, ActionsOut, FollowedActionOut
from service.web.services import services


@blueprint.post("/actions")
@blueprint.output(ActionOut, status_code=201)
@require_role()
@blueprint.input(ActionIn)
@idempotent
def add_action(json_data: ActionIn) -> Response:
    """Decide on an insight: what is done, who sees to it, from which day on, and what change is expected.

    Later pulses show before and after on the facet, theme or group that the insight is about.
    """
    action = decide(signed_in().organisation_id, json_data)
    response = jsonify(action.to_dict())
    response.status_code = 201
    response.headers["Location"] = url_for("v1.get_action", action_id=action.action_id)
    return response


@blueprint.get("/actions")
@blueprint.output(ActionsOut)
@require_role()
@blueprint.input(ActionQuery, location="query")
def list_actions(query_data: ActionQuery) -> Response:
    """The actions of the organisation or of one analysis, newest first, each with its outcome as it is now."""
    repository, organisation_id = services().repository, signed_in().organisation_id
    if query_data.analysis_id is not None:
        repository.get_summary(organisation_id, query_data.analysis_id)
    page = repository.list_actions(
        organisation_id, analysis_id=query_data.analysis_id, limit=query_data.limit, cursor=query_data.cursor
    )
    followed = follow(organisation_id, page.items)
    return jsonify(actions=[report.to_dict() for report in followed], next_cursor=page.next_cursor)


@blueprint.get("/actions/<action_id>")
@blueprint.output(FollowedActionOut)
@require_role()
def get_action(action_id: str) -> Response:
    """One action with its outcome as it is now: before, after, the change with its interval, and a verdict."""
    organisation_id = signed_in().organisation_id
    (report,) = follow(organisation_id, [services().repository.get_action(organisation_id, action_id)])
    return jsonify(report.to_dict())


@blueprint.delete("/actions/<action_id>")
@blueprint.output({}, status_code=204)
@require_role()
def delete_action(action_id: str) -> Response:
    """Delete an action; an analysis that is deleted takes its actions along."""
    services().repository.delete_action(signed_in().organisation_id, action_id)
    return Response(status=204)
