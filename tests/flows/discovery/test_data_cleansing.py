from collections.abc import Mapping, Sequence
from uuid import UUID

from masterflow.analysis.estate.build import EstateOptions
from masterflow.flows.discovery.data_cleansing import cleanse
from masterflow.flows.discovery.sources import Source
from masterflow.inventory.imports.packing import pack_sheet
from masterflow.inventory.imports.types import ApprovedColumn
from masterflow.inventory.reading import CellValue, RawRow, Sheet

RELATIONS = {"parent": "relation_parent", "type": "relation_type", "child": "relation_child"}
MEASURED = {"server": "hostname", "metric": "metric_name", "p95": "metric_p95"}


def source(label: str, fields: Mapping[str, str], *rows: Sequence[CellValue], kind: str = "tabular") -> Source:
    columns = tuple(
        ApprovedColumn(index=index, header=header, field=field, unit=None)
        for index, (header, field) in enumerate(fields.items())
    )
    raw = tuple(RawRow(number, tuple(cells)) for number, cells in enumerate(rows, 2))
    return Source(UUID(int=1), label, kind, pack_sheet(Sheet("csv", 1, tuple(fields), raw)), columns)


def test_relations_and_measurements_are_no_machines_and_only_what_fits_none_is_left_out() -> None:
    cleansed = cleanse(
        [
            source("servers.csv", {"Name": "hostname"}, ["db01"]),
            source("rel.csv", RELATIONS, ["App", "Runs on::Runs", "db01"], ["App", "Runs on::Runs", "nobody"]),
            source("use.csv", MEASURED, ["db01", "cpu_pct", 5], ["nobody", "cpu_pct", 5], ["db01", "cpu_pct", 500]),
        ],
        EstateOptions(),
    )
    assert cleansed.machines == 1
    assert {(r.place.file, r.place.row, r.code) for r in cleansed.rejects} == {
        ("rel.csv", 3, "row.unknown_end"),
        ("use.csv", 3, "row.unknown_machine"),
        ("use.csv", 4, "row.out_of_range"),
    }


def test_machines_of_files_that_are_published_already_are_no_strangers() -> None:
    use = source("use.csv", MEASURED, ["db01", "cpu_pct", 5], ["nobody", "cpu_pct", 5])
    servers = source("servers.csv", {"Name": "hostname"}, ["db01"])
    alone, together = cleanse([use], EstateOptions()), cleanse([use], EstateOptions(), [servers])
    assert [r.place.row for r in alone.rejects] == [2, 3]
    assert [r.place.row for r in together.rejects] == [3]
    assert together.machines == 0
