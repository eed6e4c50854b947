"""Answers of several people to one gate, against the database."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import openpyxl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, EditRejected, InputMissing, InvalidInput, MissingInput, NotAllowed, NotFound
from masterflow.orchestrator.gatekeeping.store import GateStore
from masterflow.orchestrator.gatekeeping.types import Answer, Edit, InboxView, Ruling
from masterflow.orchestrator.gatekeeping.voting import Ballot, Standing, answered, objection, standing
from masterflow.orchestrator.rows import content_hash, json_text
from masterflow.orchestrator.types import Flow, GateStatus, OpenQuestion, Verdict
from masterflow.spec import Column, EditableTable, Gate, PhaseContext
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal, Tenant, UserKind
from masterflow.testing import Kit, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast

APPROVE, REJECT = Verdict.APPROVE, Verdict.REJECT


class Size(BaseModel):
    servers: int | None = None


class Count(BaseModel):
    servers: int


async def count(ctx: PhaseContext, given: Size) -> Count:
    if given.servers is None:
        raise InputMissing([MissingInput("servers", "nobody counted them")])
    return Count(servers=given.servers)


TABLE: EditableTable[Count] = EditableTable(
    title="Count",
    key="what",
    columns=(Column("what", "What"), Column("servers", "Servers", editable=True)),
    rows=lambda output: [{"what": "all", "servers": output.servers}],
    apply=lambda output, rows: Count(servers=int(str(rows[0]["servers"]))),
)


def gated(name: str, **gate: Any) -> Any:
    return toy_flow(
        toy_phase("count", count, takes=Size, gives=Count),
        toy_phase("confirm", count, takes=Size, gives=Count, gate=Gate(asks="So many?", **gate)),
        toy_phase("after"),
        name=name,
        config=Size,
    )


KINDS = [
    gated("two", quorum=2, table=TABLE),
    gated("bare", quorum=2),
    gated("eyes", four_eyes=True, table=TABLE),
    gated("both", four_eyes=True, quorum=2),
    gated("one", approver_roles=("planner", "approver"), due_in=timedelta(days=3)),
    gated("short", expires_in=timedelta(days=1)),
]


@pytest.fixture
async def kit(database: Database) -> AsyncIterator[Kit]:
    async with running_orchestrator(database, KINDS) as kit:
        yield kit


@dataclass
class Team:
    """Three leads and the approver beside the lead who starts things; all are members."""

    ana: Principal
    bo: Principal
    cy: Principal
    approver: Principal


@pytest.fixture
def team(cast: Cast, urls: DatabaseUrls) -> Team:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        people = [joined(connection, cast.tenant, f"{name}@home.example", Role.LEAD) for name in ("ana", "bo", "cy")]
    return Team(*people, cast.approver)


def joined(connection: psycopg.Connection, tenant: Tenant, email: str, role: Role) -> Principal:
    user = uuid4()
    connection.execute("INSERT INTO users (id, email, name) VALUES (%s, %s, %s)", (user, email, email))
    connection.execute(
        "INSERT INTO memberships (client_account_id, engagement_id, user_id, role) VALUES (%s, %s, %s, %s)",
        (tenant.client_account_id, tenant.engagement_id, user, role),
    )
    return Principal(user_id=user, email=email, tenant=tenant, roles=frozenset({role}))


async def waiting(kit: Kit, actor: Principal, name: str, *, servers: int = 3) -> OpenQuestion:
    flow = await kit.orchestrator.create_flow(actor, name, {"servers": servers})
    return await the_gate(kit, actor, flow.flow_id)


async def the_gate(kit: Kit, actor: Principal, flow_id: UUID) -> OpenQuestion:
    await kit.settled(actor, flow_id)
    [gate] = await kit.orchestrator.gates(actor, flow_id=flow_id)
    return gate


async def say(kit: Kit, actor: Principal, gate: OpenQuestion, verdict: Verdict = APPROVE, **more: Any) -> Flow:
    more.setdefault("content_hash", gate.content_hash)
    return await kit.orchestrator.decide(actor, gate.id, verdict, **more)


async def kinds(kit: Kit, actor: Principal, flow_id: UUID) -> list[str]:
    return [event.kind for event in await kit.orchestrator.history(actor, flow_id)]


async def test_a_gate_of_two_passes_when_two_people_have_approved_it(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "two")
    flow = await say(kit, team.ana, gate, reason="counted")
    assert (flow.status, flow.current_phase) == (FlowStatus.WAITING_FOR_APPROVAL, "confirm")
    gate = await kit.orchestrator.gate(cast.lead, gate.id)
    assert (gate.approvals, gate.quorum, gate.status) == (1, 2, GateStatus.OPEN)
    assert (await say(kit, team.bo, gate)).status is FlowStatus.RUNNING
    assert (await kit.settled(cast.lead, gate.flow_id)).status is FlowStatus.COMPLETED
    votes = await kit.orchestrator.decisions(cast.lead, gate.id)
    assert [(v.actor, v.verdict, v.reason, v.superseded) for v in votes] == [
        (team.ana.email, APPROVE, "counted", False),
        (team.bo.email, APPROVE, None, False),
    ]
    assert "gate_voted" in await kinds(kit, cast.lead, gate.flow_id)


async def test_nobody_of_another_client_or_engagement_sees_or_answers(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "two")
    await say(kit, team.ana, gate)
    neighbour = replace(team.bo, tenant=Tenant(cast.tenant.client_account_id, uuid4()))
    for stranger in (cast.outsider, neighbour):
        for view in InboxView:
            assert (await kit.orchestrator.inbox(stranger, view)).items == ()
        for ask in (
            kit.orchestrator.decisions(stranger, gate.id),
            say(kit, stranger, gate),
            kit.orchestrator.decide_by_workbook(stranger, gate.id, b""),
        ):
            with pytest.raises(NotFound, match="There is no such gate"):
                await ask
    assert len(await kit.orchestrator.decisions(cast.lead, gate.id)) == 1


async def test_a_person_answers_once_and_a_second_answer_replaces_nothing(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "two")
    await say(kit, team.ana, gate)
    for verdict in Verdict:
        with pytest.raises(Conflict, match="has answered this gate already"):
            await say(kit, team.ana, gate, verdict, reason="again")
    assert [vote.verdict for vote in await kit.orchestrator.decisions(cast.lead, gate.id)] == [APPROVE]


async def test_of_two_last_approvals_at_once_both_are_seen(kit: Kit, cast: Cast, team: Team) -> None:
    for _ in range(5):
        gate = await waiting(kit, cast.lead, "two")
        await asyncio.gather(say(kit, team.ana, gate), say(kit, team.bo, gate))
        assert (await kit.settled(cast.lead, gate.flow_id)).status is FlowStatus.COMPLETED


async def test_one_rejection_rejects_whoever_has_approved(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "two")
    await say(kit, team.ana, gate)
    flow = await say(kit, team.bo, gate, REJECT, reason="too many")
    assert flow.status is FlowStatus.WAITING_FOR_INPUT
    assert (await kit.orchestrator.gate(cast.lead, gate.id)).status is GateStatus.REJECTED


async def test_a_rejection_leads_to_the_phase_it_names(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "one")
    flow = await say(kit, team.ana, gate, REJECT, reason="count again", to="count")
    assert (flow.status, flow.current_phase, flow.iteration) == (FlowStatus.RUNNING, "count", 2)
    again = await the_gate(kit, cast.lead, gate.flow_id)
    with pytest.raises(InvalidInput, match="'after' is no phase"):
        await say(kit, team.ana, again, REJECT, reason="no", to="after")


async def test_where_two_decide_the_content_has_to_be_named(kit: Kit, cast: Cast, team: Team) -> None:
    for name in ("two", "eyes"):
        gate = await waiting(kit, cast.lead, name)
        for verdict in Verdict:
            with pytest.raises(InvalidInput, match="which content"):
                await say(kit, team.ana, gate, verdict, reason="r", content_hash=None)
        assert await kit.orchestrator.decisions(cast.lead, gate.id) == []


async def test_an_edit_supersedes_approvals_of_the_content_before(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "two")
    await say(kit, team.ana, gate)
    await say(kit, team.bo, gate, edited_output={"servers": 4})
    now = await kit.orchestrator.gate(cast.lead, gate.id)
    assert (now.approvals, now.output, now.status) == (1, {"servers": 4}, GateStatus.OPEN)
    assert now.content_hash == content_hash(json_text({"servers": 4})).hex() != gate.content_hash
    votes = await kit.orchestrator.decisions(cast.lead, gate.id)
    assert [(v.actor, v.superseded, v.edits) for v in votes] == [
        (team.ana.email, True, ()),
        (team.bo.email, False, (Edit("Servers", 3, 4, "all"),)),
    ]
    assert (votes[1].content_hash, votes[1].shown_hash) == (now.content_hash, gate.content_hash)
    with pytest.raises(Conflict, match="another content"):
        await say(kit, team.cy, gate)
    await say(kit, team.ana, now)
    assert (await kit.settled(cast.lead, gate.flow_id)).status is FlowStatus.COMPLETED
    results = await kit.orchestrator.results(cast.lead, gate.flow_id)
    assert [(r.output, r.edited) for r in results][1] == ({"servers": 4}, True)


async def test_an_edit_without_a_table_is_told_by_places(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "bare")
    await say(kit, team.ana, gate, edited_output={"servers": 9})
    [vote] = await kit.orchestrator.decisions(cast.lead, gate.id)
    assert vote.edits == (Edit("/servers", 3, 9),)


async def test_an_edit_that_changes_nothing_is_an_approval(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "eyes")
    await say(kit, team.ana, gate, edited_output={"servers": 3})
    assert (await kit.settled(cast.lead, gate.flow_id)).status is FlowStatus.COMPLETED
    [vote] = await kit.orchestrator.decisions(cast.lead, gate.id)
    assert (vote.edits, vote.shown_hash, vote.counts) == ((), None, True)


async def test_who_edits_a_four_eyes_gate_leaves_the_approval_to_another(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "eyes")
    assert (await say(kit, team.ana, gate, edited_output={"servers": 4})).status is FlowStatus.WAITING_FOR_APPROVAL
    now = await kit.orchestrator.gate(cast.lead, gate.id)
    assert (now.approvals, now.status) == (0, GateStatus.OPEN)
    assert "gate_edited" in await kinds(kit, cast.lead, gate.flow_id)
    for author in (team.ana, cast.lead):
        with pytest.raises((NotAllowed, Conflict)):
            await say(kit, author, now)
    await say(kit, team.bo, now)
    assert (await kit.settled(cast.lead, gate.flow_id)).status is FlowStatus.COMPLETED


def without_other_members(urls: DatabaseUrls, cast: Cast, keep: UUID) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE engagements SET self_approval = true")
        connection.execute("DELETE FROM memberships WHERE user_id <> %s", (keep,))


async def test_four_eyes_are_two_people_even_where_there_is_one(kit: Kit, cast: Cast, urls: DatabaseUrls) -> None:
    without_other_members(urls, cast, cast.lead.user_id)
    gate = await waiting(kit, cast.lead, "eyes")
    book = await kit.orchestrator.export_gate(cast.lead, gate.id)
    for attempt in (
        say(kit, cast.lead, gate),
        say(kit, cast.lead, gate, edited_output={"servers": 5}),
        kit.orchestrator.decide_by_workbook(cast.lead, gate.id, book),
        kit.orchestrator.decide_by_workbook(cast.lead, gate.id, rewritten(book, 5)),
    ):
        with pytest.raises(NotAllowed, match="needs four eyes"):
            await attempt
    assert await kit.orchestrator.decisions(cast.lead, gate.id) == []


SHAPING = ["create", "start", "retry", "roll back", "supply input", "record elsewhere", "own row", "made for"]


@pytest.mark.parametrize("how", SHAPING)
async def test_who_shaped_what_is_asked_in_any_way_does_not_approve_it(
    how: str, kit: Kit, cast: Cast, team: Team, urls: DatabaseUrls
) -> None:
    author, other = team.ana, team.bo
    flow_id = await shaped(how, kit, cast, author, urls)
    gate = await the_gate(kit, cast.lead, flow_id)
    with pytest.raises(NotAllowed, match=f"{author.email} shaped what the gate of 'confirm' asks"):
        await say(kit, author, gate)
    with pytest.raises(NotAllowed, match="needs four eyes"):
        await say(kit, author, gate, edited_output={"servers": 8})
    mine = {item.gate.id: item for item in (await kit.orchestrator.inbox(author)).items}[gate.id]
    assert (mine.may_decide, "needs four eyes" in (mine.why_not or "")) == (False, True)
    assert author.email not in mine.deciders
    assert other.email in mine.deciders
    assert (await say(kit, other, gate)).status is FlowStatus.RUNNING


async def shaped(how: str, kit: Kit, cast: Cast, author: Principal, urls: DatabaseUrls) -> UUID:
    """A flow that the lead made and `author` shaped in one way, waiting at its four-eyes gate."""
    maker = kit.orchestrator
    if how == "create":
        return (await maker.create_flow(author, "eyes", {"servers": 1})).flow_id
    if how == "start":
        flow = await maker.create_flow(cast.lead, "eyes", {"servers": 1}, start=False)
        return (await maker.execute(author, flow.flow_id)).flow_id
    if how == "record elsewhere":
        flow = await maker.register_flow(cast.lead, flow_type="eyes", configuration={"servers": 1})
        await maker.get_state_manager(cast.lead, flow.flow_id).update_phase("count", {"servers": 1})
        return (await maker.get_state_manager(author, flow.flow_id).update_phase("confirm", {"servers": 1})).flow_id
    if how == "supply input":
        flow = await maker.create_flow(cast.lead, "eyes", {})
        await kit.settled(cast.lead, flow.flow_id)
        return (await maker.supply_input(author, flow.flow_id, {"servers": 2})).flow_id
    flow = await maker.create_flow(cast.lead, "eyes", {"servers": 1})
    await kit.settled(cast.lead, flow.flow_id)
    if how in {"own row", "made for"}:
        _rewrite(how, urls, author, flow.flow_id)
        return flow.flow_id
    return await _run_again(how, kit, cast, author, urls, flow.flow_id)


def _rewrite(how: str, urls: DatabaseUrls, author: Principal, flow_id: UUID) -> None:
    """As a flow looks that a schedule of `author` made."""
    statement, value = (
        ("UPDATE crewai_flow_state_extensions SET user_id = %s WHERE flow_id = %s", str(author.user_id))
        if how == "own row"
        else (
            (
                "UPDATE flow_events SET data = data || jsonb_build_object('shaped_by', jsonb_build_array(%s::text))"
                " WHERE flow_id = %s AND seq = 1"
            ),
            author.email,
        )
    )
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(statement, (value, flow_id))


async def _run_again(how: str, kit: Kit, cast: Cast, author: Principal, urls: DatabaseUrls, flow_id: UUID) -> UUID:
    """Fail the waiting flow as a broken phase would, and let `author` take it back."""
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE gates SET status = 'withdrawn' WHERE flow_id = %s", (flow_id,))
        connection.execute(
            "UPDATE crewai_flow_state_extensions SET flow_status = 'failed', phase_index = phase_index - 1"
            " WHERE flow_id = %s",
            (flow_id,),
        )
    if how == "retry":
        return (await kit.orchestrator.retry(author, flow_id, phase="confirm")).flow_id
    return (await kit.orchestrator.roll_back(author, flow_id, "count", reason="again")).flow_id


async def test_who_edited_an_earlier_gate_shaped_what_a_later_one_asks(
    database: Database, cast: Cast, team: Team
) -> None:
    kind = toy_flow(
        toy_phase("first", count, takes=Size, gives=Count, gate=Gate(asks="So many?")),
        toy_phase("second", gate=Gate(asks="Go?", four_eyes=True)),
        config=Size,
    )
    async with running_orchestrator(database, [kind]) as kit:
        gate = await waiting(kit, cast.lead, "toy")
        await say(kit, team.ana, gate, edited_output={"servers": 7})
        gate = await the_gate(kit, cast.lead, gate.flow_id)
        with pytest.raises(NotAllowed, match="needs four eyes"):
            await say(kit, team.ana, gate)
        await say(kit, team.bo, gate)


async def test_a_service_account_decides_nothing(kit: Kit, cast: Cast, team: Team) -> None:
    robot = Principal(team.ana.user_id, team.ana.email, cast.tenant, team.ana.roles, kind=UserKind.SERVICE)
    gate = await waiting(kit, cast.lead, "one")
    book_gate = await waiting(kit, cast.lead, "two")
    for attempt in (
        say(kit, robot, gate),
        say(kit, robot, gate, REJECT, reason="no"),
        kit.orchestrator.decide_by_workbook(robot, book_gate.id, b""),
    ):
        with pytest.raises(NotAllowed, match="done by people alone"):
            await attempt
    assert (await kit.orchestrator.inbox(robot)).items == ()
    [item] = [i for i in (await kit.orchestrator.inbox(robot, InboxView.TEAM)).items if i.gate.id == gate.id]
    assert not item.may_decide


def rewritten(book: bytes, servers: object, *, without: str | None = None) -> bytes:
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    sheets.worksheets[0]["B2"] = servers
    if without is not None:
        del sheets[without]
    data = io.BytesIO()
    sheets.save(data)
    return data.getvalue()


async def test_a_workbook_is_bound_to_the_content_it_was_made_from(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "two")
    early = await kit.orchestrator.export_gate(team.ana, gate.id)
    await kit.orchestrator.decide_by_workbook(team.ana, gate.id, rewritten(early, 4), reason="by hand")
    for attempt in (
        kit.orchestrator.decide_by_workbook(team.bo, gate.id, rewritten(early, 5)),
        kit.orchestrator.decide_by_workbook(team.bo, gate.id, rewritten(early, 5), content_hash="00" * 32),
    ):
        with pytest.raises(Conflict, match="another content"):
            await attempt
    bare = rewritten(await kit.orchestrator.export_gate(team.bo, gate.id), 4, without="masterflow-origin")
    with pytest.raises(InvalidInput, match="which content"):
        await kit.orchestrator.decide_by_workbook(team.bo, gate.id, bare)
    now = await kit.orchestrator.gate(team.bo, gate.id)
    await kit.orchestrator.decide_by_workbook(team.bo, gate.id, bare, content_hash=now.content_hash)
    assert (await kit.settled(cast.lead, gate.flow_id)).status is FlowStatus.COMPLETED


async def test_what_is_no_workbook_is_refused_as_such(kit: Kit, cast: Cast, team: Team) -> None:
    gate = await waiting(kit, cast.lead, "two")
    with pytest.raises(EditRejected, match="not an xlsx workbook"):
        await kit.orchestrator.decide_by_workbook(team.ana, gate.id, b"none", content_hash=gate.content_hash)


def past(urls: DatabaseUrls, gate: OpenQuestion, column: str) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(f"UPDATE gates SET {column} = clock_timestamp() WHERE id = %s", (gate.id,))


async def test_an_expired_gate_is_not_decided_even_before_anybody_noticed(
    kit: Kit, cast: Cast, team: Team, urls: DatabaseUrls
) -> None:
    gate = await waiting(kit, cast.lead, "short")
    assert gate.expires_at == gate.opened_at + timedelta(days=1)
    past(urls, gate, "expires_at")
    for verdict in Verdict:
        with pytest.raises(Conflict, match="This gate was past its time already"):
            await say(kit, team.ana, gate, verdict, reason="late")
    assert (await kit.orchestrator.gate(cast.lead, gate.id)).status is GateStatus.EXPIRED
    assert await kit.orchestrator.gates(cast.lead) == []
    assert len(await kit.orchestrator.gates(cast.lead, status=GateStatus.EXPIRED)) == 1
    assert (await kit.orchestrator.inbox(team.ana)).items == ()


async def test_a_gate_that_expires_while_it_is_answered_takes_no_answer(
    database: Database, kit: Kit, cast: Cast, team: Team, urls: DatabaseUrls
) -> None:
    """The database's clock at the write decides, not the one at the read before."""
    gate = await waiting(kit, cast.lead, "short")
    past(urls, gate, "expires_at")
    async with database.commanding(cast.tenant) as connection:
        store = GateStore(connection, cast.tenant, kit.orchestrator.registry)
        ruling = Ruling(Answer(verdict=APPROVE), gate.content_hash, counts=True)
        assert not await store.record(gate, team.ana, ruling)


