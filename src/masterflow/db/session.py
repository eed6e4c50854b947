"""Connections and transactions. This is the only module that commits.

Every transaction is opened for one role and one tenant: the tenant is set inside the same transaction (`SET LOCAL`), so
a pooled connection cannot carry it to the next user. Writes go through SQLAlchemy Core; hot statements go straight to
asyncpg, which costs a third of the CPU.

A transaction that writes for a call records the call in the audit before it commits. Inside `Database.together` all
transactions of a call are parts of one; what a statement over `commanding` or `reading` says in JSON has to be cast to
text and from it, because the connection of that one has SQLAlchemy's codec.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import ColumnElement, Executable, Table, and_, text
from sqlalchemy.engine import URL, CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from masterflow.db.audit import Ids, record_done, record_refused
from masterflow.db.calls import Ongoing, ongoing_call
from masterflow.db.keys import Answer, KeyPlace
from masterflow.db.tables.metadata import Scope
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Unavailable
from masterflow.logs.metrics import waiting_for_a_connection

STATEMENT_TIMEOUT_MS = 60_000
REHEARSAL_TIMEOUT_MS = 1_800_000  # between its statements whole files are read
POOL_WAIT_SECONDS = 10

# When the database says nothing at all, its own limit does not help; both together stay below what a client waits.
ANSWER_SECONDS = STATEMENT_TIMEOUT_MS / 1000 + 5
SOON_SECONDS = 20.0  # for processes that answer requests alone
CANCEL_SECONDS = 5.0

# What passes by itself, by the first letters of the error's SQLSTATE.
_PASSING = {
    "08": "The database connection was lost.",
    "25P03": "The database ended a transaction that stood idle.",
    "53100": "The disk of the database is full.",
    "53": "The database is short of memory or connections.",
    "57014": "The database took too long.",
    "57": "The database is starting or stopping.",
    "58030": "The database cannot read or write its disk.",
}

_SET_CLIENT = "SELECT set_config('app.client', $1, true)"


class TenantIds(Protocol):
    """What a session needs of a tenant."""

    @property
    def client_account_id(self) -> UUID: ...

    @property
    def engagement_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Session:
    """One open transaction of one tenant, for SQLAlchemy Core. It commits when its block ends without an error."""

    connection: AsyncConnection
    tenant: TenantIds

    async def driver(self) -> asyncpg.Connection:
        """The driver's connection of this transaction, for the hot statements that move a flow.

        JSON goes in and comes out as text here: this connection has SQLAlchemy's codec, the hot pools have ours.
        """
        return (await self.connection.get_raw_connection()).driver_connection

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run one statement, or one for each of a list of parameters."""
        return await self.connection.execute(statement, parameters)

    def mine(self, table: Table) -> ColumnElement[bool]:
        """The tenant predicate of `table`, written only here; the planner needs it beside the policy."""
        client = table.c.client_account_id == self.tenant.client_account_id
        if table.info["scope"] is Scope.CLIENT:
            return client
        return and_(client, table.c.engagement_id == self.tenant.engagement_id)

    def stamp(self, table: Table) -> dict[str, UUID]:
        """The tenant's columns for a row to be inserted into `table`."""
        client = {"client_account_id": self.tenant.client_account_id}
        if table.info["scope"] is Scope.CLIENT:
            return client
        return client | {"engagement_id": self.tenant.engagement_id}


@dataclass(frozen=True, slots=True)
class PoolUse:
    """One pool's connections: in use, open and idle, and how many there may be."""

    name: str
    used: int
    idle: int
    most: int


