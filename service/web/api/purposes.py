"""``/v1/purposes``: statements and the versions of their facets."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for

from service.errors import InvalidField, InvalidPurpose, MissingPurpose
from service.results import Purpose, StanceChoice
from service.results.analysis import plain
from service.store import PurposeRecord
from service.web.api.blueprint import blueprint
from service.web.auth import require_role, signed_in
from service.web.idempotency import idempotent
from service.web.schemas import FacetsIn, PurposeIn, PurposeOut, WithPurpose
from service.web.services import services


@blueprint.post("/purposes")
@blueprint.output(PurposeOut, status_code=201)
@require_role("analyst", "researcher")
@idempotent
@blueprint.input(PurposeIn)
def create_purpose(json_data: PurposeIn) -> Response:
    """Store a purpose; without facets they are split from the statement, to be looked at and changed.

    ``notes`` say what is doubtful about it: facets that repeat each other, anchors on the wrong side.
    """
    purpose = json_data.to_purpose()
    _doubts(purpose)
    record = services().repository.create_purpose(signed_in().organisation_id, purpose)
    response = jsonify(_purpose(record))
    response.status_code = 201
    response.headers["Location"] = url_for("v1.get_purpose", purpose_id=record.purpose_id)
    return response


@blueprint.get("/purposes/<purpose_id>")
@blueprint.output(PurposeOut)
@require_role()
def get_purpose(purpose_id: str) -> Response:
    """A purpose with its newest facets."""
    return jsonify(_purpose(services().repository.get_purpose(signed_in().organisation_id, purpose_id)))


@blueprint.put("/purposes/<purpose_id>/facets")
@blueprint.output(PurposeOut)
@require_role("analyst", "researcher")
@blueprint.input(FacetsIn)
def replace_facets(purpose_id: str, json_data: FacetsIn) -> Response:
    """Replace the facets: a new version; analyses made with earlier ones keep theirs."""
    repository, organisation_id = services().repository, signed_in().organisation_id
    statement = repository.get_purpose(organisation_id, purpose_id).purpose.statement
    purpose = PurposeIn(statement=statement, facets=json_data.facets).to_purpose()
    _doubts(purpose)
    return jsonify(_purpose(repository.replace_facets(organisation_id, purpose_id, purpose.facets)))


def chosen_purpose(request: WithPurpose) -> Purpose:
    """The purpose a request gives inline or by its id.

    Raises:
        MissingPurpose: it gives neither.
        InvalidField: it gives both.
        InvalidPurpose: the inline one is wrong.
        NotFound: this organisation has no purpose of that id.
    """
    if request.purpose is not None and request.purpose_id is not None:
        raise InvalidField("give 'purpose' or 'purpose_id', not both", where="purpose_id")
    if request.purpose_id is not None:
        return services().repository.get_purpose(signed_in().organisation_id, request.purpose_id).purpose
    if request.purpose is None:
        raise MissingPurpose(
            "give the purpose as 'purpose', or the id of a stored one as 'purpose_id'", where="purpose"
        )
    return request.purpose.to_purpose(path="purpose")


def chosen_stance(request: WithPurpose) -> StanceChoice | None:
    """The stance model a request asks for, or None.

    Raises:
        ModelUnavailable: its package is not installed; said now, not when the job comes to it.
    """
    if request.stance is not None:
        from service.core.alignment import check_installed

        check_installed(request.stance)
    return request.stance


def _doubts(purpose: Purpose) -> tuple[str, ...]:
    """What is doubtful about a purpose.

    Raises:
        InvalidPurpose: it cannot be used.
    """
    with services().analyser() as analyser:
        return analyser.check(purpose)


def _purpose(record: PurposeRecord) -> dict[str, Any]:
    try:
        notes = _doubts(record.purpose)
    except InvalidPurpose as error:  # stored before it would have been refused
        notes = (error.detail,)
    return {
        "purpose_id": record.purpose_id,
        "version": record.version,
        "statement": record.purpose.statement,
        "facets": [plain(facet) for facet in record.purpose.facets],
        "created_at": record.created_at.isoformat(),
        "notes": list(notes),
    }
