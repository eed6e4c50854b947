"""Roles, the engine's tables and our own, brought to the newest version: idempotent, safe to run at every start."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from dbos import DBOS
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from masterflow import __version__
from masterflow.db.rls import ENGINE_ROLE, MIGRATE_ROLE
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import ConfigurationInvalid, Conflict, Unavailable
from masterflow.logs import get_logger

ENGINE_SCHEMA = "dbos"
OLDEST_POSTGRES = 15
DATABASE_GRANT = f"GRANT CREATE, CONNECT ON DATABASE %I TO {MIGRATE_ROLE}"  # a template of Postgres' format()
SCHEMA_GRANT = f"GRANT USAGE, CREATE ON SCHEMA public TO {MIGRATE_ROLE}"
_LOCK_NOT_AVAILABLE = "55P03"
# Roles are of the whole server, and locks of a database: what is told to one of two processes, with databases of their
# own, that set the same role at once.
_SET_BY_ANOTHER = {"XX000", "23505", "42710"}  # tuple concurrently updated, unique violation, duplicate object
_ROLE_TRIES = 10
_MIGRATION_LOCK = 0x6D666C6F77  # "mflow": two processes that start together migrate one after the other

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a migration is tried on a busy table, and the rest between two tries."""

    tries: int = 30
    rest: timedelta = timedelta(seconds=2)


PATIENCE = Patience()


def migrate(urls: DatabaseUrls, *, post: bool = False, patience: Patience = PATIENCE) -> list[str]:
    """Run the migrations that are missing and answer their names.

    Those named `pre` only add: older processes work on meanwhile. Those named `post` take away what older processes
    need; they run with `post` alone, and on a database that is new. A migration waits at most a second at a time for a
    busy table, so that nobody has to wait behind it for long, and is tried again after a rest.

    Raises:
        Unavailable: Postgres does not answer, or a table stayed busy for as long as there is patience.
        Conflict: `post` was asked for while processes of another version run.
        ConfigurationInvalid: Postgres is older than 15, the database is newer than this code, or the role may not.
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
            _refuse_newer(before)
            if post:
                _refuse_while_others_run(connection)
            _migrate_engine_tables(urls.owner)
            due = _due(before, post=post or before is None)
            for name in due:
                _upgrade(connection, name, patience)
            return due
    finally:
        engine.dispose()


def waiting(urls: DatabaseUrls) -> list[str]:
    """Migrations that are left once `migrate` ran without `post`."""
    applied, _ = status(urls)
    return [name for name in _missing(applied) if name not in _due(applied, post=False)]


def is_current(revision: str | None) -> bool:
    """Whether this version of the code works with a database at `revision`.

    It does when no `pre` migration is missing, and when the database is ahead: what a newer version's `pre` migrations
    added is no hindrance, and its `post` ones do not run while this process does.
    """
    if revision is None:
        return False
    return revision > newest_revision() or not any(_is_pre(name) for name in _missing(revision))


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


def _missing(applied: str | None) -> list[str]:
    """Revisions that come after `applied`, oldest first; all of them after one that nobody knows."""
    names = [script.revision for script in _scripts().walk_revisions()][::-1]
    return names[names.index(applied) + 1 :] if applied in names else names


def _due(applied: str | None, *, post: bool) -> list[str]:
    """What is to be run now: all that is missing, or what comes before the first that takes away."""
    missing = _missing(applied)
    return missing if post else list(takewhile(_is_pre, missing))


def _is_pre(revision: str) -> bool:
    return "_post_" not in Path(_scripts().get_revision(revision).path).name


def _upgrade(connection: Connection, revision: str, patience: Patience) -> None:
    for number in range(1, patience.tries + 1):
        try:
            command.upgrade(_config(connection), revision)
            connection.commit()
        except OperationalError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            _log.warning("migration_waits_for_a_busy_table", revision=revision, tried=number)
            if number < patience.tries:
                time.sleep(patience.rest.total_seconds())
        else:
            return
    raise Unavailable(
        f"Migration {revision} was tried {patience.tries} times and found a table busy each time; nothing is done.",
        hint="Run `masterflow db migrate` again when fewer long transactions run; pg_stat_activity shows them.",
    )


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision > newest_revision():
        raise ConfigurationInvalid(
            f"The database is at version {revision}; this Masterflow knows versions up to {newest_revision()}.",
            hint="Run the newer Masterflow that migrated it.",
        )


def _refuse_while_others_run(connection: Connection) -> None:
    """Refuse to take away what a process of another version may still use."""
    mine = {"version": __version__}
    others = [
        f"{name} of version {version or 'unknown'}" for name, version in connection.execute(text(_SESSIONS), mine)
    ]
    if _applied(connection) is not None:
        found = connection.execute(text(_WORKERS), mine)
        others += [f"worker {host}:{pid} of version {version or 'unknown'}" for host, pid, version in found]
    connection.commit()
    if others:
        raise Conflict(
            f"Processes of another version than {__version__} still run: {'; '.join(others)}.",
            hint="Stop them, or wait until they are replaced, then run `masterflow db migrate --post` again.",
        )


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
            for tries_left in reversed(range(_ROLE_TRIES)):
                try:
                    _set_roles(connection, urls)
                except DBAPIError as error:
                    connection.rollback()
                    if tries_left == 0 or getattr(error.orig, "sqlstate", None) not in _SET_BY_ANOTHER:
                        raise
                else:
                    return
    finally:
        engine.dispose()


def _set_roles(connection: Connection, urls: DatabaseUrls) -> None:
    for url in (urls.app, urls.engine, urls.owner):
        _make_role(connection, str(url.username), str(url.password))
    grant = connection.execute(text(f"SELECT format('{DATABASE_GRANT}', current_database())")).scalar_one()
    connection.exec_driver_sql(grant)
    connection.exec_driver_sql(SCHEMA_GRANT)
    connection.commit()


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


# A process that stays names itself and its version to Postgres, as in 'masterflow-api/0.1.0'.
_SESSIONS = """
SELECT DISTINCT split_part(application_name, '/', 1), split_part(application_name, '/', 2) FROM pg_stat_activity
WHERE datname = current_database() AND split_part(application_name, '/', 1) IN
    ('masterflow-api', 'masterflow-worker', 'masterflow-up') AND split_part(application_name, '/', 2) <> :version"""
_WORKERS = """
SELECT host, pid, version FROM workers
WHERE beat_at > clock_timestamp() - interval '30 seconds' AND version <> :version"""
