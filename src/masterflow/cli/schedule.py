"""`masterflow schedule`: flows that start by themselves."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.schedules import (
    ScheduleOut,
    ScheduleRunOut,
    ScheduleRunsOut,
    SchedulesOut,
    UpcomingOut,
    UpcomingsOut,
)
from masterflow.cli.acting import As, AsJson, Here, In, act, every
from masterflow.cli.flow_forms import Config, ConfigFile, print_flow, values_of
from masterflow.cli.output import print_fields, print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.orchestrator.schedules.service import Schedules
from masterflow.orchestrator.schedules.timing import CatchUp, InBlackout
from masterflow.orchestrator.schedules.types import Schedule, ScheduleSpec
from masterflow.orchestrator.types import Flow

app = typer.Typer(help="Schedules: flows that start by themselves.", no_args_is_help=True)

Named = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its name or id")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why")]
Cron = Annotated[str, typer.Argument(metavar="CRON", help="Minute hour day month weekday, as '30 2 * * mon-fri'")]
Zone = Annotated[str, typer.Option("--time-zone", help="By whose clocks: a name such as Europe/Berlin")]
InBlackoutOption = Annotated[
    InBlackout, typer.Option("--in-blackout", help="Let the run go, or make it when the blackout ends")
]
CalendarOption = Annotated[
    str | None, typer.Option("--calendar", metavar="CALENDAR", help="The calendar of blackouts to keep to")
]


def schedules_of(here: Here) -> Schedules:
    """The schedules of the person's engagement."""
    return Schedules(here.parts.database, here.parts.orchestrator, here.actor)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it")],
    flow_type: Annotated[str, typer.Argument(metavar="TYPE", help="One of `masterflow flow types`")],
    cron: Cron,
    *,
    time_zone: Zone = "UTC",
    config: Config = [],  # noqa: B006 - typer's way of saying "may be repeated"
    config_file: ConfigFile = None,
    catch_up: Annotated[
        CatchUp, typer.Option("--catch-up", help="What becomes of runs that were due while no worker was there")
    ] = CatchUp.ONCE,
    in_blackout: InBlackoutOption = InBlackout.SKIP,
    calendar: CalendarOption = None,
    may_overlap: Annotated[
        bool, typer.Option("--overlap/--no-overlap", help="Start though the flow of the last run has not ended")
    ] = False,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Make a schedule; its flows are started in your name, with the rights you have then."""
    values = values_of(config_file, config)

    async def work(here: Here) -> Schedule:
        schedules = schedules_of(here)
        made = await schedules.create(
            ScheduleSpec(
                name=name,
                flow_type=flow_type,
                configuration=values,
                cron=cron,
                time_zone=time_zone,
                catch_up=catch_up,
                in_blackout=in_blackout,
                may_overlap=may_overlap,
                calendar_id=await _calendar_id(schedules, calendar),
            )
        )
        await here.note_missing_worker()
        return made

    _print(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("list")
def list_schedules(*, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """List the schedules of the engagement."""

    async def work(here: Here) -> SchedulesOut:
        schedules = schedules_of(here)
        found = await every(lambda cursor: schedules.list(cursor=cursor, limit=LARGEST_PAGE))
        return SchedulesOut(items=[ScheduleOut.of(one) for one in found], cursor=None)

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(found)
        return
    rows = [
        (s.name, s.flow_type, s.cron, s.time_zone, s.next_run_at if s.paused_because is None else "paused", s.runs_as)
        for s in found.items
    ]
    columns = ("name", "flow type", "cron", "time zone", "next run (UTC)", "runs as")
    print_table(columns, rows, empty="There is no schedule.")


@app.command("show")
def show(schedule: Named, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Show a schedule."""
    _print(_done(schedule, lambda _, found: _same(found), as_=as_, engagement=engagement), as_json=as_json)


