"""Relations of a CMDB, read by the approved columns."""

from collections.abc import Iterable, Sequence

from masterflow.analysis.dependencies.relations import RelationRow, Relations, columns_of, relations_of
from masterflow.errors import Place
from masterflow.flows.discovery.sources import Source
from masterflow.inventory.imports.packing import unpack_sheet
from masterflow.inventory.reading import Sheet


def read_relations(sources: Sequence[Source]) -> Relations:
    """The relations of sources whose columns are parent, type and child; others are passed over."""
    return relations_of(row for source in sources for row in _rows_of(source))


def relation_rows(file: str, sheet: Sheet, columns: tuple[int, int, int]) -> Iterable[RelationRow]:
    """The rows of a sheet; `columns` are the places of parent, type and child."""
    parent, kind, child = columns
    for row in sheet.rows:
        place = Place(file, sheet.name, row.number)
        yield RelationRow(place, row.cells[parent], row.cells[kind], row.cells[child])


def _rows_of(source: Source) -> Iterable[RelationRow]:
    fields = {column.index: column.field for column in source.columns}
    columns = columns_of([fields.get(index) for index in range(max(fields, default=-1) + 1)])
    return relation_rows(source.label, unpack_sheet(source.sheet), columns) if columns else ()
