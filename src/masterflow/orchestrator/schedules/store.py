"""Queries on schedules, their runs and calendars, in the transaction of one tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Row, Select, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore

from masterflow.db.keyset import read_cursor
from masterflow.db.session import Session
from masterflow.db.status import LIVE
from masterflow.db.tables.flows import flows
from masterflow.db.tables.schedules import blackout_calendars, schedule_runs, schedules
from masterflow.orchestrator.schedules.timing import Blackout, CatchUp, InBlackout
from masterflow.orchestrator.schedules.types import Calendar, RunOutcome, Schedule, ScheduleRun, ScheduleSpec
from masterflow.tenancy.types import Tenant

MOST_DUE = 50  # schedules that one look takes up

_DUE = """SELECT id, client_account_id, engagement_id FROM schedules
    WHERE paused_because IS NULL AND next_run_at <= clock_timestamp() ORDER BY next_run_at LIMIT $1"""


async def due_schedules(connection: asyncpg.Connection) -> list[tuple[UUID, Tenant]]:
    """Schedules of all tenants whose time has come, who waits longest first; as the engine's role."""
    rows = await connection.fetch(_DUE, MOST_DUE)
    return [(row["id"], Tenant(row["client_account_id"], row["engagement_id"])) for row in rows]


@dataclass(frozen=True, slots=True)
class ScheduleStore:
    """The schedules of one engagement."""

    session: Session

    async def now(self) -> datetime:
        """What time the database says it is."""
        moment: datetime = (await self.session.execute(select(func.clock_timestamp()))).scalar_one()
        return moment

    async def insert(
        self, spec: ScheduleSpec, *, runs_as: UUID, email: str, next_run_at: datetime | None
    ) -> Schedule | None:
        """A new schedule; None if the name is taken."""
        values = self.session.stamp(schedules) | _values(spec, runs_as, email, next_run_at)
        made = insert_or_ignore(schedules).values(values).on_conflict_do_nothing().returning(schedules)
        row = (await self.session.execute(made)).first()
        return _schedule(row) if row else None

    async def change(
        self, schedule_id: UUID, spec: ScheduleSpec, *, runs_as: UUID, email: str, next_run_at: datetime | None
    ) -> Schedule | None:
        """A schedule with what a person decided anew; None if there is no such schedule."""
        return await self._update(schedule_id, _values(spec, runs_as, email, next_run_at))

    async def named(self, name: str) -> UUID | None:
        """The id of the schedule of this name."""
        wanted = select(schedules.c.id).where(self.session.mine(schedules), schedules.c.name == name)
        return (await self.session.execute(wanted)).scalar_one_or_none()

    async def find(self, schedule_id: UUID) -> Schedule | None:
        """One schedule."""
        row = (await self.session.execute(self._one(schedule_id))).first()
        return _schedule(row) if row else None

    async def claim(self, schedule_id: UUID) -> Schedule | None:
        """A schedule whose time has come, held until the transaction ends; None if another worker has it."""
        wanted = self._one(schedule_id).where(
            schedules.c.paused_because.is_(None), schedules.c.next_run_at <= func.clock_timestamp()
        )
        row = (await self.session.execute(wanted.with_for_update(skip_locked=True))).first()
        return _schedule(row) if row else None

    async def hold(self, schedule_id: UUID) -> Schedule | None:
        """One schedule, held until the transaction ends."""
        row = (await self.session.execute(self._one(schedule_id).with_for_update())).first()
        return _schedule(row) if row else None

    async def page(self, *, cursor: str | None, limit: int) -> list[Schedule]:
        """Schedules, oldest first; one more than the page has."""
        chosen = select(schedules).where(self.session.mine(schedules))
        if cursor is not None:
            chosen = chosen.where(tuple_(schedules.c.created_at, schedules.c.id) > tuple_(*read_cursor(cursor)))
        rows = await self.session.execute(chosen.order_by(schedules.c.created_at, schedules.c.id).limit(limit + 1))
        return [_schedule(row) for row in rows]

    async def pause(self, schedule_id: UUID, *, because: str) -> Schedule | None:
        """Let a schedule rest."""
        return await self._update(schedule_id, {"paused_because": because})

    async def resume(self, schedule_id: UUID, *, next_run_at: datetime | None) -> Schedule | None:
        """Let a schedule run from now on."""
        return await self._update(schedule_id, {"paused_because": None, "next_run_at": next_run_at})

    async def ran(self, schedule_id: UUID, *, next_run_at: datetime | None, flow_id: UUID | None) -> None:
        """Note when a schedule runs next, and the flow that it started now, if any."""
        values: dict[str, object] = {"next_run_at": next_run_at}
        if flow_id is not None:
            values |= {"last_flow_id": flow_id, "last_run_at": func.clock_timestamp()}
        await self.session.execute(update(schedules).where(*self._is(schedule_id)).values(values))

    async def delete(self, schedule_id: UUID) -> bool:
        """Drop a schedule; its flows and the history of its runs stay."""
        return bool((await self.session.execute(delete(schedules).where(*self._is(schedule_id)))).rowcount)

    async def note(
        self, schedule_id: UUID, due_at: datetime, outcome: RunOutcome, *, flow_id: UUID | None = None, says: str | None
    ) -> None:
        """Add a line to the history of runs."""
        values = {"schedule_id": schedule_id, "due_at": due_at, "outcome": outcome, "flow_id": flow_id, "says": says}
        await self.session.execute(insert(schedule_runs).values(self.session.stamp(schedule_runs) | values))

    async def runs(self, schedule_id: UUID, *, before: int | None, limit: int) -> list[ScheduleRun]:
        """The history of runs, newest first, numbered below `before`."""
        chosen = select(schedule_runs).where(
            self.session.mine(schedule_runs), schedule_runs.c.schedule_id == schedule_id
        )
        if before is not None:
            chosen = chosen.where(schedule_runs.c.id < before)
        rows = await self.session.execute(chosen.order_by(schedule_runs.c.id.desc()).limit(limit))
        return [_run(row) for row in rows]

    async def lives(self, flow_id: UUID) -> bool:
        """Whether a flow has not ended."""
        wanted = select(flows.c.flow_id).where(
            self.session.mine(flows),
            flows.c.flow_id == flow_id,
            flows.c.flow_status.in_(sorted(LIVE)),
            flows.c.deleted_at.is_(None),
        )
        return (await self.session.execute(wanted)).first() is not None

    async def insert_calendar(self, name: str, blackouts: Sequence[Blackout], *, by: str) -> UUID | None:
        """A new calendar's id; None if the name is taken."""
        values = {"name": name, "periods": [_period(blackout) for blackout in blackouts], "changed_by": by}
        made = insert_or_ignore(blackout_calendars).values(self.session.stamp(blackout_calendars) | values)
        returned = await self.session.execute(made.on_conflict_do_nothing().returning(blackout_calendars.c.id))
        return returned.scalar_one_or_none()

    async def change_calendar(self, calendar_id: UUID, blackouts: Sequence[Blackout], *, by: str) -> bool:
        """Give a calendar other blackouts; False if there is none."""
        changed = (
            update(blackout_calendars)
            .where(self.session.mine(blackout_calendars), blackout_calendars.c.id == calendar_id)
            .values(
                periods=[_period(blackout) for blackout in blackouts],
                changed_by=by,
                version=blackout_calendars.c.version + 1,
            )
        )
        return bool((await self.session.execute(changed)).rowcount)

    async def calendars(self, calendar_id: UUID | None = None) -> list[Calendar]:
        """The calendars by name, or the one."""
        used = (
            select(func.count())
            .select_from(schedules)
            .where(self.session.mine(schedules), schedules.c.calendar_id == blackout_calendars.c.id)
            .scalar_subquery()
        )
        chosen = select(blackout_calendars, used.label("used_by")).where(self.session.mine(blackout_calendars))
        if calendar_id is not None:
            chosen = chosen.where(blackout_calendars.c.id == calendar_id)
        return [_calendar(row) for row in await self.session.execute(chosen.order_by(blackout_calendars.c.name))]

    async def delete_calendar(self, calendar_id: UUID) -> bool:
        """Drop a calendar that no schedule keeps to; False if there is none."""
        dropped = delete(blackout_calendars).where(
            self.session.mine(blackout_calendars), blackout_calendars.c.id == calendar_id
        )
        return bool((await self.session.execute(dropped)).rowcount)

    async def keeping_to(self, calendar_id: UUID) -> list[Schedule]:
        """The schedules that keep to a calendar, held until the transaction ends."""
        chosen = select(schedules).where(self.session.mine(schedules), schedules.c.calendar_id == calendar_id)
        return [_schedule(row) for row in await self.session.execute(chosen.with_for_update())]

    async def plan(self, schedule_id: UUID, *, next_run_at: datetime | None) -> None:
        """Say when a schedule runs next."""
        await self.session.execute(update(schedules).where(*self._is(schedule_id)).values(next_run_at=next_run_at))

    async def _update(self, schedule_id: UUID, values: dict[str, object]) -> Schedule | None:
        changed = (
            update(schedules)
            .where(*self._is(schedule_id))
            .values(values | {"version": schedules.c.version + 1})
            .returning(schedules)
        )
        row = (await self.session.execute(changed)).first()
        return _schedule(row) if row else None

    def _one(self, schedule_id: UUID) -> Select[Any]:
        return select(schedules).where(*self._is(schedule_id))

    def _is(self, schedule_id: UUID) -> tuple[Any, Any]:
        return self.session.mine(schedules), schedules.c.id == schedule_id


