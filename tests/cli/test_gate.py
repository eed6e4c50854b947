"""Files in, gates answered as asked and as a workbook, the estate out: from a shell, with a real worker in between."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest

from tests.cli.conftest import Shell

Settle = Callable[[str], None]


@pytest.fixture
def flow_id(ana: Shell, inventory_csv: Path, settle: Settle) -> str:
    """A discovery that waits at its first gate."""
    made = ana("inventory", "import", inventory_csv, "--json").json
    assert [one["file_name"] for one in made["imports"]] == ["servers.csv"]
    flow_id: str = made["flow"]["flow_id"]
    settle(flow_id)
    return flow_id


def the_gate(ana: Shell) -> str:
    [gate] = ana("gate", "list", "--json").json["items"]
    gate_id: str = gate["id"]
    return gate_id


def test_gates_are_answered_until_the_estate_is_published(ana: Shell, flow_id: str, settle: Settle) -> None:
    assert ana("inventory", "list").out == "The estate is empty: import files and approve their discovery.\n"
    assert ana("gate", "approve", the_gate(ana)).code == 0
    settle(flow_id)
    assert ana("gate", "approve", the_gate(ana), "--reason", "as seen", "--json").code == 0
    settle(flow_id)
    assert ana("flow", "show", flow_id, "--json").json["status"] == "completed"
    assert ana("gate", "list").out == "Nothing is asked.\n"
    assert {g["reason"] for g in ana("gate", "list", "--all", "--json").json["items"]} == {None, "as seen"}
    names = [a["name"] for a in ana("inventory", "list", "--json").json["items"]]
    assert names == ["db-01", "old-01", "web-01"]
    page = ana("inventory", "list", "--limit", "1", "--search", "01")
    assert "db-01" in page.out
    assert "More: --cursor " in page.out


def test_a_gate_is_shown_with_its_question(ana: Shell, flow_id: str) -> None:
    gate_id = the_gate(ana)
    shown = ana("gate", "show", gate_id).out
    assert "Are these column matches right?" in shown
    assert f"masterflow gate export {gate_id} FILE.xlsx" in shown
    assert ana("gate", "show", gate_id, "--json").json["flow_id"] == flow_id
    assert "Are these column matches right?" in ana("gate", "list", "--flow", flow_id).out


def test_an_edited_workbook_is_applied(ana: Shell, flow_id: str, settings: Path, settle: Settle) -> None:
    gate_id, file = the_gate(ana), settings / "gate.xlsx"
    assert f"--edited {file}" in ana("gate", "export", gate_id, file).out
    book = openpyxl.load_workbook(file)
    sheet = book.active
    header, column = next(
        (cell.row, cell.column) for row in sheet.iter_rows() for cell in row if cell.value in {"Field", "field"}
    )
    row = next(
        cell.row
        for line in sheet.iter_rows(min_row=header)
        for cell in line
        if str(cell.value).strip() == "Application"
    )
    sheet.cell(row, column).value = None
    book.save(file)
    assert ana("gate", "approve", gate_id, "--edited", file).code == 0
    settle(flow_id)
    output = ana("gate", "show", the_gate(ana), "--json").json["output"]
    assert output["application_count"] == 0


def test_a_workbook_that_is_none_changes_nothing(ana: Shell, flow_id: str, inventory_csv: Path) -> None:
    gate_id = the_gate(ana)
    ran = ana("gate", "approve", gate_id, "--edited", inventory_csv)
    assert (ran.code, "workbook" in ran.err) == (1, True)
    assert the_gate(ana) == gate_id


def test_a_rejection_needs_a_reason_and_is_kept(ana: Shell, flow_id: str) -> None:
    gate_id = the_gate(ana)
    assert ana("gate", "reject", gate_id).code == 2
    assert ana("gate", "reject", gate_id, "--reason", "The wrong file.").code == 0
    assert ana("gate", "show", gate_id, "--json").json["reason"] == "The wrong file."


def test_votes_due_times_and_edits_are_shown(ana: Shell, flow_id: str, settings: Path, settle: Settle) -> None:
    gate_id, file = the_gate(ana), settings / "gate.xlsx"
    assert "0 of 1" in ana("gate", "list", "--mine").out
    [mine] = ana("gate", "list", "--mine", "--json").json["items"]
    assert (mine["gate"]["id"], mine["may_decide"], mine["why_not"]) == (gate_id, True, None)
    assert ana("gate", "list", "--history").out == "Nothing is asked.\n"
    assert "due (UTC)" in ana("gate", "show", gate_id).out
    ana("gate", "export", gate_id, file)
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if str(cell.value).lower() == "field")
    before = sheet.cell(2, column).value
    sheet.cell(2, column).value = None
    book.save(file)
    assert ana("gate", "approve", gate_id, "--edited", file, "--content", "00" * 32).code == 1
    assert ana("gate", "approve", gate_id, "--edited", file, "--reason", "not that").code == 0
    [done] = ana("gate", "list", "--history", "--json").json["items"]
    [vote] = done["votes"]
    assert (vote["reason"], [(e["before"], e["after"]) for e in vote["edits"]]) == ("not that", [(before, None)])
    told = ana("gate", "show", gate_id)
    assert ("edited by" in told.out, "1 of 1" in told.out) == (True, True)
    assert len(ana("gate", "show", gate_id, "--json").json["decisions"]) == 1


def test_a_rejection_names_the_phase_it_leads_to(ana: Shell, flow_id: str) -> None:
    gate_id = the_gate(ana)
    assert "is no phase" in ana("gate", "reject", gate_id, "--reason", "no", "--to", "asset_inventory").err
    ran = ana("gate", "reject", gate_id, "--reason", "no", "--to", "data_import", "--json").json
    assert (ran["status"], ran["current_phase"]) == ("running", "data_import")


def test_an_unknown_gate_is_not_found(ana: Shell) -> None:
    assert "There is no such gate." in ana("gate", "show", uuid4()).err


def test_a_file_can_be_imported_without_a_discovery(ana: Shell, inventory_csv: Path) -> None:
    ran = ana("inventory", "import", inventory_csv, "--no-discover")
    assert "servers.csv" in ran.out
    assert ana("flow", "list").out == "There is no flow.\n"
    assert "is started" in ana("inventory", "import", inventory_csv).out


def test_a_gate_is_edited_by_cells_after_a_preview(ana: Shell, flow_id: str, settle: Settle) -> None:
    gate_id = the_gate(ana)
    shown = ana("gate", "table", gate_id, "--search", "application")
    assert (shown.code, "field*" in shown.out) == (0, True), shown.err
    page = ana("gate", "table", gate_id, "--limit", "1", "--json").json
    assert (len(page["items"]), page["key"]) == (1, "id")
    assert f"More: --cursor {page['cursor']}" in ana("gate", "table", gate_id, "--limit", "1").out
    assert ana("gate", "table", gate_id, "--search", "nothing of that").out.startswith("No row is like that.")
    row = ana("gate", "table", gate_id, "--decided", "--json").json["items"][0]["id"]
    wrong = ana("gate", "preview", gate_id, "--set", f"{row}:field=nothing", "--set", f"{row}:reason=so")
    assert (wrong.code, "edit.no_such_choice" in wrong.out, "edit.not_editable" in wrong.out) == (0, True, True)
    assert ana("gate", "preview", gate_id).out.startswith("Nothing would change.")
    cell = f"{row}:field=null"
    assert "Nothing is against it" in ana("gate", "preview", gate_id, "--set", cell).out
    assert ana("gate", "preview", gate_id, "--set", cell, "--json").json["diff"][0]["after"] is None
    assert "'field' sets no cell." in ana("gate", "preview", gate_id, "--set", "field").err
    assert ana("gate", "approve", gate_id, "--set", cell).code == 0
    settle(flow_id)
    assert {edit["row"] for edit in ana("gate", "show", gate_id, "--json").json["decisions"][0]["edits"]} == {row}


def test_an_approval_takes_a_workbook_or_cells(ana: Shell, settings: Path) -> None:
    file = settings / "gate.xlsx"
    file.write_bytes(b"")
    refused = ana("gate", "approve", uuid4(), "--edited", file, "--set", "a:b=c")
    assert (refused.code, "either --edited FILE or --set" in refused.err) == (1, True)
