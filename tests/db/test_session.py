"""Transactions of a tenant see that tenant and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from masterflow.db.session import Database
from masterflow.db.tables.tenancy import engagements
from masterflow.db.urls import DatabaseUrls, derive_urls
from masterflow.errors import Unavailable
from tests.conftest import Cast


async def names(database: Database, tenant: object) -> list[str]:
    async with database.transaction(tenant) as session:
        return list((await session.execute(sa.select(engagements.c.name))).scalars())


async def test_a_tenant_reads_its_own_rows_only(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        await session.execute(sa.insert(engagements), [{**session.stamp(engagements), "name": "second"}])
    assert sorted(await names(database, cast.tenant)) == ["programme", "second"]
    assert await names(database, cast.outsider.tenant) == ["programme"]


async def test_without_a_tenant_nothing_is_visible(database: Database, cast: Cast) -> None:
    async with database.asking() as connection:
        assert await connection.fetch("SELECT * FROM engagements") == []


async def test_the_tenant_does_not_outlive_its_transaction(urls, cast: Cast) -> None:
    database = await Database(urls, pool_size=1).open()
    async with database.reading(cast.tenant) as connection:
        assert len(await connection.fetch("SELECT * FROM engagements")) == 1
    async with database.asking() as connection:
        assert await connection.fetch("SELECT * FROM engagements") == []
    await database.close()


async def test_an_error_in_the_block_rolls_everything_back(database: Database, cast: Cast) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction(cast.tenant) as session:
            await session.execute(sa.insert(engagements), [{**session.stamp(engagements), "name": "lost"}])
            raise RuntimeError
    assert await names(database, cast.tenant) == ["programme"]


async def test_what_is_rehearsed_is_seen_inside_and_never_kept(database: Database, cast: Cast) -> None:
    async with database.rehearsing(cast.tenant) as session:
        await session.execute(sa.insert(engagements), [{**session.stamp(engagements), "name": "second"}])
        inside = list((await session.execute(sa.select(engagements.c.name))).scalars())
    assert sorted(inside) == ["programme", "second"]
    assert await names(database, cast.tenant) == ["programme"]
    async with database.rehearsing(cast.outsider.tenant) as session:
        assert len(list((await session.execute(sa.select(engagements.c.id))).scalars())) == 1


async def test_a_row_cannot_be_written_into_another_tenant(database: Database, cast: Cast) -> None:
    other = cast.outsider.tenant.client_account_id
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        async with database.transaction(cast.tenant) as session:
            await session.execute(sa.insert(engagements), [{"client_account_id": other, "name": "planted"}])


async def test_a_postgres_that_is_away_is_said_in_a_sentence() -> None:
    nowhere = derive_urls(make_url("postgresql://x:y@127.0.0.1:1/none"), "secret")
    with pytest.raises(Unavailable, match=r"Postgres at 127\.0\.0\.1:1 does not answer"):
        await Database(nowhere).open()


RAISING = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"


@pytest.mark.parametrize(
    ("state", "said"),
    [("57P03", "starting or stopping"), ("53100", "disk of the database is full"), ("57014", "took too long")],
)
async def test_what_passes_by_itself_is_no_error_of_ours(database: Database, cast: Cast, state: str, said: str) -> None:
    statement = RAISING.format(state=state)
    with pytest.raises(Unavailable, match=said):
        async with database.moving() as connection:
            await connection.execute(statement)
    with pytest.raises(Unavailable, match=said):
        async with database.transaction(cast.tenant) as session:
            await session.execute(sa.text(statement))


async def test_a_line_that_breaks_in_the_middle_of_an_answer_is_no_error_of_ours(database: Database) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        async with database.moving():
            raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")


async def test_what_does_not_pass_stays_the_error_that_it_is(database: Database, cast: Cast) -> None:
    statement = RAISING.format(state="22012")
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with database.moving() as connection:
            await connection.execute(statement)
    with pytest.raises(sa.exc.DBAPIError):
        async with database.transaction(cast.tenant) as session:
            await session.execute(sa.text(statement))


async def test_a_snapshot_sees_nothing_that_is_written_meanwhile_and_writes_nothing(
    database: Database, cast: Cast
) -> None:
    query = sa.select(engagements.c.name)
    async with database.snapshot(cast.tenant) as session:
        before = list((await session.execute(query)).scalars())
        async with database.transaction(cast.tenant) as other:
            await other.execute(sa.insert(engagements), [{**other.stamp(engagements), "name": "second"}])
        assert list((await session.execute(query)).scalars()) == before == ["programme"]
    assert sorted(await names(database, cast.tenant)) == ["programme", "second"]
    async with database.snapshot(cast.outsider.tenant) as session:
        assert list((await session.execute(query)).scalars()) == ["programme"]
    with pytest.raises(sa.exc.DBAPIError, match="read-only transaction"):
        async with database.snapshot(cast.tenant) as session:
            await session.execute(sa.insert(engagements), [{**session.stamp(engagements), "name": "third"}])


async def test_a_read_leaves_nothing_in_the_session(database: Database, cast: Cast) -> None:
    alone = await Database(database.urls, pool_size=1).open()
    try:
        for _ in range(2):
            async with alone.reading(cast.tenant) as connection:
                assert await connection.fetchval(TENANT) == str(cast.tenant.client_account_id)
                await connection.execute("SET lock_timeout = 12345; SELECT pg_advisory_lock(7)")
            async with alone.asking() as connection:
                assert await connection.fetchval(TENANT) in {None, ""}
                assert await connection.fetchval("SHOW lock_timeout") == "0"
                locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                assert await connection.fetchval(locks) == 0
    finally:
        await alone.close()


async def test_a_read_writes_nothing_and_its_error_leaves_the_connection_usable(database: Database, cast: Cast) -> None:
    alone = await Database(database.urls, pool_size=1).open()
    try:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with alone.reading(cast.tenant) as connection:
                await connection.execute("DELETE FROM gates")
        async with alone.reading(cast.tenant) as connection:
            assert await connection.fetchval("SELECT 1") == 1
        with pytest.raises(Unavailable):
            async with alone.reading(cast.tenant) as connection:
                connection.terminate()
                await connection.fetchval("SELECT 1")
        async with alone.commanding(cast.tenant) as connection:
            assert await connection.fetchval(TENANT) == str(cast.tenant.client_account_id)
        async with alone.asking() as connection:
            assert await connection.fetchval(TENANT) in {None, ""}
    finally:
        await alone.close()


TENANT = "SELECT current_setting('app.client', true)"


class Line:
    """A line to Postgres that can swallow whatever passes, in both directions and on new connections too."""

    def __init__(self, urls: DatabaseUrls) -> None:
        self._target = (urls.app.host, urls.app.port)
        self._urls = urls
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_open = True

    @asynccontextmanager
    async def database(self, answer_seconds: float) -> AsyncIterator[Database]:
        """A database at the other end of the line."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        place = {"host": "127.0.0.1", "port": server.sockets[0].getsockname()[1]}
        through = replace(self._urls, app=self._urls.app.set(**place), engine=self._urls.engine.set(**place))
        database = await Database(through, pool_size=2, answer_seconds=answer_seconds).open()
        yield database
        await database.close()
        server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection(*self._target)
        for source, sink in ((reader, here), (there, writer)):
            task = asyncio.create_task(self._pass(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65_536):
                if self.is_open:
                    sink.write(data)
        sink.close()


@pytest.mark.parametrize("way", ["transaction", "reading", "commanding", "snapshot"])
async def test_a_database_that_says_nothing_is_not_waited_for(urls: DatabaseUrls, cast: Cast, way: str) -> None:
    line = Line(urls)
    async with line.database(answer_seconds=0.5) as database:
        with pytest.raises(Unavailable, match="does not answer"):
            async with asyncio.timeout(30), getattr(database, way)(cast.tenant) as opened:
                line.is_open = False
                await opened.execute(sa.text("SELECT 1") if way in {"transaction", "snapshot"} else "SELECT 1")
        line.is_open = True
        assert await names(database, cast.tenant) == ["programme"], "another connection is opened"


@pytest.mark.parametrize("way", ["transaction", "commanding"])
async def test_a_call_that_is_given_up_does_not_wait_for_a_database_that_says_nothing(
    urls: DatabaseUrls, cast: Cast, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masterflow.db.session.CANCEL_SECONDS", 0.05)
    monkeypatch.setattr("masterflow.db.session.POOL_WAIT_SECONDS", 600)
    line = Line(urls)
    async with line.database(answer_seconds=600) as database, asyncio.timeout(30):
        with pytest.raises((TimeoutError, Unavailable)):
            async with getattr(database, way)(cast.tenant) as opened, asyncio.timeout(0.2):
                line.is_open = False
                await opened.execute(sa.text("SELECT 1") if way == "transaction" else "SELECT 1")
        line.is_open = True
        assert await names(database, cast.tenant) == ["programme"]


async def test_a_statement_that_takes_too_long_is_called_off(urls, cast: Cast) -> None:
    database = await Database(urls, pool_size=1, answer_seconds=0.3).open()
    with pytest.raises(Unavailable):
        async with database.reading(cast.tenant) as connection:
            await connection.execute("SELECT pg_sleep(60)")
    assert await names(database, cast.tenant) == ["programme"]
    await database.close()
