"""A history to write into by hand, with the transactions that write it held open, and a fold that counts."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
import psycopg
import pytest

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.orchestrator.relay import RelayedEvent
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast

_INSERT = """INSERT INTO flow_events (client_account_id, engagement_id, flow_id, seq, kind, actor, data)
    VALUES ($1, $2, $3, $4, $5, 'somebody', '{"status": "running"}') RETURNING id"""


class Writer:
    """One transaction that writes events and stays open until it is told how to end."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._transaction = connection.transaction()

    async def begin(self) -> "Writer":
        await self._transaction.start()
        await self._connection.execute("SELECT pg_current_xact_id()")  # as a command has, which writes its row first
        return self

    async def event(self, tenant: Tenant, flow_id: UUID | None = None, *, seq: int = 1, kind: str = "noted") -> int:
        return await self._connection.fetchval(
            _INSERT, tenant.client_account_id, tenant.engagement_id, flow_id or uuid4(), seq, kind
        )

    async def commit(self) -> None:
        await self._transaction.commit()
        await self._connection.close()

    async def undo(self) -> None:
        await self._transaction.rollback()
        await self._connection.close()


@dataclass
class History:
    """Writers of events, all closed at the end."""

    url: str
    tenant: Tenant
    writers: list[asyncpg.Connection] = field(default_factory=list)

    async def writer(self) -> Writer:
        connection = await asyncpg.connect(self.url)
        self.writers.append(connection)
        return await Writer(connection).begin()

    async def event(self, tenant: Tenant | None = None, *, kind: str = "noted") -> int:
        """One event, committed."""
        writer = await self.writer()
        number = await writer.event(tenant or self.tenant, kind=kind)
        await writer.commit()
        return number


@pytest.fixture
async def history(urls: DatabaseUrls, cast: Cast) -> AsyncIterator[History]:
    history = History(urls.engine.render_as_string(hide_password=False), cast.tenant)
    yield history
    for connection in history.writers:
        connection.terminate()


class Counting:
    """A fold that keeps a row of every event it takes in, and refuses those it is told to."""

    def __init__(self, *, refuses: str | None = None) -> None:
        self.batches: list[list[int]] = []
        self._refuses = refuses

    async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
        self.batches.append([event.id for event in events])
        for event in events:
            await connection.execute("INSERT INTO counted (event_id) VALUES ($1)", event.id)
            if event.kind == self._refuses:
                raise ValueError(f"no {event.kind} here\x00")


@pytest.fixture
def counted(urls: DatabaseUrls) -> None:
    """The table that `Counting` writes; it takes an event as often as it is given."""
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("CREATE TABLE counted (event_id bigint NOT NULL)")
        connection.execute("GRANT SELECT, INSERT ON counted TO masterflow_engine")


async def ids_counted(database: Database) -> list[int]:
    async with database.moving() as connection:
        return [row["event_id"] for row in await connection.fetch("SELECT event_id FROM counted ORDER BY event_id")]
