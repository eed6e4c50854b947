"""`masterflow flow bulk` and `masterflow flow job`: one command on many flows."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.bulk import BulkItemOut, BulkItemsOut, BulkJobOut, BulkJobsOut, PreviewOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.moments import FORMATS, in_utc
from masterflow.cli.output import note, print_fields, print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.bulk.service import MOST_FLOWS
from masterflow.orchestrator.bulk.types import BulkCommand, BulkJob, ItemOutcome, Preview, Selection

JobId = Annotated[UUID, typer.Argument(metavar="JOB", help="The job's id")]


def bulk(
    command: Annotated[BulkCommand, typer.Argument(metavar="COMMAND", help="What to do to each flow")],
    *,
    flows: Annotated[
        list[UUID] | None, typer.Option("--flow", metavar="FLOW", help="This flow; may be repeated")
    ] = None,
    flow_type: Annotated[str | None, typer.Option("--type", help="Only this flow type")] = None,
    status: Annotated[FlowStatus | None, typer.Option("--status", help="Only this status")] = None,
    after: Annotated[
        datetime | None, typer.Option("--created-after", formats=FORMATS, help="Only those created later (UTC)")
    ] = None,
    before: Annotated[
        datetime | None, typer.Option("--created-before", formats=FORMATS, help="Only those created earlier (UTC)")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Only those whose name contains this")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; kept in the history of each flow")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask after the count")] = False,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Give one command to many flows; shows how many first, and asks."""
    selection = Selection(
        flow_ids=tuple(flows) if flows else None,
        flow_type=flow_type,
        status=status,
        created_after=in_utc(after),
        created_before=in_utc(before),
        name_contains=name,
    )

    async def count(here: Here) -> Preview:
        return await here.parts.orchestrator.bulk.preview(here.actor, command, selection)

    async def order(here: Here) -> BulkJob:
        job = await here.parts.orchestrator.bulk.order(here.actor, command, selection, reason=reason)
        await here.note_missing_worker()
        return job

    preview = act(count, as_=as_, engagement=engagement)
    if dry_run or preview.would_move == 0:
        _print_preview(preview, as_json=as_json)
        return
    if not yes:
        _note_preview(preview)
        typer.confirm(f"{command.value.capitalize()} {preview.would_move:,} flows?", abort=True, err=True)
    _print_job(act(order, as_=as_, engagement=engagement), as_json=as_json)


def job(
    job_id: JobId,
    *,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="End it: flows that had their turn stay as they are")
    ] = False,
    items: Annotated[bool, typer.Option("--items", help="List what became of each flow")] = False,
    outcome: Annotated[ItemOutcome | None, typer.Option("--outcome", help="List only flows of this outcome")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Show how far a command on many flows is."""

    async def one(here: Here) -> BulkJob:
        jobs = here.parts.orchestrator.bulk
        return await (jobs.cancel(here.actor, job_id) if cancel else jobs.job(here.actor, job_id))

    async def listed(here: Here) -> BulkItemsOut:
        found = await here.parts.orchestrator.bulk.items(here.actor, job_id, outcome=outcome, limit=MOST_FLOWS)
        return BulkItemsOut(items=[BulkItemOut.of(item) for item in found], cursor=None)

    if not (items or outcome):
        _print_job(act(one, as_=as_, engagement=engagement), as_json=as_json)
        return
    page = act(listed, as_=as_, engagement=engagement)
    if as_json:
        print_json(page)
        return
    rows = [(item.position, item.flow_id, item.outcome, item.detail, item.at) for item in page.items]
    print_table(("#", "id", "outcome", "why not", "at (UTC)"), rows, empty="There is no such flow in this job.")


def jobs(*, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """List the last 200 commands on many flows that were ordered, newest first."""

    async def work(here: Here) -> BulkJobsOut:
        found = await here.parts.orchestrator.bulk.jobs(here.actor, limit=LARGEST_PAGE)
        return BulkJobsOut(items=[BulkJobOut.of(one) for one in found.items], cursor=found.cursor)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(page)
        return
    rows = [(one.id, one.command, one.status, one.items, one.done, one.left, one.created_at) for one in page.items]
    print_table(("id", "command", "status", "flows", "done", "left", "ordered (UTC)"), rows, empty="There is no job.")


def _print_preview(preview: Preview, *, as_json: bool) -> None:
    if as_json:
        print_json(PreviewOut.of(preview))
        return
    for sentence in _sentences(preview):
        say(sentence)


def _note_preview(preview: Preview) -> None:
    for sentence in _sentences(preview):
        note(sentence)


def _sentences(preview: Preview) -> list[str]:
    lines = [f"Selected: {preview.selected:,}. Would {preview.command.value}: {preview.would_move:,}."]
    lines += [f"Refused: {refusal.count:,}. {refusal.reason}" for refusal in preview.refusals]
    return lines


def _print_job(found: BulkJob, *, as_json: bool) -> None:
    shown = BulkJobOut.of(found)
    if as_json:
        print_json(shown)
        return
    names = ("id", "command", "status", "items", "done", "refused", "failed", "cancelled", "left")
    print_fields({name: getattr(shown, name) for name in names} | {"ordered by": shown.ordered_by})
