"""Column matches as discovery proposes, shows and corrects them."""

import re
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from masterflow.analysis.mapping import Alternative
from masterflow.analysis.mapping.units import UNITS_OF_KIND
from masterflow.flows.discovery.shown import Frozen
from masterflow.inventory.fields import BY_NAME, squashed
from masterflow.inventory.imports.types import ApprovedColumn, ApprovedSheet
from masterflow.inventory.mapping_memory.types import Layout, Lesson
from masterflow.spec import Problem


class MatchedColumn(Frozen):
    """One column and the field it means; `field` None keeps it as an attribute. `index` is its place in a row, from 0.

    `confidence` is between 0 and 1. `needs_decision` asks for a person's eye: the proposal is not sure. `overrode` is
    the field that a person put another one in place of, "" where it was none; None where the proposal was left.
    `remembered`: people approved just this for the same header of the same layout before.
    """

    index: int
    header: str
    field: str | None
    unit: str | None
    confidence: float
    reason: str
    needs_decision: bool = False
    samples: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    overrode: str | None = None
    remembered: bool = False


class MatchedSheet(Frozen):
    """The columns of one sheet of one file; `source` names the kind of file.

    `layout` is what the sheet is remembered as.
    """

    import_id: UUID
    file: str
    sheet: str
    columns: tuple[MatchedColumn, ...]
    source: str = ""
    layout: Layout | None = None

    def lessons(self) -> tuple[Lesson, ...]:
        """What the approved columns teach for the next file."""
        layout = self.layout
        if layout is None:
            return ()
        return tuple(Lesson(layout, squashed(c.header), c.field or "", c.unit, c.overrode) for c in self.columns)

    def approved(self) -> ApprovedSheet:
        """What is kept with the import once a person has approved it."""
        return ApprovedSheet(
            self.sheet, tuple(ApprovedColumn(c.header, c.index, c.field, c.unit) for c in self.columns)
        )


def without_rivals(columns: Sequence[MatchedColumn]) -> tuple[MatchedColumn, ...]:
    """Where several columns would mean one field, the surest keeps it and a person is asked about the others."""
    best: dict[str, MatchedColumn] = {}
    for column in columns:
        if column.field is not None:
            best[column.field] = max(best.get(column.field, column), column, key=lambda c: c.confidence)
    return tuple(
        column
        if column.field is None or _unnumbered(best[column.field].header) == _unnumbered(column.header)
        else column.model_copy(
            update={
                "field": None,
                "unit": None,
                "needs_decision": True,
                "reason": f"may be {column.field}, but '{best[column.field].header}' is surer; kept as an attribute",
            }
        )
        for column in columns
    )


def problems_of(sheets: Sequence[MatchedSheet]) -> list[Problem]:
    """What is wrong with the columns of some sheets, each with the rows of the gate's table; empty when all is well."""
    found: list[Problem] = []
    for number, sheet in enumerate(sheets, 1):
        found += [problem for column in sheet.columns if (problem := _problem_of(sheet, column, number))]
        found += _used_twice(sheet, number)
    return found


def row_id(sheet_number: int, column: MatchedColumn) -> str:
    """What identifies a column of the sheet of this number, from 1, in the gate's table."""
    return f"{sheet_number}.{column.index}"


def _problem_of(sheet: MatchedSheet, column: MatchedColumn, number: int) -> Problem | None:
    place, rows = f"{sheet.file}, sheet {sheet.sheet}, column {column.header}", (row_id(number, column),)
    if column.field is None:
        return None
    field = BY_NAME.get(column.field)
    if field is None:
        said = f"{place}: there is no field '{column.field}'; choose one of the list or leave it empty"
        return Problem("mapping.no_such_field", said, "field", rows)
    units = UNITS_OF_KIND.get(field.kind, frozenset())
    if column.unit and column.unit not in units:
        known = f"choose one of {', '.join(sorted(units))}" if units else "leave the unit empty"
        said = f"{place}: {field.name} is not measured in '{column.unit}'; {known}"
        return Problem("mapping.wrong_unit", said, "unit", rows)
    return None


def _used_twice(sheet: MatchedSheet, number: int) -> list[Problem]:
    """A field means one column; the columns of a numbered series ("Network #1", "Network #2") share theirs."""
    users: dict[str, list[MatchedColumn]] = defaultdict(list)
    for column in sheet.columns:
        if column.field is not None:
            users[column.field].append(column)
    return [
        Problem(
            "mapping.field_twice",
            f"{sheet.file}, sheet {sheet.sheet}: columns {' and '.join(c.header for c in columns)} both mean "
            f"'{field}'; keep it for one and leave the others empty",
            "field",
            tuple(row_id(number, column) for column in columns),
        )
        for field, columns in users.items()
        if len({_unnumbered(column.header) for column in columns}) > 1
    ]


def _unnumbered(header: str) -> str:
    return re.sub(r"\d+", "n", header.casefold())
