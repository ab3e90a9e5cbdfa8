"""What is followed from pulse to pulse: KPIs, actions, trends."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from service.client.connection import Connection
from service.results import Action, ActionReport, TrendReport
from service.results.kpis import Kpi, KpiReport

_TRENDS_SECONDS = 600.0
"""Pulses that were made with other models are scored again when they are first set side by side."""


class Following(Connection):
    """KPIs, actions and trends of the organisation."""

    def add_kpis(self, kpis: Sequence[Kpi], *, analysis_id: str | None = None) -> int:
        """Keep KPIs of groups, all or none; returns how many had no value before.

        Args:
            kpis: at most 10,000; each takes the place of the one that its cut, group, period and KPI had.
            analysis_id: their groups must be groups of this analysis; None: of any that is completed.

        Raises:
            InvalidField: a value is wrong, or no analysis has its group.
            NotFound: there is no analysis of that id.
        """
        rows = [{item.name: getattr(kpi, item.name) for item in dataclasses.fields(kpi)} for kpi in kpis]
        created: int = self._post("/v1/kpis", {"analysis_id": analysis_id, "kpis": rows}, once=True)["created"]
        return created

    def delete_kpis(
        self, kpi: str, *, group: str | None = None, cut: str | None = None, period: str | None = None
    ) -> int:
        """Delete the values of a KPI, of a group, a cut or a period if one is named; returns how many there were.

        Args:
            kpi: as it was given.
            group: only of this one.
            cut: only those given for this one; None: for whatever cut, or without one.
            period: only of this one.

        Raises:
            NotFound: there is no such value.
        """
        wanted = {"kpi": kpi, "group": group, "cut": cut, "period": period}
        params = {name: value for name, value in wanted.items() if value is not None}
        deleted: int = self._call("DELETE", "/v1/kpis", params=params).json()["deleted"]
        return deleted

    def kpis(self, analysis_id: str, *, period: str | None = None) -> KpiReport:
        """The KPIs beside the alignment of an analysis: of a period, or the latest of each group.

        Raises:
            NotReady: it is not completed.
            NotFound: there is none of that id.
        """
        params = {"period": period} if period is not None else {}
        return KpiReport.from_dict(self._call("GET", f"/v1/analyses/{analysis_id}/kpis", params=params).json())

    def add_action(
        self,
        analysis_id: str,
        insight_id: str,
        *,
        description: str,
        owner: str,
        expected_change: float,
        date: dt.date | None = None,
    ) -> Action:
        """Decide on an insight.

        Args:
            analysis_id: of a completed analysis.
            insight_id: of one of its insights.
            description: what is done.
            owner: who sees to it.
            expected_change: signed, not 0; in points for alignment, in percentage points for a prevalence.
            date: from which day on it is done, two years ahead at most; None: today.

        Raises:
            InvalidField: the analysis has no such insight, or something else is wrong; it is named.
            NotReady: it is not completed.
            NotFound: there is none of that id.
        """
        body = {
            "analysis_id": analysis_id,
            "insight_id": insight_id,
            "description": description,
            "owner": owner,
            "date": date.isoformat() if date else None,
            "expected_change": expected_change,
        }
        return Action.from_dict(self._post("/v1/actions", body, once=True))

    def actions(self, analysis_id: str | None = None) -> list[ActionReport]:
        """The actions of an analysis or of all, newest first, each with what later pulses show of it now.

        Raises:
            NotFound: there is no analysis of that id.
        """
        params = {"analysis_id": analysis_id} if analysis_id is not None else {}
        return [ActionReport.from_dict(item) for item in self._pages("/v1/actions", "actions", **params)]

    def delete_action(self, action_id: str) -> None:
        """Delete an action.

        Raises:
            NotFound: there is none of that id.
        """
        self._call("DELETE", f"/v1/actions/{action_id}")

    def trends(self, *, purpose_id: str | None = None, analysis_ids: Sequence[str] = ()) -> TrendReport:
        """Pulses of one purpose side by side.

        Args:
            purpose_id: all completed analyses of this stored purpose.
            analysis_ids: instead; one for all of its purpose, several for these.

        Raises:
            DifferentPurposes: the analyses were made with different statements.
            NotReady: none has completed.
            NotFound: there is no such purpose or analysis.
        """
        params = {"purpose_id": purpose_id} if purpose_id is not None else {"analysis_id": list(analysis_ids)}
        return TrendReport.from_dict(self._call("GET", "/v1/trends", params=params, timeout=_TRENDS_SECONDS).json())
