"""What is kept, and where: tables, migrations, and the repository (dataclass in, dataclass out)."""

from service.store.embedding_cache import SqliteEmbeddingCache
from service.store.engine import connect, database_url
from service.store.migrate import migrate
from service.store.records import (
    ROLES,
    AnalysisRecord,
    AnalysisRequest,
    AnalysisSummary,
    ApiKey,
    Job,
    JobInput,
    KpiRecord,
    Organisation,
    Page,
    PulseRecord,
    PurposeRecord,
    Role,
    Status,
    StoredResponse,
    StudyRecord,
    User,
)
from service.store.repository import Repository

__all__ = [
    "ROLES",
    "AnalysisRecord",
    "AnalysisRequest",
    "AnalysisSummary",
    "ApiKey",
    "Job",
    "JobInput",
    "KpiRecord",
    "Organisation",
    "Page",
    "PulseRecord",
    "PurposeRecord",
    "Repository",
    "Role",
    "SqliteEmbeddingCache",
    "Status",
    "StoredResponse",
    "StudyRecord",
    "User",
    "connect",
    "database_url",
    "migrate",
]
