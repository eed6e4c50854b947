"""`masterflow doctor`: what is installed, reachable, missing, with the fix."""

import asyncio
import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

import asyncpg
import fsspec
import httpx
import typer

from masterflow import __version__
from masterflow.bootstrap import database_server, embedded_server
from masterflow.cli.acting import AsJson, recall
from masterflow.cli.output import print_json, print_table
from masterflow.cli.serving import DEFAULT_PORT
from masterflow.config import Settings
from masterflow.db.embedded import programs
from masterflow.db.health import WORKER_SEEN_WITHIN, Health, probe
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import MasterflowError
from masterflow.orchestrator.vitals.diagnosis import Finding, examine_role, examine_work

OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 1_000_000_000
LEAST_SECRET_CHARACTERS = 16


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
    yield _files(settings)
    yield _person(settings)
    yield Finding(name="model", ok=True, says="none is used: rules compute, and nothing needs a model", needed=False)
    yield _key(settings)
    yield _port("api port", DEFAULT_PORT, setting="--port")
    if settings.metrics_port is not None:
        yield _port("metrics port", settings.metrics_port, setting="MASTERFLOW_METRICS_PORT")
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


def _files(settings: Settings) -> Finding:
    """Whether uploads and artifacts can be kept: by keeping something."""
    url = settings.files_url
    if settings.artifacts_url is None and not settings.data_dir.exists():
        return Finding(name="files", ok=True, says="made in the data folder with the first file", needed=False)
    try:
        storage, root = fsspec.core.url_to_fs(url)
        storage.makedirs(root, exist_ok=True)
        probe_path = f"{root}/.doctor-{uuid4().hex}.part"
        storage.pipe_file(probe_path, b"masterflow")
        storage.rm_file(probe_path)
    except (OSError, ValueError, ImportError) as error:
        fix = "Let this process write there, or set MASTERFLOW_ARTIFACTS_URL to storage that it may write to."
        return Finding(name="files", ok=False, says=f"{_shown(url)} cannot be written: {error}", fix=fix)
    return Finding(name="files", ok=True, says=f"{_shown(url)} can be written")


def _shown(url: str) -> str:
    """A URL without what may be a secret in it."""
    return re.sub(r"//[^/@]*@", "//…@", url).partition("?")[0]


def _key(settings: Settings) -> Finding:
    """What the three roles' passwords are derived from; a guessable one opens the database."""
    secret = settings.database_role_secret
    if secret is None:
        kept = "in the data folder" if settings.database_is_embedded else "in the connections that were given"
        return Finding(name="keys", ok=True, says=f"passwords are kept {kept}", needed=False)
    long_enough = len(secret.get_secret_value()) >= LEAST_SECRET_CHARACTERS
    fix = "Set a random text of 32 characters or more on every machine, then run `masterflow db migrate`."
    return Finding(
        name="keys",
        ok=long_enough,
        says="MASTERFLOW_DATABASE_ROLE_SECRET is " + ("long enough" if long_enough else "short"),
        fix=None if long_enough else fix,
        needed=False,
    )


def _port(name: str, port: int, *, setting: str) -> Finding:
    with socket.socket() as trial:
        trial.settimeout(1)
        taken = trial.connect_ex(("127.0.0.1", port)) == 0
    if not taken:
        return Finding(name=name, ok=True, says=f"{port} is free", needed=False)
    try:
        masterflow = httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=1).json() == {"status": "alive"}
    except (httpx.HTTPError, ValueError):
        masterflow = False
    fix = None if masterflow else f"Choose another with {setting}."
    says = f"Masterflow answers at {port}" if masterflow else f"something else listens at {port}"
    return Finding(name=name, ok=masterflow, says=says, fix=fix, needed=False)


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
    found = [await examine_role("app", urls.app), await examine_role("engine", urls.engine)]
    if urls.migrate is not None:
        found.append(await examine_role("migrate", urls.migrate))
    health = await probe(urls)
    found += [_migrations(health), _worker(health)]
    if health.migrated:
        try:
            found += await examine_work(urls.engine)
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            fix = "See the message; `masterflow db verify` looks closer."
            found.append(Finding(name="queue", ok=False, says=str(error) or type(error).__name__, fix=fix))
    return found


def _migrations(health: Health) -> Finding:
    current = health.migrated
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
