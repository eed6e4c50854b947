"""A sheet whose columns have been given their meaning: what discovery hands over after its mapping gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from masterflow.inventory.reading import Sheet

RVTOOLS = "rvtools"


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column: `index` is its place in a row's cells, `field` the inventory field or None for "keep as attribute".

    `unit` is the unit of the numbers in the column ("MiB", "GB", "bytes"); None means the unit that the field implies.
    """

    header: str
    index: int
    field: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class MappedSheet:
    """One sheet of one file with its approved columns. `source_kind` is "rvtools", "tabular" or an importer's name.

    `by_field` finds the columns of an inventory field without going through all of them for every row.
    """

    file: str
    source_kind: str
    sheet: Sheet
    columns: tuple[MappedColumn, ...]
    by_field: Mapping[str, tuple[MappedColumn, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[str, tuple[MappedColumn, ...]] = {}
        for column in self.columns:
            if column.field:
                found[column.field] = (*found.get(column.field, ()), column)
        object.__setattr__(self, "by_field", found)
