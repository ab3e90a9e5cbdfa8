"""The one place that puts settings, models, store and queue together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huey import Huey, PostgresHuey, SqliteHuey

from service.config import Settings
from service.store import Repository, SqliteEmbeddingCache, connect, database_url, migrate

if TYPE_CHECKING:
    from service.core.pipeline import Analyser
    from service.core.privacy.pseudonyms import Pseudonyms

QUEUE = "plumbline"


def build_analyser(settings: Settings, *, cached: bool = True) -> Analyser:
    """The analyser with the models of ``settings`` and the default codebook.

    Args:
        settings: all of them.
        cached: keep embeddings in the data folder between runs.

    Raises:
        ModelUnavailable: the package of the chosen stance model is not installed.
        ModelIntegrityError: a model file is missing or is not the one in the manifest.
        InvalidCodebook: the default codebook cannot be used.
        ConfigurationError: the file of next steps cannot be used.
    """
    from service.core.models import load_models
    from service.core.next_steps import read_next_steps
    from service.core.pipeline import Analyser
    from service.ingest import read_codebook

    return Analyser(
        load_models(settings.models_dir, settings.embedder, settings.stance),
        codebook=read_codebook(settings.codebook),
        languages=settings.languages,
        min_respondents=settings.min_respondents,
        min_verbatim_respondents=settings.min_verbatim_respondents,
        max_comment_chars=settings.max_comment_chars,
        seed=settings.seed,
        next_steps=read_next_steps(settings.next_steps),
        cache=SqliteEmbeddingCache(settings.data_dir / "embeddings.sqlite") if cached else None,
    )


def build_pseudonyms(settings: Settings) -> Pseudonyms:
    """What respondents are called where an analysis is kept, by the secret key, which is not in the database."""
    from service.core.privacy.pseudonyms import Pseudonyms

    return Pseudonyms(settings.resolved_secret_key())


def build_repository(settings: Settings) -> Repository:
    """The repository, on a database that is brought up to date first."""
    url = settings.resolved_database_url
    migrate(url)
    return Repository(connect(url))


def build_queue(settings: Settings) -> Huey:
    """The queue: in PostgreSQL beside the tables, or in an SQLite file in the data folder."""
    url = database_url(settings.resolved_database_url)
    if url.get_backend_name() == "postgresql":
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresHuey(QUEUE, dsn=dsn, results=False)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(QUEUE, filename=str(settings.data_dir / "queue.sqlite"), results=False)
