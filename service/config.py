"""Settings, read once from the environment (prefix ``PLUMBLINE_``) or a ``.env`` file."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
DISCLOSURE_FLOOR = 3


class Settings(BaseSettings):
    """Every setting of the service; each is documented in the README (a test holds that)."""

    model_config = SettingsConfigDict(env_prefix="PLUMBLINE_", env_file=".env", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "development"
    secret_key: SecretStr = Field(default=SecretStr(""), description="signs sessions and forms")
    data_dir: Path = Field(default=Path("var"), description="the SQLite files and the embedding cache")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in data_dir")
    models_dir: Path = Field(default=ROOT / "models", description="weights and their manifest")
    embedder: str = Field(default="", description="folder or hub name of another sentence-transformers model")
    stance: Literal["fast", "accurate"] = Field(default="fast", description="stance model where none is asked for")
    codebook: Path = Field(default=ROOT / "data" / "codebooks" / "shared-purpose.yaml", description="default codebook")
    next_steps: Path = Field(default=ROOT / "data" / "next_steps.yaml", description="what insights propose to try")
    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("en",), description="ISO 639-1 codes that are analysed, comma-separated"
    )
    seed: int = 0
    min_respondents: int = Field(default=5, ge=DISCLOSURE_FLOOR, description="respondents a number needs")
    min_verbatim_respondents: int = Field(default=10, ge=DISCLOSURE_FLOOR, description="respondents a quote needs")
    max_comment_chars: int = Field(default=5_000, ge=100, description="longer comments are truncated and counted")
    max_comments: int = Field(default=100_000, ge=1, description="comments in one analysis")
    max_score_texts: int = Field(default=64, ge=1, description="texts in one POST /v1/score")
    max_body_mb: int = Field(default=64, ge=1, description="size of a request body")
    rate_limit: str = Field(default="600 per minute", description="requests a key or address may make")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    web_workers: int = Field(default=1, ge=1, description="gunicorn processes")
    web_threads: int = Field(default=4, ge=1, description="threads in each")
    embedded_worker: bool = Field(default=True, description="'serve' also starts a worker process")
    job_lease_seconds: int = Field(default=120, ge=5, description="a job whose worker is silent this long is requeued")
    session_hours: int = Field(default=12, ge=1, description="a page session lasts this long")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("languages", mode="before")
    @classmethod
    def _split_languages(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _production_needs_a_secret(self) -> Settings:
        if self.environment == "production" and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("PLUMBLINE_SECRET_KEY must be set to at least 32 characters in production")
        if self.min_verbatim_respondents < self.min_respondents:
            raise ValueError("PLUMBLINE_MIN_VERBATIM_RESPONDENTS must not be below PLUMBLINE_MIN_RESPONDENTS")
        return self

    @property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'plumbline.sqlite').resolve()}"

    def resolved_secret_key(self) -> str:
        """The secret key; in development one is made and kept in ``data_dir``, so that sessions outlive a restart."""
        if key := self.secret_key.get_secret_value():
            return key
        self.data_dir.mkdir(parents=True, exist_ok=True)
        file = self.data_dir / "secret_key"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(48), encoding="ascii")
        return file.read_text(encoding="ascii")


def load_settings(**overrides: object) -> Settings:
    """Read the settings.

    Raises:
        ConfigurationError: a setting is wrong; each is named with what would be right.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(
            f"{_variable(item['loc'])}: {item['msg']}" for item in error.errors(include_input=False, include_url=False)
        )
        raise ConfigurationError(problems) from None


def _variable(location: tuple[int | str, ...]) -> str:
    return f"PLUMBLINE_{str(location[0]).upper()}" if location else "settings"
