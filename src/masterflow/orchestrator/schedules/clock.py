"""The tick: claims schedules whose time has come and starts their flows, each in one transaction with its next time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from masterflow.db.calls import Call, calling
from masterflow.db.session import Database, Session, record_call
from masterflow.errors import ErrorClass, InvalidInput, NotAllowed, NotFound, QuotaExceeded
from masterflow.logs import get_logger
from masterflow.orchestrator.failures import class_of
from masterflow.orchestrator.schedules.store import ScheduleStore, due_schedules
from masterflow.orchestrator.schedules.timing import Blackout, due
from masterflow.orchestrator.schedules.types import RunOutcome, Schedule
from masterflow.orchestrator.service import MasterFlowOrchestrator
from masterflow.orchestrator.store import Moved
from masterflow.tenancy.store import TenancyStore
from masterflow.tenancy.types import Principal, Tenant

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ScheduleClock:
    """Starts flows at their times. Every worker may tick: a schedule is claimed by one of them."""

    database: Database
    orchestrator: MasterFlowOrchestrator

    async def tick(self) -> int:
        """Do what is due now; answers how many flows were started."""
        async with self.database.moving() as connection:
            found = await due_schedules(connection)
        started = 0
        for schedule_id, tenant in found:
            try:
                started += len(await self._run(schedule_id, tenant))
            except Exception as error:  # boundary: one schedule; the others have their turn all the same
                if class_of(error) is ErrorClass.TRANSIENT:
                    raise
                log.exception("schedule_failed", schedule_id=str(schedule_id))
        return started

    async def _run(self, schedule_id: UUID, tenant: Tenant) -> list[Moved]:
        async with self.database.publishing(tenant) as session:
            schedule = await ScheduleStore(session).claim(schedule_id)
            if schedule is None:
                return []
            with calling(_call(schedule)):
                moved = await _Turn(session, schedule, self.orchestrator).take()
                if moved:
                    await record_call(session)
        for one in moved:
            self.orchestrator.committed(one)
        return moved


def _call(schedule: Schedule) -> Call:
    return Call(
        actor=schedule.runs_as_email,
        user_id=schedule.runs_as,
        through=f"schedule:{schedule.id}",
        action="run_schedule",
        request_id=uuid4().hex,
        detail={"schedule": schedule.spec.name},
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    """One claimed schedule, in its transaction."""

    session: Session
    schedule: Schedule
    orchestrator: MasterFlowOrchestrator

    @property
    def store(self) -> ScheduleStore:
        return ScheduleStore(self.session)

    async def take(self) -> list[Moved]:
        """Start what is due, note what is let go, and plan the next time."""
        schedule, store = self.schedule, self.store
        what = due(
            schedule.timetable,
            schedule.spec.rules(await self._blackouts()),
            next_run_at=schedule.next_run_at or await store.now(),
            now=await store.now(),
        )
        for moment, why in what.passed:
            await store.note(schedule.id, moment, RunOutcome.PASSED, says=why)
        moved: list[Moved] = []
        for moment in what.runs:
            try:
                async with self.session.connection.begin_nested():  # what a quota refuses is undone alone
                    moved += await self._start(moment, after=moved[-1].flow.flow_id if moved else schedule.last_flow_id)
            except QuotaExceeded as error:
                await store.note(schedule.id, moment, RunOutcome.PASSED, says=str(error))
            except (InvalidInput, NotAllowed, NotFound) as error:
                await self._refused(moment, str(error))
                break
        flow_id = moved[-1].flow.flow_id if moved else None
        await store.ran(schedule.id, next_run_at=what.next_run_at, flow_id=flow_id)
        return moved

    async def _start(self, moment: datetime, *, after: UUID | None) -> list[Moved]:
        spec, store = self.schedule.spec, self.store
        if not spec.may_overlap and after is not None and await store.lives(after):
            await store.note(self.schedule.id, moment, RunOutcome.PASSED, says=f"flow {after} has not ended")
            return []
        moved = await self.orchestrator.create_within(
            self.session,
            await self._actor(),
            spec.flow_type,
            spec.configuration,
            name=spec.name,
            reason=f"schedule '{spec.name}', due {moment:%Y-%m-%d %H:%M} UTC",
        )
        await store.note(self.schedule.id, moment, RunOutcome.STARTED, flow_id=moved.flow.flow_id, says=None)
        return [moved]

    async def _refused(self, moment: datetime, why: str) -> None:
        """What was refused once is refused again: the schedule rests until a person looks at it."""
        await self.store.note(self.schedule.id, moment, RunOutcome.REFUSED, says=why)
        await self.store.pause(self.schedule.id, because=why)
        log.warning("schedule_paused", schedule_id=str(self.schedule.id), why=why)

    async def _actor(self) -> Principal:
        """Who the flows are started as, with the rights of this moment."""
        schedule = self.schedule
        return await TenancyStore(self.session).principal(schedule.runs_as, through=f"schedule:{schedule.id}")

    async def _blackouts(self) -> tuple[Blackout, ...]:
        calendar_id = self.schedule.spec.calendar_id
        if calendar_id is None:
            return ()
        return (await self.store.calendars(calendar_id))[0].blackouts
