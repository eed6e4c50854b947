"""Schedules: flows that start by themselves, and what became of their runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AliasPath, BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api.errors import problems
from masterflow.api.flows import NOTHING, Command, FlowOut
from masterflow.api.inputs import Json
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseSchedules
from masterflow.api.shown import Shown
from masterflow.api.versions import ExpectedVersion, tagged
from masterflow.orchestrator.schedules.timing import CatchUp, InBlackout
from masterflow.orchestrator.schedules.types import RunOutcome, ScheduleSpec


class Timing(BaseModel):
    """When something runs: five cron fields read in a time zone, and what a calendar of blackouts makes of it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"cron": "30 2 * * mon-fri", "time_zone": "Europe/Berlin"}}
    )

    cron: str = Field(max_length=100, description="Minute, hour, day of the month, month, day of the week")
    time_zone: str = Field("UTC", max_length=60, description="A name of the IANA database")
    in_blackout: InBlackout = Field(InBlackout.SKIP, description="Let the run go, or make it when the blackout ends")
    calendar_id: UUID | None = Field(None, description="The calendar of blackouts to keep to")

    def spec(self) -> ScheduleSpec:
        """The times alone."""
        return ScheduleSpec(name="preview", flow_type="", configuration={}, **self.model_dump())


class NewSchedule(Timing):
    """A schedule to be made, or what is decided anew of one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "nightly discovery",
                "flow_type": "discovery",
                "config": {"imports": []},
                "cron": "30 2 * * mon-fri",
                "time_zone": "Europe/Berlin",
            }
        },
    )

    name: str = Field(max_length=200)
    flow_type: str = Field(max_length=50, description="One of GET /flow-types")
    config: Json = Field(default_factory=dict, description="What GET /flow-types/{name} describes")
    catch_up: CatchUp = Field(CatchUp.ONCE, description="What becomes of runs that were due while no worker was there")
    may_overlap: bool = Field(False, description="Start though the flow of the last run has not ended")

    def spec(self) -> ScheduleSpec:
        """What was decided."""
        return ScheduleSpec(configuration=self.config, **self.model_dump(exclude={"config"}))


class ScheduleOut(Shown):
    """A schedule. Its flows are started as `runs_as`; `paused_because` is null while it runs."""

    id: UUID
    name: str = Field(validation_alias=AliasPath("spec", "name"))
    flow_type: str = Field(validation_alias=AliasPath("spec", "flow_type"))
    config: Mapping[str, Any] = Field(validation_alias=AliasPath("spec", "configuration"))
    cron: str = Field(validation_alias=AliasPath("spec", "cron"))
    time_zone: str = Field(validation_alias=AliasPath("spec", "time_zone"))
    catch_up: CatchUp = Field(validation_alias=AliasPath("spec", "catch_up"))
    in_blackout: InBlackout = Field(validation_alias=AliasPath("spec", "in_blackout"))
    may_overlap: bool = Field(validation_alias=AliasPath("spec", "may_overlap"))
    calendar_id: UUID | None = Field(validation_alias=AliasPath("spec", "calendar_id"))
    runs_as: str = Field(validation_alias="runs_as_email")
    paused_because: str | None
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_flow_id: UUID | None
    version: int
    created_at: datetime


class SchedulesOut(Listed):
    """Schedules, oldest first."""

    items: list[ScheduleOut]


class ScheduleRunOut(Shown):
    """One run that was due: the flow it started, or why it did not."""

    id: int
    due_at: datetime
    at: datetime
    outcome: RunOutcome
    flow_id: UUID | None
    says: str | None


class ScheduleRunsOut(BaseModel):
    """Runs, newest first; `next_before` continues the list and is null at the end."""

    items: list[ScheduleRunOut]
    next_before: int | None


class UpcomingOut(Shown):
    """A time of a timetable: when the run is made; null where the blackout lets it go."""

    due_at: datetime
    runs_at: datetime | None
    blackout: str | None


class UpcomingsOut(BaseModel):
    """The next times."""

    items: list[UpcomingOut]


router = APIRouter(prefix="/schedules", tags=["schedules"])


@router.post("", status_code=201, response_model=ScheduleOut, responses=problems(404, 409, 422))
async def create_schedule(given: NewSchedule, schedules: UseSchedules) -> Response:
    """Make a schedule; its flows are started in the caller's name, with the rights they have then."""
    made = await schedules.create(given.spec())
    return tagged(ScheduleOut.of(made), made.version, status=201, location=f"/api/v1/schedules/{made.id}")


