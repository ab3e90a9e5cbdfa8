"""Actions: what was decided about an insight."""

from __future__ import annotations

import datetime as dt
from typing import cast

from sqlalchemy import delete, select, tuple_

from service.errors import NotFound
from service.results import Action, Insight
from service.results.actions import Measure, measure_of
from service.store.records import Page
from service.store.repository.base import RepositoryBase, decode_moment_cursor, encode_moment_cursor, new_id
from service.store.tables import ActionRow, AnalysisRow, IdempotencyKeyRow


class Actions(RepositoryBase):
    """Actions of one organisation; each goes with its analysis."""

    def add_action(
        self,
        organisation_id: str,
        analysis_id: str,
        insight: Insight,
        *,
        description: str,
        owner: str,
        date: dt.date,
        expected_change: float,
    ) -> Action:
        """Keep an action, with the insight as it is now.

        Raises:
            NotFound: there is no analysis of that id in this organisation.
        """
        followed = measure_of(insight)
        row = ActionRow(
            id=new_id("ac"),
            organisation_id=organisation_id,
            analysis_id=analysis_id,
            insight_id=insight.insight_id,
            headline=insight.headline,
            kind=insight.kind,
            measure=followed["measure"],
            facet_id=followed["facet_id"],
            theme_id=followed["theme_id"],
            cut=followed["cut"],
            group_name=followed["group"],
            description=description,
            owner=owner,
            date=date,
            expected_change=expected_change,
            created_at=self._now(),
        )
        mine = (AnalysisRow.id == analysis_id, AnalysisRow.organisation_id == organisation_id)
        with self._sessions.begin() as session:
            # Held, so that the analysis is not deleted before the action is there.
            if session.scalar(select(AnalysisRow.id).where(*mine).with_for_update(read=True)) is None:
                raise NotFound(f"there is no analysis {analysis_id!r}")
            session.add(row)
        return _action(row)

    def list_actions(
        self, organisation_id: str, *, analysis_id: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Action]:
        """Newest first, of one analysis or of all.

        Raises:
            InvalidField: the cursor is not one of this list.
        """
        query = (
            select(ActionRow)
            .where(ActionRow.organisation_id == organisation_id)
            .order_by(ActionRow.created_at.desc(), ActionRow.id.desc())
            .limit(limit + 1)
        )
        if analysis_id is not None:
            query = query.where(ActionRow.analysis_id == analysis_id)
        if cursor is not None:
            query = query.where(tuple_(ActionRow.created_at, ActionRow.id) < tuple_(*decode_moment_cursor(cursor)))
        with self._sessions() as session:
            rows = session.scalars(query).all()
        items = tuple(_action(row) for row in rows[:limit])
        more = encode_moment_cursor(items[-1].created_at, items[-1].action_id) if len(rows) > limit else None
        return Page(items, more)

    def get_action(self, organisation_id: str, action_id: str) -> Action:
        """One action.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        query = select(ActionRow).where(ActionRow.id == action_id, ActionRow.organisation_id == organisation_id)
        with self._sessions() as session:
            row = session.scalar(query)
        if row is None:
            raise NotFound(f"there is no action {action_id!r}")
        return _action(row)

    def delete_action(self, organisation_id: str, action_id: str) -> None:
        """Remove an action with the remembered answer that told of it.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        mine = (ActionRow.id == action_id, ActionRow.organisation_id == organisation_id)
        with self._sessions.begin() as session:
            if session.scalar(delete(ActionRow).where(*mine).returning(ActionRow.id)) is None:
                raise NotFound(f"there is no action {action_id!r}")
            session.execute(delete(IdempotencyKeyRow).where(IdempotencyKeyRow.resource_id == action_id))
        self._forget_log()


def _action(row: ActionRow) -> Action:
    return Action(
        action_id=row.id,
        analysis_id=row.analysis_id,
        insight_id=row.insight_id,
        headline=row.headline,
        kind=row.kind,
        measure=cast(Measure, row.measure),
        facet_id=row.facet_id,
        theme_id=row.theme_id,
        cut=row.cut,
        group=row.group_name,
        description=row.description,
        owner=row.owner,
        date=row.date,
        expected_change=row.expected_change,
        created_at=row.created_at,
    )