async def test_an_inbox_has_what_concerns_its_reader(kit: Kit, cast: Cast, team: Team, urls: DatabaseUrls) -> None:
    due = await waiting(kit, cast.lead, "one")
    two = await waiting(kit, cast.lead, "two")
    await say(kit, team.ana, two, reason="fine")
    mine = (await kit.orchestrator.inbox(team.ana)).items
    assert [(i.gate.id, i.may_decide) for i in mine] == [(due.id, True), (two.id, False)]
    assert mine[1].why_not == f"{team.ana.email} has answered this gate already."
    assert [(v.actor, v.reason) for v in mine[1].votes] == [(team.ana.email, "fine")]
    assert mine[0].gate.due_at == due.opened_at + timedelta(days=3)
    assert not mine[0].gate.overdue
    assert mine[0].age > timedelta(0)
    past(urls, due, "due_at")
    assert (await kit.orchestrator.inbox(team.ana)).items[0].gate.overdue
    assert set(mine[1].deciders) == {team.bo.email, team.cy.email, team.approver.email}
    planner = replace(cast.lead, roles=frozenset({Role.PLANNER}))
    assert [item.gate.id for item in (await kit.orchestrator.inbox(planner)).items] == [due.id]
    assert len((await kit.orchestrator.inbox(planner, InboxView.TEAM)).items) == 2
    [answered_item] = (await kit.orchestrator.inbox(team.ana, InboxView.HISTORY)).items
    assert answered_item.gate.id == two.id
    assert (await kit.orchestrator.inbox(team.bo, InboxView.HISTORY)).items == ()
    await say(kit, team.bo, two)
    [closed] = (await kit.orchestrator.inbox(team.bo, InboxView.HISTORY)).items
    assert (closed.may_decide, closed.why_not, closed.deciders) == (False, "This gate is approved.", ())


