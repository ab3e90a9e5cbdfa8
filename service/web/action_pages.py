"""The page on which an insight is decided on, and what was decided is followed; the same as ``/v1/actions``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from service.errors import InvalidInput, NotFound
from service.results import Action, ActionOutcome, Analysis, TrendPoint
from service.results.actions import expected_in_words, followed_in_words, measure_of, points, verdict_in_words
from service.results.wording import Scale, interval, not_shown_short, number, with_interval
from service.web import auth, problems
from service.web.deciding import decide, follow
from service.web.pages import PAGE_SIZE, blueprint, completed, page
from service.web.schemas.actions import MAX_DESCRIPTION_CHARS, MAX_NAME_CHARS, ActionIn, today
from service.web.services import services

_FIELDS = ("insight_id", "description", "owner", "date", "expected_change")


@dataclass(frozen=True, slots=True)
class _Shown:
    """An action in words."""

    action: Action
    outcome: ActionOutcome
    followed: str
    expected: str
    verdict: str
    before: str | None
    after: str | None
    change: str | None
    note: str | None


@blueprint.get("/analyses/<analysis_id>/actions")
@page
def show_actions(analysis_id: str) -> str:
    """The actions of an analysis, and the form for another; ``?insight=`` chooses the insight in it."""
    return _page(analysis_id, {"insight_id": request.args.get("insight", ""), "date": today().isoformat()}, {})


@blueprint.post("/analyses/<analysis_id>/actions")
@page
def add_action(analysis_id: str) -> BaseResponse | tuple[str, int]:
    """Keep an action; what is wrong is said beside the form, which keeps its words."""
    form = {field: request.form.get(field, "") for field in _FIELDS}
    try:
        version = request.form.get("version") or None
        given = ActionIn.model_validate({**form, "analysis_id": analysis_id, "version": version})
        action = decide(auth.signed_in().organisation_id, given)
    except (InvalidInput, ValidationError) as error:
        wrong = problems.from_validation(error) if isinstance(error, ValidationError) else error
        return _page(analysis_id, form, _by_field(wrong)), wrong.status
    return redirect(url_for("pages.show_actions", analysis_id=analysis_id, _anchor=action.action_id))


@blueprint.post("/analyses/<analysis_id>/actions/<action_id>/delete")
@page
def delete_action(analysis_id: str, action_id: str) -> BaseResponse:
    """Delete an action."""
    repository, organisation_id = services().repository, auth.signed_in().organisation_id
    if repository.get_action(organisation_id, action_id).analysis_id != analysis_id:
        raise NotFound(f"there is no action {action_id!r} in this analysis")
    repository.delete_action(organisation_id, action_id)
    return redirect(url_for("pages.show_actions", analysis_id=analysis_id))


def _page(analysis_id: str, form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    record, analysis = completed(analysis_id)
    organisation_id = auth.signed_in().organisation_id
    found = services().repository.list_actions(
        organisation_id, analysis_id=analysis_id, limit=PAGE_SIZE, cursor=request.args.get("cursor")
    )
    return render_template(
        "actions.html",
        analysis=record,
        insights=analysis.insights,
        version=analysis.provenance.codebook_version,
        actions=[_shown(item.action, item.outcome, analysis) for item in follow(organisation_id, found.items)],
        next_cursor=found.next_cursor,
        followed={
            item.insight_id: followed_in_words(measure_of(item), *_names(analysis)) for item in analysis.insights
        },
        form=form,
        errors=errors,
        max_description=MAX_DESCRIPTION_CHARS,
        max_owner=MAX_NAME_CHARS,
    )


def _names(analysis: Analysis) -> tuple[dict[str, str], dict[str, str]]:
    """Titles of the facets and names of the themes, by id."""
    facets = {facet.facet_id: facet.title for facet in analysis.facets}
    return facets, {theme.theme_id: theme.name for theme in analysis.themes}


def _shown(action: Action, outcome: ActionOutcome, analysis: Analysis) -> _Shown:
    followed, change = action.followed, outcome.change
    scale: Scale = "share" if action.measure == "prevalence" else "alignment"
    by = f"{number(change.value or 0.0)} {points(followed)} ({interval(change)})" if change.shown else None
    return _Shown(
        action=action,
        outcome=outcome,
        followed=followed_in_words(followed, *_names(analysis)),
        expected=expected_in_words(followed, action.expected_change),
        verdict=verdict_in_words(outcome),
        before=_end(outcome.before, scale),
        after=_end(outcome.after, scale),
        change=by,
        note=_note(outcome),
    )


def _end(point: TrendPoint | None, scale: Scale) -> str | None:
    """``−17 (−30 to −4)``, or that it is not shown."""
    if point is None:
        return None
    return with_interval(point.estimate, scale) if point.estimate.shown else not_shown_short(point.estimate)


def _note(outcome: ActionOutcome) -> str | None:
    """What the numbers beside it do not say by themselves."""
    if outcome.verdict == "too_early":
        return outcome.text
    return "The interval of the change includes 0." if outcome.verdict == "did_not_move" else None


def _by_field(error: InvalidInput) -> dict[str, str]:
    """What is wrong with each field of the form."""
    if isinstance(error, problems.InvalidFields):
        return {item["path"]: item["message"] for item in error.errors}
    return {error.where or "": error.detail}
