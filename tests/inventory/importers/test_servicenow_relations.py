"""ServiceNow relations."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.importers.catalog import open_file, recognise
from tests.inventory.makers import DATA, text_file, workbook

REAL = DATA.parent / "estate" / "servicenow_cmdb_rel_ci.csv"
ROW = "Payroll,Depends on::Used by,Message Hub\n"


def mapped(path: Path) -> dict[str, str | None]:
    inspection = inspect_file(path)
    assert inspection.format == "servicenow_relations"
    return {column.header: column.field for column in inspection.sheets[0].columns if column.field}


def test_a_relation_without_parent_is_a_reject_and_the_others_are_kept() -> None:
    read = open_file(REAL)
    (sheet,) = read.sheets
    assert (len(sheet.rows), sheet.rows[-1].number) == (213, 215)
    (reject,) = read.rejects
    assert (reject.place.row, reject.place.column, reject.code) == (214, "parent", "relation.no_parent")
    assert "Name the configuration item" in reject.message
    assert mapped(REAL) == {"parent": "relation_parent", "type": "relation_type", "child": "relation_child"}


@pytest.mark.parametrize(
    ("header", "parent", "kind", "child"),
    [
        ("Parent,Type,Child", "Parent", "Type", "Child"),
        ("PARENT;TYPE;CHILD", "PARENT", "TYPE", "CHILD"),
        ("child.name,type.name,parent.name", "parent.name", "type.name", "child.name"),
    ],
)
def test_columns_go_by_labels_names_and_dotted_names(
    tmp_path: Path, header: str, parent: str, kind: str, child: str
) -> None:
    separator = ";" if ";" in header else ","
    row = separator.join(["Payroll", "Runs on::Runs", "web01"])
    path = text_file(tmp_path, f"{header}\n{row}\n{row}2\n")
    assert mapped(path) == {parent: "relation_parent", kind: "relation_type", child: "relation_child"}


def test_names_count_before_identifiers(tmp_path: Path) -> None:
    row = f"{'a' * 32},Payroll,Runs on::Runs,{'b' * 32},web01,{'c' * 32}"
    path = text_file(tmp_path, f"parent,parent.name,type.name,child,child.name,sys_id\n{row}\n")
    assert mapped(path) == {
        "parent.name": "relation_parent",
        "type.name": "relation_type",
        "child.name": "relation_child",
    }


def test_an_end_that_only_its_identifier_names_is_an_end(tmp_path: Path) -> None:
    header = "parent,parent.name,type.name,child,child.name\n"
    rows = f"{'a' * 32},,Runs on::Runs,{'b' * 32},web01\n,,Runs on::Runs,,web02\na,b,Runs on::Runs,,\n"
    read = open_file(text_file(tmp_path, header + rows))
    assert [row.number for row in read.sheets[0].rows] == [2]
    assert [(reject.place.row, reject.code) for reject in read.rejects] == [
        (3, "relation.no_parent"),
        (4, "relation.no_child"),
    ]


def test_a_relation_without_both_ends_names_both_columns(tmp_path: Path) -> None:
    read = open_file(text_file(tmp_path, "parent,type,child\n" + ROW + ",Runs on::Runs,\n"))
    (reject,) = read.rejects
    assert (reject.place.column, "no parent and child" in reject.message) == ("parent, child", True)


def test_when_no_relation_can_be_used_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r"None of the 2 rows could be used; the first: The relation has no parent"):
        open_file(text_file(tmp_path, "parent,type,child\n,Runs on::Runs,web01\n,Runs on::Runs,web02\n"))


def test_a_workbook_is_read_and_its_other_sheets_are_kept(tmp_path: Path) -> None:
    rows = [["Parent", "Type", "Child"], ["Payroll", "Runs on::Runs", "web01"]]
    read = open_file(workbook(tmp_path, {"Relations": rows, "Legend": [["word", "meaning"], ["Runs on", "x"]]}))
    assert (read.format, [sheet.name for sheet in read.sheets]) == ("servicenow_relations", ["Relations", "Legend"])


def test_an_answer_of_the_table_api_is_read(tmp_path: Path) -> None:
    items = [
        {"sys_id": "1", "parent": {"display_value": "Payroll", "link": "x"}, "type": "Runs on::Runs", "child": "web01"},
        {"sys_id": "2", "parent": {"link": "x", "value": "ff00"}, "type": {"value": "t"}, "child": {"value": "aa"}},
        {"sys_id": "3", "parent": "", "type": "Runs on::Runs", "child": "web01"},
    ]
    read = open_file(text_file(tmp_path, json.dumps({"result": items}), "rel.json"))
    assert (read.format, read.sheets[0].name) == ("servicenow_relations", "result")
    assert [row.cells[1:] for row in read.sheets[0].rows] == [
        ("Payroll", "Runs on::Runs", "web01"),
        ("ff00", "t", "aa"),
    ]
    assert [reject.place.row for reject in read.rejects] == [3]
    empty = {"result": [], "columns": {"sys_id": 1, "parent": 1, "type": 1, "child": 1}}
    with pytest.raises(FileRejected, match="There is no record in it"):
        open_file(text_file(tmp_path, json.dumps(empty), "none.json"))


def test_parents_and_children_of_another_kind_are_not_taken(tmp_path: Path) -> None:
    assert recognise(text_file(tmp_path, "parent,type,child,age,school\na,b,c,7,d\ne,f,g,8,h\n")).name == "tabular"
    assert recognise(text_file(tmp_path, "parent,child\na,b\nc,d\n")).name == "tabular"
    content = json.dumps([{"parent": "a", "child": "b", "kind": "c"}])
    assert recognise(text_file(tmp_path, content, "family.json")).name == "json_records"


def test_columns_alone_are_likely_relations(tmp_path: Path) -> None:
    path = text_file(tmp_path, "parent,type,child\nPayroll,needs,Message Hub\nPayroll,needs,web01\n")
    assert recognise(path).name == "servicenow_relations"
