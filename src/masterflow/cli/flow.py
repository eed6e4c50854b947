"""`masterflow flow`: create, command and read flows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from masterflow.api.flow_types import FlowTypeOut, FlowTypesOut
from masterflow.api.flows import EventOut, FlowsOut, ListedFlowOut, RedoOut
from masterflow.cli import bulk
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.analytics import analytics
from masterflow.cli.flow_forms import Config, ConfigFile, Expected, FlowId, Reason, print_flow, values_of
from masterflow.cli.flow_input import app as input_app
from masterflow.cli.output import print_fields, print_json, print_json_line, print_table, say, shown
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.states import ENDED, Move
from masterflow.orchestrator.types import Flow, Redo
from masterflow.tenancy.roles import Operation

FOLLOW_EVERY = timedelta(milliseconds=500)  # between two looks for new events

app = typer.Typer(help="Flows: create, command, read.", no_args_is_help=True)
app.add_typer(input_app)
app.command("analytics")(analytics)


@app.command("types")
def types(*, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """List the flow types that work here, with their phases."""

    async def work(here: Here) -> FlowTypesOut:
        here.actor.require(Operation.READ_FLOWS)
        return FlowTypesOut(items=[FlowTypeOut.of(t) for t in here.parts.registry.all()])

    known = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(known)
        return
    rows = [(t.name, p.name, p.title, p.gate_asks or "") for t in known.items for p in t.phases]
    print_table(("flow type", "phase", "what it does", "what a person is asked"), rows, empty="There is no flow type.")


@app.command("create")
def create(
    flow_type: Annotated[str, typer.Argument(metavar="TYPE", help="One of `masterflow flow types`")],
    *,
    config: Config = [],  # noqa: B006 - typer's way of saying "may be repeated"
    config_file: ConfigFile = None,
    name: Annotated[str | None, typer.Option("--name", help="What people call it")] = None,
    parent: Annotated[
        UUID | None, typer.Option("--parent", metavar="FLOW", help="The flow whose results it reads")
    ] = None,
    start: Annotated[bool, typer.Option("--start/--no-start", help="Run it at once")] = True,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Create a flow and, unless told not to, start it."""
    values = values_of(config_file, config)

    async def work(here: Here) -> Flow:
        flow = await here.parts.orchestrator.create_flow(
            here.actor, flow_type, values, name=name, start=start, parent_flow_id=parent
        )
        if start:
            await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("list")
