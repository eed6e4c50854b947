"""A phase that runs twice stages once."""

from uuid import uuid4

from masterflow.db.session import Database, Session
from masterflow.inventory.staging.store import StagedUnder, StagingStore
from tests.conftest import Cast

FLOW = uuid4()


def store(session: Session, *, iteration: int = 1, phase: str = "asset_inventory") -> StagingStore:
    return StagingStore(session, StagedUnder(FLOW, iteration, phase))


async def rows(staging: StagingStore, kind: str = "assets") -> list[object]:
    return [row async for row in staging.rows(kind)]


async def test_staging_a_chunk_again_replaces_it(database: Database, cast: Cast) -> None:
    for run in (1, 2):
        async with database.transaction(cast.tenant) as session:
            await store(session).put("assets", 0, [{"run": run}])
            await store(session).put("assets", 1, f'[{{"run": {run}}}]')
    async with database.transaction(cast.tenant) as session:
        assert await rows(store(session)) == [{"run": 2}, {"run": 2}]


async def test_a_shorter_second_run_leaves_nothing_of_the_first(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        for chunk in range(3):
            await store(session).put("assets", chunk, [{"n": chunk}])
        await store(session).trim("assets", 1)
        assert await rows(store(session)) == [{"n": 0}]


async def test_phases_kinds_and_iterations_do_not_mix(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        await store(session).put("assets", 0, [{"n": 1}])
        await store(session).put("facts", 0, [{"n": 2}])
        await store(session, iteration=2).put("assets", 0, [{"n": 3}])
        await store(session, phase="other").put("assets", 0, [{"n": 4}])
        assert await rows(store(session)) == [{"n": 1}]
        assert await rows(store(session), "facts") == [{"n": 2}]


async def test_discarding_drops_this_iteration_and_older_ones_of_the_phase(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        for iteration in (1, 2, 3):
            await store(session, iteration=iteration).put("assets", 0, [{"n": iteration}])
        await store(session, phase="other").put("assets", 0, [{"n": 4}])
        await store(session, iteration=2).discard()
        assert await rows(store(session, iteration=1)) == []
        assert await rows(store(session, iteration=2)) == []
        assert await rows(store(session, iteration=3)) == [{"n": 3}]
        assert await rows(store(session, phase="other")) == [{"n": 4}]


async def test_another_tenant_sees_no_staged_chunk(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        await store(session).put("assets", 0, [{"n": 1}])
    async with database.transaction(cast.outsider.tenant) as session:
        assert await store(session).numbers("assets") == []
        await store(session).discard()
    async with database.transaction(cast.tenant) as session:
        assert await store(session).numbers("assets") == [0]
