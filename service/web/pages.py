"""The pages: sign in, list of analyses, one analysis with its results, its comments, a new analysis."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from apiflask import APIBlueprint
from flask import Response, current_app, g, redirect, render_template, request, send_file, url_for
from flask_limiter.util import get_remote_address
from markupsafe import Markup
from pydantic import TypeAdapter, ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from service import report
from service.errors import InvalidInput, NotReady, PlumblineError, Unauthenticated
from service.results import Analysis, CommentResult
from service.results.kpis import KpiReport
from service.results.wording import number
from service.store import AnalysisRecord
from service.web import auth, problems, uploads
from service.web.relating import related_kpis
from service.web.services import services

P = ParamSpec("P")
R = TypeVar("R")

SIGN_IN_RATE = "10 per minute"
PAGE_SIZE = 50
REFRESH_SECONDS = 3
MAX_CACHED = 24
_COMMENTS_AT_ONCE = 2_000
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
_RESULTS = "plumbline_rendered_results"

blueprint = APIBlueprint("pages", __name__, enable_openapi=False)


class RenderedResults:
    """Results as HTML, kept for the analyses that were last looked at, with the themes and the KPIs of that time."""

    def __init__(self, size: int = MAX_CACHED) -> None:
        self._size = size
        self._kept: dict[tuple[str, dt.datetime | None, str, KpiReport, str | None], Markup] = {}
        self._lock = threading.Lock()

    def get(self, record: AnalysisRecord, kpis: KpiReport, decide: str | None, make: Callable[[], Markup]) -> Markup:
        """What ``make`` gave the first time for this version of the analysis, these KPIs and this link."""
        version = record.document["provenance"]["codebook_version"] if record.document else ""
        key = (record.analysis_id, record.finished_at, version, kpis, decide)
        with self._lock:
            rendered = self._kept.pop(key, None) or make()
            self._kept[key] = rendered
            while len(self._kept) > self._size:
                del self._kept[next(iter(self._kept))]
            return rendered


def page(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
    """Send who has not signed in to the sign-in page, and from there back."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R | BaseResponse:
        if auth.current_user() is None:
            back = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("pages.sign_in", next=back))
        return view(*args, **kwargs)

    return checked


@blueprint.record_once
def _prepare(state: Any) -> None:
    state.app.extensions[_RESULTS] = RenderedResults()


@blueprint.get("/")
def home() -> BaseResponse:
    """The list of analyses is where everything begins."""
    return redirect(url_for("pages.list_analyses"))


@blueprint.get("/sign-in")
def sign_in() -> BaseResponse | str:
    """The sign-in form."""
    if auth.current_user() is not None:
        return redirect(_local(request.args.get("next")))
    return render_template("sign_in.html", next=request.args.get("next", ""), email="", error=None)


@blueprint.post("/sign-in")
def begin_session() -> BaseResponse | tuple[str, int]:
    """Begin a session, or say that the address or the password is wrong, and not which."""
    email = request.form.get("email", "")
    with _limiter().limit(SIGN_IN_RATE, key_func=get_remote_address, deduct_when=_was_refused):
        try:
            user = services().repository.authenticate(email, request.form.get("password", ""))
        except Unauthenticated:
            error = "The e-mail address or the password is wrong."
            form = render_template("sign_in.html", next=request.form.get("next", ""), email=email, error=error)
            return form, Unauthenticated.status
    auth.login(user)
    return redirect(_local(request.form.get("next")))


@blueprint.post("/sign-out")
def sign_out() -> BaseResponse:
    """End the session."""
    auth.logout()
    return redirect(url_for("pages.sign_in"))


@blueprint.get("/analyses")
@page
def list_analyses() -> str:
    """The analyses of the organisation, newest first."""
    found = services().repository.list_analyses(
        auth.signed_in().organisation_id, limit=PAGE_SIZE, cursor=request.args.get("cursor")
    )
    return render_template("analyses.html", analyses=found.items, next_cursor=found.next_cursor)


@blueprint.get("/analyses/<analysis_id>")
@page
def show_analysis(analysis_id: str) -> str:
    """One analysis: its results, how far it is, or why it failed."""
    record = _record(analysis_id)
    if record.status != "completed":
        return render_template("progress.html", analysis=record, refresh_seconds=REFRESH_SECONDS)
    return render_template("analysis.html", analysis=record, results=_rendered(record, decide=True))


@blueprint.get("/analyses/<analysis_id>/report")
@page
def download_report(analysis_id: str) -> Response:
    """The report as one HTML file."""
    record = _record(analysis_id)
    html = report.render_file(_rendered(record), title=record.name)
    return send_file(
        io.BytesIO(html.encode()), mimetype="text/html", as_attachment=True, download_name=f"{record.name}.html"
    )


@blueprint.get("/analyses/<analysis_id>/comments")
@page
@auth.require_role("analyst", "researcher")
def list_comments(analysis_id: str) -> str:
    """The scored comments, redacted; not for leaders, who see summaries."""
    record = _record(analysis_id)
    _result(record)
    found = services().repository.list_comments(
        auth.signed_in().organisation_id, analysis_id, limit=PAGE_SIZE, cursor=request.args.get("cursor")
    )
    comments = TypeAdapter(list[CommentResult]).validate_python(found.items)
    return render_template("comments.html", analysis=record, comments=comments, next_cursor=found.next_cursor)


