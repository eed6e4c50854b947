"""Each format has the columns that its vendor documents, names what it cannot carry, and holds no active cell."""

import csv
import io
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from openpyxl import load_workbook

from masterflow.errors import ConfigurationInvalid, InvalidInput
from masterflow.inventory.exporters import azure_migrate, generic_xlsx
from masterflow.inventory.exporters.catalog import all_exporters, collected, exporter_of
from masterflow.inventory.exporting import (
    Exported,
    LeftOut,
    Need,
    Writer,
    cell_of,
    family_of,
    gib_of,
    listed,
    missing,
)
from masterflow.inventory.types import Application, ApplicationId
from tests.inventory.estates import server
from tests.inventory.exporters.journeys import DATA, written

WEB = replace(server("web"), disk_count=1, disk_capacity_mib=2048)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def one_row(name: str, exported: Exported) -> dict[str, str]:
    header, row = rows_of(written(name, [exported])[0])
    assert len(row) == len(header)
    return {key: value for key, value in zip(header, row, strict=True) if value}


def test_the_catalogue_holds_these_formats() -> None:
    names = ["aws_cmf", "aws_mgn", "azure_migrate", "csv", "google_migration_center", "konveyor", "xlsx"]
    assert [exporter.name for exporter in all_exporters()] == names
    with pytest.raises(InvalidInput, match=r"There is no export format 'pdf'.*csv"):
        exporter_of("pdf")
    with pytest.raises(ConfigurationInvalid, match='Two exporters are called "csv"'):
        collected([exporter_of("csv"), exporter_of("csv")])


@pytest.mark.parametrize(
    "call", [lambda w: w.asset(Exported(WEB)), lambda w: w.need(Need("a", "b")), lambda w: w.close()]
)
def test_a_writer_that_is_handed_what_it_does_not_carry_says_so(call) -> None:
    with pytest.raises(NotImplementedError):
        call(Writer())


