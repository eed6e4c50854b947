"""An assessment says of a published estate what the right answers say, and a person decides."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import EditRejected
from masterflow.flows.assessment.flow import FLOW as ASSESSMENT
from masterflow.flows.assessment.recommendation_generation import every_override_has_a_reason
from masterflow.flows.discovery.flow import FLOW as DISCOVERY
from masterflow.orchestrator.types import Verdict
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.assessments.types import Assessment, Strategy
from tests.conftest import Cast
from tests.flows.programme import Programme, programme

DATA = Path(__file__).parents[2] / "data"
DEMO = DATA / "estate"
SMALL = DATA / "estate" / "rvtools_v4.7_small.xlsx"
TRUTH = json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))
VMS = [server for server in TRUTH["servers"] if server["kind"] == "vm"]
NEEDS_BUSINESS_CONTEXT = {"Payroll"}  # a law keeps its data in the country; no workbook of machines says so
DAY = {"assessed_on": "2026-11-23"}


@pytest.fixture
async def at_work(database: Database, cast: Cast, tmp_path: Path) -> AsyncIterator[Programme]:
    async with programme(database, cast, tmp_path, (DISCOVERY, ASSESSMENT)) as running:
        yield running


async def latest(at_work: Programme, tenant: Any = None) -> Assessment | None:
    async with at_work.database.transaction(tenant or at_work.cast.tenant) as session:
        return await AssessmentStore(session).latest()


async def test_an_assessment_of_nothing_asks_for_an_estate(at_work: Programme) -> None:
    flow = await at_work.start("assessment", DAY)
    assert flow.status is FlowStatus.WAITING_FOR_INPUT
    assert flow.last_error is not None
    assert "the engagement has no published servers" in flow.last_error.message


async def test_a_target_that_the_rules_do_not_know_is_asked_for(at_work: Programme) -> None:
    await at_work.discover(SMALL)
    flow = await at_work.start("assessment", {**DAY, "target": "moon"})
    assert flow.status is FlowStatus.WAITING_FOR_INPUT
    assert flow.last_error is not None
    assert "'moon' is none of public_cloud" in flow.last_error.message


async def test_the_demo_estate_is_assessed_like_the_right_answers(at_work: Programme) -> None:
    await at_work.discover(DEMO / "rvtools_estate.xlsx")
    flow = await at_work.finish("assessment", DAY)
    assert flow.status is FlowStatus.COMPLETED, flow.last_error
    assessment = await latest(at_work)
    assert assessment is not None
    assert Counter((s.name, s.support_today.value) for s in assessment.servers) == expected_support()
    assert assessment.move_date == date(2027, 5, 23)
    unacceptable = {v["name"]: set(v["unacceptable"]) for v in TRUTH["seven_r"]}
    wrong = [
        r.subject_name
        for r in assessment.recommendations
        if r.strategy.value in unacceptable.get(r.subject_name, set())
    ]
    assert set(wrong) <= NEEDS_BUSINESS_CONTEXT
    assert all(r.would_change and r.reasons for r in assessment.recommendations)
    assert sum(r.server_count for r in assessment.recommendations) == 150


async def test_a_second_source_fills_what_the_first_does_not_say(at_work: Programme) -> None:
    await at_work.discover(DEMO / "rvtools_estate.xlsx", DEMO / "servicenow_cmdb_ci_server.csv")
    await at_work.finish("assessment", DAY)
    assessment = await latest(at_work)
    assert assessment is not None
    machines = {s["name"] for s in VMS}
    counts = Counter(s.support_today.value for s in assessment.servers if s.name in machines)
    assert counts == Counter(TRUTH["eol_counts_vms"])


def expected_support() -> Counter[tuple[str, str]]:
    """Per server, as far as the RVTools workbook says it; two machines share a name."""
    return Counter(
        (s["name"], s["eol"]["status"] if s["eol"]["source"].startswith("vInfo") else "unknown") for s in VMS
    )


async def test_nothing_is_published_before_a_person_approves(at_work: Programme) -> None:
    await at_work.discover(SMALL)
    flow = await at_work.start("assessment", DAY)
    assert flow.status is FlowStatus.WAITING_FOR_APPROVAL
    assert await latest(at_work) is None
    await at_work.kit.orchestrator.decide(at_work.cast.approver, (await at_work.question(flow)).id, Verdict.APPROVE)
    assert await latest(at_work) is not None
    assert await latest(at_work, at_work.cast.outsider.tenant) is None


async def test_an_override_is_published_beside_what_the_rules_said(at_work: Programme) -> None:
    await at_work.discover(SMALL)
    flow = await at_work.start("assessment", DAY)
    question = await at_work.question(flow)
    edited = json.loads(json.dumps(question.output, default=str))
    proposal = edited["proposals"][0]
    other = Strategy.RETAIN if proposal["strategy"] != "retain" else Strategy.REHOST
    proposal |= {"strategy": other.value, "override_reason": "the licence forbids it"}
    await at_work.kit.orchestrator.decide(at_work.cast.approver, question.id, Verdict.APPROVE, edited_output=edited)
    assessment = await latest(at_work)
    assert assessment is not None
    (decided,) = [r for r in assessment.recommendations if str(r.subject_id) == proposal["subject_id"]]
    assert (decided.strategy, decided.override_reason) == (other, "the licence forbids it")
    assert decided.rule_strategy.value == proposal["rule_strategy"]


async def test_an_override_without_a_reason_is_refused(at_work: Programme) -> None:
    await at_work.discover(SMALL)
    question = await at_work.question(await at_work.start("assessment", DAY))
    edited = json.loads(json.dumps(question.output, default=str))
    edited["proposals"][0]["strategy"] = "repurchase"
    with pytest.raises(EditRejected, match="say why it is repurchase"):
        await at_work.kit.orchestrator.decide(at_work.cast.approver, question.id, Verdict.APPROVE, edited_output=edited)


async def test_the_workbook_names_the_cell_that_it_cannot_accept(at_work: Programme) -> None:
    await at_work.discover(SMALL)
    question = await at_work.question(await at_work.start("assessment", DAY))
    gate = ASSESSMENT.phase("recommendation_generation").gate
    assert gate is not None
    assert gate.table is not None
    output = ASSESSMENT.phase("recommendation_generation").gives.model_validate(question.output)
    rows = gate.table.rows(output)
    rows[1]["strategy"] = "repurchase"
    overridden = gate.table.apply(output, rows)
    [problem] = every_override_has_a_reason(overridden)
    assert "column Reason for change: say why it is repurchase" in problem.message
    assert (problem.rows, problem.field) == ((rows[1]["subject_id"],), "override_reason")
    rows[0]["strategy"] = "lift"
    with pytest.raises(EditRejected, match="column Strategy: 'lift' is none of") as refused:
        gate.table.apply(output, rows)
    assert [(one.row, one.field) for one in refused.value.found] == [(rows[0]["subject_id"], "strategy")]


async def test_an_edit_cannot_rewrite_what_the_table_does_not_offer(at_work: Programme) -> None:
    await at_work.discover(SMALL)
    question = await at_work.question(await at_work.start("assessment", DAY))
    emptied = {**json.loads(json.dumps(question.output, default=str)), "proposals": [], "portfolio": {"retire": 999}}
    with pytest.raises(EditRejected, match="rows may not be removed"):
        await at_work.kit.orchestrator.decide(
            at_work.cast.approver, question.id, Verdict.APPROVE, edited_output=emptied
        )
    forged = json.loads(json.dumps(question.output, default=str))
    forged["proposals"][0] |= {"strategy": "repurchase", "rule_strategy": "repurchase"}
    with pytest.raises(EditRejected, match="say why it is repurchase"):
        await at_work.kit.orchestrator.decide(at_work.cast.approver, question.id, Verdict.APPROVE, edited_output=forged)