def list_flows(
    *,
    flow_type: Annotated[list[str] | None, typer.Option("--type", help="Only this flow type; repeatable")] = None,
    status: Annotated[list[FlowStatus] | None, typer.Option("--status", help="Only this status; repeatable")] = None,
    search: Annotated[str | None, typer.Option("--search", metavar="TEXT", help="A part of the name or type")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that I started")] = False,
    include_deleted: Annotated[bool, typer.Option("--deleted", help="Deleted ones too")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LARGEST_PAGE, help="Rows at most")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Continue the list that gave it")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List the flows of the engagement, newest change of status first."""

    async def work(here: Here) -> FlowsOut:
        page = await here.parts.orchestrator.list(
            here.actor,
            flow_type=flow_type,
            status=status,
            search=search,
            mine=mine,
            include_deleted=include_deleted,
            limit=limit,
            cursor=cursor,
        )
        return FlowsOut(items=[ListedFlowOut.of(flow) for flow in page.flows], cursor=page.cursor)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(page)
        return
    rows = [(f.flow_id, f.flow_type, f.flow_name, f.status, f.current_phase, f.status_changed_at) for f in page.items]
    print_table(("id", "type", "name", "status", "phase", "since (UTC)"), rows, empty="There is no flow.")
    if page.cursor:
        say(f"More: --cursor {page.cursor}")


@app.command("show")
def show(flow_id: FlowId, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Show one flow."""

    async def work(here: Here) -> Flow:
        return await here.parts.orchestrator.get(here.actor, flow_id)

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("events")
def events(
    flow_id: FlowId,
    *,
    after: Annotated[int, typer.Option("--after", min=0, help="Only events after this number")] = 0,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until the flow ends; with --json one object a line")
    ] = False,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Show what happened to a flow: who did what, when and why."""
    if follow:
        act(lambda here: _follow(here, flow_id, after, as_json=as_json), as_=as_, engagement=engagement)
        return
    found = act(lambda here: _history(here, flow_id, after), as_=as_, engagement=engagement)
    if as_json:
        print_json({"items": [event.model_dump(mode="json") for event in found]})
        return
    rows = [(e.seq, e.at, e.kind, e.phase, e.actor, e.reason) for e in found]
    print_table(("#", "at (UTC)", "what", "phase", "who", "why"), rows, empty="Nothing happened after that.")


async def _history(here: Here, flow_id: UUID, after: int) -> list[EventOut]:
    found: list[EventOut] = []
    while True:
        last = found[-1].seq if found else after
        page = await here.parts.orchestrator.history(here.actor, flow_id, after=last, limit=LARGEST_PAGE)
        found += [EventOut.of(event) for event in page]
        if len(page) < LARGEST_PAGE:
            return found


async def _follow(here: Here, flow_id: UUID, after: int, *, as_json: bool) -> None:
    """Print events as they come, until the flow has ended and all of them are printed."""
    while True:
        flow = await here.parts.orchestrator.get(here.actor, flow_id)
        for event in await _history(here, flow_id, after):
            after = event.seq
            print_json_line(event) if as_json else say(_line(event))
        if flow.status in ENDED and flow.version <= after:
            return
        await asyncio.sleep(FOLLOW_EVERY.total_seconds())


def _line(event: EventOut) -> str:
    said = (event.seq, event.at, event.kind, event.phase, event.actor, event.reason)
    return "  ".join(shown(part) for part in said if part is not None)


@app.command("execute")
def execute(
    flow_id: FlowId,
    *,
    phase: Annotated[
        str | None, typer.Option("--phase", help="Begin with this phase; skipping optional ones needs a reason")
    ] = None,
    reason: Reason = None,
    expected: Expected = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Start a flow and run it to its next wait."""

    async def work(here: Here) -> Flow:
        flow = await here.parts.orchestrator.execute(
            here.actor, flow_id, phase=phase, reason=reason, expected_version=expected
        )
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


From = Annotated[str | None, typer.Option("--from", metavar="PHASE", help="Run from this earlier phase on")]
Edits = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change the configuration first; a value is JSON or text"),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only show what is used again and what runs anew, or why it is refused")
]


@app.command("retry")
def retry(
    flow_id: FlowId,
    *,
    phase: From = None,
    edits: Edits = None,
    dry_run: DryRun = False,
    reason: Reason = None,
    expected: Expected = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Run the phase again at which a flow failed, or run it from an earlier one, with edited input."""
    values = values_of(None, edits or [])
    if dry_run:
        _show_redo(flow_id, phase, values, Move.RETRY, as_=as_, engagement=engagement, as_json=as_json)
        return

    async def work(here: Here) -> Flow:
        flow = await here.parts.orchestrator.retry(
            here.actor, flow_id, phase=phase, values=values, reason=reason, expected_version=expected
        )
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("rollback")
def rollback(
    flow_id: FlowId,
    phase: Annotated[str, typer.Argument(metavar="PHASE", help="The phase to go back to")],
    *,
    edits: Edits = None,
    dry_run: DryRun = False,
    reason: Reason = None,
    expected: Expected = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Take a flow that completed or failed back to a phase; needs a reason. Later results stay in its history."""
    values = values_of(None, edits or [])
    if dry_run:
        _show_redo(flow_id, phase, values, Move.ROLLBACK, as_=as_, engagement=engagement, as_json=as_json)
        return

    async def work(here: Here) -> Flow:
        flow = await here.parts.orchestrator.roll_back(
            here.actor, flow_id, phase, values=values, reason=reason, expected_version=expected
        )
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


def _show_redo(
    flow_id: UUID,
    phase: str | None,
    values: Mapping[str, Any],
    move: Move,
    *,
    as_: str | None,
    engagement: str | None,
    as_json: bool,
) -> None:
    async def work(here: Here) -> Redo:
        return await here.parts.orchestrator.redo(here.actor, flow_id, phase, values=values, move=move)

    redo = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(RedoOut.of(redo))
    else:
        used, anew = ", ".join(redo.reused) or "nothing", ", ".join(redo.runs_again)
        print_fields({"from": redo.phase, "used again": used, "runs anew": anew})


@app.command("pause")
def pause(
    flow_id: FlowId,
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Stop at once and give up the phase that runs; it runs again on resume")
    ] = False,
    reason: Reason = None,
    expected: Expected = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Ask a running flow to stop at its next phase boundary or checkpoint."""

    async def work(here: Here) -> Flow:
        return await here.parts.orchestrator.pause(
            here.actor, flow_id, at_once=now, reason=reason, expected_version=expected
        )

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


class Command(StrEnum):
    """Commands that take a flow and a reason, and nothing else."""

    RESUME = "resume"
    SKIP = "skip"
    CANCEL = "cancel"
    DELETE = "delete"
    RESTORE = "restore"


_COMMANDS = {
    Command.RESUME: "Let a paused flow run on.",
    Command.SKIP: "Let a failed flow go on without the optional phase that failed; needs a reason.",
    Command.CANCEL: "End a live flow for good.",
    Command.DELETE: "Take a flow that has ended out of every list; nothing is erased.",
    Command.RESTORE: "Bring a deleted flow back into the lists.",
}


def _register(command: Command, summary: str) -> None:
    def run(
        flow_id: FlowId,
        *,
        reason: Reason = None,
        expected: Expected = None,
        as_: As = None,
        engagement: In = None,
        as_json: AsJson = False,
    ) -> None:
        async def work(here: Here) -> Flow:
            flow = await _method(here, command)(here.actor, flow_id, reason=reason, expected_version=expected)
            if command in {Command.RESUME, Command.SKIP}:
                await here.note_missing_worker()
            return flow

        print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)

    app.command(command.value, help=summary)(run)


def _method(here: Here, command: Command) -> Callable[..., Awaitable[Flow]]:
    orchestrator = here.parts.orchestrator
    return {
        Command.RESUME: orchestrator.resume,
        Command.SKIP: orchestrator.skip,
        Command.CANCEL: orchestrator.cancel,
        Command.DELETE: orchestrator.delete,
        Command.RESTORE: orchestrator.restore,
    }[command]


for _command, _summary in _COMMANDS.items():
    _register(_command, _summary)


app.command("bulk")(bulk.bulk)
app.command("job")(bulk.job)
app.command("jobs")(bulk.jobs)
