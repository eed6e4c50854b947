"""`masterflow inventory import` and `list`: files into the engagement, and the estate that was made of them."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Annotated
from uuid import uuid4

import typer

from masterflow.api.assets import AssetOut, AssetsOut
from masterflow.api.flows import FlowOut
from masterflow.api.imports import ImportOut
from masterflow.cli.acting import As, AsJson, Here, In, act, inventory_of
from masterflow.cli.asset_values import set_values, show_facets
from masterflow.cli.conflicts import conflicts_app
from masterflow.cli.graph import list_evidence, show_graph
from masterflow.cli.inventory import inventory_app
from masterflow.cli.memory import memory_app
from masterflow.cli.only import HELP, only_these
from masterflow.cli.output import print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.demo.story import content_of
from masterflow.errors import InvalidInput
from masterflow.flows.discovery.changes import Changes
from masterflow.flows.discovery.preview import previewed_changes
from masterflow.inventory.exporters.catalog import all_exporters, exporter_of
from masterflow.inventory.exporting import Exporter, Summary
from masterflow.inventory.imports.types import Import
from masterflow.inventory.queries import AssetFilter, AssetPage, AssetSort
from masterflow.inventory.types import Environment
from masterflow.orchestrator.types import Flow

inventory_app.add_typer(conflicts_app, name="conflicts")
inventory_app.add_typer(memory_app, name="memory")
inventory_app.command("facets")(show_facets)
inventory_app.command("set")(set_values)
inventory_app.command("graph")(show_graph)
inventory_app.command("evidence")(list_evidence)


@inventory_app.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="Exports: RVTools, CSV, Excel, JSON"),
    ],
    *,
    discover: Annotated[
        bool, typer.Option("--discover/--no-discover", help="Start a discovery of these files at once")
    ] = True,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only show what the files would change of the estate; nothing is kept")
    ] = False,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Upload files and start a discovery of them; its gates ask before anything is published."""
    if preview:
        _preview(files, as_=as_, engagement=engagement, as_json=as_json)
        return

    async def work(here: Here) -> tuple[list[Import], Flow | None]:
        inventory = inventory_of(here)
        found = [await inventory.import_(await inventory.upload(file.name, content_of(file))) for file in files]
        if not discover:
            return found, None
        config = {"imports": [str(one.id) for one in found]}
        flow = await here.parts.orchestrator.create_flow(here.actor, "discovery", config)
        await here.note_missing_worker()
        return found, flow

    imports, flow = act(work, as_=as_, engagement=engagement)
    if as_json:
        shown = [ImportOut.of(one).model_dump(mode="json") for one in imports]
        print_json({"imports": shown, "flow": FlowOut.of(flow).model_dump(mode="json") if flow else None})
        return
    print_table(("id", "file", "bytes"), [(i.id, i.file_name, i.size_bytes) for i in imports], empty="No file.")
    if flow is not None:
        say(f"Discovery {flow.flow_id} is started; follow it with `masterflow flow show {flow.flow_id}`.")


def _preview(files: list[Path], *, as_: str | None, engagement: str | None, as_json: bool) -> None:
    async def work(here: Here) -> Changes:
        limit = here.parts.settings.max_upload_bytes
        return await previewed_changes(here.parts.database, here.actor, files, max_bytes=limit)

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(found)
    else:
        print_changes(found)


def print_changes(found: Changes) -> None:
    """What would change of the estate: how much, which values, what is new and what goes."""
    say(found.told)
    if found.values:
        rows = [(one.asset, one.field, one.old or "", one.new or "") for one in found.values]
        print_table(("asset", "field", "now", "would be"), rows, empty="")
        counts = ", ".join(f"{name} {count:,}" for name, count in found.by_field.items())
        say(f"Changed assets by field: {counts}. The first {len(found.values):,} values are shown.")
    for label, names, count in (("New", found.added_names, found.added), ("Gone", found.gone_names, found.gone)):
        if names:
            say(f"{label}: {', '.join(names)}{f' and {count - len(names):,} more' if count > len(names) else ''}.")


@inventory_app.command("list")
def list_assets(
    *,
    search: Annotated[str | None, typer.Option("--search", help="Part of a name, host name or address")] = None,
    environment: Annotated[
        list[Environment] | None, typer.Option("--environment", help="Only this environment; may be repeated")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="KEY=VALUE", help=HELP)] = None,
    sort: Annotated[AssetSort, typer.Option("--sort", help="By what; with a minus the largest first")] = AssetSort.NAME,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LARGEST_PAGE, help="Rows at most")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Continue the list that gave it")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List the assets of the engagement, by name unless another order is asked for."""
    asked = only_these(only or [])
    asked = replace(asked, search=search or asked.search, environment=(*asked.environment, *(environment or ())))

    async def work(here: Here) -> AssetPage:
        return await inventory_of(here).assets(asked, sort=sort, cursor=cursor, limit=limit)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(AssetsOut(items=[AssetOut.of(asset) for asset in page.assets], cursor=page.cursor))
        return
    rows = [(a.name, a.asset_type, a.operating_system, a.cpu_cores, a.memory_mib, a.environment) for a in page.assets]
    print_table(("name", "type", "operating system", "vCPU", "memory, MiB", "environment"), rows, empty=NOTHING_YET)
    if page.cursor:
        say(f"More: --cursor {page.cursor}")


@inventory_app.command("export")
def export(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help="Which format; `formats` lists them")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="The file to write")],
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="KEY=VALUE",
            help=HELP,
        ),
    ] = None,
    lineage: Annotated[bool, typer.Option("--lineage", help="With the cell each value was read from (xlsx)")] = False,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Write the estate for another tool; what its format cannot carry is named with the reason."""
    exporter, asked = exporter_of(format_name), only_these(only or [])

    with whole_file(out) as file:
        work = _exporting(exporter, file, asked, lineage=lineage)
        summary = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(
            {
                "file": str(out),
                "written": summary.written,
                "left_out": [{"name": one.name, "reason": one.reason} for one in summary.left_out],
            }
        )
        return
    say(f"{summary.written:,} rows are written to {out}.")
    if summary.left_out:
        rows = [(one.name, one.reason) for one in summary.left_out[:MOST_LEFT_OUT]]
        print_table(("left out", "why"), rows, empty="")
        if len(summary.left_out) > MOST_LEFT_OUT:
            say(f"… and {len(summary.left_out) - MOST_LEFT_OUT:,} more; --json shows all.")


def _exporting(
    exporter: Exporter, file: IO[bytes], asked: AssetFilter, *, lineage: bool
) -> Callable[[Here], Awaitable[Summary]]:
    return lambda here: inventory_of(here).export(exporter, file, asked, lineage=lineage)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` only when it is written to its end.

    Raises:
        InvalidInput: it cannot be written there.
    """
    half = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with half.open("wb") as file:
            yield file
        half.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.", hint="Name another file.") from error
    finally:
        half.unlink(missing_ok=True)


@inventory_app.command("formats")
def list_formats() -> None:
    """List the formats in which the estate can be exported."""
    rows = [(one.name, one.title, one.file_name) for one in all_exporters()]
    print_table(("format", "what it is", "file"), rows, empty="")


MOST_LEFT_OUT = 50
NOTHING_YET = "The estate is empty: import files and approve their discovery."
