"""Dependency tables and their typed rows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from masterflow.errors import FileRejected, Place
from masterflow.flows.discovery.inspection import inspect_file, proposal
from masterflow.inventory.importers import dependency_csv
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.dependency_csv import (
    IMPORTER,
    DependencyRow,
    Endpoint,
    integer_of,
    moment_of,
    read_dependencies,
    unusable_rows,
)
from masterflow.inventory.reading import FileRead, RawRow, Reject, Sheet
from tests.inventory.makers import DATA, text_file, text_head, workbook

NAIVE = datetime(2026, 10, 20)  # noqa: DTZ001 - spreadsheets know no zone
HEADER = "source,destination,port,protocol,connections,bytes,first_seen,last_seen\n"
GOOD = "10.0.0.1,10.0.0.2,443,TCP,5,100,2026-10-20T18:13:01Z,2026-11-21T09:23:13+01:00\n"


def typed(folder: Path, content: str) -> tuple[list[DependencyRow], list[Reject]]:
    return read_dependencies(open_file(text_file(folder, content)))


def one(folder: Path, content: str) -> DependencyRow:
    rows, rejects = typed(folder, content)
    assert rejects == []
    return rows[0]


def test_a_flow_summary_is_typed(tmp_path: Path) -> None:
    assert one(tmp_path, HEADER + GOOD) == DependencyRow(
        place=Place("servers.csv", "csv", 2),
        source=Endpoint(address="10.0.0.1"),
        destination=Endpoint(address="10.0.0.2"),
        port=443,
        protocol="tcp",
        connections=5,
        bytes_total=100,
        first_seen=datetime(2026, 10, 20, 18, 13, 1, tzinfo=UTC),
        last_seen=datetime(2026, 11, 21, 8, 23, 13, tzinfo=UTC),
    )


def test_the_broken_rows_of_a_real_summary_are_rejected_with_their_reason() -> None:
    rows, rejects = read_dependencies(open_file(DATA / "netflow_summary_cut.csv"))
    assert len(rows) == 39
    assert [
        (reject.code, reject.place.column, reject.message.partition(";")[0], reject.value) for reject in rejects
    ] == [
        ("dependency.destination_not_address", "destination", "Destination is not an address", "10.20.11.999"),
        ("dependency.port_too_high", "port", "Port above 65535", "70000"),
        ("dependency.negative", "bytes", "Negative bytes", "-40"),
        (
            "dependency.times_reversed",
            "first_seen, last_seen",
            "First seen after last seen",
            "2026-11-21T09:23:13Z, 2026-10-20T18:13:01Z",
        ),
        ("dependency.no_destination", "destination", "No destination", ""),
        ("dependency.not_a_number", "port, connections", "Port and connections are not numbers", "http, many"),
    ]
    assert [reject.place.row for reject in rejects] == [41, 42, 43, 44, 45, 46]


def test_an_azure_migrate_export_names_machines_applications_and_processes() -> None:
    read = open_file(DATA / "azure_migrate_dependency_export.csv")
    assert read.format == "dependency_csv"
    rows, rejects = read_dependencies(read)
    assert (len(rows), rejects) == (5, [])
    assert rows[0].source == Endpoint(host="app1-server", application="App1", process="svchost.exe")
    assert rows[0].destination == Endpoint(
        address="10.0.0.2", host="app2-server", application="App2", process="httpd.exe"
    )
    assert rows[0].first_seen == rows[0].last_seen == datetime(2025, 6, 14, tzinfo=UTC)


def test_an_azure_migrate_export_with_source_addresses_is_the_same(tmp_path: Path) -> None:
    header = "Source server name,Source IP,Destination server name,Destination IP,Destination port\n"
    row = one(tmp_path, header + "a,10.0.0.1,b,10.0.0.2,443\n")
    assert row.source == Endpoint(host="a", address="10.0.0.1")


@pytest.mark.parametrize(("number", "name"), [("6", "tcp"), ("17", "udp"), ("1", "icmp"), ("58", "icmp"), ("47", "47")])
def test_protocols_of_flow_logs_are_named(tmp_path: Path, number: str, name: str) -> None:
    assert one(tmp_path, f"srcaddr,dstaddr,dstport,protocol\n10.0.0.1,10.0.0.2,443,{number}\n").protocol == name


@pytest.mark.parametrize(
    ("ports", "asks", "port"),
    [
        ("443,55000", "10.0.0.2", 443),
        ("55000,443", "10.0.0.1", 443),
        ("443,32767", "10.0.0.1", 32767),
        ("32768,55000", "10.0.0.1", 55000),
        ("0,55000", "10.0.0.1", 55000),
        (",55000", "10.0.0.1", 55000),
        ("http,55000", "10.0.0.1", 55000),
        ("443,", "10.0.0.1", None),
    ],
)
def test_an_answer_is_turned_so_that_the_serving_end_is_the_destination(
    tmp_path: Path, ports: str, asks: str, port: int | None
) -> None:
    row = one(tmp_path, f"srcaddr,dstaddr,srcport,dstport\n10.0.0.1,10.0.0.2,{ports}\n")
    assert (row.source.address, row.port) == (asks, port)
    assert {row.source.address, row.destination.address} == {"10.0.0.1", "10.0.0.2"}


def test_a_list_of_applications_is_enough(tmp_path: Path) -> None:
    row = one(tmp_path, "source application,target application\nShop,ERP\n")
    assert (row.source, row.destination) == (Endpoint(application="Shop"), Endpoint(application="ERP"))
    assert (row.port, row.protocol, row.connections, row.bytes_total, row.first_seen) == (None, None, None, None, None)


@pytest.mark.parametrize(
    "header",
    [
        "src,dst,dport",
        "Source IP,Destination IP,Port",
        "srcaddr;dstaddr;dstport",
        "Client IP|Server Address|Server Port",
        "from\tto\tport",
    ],
)
def test_spelling_variants_are_recognised(tmp_path: Path, header: str) -> None:
    sign = next(sign for sign in ",;|\t" if sign in header)
    path = text_file(tmp_path, header + "\n" + sign.join(["10.0.0.1", "10.0.0.2", "443"]) + "\n")
    assert recognise(path).name == "dependency_csv"
    rows, _ = read_dependencies(open_file(path))
    assert (rows[0].source.address, rows[0].destination.address) == ("10.0.0.1", "10.0.0.2")


def test_hosts_and_addresses_may_be_mixed_but_broken_addresses_are_no_hosts(tmp_path: Path) -> None:
    rows, rejects = typed(tmp_path, "source,destination\nweb01,db01\n10.0.0.1,db02\nweb02,10.0.999.1\n")
    assert [(row.source.host, row.source.address) for row in rows] == [("web01", None), (None, "10.0.0.1")]
    assert [reject.code for reject in rejects] == ["dependency.destination_not_address"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",10.0.0.2,443,tcp,5,100,,", "no_source"),
        ("10.0.0.300,10.0.0.2,443,tcp,5,100,,", "source_not_address"),
        ("10.0.0.1,10.0.0.2,443,tcp,5,100,yesterday,", "not_a_time"),
        ("10.0.0.1,10.0.0.2,-1,tcp,-5,100,,", "negative"),
        ("10.0.0.1,10.0.0.2,443,tcp,5,much,,", "not_a_number"),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_the_others_are_kept(tmp_path: Path, row: str, code: str) -> None:
    rows, rejects = typed(tmp_path, HEADER + GOOD * 9 + row + "\n" + GOOD)
    assert len(rows) == 10
    assert [(reject.code, reject.place.row) for reject in rejects] == [(f"dependency.{code}", 11)]
    assert "Correct it and upload it again" in rejects[0].message


def test_tables_that_name_two_ends_for_another_reason_are_not_claimed(tmp_path: Path) -> None:
    moves = "source server,target server,wave,size,owner,region\na,b,1,m5,x,eu\n"
    assert recognise(text_file(tmp_path, moves)).name == "tabular"
    assert IMPORTER.recognises(text_head(tmp_path, "name,source\na,b\n")) == 0.0


def test_a_workbook_with_both_ends_can_be_typed_too(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, {"Flows": [["Source", "Destination", "Port"], ["web01", "db01", 5432.0], ["web01", "db01", 1.5]]}
    )
    rows, rejects = read_dependencies(open_file(path))
    assert (rows[0].port, [reject.code for reject in rejects]) == (5432, ["dependency.not_a_number"])


def test_a_file_without_both_ends_is_refused_with_the_next_step() -> None:
    read = FileRead("tabular", (Sheet("csv", 1, ("name", "ip"), (RawRow(2, ("a", "b")),)),), file="x.csv")
    with pytest.raises(
        FileRejected, match=r'x.csv: No sheet names both ends .*\(columns: name, ip\)\. Name the columns "source"'
    ):
        read_dependencies(read)
    with pytest.raises(FileRejected, match="columns: none"):
        read_dependencies(FileRead("tabular", (), file="x.csv"))


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,234", 1234),
        ("1.2E+06", 1200000),
        (7.0, 7),
        (7.5, None),
        (True, None),
        (None, None),
        ("x", None),
        ("-3", -3),
        ("٣", None),
    ],
)
def test_whole_numbers_are_read_as_people_and_excel_write_them(cell: object, number: int | None) -> None:
    assert integer_of(cell) == number


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-10-20T18:13:01Z", datetime(2026, 10, 20, 18, 13, 1, tzinfo=UTC)),
        ("2026-10-20 18:13", datetime(2026, 10, 20, 18, 13, tzinfo=UTC)),
        ("20.10.2026 18:13", datetime(2026, 10, 20, 18, 13, tzinfo=UTC)),
        ("2026/10/20", datetime(2026, 10, 20, tzinfo=UTC)),
        ("1792519981", datetime(2026, 10, 20, 18, 13, 1, tzinfo=UTC)),
        ("1792519981000", datetime(2026, 10, 20, 18, 13, 1, tzinfo=UTC)),
        (NAIVE, datetime(2026, 10, 20, tzinfo=UTC)),
        ("soon", None),
        ("99999999999999", None),
    ],
)
def test_moments_are_read_in_the_usual_ways(cell: object, moment: datetime | None) -> None:
    assert moment_of(cell) == moment


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (
            "ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt",
            "2026-11-20 10:00:00,2026-11-20 10:00:05,5,10.0.0.1,10.0.0.2,40001,443,TCP,S,5,900",
        ),
        (
            "IPV4_SRC_ADDR,L4_SRC_PORT,IPV4_DST_ADDR,L4_DST_PORT,PROTOCOL,IN_BYTES,FIRST_SWITCHED,LAST_SWITCHED",
            "10.0.0.1,40001,10.0.0.2,443,6,900,1795133304,1795133327",
        ),
        (
            "sourceIPv4Address,destinationIPv4Address,sourceTransportPort,destinationTransportPort,octetDeltaCount,proto",
            "10.0.0.2,10.0.0.1,443,40001,900,6",
        ),
    ],
)
def test_exports_of_flow_collectors_are_read(tmp_path: Path, header: str, line: str) -> None:
    row = one(tmp_path, f"{header}\n{line}\n")
    assert (row.source.address, row.destination.address, row.port) == ("10.0.0.1", "10.0.0.2", 443)
    assert (row.protocol, row.bytes_total) == ("tcp", 900)


def test_the_export_of_azure_migrate_may_name_the_source_address_too(tmp_path: Path) -> None:
    row = one(
        tmp_path,
        "Timeslot,Source server name,Source IP,Source application,Source process,Destination server name,"
        "Destination IP,Destination application,Destination process,Destination port\n"
        "2025-06-14 00:00,web01,10.0.0.1,Shop,nginx,db01,10.0.0.2,SQL,sqlservr.exe,1433\n",
    )
    assert row.source == Endpoint(address="10.0.0.1", host="web01", application="Shop", process="nginx")
    assert row.destination == Endpoint(address="10.0.0.2", host="db01", application="SQL", process="sqlservr.exe")
    assert (row.port, row.first_seen) == (1433, datetime(2025, 6, 14, tzinfo=UTC))


def test_the_window_of_a_flow_table_is_mapped_whatever_its_columns_are_called(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text("src_ip,dst_ip,dst_port,start_time,end_time\n10.0.0.1,10.0.0.2,443,2026-10-20,2026-10-21\n")
    fields = {column.header: column.field for column in inspect_file(path).sheets[0].columns}
    assert (fields["start_time"], fields["end_time"]) == ("first_discovered", "last_discovered")


def test_each_distinct_address_is_judged_once_and_each_number_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = open_file(text_file(tmp_path, HEADER.replace("source,dest", "source ip,dest") + GOOD * 1 + GOOD * 3))
    judged: list[str] = []
    numbers: list[object] = []
    is_address, integer = dependency_csv.is_address, dependency_csv.integer_of
    monkeypatch.setattr(dependency_csv, "is_address", lambda text: judged.append(text) or is_address(text))
    monkeypatch.setattr(dependency_csv, "integer_of", lambda cell: numbers.append(cell) or integer(cell))
    monkeypatch.setattr(dependency_csv.RowReader, "mostly_addresses", lambda *_: True)
    rows, rejects = read_dependencies(read)
    assert (len(rows), rejects) == (4, [])
    assert judged == ["10.0.0.1", "10.0.0.2"]
    assert len(numbers) == 4 * len(("port", "connections", "bytes"))


def test_cells_that_are_equal_and_read_otherwise_are_no_same_end() -> None:
    rows = tuple(RawRow(number, (cell, "db01")) for number, cell in enumerate((1, True, "1"), start=2))
    typed, _ = read_dependencies(FileRead("tabular", (Sheet("csv", 1, ("source", "destination"), rows),)))
    assert [row.source.host for row in typed] == ["1", "True", "1"]


def test_the_unusable_rows_are_those_that_the_typing_refuses() -> None:
    read = open_file(DATA / "netflow_summary_cut.csv")
    assert unusable_rows(read) == read_dependencies(read)[1] != []


def test_the_window_of_a_flow_table_is_known_by_its_usual_headers():
    for first, last in (("start_time", "end_time"), ("Start", "End"), ("flow_start", "flow_end"), ("ts", "te")):
        sheet = Sheet("csv", 1, ("src_ip", "dst_ip", "dst_port", first, last), ())
        proposed = {match.header: match.field for match in proposal(sheet, IMPORTER)}
        assert (proposed[first], proposed[last]) == ("first_discovered", "last_discovered")
