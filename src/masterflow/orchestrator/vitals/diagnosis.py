"""What `masterflow doctor` asks of a database: whether its roles, clock, queue and relay are as they must be."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
from sqlalchemy.engine import URL

from masterflow.orchestrator.vitals.store import (
    forgotten_flows,
    relay_lag,
    waiting_flows_in_the_queue,
)

PROBE_SECONDS = 5.0
MOST_SKEW = timedelta(seconds=5)
MOST_RELAY_LAG = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. What is not `needed` may be missing without harm now."""

    name: str
    ok: bool
    says: str
    fix: str | None = None
    needed: bool = True


async def examine_role(name: str, url: URL) -> Finding:
    """Whether a role can connect, and has no more rights than it must."""
    where = f"{url.username}@{url.host}:{url.port}/{url.database}"
    try:
        connection = await asyncpg.connect(_text(url), timeout=PROBE_SECONDS)
        try:
            row = await connection.fetchrow(
                "SELECT rolsuper OR rolbypassrls AS passes, current_setting('server_version') AS version"
                " FROM pg_roles WHERE rolname = current_user"
            )
        finally:
            await connection.close(timeout=PROBE_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        fix = "Run `masterflow db migrate`, which makes the roles; then check the MASTERFLOW_DATABASE_… settings."
        return Finding(name=f"role {name}", ok=False, says=f"{where}: {error or type(error).__name__}", fix=fix)
    if row["passes"]:
        says = f"{where} is a superuser or passes by row-level security: nothing would keep tenants apart"
        fix = "Connect as the role that `masterflow db roles` prints."
        return Finding(name=f"role {name}", ok=False, says=says, fix=fix)
    return Finding(name=f"role {name}", ok=True, says=f"{where}, Postgres {row['version']}")


async def examine_work(engine: URL) -> list[Finding]:
    """The clock, the checksums, the queue and the relay, as the engine's role sees them.

    Raises:
        OSError, TimeoutError, asyncpg.PostgresError: the database does not answer.
    """
    connection = await asyncpg.connect(_text(engine), timeout=PROBE_SECONDS)
    try:
        return [
            await _checksums(connection),
            await _clock(connection),
            *await _queue(connection),
            await _relay(connection),
        ]
    finally:
        await connection.close(timeout=PROBE_SECONDS)


async def _checksums(connection: asyncpg.Connection) -> Finding:
    on = await connection.fetchval("SHOW data_checksums") == "on"
    fix = "Stop the server, run `pg_checksums --enable` on its folder, start it again."
    return Finding(
        name="checksums",
        ok=on,
        says="on" if on else "pages carry none: a failing disk goes unnoticed",
        fix=None if on else fix,
        needed=False,
    )


async def _clock(connection: asyncpg.Connection) -> Finding:
    before = datetime.now(UTC)
    theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
    after = datetime.now(UTC)
    skew = max(before - theirs, theirs - after, timedelta(0))
    ok = skew <= MOST_SKEW
    return Finding(
        name="clock",
        ok=ok,
        says=f"{skew.total_seconds():.1f} s from the database's",
        fix=None if ok else "Let both machines take their time from the same server (chrony, systemd-timesyncd).",
    )


async def _queue(connection: asyncpg.Connection) -> list[Finding]:
    return [
        _none_of(
            "waiting flows",
            await waiting_flows_in_the_queue(connection),
            good="hold nothing in the queue",
            bad="wait or ended, and are still in the queue",
            fix="They do no harm and go with the next run; tell the developers.",
        ),
        _none_of(
            "running flows",
            await forgotten_flows(connection),
            good="are in the queue or in a worker's hands",
            bad="run by their row, but not in the queue",
            fix="A worker queues them anew within a minute: start `masterflow worker`.",
        ),
    ]


def _none_of(name: str, flows: list[str], *, good: str, bad: str, fix: str) -> Finding:
    says = good if not flows else f"{', '.join(flows)} {bad}"
    return Finding(name=name, ok=not flows, says=says, fix=fix if flows else None, needed=False)


async def _relay(connection: asyncpg.Connection) -> Finding:
    lag = await relay_lag(connection)
    if lag is None:
        return Finding(name="relay", ok=True, says="this version passes on no events", needed=False)
    ok = lag.age <= MOST_RELAY_LAG
    return Finding(
        name="relay",
        ok=ok,
        says=f"{lag.events} events behind, the oldest {lag.age.total_seconds():.0f} s old",
        fix=None if ok else "Start `masterflow worker`; its log says `upkeep_failed` when the relay cannot work.",
        needed=False,
    )


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
