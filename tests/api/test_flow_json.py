"""The JSON that is written without a model has the bytes that the model would give."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.api import flow_json
from masterflow.api.flows import FlowOut, FlowsOut, FlowStatusOut, ListedFlowOut
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.types import Failure, Flow, Progress
from masterflow.tenancy.types import Tenant
from masterflow.testing import Kit
from tests.conftest import Cast

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBER = st.integers(0, 2**31 - 1)
MOMENT = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
JSON = st.dictionaries(TEXT, st.none() | st.booleans() | NUMBER | st.floats(-1e9, 1e9) | st.lists(TEXT), max_size=3)
MISSING = st.lists(st.fixed_dictionaries({"field": TEXT, "why": TEXT}), max_size=2).map(tuple)
FLOWS = st.builds(
    Flow,
    flow_id=st.uuids(),
    flow_type=TEXT,
    flow_name=st.none() | TEXT,
    tenant=st.builds(Tenant, st.uuids(), st.uuids()),
    user_id=TEXT,
    created_by_name=st.none() | TEXT,
    status=st.sampled_from(FlowStatus),
    current_phase=st.none() | TEXT,
    phase_index=NUMBER,
    phase_count=NUMBER,
    version=NUMBER,
    definition_version=NUMBER,
    iteration=NUMBER,
    runs_here=st.booleans(),
    pause_requested=st.booleans(),
    attempts=NUMBER,
    last_error=st.none() | st.builds(Failure, code=TEXT, message=TEXT, missing=MISSING),
    parent_flow_id=st.none() | st.uuids(),
    created_at=MOMENT,
    updated_at=MOMENT,
    status_changed_at=MOMENT,
    deleted_at=st.none() | MOMENT,
    phase_execution_times=JSON,
    progress=st.none() | st.builds(Progress, phase=TEXT, done=NUMBER, total=NUMBER, what=TEXT),
    configuration=JSON,
    memory_usage_metrics=st.just({}),
)


@given(FLOWS)
def test_the_bytes_are_those_of_the_model(flow: Flow) -> None:
    assert flow_json.ready(flow_json.whole(flow)).body == FlowOut.of(flow).model_dump_json().encode()
    assert flow_json.ready(flow_json.listed(flow)).body == ListedFlowOut.of(flow).model_dump_json().encode()
    assert flow_json.ready(flow_json.status(flow)).body == FlowStatusOut.of(flow).model_dump_json().encode()


def test_a_version_becomes_the_etag() -> None:
    assert flow_json.ready({}, 7).headers["etag"] == '"7"'
    assert "etag" not in flow_json.ready({}).headers


@pytest.mark.parametrize("config", [{"left": -1}, {"right": None}, {}])
async def test_what_is_answered_is_what_the_models_would_answer(
    kit: Kit, cast: Cast, lead: httpx.AsyncClient, outsider: httpx.AsyncClient, config: Mapping[str, Any]
) -> None:
    made = await kit.orchestrator.create_flow(cast.lead, "toy", config)
    flow = await kit.settled(cast.lead, made.flow_id)
    path = f"/api/v1/flows/{flow.flow_id}"
    assert (await lead.get(path)).content == FlowOut.of(flow).model_dump_json().encode()
    assert (await lead.get(f"{path}/status")).content == FlowStatusOut.of(flow).model_dump_json().encode()
    listed = (await lead.get("/api/v1/flows")).content
    assert listed == FlowsOut(items=[ListedFlowOut.of(flow)], cursor=None).model_dump_json().encode()
    assert "config" not in (await lead.get("/api/v1/flows")).json()["items"][0]
    assert (await outsider.get(path)).status_code == 404
    assert (await outsider.get("/api/v1/flows")).json()["items"] == []
