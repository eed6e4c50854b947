"""`masterflow calendar`: times in which no schedule starts anything."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from masterflow.api.calendars import CalendarOut, CalendarsOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.output import print_json, print_table, say
from masterflow.cli.schedule import schedules_of
from masterflow.errors import InvalidInput
from masterflow.orchestrator.schedules.timing import Blackout
from masterflow.orchestrator.schedules.types import Calendar

app = typer.Typer(help="Calendars of blackouts, to which schedules keep.", no_args_is_help=True)

Named = Annotated[str, typer.Argument(metavar="CALENDAR", help="Its name or id")]
Periods = Annotated[
    list[str],
    typer.Option(
        "--blackout",
        metavar="START/END=REASON",
        help="A time with its offset, as 2026-12-18T00:00Z/2027-01-04T00:00Z=freeze",
    ),
]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it")],
    *,
    blackouts: Periods = [],  # noqa: B006 - typer's way of saying "may be repeated"
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Make a calendar."""
    periods = [_blackout(text) for text in blackouts]

    async def work(here: Here) -> Calendar:
        return await schedules_of(here).create_calendar(name, periods)

    _print([act(work, as_=as_, engagement=engagement)], as_json=as_json)


@app.command("set")
def change(
    calendar: Named,
    *,
    blackouts: Periods = [],  # noqa: B006 - typer's way of saying "may be repeated"
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Give a calendar these blackouts in place of those it has; its schedules are planned anew."""
    periods = [_blackout(text) for text in blackouts]

    async def work(here: Here) -> Calendar:
        schedules = schedules_of(here)
        return await schedules.change_calendar((await schedules.calendar(calendar)).id, periods)

    _print([act(work, as_=as_, engagement=engagement)], as_json=as_json)


@app.command("list")
def list_calendars(*, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """List the calendars of the engagement with their blackouts."""

    async def work(here: Here) -> Sequence[Calendar]:
        return await schedules_of(here).calendars()

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(CalendarsOut(items=[CalendarOut.of(one) for one in found]))
    else:
        _print(found, as_json=False)


@app.command("delete")
def delete(calendar: Named, *, as_: As = None, engagement: In = None) -> None:
    """Drop a calendar to which no schedule keeps."""

    async def work(here: Here) -> None:
        schedules = schedules_of(here)
        await schedules.delete_calendar((await schedules.calendar(calendar)).id)

    act(work, as_=as_, engagement=engagement)
    say(f"The calendar '{calendar}' is deleted.")


def _blackout(text: str) -> Blackout:
    times, _, reason = text.partition("=")
    start, separator, end = times.partition("/")
    try:
        starts_at, ends_at = datetime.fromisoformat(start), datetime.fromisoformat(end)
    except ValueError:
        separator = ""
    if not separator or not reason:
        raise InvalidInput(
            f"{text!r} is not START/END=REASON.", hint="Write 2026-12-18T00:00Z/2027-01-04T00:00Z=freeze, say."
        )
    return Blackout(starts_at, ends_at, reason)


def _print(calendars: Sequence[Calendar], *, as_json: bool) -> None:
    if as_json:
        print_json(CalendarOut.of(calendars[0]))
        return
    rows = [
        (one.name, blackout.starts_at, blackout.ends_at, blackout.reason, one.used_by)
        for one in calendars
        for blackout in one.blackouts
    ] + [(one.name, None, None, "no blackouts", one.used_by) for one in calendars if not one.blackouts]
    columns = ("name", "from (UTC)", "to (UTC)", "why", "schedules that keep to it")
    print_table(columns, rows, empty="There is no calendar.")
