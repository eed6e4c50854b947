"""Which Postgres, and how each of the three roles reaches it."""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from masterflow.config import Settings
from masterflow.db.rls import APP_ROLE, ENGINE_ROLE, MIGRATE_ROLE
from masterflow.errors import ConfigurationInvalid


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One URL a role. `admin` may create roles and databases; it is None when the roles are kept by somebody else."""

    app: URL
    engine: URL
    migrate: URL | None
    admin: URL | None = None

    @property
    def owner(self) -> URL:
        """The URL of the role that migrates.

        Raises:
            ConfigurationInvalid: this process was not given one.
        """
        if self.migrate is None:
            raise ConfigurationInvalid(
                "MASTERFLOW_DATABASE_MIGRATE_URL is not set.",
                hint="Set it for `masterflow db migrate`; nothing else needs it.",
            )
        return self.migrate


def urls_from_settings(settings: Settings) -> DatabaseUrls | None:
    """The database that the settings name, or None for the embedded one.

    Raises:
        ConfigurationInvalid: a URL cannot be read, or the settings give only part of what is needed.
    """
    if settings.database_app_url and settings.database_engine_url:
        migrate = settings.database_migrate_url
        return DatabaseUrls(
            app=_parse("DATABASE_APP_URL", settings.database_app_url.get_secret_value()),
            engine=_parse("DATABASE_ENGINE_URL", settings.database_engine_url.get_secret_value()),
            migrate=_parse("DATABASE_MIGRATE_URL", migrate.get_secret_value()) if migrate else None,
        )
    if settings.database_app_url or settings.database_engine_url or settings.database_migrate_url:
        raise ConfigurationInvalid(
            "MASTERFLOW_DATABASE_APP_URL and MASTERFLOW_DATABASE_ENGINE_URL belong together.", hint="Set both."
        )
    if settings.database_url is None:
        return None
    admin = _parse("DATABASE_URL", settings.database_url.get_secret_value())
    secret = (
        settings.database_role_secret.get_secret_value() if settings.database_role_secret else str(admin.password or "")
    )
    if not secret:
        raise ConfigurationInvalid(
            "MASTERFLOW_DATABASE_URL carries no password to derive the three roles' passwords from.",
            hint="Set MASTERFLOW_DATABASE_ROLE_SECRET to a long random text, the same on every machine.",
        )
    return derive_urls(admin, secret)


def derive_urls(admin: URL, secret: str) -> DatabaseUrls:
    """URLs of the three roles beside `admin`, with passwords that every machine derives from the same secret."""

    def role(name: str) -> URL:
        password = hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()
        return admin.set(username=name, password=password)

    return DatabaseUrls(app=role(APP_ROLE), engine=role(ENGINE_ROLE), migrate=role(MIGRATE_ROLE), admin=admin)


def _parse(name: str, value: str) -> URL:
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise ConfigurationInvalid(
            f"MASTERFLOW_{name} is not a database URL.", hint="Write postgresql://user:password@host:5432/database."
        ) from error
    if url.get_backend_name() != "postgresql":
        raise ConfigurationInvalid(
            f"MASTERFLOW_{name} names {url.get_backend_name()}, but Masterflow runs on Postgres 15 or later.",
            hint="Write postgresql://user:password@host:5432/database.",
        )
    return url.set(drivername="postgresql")
