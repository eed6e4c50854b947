"""A sheet whose columns have been given their meaning: what discovery hands over after its mapping gate."""

from dataclasses import dataclass

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
    """One sheet of one file with its approved columns. `source_kind` is "rvtools", "tabular" or an importer's name."""

    file: str
    source_kind: str
    sheet: Sheet
    columns: tuple[MappedColumn, ...]
