"""What later pulses show of what an action was to change. Only published trends go in."""

from __future__ import annotations

import datetime as dt

from service.results import Estimate, Trend, TrendPoint, TrendReport
from service.results.actions import Action, ActionOutcome, expected_in_words, followed_in_words, points
from service.results.wording import Scale, interval, number, with_interval

NO_LATER_PULSE = "no_later_pulse"
"""Why there is no change, where it is not that too few people stand behind it."""


def follow_action(action: Action, report: TrendReport) -> ActionOutcome:
    """Before and after an action, on what it was to change.

    Before is the last pulse that ended by the day of the action, or else the newest one of the analysis that it was
    decided on; after is the newest pulse of all, if it began after that day.

    Args:
        action: what was done.
        report: the pulses of the purpose, as they are published.
    """
    if (gone := _gone(action, report)) is not None:
        return too_early(f"{gone}, so what changed cannot be told.")
    trend = _trend(action, report)
    before, newest = _before(action, report), len(report.pulses) - 1
    if before is None:
        return too_early("There is no pulse from before it to compare with, so what changed cannot be told.")
    if _day(report.pulses[newest].first) <= action.date:
        return too_early(f"No pulse begins after {action.date} yet, so it is too early to tell.", _at(trend, before))
    if before == newest:
        decided = report.pulses[before].pulse
        return too_early(
            f"There is no pulse yet after {decided}, on which it was decided, so it is too early to tell.",
            _at(trend, before),
        )
    if trend is None or before >= len(trend.to_last):
        return too_early(_hidden(report, before))
    return _compared(action, report, trend, before)


def _gone(action: Action, report: TrendReport) -> str | None:
    """Why there is nothing to follow; None where there is."""
    if action.facet_id is not None and action.facet_id not in report.facets:
        return "The purpose no longer has the facet that this was decided on"
    if action.theme_id is not None and action.theme_id not in report.themes:
        return "The theme that this was decided on is not among the themes of the pulses"
    if action.group is not None and _trend(action, report) is None:
        return f"“{action.group}” is not among the groups that are followed from pulse to pulse"
    return None


def _trend(action: Action, report: TrendReport) -> Trend | None:
    wanted = (action.measure, action.facet_id, action.theme_id, action.cut, action.group)
    for trend in report.trends:
        if (trend.measure, trend.facet_id, trend.theme_id, trend.cut, trend.group) == wanted:
            return trend
    return None


def _before(action: Action, report: TrendReport) -> int | None:
    """The place of the pulse from before the action."""
    ended = [k for k, pulse in enumerate(report.pulses) if _day(pulse.last) <= action.date]
    # Somebody may act on a survey that is still open, and not on one that has not begun.
    own = [
        k
        for k, pulse in enumerate(report.pulses)
        if _day(pulse.first) <= action.date
        and any(source.analysis_id == action.analysis_id for source in pulse.sources)
    ]
    return max(ended or own, default=None)


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _at(trend: Trend | None, pulse: int) -> TrendPoint | None:
    return trend.points[pulse] if trend is not None else None


def too_early(text: str, before: TrendPoint | None = None) -> ActionOutcome:
    """The outcome where there is nothing to compare; ``text`` says why."""
    return ActionOutcome(
        verdict="too_early",
        before=before,
        after=None,
        change=Estimate.suppressed(NO_LATER_PULSE),
        as_expected=None,
        text=text,
    )


def _compared(action: Action, report: TrendReport, trend: Trend, before: int) -> ActionOutcome:
    first, last, change = trend.points[before], trend.points[-1], trend.to_last[before]
    if not (first.estimate.shown and last.estimate.shown and change.shown):
        return ActionOutcome(
            verdict="too_early",
            before=first,
            after=last,
            change=Estimate.suppressed(),
            as_expected=None,
            text=_hidden(report, before),
        )
    moved = (change.low or 0.0) > 0.0 or (change.high or 0.0) < 0.0
    as_expected = ((change.value or 0.0) > 0) == (action.expected_change > 0) if moved else None
    return ActionOutcome(
        verdict="moved" if moved else "did_not_move",
        before=first,
        after=last,
        change=change,
        as_expected=as_expected,
        text=_text(action, report, (first, last), change, as_expected),
    )


def _hidden(report: TrendReport, before: int) -> str:
    """That numbers are missing; neither which, nor how many people they would be of."""
    ends = f"{report.pulses[before].pulse} or {report.pulses[-1].pulse}"
    return f"The numbers of {ends} would tell of too few people and are not shown, so what changed cannot be told."


def _text(
    action: Action,
    report: TrendReport,
    ends: tuple[TrendPoint, TrendPoint],
    change: Estimate,
    as_expected: bool | None,
) -> str:
    followed = action.followed
    scale: Scale = "share" if action.measure == "prevalence" else "alignment"
    about = followed_in_words(followed, report.facets, report.themes)
    first, last = (f"{with_interval(end.estimate, scale)} in {end.pulse}" for end in ends)
    by = f"a change of {number(change.value or 0.0)} {points(followed)} ({interval(change)})"
    went = f"{about[0].upper()}{about[1:]} went from {first} to {last}, {by}"
    if as_expected is None:
        return f"{went}, and the interval includes no change."
    direction = "in the direction" if as_expected else "the other way than was"
    expected = expected_in_words(followed, action.expected_change)
    return f"{went}, {direction} expected ({expected}), which does not show that the action caused it."