@blueprint.get("/analyses/new")
@page
@auth.require_role("analyst", "researcher")
def new_analysis() -> str:
    """The form for a new analysis."""
    return render_template("new_analysis.html", form={}, error=None, limits=services().settings)


@blueprint.post("/analyses/new")
@page
@auth.require_role("analyst", "researcher")
def create_analysis() -> BaseResponse | tuple[str, int]:
    """Queue an analysis of the uploaded file; what cannot be read is said beside the form, which keeps its words."""
    try:
        analysis_id = uploads.submit_page_form(request.form, request.files.get("file"))
    except (InvalidInput, ValidationError) as error:
        wrong = problems.from_validation(error) if isinstance(error, ValidationError) else error
        return (
            render_template("new_analysis.html", form=request.form, error=wrong, limits=services().settings),
            wrong.status,
        )
    return redirect(url_for("pages.show_analysis", analysis_id=analysis_id))


@blueprint.get("/static/results.css")
def results_stylesheet() -> Response:
    """The stylesheet that the results share with the report."""
    response = Response(report.stylesheet(), content_type="text/css; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    return response


@blueprint.app_template_filter("number")
def number_filter(value: float) -> str:
    """An alignment of −1…1 as −100…+100."""
    return number(value)


@blueprint.app_template_filter("moment")
def moment_filter(value: dt.datetime) -> str:
    """A time as people write it, in UTC."""
    utc = value if value.tzinfo is None else value.astimezone(dt.UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


@blueprint.app_context_processor
def signed_in_user() -> dict[str, Any]:
    """The user, for the head of every page."""
    return {"user": None if request.path.startswith("/v1/") else auth.current_user()}


@blueprint.errorhandler(PlumblineError)
def show_error(error: PlumblineError) -> tuple[str, int]:
    """An error as a page."""
    return render_template("error.html", error=error, request_id=g.get("request_id", "")), error.status


@blueprint.errorhandler(HTTPException)
def show_http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    """Werkzeug's errors as a page; a redirect stays one."""
    if error.code is None or error.code < 400:
        return error
    return show_error(problems.from_http(error))


@blueprint.errorhandler(Exception)
def show_fault(error: Exception) -> tuple[str, int]:
    """A fault of ours as a page; the log has the rest."""
    return show_error(problems.from_fault(error))


@blueprint.app_errorhandler(404)
def show_not_found(error: HTTPException) -> Any:
    """An address that nothing is at: a page for a browser, a problem for a program."""
    if _wants_page():
        return show_http_error(error)
    return problems.problem(problems.from_http(error))


def _wants_page() -> bool:
    """Whether a browser asks, and not for something of the API."""
    best = request.accept_mimetypes.best_match(("application/json", "text/html"), default="application/json")
    return best == "text/html" and not request.path.startswith("/v1/")


def _record(analysis_id: str) -> AnalysisRecord:
    return services().repository.get_analysis(auth.signed_in().organisation_id, analysis_id)


def _result(record: AnalysisRecord) -> Analysis:
    if record.result is None:
        raise NotReady(f"this analysis is {record.status}; it has no results")
    return record.result


def completed(analysis_id: str) -> tuple[AnalysisRecord, Analysis]:
    """An analysis and its results.

    Raises:
        NotReady: it has none yet.
    """
    record = _record(analysis_id)
    return record, _result(record)


def _rendered(record: AnalysisRecord, *, decide: bool = False) -> Markup:
    """The results and the KPIs as they are now as HTML, made the first time they are asked for.

    With ``decide`` each insight links to where it is decided on; a report that is sent around has no such links.
    """
    kept: RenderedResults = current_app.extensions[_RESULTS]
    kpis = related_kpis(auth.signed_in().organisation_id, _result(record))
    actions = url_for("pages.show_actions", analysis_id=record.analysis_id) if decide else None
    return kept.get(
        record, kpis, actions, lambda: report.render_results(_with_evidence(record), kpis=kpis, decide=actions)
    )


def _with_evidence(record: AnalysisRecord) -> Analysis:
    """The result together with the comments that its insights name."""
    analysis = _result(record)
    wanted = {comment_id for insight in analysis.insights for comment_id in insight.evidence}
    repository, organisation_id = services().repository, auth.signed_in().organisation_id
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < len(wanted):
        some = repository.list_comments(organisation_id, record.analysis_id, limit=_COMMENTS_AT_ONCE, cursor=cursor)
        found += [comment for comment in some.items if comment["comment_id"] in wanted]
        cursor = some.next_cursor
        if cursor is None:
            break
    return dataclasses.replace(analysis, comments=tuple(TypeAdapter(list[CommentResult]).validate_python(found)))


def _local(address: str | None) -> str:
    """``address`` when it lies on this site, else the list: a link must not lead from our form to another site."""
    return address if address and _LOCAL.fullmatch(address) else url_for("pages.list_analyses")


def _was_refused(response: BaseResponse) -> bool:
    """Only wrong guesses count, so that a whole office can sign in at nine."""
    return response.status_code == Unauthenticated.status


def _limiter() -> Any:
    """The application's rate limiter."""
    return next(iter(current_app.extensions["limiter"]))
