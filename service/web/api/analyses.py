"""``/v1/analyses``: batches in, results out."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request, url_for

from service.errors import InvalidCodebook, InvalidEdit, InvalidField, InvalidRating, NotReady
from service.ingest import check_cut, parse_codebook
from service.results import Codebook, Comment, ThemeMap
from service.results.analysis import plain
from service.results.codebook import FOUND_VERSION
from service.results.edits import ThemeEdit, edit_from
from service.results.wording import basis
from service.store import AnalysisRecord, AnalysisRequest, AnalysisSummary
from service.web.api.blueprint import blueprint
from service.web.api.purposes import chosen_purpose, chosen_stance
from service.web.auth import require_role, signed_in
from service.web.bodies import FORM_TYPE
from service.web.editing import edit_study
from service.web.idempotency import idempotent
from service.web.schemas import (
    AnalysesOut,
    AnalysisIn,
    AnalysisOut,
    AnalysisStatusOut,
    CodebookOut,
    CommentsOut,
    FacetResultsOut,
    FileFormIn,
    GroupsOut,
    InsightsOut,
    MapOut,
    PageQuery,
    ThemeEditsIn,
    ThemesOut,
)
from service.web.services import services
from service.web.uploads import read_upload

MAX_WAIT_SECONDS = 30
_POLL_SECONDS = 0.1
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?=$|[,;\s])", re.IGNORECASE)
_REPEATED = ("cut", "rating", "map")


@blueprint.post("/analyses")
@blueprint.output(AnalysisStatusOut, status_code=202)
@blueprint.doc(responses={201: "Completed or failed within the time of 'Prefer: wait=N'"})
@require_role("analyst", "researcher")
@idempotent
def create_analysis() -> Response:
    """Queue an analysis of the comments in a JSON body or an uploaded file.

    With ``Prefer: wait=N`` the answer waits up to N seconds (30 at most) for it to finish, and is then the analysis.
    """
    asked, comments = _from_file() if request.mimetype == FORM_TYPE else _from_json()
    repository, organisation_id = services().repository, signed_in().organisation_id
    analysis_id, job_id = repository.create_analysis(organisation_id, asked, comments)
    services().send(job_id)
    waited = _wait_for(organisation_id, analysis_id)
    record = repository.get_analysis(organisation_id, analysis_id)
    response = jsonify(_analysis(record))
    response.status_code = 201 if record.finished else 202
    response.headers["Location"] = url_for("v1.get_analysis", analysis_id=analysis_id)
    if waited is not None:
        response.headers["Preference-Applied"] = f"wait={waited}"
    return response


@blueprint.get("/analyses")
@blueprint.output(AnalysesOut)
@require_role()
@blueprint.input(PageQuery, location="query")
def list_analyses(query_data: PageQuery) -> Response:
    """The analyses of the organisation, newest first, without their results."""
    page = services().repository.list_analyses(
        signed_in().organisation_id, limit=query_data.limit, cursor=query_data.cursor
    )
    return jsonify(analyses=[_status(summary) for summary in page.items], next_cursor=page.next_cursor)


@blueprint.get("/analyses/<analysis_id>")
@blueprint.output(AnalysisOut)
@require_role()
def get_analysis(analysis_id: str) -> Response:
    """How far an analysis is and, once completed, everything it found except the scored comments and the theme map."""
    return jsonify(_analysis(services().repository.get_analysis(signed_in().organisation_id, analysis_id)))


@blueprint.delete("/analyses/<analysis_id>")
@blueprint.output({}, status_code=204)
@require_role("analyst", "researcher")
def delete_analysis(analysis_id: str) -> Response:
    """Delete an analysis with all it holds; if it is running, it stops."""
    services().repository.delete_analysis(signed_in().organisation_id, analysis_id)
    return Response(status=204)


@blueprint.get("/analyses/<analysis_id>/insights")
@blueprint.output(InsightsOut)
@require_role()
def get_insights(analysis_id: str) -> Response:
    """The insights, the most important first, and how many of the respondents stand behind them."""
    document = _document(analysis_id)
    counts = document["counts"]
    return jsonify(basis=basis(counts["respondents"], counts["asked"]), insights=document["insights"])


@blueprint.get("/analyses/<analysis_id>/facets")
@blueprint.output(FacetResultsOut)
@require_role()
def get_facets(analysis_id: str) -> Response:
    """Alignment and coverage: of the whole purpose, and of each facet."""
    return _part(analysis_id, "alignment", "coverage", "facets")


@blueprint.get("/analyses/<analysis_id>/themes")
@blueprint.output(ThemesOut)
@require_role()
def get_themes(analysis_id: str) -> Response:
    """The themes, with how many speak of them and how they bear on alignment."""
    return jsonify(_themes(_document(analysis_id)))


@blueprint.post("/analyses/<analysis_id>/theme-edits")
@blueprint.output(ThemesOut)
@require_role("analyst", "researcher")
@blueprint.input(ThemeEditsIn)
@idempotent
def edit_themes(analysis_id: str, json_data: ThemeEditsIn) -> Response:
    """Merge, rename, split, hide, move or correct themes, or take the last edit back; every number follows.

    The answer is the themes in their new version. Another version than the newest is refused with 409, which names it.
    """
    organisation_id = signed_in().organisation_id
    edits = [_edit(edit, place) for place, edit in enumerate(json_data.edits)]
    _document(analysis_id)
    edited = edit_study(organisation_id, analysis_id, json_data.version, edits)
    response = jsonify(_themes(edited.to_dict()))
    response.headers["Location"] = url_for("v1.get_analysis", analysis_id=analysis_id)
    return response


@blueprint.get("/analyses/<analysis_id>/codebook")
@blueprint.output(CodebookOut)
@require_role("analyst", "researcher")
def get_codebook(analysis_id: str) -> Response:
    """The themes as they are now edited, as a codebook; a pulse that it is given with is assigned to them first."""
    _document(analysis_id)
    record = services().repository.load_study(signed_in().organisation_id, analysis_id)
    with services().analyser() as analyser:
        return jsonify(plain(analyser.unpack(record.study, record.analysis).codebook))


@blueprint.get("/analyses/<analysis_id>/map")
@blueprint.output(MapOut)
@require_role()
def get_map(analysis_id: str) -> Response:
    """The theme map: a point for each idea, near what is similar to it, and where each theme's name stands.

    Points carry no words and no comment. There are none when fewer people wrote than verbatims need.
    """
    # Analyses made before there was a map have none.
    return jsonify(_document(analysis_id).get("theme_map") or plain(ThemeMap()))


@blueprint.get("/analyses/<analysis_id>/groups")
@blueprint.output(GroupsOut)
@require_role()
def get_groups(analysis_id: str) -> Response:
    """The groups of each cut; groups that are too small keep their name and lose their numbers."""
    return _part(analysis_id, "cuts")


@blueprint.get("/analyses/<analysis_id>/comments")
@blueprint.output(CommentsOut)
@require_role("analyst", "researcher")
@blueprint.input(PageQuery, location="query")
def list_comments(analysis_id: str, query_data: PageQuery) -> Response:
    """The scored comments: redacted, without respondent, date and groups."""
    repository, organisation_id = services().repository, signed_in().organisation_id
    check_ready(repository.get_summary(organisation_id, analysis_id))
    page = repository.list_comments(organisation_id, analysis_id, limit=query_data.limit, cursor=query_data.cursor)
    return jsonify(comments=list(page.items), next_cursor=page.next_cursor)


def _from_json() -> tuple[AnalysisRequest, list[Comment]]:
    body = AnalysisIn.model_validate(request.get_json())
    asked = AnalysisRequest(
        name=body.name or _default_name(),
        purpose=chosen_purpose(body),
        purpose_id=body.purpose_id,
        codebook=_codebook(body.codebook) if body.codebook is not None else None,
        cuts=tuple(dict.fromkeys(body.cuts)),
        ratings=tuple(dict.fromkeys(body.ratings)),
        stance=chosen_stance(body),
    )
    comments = body.to_comments(services().settings.max_comments)
    for place, cut in enumerate(body.cuts):
        check_cut(comments, cut, where=f"cuts[{place}]")
    for place, rating in enumerate(body.ratings):
        if not any(rating in comment.ratings for comment in body.comments):
            raise InvalidRating(
                f"no comment has a rating {rating!r}; name a key of the comments' 'ratings'", where=f"ratings[{place}]"
            )
    return asked, comments


def _from_file() -> tuple[AnalysisRequest, list[Comment]]:
    file = request.files.get("file")
    if file is None:
        raise InvalidField("send the comments as a file in the form field 'file'", where="file")
    fields: dict[str, Any] = {
        name: values if name in _REPEATED else values[-1] for name, values in request.form.lists()
    }
    form = FileFormIn.model_validate(fields)
    return read_upload(form, file, name=file.filename or _default_name())


def _codebook(given: dict[str, Any]) -> Codebook:
    try:
        return parse_codebook(given)
    except InvalidCodebook as error:
        raise InvalidCodebook(error.detail, where=".".join(filter(None, ("codebook", error.where)))) from None


def _default_name() -> str:
    return time.strftime("Analysis of %Y-%m-%d %H:%M UTC", time.gmtime())


def _wait_for(organisation_id: str, analysis_id: str) -> int | None:
    """Wait as long as the request prefers; returns the seconds it may have waited, or None when none were asked for."""
    asked = _WAIT.search(request.headers.get("Prefer", ""))
    if asked is None:
        return None
    seconds = min(int(asked[1]), MAX_WAIT_SECONDS)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if services().repository.get_summary(organisation_id, analysis_id).finished:
            break
        time.sleep(_POLL_SECONDS)
    return seconds


def _part(analysis_id: str, *names: str) -> Response:
    document = _document(analysis_id)
    return jsonify({name: document[name] for name in names})


def _themes(document: Mapping[str, Any]) -> dict[str, Any]:
    version = document["provenance"]["codebook_version"] or FOUND_VERSION
    return {"version": version, "themes": document["themes"]}


def _edit(document: Mapping[str, Any], place: int) -> ThemeEdit:
    try:
        return edit_from(document)
    except InvalidEdit as error:
        raise InvalidEdit(error.detail, where=f"edits[{place}].{error.where}") from None


def _document(analysis_id: str) -> Mapping[str, Any]:
    record = services().repository.get_analysis(signed_in().organisation_id, analysis_id)
    check_ready(record)
    assert record.document is not None
    return record.document


def check_ready(summary: AnalysisSummary) -> None:
    """Refuse what needs results.

    Raises:
        NotReady: the analysis has none yet, or failed.
    """
    if summary.status == "failed":
        raise NotReady(f"the analysis failed and has no results: {summary.error_detail}")
    if summary.status != "completed":
        raise NotReady(f"the analysis is {summary.status}; ask again when its status is 'completed'")


def _status(summary: AnalysisSummary) -> dict[str, Any]:
    return {
        "id": summary.analysis_id,
        "name": summary.name,
        "status": summary.status,
        "stage": summary.stage,
        "progress": round(summary.progress, 4),
        "done": summary.done,
        "total": summary.total,
        "error": {"code": summary.error_code, "detail": summary.error_detail} if summary.error_code else None,
        "counts": summary.counts,
        "created_at": summary.created_at.isoformat(),
        "finished_at": summary.finished_at.isoformat() if summary.finished_at else None,
    }


def _analysis(record: AnalysisRecord) -> dict[str, Any]:
    document = {name: part for name, part in (record.document or {}).items() if name != "theme_map"}
    return {**_status(record), **document}
