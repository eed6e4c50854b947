"""Whether the database can be worked with, asked over connections that belong to no pool."""

from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from sqlalchemy.engine import URL

from masterflow.db.migrate import newest_revision
from masterflow.db.urls import DatabaseUrls

PROBE_SECONDS = 2.0
WORKER_SEEN_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a probe saw. `trouble` is None when both roles could ask; `worker_age` is None when no worker ever beat."""

    trouble: str | None
    revision: str | None
    newest_revision: str
    worker_age: timedelta | None


async def probe(urls: DatabaseUrls) -> Health:
    """Ask the database as the app's role and as the engine's; trouble is told, never raised."""
    newest = newest_revision()
    try:
        revision = await _ask(urls.app, "SELECT version_num FROM alembic_version")
        age = await _ask(urls.engine, "SELECT now() - max(beat_at) FROM workers")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        said = str(error) or type(error).__name__
        return Health(trouble=f"does not answer: {said}", revision=None, newest_revision=newest, worker_age=None)
    return Health(
        trouble=None,
        revision=revision if isinstance(revision, str) else None,
        newest_revision=newest,
        worker_age=age if isinstance(age, timedelta) else None,
    )


async def _ask(url: URL, query: str) -> object:
    connection = await asyncpg.connect(url.render_as_string(hide_password=False), timeout=PROBE_SECONDS)
    try:
        return await connection.fetchval(query, timeout=PROBE_SECONDS)
    finally:
        await connection.close(timeout=PROBE_SECONDS)