@router.get("", response_model=SchedulesOut, responses=problems())
async def list_schedules(schedules: UseSchedules, cursor: Cursor = None, limit: Limit = FULL_PAGE) -> SchedulesOut:
    """The schedules of the engagement, oldest first."""
    page = await schedules.list(cursor=cursor, limit=limit)
    return SchedulesOut(items=[ScheduleOut.of(one) for one in page.items], cursor=page.cursor)


@router.post("/preview", response_model=UpcomingsOut, responses=problems(404, 422))
async def preview_schedule(
    given: Timing, schedules: UseSchedules, count: Annotated[int, Query(ge=1, le=100)] = 10
) -> UpcomingsOut:
    """The next times of a timetable and what its calendar makes of them; nothing is kept."""
    return UpcomingsOut(items=[UpcomingOut.of(one) for one in await schedules.preview(given.spec(), count=count)])


@router.get("/{schedule_id}", response_model=ScheduleOut, responses=problems(404))
async def get_schedule(schedule_id: UUID, schedules: UseSchedules) -> Response:
    """One schedule."""
    found = await schedules.get(schedule_id)
    return tagged(ScheduleOut.of(found), found.version)


@router.put("/{schedule_id}", response_model=ScheduleOut, responses=problems(404, 409, 412, 422))
async def change_schedule(
    schedule_id: UUID, given: NewSchedule, schedules: UseSchedules, version: ExpectedVersion
) -> Response:
    """Decide a schedule anew; from now on its flows are started in the caller's name."""
    changed = await schedules.change(schedule_id, given.spec(), expected_version=version)
    return tagged(ScheduleOut.of(changed), changed.version)


@router.delete("/{schedule_id}", status_code=204, responses=problems(404, 412))
async def delete_schedule(schedule_id: UUID, schedules: UseSchedules, version: ExpectedVersion) -> None:
    """Drop a schedule; the flows that it started stay."""
    await schedules.delete(schedule_id, expected_version=version)


@router.post("/{schedule_id}/pause", response_model=ScheduleOut, responses=problems(404, 409, 412, 422))
async def pause_schedule(
    schedule_id: UUID, schedules: UseSchedules, version: ExpectedVersion, given: Command = NOTHING
) -> Response:
    """Let a schedule rest until it is resumed; the times in between are not made up for."""
    paused = await schedules.pause(schedule_id, reason=given.reason, expected_version=version)
    return tagged(ScheduleOut.of(paused), paused.version)


@router.post("/{schedule_id}/resume", response_model=ScheduleOut, responses=problems(404, 409, 412, 422))
async def resume_schedule(schedule_id: UUID, schedules: UseSchedules, version: ExpectedVersion) -> Response:
    """Let a paused schedule run from now on."""
    resumed = await schedules.resume(schedule_id, expected_version=version)
    return tagged(ScheduleOut.of(resumed), resumed.version)


@router.post("/{schedule_id}/run", status_code=202, response_model=FlowOut, responses=problems(404, 409, 422))
async def run_schedule(schedule_id: UUID, schedules: UseSchedules, given: Command = NOTHING) -> Response:
    """Start a flow now as the schedule would, in the caller's name; the next time stays."""
    flow = await schedules.run_now(schedule_id, reason=given.reason)
    return tagged(FlowOut.of(flow), flow.version, status=202, location=f"/api/v1/flows/{flow.flow_id}")


@router.get("/{schedule_id}/runs", response_model=ScheduleRunsOut, responses=problems(404))
async def list_schedule_runs(
    schedule_id: UUID,
    schedules: UseSchedules,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="The last `id` that is known")] = None,
    limit: Limit = FULL_PAGE,
) -> ScheduleRunsOut:
    """What became of the runs of a schedule, newest first."""
    runs = await schedules.runs(schedule_id, before=before, limit=limit)
    following = runs[-1].id if len(runs) == limit else None
    return ScheduleRunsOut(items=[ScheduleRunOut.of(run) for run in runs], next_before=following)
