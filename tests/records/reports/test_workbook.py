import io
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from masterflow.inventory.harmless import ACTIVE_STARTS, harmless
from masterflow.inventory.types import Identity, IdentityScheme
from masterflow.records.reports import workbook
from masterflow.records.reports.sheets import SHEETS, Column, Value
from masterflow.records.reports.types import ProgrammeReport
from masterflow.records.reports.workbook import cell_content, write_workbook
from tests.records.reports.changes import changes, hostile
from tests.records.reports.sample import make_report

SMALL = make_report(12, 5)
LAST_SEEN = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
ACTIVE = ("=1+1", "+49 30", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")', "=cmd|'/c calc'!A0")


def read(report: ProgrammeReport) -> dict[str, list[list[object]]]:
    stream = io.BytesIO()
    write_workbook(report, stream)
    stream.seek(0)
    book = CalamineWorkbook.from_filelike(stream)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def test_every_row_comes_back_exactly() -> None:
    found = read(SMALL)
    for spec in SHEETS:
        head, *rows = found[spec.name]
        assert head == [column.header for column in spec.columns]
        expected = [
            [_as_read(value, column) for value, column in zip(row, spec.columns, strict=True)]
            for row in spec.rows(SMALL)
        ]
        assert rows == expected, spec.name


def _as_read(value: Value, column: Column) -> object:
    content = cell_content(value)
    if content is None or content == "":
        return ""
    if isinstance(content, int | float | Decimal):
        return round(float(content), 6) if column.is_share else float(content)
    if isinstance(content, datetime) and content.time() == time():
        return content.date()  # how the reader tells a moment at midnight
    return str(content) if isinstance(content, str) else content


def test_numbers_and_days_keep_their_kind() -> None:
    inventory = read(SMALL)["Inventory"]
    memory = inventory[0].index("Memory (MiB)")
    assert inventory[1][memory] == float(SMALL.assets[0].memory_mib or 0)
    cost = inventory[0].index("Annual cost")
    assert 1234.5 in [row[cost] for row in inventory[1:]]
    waves = read(SMALL)["Waves"]
    assert waves[1][waves[0].index("Start")] == date(2027, 1, 11)
    edges = read(SMALL)["Dependencies"]
    assert edges[1][edges[0].index("Last seen (UTC)")] == LAST_SEEN.replace(tzinfo=None)


def test_each_value_has_its_source() -> None:
    head, *rows = read(SMALL)["Lineage"]
    asset = SMALL.assets[0]
    fact = next(fact for fact in asset.facts if fact.field == "memory_mib")
    row = next(row for row in rows if row[0] == asset.name and row[1] == "memory_mib")
    told = dict(zip(head, row, strict=True))
    assert told["Value"] == fact.value
    assert (told["Unit"], told["Rule"], told["Chosen"]) == ("MiB", "as written", "yes")
    assert (told["File"], told["Sheet"], told["Row"], told["Column"]) == ("rvtools_estate.xlsx", "vInfo", 2.0, "Memory")
    assert len(rows) == sum(len(asset.facts) for asset in SMALL.assets)


@pytest.mark.parametrize("text", ACTIVE)
def test_text_that_could_act_is_disarmed(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert cell_content(text) == f"'{text}"


@pytest.mark.parametrize("text", ["a=b", "10.20.1.1", "#N/A", "1-2", "'quoted", ""])
def test_text_that_cannot_act_stays_as_it_is(text: str) -> None:
    assert cell_content(text) == text


@given(st.text())
def test_no_text_starts_like_a_formula(text: str) -> None:
    written = cell_content(text)
    assert isinstance(written, str)
    assert not written.startswith(ACTIVE_STARTS)


def test_no_cell_of_a_hostile_estate_is_a_formula_or_an_error(tmp_path: Path) -> None:
    texts = iter([*ACTIVE, "#REF!", "#N/A", "\x00\x1b=1", "ok"] * 10)
    assets = tuple(replace(asset, name=next(texts), hostname=next(texts)) for asset in SMALL.assets)
    write_workbook(replace(SMALL, assets=assets, client="=1+1"), tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds.isdisjoint({"f", "e"})
    names = [row[0] for row in book["Inventory"].iter_rows(min_row=2, values_only=True)]
    assert "'=1+1" in names
    assert "#REF!" in names or "#N/A" in names


def test_markup_and_forbidden_characters_are_only_text(tmp_path: Path) -> None:
    write_workbook(hostile(SMALL), tmp_path / "book.xlsx")
    name = load_workbook(tmp_path / "book.xlsx")["Inventory"]["A2"].value
    assert name.startswith("<script>alert(1)</script>")
    assert name.endswith("\ufffd\ufffd")


def test_moments_become_utc_and_odd_numbers_become_empty() -> None:
    berlin = timezone(timedelta(hours=1))
    assert cell_content(datetime(2026, 11, 23, 10, 0, tzinfo=berlin)) == datetime(
        2026, 11, 23, 9, 0, tzinfo=UTC
    ).replace(tzinfo=None)
    assert cell_content(float("nan")) is None
    assert cell_content(Decimal("Infinity")) is None
    assert cell_content(Decimal("1.25")) == Decimal("1.25")
    assert (cell_content(True), cell_content(False), cell_content(None)) == ("yes", "no", None)
    assert cell_content(date(2026, 11, 23)) == date(2026, 11, 23)


def test_a_text_longer_than_a_cell_is_cut() -> None:
    written = cell_content("x" * 100_000)
    assert isinstance(written, str)
    assert len(written) == workbook.CELL_TEXT_MAX
    assert written.endswith("…")


def test_sheets_are_ready_to_work_with(tmp_path: Path) -> None:
    write_workbook(SMALL, tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    for spec in SHEETS:
        sheet = book[spec.name]
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        assert sheet["A1"].font.bold
        assert sheet.column_dimensions["A"].width == spec.columns[0].width
    waves = book["Waves"]
    assert next(cell for cell in waves[2] if cell.number_format == "0%").value == pytest.approx(
        SMALL.plan.waves[0].servers / SMALL.plan.waves[0].capacity_servers, abs=1e-6
    )
    assert book.properties.creator == "Masterflow"


def test_a_sheet_that_is_full_continues_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "DATA_ROWS_MAX", 5)
    found = read(SMALL)
    assert len(SMALL.assets) == 13
    assert [len(found[name]) for name in ("Inventory", "Inventory 2", "Inventory 3")] == [6, 6, 4]
    names = [row[0] for name in ("Inventory", "Inventory 2", "Inventory 3") for row in found[name][1:]]
    assert names == [asset.name for asset in SMALL.assets]


def test_a_sheet_that_is_exactly_full_does_not_continue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "DATA_ROWS_MAX", 13)
    assert "Inventory 2" not in read(SMALL)


def test_every_value_of_a_report_reaches_the_workbook() -> None:
    def rows(report: ProgrammeReport) -> list[list[object]]:
        return [list(row) for spec in SHEETS for row in spec.rows(report)]

    full = _with_everything(SMALL)
    before = rows(full)
    silent = [path for path, changed in changes(full) if rows(changed) == before]
    ignored = (
        ".assets[].virtual", ".assets[].vcenter_id", ".assessment.assessed_on",
        ".assessment.target", ".assessment.recommendations[].would_change[].facts", ".completeness.fields[].field",
        ".conflicts[].values[].unit", ".conflicts[].values[].field", ".conflicts[].values[].chosen",
        ".conflicts[].values[].confidence", ".assets[].facts[].confidence",
        ".plan.items[].wave", ".product_titles",
    )  # fmt: skip
    assert [path for path in silent if not path.startswith(ignored)] == []


def _with_everything(report: ProgrammeReport) -> ProgrammeReport:
    first = replace(
        report.assets[0], os_version="9.4", disk_capacity_mib=1, disk_count=2, mac_addresses=("00:50:56:00:00:01",),
        folder="/prod", technical_owner="t@example.com", department="IT", serial_number="S1", vendor="V", model="M",
        hypervisor="ESXi", cpu_max_pct=Decimal(88), cpu_p95_pct=Decimal(44), annual_cost=Decimal("12.50"),
        annual_cost_currency="EUR", identities=(Identity(IdentityScheme.VM_UUID, "u-1"),),
        attributes={"Backup tag": "gold"}, concerns=("snapshot",), business_owner="b@example.com",
    )  # fmt: skip
    application = replace(report.applications[0], attributes={"Code": "bil"}, variants=("BILLING",))
    return replace(
        report,
        assets=(first, *report.assets[1:]),
        applications=(application, *report.applications[1:]),
        plan_conflict=("Payroll is pinned twice.",),
    )


def test_a_bare_report_is_still_a_workbook() -> None:
    bare = replace(
        SMALL, assessment=None, plan=None, assets=(), applications=(), dependencies=(), conflicts=(), rejects=()
    )
    found = read(bare)
    assert list(found) == [spec.name for spec in SHEETS]
    assert all(len(found[name]) == 1 for name in found if name != "Summary")


def test_proposals_that_nobody_reviewed_are_named_in_the_summary() -> None:
    rows = read(make_report(12, 5, accepted_without_review=True))["Summary"]
    decisions = [row for row in rows if row[0] == "Decision"]
    assert all(row[2:4] == ["accepted without review", "nobody"] for row in decisions)
    assert len(decisions) == 4
