"""Whether the database can be worked with, asked over connections that belong to no pool."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from sqlalchemy.engine import URL

from masterflow.db.migrate import is_current, newest_revision
from masterflow.db.urls import DatabaseUrls
from masterflow.logs import get_logger

_log = get_logger(__name__)

PROBE_SECONDS = 2.0
NO_ANSWER = "does not answer; the log and `masterflow doctor` say why"
WORKER_SEEN_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a probe saw. `trouble` is None when both roles could ask; `cause` names hosts and roles, for the operator's
    eyes only. `worker_age` is None when no worker ever beat."""

    trouble: str | None
    cause: str | None
    revision: str | None
    newest_revision: str
    worker_age: timedelta | None

    @property
    def migrated(self) -> bool:
        """Whether this version of the code works with the database as it is."""
        return is_current(self.revision)


async def probe(urls: DatabaseUrls) -> Health:
    """Ask the database as the app's role and as the engine's; trouble is told, never raised."""
    newest = newest_revision()
    try:
        revision = await _ask(urls.app, "SELECT version_num FROM alembic_version")
        age = await _ask(urls.engine, "SELECT now() - max(beat_at) FROM workers")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        cause = f"{type(error).__name__}: {error}"
        return Health(trouble=NO_ANSWER, cause=cause, revision=None, newest_revision=newest, worker_age=None)
    return Health(
        trouble=None,
        cause=None,
        revision=revision if isinstance(revision, str) else None,
        newest_revision=newest,
        worker_age=age if isinstance(age, timedelta) else None,
    )


class Prober:
    """Probes for many who ask at once: one at a time, its answer good for `good_for`, its trouble logged."""

    def __init__(self, *, good_for: timedelta = timedelta(seconds=1)) -> None:
        self._good_for = good_for.total_seconds()
        self._alone = asyncio.Lock()
        self._known: tuple[float, DatabaseUrls, Health] | None = None

    async def health(self, urls: DatabaseUrls) -> Health:
        """What the last probe saw, or a new one if that was longer ago."""
        async with self._alone:
            if self._known is not None:
                seen_at, of, health = self._known
                if of is urls and time.monotonic() - seen_at < self._good_for:
                    return health
            health = await probe(urls)
            if health.trouble:
                _log.warning("probe failed", error=health.cause)
            self._known = (time.monotonic(), urls, health)
            return health


async def _ask(url: URL, query: str) -> object:
    connection = await asyncpg.connect(url.render_as_string(hide_password=False), timeout=PROBE_SECONDS)
    try:
        return await connection.fetchval(query, timeout=PROBE_SECONDS)
    finally:
        await connection.close(timeout=PROBE_SECONDS)