class Together:
    """The one transaction of a call; the first part that needs it opens it, and nothing is kept unless `conclude` ends.

    Its parts follow one another, or lie in each other: one connection serves one at a time.
    """

    def __init__(self, engine: AsyncEngine, tenant: TenantIds, place: KeyPlace | None) -> None:
        self._engine = engine
        self._tenant = tenant
        self._place = place
        self._ongoing = ongoing_call()
        self._stack = AsyncExitStack()
        self._session: Session | None = None
        self._afterwards: list[Callable[[], object]] = []

    @property
    def is_here(self) -> bool:
        """Whether what runs here belongs to the call; work that the call only set off does not."""
        return self._ongoing is ongoing_call()

    @asynccontextmanager
    async def part(self, tenant: TenantIds) -> AsyncIterator[Session]:
        """A part that is undone alone if its block raises.

        Raises:
            KeyInUse: another call has the key, or was answered meanwhile.
            Unavailable: the database does not answer.
        """
        if tenant.client_account_id != self._tenant.client_account_id:
            raise ValueError("the transactions of one call belong to one client")
        async with _translated():
            session = await self._opened()
            async with session.connection.begin_nested():
                yield Session(session.connection, tenant)

    def afterwards(self, do: Callable[[], object]) -> None:
        """Call `do` once everything is committed."""
        self._afterwards.append(do)

    async def conclude(self, answer: Answer | None = None) -> None:
        """Keep everything, and the answer with it where there is a key.

        Raises:
            Unavailable: the database does not answer; whether everything was kept, the same key tells.
        """
        async with _translated():
            session = await self._opened()
            driver = await session.driver()
            recorded = await record_done(driver, _ids(self._tenant), self._ongoing)
            if self._place is not None and answer is not None:
                await self._place.keep(driver, answer)
            await session.connection.commit()
        _note_recorded(recorded)
        for do in self._afterwards:
            do()

    async def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        async with _translated():
            await self._stack.aclose()

    async def _opened(self) -> Session:
        if self._session is None:
            connection = await self._stack.enter_async_context(self._engine.connect())
            await _set_client(connection, self._tenant)
            session = Session(connection, self._tenant)
            if self._place is not None:
                await self._place.claim(await session.driver())
            self._session = session
        return self._session


_together: ContextVar[Together | None] = ContextVar("transactions_together", default=None)


