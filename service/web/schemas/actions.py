"""The shapes of actions, in and out."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from service.ingest import parse_date
from service.ingest.table import as_number, is_empty, shown
from service.results import Estimate
from service.results.actions import Measure, Verdict
from service.results.wording import MINUS
from service.web.schemas.answers import TrendPointOut
from service.web.schemas.requests import Label, PageQuery, Words

MAX_DESCRIPTION_CHARS: Final = 2_000
MAX_NAME_CHARS: Final = 200
MAX_AHEAD: Final = dt.timedelta(days=731)


def _filled(what: str, most: int) -> BeforeValidator:
    def check(value: object) -> object:
        if is_empty(value):
            raise ValueError(f"it is empty; say {what}")
        if not isinstance(value, str):
            raise ValueError(f"it is not text; say {what}")
        if len(value.strip()) > most:
            raise ValueError(f"it has {len(value.strip()):,} characters; {most:,} are the most")
        return value.strip()

    return BeforeValidator(check)


def _date(value: object) -> object:
    if is_empty(value):
        return None
    if not isinstance(value, str):
        raise ValueError("it is not a date; write it as YYYY-MM-DD")
    date = parse_date(value.strip())
    latest = today() + MAX_AHEAD
    if date > latest:
        raise ValueError(f"{date} lies more than two years ahead; give a day up to {latest}")
    return date


def _change(value: object) -> object:
    """A finite number other than 0, also as the words of a form."""
    number = as_number(value.replace(MINUS, "-") if isinstance(value, str) else value)
    if number is None:
        said = shown(value) if isinstance(value, (str, int, float)) and not is_empty(value) else "it"
        raise ValueError(f"{said} is not a number; write how many points up or down you expect, like 10 or -5")
    if number == 0:
        raise ValueError("0 is no change; write how many points up or down you expect, like 10 or -5")
    return number


def today() -> dt.date:
    """The present day, in UTC."""
    return dt.datetime.now(dt.UTC).date()


class ActionIn(BaseModel):
    """What is done about an insight; the date is today when it is left out."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    analysis_id: Label
    insight_id: Annotated[Words, _filled("which insight it is about", MAX_NAME_CHARS)]
    version: Label | None = Field(
        default=None,
        description="Version of the themes the insights were read with; refused when they were edited since.",
    )
    description: Annotated[Words, _filled("what is done", MAX_DESCRIPTION_CHARS)] = Field(
        description="What is done.", json_schema_extra={"minLength": 1, "maxLength": MAX_DESCRIPTION_CHARS}
    )
    owner: Annotated[Words, _filled("who sees to it", MAX_NAME_CHARS)] = Field(
        description="Who sees to it.", json_schema_extra={"minLength": 1, "maxLength": MAX_NAME_CHARS}
    )
    date: Annotated[dt.date | None, BeforeValidator(_date)] = Field(
        default=None, description="From which day on it is done: today, earlier, or up to two years ahead."
    )
    expected_change: Annotated[float, BeforeValidator(_change)] = Field(
        description="Signed, not 0; in points of −100…+100 for alignment, in percentage points for a prevalence."
    )


class ActionQuery(PageQuery):
    analysis_id: Label | None = None


class ActionOut(BaseModel):
    """An action; ``headline`` and ``kind`` are those of its insight when it was decided.

    What is followed is ``measure``, of a facet, a theme, a group (with its cut), or of everybody.
    """

    action_id: str
    analysis_id: str
    insight_id: str
    headline: str
    kind: str
    measure: Measure
    description: str
    owner: str
    date: dt.date
    expected_change: float
    created_at: dt.datetime
    facet_id: str | None
    theme_id: str | None
    cut: str | None
    group: str | None


class ActionOutcomeOut(BaseModel):
    """Before and after the action, and the change from the one to the other; it is never shown to be the cause.

    ``moved`` when the interval of the change leaves out 0, ``did_not_move`` when it does not, ``too_early`` without a
    pulse that began since, or a number that may be shown. ``text`` says it in words.
    """

    verdict: Verdict
    before: TrendPointOut | None
    after: TrendPointOut | None
    change: Estimate
    as_expected: bool | None
    text: str


class FollowedActionOut(ActionOut):
    outcome: ActionOutcomeOut


class ActionsOut(BaseModel):
    actions: list[FollowedActionOut]
    next_cursor: str | None