@app.command("runs")
def runs(
    schedule: Named,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LARGEST_PAGE, help="Rows at most")] = 20,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """What became of a schedule's runs, newest first."""

    async def work(here: Here) -> ScheduleRunsOut:
        schedules = schedules_of(here)
        found = await schedules.runs((await schedules.find(schedule)).id, limit=limit)
        return ScheduleRunsOut(items=[ScheduleRunOut.of(run) for run in found], next_before=None)

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(found)
        return
    rows = [(run.due_at, run.outcome, run.flow_id, run.says) for run in found.items]
    print_table(("due (UTC)", "outcome", "flow", "why"), rows, empty="It has not run yet.")


@app.command("preview")
def preview(
    cron: Cron,
    *,
    time_zone: Zone = "UTC",
    in_blackout: InBlackoutOption = InBlackout.SKIP,
    calendar: CalendarOption = None,
    count: Annotated[int, typer.Option("--count", min=1, max=100, help="How many times")] = 10,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Show the next times of a cron expression; nothing is kept."""

    async def work(here: Here) -> UpcomingsOut:
        schedules = schedules_of(here)
        spec = ScheduleSpec(
            name="preview",
            flow_type="",
            configuration={},
            cron=cron,
            time_zone=time_zone,
            in_blackout=in_blackout,
            calendar_id=await _calendar_id(schedules, calendar),
        )
        found = await schedules.preview(spec, count=count)
        return UpcomingsOut(items=[UpcomingOut.of(one) for one in found])

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(found)
        return
    rows = [(one.due_at, one.runs_at or "not run", one.blackout) for one in found.items]
    print_table(("due (UTC)", "run at (UTC)", "blackout"), rows, empty="It never comes.")


@app.command("pause")
def pause(
    schedule: Named, *, reason: Reason = None, as_: As = None, engagement: In = None, as_json: AsJson = False
) -> None:
    """Let a schedule rest until it is resumed."""
    done = _done(schedule, lambda s, found: s.pause(found.id, reason=reason), as_=as_, engagement=engagement)
    _print(done, as_json=as_json)


@app.command("resume")
def resume(schedule: Named, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Let a paused schedule run from now on."""
    done = _done(schedule, lambda s, found: s.resume(found.id), as_=as_, engagement=engagement)
    _print(done, as_json=as_json)


@app.command("run")
def run(
    schedule: Named, *, reason: Reason = None, as_: As = None, engagement: In = None, as_json: AsJson = False
) -> None:
    """Start a flow now as the schedule would; its next time stays."""

    async def work(here: Here) -> Flow:
        schedules = schedules_of(here)
        flow = await schedules.run_now((await schedules.find(schedule)).id, reason=reason)
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("delete")
def delete(schedule: Named, *, as_: As = None, engagement: In = None) -> None:
    """Drop a schedule; the flows that it started stay."""
    _done(schedule, lambda s, found: s.delete(found.id), as_=as_, engagement=engagement)
    say(f"The schedule '{schedule}' is deleted; the flows that it started stay.")


async def _same(found: Schedule) -> Schedule:
    return found


def _done(
    wanted: str,
    do: Callable[[Schedules, Schedule], Awaitable[Schedule | None]],
    *,
    as_: str | None,
    engagement: str | None,
) -> Schedule | None:
    async def work(here: Here) -> Schedule | None:
        schedules = schedules_of(here)
        return await do(schedules, await schedules.find(wanted))

    return act(work, as_=as_, engagement=engagement)


async def _calendar_id(schedules: Schedules, calendar: str | None) -> UUID | None:
    return (await schedules.calendar(calendar)).id if calendar else None


def _print(schedule: Schedule | None, *, as_json: bool) -> None:
    if schedule is None:
        return
    body = ScheduleOut.of(schedule)
    if as_json:
        print_json(body)
        return
    print_fields(
        {
            "id": body.id,
            "name": body.name,
            "flow type": body.flow_type,
            "configuration": body.config,
            "cron": f"{body.cron} ({body.time_zone})",
            "missed runs": body.catch_up,
            "in a blackout": body.in_blackout if body.calendar_id else None,
            "may overlap": body.may_overlap,
            "runs as": body.runs_as,
            "paused": body.paused_because,
            "next run (UTC)": body.next_run_at if body.paused_because is None else None,
            "last run (UTC)": body.last_run_at,
            "last flow": body.last_flow_id,
        }
    )
