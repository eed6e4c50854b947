"""What reads cost Postgres, on many flows of many tenants; `benchmarks/reads.py` has the full size."""

import pytest
from benchmarks.reads import MOST_DASHBOARD, MOST_LIST, Read, load, measure

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls

FLOWS, CLIENTS = 12_000, 60
MOST_GATES = 250  # buffers: a gate's flow and its answers are looked up beside it


@pytest.fixture
async def reads(urls: DatabaseUrls, database: Database) -> list[Read]:
    """The reads of an ordinary tenant, of one that owns a tenth, and of a small engagement beside that."""
    assert urls.admin is not None
    await load(urls.admin, flows=FLOWS, clients=CLIENTS)
    return await measure(database)


async def test_no_read_grows_with_the_table(reads: list[Read]) -> None:
    lists = [read for read in reads if read.name.startswith("list")]
    assert len({read.whose for read in lists}) == 3
    assert [(read.name, read.whose) for read in lists if read.buffers > MOST_LIST] == []
    assert all(10 <= read.rows <= 26 for read in lists)
    dashboards = [read for read in reads if read.name.startswith("dashboard")]
    assert [read.rows for read in dashboards] == [1, 1, 1]
    assert max(read.buffers for read in dashboards) <= MOST_DASHBOARD
    assert max(read.buffers for read in reads if read.name in {"one flow", "its history"}) <= 12
    gates = [read for read in reads if read.name.startswith(("inbox", "gates"))]
    assert max(read.buffers for read in gates) <= MOST_GATES
    assert [(read.name, read.whose) for read in reads if read.scanned] == []
    assert min(read.adr_buffers for read in lists if read.adr_buffers is not None) > 20 * MOST_LIST
