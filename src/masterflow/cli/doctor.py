"""`masterflow doctor`: what is installed, reachable, missing, with the fix."""

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg
import typer
from sqlalchemy.engine import URL

from masterflow import __version__
from masterflow.bootstrap import database_server, embedded_server
from masterflow.cli.acting import AsJson, recall
from masterflow.cli.output import print_json, print_table
from masterflow.config import Settings
from masterflow.db.embedded import programs
from masterflow.db.health import PROBE_SECONDS, WORKER_SEEN_WITHIN, Health, probe
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import MasterflowError

OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. What is not `needed` may be missing without harm now."""

    name: str
    ok: bool
    says: str
    fix: str | None = None
    needed: bool = True


def doctor(*, as_json: AsJson = False) -> None:
    """Say what is installed, reachable and missing, with the fix; exit code 1 when something needed is missing."""
    findings = [*_installation(), *_settings()]
    if as_json:
        print_json({"items": [asdict(finding) for finding in findings]})
    else:
        rows = [("ok" if f.ok else "MISSING" if f.needed else "-", f.name, f.says, f.fix) for f in findings]
        print_table(("", "what", "found", "fix"), rows, empty="")
    if any(finding.needed and not finding.ok for finding in findings):
        raise typer.Exit(1)


def _installation() -> Iterator[Finding]:
    yield Finding(name="masterflow", ok=True, says=__version__)
    yield Finding(
        name="python",
        ok=sys.version_info >= OLDEST_PYTHON,
        says=platform.python_version(),
        fix=None if sys.version_info >= OLDEST_PYTHON else "Install Python 3.11 or later.",
    )
    try:
        yield Finding(name="embedded postgres", ok=True, says=str(programs()), needed=False)
    except MasterflowError as error:
        yield Finding(name="embedded postgres", ok=False, says=error.message, fix=error.hint, needed=False)


def _settings() -> Iterator[Finding]:
    try:
        settings = Settings.from_environment()
    except MasterflowError as error:
        yield Finding(name="settings", ok=False, says=error.message, fix=error.hint)
        return
    named = "a database of your own" if not settings.database_is_embedded else "the embedded database"
    yield Finding(name="settings", ok=True, says=f"{named}, data in {settings.data_dir.absolute()}")
    yield _data_folder(settings.data_dir.absolute())
    yield _person(settings)
    if settings.database_is_embedded and not embedded_server(settings).exists:
        fix = "`masterflow up` or `masterflow quickstart FILE…` makes it."
        yield Finding(name="database", ok=False, says="not set up yet in this data folder", fix=fix, needed=False)
        return
    try:
        with database_server(settings) as urls:
            yield from asyncio.run(_database(urls))
    except MasterflowError as error:
        yield Finding(name="database", ok=False, says=error.message, fix=error.hint)


def _data_folder(folder: Path) -> Finding:
    nearest = next(part for part in (folder, *folder.parents) if part.exists())
    if not os.access(nearest, os.W_OK):
        return Finding(
            name="data folder", ok=False, says=f"{nearest} cannot be written", fix="Set MASTERFLOW_DATA_DIR."
        )
    free = shutil.disk_usage(nearest).free
    return Finding(
        name="data folder",
        ok=free >= LEAST_FREE_BYTES,
        says=f"{free / 1e9:.1f} GB free",
        fix=None if free >= LEAST_FREE_BYTES else "Make room, or set MASTERFLOW_DATA_DIR to another disk.",
    )


def _person(settings: Settings) -> Finding:
    if settings.token:
        return Finding(name="who acts", ok=True, says="the owner of MASTERFLOW_TOKEN", needed=False)
    user = settings.user or recall(settings).user
    return Finding(
        name="who acts",
        ok=user is not None,
        says=user or "nobody is remembered",
        fix=None if user else "`masterflow up`, or `masterflow user create EMAIL --role lead`, or --as EMAIL.",
        needed=False,
    )


async def _database(urls: DatabaseUrls) -> list[Finding]:
    roles = [await _role("app", urls.app), await _role("engine", urls.engine)]
    if urls.migrate is not None:
        roles.append(await _role("migrate", urls.migrate))
    health = await probe(urls)
    return [*roles, _migrations(health), _worker(health)]


async def _role(name: str, url: URL) -> Finding:
    where = f"{url.username}@{url.host}:{url.port}/{url.database}"
    try:
        connection = await asyncpg.connect(url.render_as_string(hide_password=False), timeout=PROBE_SECONDS)
        version = await connection.fetchval("SHOW server_version")
        await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        fix = "Run `masterflow db migrate`, which makes the roles; then check the MASTERFLOW_DATABASE_… settings."
        return Finding(name=f"role {name}", ok=False, says=f"{where}: {error or type(error).__name__}", fix=fix)
    return Finding(name=f"role {name}", ok=True, says=f"{where}, Postgres {version}")


def _migrations(health: Health) -> Finding:
    current = health.revision == health.newest_revision
    return Finding(
        name="migrations",
        ok=current,
        says=f"at {health.revision or 'none'}, newest is {health.newest_revision}",
        fix=None if current else "Run `masterflow db migrate`.",
    )


def _worker(health: Health) -> Finding:
    seen = health.worker_age is not None and health.worker_age <= WORKER_SEEN_WITHIN
    age = "none was ever seen" if health.worker_age is None else f"seen {health.worker_age.total_seconds():.0f} s ago"
    return Finding(
        name="worker",
        ok=seen,
        says=age,
        fix=None if seen else "Start `masterflow worker`, or `masterflow up` for everything in one.",
        needed=False,
    )
