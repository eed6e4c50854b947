"""Imports with their approved columns, as what the estate is built from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

from masterflow.analysis.dependencies.relations import columns_of
from masterflow.analysis.estate.mapped import RVTOOLS, MappedColumn, MappedSheet
from masterflow.db.session import Session
from masterflow.inventory.importers.dependency_csv import names_both_ends, parts_of
from masterflow.inventory.imports.packing import PackedSheet, unpack_sheet
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import ApprovedColumn, ApprovedSheet, Import
from masterflow.inventory.reading import Sheet


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet on its way to the estate. `label` is the file's name, told apart from others of the same name."""

    import_id: UUID
    label: str
    format: str
    sheet: PackedSheet
    columns: tuple[ApprovedColumn, ...]

    @property
    def tells_dependencies(self) -> bool:
        """Whether the approved columns name both ends of a connection; then it adds nothing to the inventory."""
        return tell_dependencies(self.format, self.columns)

    def mapped(self) -> MappedSheet:
        """The sheet for the building of an estate."""
        columns = tuple(MappedColumn(c.header, c.index, c.field, c.unit) for c in self.columns)
        return MappedSheet(self.label, self.format, unpack_sheet(self.sheet), columns)

    def by_field(self) -> Sheet:
        """The sheet with the approved fields in place of its headers; columns without a field have no name."""
        sheet = unpack_sheet(self.sheet)
        names = {column.index: column.field or "" for column in self.columns}
        headers = tuple(names.get(index, "") for index in range(len(sheet.headers)))
        return Sheet(sheet.name, sheet.header_row, headers, sheet.rows)


def tell_dependencies(file_format: str, columns: Sequence[ApprovedColumn]) -> bool:
    """Whether columns name both ends of a connection."""
    return file_format != RVTOOLS and names_both_ends(parts_of([column.field or "" for column in columns]))


def tell_relations(columns: Sequence[ApprovedColumn]) -> bool:
    """Whether columns name two things and how they stand to each other, as the relations of a CMDB do."""
    return columns_of([column.field for column in columns]) is not None


async def sources_of(
    session: Session, imports: Sequence[Import], *, only_dependencies: bool = False
) -> tuple[Source, ...]:
    """Every sheet of some imports whose columns a person approved, or only those that tell who needs whom."""
    labels = labels_of(imports)
    found: list[Source] = []
    for one in imports:
        approved = {
            sheet.sheet: sheet
            for sheet in one.mapping or ()
            if not only_dependencies
            or tell_dependencies(one.format or "", sheet.columns)
            or tell_relations(sheet.columns)
        }
        sheets = await ImportStore(session).sheets(one, names=approved)
        found += [_source(one, labels, sheet, approved[sheet.name]) for sheet in sheets]
    return tuple(found)


def standing_imports(
    published: Sequence[Import], own: Sequence[Import], replaces: Iterable[UUID]
) -> tuple[list[Import], list[Import]]:
    """The imports that the estate is built from, oldest first, and those that a flow's `own` files stand for."""
    ids, names, named = {one.id for one in own}, {one.file_name.casefold() for one in own}, set(replaces)
    others = [one for one in published if one.id not in ids]
    replaced = [one for one in others if one.file_name.casefold() in names or one.id in named]
    kept = [one for one in others if one not in replaced]
    return [*kept, *own], replaced


def labels_of(imports: Sequence[Import]) -> Mapping[UUID, str]:
    """The name of each file; the second and later ones of a name carry their number: "servers (2).csv"."""
    seen: Counter[str] = Counter()
    labels: dict[UUID, str] = {}
    for one in imports:
        seen[one.file_name.casefold()] += 1
        times, path = seen[one.file_name.casefold()], PurePath(one.file_name)
        labels[one.id] = one.file_name if times == 1 else f"{path.stem} ({times}){path.suffix}"
    return labels


def _source(one: Import, labels: Mapping[UUID, str], sheet: PackedSheet, approved: ApprovedSheet) -> Source:
    return Source(one.id, labels[one.id], one.format or "", sheet, approved.columns)
