"""Rows of dependency evidence, typed with and without a mapping."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from masterflow.errors import FileRejected
from masterflow.flows.discovery.flow_rows import flow_rows_of, read_flow_rows
from masterflow.flows.discovery.inspection import proposal
from masterflow.flows.discovery.sources import Source, tell_dependencies
from masterflow.inventory.files.connections import HEADERS
from masterflow.inventory.importers.catalog import all_importers, open_file
from masterflow.inventory.imports.packing import pack_sheet
from masterflow.inventory.imports.types import ApprovedColumn
from masterflow.inventory.reading import FileRead, RawRow, Sheet

ALL = (
    "web01", "10.0.0.1", "shop", "java", "db01", "10.0.0.2", "orders", "postgres", 5432, "tcp", 7, 100,
    datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), "connects to", 9,
)  # fmt: skip
READ = FileRead("aws_vpc_flow", (Sheet("connections", 0, HEADERS, (RawRow(3, ALL),)),), file="flow.log")


def test_every_column_of_the_readers_reaches_the_row() -> None:
    (row,) = flow_rows_of(READ).rows
    assert (row.source, row.source_hostname, row.source_application, row.source_process) == (
        "10.0.0.1",
        "web01",
        "shop",
        "java",
    )
    assert (row.target, row.target_hostname, row.target_application, row.target_process) == (
        "10.0.0.2",
        "db01",
        "orders",
        "postgres",
    )
    assert (row.port, row.protocol, row.connections, row.bytes_total) == (5432, "tcp", 7, 100)
    assert (row.first_seen, row.last_seen) == ALL[12:14]
    assert (row.oriented, row.origin, row.observations) == (True, "aws_vpc_flow", 9)
    assert (row.place.file, row.place.row) == ("flow.log", 3)


EVIDENCE_READERS = [
    importer for importer in all_importers() if importer.tells_dependencies and importer.name != "dependency_csv"
]  # the headers of the last are the file's own


@pytest.mark.parametrize("importer", EVIDENCE_READERS, ids=lambda importer: importer.name)
def test_a_mapped_sheet_gives_the_same_rows(importer) -> None:
    sheet = READ.sheets[0]
    matches = proposal(sheet, importer)
    assert {match.confidence for match in matches} == {1.0}
    columns = tuple(
        ApprovedColumn(index=index, header=match.header, field=match.field, unit=match.unit)
        for index, match in enumerate(matches)
    )
    assert tell_dependencies(importer.name, columns)
    source = Source(uuid4(), "flow.log", "aws_vpc_flow", pack_sheet(sheet), columns)
    assert read_flow_rows([source]) == flow_rows_of(READ)


def test_a_reader_of_machines_tells_no_dependencies() -> None:
    assert {importer.name for importer in all_importers() if not importer.tells_dependencies} >= {"rvtools", "tabular"}


def test_a_relation_that_was_concluded_from_ports_is_not_oriented() -> None:
    cells = (*ALL[:14], "talks with", 1)
    (row,) = flow_rows_of(FileRead("x", (Sheet("connections", 0, HEADERS, (RawRow(1, cells),)),))).rows
    assert not row.oriented


def test_rejects_of_the_reading_and_of_the_typing_are_both_named(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text('source,destination,port\n10.0.0.1,10.0.0.2,443\n10.0.0.1,10.0.0.2,many\n10.0.0.1,"10.0.0.2,80\n')
    typed = flow_rows_of(open_file(path))
    assert len(typed.rows) == 1
    assert [reject.code for reject in typed.rejects] == ["row.unclosed_quote", "dependency.not_a_number"]
    assert typed.rows[0].origin == "dependency_csv"


def test_a_sheet_of_machines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "servers.csv"
    path.write_text("name,ip\nweb01,10.0.0.1\nweb02,10.0.0.2\n")
    with pytest.raises(FileRejected, match="No sheet names both ends"):
        flow_rows_of(open_file(path))
