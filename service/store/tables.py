"""The tables. Times are UTC; ids are random, so that none can be guessed or counted."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware UTC time; SQLite keeps it without a zone, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """Root of the tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        bytes: LargeBinary,
    }


class OrganisationRow(Base):
    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[dt.datetime]


class UserRow(Base):
    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime]


class ApiKeyRow(Base):
    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    prefix: Mapped[str] = mapped_column(String(20), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]


class PurposeRow(Base):
    __tablename__ = "purposes"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    statement: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    created_at: Mapped[dt.datetime]


class PurposeVersionRow(Base):
    __tablename__ = "purpose_versions"

    purpose_id: Mapped[str] = mapped_column(ForeignKey("purposes.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    facets: Mapped[list[Any]]
    created_at: Mapped[dt.datetime]


class AnalysisRow(Base):
    """What was asked and what was found; how far it is stands in its job."""

    __tablename__ = "analyses"
    __table_args__ = (Index(None, "organisation_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    purpose_id: Mapped[str | None] = mapped_column(ForeignKey("purposes.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]


class AnalysisInputRow(Base):
    """The comments as they came in. The row is deleted when the job completes or fails for good."""

    __tablename__ = "analysis_inputs"

    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    comments: Mapped[bytes]


class AnalysisCommentRow(Base):
    """A scored comment: redacted text, no respondent, no date, no groups."""

    __tablename__ = "analysis_comments"

    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    comment: Mapped[dict[str, Any]]


class AnalysisStudyRow(Base):
    """What is needed to edit an analysis' themes: redacted, respondents under pseudonyms, gone with the analysis."""

    __tablename__ = "analysis_studies"

    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str] = mapped_column(String(200))
    study: Mapped[bytes]


class KpiRow(Base):
    """A KPI's value for a group in a period. It belongs to the organisation, and outlives analyses of the group."""

    __tablename__ = "kpis"

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True)
    kpi: Mapped[str] = mapped_column(String(200), primary_key=True)
    cut: Mapped[str] = mapped_column(String(200), primary_key=True)  # empty: any cut; a key holds no NULL
    group_name: Mapped[str] = mapped_column(String(200), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[float]
    updated_at: Mapped[dt.datetime]


class ActionRow(Base):
    """What was decided about an insight, which is kept as it was then; gone with the analysis."""

    __tablename__ = "actions"
    __table_args__ = (Index(None, "organisation_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), index=True)
    insight_id: Mapped[str] = mapped_column(Text)
    headline: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(60))
    measure: Mapped[str] = mapped_column(String(20))
    facet_id: Mapped[str | None] = mapped_column(Text)
    theme_id: Mapped[str | None] = mapped_column(Text)
    cut: Mapped[str | None] = mapped_column(Text)
    group_name: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(200))
    date: Mapped[dt.date]
    expected_change: Mapped[float]
    created_at: Mapped[dt.datetime]


class JobRow(Base):
    """The truth about one analysis' progress; queue messages only point here."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "state", "lease_until"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    claim: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[dt.datetime | None]
    heartbeat_at: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    stage: Mapped[str | None] = mapped_column(String(60))
    done: Mapped[int]
    total: Mapped[int]
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_detail: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime]


class IdempotencyKeyRow(Base):
    """A key that came with a POST, and the answer it got; ``status`` is None while the first request runs."""

    __tablename__ = "idempotency_keys"

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(String(500))
    resource_id: Mapped[str | None] = mapped_column(String(40), index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
