"""Edits of single cells, as callers send them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from masterflow.api.inputs import storable
from masterflow.orchestrator.cells import CellEdit
from masterflow.orchestrator.workbook import LONGEST_CELL, Cell

MOST_EDITS = 100_000
LONGEST_KEY = 200  # characters of a row's or a column's key


def _kept(value: Cell) -> Cell:
    """A value that the database could keep, of a length that a workbook could."""
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        raise ValueError(f"a cell holds at most {LONGEST_CELL:,} characters")
    return storable(value)


CellValue = Annotated[Cell, AfterValidator(_kept)]


class CellEditIn(BaseModel):
    """One cell of a gate's table: the value of its row's key column, the key of its column, and what it shall hold."""

    model_config = ConfigDict(extra="forbid")

    row: str = Field(max_length=LONGEST_KEY)
    field: str = Field(max_length=LONGEST_KEY)
    value: CellValue = Field(description="null empties the cell")


CellEdits = Annotated[list[CellEditIn], Field(max_length=MOST_EDITS)]


def cells_of(edits: Sequence[CellEditIn]) -> list[CellEdit]:
    """The edits as the orchestrator takes them."""
    return [CellEdit(edit.row, edit.field, edit.value) for edit in edits]
