"""What the doctor finds in a database."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.analytics import AnalyticsFold
from masterflow.orchestrator.engine_dbos import DbosEngine
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.vitals import diagnosis as module
from masterflow.orchestrator.vitals.diagnosis import Finding, examine_role, examine_work
from masterflow.orchestrator.vitals.store import VitalsStore
from masterflow.testing import empty_flow
from tests.conftest import Cast


def as_admin(urls: DatabaseUrls, statement: str) -> None:
    assert urls.admin is not None
    with psycopg.connect(urls.admin.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement)


async def work(urls: DatabaseUrls) -> dict[str, Finding]:
    return {finding.name: finding for finding in await examine_work(urls.engine)}


@pytest.fixture
async def queued(database: Database, cast: Cast) -> str:
    """A flow that was queued and that no worker takes."""
    orchestrator = MasterFlowOrchestrator(database, FlowTypeRegistry([empty_flow(1)]), DbosEngine(database.urls))
    return str((await orchestrator.create_flow(cast.lead, "empty", {})).flow_id)


async def test_a_healthy_database_has_nothing_wrong(urls: DatabaseUrls, queued: str) -> None:
    found = await work(urls)
    assert {name for name, finding in found.items() if not finding.ok} == set()
    assert found["checksums"].says == "on"
    assert (await examine_role("app", urls.app)).ok


async def test_a_role_that_passes_by_security_is_refused(urls: DatabaseUrls) -> None:
    assert urls.admin is not None
    found = await examine_role("app", urls.admin)
    assert (found.ok, "passes by row-level security" in found.says) == (False, True)
    away = await examine_role("app", urls.app.set(port=1))
    assert (away.ok, "masterflow db migrate" in (away.fix or "")) == (False, True)


async def test_a_waiting_flow_in_the_queue_is_named(urls: DatabaseUrls, queued: str) -> None:
    as_admin(
        urls,
        "UPDATE crewai_flow_state_extensions SET flow_status = 'waiting_for_approval',"
        " status_changed_at = now() - interval '1 hour'",
    )
    found = (await work(urls))["waiting flows"]
    assert (found.ok, queued in found.says) == (False, True)


async def test_a_running_flow_that_nobody_runs_is_named(urls: DatabaseUrls, queued: str) -> None:
    as_admin(urls, "UPDATE crewai_flow_state_extensions SET updated_at = now() - interval '1 hour'")
    assert (await work(urls))["running flows"].ok
    as_admin(urls, "DELETE FROM dbos.workflow_status")
    found = (await work(urls))["running flows"]
    assert (found.ok, queued in found.says) == (False, True)


async def test_a_clock_that_is_off_is_told(urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late:
        @staticmethod
        def now(zone: object) -> datetime:
            return datetime.now(UTC) - timedelta(hours=1)

    monkeypatch.setattr(module, "datetime", Late)
    found = (await work(urls))["clock"]
    assert (found.ok, found.says.startswith("3600") or found.says.startswith("3599")) == (False, True)


async def test_a_relay_that_is_behind_is_told(urls: DatabaseUrls, database: Database, queued: str) -> None:
    await Relay(database, [AnalyticsFold()]).run_once()
    assert (await work(urls))["relay"].ok
    as_admin(
        urls,
        """
        DROP TABLE IF EXISTS relay_positions CASCADE;
        CREATE TABLE relay_positions (name text, position bigint);
        GRANT SELECT ON relay_positions TO masterflow_engine;
        INSERT INTO relay_positions VALUES ('events', 0);
        UPDATE flow_events SET at = now() - interval '90 seconds';
        """,
    )
    found = (await work(urls))["relay"]
    assert (found.ok, found.says) == (False, "1 events behind, the oldest 90 s old")
    seen = await VitalsStore(database).look()
    assert (seen.relay_events, seen.queue, seen.flows) == (1, {"enqueued": 1}, {("empty", "running"): 1})
    assert seen.queue_oldest is not None
    as_admin(urls, "UPDATE relay_positions SET position = 1000000")
    assert (await work(urls))["relay"].ok
