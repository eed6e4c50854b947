"""Progress is told to who listens as it is written."""

from uuid import UUID, uuid4

import asyncpg

from masterflow.db.session import Database
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.engine_inline import InlineEngine
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.segments.store import SegmentStore
from masterflow.orchestrator.types import Progress
from masterflow.testing import empty_flow, make_orchestrator
from tests.conftest import Cast


async def test_noted_progress_names_its_flows_in_one_notification(database: Database, cast: Cast) -> None:
    kinds = [empty_flow(1)]
    orchestrator = make_orchestrator(database, kinds)
    store = SegmentStore(database, FlowTypeRegistry(kinds), InlineEngine())
    flows = [await orchestrator.create_flow(cast.lead, "empty", {}) for _ in range(2)]
    claimed = await store.claim([Segment(flow.flow_id, 1) for flow in flows], worker_id=uuid4())
    heard: list[str] = []
    listener = await asyncpg.connect(database.urls.engine.render_as_string(hide_password=False))
    await listener.add_listener("masterflow_progress", lambda *said: heard.append(said[3]))
    note = Progress(phase="phase_1", done=1, total=2, what="rows")
    await store.note_progress([(one, note) for one in claimed.values()])
    await listener.execute("SELECT 1")
    await listener.close()
    assert [{UUID(part) for part in said.split(",")} for said in heard] == [{flow.flow_id for flow in flows}]
    assert (await orchestrator.get(cast.lead, flows[0].flow_id)).progress == note
