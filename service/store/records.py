"""What the repository takes and gives: frozen dataclasses, no SQLAlchemy in sight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from service.results import Analysis, Codebook, Comment, Purpose, StanceChoice
from service.results.kpis import Kpi

Role = Literal["analyst", "researcher", "leader"]
ROLES: tuple[Role, ...] = ("analyst", "researcher", "leader")
Status = Literal["queued", "running", "completed", "failed"]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    organisation_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who signs in on the page."""

    user_id: str
    organisation_id: str
    organisation_name: str
    email: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of the HTTP API; the secret itself is known only to its holder."""

    key_id: str
    organisation_id: str
    organisation_name: str
    prefix: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRecord:
    """A purpose and the version of its facets; every change of the facets makes a new version."""

    purpose_id: str
    version: int
    purpose: Purpose
    created_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRequest:
    """What an analysis was asked to do, without the comments.

    Attributes:
        name: what people call it.
        purpose: the purpose as it was when the analysis was made.
        purpose_id: the stored purpose it came from, or None when it was given inline.
        codebook: a codebook given with the request, or None for the default one.
        cuts: group dimensions that are reported.
        ratings: ratings that drivers are sought for.
        stance: the stance model, or None for the service's own choice.
    """

    name: str
    purpose: Purpose
    purpose_id: str | None = None
    codebook: Codebook | None = None
    cuts: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    stance: StanceChoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSummary:
    """One line of the list of analyses.

    Attributes:
        stage: what the worker is doing, or None before it began.
        done: items of the stage that are done.
        total: items of the stage.
        error_code: stable code of the error that ended a failed analysis.
        error_detail: its sentence.
        counts: what became of the comments; None until completed.
    """

    analysis_id: str
    name: str
    status: Status
    stage: str | None
    done: int
    total: int
    error_code: str | None
    error_detail: str | None
    counts: Mapping[str, int] | None
    created_at: dt.datetime
    finished_at: dt.datetime | None

    @property
    def progress(self) -> float:
        """How far the current stage is, 0 to 1."""
        if self.status == "completed":
            return 1.0
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def error(self) -> str | None:
        return self.error_detail

    @property
    def finished(self) -> bool:
        return self.status in ("completed", "failed")


@dataclass(frozen=True, kw_only=True)
class AnalysisRecord(AnalysisSummary):
    """An analysis with what it was asked and what it found.

    Attributes:
        document: the ``analysis.json`` object of the contract, with the theme map and without comments; None until
            completed.
    """

    request: AnalysisRequest
    document: Mapping[str, Any] | None = field(repr=False)

    @cached_property
    def result(self) -> Analysis | None:
        """The document as an ``Analysis`` (its ``comments`` are empty: ``Repository.list_comments`` gives them)."""
        return None if self.document is None else Analysis.from_dict(self.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """What is needed to edit an analysis' themes: ``Analyser.unpack`` makes a study of it.

    Attributes:
        version: of the themes as they are now.
        study: as ``Analyser.pack`` made it.
        analysis: what is published of it.
        stance: the stance model it was asked with.
    """

    version: str
    study: bytes = field(repr=False)
    analysis: Analysis = field(repr=False)
    stance: StanceChoice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseRecord:
    """A completed analysis as a pulse of its purpose; ``version`` of its themes is None where no study was kept."""

    analysis_id: str
    name: str
    created_at: dt.datetime
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiRecord:
    """A KPI's value, and when it was last given."""

    kpi: Kpi
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A claim on one analysis: ``claim`` is the worker's proof that the job is still its own."""

    job_id: str
    analysis_id: str
    attempts: int
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInput:
    """What a worker needs to run a job."""

    organisation_id: str
    request: AnalysisRequest
    comments: tuple[Comment, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """The answer given the first time an ``Idempotency-Key`` came."""

    status: int
    body: str = field(repr=False)
    location: str | None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; ``next_cursor`` is None on the last page."""

    items: tuple[Item, ...]
    next_cursor: str | None