def test_azure_has_the_columns_of_its_template() -> None:
    """The header of a file that follows Microsoft's template."""
    with (DATA / "azure_migrate_import.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == list(azure_migrate.HEADERS)


def test_azure_gets_whole_units_and_one_disk_only_where_there_is_one() -> None:
    row = one_row("azure_migrate", Exported(WEB))
    assert (row["*Server name"], row["*Cores"], row["*Memory (In MB)"]) == ("web", "2", "4096")
    assert (row["Number of disks"], row["Disk 1 size (In GB)"]) == ("1", "2")
    assert row["Server type"] == "Virtual"
    assert row["Storage in use (In GB)"] == "48.828125"
    assert "Disk 1 size (In GB)" not in one_row("azure_migrate", Exported(replace(WEB, disk_count=2)))


def test_azure_names_what_a_server_lacks_and_takes_20_000(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = replace(WEB, cpu_cores=None, operating_system=None)
    _, left_out = written("azure_migrate", [Exported(bare), Exported(WEB)])
    reason = "the format requires cores and an operating system, which no source states"
    assert left_out == [LeftOut("web", reason)]
    monkeypatch.setattr(azure_migrate, "MOST_SERVERS", 1)
    _, left_out = written("azure_migrate", [Exported(WEB), Exported(replace(WEB, name="second"))])
    assert [one.name for one in left_out] == ["second"]
    assert "takes 1 servers" in left_out[0].reason


def test_mgn_gets_what_it_knows_a_server_by() -> None:
    row = one_row("aws_mgn", Exported(WEB, ("Billing",)))
    assert row == {
        "mgn:app:name": "Billing",
        "mgn:server:user-provided-id": str(WEB.id),
        "mgn:server:platform": "Linux",
        "mgn:server:tag:Name": "web",
        "mgn:server:fqdn-for-action-framework": "web.example",
    }
    windows = replace(WEB, operating_system="Windows Server 2022")
    assert one_row("aws_mgn", Exported(windows))["mgn:server:platform"] == "Windows"


@pytest.mark.parametrize(
    ("name", "exported", "reason"),
    [
        ("aws_mgn", Exported(WEB, ("A", "B")), "MGN knows one application of a server, and it has 2"),
        ("aws_mgn", Exported(replace(WEB, fqdn=None)), "requires a fully qualified name"),
        ("aws_mgn", Exported(replace(WEB, operating_system="AIX 7.2")), "requires Windows or Linux"),
        ("aws_cmf", Exported(WEB, ("A", "B")), "one application for a server, and it has 2"),
        ("aws_cmf", Exported(WEB), "requires an application"),
        ("google_migration_center", Exported(replace(WEB, memory_mib=None)), "requires memory"),
    ],
)
def test_what_a_format_cannot_carry_is_left_out_with_the_reason(name: str, exported: Exported, reason: str) -> None:
    _, (left_out,) = written(name, [exported])
    assert reason in left_out.reason


def konveyor(*applications: Application, needs: tuple[Need, ...] = ()) -> tuple[list[dict[str, str]], list[str | None]]:
    target = io.BytesIO()
    writer = exporter_of("konveyor").opens(target)
    answers = [*map(writer.application, applications), *map(writer.need, needs)]
    writer.close()
    header, *rows = rows_of(target.getvalue())
    return [dict(zip(header, row, strict=True)) for row in rows], answers


def application(name: str, owner: str | None = None) -> Application:
    return Application(id=ApplicationId(UUID(int=1)), name=name, business_owner=owner)


def test_konveyor_gets_applications_and_then_who_needs_whom() -> None:
    rows, answers = konveyor(
        application("Shop", "Ann Ashe <ann@northwind.example>"),
        application("Ledger", "Finance"),
        needs=(Need("Shop", "Ledger"), Need("Shop", "Elsewhere")),
    )
    told = [{key: value for key, value in row.items() if value} for row in rows]
    assert told == [
        {"Record Type": "1", "Application Name": "Shop", "Owner": "Ann Ashe <ann@northwind.example>"},
        {"Record Type": "1", "Application Name": "Ledger", "Comments": "Owner: Finance"},
        {
            "Record Type": "2",
            "Application Name": "Shop",
            "Dependency": "Ledger",
            "Dependency Direction": "southbound",
        },
    ]
    assert answers == [None, None, None, "Shop needs Elsewhere, and one of them is not in the file"]
    assert "121 characters" in str(konveyor(application("x" * 121))[1][0])


def test_no_text_acts_as_a_formula() -> None:
    attack = '=HYPERLINK("http://x.example")'
    asset = replace(WEB, name=attack, business_owner="@SUM(A1)", department="-2+3")
    row = one_row("csv", Exported(asset, (attack,)))
    assert (row["Server name"], row["Business owner"], row["Department"]) == (f"'{attack}", "'@SUM(A1)", "'-2+3")
    content, _ = written("xlsx", [Exported(asset, (attack,))])
    cells = [cell for line in load_workbook(io.BytesIO(content))["inventory"].iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert f"'{attack}" in {cell.value for cell in cells}


def test_a_workbook_keeps_types_and_says_where_values_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generic_xlsx, "LONGEST_CELL", 20)
    content, _ = written("xlsx", [Exported(replace(WEB, department="a\x00\x0bb"))])
    book = load_workbook(io.BytesIO(content))
    header, row = book["inventory"].iter_rows(values_only=True)
    found = dict(zip(header, row, strict=True))
    assert (found["CPU cores"], found["Memory (MiB)"], found["Department"]) == (2, 4096, "a��b")
    assert found["Annual cost"] == float(Decimal("1234.56"))
    lines = list(book["lineage"].iter_rows(values_only=True))
    assert lines[1][1:8] == ("memory_mib", "4096", None, "yes", "estate.xlsx", "vInfo", 2)
    assert len(lines) == 1 + len(WEB.facts)


def test_a_full_sheet_is_followed_by_the_next() -> None:
    target = io.BytesIO()
    writer = generic_xlsx._Writer(target, most_rows=3)
    for _ in range(3):
        assert writer.asset(Exported(replace(WEB, facts=()))) is None
    writer.close()
    book = load_workbook(target)
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("inventory", 3), ("inventory 2", 2)]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_an_empty_estate_leaves_as_a_header(name: str) -> None:
    content, _ = written(name, [])
    if name == "csv":
        assert len(rows_of(content)) == 1
    else:
        assert load_workbook(io.BytesIO(content))["inventory"].max_row == 1


def test_values_are_written_exactly() -> None:
    assert [cell_of(value) for value in (None, True, False, 12, Decimal("1E+3"), ("a", "b"), "=1")] == [
        "", "yes", "no", "12", "1000", "a; b", "'=1",
    ]  # fmt: skip
    assert (gib_of(1), gib_of(None), gib_of(2048)) == (Decimal("0.0009765625"), None, 2)
    assert missing({"a": 1, "b": None, "c": ""}) == "the format requires b and c, which no source states"
    assert missing({"a": 0}) is None
    assert listed([LeftOut("web", "=why")]) == b"Name,Reason\r\nweb,'=why\r\n"
    assert [family_of(text) for text in ("Windows 10", "RHEL 8", "AIX", None)] == ["windows", "linux", None, None]
