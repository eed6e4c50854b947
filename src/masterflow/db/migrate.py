"""Roles, the engine's tables and our own, brought to the newest version: idempotent, safe to run at every start."""

import logging
from functools import cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from dbos import DBOS
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import OperationalError

from masterflow.db.rls import ENGINE_ROLE, MIGRATE_ROLE
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import ConfigurationInvalid, Unavailable

ENGINE_SCHEMA = "dbos"
OLDEST_POSTGRES = 15
DATABASE_GRANT = f"GRANT CREATE, CONNECT ON DATABASE %I TO {MIGRATE_ROLE}"  # a template of Postgres' format()
SCHEMA_GRANT = f"GRANT USAGE, CREATE ON SCHEMA public TO {MIGRATE_ROLE}"
_MIGRATION_LOCK = 0x6D666C6F77  # "mflow": two processes that start together migrate one after the other


def migrate(urls: DatabaseUrls, *, revision: str = "head") -> list[str]:
    """Bring the database to `revision` and answer the names of the migrations that ran.

    Raises:
        Unavailable: Postgres does not answer.
        ConfigurationInvalid: Postgres is older than 15, or the role may not do it.
    """
    if urls.admin is not None:
        _make_roles(urls)
    engine = _sync_engine(urls.owner)
    try:
        with _connect(engine, urls.owner) as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
            connection.commit()
            before = _applied(connection)
            connection.commit()
            _migrate_engine_tables(urls.owner)
            command.upgrade(_config(connection), revision)
            connection.commit()
            return [name for name in _path(_applied(connection)) if name not in _path(before)]
    finally:
        engine.dispose()


@cache
def newest_revision() -> str:
    """The revision that this version of the code works with."""
    return _scripts().get_current_head() or ""


def downgrade(urls: DatabaseUrls, *, revision: str = "base") -> None:
    """Take migrations back to `revision`; what their tables held is gone.

    Raises:
        Unavailable: Postgres does not answer.
    """
    engine = _sync_engine(urls.owner)
    try:
        with _connect(engine, urls.owner) as connection:
            command.downgrade(_config(connection), revision)
            connection.commit()
    finally:
        engine.dispose()


def status(urls: DatabaseUrls) -> tuple[str | None, str]:
    """The revision that the database has, and the newest there is."""
    engine = _sync_engine(urls.owner)
    try:
        with _connect(engine, urls.owner) as connection:
            return _applied(connection), newest_revision()
    finally:
        engine.dispose()


def _scripts_folder() -> Path:
    """Beside the source in a checkout, inside the package in a wheel."""
    inside = Path(__file__).parent / "migrations"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts_folder()))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _applied(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _path(revision: str | None) -> list[str]:
    if revision is None:
        return []
    return [script.revision for script in _scripts().iterate_revisions(revision, "base")][::-1]


def _sync_engine(url: URL) -> Engine:
    return create_engine(url.set(drivername="postgresql+psycopg"))


def _connect(engine: Engine, url: URL) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        raise Unavailable(
            f"Postgres at {url.host}:{url.port} refuses role {url.username}: {error.orig}.",
            hint="Start it and check the MASTERFLOW_DATABASE_… settings; `masterflow doctor` tries each of them.",
        ) from error


def _make_roles(urls: DatabaseUrls) -> None:
    """Create the three roles, or set their passwords anew, with what the admin's connection may do."""
    if urls.admin is None:
        return
    engine = _sync_engine(urls.admin)
    try:
        with _connect(engine, urls.admin) as connection:
            _refuse_old_postgres(connection)
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            for url in (urls.app, urls.engine, urls.owner):
                _make_role(connection, str(url.username), str(url.password))
            grant = connection.execute(text(f"SELECT format('{DATABASE_GRANT}', current_database())")).scalar_one()
            connection.exec_driver_sql(grant)
            connection.exec_driver_sql(SCHEMA_GRANT)
            connection.commit()
    finally:
        engine.dispose()


def _refuse_old_postgres(connection: Connection) -> None:
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < OLDEST_POSTGRES:
        raise ConfigurationInvalid(
            f"Postgres {version} is too old.", hint=f"Use Postgres {OLDEST_POSTGRES} or later, or the embedded one."
        )


def _make_role(connection: Connection, name: str, password: str) -> None:
    exists = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).first()
    verb: Literal["CREATE", "ALTER"] = "ALTER" if exists else "CREATE"
    # A role's password cannot be bound as a parameter; it is 64 hex digits, which need no quoting.
    connection.exec_driver_sql(role_sql(verb, name, password))


def role_sql(verb: Literal["CREATE", "ALTER"], name: str, password: str) -> str:
    """The statement that makes a role, or sets its password anew; a role never gets more than its grants."""
    return f"{verb} ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD '{password}'"


def _migrate_engine_tables(owner: URL) -> None:
    for noisy in ("dbos", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    DBOS.migrate(owner.render_as_string(hide_password=False), schema=ENGINE_SCHEMA, application_role=ENGINE_ROLE)
