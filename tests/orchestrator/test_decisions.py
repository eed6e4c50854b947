"""Decisions of people on gates, against the database."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import openpyxl
import psycopg
import pytest
from pydantic import BaseModel

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, EditRejected, InvalidInput, NotAllowed, NotFound
from masterflow.orchestrator.types import Flow, GateStatus, OpenQuestion, Verdict
from masterflow.spec import Column, EditableTable, Gate, PhaseContext, Problem, Row
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Tenant
from masterflow.testing import Kit, Nothing, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast


class Waves(BaseModel):
    waves: dict[str, int]


async def plan(ctx: PhaseContext, given: Nothing) -> Waves:
    return Waves(waves={"crm": 1, "erp": 2})


def no_wave_zero(output: Waves) -> list[Problem]:
    return [Problem("wave", f"'{name}' is in wave {wave}") for name, wave in output.waves.items() if wave < 1]


def rows(output: Waves) -> list[Row]:
    return [{"application": name, "wave": wave} for name, wave in output.waves.items()]


def apply(output: Waves, edited: list[Row]) -> Waves:
    blank = [f"row {number}, column Wave: a wave is missing" for number, row in enumerate(edited, 2) if not row["wave"]]
    if blank:
        raise EditRejected(blank)
    return Waves.model_validate({"waves": {row["application"]: row["wave"] for row in edited}})


TABLE = EditableTable(
    title="Waves",
    key="application",
    columns=(Column("application", "Application"), Column("wave", "Wave", editable=True)),
    rows=rows,
    apply=apply,
)
KINDS = [
    toy_flow(
        toy_phase("planning", plan, gives=Waves, gate=Gate(asks="Good?", table=TABLE), checks=[no_wave_zero]),
        name="planning",
    ),
    toy_flow(toy_phase("cutover", gate=Gate(asks="Go?", four_eyes=True, approver_roles=("lead",))), name="cutover"),
]


@pytest.fixture
async def kit(database: Database) -> AsyncIterator[Kit]:
    async with running_orchestrator(database, KINDS) as kit:
        yield kit


async def waiting(kit: Kit, cast: Cast, name: str = "planning") -> tuple[Flow, OpenQuestion]:
    flow = await kit.orchestrator.create_flow(cast.lead, name, {})
    flow = await kit.settled(cast.lead, flow.flow_id)
    [gate] = await kit.orchestrator.gates(cast.lead, flow_id=flow.flow_id)
    return flow, gate


async def test_a_gate_shows_what_it_asks_about(kit: Kit, cast: Cast) -> None:
    flow, gate = await waiting(kit, cast)
    assert (gate.asks, gate.output, gate.status, gate.has_table) == (
        "Good?",
        {"waves": {"crm": 1, "erp": 2}},
        GateStatus.OPEN,
        True,
    )
    assert await kit.orchestrator.gate(cast.approver, gate.id) == gate
    assert gate.flow_id == flow.flow_id


async def test_another_tenants_gate_reads_like_one_that_never_was(kit: Kit, cast: Cast) -> None:
    _, gate = await waiting(kit, cast)
    neighbour = replace(cast.lead, tenant=Tenant(cast.tenant.client_account_id, uuid4()))
    assert await kit.orchestrator.gates(cast.outsider) == await kit.orchestrator.gates(neighbour) == []
    for actor, gate_id in ((cast.outsider, gate.id), (neighbour, gate.id), (cast.lead, uuid4())):
        for ask in (
            kit.orchestrator.gate(actor, gate_id),
            kit.orchestrator.decide(actor, gate_id, Verdict.APPROVE),
            kit.orchestrator.export_gate(actor, gate_id),
            kit.orchestrator.read_edited_gate(actor, gate_id, b""),
        ):
            with pytest.raises(NotFound) as refused:
                await ask
            assert str(refused.value) == "There is no such gate. List the gates of this engagement."


async def test_who_started_a_flow_does_not_approve_it_where_others_could(kit: Kit, cast: Cast) -> None:
    _, gate = await waiting(kit, cast)
    with pytest.raises(NotAllowed, match="started this flow"):
        await kit.orchestrator.decide(cast.lead, gate.id, Verdict.APPROVE)
    assert (await kit.orchestrator.gate(cast.lead, gate.id)).status is GateStatus.OPEN


async def test_who_started_a_flow_may_reject_it(kit: Kit, cast: Cast) -> None:
    flow, gate = await waiting(kit, cast)
    await kit.orchestrator.decide(cast.lead, gate.id, Verdict.REJECT, reason="my mistake")
    assert (await kit.settled(cast.lead, flow.flow_id)).status is FlowStatus.WAITING_FOR_INPUT


async def test_the_only_member_of_an_engagement_approves_alone(kit: Kit, cast: Cast, urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("DELETE FROM memberships WHERE user_id = %s", (cast.approver.user_id,))
    flow, gate = await waiting(kit, cast)
    await kit.orchestrator.decide(cast.lead, gate.id, Verdict.APPROVE)
    assert (await kit.settled(cast.lead, flow.flow_id)).status is FlowStatus.COMPLETED


async def test_a_service_account_is_nobody_to_ask_and_answers_nothing(kit: Kit, cast: Cast, urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("DELETE FROM memberships WHERE user_id = %s", (cast.approver.user_id,))
    operator = LocalOperator(urls.owner)
    await operator.create_service_account(cast.tenant, "robot", roles=["engineer"])
    robot = replace(await operator.principal(cast.tenant, "robot"), roles=frozenset({Role.ENGINEER, Role.LEAD}))
    _, gate = await waiting(kit, cast)
    with pytest.raises(NotAllowed, match="is a service account"):
        await kit.orchestrator.decide(robot, gate.id, Verdict.APPROVE)
    await kit.orchestrator.decide(cast.lead, gate.id, Verdict.APPROVE)  # still alone


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_engagements_word_on_self_approval_counts(
    kit: Kit, cast: Cast, urls: DatabaseUrls, allowed: bool
) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE engagements SET self_approval = %s", (allowed,))
    _, gate = await waiting(kit, cast)
    if allowed:
        await kit.orchestrator.decide(cast.lead, gate.id, Verdict.APPROVE)
    else:
        with pytest.raises(NotAllowed):
            await kit.orchestrator.decide(cast.lead, gate.id, Verdict.APPROVE)


async def test_four_eyes_are_two_persons(kit: Kit, cast: Cast, urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE engagements SET self_approval = true")
    _, gate = await waiting(kit, cast, "cutover")
    with pytest.raises(NotAllowed, match="four eyes"):
        await kit.orchestrator.decide(cast.lead, gate.id, Verdict.APPROVE, content_hash=gate.content_hash)
    with pytest.raises(NotAllowed, match=r"is decided by lead\."):
        await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE, content_hash=gate.content_hash)
    other = replace(cast.approver, roles=frozenset({Role.LEAD}))
    await kit.orchestrator.decide(other, gate.id, Verdict.APPROVE, content_hash=gate.content_hash)


async def test_who_executed_a_flow_that_another_created_started_it_too(kit: Kit, cast: Cast) -> None:
    flow = await kit.orchestrator.create_flow(cast.lead, "cutover", {}, start=False)
    starter = replace(cast.approver, roles=frozenset({Role.LEAD}))
    await kit.orchestrator.execute(starter, flow.flow_id)
    await kit.settled(cast.lead, flow.flow_id)
    [gate] = await kit.orchestrator.gates(cast.lead, flow_id=flow.flow_id)
    for person in (cast.lead, starter):
        with pytest.raises(NotAllowed, match="four eyes"):
            await kit.orchestrator.decide(person, gate.id, Verdict.APPROVE, content_hash=gate.content_hash)


async def test_a_gate_is_decided_once(kit: Kit, cast: Cast) -> None:
    _, gate = await waiting(kit, cast)
    await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE)
    with pytest.raises(Conflict, match=f"This gate was approved by {cast.approver.email} already"):
        await kit.orchestrator.decide(cast.approver, gate.id, Verdict.REJECT, reason="late")


async def test_a_cancelled_flow_withdraws_its_question(kit: Kit, cast: Cast) -> None:
    flow, gate = await waiting(kit, cast)
    await kit.orchestrator.cancel(cast.lead, flow.flow_id)
    assert (await kit.orchestrator.gate(cast.lead, gate.id)).status is GateStatus.WITHDRAWN
    assert await kit.orchestrator.gates(cast.lead) == []
    assert len(await kit.orchestrator.gates(cast.lead, status=None)) == 1


async def test_the_decision_is_bound_to_the_content_that_was_shown(kit: Kit, cast: Cast) -> None:
    _, gate = await waiting(kit, cast)
    with pytest.raises(Conflict, match="another content"):
        await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE, content_hash="00" * 32)
    flow = await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE, content_hash=gate.content_hash)
    [_, _, approved, _] = await kit.orchestrator.history(cast.lead, flow.flow_id)
    assert (approved.kind, approved.actor, approved.phase) == ("gate_approved", cast.approver.email, "planning")
    assert approved.data == {"status": "running", "content_hash": gate.content_hash, "edited": False}


async def test_an_edit_that_breaks_a_check_decides_nothing(kit: Kit, cast: Cast) -> None:
    _, gate = await waiting(kit, cast)
    broken = {"waves": {"crm": -1, "erp": 2}}
    with pytest.raises(EditRejected, match="'crm' is in wave -1"):
        await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE, edited_output=broken)
    assert (await kit.orchestrator.gate(cast.lead, gate.id)).status is GateStatus.OPEN


def edited(workbook: bytes, place: str, value: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    book.worksheets[0][place] = value
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


async def test_a_workbook_goes_out_and_its_edit_is_applied(kit: Kit, cast: Cast) -> None:
    flow, gate = await waiting(kit, cast)
    workbook = await kit.orchestrator.export_gate(cast.approver, gate.id)
    output = await kit.orchestrator.read_edited_gate(cast.approver, gate.id, edited(workbook, "B3", 7))
    assert output == {"waves": {"crm": 1, "erp": 7}}
    await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE, edited_output=output)
    [result] = await kit.orchestrator.results(cast.lead, flow.flow_id)
    assert (result.output, result.edited) == (output, True)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "row 3, column Wave: a wave is missing"),
        ("soon", r"waves\.erp \('soon'\): input should be a valid integer"),
    ],
)
async def test_a_cell_that_the_table_cannot_take_is_refused(kit: Kit, cast: Cast, value: object, sentence: str) -> None:
    _, gate = await waiting(kit, cast)
    workbook = await kit.orchestrator.export_gate(cast.approver, gate.id)
    with pytest.raises(EditRejected, match=sentence):
        await kit.orchestrator.read_edited_gate(cast.approver, gate.id, edited(workbook, "B3", value))


async def test_an_output_without_a_table_is_not_exported(kit: Kit, cast: Cast) -> None:
    _, gate = await waiting(kit, cast, "cutover")
    with pytest.raises(InvalidInput, match="The output of 'cutover' has no table form"):
        await kit.orchestrator.export_gate(cast.lead, gate.id)


async def test_of_two_decisions_at_once_one_counts(kit: Kit, cast: Cast) -> None:
    flow, gate = await waiting(kit, cast)
    answers = await asyncio.gather(
        *(kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(answer, Flow) for answer in answers) == 1
    assert all(isinstance(answer, Flow | Conflict) for answer in answers)
    flow = await kit.settled(cast.lead, flow.flow_id)
    assert len(await kit.orchestrator.history(cast.lead, flow.flow_id)) == flow.version == 4
