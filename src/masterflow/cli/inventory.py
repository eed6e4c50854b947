"""`masterflow inventory …`: what files hold, and the inventory made of them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from masterflow.config import Settings
from masterflow.errors import MasterflowError
from masterflow.flows.discovery.inspection import (
    InspectedColumn,
    InspectedReject,
    InspectedSheet,
    Inspection,
    inspect_file,
)

MAX_REJECTS_SHOWN = 20

inventory_app = typer.Typer(help="What files hold, and the inventory made of them.", no_args_is_help=True)


@inventory_app.callback()
def inventory() -> None:
    """What files hold, and the inventory made of them."""


@inventory_app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="An export: RVTools, CSV, Excel, JSON, a dependency table …")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with stable keys instead of tables.")] = False,
) -> None:
    """Show the sheets of a file and the field proposed for each column. Nothing is written."""
    try:
        inspection = inspect_file(file, max_bytes=Settings.from_environment().max_upload_bytes)
    except MasterflowError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(code=1) from error
    if as_json:
        typer.echo(inspection.model_dump_json(indent=2))
    else:
        show(inspection, Console())


def show(inspection: Inspection, console: Console) -> None:
    """Print a file's sheets, their columns, and what would be left out."""
    traits = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in inspection.traits.items())
    console.print(f"[bold]{escape(inspection.file)}[/bold] is read as {inspection.format}. {escape(traits)}")
    for sheet in inspection.sheets:
        console.print(columns_table(sheet))
    if inspection.rejects:
        console.print(rejects_table(inspection.rejects))
        left = inspection.reject_count - MAX_REJECTS_SHOWN
        if left > 0:
            console.print(f"… and {left} more; --json shows all.")


def columns_table(sheet: InspectedSheet) -> Table:
    """A sheet as a table with a line for each column."""
    header = f"header in row {sheet.header_row}" if sheet.header_row else "every record names its values"
    title = f"{escape(sheet.name)}: {sheet.rows} rows, {header}"
    table = Table("column", "field", "confidence", "unit", "reason", title=title, title_justify="left")
    for column in sheet.columns:
        table.add_row(*columns_row(column))
    return table


def columns_row(column: InspectedColumn) -> tuple[str, str, str, str, str]:
    """One column as it is printed; without a field it is kept as an attribute."""
    field = column.field or "[dim]kept as attribute[/dim]"
    confidence = f"{column.confidence:.2f}" + (" [yellow]ask[/yellow]" if column.needs_decision else "")
    return escape(" ".join(column.header.split())), field, confidence, column.unit or "", escape(column.reason)


def rejects_table(rejects: tuple[InspectedReject, ...]) -> Table:
    """What would be left out, with where it stands and what to do."""
    table = Table("sheet", "row", "column", "what is wrong", title="Not used", title_justify="left")
    for reject in rejects[:MAX_REJECTS_SHOWN]:
        row = str(reject.row) if reject.row else ""
        table.add_row(escape(reject.sheet or ""), row, escape(reject.column or ""), escape(reject.message))
    return table
