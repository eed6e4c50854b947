"""What an edit changed, as people read it."""

import pytest
from pydantic import BaseModel

from masterflow.orchestrator.gatekeeping.edits import json_edits, table_edits
from masterflow.orchestrator.gatekeeping.types import Edit
from masterflow.spec import Column, EditableTable


class Waves(BaseModel):
    waves: dict[str, int]


TABLE: EditableTable[Waves] = EditableTable(
    title="Waves",
    key="application",
    columns=(Column("application", "Application"), Column("wave", "Wave", editable=True), Column("note", "Note")),
    rows=lambda output: [{"application": name, "wave": wave, "note": wave} for name, wave in output.waves.items()],
    apply=lambda output, rows: output,
)


def test_a_table_tells_the_cells_that_a_person_edited() -> None:
    before, after = Waves(waves={"crm": 1, "erp": 2}), Waves(waves={"crm": 1, "erp": 5})
    assert table_edits(TABLE, before, after) == (Edit("Wave", 2, 5, "erp"),)
    assert table_edits(TABLE, before, before) == ()


def test_a_row_that_is_gone_reads_none() -> None:
    assert table_edits(TABLE, Waves(waves={"crm": 1}), Waves(waves={})) == (Edit("Wave", 1, None, "crm"),)


@pytest.mark.parametrize(
    ("before", "after", "edits"),
    [
        ({"a": 1}, {"a": 1}, ()),
        ({"a": 1}, {"a": 2}, (Edit("/a", 1, 2),)),
        ({"a": 1}, {}, (Edit("/a", 1, None),)),
        ({"a": {"b/c": [1, {"d~": 2}]}}, {"a": {"b/c": [1, {"d~": 3}]}}, (Edit("/a/b~1c/1/d~0", 2, 3),)),
        ({"a": [1]}, {"a": [1, 2]}, (Edit("/a", [1], [1, 2]),)),
        ({"a": 1}, {"a": True}, (Edit("/a", 1, True),)),
        ({"b": "x", "a": [1]}, {"b": "y", "a": {"x": 1}}, (Edit("/a", [1], {"x": 1}), Edit("/b", "x", "y"))),
    ],
)
def test_other_outputs_tell_the_places_that_differ(before: object, after: object, edits: tuple[Edit, ...]) -> None:
    assert json_edits(before, after) == edits
