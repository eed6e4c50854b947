"""All settings, read once from the environment (prefix `MASTERFLOW_`) and nowhere else."""

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from masterflow.errors import ConfigurationInvalid, sentence_of_model

SECRETS_DIR = "/run/secrets"


class LogSettings(BaseSettings):
    """The settings that every command needs, whatever else it does."""

    model_config = SettingsConfigDict(env_prefix="MASTERFLOW_", extra="ignore", frozen=True)

    log_format: Literal["console", "json"] = Field("console", description="Form of log lines")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged")

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment.

        Raises:
            ConfigurationInvalid: a variable has a value that does not fit; the message names the variable.
        """
        folder = Path(os.environ.get("MASTERFLOW_SECRETS_DIR", SECRETS_DIR))
        try:
            return cls(_secrets_dir=folder if folder.is_dir() else None)
        except ValidationError as error:
            problems = [
                f"MASTERFLOW_{'_'.join(str(part) for part in e['loc']).upper()} = {e['input']!r}: "
                + sentence_of_model(e["msg"])
                for e in error.errors()
            ]
            raise ConfigurationInvalid("; ".join(problems), hint="Correct the environment and start again.") from error


class Settings(LogSettings):
    """The settings of one process; every field is the environment variable `MASTERFLOW_<NAME>`."""

    secrets_dir: Path = Field(
        Path(SECRETS_DIR),
        description="Folder of files named as settings, such as masterflow_token; a variable goes before its file",
    )
    database_url: SecretStr | None = Field(
        None, description="Postgres to use, as a role that may create roles; none: an embedded one in DATA_DIR"
    )
    database_app_url: SecretStr | None = Field(
        None, description="Connection of the tenant-bound role; with the next two, no process holds an admin's password"
    )
    database_engine_url: SecretStr | None = Field(None, description="Connection of the engine's role")
    database_migrate_url: SecretStr | None = Field(
        None, description="Connection of the owner; only `db migrate` needs it"
    )
    database_role_secret: SecretStr | None = Field(
        None, description="Derives the three roles' passwords when DATABASE_URL carries no password"
    )
    database_backup_url: SecretStr | None = Field(
        None,
        description="Connection of `db backup` and `db verify`: a role with LOGIN and REPLICATION; none: DATABASE_URL",
    )
    data_dir: Path = Field(Path(".masterflow"), description="Embedded database, uploads and artifacts")
    artifacts_url: str | None = Field(None, description="Where files are kept (fsspec URL); none: DATA_DIR/artifacts")
    worker_concurrency: int = Field(100, ge=1, le=1000, description="Flows one worker moves at a time")
    worker_processes: int = Field(2, ge=1, le=64, description="Processes for CPU-bound work of one worker")
    drain_seconds: int = Field(
        20, ge=0, le=3600, description="How long running phases may end after SIGTERM before they are given back"
    )
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Where a worker serves /metrics and /health/live; none: nowhere"
    )
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that /metrics asks for; none: /metrics answers this machine alone"
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="Where spans are sent (OTLP over HTTP, such as http://collector:4318); none: nowhere"
    )
    max_upload_mb: int = Field(200, ge=1, le=4096, description="Largest file that is read, in MB (10^6 bytes)")
    plan_seconds: int = Field(60, ge=1, le=3600, description="Time limit of one wave-planning run, in seconds")
    encryption_key: SecretStr | None = Field(
        None,
        description="Seals secrets in the database: 32 bytes in base64, former keys behind commas; "
        "none: with the embedded database one is made in DATA_DIR",
    )
    webhooks_allow_private: bool = Field(False, description="Whether webhooks may point to internal hosts, and by http")
    quota_running: int = Field(10_000, ge=0, description="Flows of one engagement that may run at once; 0: no limit")
    quota_created_per_hour: int = Field(
        100_000, ge=0, description="Flows that may be created in one engagement within an hour; 0: no limit"
    )
    quota_flows: int = Field(0, ge=0, description="Flows that one engagement may have in all; 0: no limit")
    token: SecretStr | None = Field(None, description="API token the command line acts with; none: as a local operator")
    engagement: str | None = Field(None, description="Engagement the command line works in: its name or id")
    user: str | None = Field(None, description="E-mail of the member the command line acts as, when it uses no token")

    @property
    def database_is_embedded(self) -> bool:
        """Whether no database is named, so that one is started in DATA_DIR."""
        return self.database_url is None and self.database_app_url is None

    @property
    def max_upload_bytes(self) -> int:
        """The largest file that is read, in bytes."""
        return self.max_upload_mb * 1_000_000

    @property
    def files_url(self) -> str:
        """Where uploads and artifacts are kept, as an fsspec URL."""
        return self.artifacts_url or (self.data_dir / "artifacts").absolute().as_uri()
