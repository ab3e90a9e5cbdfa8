"""What was decided to be done about an insight, and what later pulses show of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypedDict

from service.results.analysis import Estimate, Insight, TrendPoint, plain
from service.results.wording import MINUS

Measure = Literal["alignment", "prevalence"]
Verdict = Literal["too_early", "moved", "did_not_move"]

_OF_WHAT_IS_SAID: Final = ("theme_down", "theme_up", "theme_moved")
"""Kinds of insight on a theme that are about the alignment of what is said on it, not about how many speak of it."""


class Followed(TypedDict):
    """A measure of everybody, or of one facet, theme or group."""

    measure: Measure
    facet_id: str | None
    theme_id: str | None
    cut: str | None
    group: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What somebody does about an insight, and what they expect of it.

    Attributes:
        analysis_id: the analysis that had the insight.
        headline, kind: of the insight, as they were when the action was decided on.
        measure, facet_id, theme_id, cut, group: what is followed; without facet, theme and group it is of everybody.
        description: what is done.
        owner: who sees to it.
        date: the day from which on it is done.
        expected_change: signed and never 0; in points of −100…+100 for alignment, in percentage points for prevalence.
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
    facet_id: str | None = None
    theme_id: str | None = None
    cut: str | None = None
    group: str | None = None

    @property
    def followed(self) -> Followed:
        """What is followed, by itself."""
        return Followed(
            measure=self.measure, facet_id=self.facet_id, theme_id=self.theme_id, cut=self.cut, group=self.group
        )

    def to_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = plain(self)
        return document | {"date": self.date.isoformat(), "created_at": self.created_at.isoformat()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Action:
        """Read ``to_dict``'s object back; needs pydantic."""
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_python(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOutcome:
    """Before and after an action, and what that tells; never that the action is the cause.

    Attributes:
        verdict: ``moved`` when the interval of the change leaves out 0, ``did_not_move`` when it does not,
            ``too_early`` when there is no later pulse or no number that may be shown.
        before: the last pulse that ended before the action, or None without one.
        after: the newest pulse, or None when it began no later than the action.
        change: from the one to the other.
        as_expected: whether it moved in the direction that was expected; None unless it moved.
        text: a sentence with numbers and interval.
    """

    verdict: Verdict
    before: TrendPoint | None
    after: TrendPoint | None
    change: Estimate
    as_expected: bool | None
    text: str

    def to_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = plain(self)
        return document

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ActionOutcome:
        """Read ``to_dict``'s object back; needs pydantic."""
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_python({**data, **{end: _nested(data[end]) for end in ("before", "after")}})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionReport:
    """An action with its outcome as it is now."""

    action: Action
    outcome: ActionOutcome

    def to_dict(self) -> dict[str, Any]:
        """The action's fields, and ``outcome``."""
        return {**self.action.to_dict(), "outcome": self.outcome.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ActionReport:
        """Read ``to_dict``'s object back; needs pydantic."""
        action = Action.from_dict({name: value for name, value in data.items() if name != "outcome"})
        return cls(action=action, outcome=ActionOutcome.from_dict(data["outcome"]))


def measure_of(insight: Insight) -> Followed:
    """What an action on ``insight`` is followed by."""
    measure: Measure = "alignment"
    of: dict[str, str | None] = {"facet_id": None, "theme_id": None, "cut": None, "group": None}
    if insight.group is not None:
        of |= {"cut": insight.cut, "group": insight.group}
    elif insight.facet_id is not None:
        of["facet_id"] = insight.facet_id
    elif insight.theme_id is not None:
        of["theme_id"] = insight.theme_id
        measure = "alignment" if insight.kind in _OF_WHAT_IS_SAID else "prevalence"
    return Followed(measure=measure, facet_id=of["facet_id"], theme_id=of["theme_id"], cut=of["cut"], group=of["group"])


def followed_in_words(followed: Followed, facets: Mapping[str, str], themes: Mapping[str, str]) -> str:
    """``alignment on “Care”``, ``the share of people who speak of “Workload”``.

    Args:
        followed: the measure.
        facets: id → title.
        themes: id → name.
    """
    if followed["group"] is not None:
        return f"alignment of “{followed['group']}”"
    if (facet_id := followed["facet_id"]) is not None:
        return f"alignment on “{facets.get(facet_id, facet_id)}”"
    if (theme_id := followed["theme_id"]) is None:
        return "alignment of everybody"
    share = followed["measure"] == "prevalence"
    about = "the share of people who speak of" if share else "alignment where people speak of"
    return f"{about} “{themes.get(theme_id, theme_id)}”"


def expected_in_words(followed: Followed, change: float) -> str:
    """``+10 points``, ``−2.5 percentage points``."""
    return f"{change:+.6g} {points(followed)}".replace("-", MINUS)


def points(followed: Followed) -> str:
    """What a change of the measure is counted in."""
    return "percentage points" if followed["measure"] == "prevalence" else "points"


def verdict_in_words(outcome: ActionOutcome) -> str:
    """``too early``, ``moved in the expected direction``, ``moved the other way``, ``did not move``."""
    if outcome.verdict == "moved":
        return "moved in the expected direction" if outcome.as_expected else "moved the other way"
    return outcome.verdict.replace("_", " ")


def _nested(point: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A pulse and its estimate lie side by side in the object; the dataclass keeps the estimate in a field."""
    if point is None:
        return None
    return {"pulse": point["pulse"], "estimate": {name: value for name, value in point.items() if name != "pulse"}}
