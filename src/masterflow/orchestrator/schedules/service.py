"""What people do with schedules and calendars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from masterflow.db.keyset import DEFAULT_PAGE, clean_limit, write_cursor
from masterflow.db.session import Database
from masterflow.errors import Conflict, InvalidInput, NotFound, VersionConflict
from masterflow.orchestrator.schedules.store import ScheduleStore
from masterflow.orchestrator.schedules.timing import (
    MOST_PERIODS,
    Blackout,
    CatchUp,
    InBlackout,
    Timetable,
    covering,
    next_run,
    timetable,
)
from masterflow.orchestrator.schedules.types import (
    Calendar,
    RunOutcome,
    Schedule,
    ScheduleRun,
    ScheduleSpec,
    Upcoming,
)
from masterflow.orchestrator.service import MasterFlowOrchestrator, configured
from masterflow.orchestrator.types import Flow
from masterflow.tenancy.names import clean_name
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Page, Principal

MOST_PREVIEWED = 100
NO_SUCH_SCHEDULE = "There is no such schedule."
NO_SUCH_CALENDAR = "There is no such calendar."


@dataclass(frozen=True, slots=True)
class Schedules:
    """The schedules and calendars of the engagement that the caller works in."""

    database: Database
    orchestrator: MasterFlowOrchestrator
    actor: Principal

    async def create(self, spec: ScheduleSpec) -> Schedule:
        """A new schedule; its flows are started in the caller's name, with the rights that they have then.

        Raises:
            InvalidInput: an unknown flow type, a configuration it refuses, or times that never come.
            NotFound: there is no calendar `calendar_id`.
            Conflict: the name is taken.
        """
        self.actor.require(Operation.RUN_FLOWS)
        spec, times = self._checked(spec)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            following = await _following(store, spec, times)
            made = await store.insert(spec, runs_as=self.actor.user_id, email=self.actor.email, next_run_at=following)
        if made is None:
            raise _taken(spec)
        return made

    async def change(self, schedule_id: UUID, spec: ScheduleSpec, *, expected_version: int | None = None) -> Schedule:
        """Decide a schedule anew; from now on its flows are started in the caller's name.

        Raises:
            InvalidInput, NotFound, Conflict: as for a new one.
            VersionConflict: somebody else changed it meanwhile.
        """
        self.actor.require(Operation.RUN_FLOWS)
        spec, times = self._checked(spec)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            await _held(store, schedule_id, expected_version)
            if await store.named(spec.name) not in {None, schedule_id}:
                raise _taken(spec)
            following = await _following(store, spec, times)
            changed = await store.change(
                schedule_id, spec, runs_as=self.actor.user_id, email=self.actor.email, next_run_at=following
            )
        return _there(changed)

    async def list(self, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[Schedule]:
        """The schedules, oldest first."""
        self.actor.require(Operation.READ_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            found = await ScheduleStore(session).page(cursor=cursor, limit=clean_limit(limit))
        following = write_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
        return Page(items=tuple(found[:limit]), cursor=following)

    async def get(self, schedule_id: UUID) -> Schedule:
        """One schedule."""
        self.actor.require(Operation.READ_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            return _there(await ScheduleStore(session).find(schedule_id))

    async def find(self, wanted: str) -> Schedule:
        """The schedule of this name or id."""
        self.actor.require(Operation.READ_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            return _there(await store.find(_as_id(wanted) or await store.named(wanted) or UUID(int=0)))

    async def runs(
        self, schedule_id: UUID, *, before: int | None = None, limit: int = DEFAULT_PAGE
    ) -> Sequence[ScheduleRun]:
        """What became of its runs, newest first."""
        self.actor.require(Operation.READ_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            _there(await store.find(schedule_id))
            return await store.runs(schedule_id, before=before, limit=clean_limit(limit))

    async def preview(self, spec: ScheduleSpec, *, count: int = 10) -> Sequence[Upcoming]:
        """The next `count` times of a timetable and what the calendar makes of them; nothing is kept."""
        self.actor.require(Operation.READ_FLOWS)
        if not 1 <= count <= MOST_PREVIEWED:
            raise InvalidInput(f"{count} times cannot be shown.", hint=f"Ask for 1 to {MOST_PREVIEWED}.")
        times = timetable(spec.cron, spec.time_zone)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            blackouts, now = await _blackouts(store, spec.calendar_id), await store.now()
        return [_upcoming(moment, spec, blackouts) for moment in islice(_times(times, now), count)]

    async def pause(
        self, schedule_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Schedule:
        """Let a schedule rest until it is resumed; the times in between are not made up for."""
        self.actor.require(Operation.RUN_FLOWS)
        because = f"{self.actor.email} paused it" + (f": {reason}" if reason else "")
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            held = await _held(store, schedule_id, expected_version)
            if held.paused_because is not None:
                raise Conflict(f"The schedule is paused already: {held.paused_because}.", hint="You can resume it.")
            return _there(await store.pause(schedule_id, because=because))

    async def resume(self, schedule_id: UUID, *, expected_version: int | None = None) -> Schedule:
        """Let a paused schedule run from now on."""
        self.actor.require(Operation.RUN_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            held = await _held(store, schedule_id, expected_version)
            if held.paused_because is None:
                raise Conflict("The schedule is not paused.", hint="You can pause it, or run it now.")
            following = await _following(store, held.spec, held.timetable)
            return _there(await store.resume(schedule_id, next_run_at=following))

    async def run_now(self, schedule_id: UUID, *, reason: str | None = None) -> Flow:
        """Start a flow as the schedule would, in the caller's name; also while it is paused or in a blackout."""
        self.actor.require(Operation.RUN_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            schedule = await _held(store, schedule_id, None)
            said = f"schedule '{schedule.spec.name}', run by hand" + (f": {reason}" if reason else "")
            moved = await self.orchestrator.create_within(
                session,
                self.actor,
                schedule.spec.flow_type,
                schedule.spec.configuration,
                name=schedule.spec.name,
                reason=said,
            )
            await store.note(
                schedule_id,
                moved.flow.created_at,
                RunOutcome.STARTED,
                flow_id=moved.flow.flow_id,
                says=f"run by hand by {self.actor.email}",
            )
            await store.ran(schedule_id, next_run_at=schedule.next_run_at, flow_id=moved.flow.flow_id)
        return self.orchestrator.committed(moved)

    async def delete(self, schedule_id: UUID, *, expected_version: int | None = None) -> None:
        """Drop a schedule; its flows stay."""
        self.actor.require(Operation.RUN_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            await _held(store, schedule_id, expected_version)
            await store.delete(schedule_id)

    async def create_calendar(self, name: str, blackouts: Sequence[Blackout]) -> Calendar:
        """A new calendar of blackouts.

        Raises:
            InvalidInput: a blackout ends before it starts, or there are too many.
            Conflict: the name is taken.
        """
        self.actor.require(Operation.RUN_FLOWS)
        name, kept = clean_name("The calendar's name", name), _clean_blackouts(blackouts)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            made = await store.insert_calendar(name, kept, by=self.actor.email)
            if made is None:
                raise Conflict(f"There is a calendar called '{name}' already.", hint="Change it, or use another name.")
            return await _calendar(store, made)

    async def change_calendar(
        self, calendar_id: UUID, blackouts: Sequence[Blackout], *, expected_version: int | None = None
    ) -> Calendar:
        """Give a calendar other blackouts; the schedules that keep to it are planned anew.

        Raises:
            VersionConflict: somebody else changed it meanwhile.
        """
        self.actor.require(Operation.RUN_FLOWS)
        kept = _clean_blackouts(blackouts)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            _refuse_other(expected_version, (await _calendar(store, calendar_id)).version)
            await store.change_calendar(calendar_id, kept, by=self.actor.email)
            for schedule in await store.keeping_to(calendar_id):
                following = next_run(schedule.timetable, schedule.spec.rules(kept), await store.now())
                await store.plan(schedule.id, next_run_at=following)
            return await _calendar(store, calendar_id)

    async def calendars(self) -> Sequence[Calendar]:
        """The calendars, by name."""
        self.actor.require(Operation.READ_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            return await ScheduleStore(session).calendars()

    async def calendar(self, wanted: str) -> Calendar:
        """The calendar of this name or id."""
        found = [one for one in await self.calendars() if wanted in {one.name, str(one.id)}]
        if not found:
            raise NotFound(NO_SUCH_CALENDAR, hint="List the calendars of this engagement.")
        return found[0]

    async def delete_calendar(self, calendar_id: UUID) -> None:
        """Drop a calendar.

        Raises:
            Conflict: schedules keep to it.
        """
        self.actor.require(Operation.RUN_FLOWS)
        async with self.database.transaction(self.actor.tenant) as session:
            store = ScheduleStore(session)
            found = await _calendar(store, calendar_id)
            if found.used_by:
                raise Conflict(
                    f"{found.used_by} schedules keep to the calendar '{found.name}'.",
                    hint="Give them another one first.",
                )
            await store.delete_calendar(calendar_id)

    def _checked(self, spec: ScheduleSpec) -> tuple[ScheduleSpec, Timetable]:
        times = timetable(spec.cron, spec.time_zone)
        if spec.catch_up is CatchUp.ALL and not spec.may_overlap:
            raise InvalidInput(
                "Catching up on all missed runs starts several flows at once, and this schedule does not let them "
                "overlap.",
                hint="Let them overlap, or catch up once.",
            )
        kind = self.orchestrator.registry.get(spec.flow_type)
        return replace(
            spec,
            name=clean_name("The schedule's name", spec.name),
            cron=times.cron,
            configuration=configured(kind, spec.configuration),
        ), times


async def _following(store: ScheduleStore, spec: ScheduleSpec, times: Timetable) -> datetime | None:
    blackouts = await _blackouts(store, spec.calendar_id)
    return next_run(times, spec.rules(blackouts), await store.now())


async def _blackouts(store: ScheduleStore, calendar_id: UUID | None) -> tuple[Blackout, ...]:
    return () if calendar_id is None else (await _calendar(store, calendar_id)).blackouts


async def _calendar(store: ScheduleStore, calendar_id: UUID) -> Calendar:
    found = await store.calendars(calendar_id)
    if not found:
        raise NotFound(NO_SUCH_CALENDAR, hint="List the calendars of this engagement.")
    return found[0]


async def _held(store: ScheduleStore, schedule_id: UUID, expected_version: int | None) -> Schedule:
    held = _there(await store.hold(schedule_id))
    _refuse_other(expected_version, held.version)
    return held


def _refuse_other(expected: int | None, version: int) -> None:
    if expected is not None and expected != version:
        raise VersionConflict(f"It has version {version} now, not {expected}.", hint="Read it again, then repeat.")


def _there(schedule: Schedule | None) -> Schedule:
    if schedule is None:
        raise NotFound(NO_SUCH_SCHEDULE, hint="List the schedules of this engagement.")
    return schedule


def _taken(spec: ScheduleSpec) -> Conflict:
    return Conflict(f"There is a schedule called '{spec.name}' already.", hint="Change it, or use another name.")


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _clean_blackouts(blackouts: Sequence[Blackout]) -> tuple[Blackout, ...]:
    if len(blackouts) > MOST_PERIODS:
        raise InvalidInput(f"A calendar cannot have {len(blackouts)} blackouts.", hint=f"Use at most {MOST_PERIODS}.")
    for blackout in blackouts:
        if blackout.starts_at.tzinfo is None or blackout.ends_at.tzinfo is None:
            raise InvalidInput(
                f"The blackout '{blackout.reason}' has a time without a zone.", hint="Write it with Z or an offset."
            )
        if blackout.ends_at <= blackout.starts_at:
            raise InvalidInput(
                f"The blackout '{blackout.reason}' ends at {blackout.ends_at.isoformat()}, before it starts.",
                hint="Exchange the two.",
            )
    clean = [Blackout(b.starts_at.astimezone(UTC), b.ends_at.astimezone(UTC), b.reason) for b in blackouts]
    return tuple(sorted(clean, key=lambda blackout: blackout.starts_at))


def _times(times: Timetable, after: datetime) -> Iterator[datetime]:
    moment = times.after(after)
    while moment is not None:
        yield moment
        moment = times.after(moment)


def _upcoming(moment: datetime, spec: ScheduleSpec, blackouts: tuple[Blackout, ...]) -> Upcoming:
    blackout = covering(blackouts, moment)
    if blackout is None:
        return Upcoming(moment, moment, None)
    if spec.in_blackout is InBlackout.SKIP:
        return Upcoming(moment, None, blackout.reason)
    ends = blackout.ends_at
    while (later := covering(blackouts, ends)) is not None:
        ends = later.ends_at
    return Upcoming(moment, ends, blackout.reason)
