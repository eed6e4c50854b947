"""`masterflow gate table` and `preview`: a gate's table row by row, and what an edit of it would come to."""

import json
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.gate_tables import GatePreviewOut, GateTableOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.output import print_json, print_table, say
from masterflow.db.keyset import LONGEST_PAGE
from masterflow.errors import InvalidInput
from masterflow.orchestrator.cells import CellEdit, Chosen
from masterflow.orchestrator.gatekeeping.types import Preview, TablePage
from masterflow.orchestrator.workbook import Cell

GateId = Annotated[UUID, typer.Argument(metavar="GATE", help="The gate's id")]
Cells = Annotated[
    list[str],
    typer.Option(
        "--set", metavar="ROW:COLUMN=VALUE", help="A cell by its row's and its column's key; repeatable, JSON or text"
    ),
]


def table(
    gate_id: GateId,
    *,
    search: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Only rows that show this text")
    ] = None,
    decided: Annotated[
        bool | None,
        typer.Option("--decided/--undecided", help="Only rows with an editable cell that is filled, or with none"),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LONGEST_PAGE, help="Rows at most")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Continue the table that gave it")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Show what a gate asks about as a table; columns that can be edited are marked with a star."""

    async def work(here: Here) -> TablePage:
        chosen = Chosen(search, decided)
        return await here.parts.orchestrator.gate_table(here.actor, gate_id, chosen, cursor=cursor, limit=limit)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(GateTableOut.of(page))
        return
    headers = [f"{column.key}*" if column.editable else column.key for column in page.columns]
    rows = [[row.get(column.key) for column in page.columns] for row in page.rows]
    print_table(headers, rows, empty="No row is like that.")
    say(f"{len(page.rows)} of {page.total} rows.")
    if page.cursor:
        say(f"More: --cursor {page.cursor}")


def preview(
    gate_id: GateId,
    *,
    cells: Cells = [],  # noqa: B006 - typer's way of saying "may be repeated"
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Try edits of a gate's table: what would change, and what is against it; nothing is kept."""
    edits = cells_said(cells)

    async def work(here: Here) -> Preview:
        return await here.parts.orchestrator.preview_gate(here.actor, gate_id, edits)

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(GatePreviewOut.of(found))
        return
    changes = [(edit.row, edit.field, edit.before, edit.after) for edit in found.diff]
    print_table(("row", "column", "before", "after"), changes, empty="Nothing would change.")
    wrong = [(one.row, one.field, one.code, one.message) for one in found.problems]
    if wrong:
        print_table(("row", "column", "problem", "why"), wrong, empty="")
    else:
        say("Nothing is against it: approve with the same --set.")


def cells_said(said: Sequence[str]) -> list[CellEdit]:
    """The cells of `--set` options.

    Raises:
        InvalidInput: one names no row, column and value.
    """
    return [_cell(text) for text in said]


def _cell(text: str) -> CellEdit:
    place, equals, value = text.partition("=")
    row, colon, field = place.rpartition(":")
    if not (equals and colon and row and field):
        raise InvalidInput(f"'{text}' sets no cell.", hint="Write ROW:COLUMN=VALUE.")
    return CellEdit(row, field, _value(value))


def _value(text: str) -> Cell:
    """A number, a truth value or null as JSON writes them; anything else is a text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if value is None or isinstance(value, str | int | float) else text
