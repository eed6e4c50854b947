"""`masterflow dependencies …`: who needs whom, by files of connections alone."""

import gc
import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from masterflow.cli.output import console
from masterflow.config import Settings
from masterflow.flows.discovery.dependency_inspection import (
    DependencyInspection,
    InspectedEdge,
    InspectedGroup,
    inspect_dependencies,
)

MOST_EDGES, MOST_GROUPS, MOST_REJECTS, MOST_NAMES = 20, 10, 10, 6
KIB = 1024

app = typer.Typer(help="Who needs whom, by flow tables, traces and socket lists.", no_args_is_help=True)


@app.callback()
def dependencies() -> None:
    """Who needs whom, by flow tables, traces and socket lists."""


@app.command()
def inspect(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Flow tables, traces, socket lists, relations of a CMDB")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with stable keys")] = False,
) -> None:
    """Show the graph that files of connections amount to, and what was set aside and why. Nothing is written."""
    gc.disable()  # rows are values without circles; walking millions of them takes a quarter of the time
    try:
        inspection = inspect_dependencies(files, max_bytes=Settings.from_environment().max_upload_bytes)
        if as_json:
            write_json(inspection)
        else:
            show(inspection, console())
    finally:
        gc.enable()


def write_json(inspection: DependencyInspection) -> None:
    """Print everything, without a copy of it as text: it may be a hundred megabytes."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.buffer.write(orjson.dumps(inspection, option=options, default=BaseModel.model_dump))
    sys.stdout.buffer.flush()


def show(inspection: DependencyInspection, out: Console) -> None:
    """Print counts, the strongest edges, what was set aside, and what belongs together."""
    for file in inspection.files:
        out.print(f"[bold]{escape(file.file)}[/bold] is read as {file.format}: {file.rows:,} rows.")
    hard = sum(edge.kind == "hard" for edge in inspection.edges)
    direction = (
        ", without direction" if inspection.undirected else f": {hard:,} hard, {len(inspection.edges) - hard:,} soft"
    )
    aside = sum(one.rows for one in inspection.set_aside)
    out.print(f"{len(inspection.nodes):,} nodes, {len(inspection.edges):,} edges{direction}; {aside:,} rows set aside.")
    if inspection.edges:
        out.print(edges_table(inspection))
    if inspection.set_aside:
        out.print(aside_table(inspection))
    groups_shown(inspection, out)
    rejects_shown(inspection, out)
    for note in inspection.notes:
        out.print(escape(note))


def edges_table(inspection: DependencyInspection) -> Table:
    """The strongest edges."""
    shown = inspection.edges[:MOST_EDGES]
    left = len(inspection.edges) - len(shown)
    title = f"Strongest edges ({left:,} more: --json)" if left else "Edges"
    columns = ("source", "target", "port", "kind", "weight", "confidence", "connections", "volume", "last seen, UTC")
    table = Table(*columns, title=title, title_justify="left")
    for column in (4, 5, 6, 7):
        table.columns[column].justify = "right"
    for edge in shown:
        table.add_row(*edge_row(edge))
    return table


def edge_row(edge: InspectedEdge) -> tuple[str, ...]:
    """One edge as it is printed; what no row tells stays empty."""
    port = "/".join(str(part) for part in (edge.port, edge.protocol) if part is not None)
    return (
        escape(edge.source),
        escape(edge.target),
        escape(port),
        edge.kind if edge.directed else "",
        f"{edge.weight:.1f}",
        f"{edge.confidence:.2f}",
        "" if edge.connections is None else f"{edge.connections:,}",
        "" if edge.bytes is None else volume(edge.bytes),
        "" if edge.last_seen is None else edge.last_seen.strftime("%Y-%m-%d %H:%M"),
    )


def volume(size: int) -> str:
    """Bytes in the unit people would say."""
    amount, units = float(size), ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while amount >= KIB and len(units) > 1:
        amount, units = amount / KIB, units[1:]
    return f"{amount:,.0f} bytes" if units[0] == "bytes" else f"{amount:,.1f} {units[0]}"


def aside_table(inspection: DependencyInspection) -> Table:
    """What gives no edge, the most frequent reason first."""
    table = Table("rows", "connections", "reason", "for example", title="Set aside", title_justify="left")
    table.columns[0].justify = table.columns[1].justify = "right"
    for one in sorted(inspection.set_aside, key=lambda found: (-found.rows, found.reason)):
        example = one.example
        port = f" port {example.port}" if example.port is not None else ""
        where = f"{example.source} → {example.target}{port} ({example.file}, row {example.row})"
        table.add_row(f"{one.rows:,}", f"{one.connections:,}", escape(one.message), escape(where))
    return table


def groups_shown(inspection: DependencyInspection, out: Console) -> None:
    """Print the circles, then the proposed applications."""
    kinds = {"move_group": "Move groups", "application_proposal": "Proposed to be one application"}
    for kind, title in kinds.items():
        found = [group for group in inspection.groups if group.kind == kind]
        if found:
            out.print(f"[bold]{title}[/bold]")
        for group in found[:MOST_GROUPS]:
            out.print(escape(group_line(group)), soft_wrap=True)
        if len(found) > MOST_GROUPS:
            out.print(f"… and {len(found) - MOST_GROUPS:,} more; --json shows all.")


def group_line(group: InspectedGroup) -> str:
    """One group in a line, with the first reason."""
    names = ", ".join(group.members[:MOST_NAMES])
    more = f" and {len(group.members) - MOST_NAMES:,} more" if len(group.members) > MOST_NAMES else ""
    whole = f"{names}{more}" + (f" → {group.application}" if group.application else "")
    sure = f" (confidence {group.confidence:.2f})" if group.confidence is not None else ""
    return f"  {whole}{sure}: {group.reasons[0]}"


def rejects_shown(inspection: DependencyInspection, out: Console) -> None:
    """Print the rows that could not be used."""
    if inspection.reject_count:
        out.print(f"[bold]Not used: {inspection.reject_count:,} rows[/bold]")
    for reject in inspection.rejects[:MOST_REJECTS]:
        column = f", column {reject.column}" if reject.column else ""
        out.print(escape(f"  {reject.file}, row {reject.row}{column}: {reject.message}"), soft_wrap=True)
    if inspection.reject_count > MOST_REJECTS:
        out.print(f"… and {inspection.reject_count - MOST_REJECTS:,} more; --json shows all.")