async def test_who_is_disabled_in_the_client_is_nobody_who_could_approve(
    kit: Kit, cast: Cast, team: Team, urls: DatabaseUrls
) -> None:
    await waiting(kit, cast.lead, "one")
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(
            "INSERT INTO suspensions (client_account_id, user_id, made_by) VALUES (%s, %s, 'admin@home.example')",
            (cast.tenant.client_account_id, team.bo.user_id),
        )
    [mine] = (await kit.orchestrator.inbox(team.ana)).items
    assert {team.bo.email, team.cy.email} & set(mine.deciders) == {team.cy.email}


async def test_a_gate_kept_by_an_older_version_has_the_role_it_knew(kit: Kit, cast: Cast, urls: DatabaseUrls) -> None:
    gate = await waiting(kit, cast.lead, "one")
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE gates SET approver_roles = NULL WHERE id = %s", (gate.id,))
    assert (await kit.orchestrator.gate(cast.lead, gate.id)).approver_roles == ("planner",)


@pytest.mark.parametrize("verb", ["UPDATE gate_decisions SET verdict = 'reject'", "DELETE FROM gate_decisions"])
async def test_an_answer_is_never_rewritten(verb: str, kit: Kit, cast: Cast, team: Team, database: Database) -> None:
    gate = await waiting(kit, cast.lead, "two")
    await say(kit, team.ana, gate)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.commanding(cast.tenant) as connection:
            await connection.execute(f"{verb} WHERE client_account_id = $1", cast.tenant.client_account_id)


