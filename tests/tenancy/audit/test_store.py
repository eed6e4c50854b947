"""Whatever is asked of the audit, a page of it is a range of an index."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import psycopg
import pytest

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import InvalidInput, NotAllowed
from masterflow.tenancy.audit.service import Audit
from masterflow.tenancy.audit.store import audit_entries
from masterflow.tenancy.audit.types import AuditFilter, Outcome
from tests.conftest import Cast

LINES = 20_000  # of each of two clients
NOW = datetime(2026, 11, 23, tzinfo=UTC)
FLOW = UUID(int=7)
BUFFERS = 130  # a page of 51 lines that lie apart, and the way down the index


class Explaining:
    """A connection that says how it would fetch."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.plan: dict[str, Any] = {}

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        said = await self._connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", *values)
        self.plan = json.loads(said)[0]["Plan"]
        return []


def nodes(plan: dict[str, Any]) -> list[str]:
    return [plan["Node Type"], *(node for inner in plan.get("Plans", []) for node in nodes(inner))]


@pytest.fixture
def full(urls: DatabaseUrls, cast: Cast) -> None:
    """Two clients with many lines: one in a hundred refused, one in a hundred of the flow."""
    with psycopg.connect(urls.owner.render_as_string(hide_password=False), autocommit=True) as connection:
        for tenant in (cast.tenant, cast.outsider.tenant):
            connection.execute(
                """INSERT INTO audit_log (client_account_id, engagement_id, at, actor, through, action,
                       request_id, outcome, code, flow_id, detail)
                   SELECT %s, %s, %s::timestamptz - n * interval '1 second', 'p' || n %% 100, 'cli', 'a' || n %% 50,
                       'r', CASE n %% 100 WHEN 1 THEN 'refused' ELSE 'done' END,
                       CASE n %% 100 WHEN 1 THEN 'conflict' END, CASE n %% 100 WHEN 2 THEN %s::uuid END, '{}'
                   FROM generate_series(1, %s) n""",
                (tenant.client_account_id, tenant.engagement_id, NOW, FLOW, LINES),
            )
        connection.execute("VACUUM ANALYZE audit_log")


@pytest.mark.usefixtures("full")
async def test_every_page_is_read_from_an_index(database: Database, cast: Cast) -> None:
    early = NOW - timedelta(seconds=LINES - 100)
    after = (NOW - timedelta(seconds=5000), UUID(int=0))
    for asked in (
        AuditFilter(),
        AuditFilter(since=early, until=early + timedelta(seconds=300)),
        AuditFilter(actor="p7"),
        AuditFilter(action="a7"),
        AuditFilter(flow_id=FLOW),
        AuditFilter(outcome=Outcome.REFUSED),
        AuditFilter(outcome=Outcome.DONE),
        AuditFilter(actor="nobody"),
    ):
        for continued in (None, after):
            async with database.reading(cast.tenant) as connection:
                explaining = Explaining(connection)
                await audit_entries(explaining, cast.tenant, asked, after=continued, limit=51)
            kinds = nodes(explaining.plan)
            assert not {"Seq Scan", "Sort", "Bitmap Heap Scan"} & set(kinds), (asked, kinds)
            read = explaining.plan["Shared Hit Blocks"] + explaining.plan["Shared Read Blocks"]
            assert read <= BUFFERS, (asked, continued, read)


@pytest.mark.usefixtures("full")
async def test_each_filter_finds_what_it_names_in_the_own_client_alone(database: Database, cast: Cast) -> None:
    audit = Audit(database, cast.lead)
    for asked, found in (
        (AuditFilter(flow_id=FLOW), 200),
        (AuditFilter(outcome=Outcome.REFUSED), 200),
        (AuditFilter(actor="p7"), 200),
        (AuditFilter(action="a7", since=NOW - timedelta(seconds=1000), until=NOW), 20),
    ):
        ids, cursor = set(), None
        while True:
            page = await audit.entries(asked, cursor=cursor, limit=120)
            ids |= {entry.id for entry in page.items}
            cursor = page.cursor
            if cursor is None:
                break
        assert len(ids) == found, asked


async def test_only_those_who_may_read_it_do_and_a_page_has_its_limits(database: Database, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        await Audit(database, cast.approver).entries()
    for wrong in ({"limit": 0}, {"limit": 201}, {"cursor": "x"}):
        with pytest.raises(InvalidInput):
            await Audit(database, cast.lead).entries(**wrong)
