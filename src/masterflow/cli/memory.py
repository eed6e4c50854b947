"""`masterflow inventory memory …`: what people approved headers to mean, to look at and to forget."""

from typing import Annotated

import typer

from masterflow.api.learned_headers import ForgottenOut, LearnedHeaderOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.output import print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.errors import InvalidInput
from masterflow.inventory.mapping_memory.service import MappingMemory, check_named
from masterflow.inventory.mapping_memory.types import LearnedHeader

memory_app = typer.Typer(help="What people approved headers to mean, for the next file.", no_args_is_help=True)

Source = Annotated[str | None, typer.Option("--source", metavar="KIND", help="Only of this kind of file: rvtools …")]


@memory_app.command("list")
def list_headers(*, source: Source = None, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """List what was learned of headers in all engagements of the client."""

    async def work(here: Here) -> list[LearnedHeader]:
        return await _all(MappingMemory(here.parts.database, here.actor), source)

    learned = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json({"items": [LearnedHeaderOut.of(one).model_dump(mode="json") for one in learned]})
        return
    rows = [
        (one.source_kind, one.layout.sheet, one.header, one.field or None, one.unit, one.accepted, one.overridden)
        for one in learned
    ]
    titles = ("kind of file", "sheet", "header", "field", "unit", "accepted", "overridden")
    print_table(titles, rows, empty="Nothing was learned yet: approve the columns of a discovery.")


@memory_app.command("forget")
def forget(
    *,
    source: Source = None,
    header: Annotated[
        str | None, typer.Option("--header", metavar="TEXT", help="Only this header, however it is written")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything; then nothing else is named")] = False,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Forget what was learned of one kind of file, of one header, or, with --all, everything."""
    try:
        check_named(source, header, everything=everything)
    except InvalidInput as refused:
        raise typer.BadParameter(str(refused), param_hint="--source, --header or --all") from refused

    async def work(here: Here) -> int:
        return await MappingMemory(here.parts.database, here.actor).forget(
            source=source, header=header, everything=everything
        )

    forgotten = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(ForgottenOut(forgotten=forgotten))
    else:
        say(f"{forgotten} learned meaning{'' if forgotten == 1 else 's'} forgotten.")


async def _all(memory: MappingMemory, source: str | None) -> list[LearnedHeader]:
    page = await memory.learned(source=source, limit=LARGEST_PAGE)
    found = list(page.items)
    while page.cursor is not None:
        page = await memory.learned(source=source, cursor=page.cursor, limit=LARGEST_PAGE)
        found += page.items
    return found
