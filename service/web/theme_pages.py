"""The page on which themes are edited; its edits are those of ``POST /v1/analyses/{id}/theme-edits``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.errors import InvalidEdit, StaleVersion
from service.results import ThemeResult
from service.results.codebook import FOUND_VERSION
from service.results.edits import Correct, Hide, Merge, Move, Rename, Split, ThemeEdit, UnitRef
from service.web import auth
from service.web.editing import edit_study
from service.web.pages import blueprint, completed, page
from service.web.services import services


@blueprint.get("/analyses/<analysis_id>/themes")
@page
@auth.require_role("analyst", "researcher")
def show_themes(analysis_id: str) -> str:
    """The themes with what can be done to each."""
    return _form(analysis_id, None)


@blueprint.post("/analyses/<analysis_id>/themes")
@page
@auth.require_role("analyst", "researcher")
def change_themes(analysis_id: str) -> BaseResponse | tuple[str, int]:
    """Make one edit, or take the last one back; what cannot be done is said above the themes as they are now."""
    try:
        edits = [] if request.form.get("op") == "undo" else [_asked(request.form)]
        edit_study(auth.signed_in().organisation_id, analysis_id, request.form.get("version", ""), edits)
    except (InvalidEdit, StaleVersion) as error:
        return _form(analysis_id, error), error.status
    return redirect(url_for("pages.show_themes", analysis_id=analysis_id))


def _form(analysis_id: str, error: InvalidEdit | StaleVersion | None) -> str:
    record, analysis = completed(analysis_id)
    starts = _starts(analysis_id, [quote.comment_id for theme in analysis.themes for quote in theme.quotes])
    return render_template(
        "themes.html",
        analysis=record,
        themes=_ordered(analysis.themes),
        version=analysis.provenance.codebook_version or FOUND_VERSION,
        starts=starts,
        error=error,
    )


def _ordered(themes: tuple[ThemeResult, ...]) -> list[ThemeResult]:
    """Each theme before those within it."""
    above = {theme.theme_id for theme in themes}
    tops = [theme for theme in themes if theme.parent not in above]
    return [item for top in tops for item in (top, *(theme for theme in themes if theme.parent == top.theme_id))]


def _starts(analysis_id: str, wanted: list[str]) -> Mapping[tuple[str, str], int]:
    """Where the quoted units begin, by their comment and words."""
    found: dict[tuple[str, str], int] = {}
    repository, organisation_id = services().repository, auth.signed_in().organisation_id
    comments, cursor = set(wanted), None
    while comments:
        some = repository.list_comments(organisation_id, analysis_id, limit=500, cursor=cursor)
        for comment in some.items:
            if comment["comment_id"] in comments:
                found |= {(comment["comment_id"], unit["text"]): unit["start"] for unit in comment["units"]}
                comments.discard(comment["comment_id"])
        cursor = some.next_cursor
        if cursor is None:
            break
    return found


def _asked(form: Mapping[str, Any]) -> ThemeEdit:
    """The edit that a form asks for.

    Raises:
        InvalidEdit: the form asks for none, or a number in it is none.
    """
    op, theme = form.get("op", ""), form.get("theme_id", "")
    if op == "merge":
        return Merge(theme_ids=tuple(request.form.getlist("theme_ids")), name=form.get("name", "").strip() or None)
    if op == "rename":
        return Rename(theme_id=theme, name=form.get("name", ""), definition=form.get("definition"))
    if op == "split":
        parts = form.get("parts", "").strip()
        return Split(theme_id=theme, parts=_number(parts, "parts") if parts else None)
    if op == "hide":
        return Hide(theme_id=theme)
    if op == "move" and (target := form.get("target", "")):
        unit = UnitRef(comment_id=form.get("comment_id", ""), start=_number(form.get("start", ""), "start"))
        if target == "none":
            return Correct(units=(unit,), theme_id=theme, belongs=False)
        return Move(units=(unit,), theme_id=target)
    raise InvalidEdit("choose what is to be done with the theme", where="op")


def _number(text: str, where: str) -> int:
    if not text.isdecimal():
        raise InvalidEdit(f"{where} must be a whole number", where=where)
    return int(text)
