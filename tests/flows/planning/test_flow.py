"""Waves are planned from an approved assessment, a person may move things, and the rules hold all the same."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import EditRejected
from masterflow.flows.assessment.flow import FLOW as ASSESSMENT
from masterflow.flows.discovery.flow import FLOW as DISCOVERY
from masterflow.flows.planning.flow import FLOW as PLANNING
from masterflow.orchestrator.gates import edited_by_table
from masterflow.orchestrator.types import Verdict
from masterflow.records.plans.store import PlanStore
from masterflow.records.plans.types import Plan
from tests.conftest import Cast
from tests.flows.programme import Programme, programme

SMALL = Path(__file__).parents[2] / "data" / "estate" / "rvtools_v4.7_small.xlsx"
QUICK = {"time_limit_seconds": 5}


@pytest.fixture
async def at_work(database: Database, cast: Cast, tmp_path: Path) -> AsyncIterator[Programme]:
    async with programme(database, cast, tmp_path, (DISCOVERY, ASSESSMENT, PLANNING)) as running:
        yield running


@pytest.fixture
async def assessed(at_work: Programme) -> Programme:
    await at_work.discover(SMALL)
    await at_work.finish("assessment", {"assessed_on": "2026-11-23"})
    return at_work


async def latest(at_work: Programme, tenant: object = None) -> Plan | None:
    async with at_work.database.transaction(tenant or at_work.cast.tenant) as session:
        return await PlanStore(session).latest()


async def test_a_plan_needs_an_assessment_and_says_so(at_work: Programme) -> None:
    await at_work.discover(SMALL)
    flow = await at_work.start("planning", QUICK)
    assert flow.status is FlowStatus.WAITING_FOR_INPUT
    assert flow.last_error is not None
    assert "no published assessment" in flow.last_error.message


async def test_an_approved_plan_is_published_for_its_tenant_alone(assessed: Programme) -> None:
    flow = await assessed.start("planning", QUICK)
    assert flow.status is FlowStatus.WAITING_FOR_APPROVAL, flow.last_error
    assert await latest(assessed) is None
    question = await assessed.question(flow)
    await assessed.kit.orchestrator.decide(assessed.cast.approver, question.id, Verdict.APPROVE)
    flow = await assessed.kit.settled(assessed.cast.lead, flow.flow_id)
    assert flow.status is FlowStatus.COMPLETED, flow.last_error
    plan = await latest(assessed)
    assert plan is not None
    assert plan.version == 1
    assert {item.wave for item in plan.items} <= {wave.number for wave in plan.waves}
    assert len(plan.items) + len(plan.unplanned) == 9
    assert {wave.confidence for wave in plan.waves} == {"low"}
    assert await latest(assessed, assessed.cast.outsider.tenant) is None
    demand = await assessed.output(flow.flow_id, "resource_planning")
    assert sum(d["work_hours"] for d in demand["demand"]) == sum(item.hours for item in plan.items)


async def test_rules_that_contradict_each_other_are_named_and_can_be_answered(assessed: Programme) -> None:
    flow = await assessed.start("planning", {**QUICK, "pins": {"vm-3": 1}, "before": [("vm-4", "vm-3")], "waves": 3})
    assert flow.status is FlowStatus.WAITING_FOR_INPUT, flow.last_error
    assert flow.last_error is not None
    assert {missing["field"] for missing in flow.last_error.missing} == {"pins", "before"}
    await assessed.kit.orchestrator.supply_input(assessed.cast.lead, flow.flow_id, {"pins": {"vm-3": 2}})
    flow = await assessed.kit.settled(assessed.cast.lead, flow.flow_id)
    assert flow.status is FlowStatus.WAITING_FOR_APPROVAL, flow.last_error
    output = (await assessed.question(flow)).output
    assert {s["name"]: s["wave"] for s in output["subjects"]}["vm-3"] == 2


async def test_a_person_may_move_an_application_and_the_plan_is_measured_anew(assessed: Programme) -> None:
    flow = await assessed.start("planning", {**QUICK, "waves": 3, "hours_per_wave": 5000})
    question = await assessed.question(flow)
    phase = PLANNING.phase("wave_planning")
    assert phase.gate is not None
    assert phase.gate.table is not None
    output = phase.gives.model_validate(question.output)
    rows = phase.gate.table.rows(output)
    other = 1 + rows[0]["wave"] % 3
    sent = json.loads(output.model_dump_json())
    (moved,) = [s for s in sent["subjects"] if s["subject_id"] == rows[0]["subject_id"]]
    moved["wave"] = other
    await assessed.kit.orchestrator.decide(assessed.cast.approver, question.id, Verdict.APPROVE, edited_output=sent)
    plan = await latest(assessed)
    assert plan is not None
    assert {str(item.subject_id): item.wave for item in plan.items}[rows[0]["subject_id"]] == other
    filled = next(wave for wave in plan.waves if wave.number == other)
    assert filled.servers == sum(item.servers for item in plan.items if item.wave == other)
    assert plan.status == "feasible"


async def test_an_edit_that_breaks_a_rule_is_refused_by_name(assessed: Programme) -> None:
    flow = await assessed.start("planning", {**QUICK, "waves": 3, "pins": {"vm-3": 2}})
    question = await assessed.question(flow)
    phase = PLANNING.phase("wave_planning")
    assert phase.gate is not None
    assert phase.gate.table is not None
    output = phase.gives.model_validate(question.output)
    rows = phase.gate.table.rows(output)
    (pinned,) = [row for row in rows if row["name"] == "vm-3"]
    pinned["wave"] = 1
    with pytest.raises(EditRejected, match="vm-3 is pinned to wave 2"):
        edited_by_table(phase, phase.gate.table, output, rows)
    pinned["wave"] = "soon"
    with pytest.raises(EditRejected, match="vm-3, column Wave: 'soon' is none of 1 to 3"):
        phase.gate.table.apply(output, rows)
