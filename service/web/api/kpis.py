"""``/v1/kpis``: KPIs of groups in, and beside the alignment of an analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from flask import Response, jsonify, request, url_for
from pydantic import ValidationError

from service.errors import EmptyBatch, InvalidField, NotFound, TooLarge
from service.ingest.kpis import read_kpi_rows
from service.ingest.table import shown
from service.results.kpis import Kpi
from service.web.api.analyses import check_ready
from service.web.api.blueprint import blueprint
from service.web.auth import require_role, signed_in
from service.web.bodies import FORM_TYPE
from service.web.idempotency import idempotent
from service.web.problems import MAX_LISTED_ERRORS, InvalidFields, field_path
from service.web.relating import related_kpis
from service.web.schemas import (
    KpiDeleteQuery,
    KpiFormIn,
    KpiIn,
    KpiQuery,
    KpiReportOut,
    KpisDeletedOut,
    KpisIn,
    KpisOut,
    KpisStoredOut,
    PeriodQuery,
)
from service.web.schemas.kpis import MAX_KPIS
from service.web.services import services

MAX_NAMED: Final = 10

Groups = Mapping[str, Sequence[str]]
"""The groups of each cut."""


@dataclass(frozen=True, slots=True)
class _Given:
    """One value, and where it stood: ``kpis[3]``, or ``row 5`` of a file."""

    place: str
    kpi: Kpi

    def path(self, field: str) -> str:
        return f"{self.place}.{field}" if self.place.endswith("]") else f"{self.place}, column {field!r}"


@blueprint.post("/kpis")
@blueprint.output(KpisStoredOut, status_code=201)
@require_role("analyst", "researcher")
@idempotent
def add_kpis() -> Response:
    """Keep KPIs of groups, from a JSON body or a CSV file with the columns group, period, kpi, value and perhaps cut.

    A value takes the place of the one that its cut, group, period and KPI had. When one row is wrong, none is kept.
    """
    analysis_id, given = _from_file() if request.mimetype == FORM_TYPE else _from_json()
    repository, organisation_id = services().repository, signed_in().organisation_id
    if analysis_id is not None:
        check_ready(repository.get_summary(organisation_id, analysis_id))
    _check_groups(given, repository.known_groups(organisation_id, analysis_id), of_one=analysis_id is not None)
    kpis = _without_repeats(given)
    created = repository.put_kpis(organisation_id, kpis)
    response = jsonify(stored=len(kpis), created=created, replaced=len(kpis) - created)
    response.status_code = 201
    response.headers["Location"] = url_for("v1.list_kpis")
    return response


@blueprint.get("/kpis")
@blueprint.output(KpisOut)
@require_role()
@blueprint.input(KpiQuery, location="query")
def list_kpis(query_data: KpiQuery) -> Response:
    """The KPIs that are kept, by KPI, cut, group and period."""
    page = services().repository.list_kpis(
        signed_in().organisation_id,
        kpi=query_data.kpi,
        group=query_data.group,
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return jsonify(
        kpis=[
            {
                "cut": record.kpi.cut,
                "group": record.kpi.group,
                "period": record.kpi.period,
                "kpi": record.kpi.kpi,
                "value": record.kpi.value,
                "updated_at": record.updated_at.isoformat(),
            }
            for record in page.items
        ],
        next_cursor=page.next_cursor,
    )


@blueprint.delete("/kpis")
@blueprint.output(KpisDeletedOut)
@require_role("analyst", "researcher")
@blueprint.input(KpiDeleteQuery, location="query")
def delete_kpis(query_data: KpiDeleteQuery) -> Response:
    """Delete the values of a KPI that were given by mistake, of a group, a cut or a period if one is named."""
    wanted = query_data.model_dump(exclude={"kpi"})
    deleted = services().repository.delete_kpis(signed_in().organisation_id, query_data.kpi, **wanted)
    if deleted == 0:
        named = ", ".join(f"{field} {shown(value)}" for field, value in wanted.items() if value is not None)
        what = f"KPI {shown(query_data.kpi)}" + (f" for {named}" if named else "")
        raise NotFound(f"there is no value of {what}; GET /v1/kpis lists those that are kept")
    return jsonify(deleted=deleted)


@blueprint.get("/analyses/<analysis_id>/kpis")
@blueprint.output(KpiReportOut)
@require_role()
@blueprint.input(PeriodQuery, location="query")
def get_kpis(analysis_id: str, query_data: PeriodQuery) -> Response:
    """KPIs beside alignment: over time, and over the groups whose alignment is shown. Few groups say little.

    Each group's latest value counts, or with ``period`` the one of that period.
    """
    organisation_id = signed_in().organisation_id
    record = services().repository.get_analysis(organisation_id, analysis_id)
    check_ready(record)
    assert record.result is not None
    return jsonify(related_kpis(organisation_id, record.result, period=query_data.period).to_dict())


def _from_json() -> tuple[str | None, list[_Given]]:
    body = KpisIn.model_validate(request.get_json())
    _check_count(len(body.kpis), "kpis")
    return body.analysis_id, [_Given(f"kpis[{row}]", _kpi(item)) for row, item in enumerate(body.kpis)]


def _from_file() -> tuple[str | None, list[_Given]]:
    file = request.files.get("file")
    if file is None:
        raise InvalidField("send the KPIs as a CSV file in the form field 'file'", where="file")
    form = KpiFormIn.model_validate({name: values[-1] for name, values in request.form.lists()})
    rows = read_kpi_rows(file.stream, file.filename or "the file")  # type: ignore[arg-type]
    _check_count(len(rows), "file")
    given: list[_Given] = []
    wrong: list[dict[str, str]] = []
    for place, cells in rows:
        try:
            given.append(_Given(place, _kpi(KpiIn.model_validate(cells))))
        except ValidationError as error:
            wrong += [_wrong_cell(place, item) for item in error.errors(include_input=False, include_url=False)]
    if wrong:
        raise InvalidFields(wrong)
    return form.analysis_id, given


def _wrong_cell(place: str, error: Any) -> dict[str, str]:
    return {
        "path": f"{place}, column {field_path(error['loc'])!r}",
        "message": error["msg"].removeprefix("Value error, "),
    }


def _kpi(item: KpiIn) -> Kpi:
    return Kpi(cut=item.cut, group=item.group, period=item.period, kpi=item.kpi, value=item.value)


def _check_count(count: int, where: str) -> None:
    if count == 0:
        raise EmptyBatch("there are no KPIs; send at least one", where=where)
    if count > MAX_KPIS:
        raise TooLarge(f"{count:,} KPIs are more than the limit of {MAX_KPIS:,}; send them in parts", where=where)


def _check_groups(given: Sequence[_Given], known: Groups, *, of_one: bool) -> None:
    """Every cut and group must be one that an analysis has; those that are wrong are named with some that are right.

    Args:
        given: the values.
        known: the groups that there are.
        of_one: whether they are those of one analysis that the request names.

    Raises:
        InvalidFields: some are not.
    """
    everywhere = list(dict.fromkeys(group for groups in known.values() for group in groups))
    names = {cut: set(groups) for cut, groups in known.items()} | {None: set(everywhere)}
    wrong = [item for item in given if item.kpi.group not in names.get(item.kpi.cut, ())]
    errors: list[dict[str, str]] = []
    for item in wrong:
        right: Sequence[str]
        cut, who = item.kpi.cut, "that analysis has no" if of_one else "no completed analysis has a"
        if cut not in names:
            field, message, right = "cut", f"{who} cut {shown(cut)}", list(known)
        else:
            field, message, right = "group", f"{who} group {shown(item.kpi.group)}", known[cut] if cut else everywhere
            message += f" in cut {shown(cut)}" if cut else ""
        if len(errors) < MAX_LISTED_ERRORS:  # those after are not shown, and ten thousand take long to compare
            message += _nearest(cut if field == "cut" and cut else item.kpi.group, right)
        errors.append({"path": item.path(field), "message": message})
    if errors:
        raise InvalidFields(errors)


def _nearest(name: str, known: Sequence[str]) -> str:
    """What is known, at most ten names, those most like ``name``."""
    if not known:
        return "; make an analysis with a cut first"
    near = get_close_matches(name, known, n=MAX_NAMED, cutoff=0.0)
    more = f" and {len(known) - len(near)} more" if len(known) > len(near) else ""
    return f"; known: {', '.join(map(repr, near))}{more}"


def _without_repeats(given: Sequence[_Given]) -> list[Kpi]:
    """Each value once.

    Raises:
        InvalidFields: two values are for the same cut, group, period and KPI.
    """
    first: dict[tuple[str | None, str, str, str], _Given] = {}
    wrong: list[dict[str, str]] = []
    for item in given:
        kpi = item.kpi
        earlier = first.setdefault((kpi.cut, kpi.group, kpi.period, kpi.kpi), item)
        if earlier.kpi.value != kpi.value:
            message = f"{earlier.place} has another value for the same cut, group, period and KPI; keep one of them"
            wrong.append({"path": item.path("value"), "message": message})
    if wrong:
        raise InvalidFields(wrong)
    return [item.kpi for item in first.values()]
