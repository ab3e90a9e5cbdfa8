"""An uploaded file and the form around it → a queued analysis."""

from __future__ import annotations

import re
from collections.abc import Mapping

from werkzeug.datastructures import FileStorage

from service.errors import InvalidField
from service.ingest import ColumnMapping, check_cut, parse_rating, read_comments
from service.results import Comment
from service.store import AnalysisRequest
from service.web.api.purposes import chosen_purpose, chosen_stance
from service.web.auth import signed_in
from service.web.schemas import FileFormIn
from service.web.services import services

_PAGE_FIELDS = ("name", "purpose", "text_column", "respondent", "dates")
_SEPARATOR = re.compile(r"[,;\n]")


def read_upload(form: FileFormIn, file: FileStorage, *, name: str) -> tuple[AnalysisRequest, list[Comment]]:
    """What is asked for and the comments of the file.

    Args:
        form: the fields beside the file.
        file: what was uploaded.
        name: of the analysis, when the form gives none.

    Raises:
        InvalidInput: the file or a field cannot be used.
    """
    asked = AnalysisRequest(
        name=form.name or name,
        purpose=chosen_purpose(form),
        purpose_id=form.purpose_id,
        cuts=tuple(dict.fromkeys(form.cut)),
        ratings=tuple(dict.fromkeys(parse_rating(rating).name for rating in form.rating)),
        stance=chosen_stance(form),
    )
    comments = read_comments(
        file.stream,  # type: ignore[arg-type]
        filename=file.filename,
        mapping=ColumnMapping.parse(form.columns()),
        cuts=asked.cuts,
        ratings=form.rating,
        dates=form.dates,
        max_comments=services().settings.max_comments,
    )
    for cut in asked.cuts:
        check_cut(comments, cut, where=f"column {cut}", column=True)
    return asked, comments


def submit_page_form(form: Mapping[str, str], file: FileStorage | None) -> str:
    """Queue what the page's form asks for and return the analysis' id.

    Raises:
        InvalidInput: the file or a field cannot be used.
        pydantic.ValidationError: a field has a wrong value.
    """
    if file is None or not file.filename:
        raise InvalidField("choose the file with the comments", where="file")
    given = {name: form.get(name, "").strip() or None for name in _PAGE_FIELDS}
    columns = {"cut": _columns(form.get("cuts", "")), "rating": _columns(form.get("ratings", ""))}
    fields = FileFormIn.model_validate({**given, **columns})
    asked, comments = read_upload(fields, file, name=file.filename)
    analysis_id, job_id = services().repository.create_analysis(signed_in().organisation_id, asked, comments)
    services().send(job_id)
    return analysis_id


def _columns(text: str) -> list[str]:
    """Column names parted by commas, semicolons or lines."""
    return [name.strip() for name in _SEPARATOR.split(text) if name.strip()]
