"""Actions on the insights of an analysis, and what later pulses show of them, for the API and the page alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.errors import InvalidField, NotFound, NotReady, StaleVersion
from service.ingest.table import shown
from service.results import Action, ActionReport, Insight, TrendReport
from service.results.actions import Followed, measure_of, points
from service.web.following import trend_report
from service.web.schemas.actions import ActionIn, today
from service.web.services import services

MAX_NAMED: Final = 10
_MOST: Final = {"alignment": 200, "prevalence": 100}
"""The largest change there can be: alignment runs from −100 to +100, a share from 0 to 100."""


def decide(organisation_id: str, given: ActionIn) -> Action:
    """Keep an action.

    Raises:
        NotFound: there is no such analysis.
        NotReady: it has no results.
        StaleVersion: its themes were edited since the insights were read, so that the id may be another insight's.
        InvalidField: it has no such insight, or the change is larger than there can be.
    """
    repository = services().repository
    record = repository.get_analysis(organisation_id, given.analysis_id)
    if record.result is None:
        raise NotReady(f"this analysis is {record.status}; it has no insights to decide on")
    newest = record.result.provenance.codebook_version
    if given.version is not None and given.version != newest:
        raise StaleVersion(
            f"the themes were edited since version {given.version!r}, and insights may have other ids; read them "
            f"again, as of version {newest!r}, and decide then",
            where="version",
        )
    insight = _insight(record.result.insights, given)
    _check_change(measure_of(insight), given.expected_change)
    return repository.add_action(
        organisation_id,
        given.analysis_id,
        insight,
        description=given.description,
        owner=given.owner,
        date=given.date or today(),
        expected_change=given.expected_change,
    )


def follow(organisation_id: str, actions: Sequence[Action]) -> list[ActionReport]:
    """The outcome of each action; the pulses of an analysis are asked for once."""
    from service.core.actions import follow_action, too_early

    reports = {item: _pulses(organisation_id, item) for item in dict.fromkeys(action.analysis_id for action in actions)}
    found: list[ActionReport] = []
    for action in actions:
        report = reports[action.analysis_id]
        outcome = follow_action(action, report) if isinstance(report, TrendReport) else too_early(report)
        found.append(ActionReport(action=action, outcome=outcome))
    return found


def _pulses(organisation_id: str, analysis_id: str) -> TrendReport | str:
    """The pulses, or a sentence that says why there are none."""
    try:
        return trend_report(organisation_id, analysis_id)
    except (NotFound, NotReady) as error:
        return f"{error.detail[:1].upper()}{error.detail[1:]}."


def _insight(insights: Sequence[Insight], given: ActionIn) -> Insight:
    for insight in insights:
        if insight.insight_id == given.insight_id:
            return insight
    said = f"that analysis has no insight {shown(given.insight_id)}"
    if not insights:
        raise InvalidField(f"{said}, and no other; an action needs one", where="insight_id")
    named = ", ".join(f"{insight.insight_id} “{insight.headline}”" for insight in insights[:MAX_NAMED])
    more = f" and {len(insights) - MAX_NAMED} more" if len(insights) > MAX_NAMED else ""
    raise InvalidField(
        f"{said}; it has {named}{more}: GET /v1/analyses/{given.analysis_id}/insights shows them", where="insight_id"
    )


def _check_change(followed: Followed, change: float) -> None:
    most = _MOST[followed["measure"]]
    if abs(change) > most:
        raise InvalidField(
            f"{change:.6g} {points(followed)} is more than there can be; give at most {most} up or down",
            where="expected_change",
        )
