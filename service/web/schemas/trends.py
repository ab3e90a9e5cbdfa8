"""The shapes of trends, in and out."""

from __future__ import annotations

from typing import Annotated

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from service.results import Pulse
from service.web.schemas.answers import TrendOut
from service.web.schemas.requests import Label

MAX_CHOSEN = 12


def _every_one(value: object) -> object:
    """All values of a parameter that may be repeated: APIFlask hands over the first alone."""
    return request.args.getlist("analysis_id") if isinstance(value, str) else value


class TrendQuery(BaseModel):
    """Which pulses: all of a stored purpose, all like one analysis, or those that are named."""

    model_config = ConfigDict(extra="forbid")

    purpose_id: Label | None = Field(default=None, description="All completed analyses of this stored purpose.")
    analysis_id: Annotated[list[Label], BeforeValidator(_every_one)] = Field(
        default_factory=list,
        max_length=MAX_CHOSEN,
        description="One: all completed analyses of its purpose. Several: these.",
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> TrendQuery:
        if (self.purpose_id is None) == (not self.analysis_id):
            raise ValueError("give either 'purpose_id' or 'analysis_id'")
        return self


class TrendReportOut(BaseModel):
    """The pulses of one purpose side by side.

    Each trend is of everybody, or of a facet, theme or group; ``to_last`` is the change from each pulse to the last.
    ``changed`` says what changed since the last pulse for sure.
    """

    statement: str
    facets: dict[str, str]
    themes: dict[str, str]
    pulses: list[Pulse]
    trends: list[TrendOut]
    changed: list[str]
    notes: list[str]
