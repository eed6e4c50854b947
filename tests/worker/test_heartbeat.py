"""The proof that a process lives."""

import threading
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import URL

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Unavailable
from masterflow.testing import eventually
from masterflow.worker.heartbeat import Heartbeat
from masterflow.worker.store import WorkerStore
from tests.worker.conftest import Table

PERIOD = timedelta(milliseconds=20)


class Beating:
    """One heartbeat, and whether it heard of its death."""

    def __init__(self, urls: DatabaseUrls) -> None:
        self.worker_id = uuid4()
        self.heard = threading.Event()
        self.heartbeat = Heartbeat(
            urls.engine,
            worker_id=self.worker_id,
            pid=1,
            version="1",
            period=PERIOD,
            declared_dead=self.heard.set,
        )


@pytest.fixture
def beating(urls: DatabaseUrls):
    beating = Beating(urls)
    beating.heartbeat.start()
    yield beating
    beating.heartbeat.stop()


def lock_of(table: Table, beating: Beating) -> list[tuple]:
    return table.execute(
        "SELECT 1 FROM pg_locks, workers WHERE locktype = 'advisory' AND classid = lock_key >> 32 AND worker_id = %s",
        beating.worker_id,
    )


async def test_it_registers_locks_and_beats(beating: Beating, table: Table) -> None:
    [(first,)] = table.execute("SELECT beat_at FROM workers WHERE worker_id = %s", beating.worker_id)

    async def beat() -> bool:
        return table.execute("SELECT beat_at > %s FROM workers", first) == [(True,)]

    assert await eventually(beat)
    assert lock_of(table, beating)


async def test_the_lock_goes_with_the_process_and_the_row_stays_for_the_sweeper(
    beating: Beating, table: Table, database: Database
) -> None:
    beating.heartbeat.stop()
    assert lock_of(table, beating) == []
    store = WorkerStore(database)
    assert await store.living() == {beating.worker_id}

    async def lost() -> set:
        return await store.suspects(frozen_after=timedelta(hours=1))

    assert await eventually(lost) == {beating.worker_id}


async def test_a_beating_worker_is_not_lost(beating: Beating, database: Database) -> None:
    store = WorkerStore(database)
    assert await store.suspects(frozen_after=timedelta(hours=1)) == set()


async def test_a_worker_that_was_declared_dead_hears_of_it_and_registers_anew(beating: Beating, table: Table) -> None:
    table.execute("DELETE FROM workers")

    async def heard() -> bool:
        return beating.heard.is_set()

    await eventually(heard)
    assert table.execute("SELECT worker_id FROM workers") == [(beating.worker_id,)]


async def test_a_lost_connection_is_made_anew_with_its_lock(
    beating: Beating, table: Table, postgres: URL, urls: DatabaseUrls
) -> None:
    with psycopg.connect(postgres.render_as_string(hide_password=False)) as connection:
        connection.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'masterflow-heartbeat' AND datname = %s""",
            (urls.app.database,),
        )

    async def locked() -> list[tuple]:
        return lock_of(table, beating)

    assert await eventually(locked)
    assert not beating.heard.is_set()


async def test_it_keeps_trying_while_the_database_is_away(beating: Beating, urls: DatabaseUrls, table: Table) -> None:
    right = beating.heartbeat._url
    beating.heartbeat._url = "postgresql://x:y@127.0.0.1:1/none"
    beating.heartbeat._connect_anew()
    assert beating.heartbeat._connection is None
    beating.heartbeat._url = right

    async def locked() -> list[tuple]:
        return lock_of(table, beating)

    assert await eventually(locked)


def test_a_worker_that_cannot_register_does_not_start(urls: DatabaseUrls) -> None:
    away = DatabaseUrls(urls.app, URL.create("postgresql", "x", "y", "127.0.0.1", 1, "none"), None)
    beating = Beating(away)
    with pytest.raises(Unavailable, match="The worker cannot register"):
        beating.heartbeat.start()
    beating.heartbeat.stop()
