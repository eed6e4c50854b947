"""A gate's table a page at a time, and what an edit of it would come to."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from masterflow.api.cells import CellEdits, cells_of
from masterflow.api.errors import problems
from masterflow.api.gates import EditOut
from masterflow.api.lists import FULL_PAGE, Cursor, Listed
from masterflow.api.parts import Actor, UseOrchestrator
from masterflow.api.shown import Shown
from masterflow.db.keyset import LONGEST_PAGE
from masterflow.orchestrator.cells import Chosen, ColumnKind
from masterflow.orchestrator.gatekeeping.types import TablePage
from masterflow.orchestrator.workbook import Cell


class TableColumnOut(Shown):
    """One column of a gate's table; `choices` are empty where anything may be written, `width` is in characters."""

    key: str
    header: str
    editable: bool
    choices: list[str]
    width: int
    kind: ColumnKind


class GateTableOut(Listed):
    """A part of a gate's table: rows by the keys of their columns. `key` is the column that identifies a row, `total`
    counts the rows that were asked for on all pages."""

    title: str
    key: str
    content_hash: str
    total: int
    columns: list[TableColumnOut]
    items: list[dict[str, Cell]]

    @classmethod
    def of(cls, page: TablePage) -> "GateTableOut":
        """A page as the API shows it."""
        return cls(
            title=page.title,
            key=page.key,
            content_hash=page.content_hash,
            total=page.total,
            columns=[TableColumnOut.of(column) for column in page.columns],
            items=list(page.rows),
            cursor=page.cursor,
        )


class EditProblemOut(Shown):
    """Why nobody could approve an edit: a stable code and a sentence; row and column where a cell is to blame."""

    row: str | None
    field: str | None
    code: str
    message: str


class GatePreviewOut(Shown):
    """What an edit would come to. Without problems an approval asks for `content_hash`; with them nobody could approve.

    `output` is computed anew as far as it can be; where a cell cannot be taken, it is the output as it was.
    """

    content_hash: str
    diff: list[EditOut]
    problems: list[EditProblemOut]
    summary: Mapping[str, Cell] | None
    output: Mapping[str, Any]


class PreviewIn(BaseModel):
    """Cells to try; with `content_hash` only on the content that was looked at."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"edits": []}})

    edits: CellEdits
    content_hash: str | None = Field(None, max_length=64, description="The content_hash that was read with the gate")


Search = Annotated[str | None, Query(max_length=200, description="Only rows that show this text, whatever its case")]
Decided = Annotated[
    bool | None,
    Query(description="true: only rows in which an editable cell is filled; false: only those in which none is"),
]
PageLimit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="How many rows the page may hold")]

router = APIRouter(prefix="/gates", tags=["gates"])


@router.get("/{gate_id}/table", response_model=GateTableOut, responses=problems(404, 409))
async def get_gate_table(
    gate_id: UUID,
    actor: Actor,
    orchestrator: UseOrchestrator,
    search: Search = None,
    only_editable_decided: Decided = None,
    cursor: Cursor = None,
    limit: PageLimit = FULL_PAGE,
) -> GateTableOut:
    """What a gate asks about as a table, a page at a time; only `editable` columns can be edited."""
    chosen = Chosen(search, only_editable_decided)
    return GateTableOut.of(await orchestrator.gate_table(actor, gate_id, chosen, cursor=cursor, limit=limit))


@router.post("/{gate_id}/preview", response_model=GatePreviewOut, responses=problems(404, 409, 422))
async def preview_gate(gate_id: UUID, given: PreviewIn, actor: Actor, orchestrator: UseOrchestrator) -> GatePreviewOut:
    """Try edits of a gate's table: what they would come to and what is against them; nothing is kept."""
    return GatePreviewOut.of(
        await orchestrator.preview_gate(actor, gate_id, cells_of(given.edits), content_hash=given.content_hash)
    )
