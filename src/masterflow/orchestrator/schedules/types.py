"""Schedules, their runs and calendars as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from masterflow.orchestrator.schedules.timing import Blackout, CatchUp, InBlackout, Rules, Timetable
from masterflow.orchestrator.types import JsonObject
from masterflow.tenancy.types import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSpec:
    """What a person decides of a schedule. `calendar_id` names the blackouts; with `may_overlap` a run starts though
    the flow of the last one has not ended."""

    name: str
    flow_type: str
    configuration: JsonObject
    cron: str
    time_zone: str = "UTC"
    catch_up: CatchUp = CatchUp.ONCE
    in_blackout: InBlackout = InBlackout.SKIP
    may_overlap: bool = False
    calendar_id: UUID | None = None

    def rules(self, blackouts: tuple[Blackout, ...]) -> Rules:
        """What decides, beside the times, which runs are made."""
        return Rules(self.catch_up, self.in_blackout, blackouts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule as its row says. Its flows are started in the name and with the rights of `runs_as_email`, who made or
    changed it last. `paused_because` is None while it runs; `next_run_at` None: it never runs again."""

    id: UUID
    tenant: Tenant
    spec: ScheduleSpec
    runs_as: UUID
    runs_as_email: str
    paused_because: str | None
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_flow_id: UUID | None
    version: int
    created_at: datetime

    @property
    def timetable(self) -> Timetable:
        """When it runs, blackouts aside."""
        return Timetable(self.spec.cron, self.spec.time_zone)


class RunOutcome(StrEnum):
    """What became of a run that was due."""

    STARTED = "started"
    PASSED = "passed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRun:
    """One run that was due at `due_at`: the flow it started, or why it did not."""

    id: int
    due_at: datetime
    at: datetime
    outcome: RunOutcome
    flow_id: UUID | None
    says: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Times in which nothing may start; `used_by` counts the schedules that keep to it."""

    id: UUID
    name: str
    blackouts: tuple[Blackout, ...]
    used_by: int
    version: int
    changed_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A time of the timetable: when the run is made, None if a blackout lets it go."""

    due_at: datetime
    runs_at: datetime | None
    blackout: str | None
