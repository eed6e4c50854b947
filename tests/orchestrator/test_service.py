"""Commands on flows: who may give them, when they are refused, and what they leave behind."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import BaseModel, ConfigDict, Field

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, InvalidInput, NotAllowed, NotFound, VersionConflict
from masterflow.orchestrator import MasterFlowOrchestrator
from masterflow.orchestrator.types import Flow
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal, Tenant
from masterflow.testing import empty_flow, make_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast


class Limits(BaseModel):
    model_config = ConfigDict(extra="forbid")
    servers: int = Field(10, ge=1)


KINDS = [
    empty_flow(3),
    toy_flow(toy_phase("only"), name="limited", config=Limits),
    toy_flow(toy_phase("first"), toy_phase("extra", optional=True), toy_phase("last"), name="optional"),
]


@pytest.fixture
def orchestrator(database: Database) -> MasterFlowOrchestrator:
    """Commands work, nobody runs anything."""
    return make_orchestrator(database, KINDS)


@pytest.fixture
def neighbour(cast: Cast, urls: DatabaseUrls) -> Principal:
    """A lead of another engagement of the same client."""
    tenant = Tenant(cast.tenant.client_account_id, uuid4())
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(
            "INSERT INTO engagements (id, client_account_id, name) VALUES (%s, %s, 'second')",
            (tenant.engagement_id, tenant.client_account_id),
        )
    return replace(cast.lead, tenant=tenant)


def role(cast: Cast, *roles: Role) -> Principal:
    return replace(cast.lead, roles=frozenset(roles))


async def test_a_created_flow_runs_and_is_registered_in_one_go(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, name="First")
    assert (flow.status, flow.version, flow.current_phase, flow.phase_count) == (FlowStatus.RUNNING, 1, "phase_1", 3)
    assert (flow.flow_name, flow.user_id, flow.tenant) == ("First", str(cast.lead.user_id), cast.tenant)
    [event] = await orchestrator.history(cast.lead, flow.flow_id)
    assert (event.seq, event.kind, event.actor, event.data) == (
        1,
        "flow_created",
        cast.lead.email,
        {"status": "running"},
    )


async def test_a_flow_can_be_created_without_being_started(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    assert flow.status is FlowStatus.INITIALIZED
    started = await orchestrator.execute(cast.lead, flow.flow_id, phase="phase_1")
    assert (started.status, started.version) == (FlowStatus.RUNNING, 2)


async def test_the_configuration_is_completed_by_its_model(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "limited", {})
    assert flow.configuration == {"servers": 10}


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"servers": 0}, r"servers \(0\): input should be greater than or equal to 1"),
        ({"servers": "many"}, r"servers \('many'\): input should be a valid integer"),
        ({"hosts": 1}, r"hosts \(1\): extra inputs are not permitted"),
    ],
)
async def test_a_configuration_that_its_model_refuses_creates_nothing(
    orchestrator, cast: Cast, config: dict, sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=f"The configuration of 'limited' is refused: {sentence}"):
        await orchestrator.create_flow(cast.lead, "limited", config)
    assert (await orchestrator.list(cast.lead)).flows == ()


async def test_an_unknown_flow_type_a_long_name_and_a_foreign_parent_create_nothing(orchestrator, cast: Cast) -> None:
    foreign = await orchestrator.create_flow(cast.outsider, "empty", {})
    for error, arguments in (
        (InvalidInput, {"flow_type": "emty", "config": {}}),
        (InvalidInput, {"flow_type": "empty", "config": {}, "name": "x" * 201}),
        (NotFound, {"flow_type": "empty", "config": {}, "parent_flow_id": foreign.flow_id}),
        (NotFound, {"flow_type": "empty", "config": {}, "parent_flow_id": uuid4()}),
    ):
        with pytest.raises(error):
            await orchestrator.create_flow(cast.lead, **arguments)
    assert (await orchestrator.list(cast.lead)).flows == ()


async def test_a_flow_names_its_parent(orchestrator, cast: Cast) -> None:
    parent = await orchestrator.create_flow(cast.lead, "empty", {})
    child = await orchestrator.create_flow(cast.lead, "empty", {}, parent_flow_id=parent.flow_id)
    assert child.parent_flow_id == parent.flow_id


READERS = ("get", "history", "results")
RUNNERS = ("execute", "pause", "resume", "retry", "cancel")


@pytest.mark.parametrize("command", [*READERS, *RUNNERS, "delete", "supply_input"])
async def test_another_tenants_flow_reads_like_one_that_never_was(
    orchestrator, cast: Cast, neighbour: Principal, command: str
) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    more = [{}] if command == "supply_input" else []

    async def refused(actor: Principal, flow_id: UUID) -> tuple:
        with pytest.raises(NotFound) as error:
            await getattr(orchestrator, command)(actor, flow_id, *more)
        return error.value.message, error.value.hint, error.value.code

    never = await refused(cast.lead, uuid4())
    assert await refused(cast.outsider, flow.flow_id) == never
    assert await refused(neighbour, flow.flow_id) == never
    assert (await orchestrator.get(cast.lead, flow.flow_id)).version == 1


@pytest.mark.parametrize("command", [*RUNNERS, "supply_input"])
async def test_who_only_looks_moves_nothing(orchestrator, cast: Cast, command: str) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    more = [{}] if command == "supply_input" else []
    with pytest.raises(NotAllowed, match=r"'flows\.run' needs one of"):
        await getattr(orchestrator, command)(role(cast, Role.VIEWER), flow.flow_id, *more)
    with pytest.raises(NotAllowed):
        await orchestrator.create_flow(role(cast, Role.AUDITOR), "empty", {})


async def test_an_operator_of_the_platform_sees_no_tenants_flow(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    operator = role(cast, Role.PLATFORM_OPERATOR)
    for command in READERS:
        with pytest.raises(NotAllowed):
            await getattr(orchestrator, command)(operator, flow.flow_id)
    for listing in (orchestrator.list, orchestrator.gates):
        with pytest.raises(NotAllowed):
            await listing(operator)
    with pytest.raises(NotAllowed):
        await orchestrator.gate(operator, uuid4())


async def test_only_a_lead_deletes(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    await orchestrator.cancel(cast.lead, flow.flow_id)
    with pytest.raises(NotAllowed):
        await orchestrator.delete(role(cast, Role.ANALYST), flow.flow_id)
    assert (await orchestrator.delete(cast.lead, flow.flow_id)).deleted_at is not None


@pytest.mark.parametrize("command", ["execute", "pause", "resume", "retry", "cancel", "delete"])
async def test_a_wrong_version_is_refused_and_a_right_one_counts(orchestrator, cast: Cast, command: str) -> None:
    flow = await in_a_state_for(orchestrator, cast, command)
    with pytest.raises(VersionConflict, match=f"has version {flow.version} now, not 99"):
        await getattr(orchestrator, command)(cast.lead, flow.flow_id, expected_version=99)
    moved = await getattr(orchestrator, command)(cast.lead, flow.flow_id, expected_version=flow.version, reason="so")
    assert moved.version == flow.version + 1
    events = await orchestrator.history(cast.lead, flow.flow_id) if command != "delete" else []
    assert not events or events[-1].reason == "so"


async def in_a_state_for(orchestrator, cast: Cast, command: str) -> Flow:
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, start=command != "execute")
    if command == "resume":
        return await orchestrator.pause(cast.lead, flow.flow_id)
    if command == "delete":
        return await orchestrator.cancel(cast.lead, flow.flow_id)
    if command == "retry":
        state = orchestrator.get_state_manager(cast.lead, (await elsewhere(orchestrator, cast)).flow_id)
        with pytest.raises(ZeroDivisionError):
            await state.guard(broken)
        return await state.flow()
    return flow


async def elsewhere(orchestrator, cast: Cast) -> Flow:
    return await orchestrator.register_flow(cast.lead, flow_type="empty", configuration={})


async def broken() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("resume", "The flow is running, so it cannot resume. You can pause or cancel it."),
        ("retry", "The flow is running, so it cannot retry. You can pause or cancel it."),
        ("execute", "The flow is running, so it cannot execute. You can pause or cancel it."),
        ("delete", "The flow is running, so it cannot be deleted. You can pause or cancel it."),
    ],
)
async def test_a_command_that_the_state_does_not_allow_says_what_is_possible(
    orchestrator, cast: Cast, command: str, sentence: str
) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    with pytest.raises(Conflict) as refused:
        await getattr(orchestrator, command)(cast.lead, flow.flow_id)
    assert str(refused.value) == sentence


async def test_a_queued_flow_is_paused_at_once_and_a_paused_one_can_be_executed(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    assert (await orchestrator.pause(cast.lead, flow.flow_id)).status is FlowStatus.PAUSED
    assert (await orchestrator.execute(cast.lead, flow.flow_id)).status is FlowStatus.RUNNING


async def test_a_cancelled_flow_does_nothing_more(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    assert (await orchestrator.cancel(cast.lead, flow.flow_id)).status is FlowStatus.CANCELLED
    for command in RUNNERS:
        with pytest.raises(Conflict, match="The flow is cancelled"):
            await getattr(orchestrator, command)(cast.lead, flow.flow_id)


async def test_a_deleted_flow_is_gone_from_everything_but_the_asked_for_past(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    await orchestrator.cancel(cast.lead, flow.flow_id)
    await orchestrator.delete(cast.lead, flow.flow_id)
    with pytest.raises(NotFound):
        await orchestrator.get(cast.lead, flow.flow_id)
    with pytest.raises(NotFound):
        await orchestrator.delete(cast.lead, flow.flow_id)
    assert (await orchestrator.list(cast.lead)).flows == ()
    assert (await orchestrator.get(cast.lead, flow.flow_id, include_deleted=True)).deleted_at is not None
    assert len((await orchestrator.list(cast.lead, include_deleted=True)).flows) == 1


async def test_optional_phases_are_skipped_with_a_reason(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "optional", {}, start=False)
    with pytest.raises(Conflict, match="'first' has to run first and cannot be skipped"):
        await orchestrator.execute(cast.lead, flow.flow_id, phase="last", reason="quick")
    with pytest.raises(InvalidInput, match="'optional' has no phase 'lst'"):
        await orchestrator.execute(cast.lead, flow.flow_id, phase="lst")


async def test_a_list_is_read_page_by_page_newest_first(orchestrator, cast: Cast) -> None:
    made = [await orchestrator.create_flow(cast.lead, "empty", {}) for _ in range(5)]
    first = await orchestrator.list(cast.lead, limit=2)
    second = await orchestrator.list(cast.lead, limit=2, cursor=first.cursor)
    third = await orchestrator.list(cast.lead, limit=2, cursor=second.cursor)
    listed = [flow.flow_id for page in (first, second, third) for flow in page.flows]
    assert listed == [flow.flow_id for flow in reversed(made)]
    assert third.cursor is None


async def test_a_list_is_filtered_by_type_and_status(orchestrator, cast: Cast) -> None:
    empty = await orchestrator.create_flow(cast.lead, "empty", {})
    limited = await orchestrator.create_flow(cast.lead, "limited", {})
    await orchestrator.pause(cast.lead, limited.flow_id)
    by_type = await orchestrator.list(cast.lead, flow_type="empty")
    by_status = await orchestrator.list(cast.lead, status=FlowStatus.PAUSED)
    both = await orchestrator.list(cast.lead, flow_type="empty", status=FlowStatus.PAUSED)
    assert [[flow.flow_id for flow in page.flows] for page in (by_type, by_status, both)] == [
        [empty.flow_id],
        [limited.flow_id],
        [],
    ]


async def test_a_list_of_several_statuses_and_types_keeps_its_order_over_pages(orchestrator, cast: Cast) -> None:
    made = [await orchestrator.create_flow(cast.lead, kind, {}) for kind in ("empty", "limited") * 3]
    for flow in (made[0], made[3]):
        await orchestrator.pause(cast.lead, flow.flow_id)
    await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    statuses, types = (FlowStatus.RUNNING, FlowStatus.PAUSED), ("empty", "limited", "empty")
    seen: list[UUID] = []
    cursor = None
    while True:
        page = await orchestrator.list(cast.lead, status=statuses, flow_type=types, limit=4, cursor=cursor)
        seen += [flow.flow_id for flow in page.flows]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == [made[n].flow_id for n in (3, 0, 5, 4, 2, 1)]
    assert (await orchestrator.list(cast.outsider, status=statuses, flow_type=types)).flows == ()


async def test_a_list_is_searched_by_name_and_type_as_they_are_written(orchestrator, cast: Cast) -> None:
    names = {"Wave 100%": "empty", "wave_two": "empty", "other": "limited"}
    for name, kind in names.items():
        await orchestrator.create_flow(cast.lead, kind, {}, name=name)
    await orchestrator.create_flow(cast.lead, "empty", {})

    async def found(search: str, **asked: Any) -> set[str | None]:
        return {flow.flow_name for flow in (await orchestrator.list(cast.lead, search=search, **asked)).flows}

    assert await found("WAVE") == {"Wave 100%", "wave_two"}
    assert (await found("%"), await found("e_t"), await found("' OR true --")) == ({"Wave 100%"}, {"wave_two"}, set())
    assert await found("LIMIT") == {"other"}
    assert len((await orchestrator.list(cast.lead, search="  ")).flows) == 4
    assert (await orchestrator.list(cast.outsider, search="wave")).flows == ()


async def test_a_list_shows_what_somebody_started_and_by_whom(orchestrator, cast: Cast, urls: DatabaseUrls) -> None:
    operator = LocalOperator(urls.owner)
    await operator.add_member(cast.tenant, email="ana@home.example", role="analyst")
    ana = await operator.principal(cast.tenant, "ana@home.example")
    flow = await orchestrator.create_flow(ana, "empty", {})
    await orchestrator.create_flow(cast.lead, "empty", {})
    assert flow.created_by_name == "ana@home.example"
    [hers] = (await orchestrator.list(ana, mine=True)).flows
    assert (hers.flow_id, hers.created_by_name) == (flow.flow_id, "ana@home.example")
    assert {f.created_by_name for f in (await orchestrator.list(ana)).flows} == {"ana@home.example", cast.lead.email}
    assert (await orchestrator.get(cast.lead, flow.flow_id)).created_by_name == "ana@home.example"


async def test_a_history_is_read_from_where_one_left_off(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    for command in (orchestrator.execute, orchestrator.pause, orchestrator.resume, orchestrator.cancel):
        await command(cast.lead, flow.flow_id)
    seen = await orchestrator.history(cast.lead, flow.flow_id, after=1, limit=3)
    assert [(event.seq, event.kind) for event in seen] == [(2, "flow_started"), (3, "flow_paused"), (4, "flow_resumed")]


async def test_of_two_commands_with_the_same_version_one_counts(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    answers = await asyncio.gather(
        orchestrator.pause(cast.lead, flow.flow_id, expected_version=1),
        orchestrator.cancel(cast.lead, flow.flow_id, expected_version=1),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) in (["Flow", "VersionConflict"], ["Conflict", "Flow"])
    assert len(await orchestrator.history(cast.lead, flow.flow_id)) == 2


async def test_input_is_supplied_only_to_a_flow_that_waits_for_it(orchestrator, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "limited", {})
    with pytest.raises(Conflict, match="so it cannot take input"):
        await orchestrator.supply_input(cast.lead, flow.flow_id, {"servers": 5})
    with pytest.raises(InvalidInput):
        await orchestrator.supply_input(cast.lead, flow.flow_id, {"servers": 0})


async def test_a_text_with_nul_creates_nothing(orchestrator, cast: Cast) -> None:
    kinds = [toy_flow(toy_phase("only"), name="free", config=Free)]
    free = make_orchestrator(orchestrator._database, kinds)
    with pytest.raises(InvalidInput, match="NUL"):
        await free.create_flow(cast.lead, "free", {"text": "a\0b"})


class Free(BaseModel):
    text: str
