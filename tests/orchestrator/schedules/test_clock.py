"""Schedules on a real database: they start flows once, as a person, and keep to calendars."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import BaseModel

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.tables import schedules as tables
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, InvalidInput, NotAllowed, NotFound, VersionConflict
from masterflow.orchestrator.schedules.clock import ScheduleClock
from masterflow.orchestrator.schedules.service import Schedules
from masterflow.orchestrator.schedules.timing import Blackout, CatchUp, InBlackout
from masterflow.orchestrator.schedules.types import RunOutcome, Schedule, ScheduleSpec
from masterflow.spec import FlowType, Phase, PhaseContext
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal
from masterflow.testing import Kit, make_orchestrator, running_orchestrator
from tests.conftest import Cast


class Config(BaseModel):
    """One number."""

    number: int = 1


async def _keep(ctx: PhaseContext, given: Config) -> Config:
    return given


NIGHTLY = FlowType(
    name="nightly",
    title="Nightly",
    summary="Keeps a number",
    config=Config,
    phases=(Phase(name="keep", title="Keep", takes=Config, gives=Config, run=_keep),),
)
FAR = f"0 {(datetime.now(UTC).hour + 12) % 24} * * *"  # half a day from whenever this runs
SPEC = ScheduleSpec(name="every night", flow_type="nightly", configuration={"number": 7}, cron=FAR)


@pytest.fixture
async def kit(database: Database) -> AsyncIterator[Kit]:
    async with running_orchestrator(database, [NIGHTLY]) as kit:
        yield kit


@pytest.fixture
def schedules(database: Database, kit: Kit, cast: Cast) -> Schedules:
    return Schedules(database, kit.orchestrator, cast.lead)


@pytest.fixture
def clock(database: Database, kit: Kit) -> ScheduleClock:
    return ScheduleClock(database, kit.orchestrator)


def put_back(urls: DatabaseUrls, schedule: Schedule, by: timedelta) -> None:
    """Make a schedule due since `by`."""
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE schedules SET next_run_at = now() - %s WHERE id = %s", (by, schedule.id))


async def test_a_schedule_that_breaks_keeps_no_other_from_its_turn(
    schedules: Schedules, clock: ScheduleClock, urls: DatabaseUrls
) -> None:
    broken, good = await schedules.create(SPEC), await schedules.create(replace(SPEC, name="another"))
    put_back(urls, broken, timedelta(minutes=2))
    put_back(urls, good, timedelta(minutes=1))
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE schedules SET time_zone = 'Nowhere/At_All' WHERE id = %s", (broken.id,))
    assert await clock.tick() == 1
    assert await outcomes(schedules, good) == [RunOutcome.STARTED]
    assert await outcomes(schedules, broken) == []


async def outcomes(schedules: Schedules, schedule: Schedule) -> list[RunOutcome]:
    return [run.outcome for run in await schedules.runs(schedule.id)]


async def test_a_due_schedule_starts_its_flow_in_the_name_of_who_made_it(
    schedules: Schedules, clock: ScheduleClock, kit: Kit, cast: Cast, urls: DatabaseUrls
) -> None:
    made = await schedules.create(SPEC)
    assert await clock.tick() == 0
    put_back(urls, made, timedelta(seconds=1))
    assert await clock.tick() == 1
    assert await clock.tick() == 0
    after = await schedules.get(made.id)
    assert after.last_flow_id is not None
    assert after.next_run_at == made.next_run_at
    flow = await kit.settled(cast.lead, after.last_flow_id)
    assert (flow.status, flow.configuration, flow.flow_name) == (FlowStatus.COMPLETED, {"number": 7}, "every night")
    first = (await kit.orchestrator.history(cast.lead, flow.flow_id))[0]
    assert first.actor == cast.lead.email
    assert (first.reason or "").startswith("schedule 'every night', due ")
    assert [run.flow_id for run in await schedules.runs(made.id)] == [flow.flow_id]


async def test_workers_that_tick_together_start_one_flow(
    schedules: Schedules, clock: ScheduleClock, urls: DatabaseUrls
) -> None:
    made = await schedules.create(SPEC)
    put_back(urls, made, timedelta(seconds=1))
    assert sum(await asyncio.gather(*(clock.tick() for _ in range(3)))) == 1


async def test_a_schedule_is_claimed_by_one_of_two_transactions(
    schedules: Schedules, clock: ScheduleClock, database: Database, cast: Cast, urls: DatabaseUrls
) -> None:
    made = await schedules.create(SPEC)
    put_back(urls, made, timedelta(seconds=1))
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as other:
        other.execute("SELECT 1 FROM schedules WHERE id = %s FOR UPDATE", (made.id,))
        assert await clock.tick() == 0
    assert await clock.tick() == 1


async def test_a_flow_that_has_not_ended_keeps_the_next_from_starting(
    database: Database, cast: Cast, urls: DatabaseUrls
) -> None:
    orchestrator = make_orchestrator(database, [NIGHTLY])  # nobody runs its flows
    schedules, clock = Schedules(database, orchestrator, cast.lead), ScheduleClock(database, orchestrator)
    made = await schedules.create(SPEC)
    for _ in range(2):
        put_back(urls, made, timedelta(seconds=1))
        await clock.tick()
    assert await outcomes(schedules, made) == [RunOutcome.PASSED, RunOutcome.STARTED]
    changed = await schedules.change(made.id, ScheduleSpec(**_fields(SPEC), may_overlap=True))
    put_back(urls, changed, timedelta(seconds=1))
    assert await clock.tick() == 1


async def test_missed_runs_are_all_made_up_for(database: Database, cast: Cast, urls: DatabaseUrls) -> None:
    orchestrator = make_orchestrator(database, [NIGHTLY])
    schedules, clock = Schedules(database, orchestrator, cast.lead), ScheduleClock(database, orchestrator)
    made = await schedules.create(ScheduleSpec(**_fields(SPEC), catch_up=CatchUp.ALL, may_overlap=True))
    put_back(urls, made, timedelta(days=3, hours=1))
    assert await clock.tick() == 4
    assert await outcomes(schedules, made) == [RunOutcome.STARTED] * 4


async def test_catching_up_on_all_needs_flows_that_may_overlap(schedules: Schedules) -> None:
    with pytest.raises(InvalidInput, match="starts several flows at once"):
        await schedules.create(ScheduleSpec(**_fields(SPEC), catch_up=CatchUp.ALL))


async def test_who_lost_the_right_to_run_flows_starts_none_and_the_schedule_rests(
    schedules: Schedules, clock: ScheduleClock, urls: DatabaseUrls, cast: Cast
) -> None:
    made = await schedules.create(SPEC)
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("DELETE FROM memberships WHERE user_id = %s", (cast.lead.user_id,))
    put_back(urls, made, timedelta(seconds=1))
    assert await clock.tick() == 0
    after = await schedules.get(made.id)
    assert "can act in this engagement no more" in (after.paused_because or "")
    assert await outcomes(schedules, made) == [RunOutcome.REFUSED]
    put_back(urls, made, timedelta(seconds=1))
    assert await clock.tick() == 0


async def test_a_configuration_that_is_refused_now_rests_the_schedule(
    schedules: Schedules, clock: ScheduleClock, urls: DatabaseUrls
) -> None:
    made = await schedules.create(SPEC)
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("""UPDATE schedules SET configuration = '{"number": "many"}' WHERE id = %s""", (made.id,))
    put_back(urls, made, timedelta(seconds=1))
    assert await clock.tick() == 0
    assert (await schedules.runs(made.id))[0].says is not None
    assert (await schedules.get(made.id)).paused_because is not None


async def test_a_paused_schedule_starts_nothing_and_makes_up_for_nothing(
    schedules: Schedules, clock: ScheduleClock, urls: DatabaseUrls, cast: Cast
) -> None:
    made = await schedules.create(SPEC)
    paused = await schedules.pause(made.id, reason="audit")
    assert paused.paused_because == f"{cast.lead.email} paused it: audit"
    with pytest.raises(Conflict, match="paused already"):
        await schedules.pause(made.id)
    put_back(urls, made, timedelta(days=2))
    assert await clock.tick() == 0
    resumed = await schedules.resume(made.id)
    assert resumed.next_run_at == made.next_run_at
    assert await clock.tick() == 0
    with pytest.raises(Conflict, match="not paused"):
        await schedules.resume(made.id)


async def test_a_schedule_is_run_by_hand_in_the_name_of_who_says_so(schedules: Schedules, kit: Kit, cast: Cast) -> None:
    made = await schedules.create(SPEC)
    flow = await schedules.run_now(made.id, reason="a look")
    event = (await kit.orchestrator.history(cast.lead, flow.flow_id))[0]
    assert (event.actor, event.reason) == (cast.lead.email, "schedule 'every night', run by hand: a look")
    assert (await schedules.get(made.id)).next_run_at == made.next_run_at
    assert (await schedules.runs(made.id))[0].says == f"run by hand by {cast.lead.email}"


async def test_a_calendar_puts_off_what_would_run_in_it(
    schedules: Schedules, clock: ScheduleClock, urls: DatabaseUrls
) -> None:
    now = datetime.now(UTC)
    calendar = await schedules.create_calendar("freezes", [])
    spec = ScheduleSpec(**_fields(SPEC), calendar_id=calendar.id, in_blackout=InBlackout.DEFER)
    made = await schedules.create(spec)
    freeze = Blackout(now - timedelta(hours=1), now + timedelta(days=3), "freeze")
    changed = await schedules.change_calendar(calendar.id, [freeze], expected_version=1)
    assert (changed.used_by, changed.version) == (1, 2)
    assert (await schedules.get(made.id)).next_run_at == freeze.ends_at
    put_back(urls, made, timedelta(seconds=1))
    assert await clock.tick() == 0
    assert (await schedules.get(made.id)).next_run_at == freeze.ends_at
    shown = await schedules.preview(spec, count=4)
    assert [one.blackout for one in shown[:3]] == ["freeze"] * 3
    assert {one.runs_at for one in shown[:3]} == {freeze.ends_at}
    skipping = await schedules.preview(ScheduleSpec(**_fields(SPEC), calendar_id=calendar.id), count=1)
    assert (skipping[0].runs_at, skipping[0].blackout) == (None, "freeze")
    with pytest.raises(Conflict, match="1 schedules keep to"):
        await schedules.delete_calendar(calendar.id)
    with pytest.raises(VersionConflict):
        await schedules.change_calendar(calendar.id, [], expected_version=1)
    await schedules.delete(made.id)
    await schedules.delete_calendar(calendar.id)
    assert list(await schedules.calendars()) == []


@pytest.mark.parametrize(
    ("starts", "ends", "says"),
    [
        (datetime(2027, 1, 2, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "before it starts"),
        (datetime(2027, 1, 1), datetime(2027, 1, 2, tzinfo=UTC), "without a zone"),  # noqa: DTZ001
    ],
)
async def test_a_blackout_that_cannot_be_is_refused(
    schedules: Schedules, starts: datetime, ends: datetime, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        await schedules.create_calendar("wrong", [Blackout(starts, ends, "wrong")])
    with pytest.raises(InvalidInput, match="cannot have 501"):
        await schedules.create_calendar("long", [Blackout(starts, ends, "wrong")] * 501)


async def test_a_name_is_given_once(schedules: Schedules) -> None:
    first = await schedules.create(SPEC)
    with pytest.raises(Conflict, match="called 'every night' already"):
        await schedules.create(SPEC)
    other = await schedules.create(ScheduleSpec(**_fields(SPEC) | {"name": "other"}))
    with pytest.raises(Conflict, match="called 'every night' already"):
        await schedules.change(other.id, SPEC)
    await schedules.create_calendar("freezes", [])
    with pytest.raises(Conflict, match="called 'freezes' already"):
        await schedules.create_calendar("freezes", [])
    with pytest.raises(VersionConflict):
        await schedules.change(first.id, SPEC, expected_version=9)


async def test_schedules_are_listed_a_page_at_a_time(schedules: Schedules) -> None:
    for number in range(3):
        await schedules.create(ScheduleSpec(**_fields(SPEC) | {"name": f"n{number}"}))
    first = await schedules.list(limit=2)
    rest = await schedules.list(limit=2, cursor=first.cursor)
    assert [s.spec.name for s in (*first.items, *rest.items)] == ["n0", "n1", "n2"]
    assert rest.cursor is None
    with pytest.raises(InvalidInput):
        await schedules.preview(SPEC, count=0)


async def test_another_tenant_neither_sees_nor_moves_a_schedule(
    schedules: Schedules, database: Database, kit: Kit, cast: Cast, clock: ScheduleClock, urls: DatabaseUrls
) -> None:
    calendar = await schedules.create_calendar("freezes", [])
    made = await schedules.create(ScheduleSpec(**_fields(SPEC), calendar_id=calendar.id))
    put_back(urls, made, timedelta(seconds=1))
    await clock.tick()
    theirs = Schedules(database, kit.orchestrator, cast.outsider)
    assert (await theirs.list()).items == ()
    assert list(await theirs.calendars()) == []
    for refused in (
        theirs.get(made.id),
        theirs.find("every night"),
        theirs.runs(made.id),
        theirs.pause(made.id),
        theirs.resume(made.id),
        theirs.run_now(made.id),
        theirs.change(made.id, SPEC),
        theirs.delete(made.id),
        theirs.change_calendar(calendar.id, []),
        theirs.delete_calendar(calendar.id),
        theirs.create(ScheduleSpec(**_fields(SPEC), calendar_id=calendar.id)),
    ):
        with pytest.raises(NotFound):
            await refused
    async with database.transaction(cast.outsider.tenant) as session:
        for table in (tables.schedules, tables.schedule_runs, tables.blackout_calendars):
            assert (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() == 0
    async with database.transaction(cast.lead.tenant) as session:
        for table in (tables.schedules, tables.schedule_runs, tables.blackout_calendars):
            assert (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() == 1


async def test_who_may_only_read_changes_nothing(
    schedules: Schedules, database: Database, kit: Kit, cast: Cast
) -> None:
    made = await schedules.create(SPEC)
    reader = Principal(uuid4(), "reader@home.example", cast.tenant, frozenset({Role.VIEWER}))
    read = Schedules(database, kit.orchestrator, reader)
    assert (await read.find(str(made.id))).id == made.id
    for refused in (read.create(SPEC), read.pause(made.id), read.run_now(made.id), read.delete(made.id)):
        with pytest.raises(NotAllowed):
            await refused


def _fields(spec: ScheduleSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "flow_type": spec.flow_type,
        "configuration": spec.configuration,
        "cron": spec.cron,
    }


async def test_an_unknown_schedule_is_not_found(schedules: Schedules) -> None:
    with pytest.raises(NotFound):
        await schedules.get(UUID(int=1))
    with pytest.raises(NotFound):
        await schedules.calendar("none")
