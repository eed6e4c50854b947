"""Reminders and expiry of gates, by the duty of a worker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict
from masterflow.orchestrator.gatekeeping.due import watch as module
from masterflow.orchestrator.gatekeeping.due.watch import GateWatch
from masterflow.orchestrator.types import GateStatus, OpenQuestion, Verdict
from masterflow.spec import Gate
from masterflow.tenancy.types import Principal
from masterflow.testing import Kit, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast

GATE: Gate = Gate(asks="?", due_in=timedelta(hours=1), remind_every=timedelta(hours=1), expires_in=timedelta(days=1))
PHASES = (toy_phase("first"), toy_phase("second", gate=GATE))
KINDS = [
    toy_flow(*PHASES, name="timed"),
    toy_flow(toy_phase("only", gate=Gate(asks="?", remind_every=timedelta(hours=1))), name="patient"),
    toy_flow(toy_phase("only", gate=Gate(asks="?")), name="untimed"),
]


@pytest.fixture
async def kit(database: Database) -> AsyncIterator[Kit]:
    async with running_orchestrator(database, KINDS) as kit:
        yield kit


@pytest.fixture
def gates(database: Database) -> GateWatch:
    return GateWatch(database)


async def waiting(kit: Kit, actor: Principal, name: str = "timed") -> OpenQuestion:
    flow = await kit.orchestrator.create_flow(actor, name, {})
    await kit.settled(actor, flow.flow_id)
    [gate] = await kit.orchestrator.gates(actor, flow_id=flow.flow_id)
    return gate


def advance(urls: DatabaseUrls, by: timedelta) -> None:
    """Let time pass for every gate."""
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(
            "UPDATE gates SET due_at = due_at - %(by)s, remind_at = remind_at - %(by)s,"
            " expires_at = expires_at - %(by)s, next_at = next_at - %(by)s",
            {"by": by},
        )


async def reminders(kit: Kit, gate: OpenQuestion, actor: Principal) -> list[dict[str, object]]:
    events = await kit.orchestrator.history(actor, gate.flow_id)
    return [dict(event.data) for event in events if event.kind == "gate_reminded"]


async def test_people_are_reminded_once_each_time_it_is_due(
    kit: Kit, cast: Cast, gates: GateWatch, urls: DatabaseUrls
) -> None:
    gate = await waiting(kit, cast.lead)
    assert await gates.look() == 0
    advance(urls, timedelta(hours=5))
    assert (await gates.look(), await gates.look()) == (1, 0)
    [said] = await reminders(kit, gate, cast.lead)
    assert (said["gate_id"], said["overdue"], said["status"]) == (str(gate.id), True, "waiting_for_approval")
    advance(urls, timedelta(hours=1))
    assert await gates.look() == 1
    assert len(await reminders(kit, gate, cast.lead)) == 2
    now = await kit.orchestrator.gate(cast.lead, gate.id)
    assert (now.status, now.overdue) == (GateStatus.OPEN, True)
    flow = await kit.orchestrator.get(cast.lead, gate.flow_id)
    assert len(await kit.orchestrator.history(cast.lead, gate.flow_id)) == flow.version
    await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE)
    advance(urls, timedelta(days=9))
    assert await gates.look() == 0


async def test_a_gate_without_an_expiry_is_reminded_of_for_ever(
    kit: Kit, cast: Cast, gates: GateWatch, urls: DatabaseUrls
) -> None:
    gate = await waiting(kit, cast.lead, "patient")
    await waiting(kit, cast.lead, "untimed")
    advance(urls, timedelta(days=400))
    assert (await gates.look(), await gates.look()) == (1, 0)
    [said] = await reminders(kit, gate, cast.lead)
    assert (said["due_at"], said["overdue"]) == (None, False)


async def test_an_expired_gate_leaves_its_flow_waiting_and_is_asked_anew(
    kit: Kit, cast: Cast, gates: GateWatch, urls: DatabaseUrls
) -> None:
    gate = await waiting(kit, cast.lead)
    theirs = await waiting(kit, cast.outsider)
    advance(urls, timedelta(days=1))
    assert (await gates.look(), await gates.look()) == (2, 0)
    for actor, one in ((cast.lead, gate), (cast.outsider, theirs)):
        flow = await kit.orchestrator.get(actor, one.flow_id)
        assert (flow.status, flow.current_phase, flow.iteration) == (FlowStatus.WAITING_FOR_INPUT, "second", 2)
        assert flow.last_error is not None
        assert flow.last_error.code == "gate.expired"
        assert (await kit.orchestrator.gate(actor, one.id)).status is GateStatus.EXPIRED
        assert (await kit.orchestrator.history(actor, one.flow_id))[-1].kind == "gate_expired"
    with pytest.raises(Conflict, match="past its time"):
        await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE)
    asked = await kit.orchestrator.asked_input(cast.lead, gate.flow_id)
    assert (asked.waits, asked.code, asked.fields) == (True, "gate.expired", ())
    assert "nothing to fill in" in (asked.hint or "")
    await kit.orchestrator.supply_input(cast.lead, gate.flow_id, {})
    await kit.settled(cast.lead, gate.flow_id)
    [again] = await kit.orchestrator.gates(cast.lead, flow_id=gate.flow_id)
    assert again.id != gate.id
    await kit.orchestrator.decide(cast.approver, again.id, Verdict.APPROVE)
    assert (await kit.settled(cast.lead, gate.flow_id)).status is FlowStatus.COMPLETED


async def test_of_many_looks_at_once_each_gate_is_taken_by_one(
    kit: Kit, cast: Cast, database: Database, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    flows = [await waiting(kit, cast.lead) for _ in range(5)]
    advance(urls, timedelta(hours=2))
    seen = await asyncio.gather(*(GateWatch(database).look() for _ in range(4)))
    assert sum(seen) + await GateWatch(database).look() == 5
    for gate in flows:
        assert len(await reminders(kit, gate, cast.lead)) == 1


async def test_a_gate_that_somebody_is_just_deciding_is_left_alone(
    kit: Kit, cast: Cast, gates: GateWatch, database: Database, urls: DatabaseUrls
) -> None:
    gate = await waiting(kit, cast.lead)
    advance(urls, timedelta(days=1))
    async with database.commanding(cast.tenant) as connection:
        await connection.execute(
            "SELECT FROM crewai_flow_state_extensions WHERE client_account_id = $1 AND flow_id = $2 FOR UPDATE",
            cast.tenant.client_account_id,
            gate.flow_id,
        )
        assert await gates.look() == 0
    assert await gates.look() == 1


async def test_a_cancelled_flow_reminds_of_nothing(kit: Kit, cast: Cast, gates: GateWatch, urls: DatabaseUrls) -> None:
    gate = await waiting(kit, cast.lead)
    await kit.orchestrator.cancel(cast.lead, gate.flow_id)
    advance(urls, timedelta(days=3))
    assert await gates.look() == 0
