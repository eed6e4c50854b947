"""`masterflow quickstart`: one's own files through discovery, assessment and planning, in one command."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from masterflow.analysis.readiness import DEFAULT_TARGET, target_names
from masterflow.bootstrap import Masterflow, masterflow
from masterflow.cli.acting import remember, with_settings
from masterflow.cli.output import note, print_json
from masterflow.cli.telling import Accepting, Asking, print_ending, somebody_is_there, why_stopped
from masterflow.config import Settings
from masterflow.demo.cast import fresh_engagement
from masterflow.demo.documents import Documents, write_documents
from masterflow.demo.story import Ending, Plot, Story
from masterflow.errors import InvalidInput, Unavailable
from masterflow.records.reports.summary import figures_as_json
from masterflow.tenancy.operator import LOCAL_CLIENT
from masterflow.tenancy.types import Principal

POOL_SIZE = 10

Out = Annotated[
    Path, typer.Option("--out", file_okay=False, help="Folder for the report, the workbook and the rejects")
]
AcceptProposals = Annotated[
    bool, typer.Option("--accept-proposals", help="Ask nothing: accept every proposal, and let the report say so")
]


def _known_target(name: str) -> str:
    if name not in target_names():
        raise typer.BadParameter(f"{name!r} is no target; use one of {', '.join(target_names())}.")
    return name


def quickstart(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="Exports: RVTools, CSV, Excel, JSON"),
    ],
    *,
    out: Out,
    accept_proposals: AcceptProposals = False,
    client: Annotated[str, typer.Option("--client", help="Whose estate it is; the report names it")] = LOCAL_CLIENT,
    target: Annotated[
        str,
        typer.Option("--target", callback=_known_target, help=f"Where the estate goes: {', '.join(target_names())}"),
    ] = DEFAULT_TARGET,
    move_date: Annotated[
        datetime | None, typer.Option("--move-date", formats=["%Y-%m-%d"], help="The day the move is expected")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON with stable keys")] = False,
) -> None:
    """Take your own files through discovery, assessment and planning, and write a report and a workbook."""
    if not accept_proposals and not somebody_is_there():
        raise InvalidInput(
            "There is nobody to ask: the input is no terminal.",
            hint="Add --accept-proposals to accept every proposal; the report then says 'accepted without review'.",
        )
    plot = Plot(
        title="Migration programme: first plan",
        files=tuple(files),
        target=target,
        move_date=move_date.date() if move_date else None,
    )
    audience = Accepting() if accept_proposals else Asking(out)

    async def work(parts: Masterflow) -> Ending:
        owner = await _owner(parts, client)
        remember(parts.settings, engagement=owner.tenant.engagement_id, user=owner.email, anew=True)
        return await Story(parts, owner, owner, audience).tell(plot)

    finish(in_a_story(work), out, as_json=as_json)


def in_a_story(work: Callable[[Masterflow], Awaitable[Ending]]) -> Ending:
    """Run `work` beside a worker, on the named database, the embedded one, or else one that is thrown away."""

    async def working(settings: Settings) -> Ending:
        async with _parts(settings) as parts, parts.working():
            return await work(parts)

    return with_settings(working)


def finish(ending: Ending, out: Path, *, as_json: bool) -> None:
    """Write the documents and print what came of it; exit code 1 when a flow could not go on."""
    documents = write_documents(ending.report, out, ending.to_correct) if ending.report else None
    if as_json:
        print_json(_as_json(ending, documents))
    else:
        print_ending(ending, documents)
    if ending.stopped is not None:
        raise typer.Exit(1)


def _as_json(ending: Ending, documents: Documents | None) -> dict[str, object]:
    return {
        "figures": figures_as_json(ending.report) if ending.report else None,
        "flows": [
            {"flow_id": str(flow.flow_id), "flow_type": flow.flow_type, "status": flow.status} for flow in ending.flows
        ],
        "stopped": why_stopped(ending.stopped) if ending.stopped else None,
        "report": str(documents.report) if documents else None,
        "workbook": str(documents.workbook) if documents else None,
        "rejects": str(documents.rejects) if documents and documents.rejects else None,
    }


async def _owner(parts: Masterflow, client: str) -> Principal:
    """The local owner, as the lead of an engagement of this run's own."""
    owner, _ = await parts.operator.local_owner()
    engagement = await fresh_engagement(parts.operator, client=client, purpose="Quickstart")
    await parts.operator.add_member(engagement.tenant, email=owner.email, role="lead")
    return await parts.operator.principal(engagement.tenant, owner.email)


@asynccontextmanager
async def _parts(settings: Settings) -> AsyncIterator[Masterflow]:
    async with AsyncExitStack() as stack:
        try:
            parts = await stack.enter_async_context(_joined(settings))
        except Unavailable as error:
            if not settings.database_is_embedded:
                raise
            note(f"{error.message} The database of this run is thrown away at its end; its documents stay.")
            thrown_away = settings.model_copy(update={"data_dir": stack.enter_context(_temporary_folder())})
            parts = await stack.enter_async_context(_joined(thrown_away))
        yield parts


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="masterflow-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database server may run as another user
        yield folder


def _joined(settings: Settings) -> AbstractAsyncContextManager[Masterflow]:
    return masterflow(settings, may_migrate=True, name="masterflow-quickstart", pool_size=POOL_SIZE)
