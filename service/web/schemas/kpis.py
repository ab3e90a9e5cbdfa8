"""The shapes of KPIs, in and out."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from service.ingest.table import as_number, shown
from service.results.kpis import PERIOD_FORMS, KpiRelation, PulseAlignment, parse_period
from service.web.schemas.requests import Label, PageQuery

MAX_KPIS: Final = 10_000
MAX_NAME_CHARS: Final = 200


def _filled(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise ValueError("it is empty; give the name")
    if isinstance(value, str) and len(value.strip()) > MAX_NAME_CHARS:
        raise ValueError(f"it has {len(value.strip()):,} characters; give a name of at most {MAX_NAME_CHARS}")
    return value


def _period(value: object) -> object:
    return parse_period(str(value)) if isinstance(value, (str, int, float)) else value


def _number(value: object) -> object:
    """A finite number, also as the words of a file."""
    number = as_number(value)
    if number is not None:
        return number
    said = shown(value) if isinstance(value, (str, int, float)) else "it"
    raise ValueError(f"{said} is not a finite number; write digits with a point and without a unit, like 12.5")


Name = Annotated[Label, BeforeValidator(_filled)]
Period = Annotated[str, BeforeValidator(_period), Field(description=f"A year, quarter, month or day: {PERIOD_FORMS}.")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class KpiIn(_Model):
    """One value; without a cut it is of every cut that has a group of that name."""

    cut: Label | None = None
    group: Name
    period: Period
    kpi: Name
    value: Annotated[float, BeforeValidator(_number)]


class KpisIn(_Model):
    """Values to keep, all or none; with an ``analysis_id`` their groups must be groups of that analysis."""

    analysis_id: Label | None = None
    kpis: list[KpiIn] = Field(json_schema_extra={"minItems": 1, "maxItems": MAX_KPIS})


class KpiFormIn(_Model):
    """The form field beside an uploaded file."""

    analysis_id: Label | None = None


class KpiQuery(PageQuery):
    kpi: Label | None = None
    group: Label | None = None


class KpiDeleteQuery(_Model):
    """Which values: with a cut only those given for it, else those of every cut and those without one."""

    kpi: Name
    group: Label | None = None
    cut: Label | None = None
    period: Period | None = None


class PeriodQuery(BaseModel):
    period: Period | None = None


class KpisStoredOut(BaseModel):
    """How many values are kept: those that are new, and those that took the place of another."""

    stored: int
    created: int
    replaced: int


class KpisDeletedOut(BaseModel):
    """How many values are gone."""

    deleted: int


class KpiOut(BaseModel):
    cut: str | None
    group: str
    period: str
    kpi: str
    value: float
    updated_at: dt.datetime


class KpisOut(BaseModel):
    kpis: list[KpiOut]
    next_cursor: str | None


class KpiReportOut(BaseModel):
    """KPIs beside alignment: ``pulses`` over time, ``relations`` by group, for each KPI and cut.

    A relation has ``rho`` from 4 groups on and ``low`` and ``high`` from 8; ``text`` says it in words. ``caution``
    belongs beside it.
    """

    pulses: list[PulseAlignment]
    relations: list[KpiRelation]