moves = st.lists(
    st.tuples(
        st.sampled_from(("lead", "ana", "bo", "cy")),
        st.sampled_from(("approve", "approve", "edit", "edit", "reject", "expire")),
        st.integers(1, 3),
        st.booleans(),
    ),
    min_size=1,
    max_size=7,
)


@given(name=st.sampled_from(["two", "eyes", "both"]), path=moves)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_any_sequence_of_answers_ends_as_the_model_says(
    kit: Kit, cast: Cast, team: Team, urls: DatabaseUrls, name: str, path: list[tuple[str, str, int, bool]]
) -> None:
    people = {"lead": cast.lead, "ana": team.ana, "bo": team.bo, "cy": team.cy}
    gate = await waiting(kit, cast.lead, name, servers=1)
    kind = kit.orchestrator.registry.get(name).phase("confirm").gate
    shapers = frozenset({cast.lead.email}) if gate.four_eyes else frozenset()
    model = Ballot(
        content=gate.content_hash, quorum=kind.quorum if kind else 1, four_eyes=gate.four_eyes, shapers=shapers
    )
    starter_may_not, expired = not gate.four_eyes, False
    for who, what, servers, on_first in path:
        actor, content = people[who], gate.content_hash if on_first else model.content
        if what == "expire":
            past(urls, gate, "expires_at")
            expired = expired or standing(model) is Standing.OPEN
            continue
        verdict = REJECT if what == "reject" else APPROVE
        edited_to = content_hash(json_text({"servers": servers})).hex() if what == "edit" else None
        more = {"edited_output": {"servers": servers}} if what == "edit" else {}
        against = objection(model, actor.email, verdict, content=content, edited_to=edited_to)
        own = starter_may_not and who == "lead" and verdict is APPROVE
        if against is None and not own and not expired:
            await say(kit, actor, gate, verdict, reason="r", content_hash=content, **more)
            model = answered(model, actor.email, verdict, edited_to=edited_to)
        else:
            with pytest.raises((Conflict, NotAllowed)):
                await say(kit, actor, gate, verdict, reason="r", content_hash=content, **more)
    now = await kit.orchestrator.gate(cast.lead, gate.id)
    assert now.status.value == ("expired" if expired else standing(model).value)
    assert now.content_hash == model.content
    assert len(await kit.orchestrator.decisions(cast.lead, gate.id)) == len(model.votes)
    flow = await kit.settled(cast.lead, gate.flow_id)
    expected = {Standing.APPROVED: FlowStatus.COMPLETED, Standing.REJECTED: FlowStatus.WAITING_FOR_INPUT}
    assert flow.status is expected.get(standing(model), FlowStatus.WAITING_FOR_APPROVAL)
