from collections.abc import Callable, Mapping, Sequence
from typing import cast
from uuid import UUID

from masterflow.analysis.estate.build import EstateOptions
from masterflow.flows.discovery import data_cleansing
from masterflow.flows.discovery.data_cleansing import Cleansed, cleanse
from masterflow.flows.discovery.sources import Source
from masterflow.inventory.imports.packing import pack_sheet
from masterflow.inventory.imports.types import ApprovedColumn
from masterflow.inventory.reading import CellValue, RawRow, Sheet
from masterflow.spec import PhaseContext

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


FLOWS = {"from": "source_ip_address", "to": "target_ip_address", "port": "target_port"}


class Computing:
    """A context that computes at once and keeps which files each call was given."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    async def compute(
        self, function: Callable[..., Cleansed], sources: Sequence[Source], *more: EstateOptions | Sequence[Source]
    ) -> Cleansed:
        self.calls.append([one.label for one in sources])
        return function(sources, *more)


async def test_inventories_and_connections_are_cleaned_side_by_side_with_the_same_result() -> None:
    sources = [
        source("flows.csv", FLOWS, ["10.0.0.1", "10.0.0.2", 443], ["10.0.0.1", "nowhere", "many"]),
        source("servers.csv", {"Name": "hostname", "IP": "ip_address"}, ["db01", "10.0.0.1"], ["db02", "no"]),
    ]
    ctx = Computing()
    found = await data_cleansing._cleansed(cast("PhaseContext", ctx), sources, EstateOptions(), [])
    assert ctx.calls == [["servers.csv"], ["flows.csv"]]
    assert found == cleanse(sources, EstateOptions())
    assert {reject.place.file for reject in found.rejects} == {"servers.csv", "flows.csv"}


async def test_nothing_is_computed_for_a_kind_of_file_that_is_not_there() -> None:
    ctx = Computing()
    servers = source("servers.csv", {"Name": "hostname"}, ["db01"])
    found = await data_cleansing._cleansed(cast("PhaseContext", ctx), [servers], EstateOptions(), [])
    assert ctx.calls == [["servers.csv"]]
    assert found.machines == 1
