"""Inventories of machines on their way from file to estate, as discovery takes them with every proposal accepted."""

import json
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from masterflow.analysis.estate.build import Estate, build_estate
from masterflow.analysis.estate.mapped import MappedColumn, MappedSheet
from masterflow.flows.discovery.inspection import proposal
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.reading import CellValue, FileRead, Sheet
from tests.inventory.makers import DATA, text_file

MACHINES = DATA / "machines"


def read_json(folder: Path, value: object, name: str = "upload.json") -> FileRead:
    """What is read of this value as a JSON file."""
    return open_file(text_file(folder, json.dumps(value), name=name))


def sheet_named(read: FileRead, name: str) -> Sheet:
    """The sheet of this name."""
    return next(sheet for sheet in read.sheets if sheet.name == name)


def rows(read: FileRead, name: str) -> list[dict[str, CellValue]]:
    """The filled cells of each row of a sheet, by header."""
    sheet = sheet_named(read, name)
    return [
        {header: cell for header, cell in zip(sheet.headers, row.cells, strict=True) if cell is not None}
        for row in sheet.rows
    ]


def mapped(path: Path) -> list[MappedSheet]:
    """The sheets of a file with every proposed column accepted."""
    importer = recognise(path)
    read = importer.reads(head_of(path))
    found = []
    for sheet in read.sheets:
        columns = (
            MappedColumn(match.header, index, match.field, match.unit)
            for index, match in enumerate(proposal(sheet, importer))
        )
        found.append(MappedSheet(read.file, read.format, sheet, tuple(columns)))
    return found


def fields(path: Path, sheet: str) -> dict[str, str]:
    """Header to proposed field, for the columns of a sheet that have one."""
    found = next(one for one in mapped(path) if one.sheet.name == sheet)
    return {column.header: column.field for column in found.columns if column.field}


def estate_of(*paths: Path) -> Estate:
    """The estate that these files make."""
    sheets: Sequence[MappedSheet] = [sheet for path in paths for sheet in mapped(path)]
    return build_estate(sheets, namespace=UUID(int=1))


def sheets_that_name_machines(path: Path) -> set[str]:
    """The sheets of which some row becomes a machine when it is read alone."""
    return {
        one.sheet.name
        for one in mapped(path)
        if (estate := build_estate([one], namespace=UUID(int=1))).assets or estate.hosts
    }