def _values(spec: ScheduleSpec, runs_as: UUID, email: str, next_run_at: datetime | None) -> dict[str, object]:
    return {
        "name": spec.name,
        "flow_type": spec.flow_type,
        "configuration": dict(spec.configuration),
        "cron": spec.cron,
        "time_zone": spec.time_zone,
        "catch_up": spec.catch_up,
        "in_blackout": spec.in_blackout,
        "may_overlap": spec.may_overlap,
        "calendar_id": spec.calendar_id,
        "runs_as": runs_as,
        "runs_as_email": email,
        "next_run_at": next_run_at,
    }


def _period(blackout: Blackout) -> dict[str, str]:
    return {
        "starts_at": blackout.starts_at.isoformat(),
        "ends_at": blackout.ends_at.isoformat(),
        "reason": blackout.reason,
    }


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(
        id=row.id,
        tenant=Tenant(row.client_account_id, row.engagement_id),
        spec=ScheduleSpec(
            name=row.name,
            flow_type=row.flow_type,
            configuration=row.configuration,
            cron=row.cron,
            time_zone=row.time_zone,
            catch_up=CatchUp(row.catch_up),
            in_blackout=InBlackout(row.in_blackout),
            may_overlap=row.may_overlap,
            calendar_id=row.calendar_id,
        ),
        runs_as=row.runs_as,
        runs_as_email=row.runs_as_email,
        paused_because=row.paused_because,
        next_run_at=row.next_run_at,
        last_run_at=row.last_run_at,
        last_flow_id=row.last_flow_id,
        version=row.version,
        created_at=row.created_at,
    )


def _run(row: Row[Any]) -> ScheduleRun:
    return ScheduleRun(
        id=row.id,
        due_at=row.due_at,
        at=row.at,
        outcome=RunOutcome(row.outcome),
        flow_id=row.flow_id,
        says=row.says,
    )


def _calendar(row: Row[Any]) -> Calendar:
    return Calendar(
        id=row.id,
        name=row.name,
        blackouts=tuple(
            Blackout(
                datetime.fromisoformat(period["starts_at"]), datetime.fromisoformat(period["ends_at"]), period["reason"]
            )
            for period in row.periods
        ),
        used_by=row.used_by,
        version=row.version,
        changed_by=row.changed_by,
        created_at=row.created_at,
    )
