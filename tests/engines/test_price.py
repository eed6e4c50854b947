"""What a phase costs Postgres: few commits, little WAL, HOT updates; `benchmarks/engine.py` has the full figures."""

from collections.abc import AsyncIterator

import pytest
from benchmarks.engine import Bench, make_bench, new_folder

from masterflow.db.embedded import EmbeddedPostgres

FLOWS, PHASES = 60, 5


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """On a server of its own: WAL is counted for all databases of one together."""
    server = EmbeddedPostgres(new_folder(), options=("fsync=off", "full_page_writes=off"))
    bench = await make_bench(server.start(), phases=PHASES, concurrency=FLOWS, connections=6)
    yield bench
    await bench.database.close()
    server.stop()


async def test_a_phase_costs_what_it_may(bench: Bench) -> None:
    run = await bench.engine(FLOWS)
    moves = 2 * FLOWS  # started and completed: the updates that change the status
    kept = run.counts.updates - moves
    assert run.counts.hot_updates / kept >= 0.98
    assert (run.counts.wal_bytes - run.start_wal_bytes) / run.phases <= 1400
    fixed = await bench.idle_commits()
    assert (run.counts.commits - fixed) / run.phases <= 1.6


async def test_the_floor_and_the_bare_update_move_every_flow(bench: Bench) -> None:
    for run in (await bench.floor(10), await bench.bare(10)):
        assert (run.phases, run.counts.commits >= run.phases) == (10 * PHASES, True)
