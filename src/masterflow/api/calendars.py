"""Calendars of blackouts, to which schedules keep."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api.errors import problems
from masterflow.api.parts import UseSchedules
from masterflow.api.shown import Shown
from masterflow.api.versions import ExpectedVersion, tagged
from masterflow.orchestrator.schedules.timing import MOST_PERIODS, Blackout


class Period(BaseModel):
    """A time in which nothing may start, its end not included."""

    model_config = ConfigDict(extra="forbid")

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str = Field(max_length=200)


class Periods(BaseModel):
    """The blackouts of a calendar."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "periods": [
                    {
                        "starts_at": "2026-12-18T00:00:00Z",
                        "ends_at": "2027-01-04T00:00:00Z",
                        "reason": "year-end freeze",
                    }
                ]
            }
        },
    )

    periods: list[Period] = Field(max_length=MOST_PERIODS)

    def blackouts(self) -> Sequence[Blackout]:
        """As the orchestrator takes them."""
        return [Blackout(period.starts_at, period.ends_at, period.reason) for period in self.periods]


class NewCalendar(Periods):
    """A calendar to be made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "freezes", "periods": []}})

    name: str = Field(max_length=200)


class PeriodOut(Shown):
    """A time in which nothing may start."""

    starts_at: datetime
    ends_at: datetime
    reason: str


class CalendarOut(Shown):
    """A calendar; `used_by` counts the schedules that keep to it."""

    id: UUID
    name: str
    periods: list[PeriodOut] = Field(validation_alias="blackouts")
    used_by: int
    version: int
    changed_by: str
    created_at: datetime


class CalendarsOut(BaseModel):
    """Calendars by name."""

    items: list[CalendarOut]


router = APIRouter(prefix="/calendars", tags=["schedules"])


@router.post("", status_code=201, response_model=CalendarOut, responses=problems(409, 422))
async def create_calendar(given: NewCalendar, schedules: UseSchedules) -> Response:
    """Make a calendar of blackouts."""
    made = await schedules.create_calendar(given.name, given.blackouts())
    return tagged(CalendarOut.of(made), made.version, status=201, location=f"/api/v1/calendars/{made.id}")


@router.get("", response_model=CalendarsOut, responses=problems())
async def list_calendars(schedules: UseSchedules) -> CalendarsOut:
    """The calendars of the engagement, by name."""
    return CalendarsOut(items=[CalendarOut.of(one) for one in await schedules.calendars()])


@router.get("/{calendar_id}", response_model=CalendarOut, responses=problems(404))
async def get_calendar(calendar_id: UUID, schedules: UseSchedules) -> Response:
    """One calendar."""
    found = await schedules.calendar(str(calendar_id))
    return tagged(CalendarOut.of(found), found.version)


@router.put("/{calendar_id}", response_model=CalendarOut, responses=problems(404, 412, 422))
async def change_calendar(
    calendar_id: UUID, given: Periods, schedules: UseSchedules, version: ExpectedVersion
) -> Response:
    """Give a calendar other blackouts; the schedules that keep to it are planned anew."""
    changed = await schedules.change_calendar(calendar_id, given.blackouts(), expected_version=version)
    return tagged(CalendarOut.of(changed), changed.version)


@router.delete("/{calendar_id}", status_code=204, responses=problems(404, 409))
async def delete_calendar(calendar_id: UUID, schedules: UseSchedules) -> None:
    """Drop a calendar to which no schedule keeps."""
    await schedules.delete_calendar(calendar_id)