class Database:
    """The pools of one process: the app's role for requests and phase bodies, the engine's role for moving flows."""

    def __init__(
        self,
        urls: DatabaseUrls,
        *,
        pool_size: int = 10,
        application_name: str = "masterflow",
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.urls = urls
        self._pool_size = pool_size
        self._how = _connecting(application_name, answer_seconds)
        self._app = _engine(urls.app, pool_size, self._how)
        self._engine = _engine(urls.engine, max(2, pool_size // 2), self._how)
        self._hot: dict[str, asyncpg.Pool] = {}

    async def open(self) -> "Database":
        """Open the hot pools; the others open as they are used.

        Raises:
            Unavailable: Postgres does not answer.
        """
        try:
            for role, url in (("app", self.urls.app), ("engine", self.urls.engine)):
                self._hot[role] = await _pool(url, self._pool_size, self._how, resets=role == "app")
        except (OSError, asyncpg.PostgresError) as error:
            raise Unavailable(
                f"Postgres at {self.urls.app.host}:{self.urls.app.port} does not answer: {error}.",
                hint="Start it, or run `masterflow doctor`.",
            ) from error
        return self

    async def close(self) -> None:
        """Close every connection of this process."""
        for pool in self._hot.values():
            await pool.close()
        self._hot.clear()
        await self._app.dispose()
        await self._engine.dispose()

    def pools(self) -> Iterator[PoolUse]:
        """How the connections of this process are used now."""
        for name, pool in self._hot.items():
            idle = pool.get_idle_size()
            yield PoolUse(f"{name}-hot", used=pool.get_size() - idle, idle=idle, most=pool.get_max_size())
        for name, engine in (("app", self._app), ("engine", self._engine)):
            kept = engine.pool
            if isinstance(kept, QueuePool):
                yield PoolUse(name, used=kept.checkedout(), idle=kept.checkedin(), most=kept.size())

    @asynccontextmanager
    async def transaction(self, tenant: TenantIds) -> AsyncIterator[Session]:
        """One transaction of one tenant, as the app's role."""
        if joined := _joined():
            async with joined.part(tenant) as session:
                yield session
            return
        async with _transaction(self._app, tenant) as session:
            yield session
            recorded = await record_done(await session.driver(), _ids(tenant), ongoing_call())
        _note_recorded(recorded)

    @asynccontextmanager
    async def snapshot(self, tenant: TenantIds) -> AsyncIterator[Session]:
        """One read-only transaction of one tenant, as the app's role, that sees all as it was at its first query.

        For what is read page by page: nothing that is published meanwhile mixes into it. It is a transaction of its own
        even in a call whose others are one, and does not see what they wrote.
        """
        async with _translated(), self._app.begin() as connection:
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            await _set_client(connection, tenant)
            yield Session(connection, tenant)

    @asynccontextmanager
    async def rehearsing(self, tenant: TenantIds) -> AsyncIterator[Session]:
        """One transaction of one tenant, as the app's role, that is always undone: to see what would come of it."""
        async with _translated(), self._app.connect() as connection:
            await connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {REHEARSAL_TIMEOUT_MS}"))
            await _set_client(connection, tenant)
            try:
                yield Session(connection, tenant)
            finally:
                await connection.rollback()

    @asynccontextmanager
    async def publishing(self, tenant: TenantIds) -> AsyncIterator[Session]:
        """One transaction that moves a flow and writes its tenant's domain rows together, as the engine's role."""
        async with _transaction(self._engine, tenant) as session:
            yield session

    @asynccontextmanager
    async def reading(self, tenant: TenantIds) -> AsyncIterator[asyncpg.Connection]:
        """A hot read-only transaction of one tenant; queries still carry the tenant predicate."""
        if joined := _joined():
            async with joined.part(tenant) as session:
                yield await session.driver()
            return
        async with _acquired(self._hot["app"]) as connection, _read_only(connection, tenant):
            yield connection

    @asynccontextmanager
    async def commanding(self, tenant: TenantIds) -> AsyncIterator[asyncpg.Connection]:
        """A hot transaction of one tenant that writes, as the app's role."""
        if joined := _joined():
            async with joined.part(tenant) as session:
                yield await session.driver()
            return
        async with _acquired(self._hot["app"]) as connection, connection.transaction():
            await connection.execute(_SET_CLIENT, str(tenant.client_account_id))
            yield connection
            recorded = await record_done(connection, _ids(tenant), ongoing_call())
        _note_recorded(recorded)

    @asynccontextmanager
    async def together(self, tenant: TenantIds, place: KeyPlace | None = None) -> AsyncIterator[Together]:
        """Make one transaction of all that are opened in this block with `transaction`, `commanding` and `reading`.

        It holds the idempotency key `place`, if there is one; what `Together.conclude` does not keep is undone.
        """
        together = Together(self._app, tenant, place)
        token = _together.set(together)
        try:
            yield together
        finally:
            _together.reset(token)
            await together.close()

    def after_commit(self, do: Callable[[], object]) -> None:
        """Call `do` when what was just written is committed: now, or with the transaction that the call shares."""
        if joined := _joined():
            joined.afterwards(do)
        else:
            do()

    async def answered(self, place: KeyPlace) -> Answer | None:
        """The answer that is kept under an idempotency key, if there is one.

        Raises:
            KeyMisused: it was given to another request.
        """
        async with self.reading(place) as connection:
            return await place.find(connection)

    async def note_refusal(self, tenant: TenantIds, ongoing: Ongoing, *, code: str, message: str) -> None:
        """Record in the audit that a call was refused, in a transaction of its own."""
        async with _acquired(self._hot["app"]) as connection, connection.transaction():
            await connection.execute(_SET_CLIENT, str(tenant.client_account_id))
            await record_refused(connection, _ids(tenant), ongoing, code=code, message=message)

    @asynccontextmanager
    async def moving_together(self) -> AsyncIterator[asyncpg.Connection]:
        """One transaction of the engine's role, across tenants."""
        async with _acquired(self._hot["engine"]) as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def moving(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the engine's role, across tenants; each statement on it is a transaction of its own."""
        async with _acquired(self._hot["engine"]) as connection:
            yield connection

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the app's role without a tenant: it sees no tenant's rows, only what functions answer.

        Ask through it, and set nothing: it is handed back as it is.
        """
        async with _acquired(self._hot["app"]) as connection:
            yield connection
            connection.hand_back_as_it_is()


@asynccontextmanager
async def owner_transaction(url: URL) -> AsyncIterator[AsyncConnection]:
    """One transaction as the role that owns the tables: for a person at the machine who makes clients and users."""
    engine = _engine(url, 1, _connecting("masterflow-owner", ANSWER_SECONDS))
    try:
        async with _translated(), engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def record_call(session: Session) -> None:
    """Record the call that goes on in the audit, for transactions that `Database` does not open."""
    _note_recorded(await record_done(await session.driver(), _ids(session.tenant), ongoing_call()))


def _joined() -> Together | None:
    together = _together.get()
    return together if together is not None and together.is_here else None


def _ids(tenant: TenantIds) -> Ids:
    return tenant.client_account_id, tenant.engagement_id


def _note_recorded(recorded: bool) -> None:
    """Remember that the call is in the audit; not before its transaction has committed."""
    ongoing = ongoing_call()
    if recorded and ongoing is not None:
        ongoing.recorded = True


def _connecting(name: str, answer_seconds: float) -> dict[str, object]:
    """How every connection is opened: what the server limits, and how long the client waits for it."""
    limit = str(STATEMENT_TIMEOUT_MS)
    return {
        "server_settings": {
            "application_name": name,
            "statement_timeout": limit,
            "idle_in_transaction_session_timeout": limit,
        },
        "timeout": POOL_WAIT_SECONDS,
        "command_timeout": answer_seconds,
    }


def _engine(url: URL, pool_size: int, how: Mapping[str, object]) -> AsyncEngine:
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={**how, "connection_class": _Connection},
    )


async def _pool(url: URL, size: int, how: Mapping[str, object], *, resets: bool) -> asyncpg.Pool:
    """A hot pool. Only the engine's does without the reset on check-in, which is a transaction of its own: its
    statements leave nothing in the session, and it sees every tenant anyway."""
    return await asyncpg.create_pool(
        url.render_as_string(hide_password=False),
        min_size=1,
        max_size=size,
        **how,
        init=_with_json,
        connection_class=_HotConnection,
        reset=_HotConnection.reset_unless_it_is if resets else _as_it_is,
    )


async def _as_it_is(_: asyncpg.Connection) -> None:
    """Hand a connection back without a round trip."""


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # the driver has no types
    """A connection that is given up when the server does not even take notice that a statement is called off."""

    async def _cancel(self, waiter: object, cancel_waiter: object = None) -> None:
        async with asyncio.timeout(CANCEL_SECONDS) as limit:
            await super()._cancel(waiter, cancel_waiter)
        if limit.expired():  # the driver keeps that to itself
            self.terminate()


class _HotConnection(_Connection):
    """A pooled connection that needs no round trip of its own for a reset that was done, or has nothing to undo."""

    _is_reset = False

    def hand_back_as_it_is(self) -> None:
        """Let the next return to the pool do without a reset."""
        self._is_reset = True

    async def end_reading(self) -> None:
        """End a transaction that wrote nothing, and reset the session, in one round trip."""
        await self.execute(f"ROLLBACK; {self.get_reset_query()}")
        self._is_reset = True

    async def reset_unless_it_is(self) -> None:
        """What the pool calls when the connection is returned."""
        is_reset, self._is_reset = self._is_reset, False
        if not is_reset:
            await self.execute(self.get_reset_query())


@asynccontextmanager
async def _read_only(connection: asyncpg.Connection, tenant: TenantIds) -> AsyncIterator[None]:
    """A read-only transaction of one tenant, begun and ended in one round trip each."""
    client = UUID(str(tenant.client_account_id))  # the text goes into the statement: nothing but an id may
    await connection.execute(f"BEGIN READ ONLY; SELECT set_config('app.client', '{client}', true)")
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.end_reading()


async def _with_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
        schema="pg_catalog",
        format="binary",
    )


@asynccontextmanager
async def _transaction(engine: AsyncEngine, tenant: TenantIds) -> AsyncIterator[Session]:
    async with _translated(), engine.begin() as connection:
        await _set_client(connection, tenant)
        yield Session(connection, tenant)


async def _set_client(connection: AsyncConnection, tenant: TenantIds) -> None:
    await connection.execute(
        text("SELECT set_config('app.client', :client, true)"), {"client": str(tenant.client_account_id)}
    )


@asynccontextmanager
async def _acquired(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with _translated():
        with waiting_for_a_connection():
            connection = await pool.acquire(timeout=POOL_WAIT_SECONDS)
        try:
            yield connection
        finally:
            await pool.release(connection, timeout=POOL_WAIT_SECONDS)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Say `Unavailable` where the database is away or busy; let every other error through."""
    try:
        yield
    except (
        ConnectionError,
        TimeoutError,
        PoolTimeoutError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # what the driver says when a line breaks in the middle of an answer
        asyncpg.PostgresConnectionError,
    ) as error:
        raise Unavailable("The database does not answer.", hint="Try again shortly.") from error
    except asyncpg.PostgresError as error:
        said = _passing(error)
        if said is None:
            raise
        raise Unavailable(said, hint="Try again shortly.") from error
    except DBAPIError as error:
        said = _passing(error.orig)
        if said is not None:
            raise Unavailable(said, hint="Try again shortly.") from error
        if not error.connection_invalidated:
            raise
        raise Unavailable("The database connection was lost.", hint="Try again shortly.") from error


def _passing(error: BaseException | None) -> str | None:
    """What Postgres itself says of its state, if that passes: it starts, stops, or lacks room, memory, connections."""
    state = getattr(error, "sqlstate", None) or ""
    return next((said for start, said in _PASSING.items() if state.startswith(start)), None)
