"""Gates over HTTP: the question, the workbook, the answer."""

import io
import json
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest

from masterflow.api.gates import XLSX
from masterflow.testing import Kit
from tests.conftest import Cast


@pytest.fixture
async def gate(kit: Kit, cast: Cast, lead: httpx.AsyncClient) -> dict[str, Any]:
    """An open gate of a flow that the lead started."""
    flow = (await lead.post("/api/v1/flows", json={"flow_type": "toy"})).json()
    await kit.settled(cast.lead, UUID(flow["flow_id"]))
    [found] = (await lead.get("/api/v1/gates", params={"flow_id": flow["flow_id"]})).json()["items"]
    return found


def edited(workbook: bytes, total: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    sheet = book.active
    header = next(row for row in sheet.iter_rows() if "Total" in [cell.value for cell in row])
    column = next(cell.column for cell in header if cell.value == "Total")
    sheet.cell(header[0].row + 1, column).value = total
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_a_gate_says_what_is_asked_about_which_output(gate: dict[str, Any], approver: httpx.AsyncClient) -> None:
    found = (await approver.get(f"/api/v1/gates/{gate['id']}")).json()
    assert (found["asks"], found["output"], found["status"]) == ("Is the sum right?", {"total": 3}, "open")
    assert gate == {key: value for key, value in found.items() if key != "output"}
    assert (found["has_workbook"], found["approver_roles"]) == (True, ["approver"])


async def test_an_approved_gate_moves_the_flow_on(
    gate: dict[str, Any], approver: httpx.AsyncClient, kit: Kit, cast: Cast
) -> None:
    path = f"/api/v1/gates/{gate['id']}"
    answer = await approver.post(f"{path}/decision", json={"verdict": "approve", "content_hash": gate["content_hash"]})
    assert (answer.status_code, answer.json()["current_phase"]) == (202, "double")
    closed = (await approver.get(path)).json()
    assert (closed["status"], closed["decided_by"]) == ("approved", "approver@home.example")
    assert (await approver.get("/api/v1/gates")).json()["items"] == []
    assert len((await approver.get("/api/v1/gates", params={"status": "approved"})).json()["items"]) == 1
    again = await approver.post(f"{path}/decision", json={"verdict": "approve"})
    assert again.status_code == 409


async def test_a_decision_on_other_content_is_refused(gate: dict[str, Any], approver: httpx.AsyncClient) -> None:
    answer = await approver.post(
        f"/api/v1/gates/{gate['id']}/decision", json={"verdict": "approve", "content_hash": "00" * 32}
    )
    assert answer.status_code == 409


async def test_a_rejection_needs_a_reason(gate: dict[str, Any], approver: httpx.AsyncClient) -> None:
    path = f"/api/v1/gates/{gate['id']}/decision"
    assert (await approver.post(path, json={"verdict": "reject"})).status_code == 400
    answer = await approver.post(path, json={"verdict": "reject", "reason": "It is four."})
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting_for_input")


async def test_an_edited_output_is_checked_before_it_counts(gate: dict[str, Any], approver: httpx.AsyncClient) -> None:
    path = f"/api/v1/gates/{gate['id']}/decision"
    for wrong in ({"total": 13}, {"total": 1001}, {"total": "x"}, {}):
        answer = await approver.post(path, json={"verdict": "approve", "edited_output": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "gate.edit_rejected"), wrong
        assert answer.json()["problems"], wrong
    right = await approver.post(path, json={"verdict": "approve", "edited_output": {"total": 4}})
    assert right.status_code == 202


async def test_a_workbook_goes_out_is_edited_and_comes_back(
    gate: dict[str, Any], approver: httpx.AsyncClient, kit: Kit, cast: Cast
) -> None:
    path = f"/api/v1/gates/{gate['id']}/workbook"
    workbook = await approver.get(path)
    assert workbook.headers["content-type"] == XLSX
    assert workbook.headers["content-disposition"].startswith("attachment")
    answer = await approver.post(path, files={"file": ("e.xlsx", edited(workbook.content, 21), XLSX)})
    assert answer.status_code == 202, answer.text
    await kit.settled(cast.lead, UUID(gate["flow_id"]))
    results = (await approver.get(f"/api/v1/flows/{gate['flow_id']}/results")).json()["items"]
    assert [(r["output"], r["edited"]) for r in results] == [({"total": 21}, True), ({"doubled": 42}, False)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"no workbook at all"])
async def test_what_is_no_workbook_is_said_and_changes_nothing(
    gate: dict[str, Any], approver: httpx.AsyncClient, content: bytes
) -> None:
    answer = await approver.post(f"/api/v1/gates/{gate['id']}/workbook", files={"file": ("e.xlsx", content, XLSX)})
    assert answer.status_code in {400, 422}, answer.text
    assert (await approver.get(f"/api/v1/gates/{gate['id']}")).json()["status"] == "open"


async def test_a_cell_that_cannot_be_accepted_is_named(gate: dict[str, Any], approver: httpx.AsyncClient) -> None:
    path = f"/api/v1/gates/{gate['id']}/workbook"
    workbook = (await approver.get(path)).content
    answer = await approver.post(path, files={"file": ("e.xlsx", edited(workbook, "many"), XLSX)})
    assert (answer.status_code, answer.json()["code"]) == (422, "gate.edit_rejected")
    assert "Total" in answer.json()["detail"]


async def test_who_is_no_approver_decides_nothing(gate: dict[str, Any], operator, connect, cast: Cast) -> None:
    await operator.add_member(cast.tenant, email="viewer@home.example", role="viewer")
    viewer = await connect(await operator.principal(cast.tenant, "viewer@home.example"))
    answer = await viewer.post(f"/api/v1/gates/{gate['id']}/decision", json={"verdict": "approve"})
    assert answer.status_code == 403


async def test_who_started_a_flow_does_not_approve_it_beside_others(
    gate: dict[str, Any], lead: httpx.AsyncClient
) -> None:
    answer = await lead.post(f"/api/v1/gates/{gate['id']}/decision", json={"verdict": "approve"})
    assert answer.status_code == 403


async def test_the_answers_to_a_gate_are_listed_with_what_was_edited(
    gate: dict[str, Any], approver: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    path = f"/api/v1/gates/{gate['id']}"
    assert (await approver.get(f"{path}/decisions")).json() == {"items": []}
    await approver.post(
        f"{path}/decision", json={"verdict": "approve", "edited_output": {"total": 4}, "reason": "four"}
    )
    [answer] = (await approver.get(f"{path}/decisions")).json()["items"]
    assert (answer["actor"], answer["verdict"], answer["reason"]) == ("approver@home.example", "approve", "four")
    assert answer["edits"] == [{"row": "sum", "field": "Total", "before": 3, "after": 4}]
    assert answer["shown_hash"] == gate["content_hash"] != answer["content_hash"]
    assert (await outsider.get(f"{path}/decisions")).status_code == 404


async def test_a_rejection_names_the_phase_it_leads_to(gate: dict[str, Any], approver: httpx.AsyncClient) -> None:
    path = f"/api/v1/gates/{gate['id']}/decision"
    wrong = await approver.post(path, json={"verdict": "reject", "reason": "no", "to": "double"})
    assert (wrong.status_code, "'double' is no phase" in wrong.json()["detail"]) == (400, True)
    answer = await approver.post(path, json={"verdict": "reject", "reason": "no", "to": "add"})
    assert (answer.status_code, answer.json()["status"], answer.json()["iteration"]) == (202, "running", 2)


async def test_an_inbox_shows_what_waits_for_whom(
    gate: dict[str, Any], approver: httpx.AsyncClient, lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    [mine] = (await approver.get("/api/v1/inbox")).json()["items"]
    assert (mine["gate"]["id"], mine["may_decide"], mine["why_not"]) == (gate["id"], True, None)
    assert (mine["gate"]["quorum"], mine["gate"]["approvals"], mine["gate"]["overdue"]) == (1, 0, False)
    assert mine["deciders"] == ["approver@home.example"]
    assert mine["age"].startswith("PT")
    [own] = (await lead.get("/api/v1/inbox", params={"view": "team"})).json()["items"]
    assert (own["may_decide"], "started this flow" in own["why_not"]) == (False, True)
    assert (await approver.get("/api/v1/inbox", params={"view": "history"})).json()["items"] == []
    assert (await approver.get("/api/v1/inbox", params={"view": "theirs"})).status_code == 400
    for view in ("mine", "team", "history"):
        assert (await outsider.get("/api/v1/inbox", params={"view": view})).json()["items"] == []


async def test_a_gate_shows_its_table_a_page_at_a_time(
    gate: dict[str, Any], approver: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    path = f"/api/v1/gates/{gate['id']}/table"
    page = (await approver.get(path)).json()
    assert page == {
        "title": "Sum",
        "key": "name",
        "content_hash": gate["content_hash"],
        "total": 1,
        "columns": [
            {"key": "name", "header": "Name", "editable": False, "choices": [], "width": 18, "kind": "text"},
            {"key": "total", "header": "Total", "editable": True, "choices": [], "width": 18, "kind": "number"},
        ],
        "items": [{"name": "sum", "total": 3}],
        "cursor": None,
    }
    assert (await approver.get(path, params={"search": "SU", "only_editable_decided": True})).json()["total"] == 1
    assert (await approver.get(path, params={"search": "nothing"})).json()["items"] == []
    assert (await approver.get(path, params={"cursor": "no"})).status_code == 400
    assert (await approver.get(path, params={"limit": 1001})).status_code == 400
    assert (await outsider.get(path)).status_code == 404


async def test_a_preview_says_what_an_edit_comes_to_and_keeps_nothing(
    gate: dict[str, Any], connect, operator, cast: Cast, outsider: httpx.AsyncClient
) -> None:
    await operator.add_member(cast.tenant, email="viewer@home.example", role="viewer")
    viewer = await connect(await operator.principal(cast.tenant, "viewer@home.example"))
    path = f"/api/v1/gates/{gate['id']}"
    given = {"edits": [{"row": "sum", "field": "total", "value": 4}], "content_hash": gate["content_hash"]}
    answer = await viewer.post(f"{path}/preview", json=given)
    assert (answer.status_code, answer.json()["problems"]) == (200, [])
    assert answer.json()["diff"] == [{"row": "sum", "field": "Total", "before": 3, "after": 4}]
    assert (answer.json()["output"], answer.json()["summary"]) == ({"total": 4}, None)
    assert answer.json()["content_hash"] != gate["content_hash"]
    assert (await viewer.get(path)).json()["output"] == {"total": 3}
    assert (await viewer.get(f"{path}/decisions")).json()["items"] == []
    assert (await outsider.post(f"{path}/preview", json=given)).status_code == 404
    other = await viewer.post(f"{path}/preview", json={**given, "content_hash": "00" * 32})
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("edit", "code", "row", "field"),
    [
        ({"row": "sum", "field": "total", "value": "many"}, "edit.refused", None, None),
        ({"row": "sum", "field": "total", "value": 1001}, "edit.refused", None, None),
        ({"row": "sum", "field": "total", "value": 13}, "thirteen", None, None),
        ({"row": "sum", "field": "name", "value": "other"}, "edit.not_editable", "sum", "name"),
        ({"row": "sum", "field": "colour", "value": "red"}, "edit.unknown_field", "sum", "colour"),
        ({"row": "none", "field": "total", "value": 1}, "edit.unknown_row", "none", "total"),
    ],
)
async def test_what_a_preview_objects_to_no_decision_takes(
    gate: dict[str, Any],
    approver: httpx.AsyncClient,
    edit: dict[str, Any],
    code: str,
    row: str | None,
    field: str | None,
) -> None:
    path = f"/api/v1/gates/{gate['id']}"
    answer = await approver.post(f"{path}/preview", json={"edits": [edit]})
    assert answer.status_code == 200, answer.text
    [problem] = answer.json()["problems"]
    assert (problem["code"], problem["row"], problem["field"]) == (code, row, field)
    refused = await approver.post(f"{path}/decision", json={"verdict": "approve", "edits": [edit]})
    assert (refused.status_code, refused.json()["problems"]) == (422, [problem["message"]])
    assert (await approver.get(path)).json()["status"] == "open"


async def test_a_decision_takes_the_cells_that_a_preview_took(
    gate: dict[str, Any], approver: httpx.AsyncClient, kit: Kit, cast: Cast
) -> None:
    path = f"/api/v1/gates/{gate['id']}"
    edits = [{"row": "sum", "field": "total", "value": 21}]
    preview = (await approver.post(f"{path}/preview", json={"edits": edits})).json()
    both = {"verdict": "approve", "edits": edits, "edited_output": {"total": 21}}
    assert (await approver.post(f"{path}/decision", json=both)).status_code == 422
    rejected = {"verdict": "reject", "reason": "no", "edits": edits}
    assert (await approver.post(f"{path}/decision", json=rejected)).status_code == 400
    answer = await approver.post(f"{path}/decision", json={"verdict": "approve", "edits": edits})
    assert answer.status_code == 202, answer.text
    [decision] = (await approver.get(f"{path}/decisions")).json()["items"]
    assert (decision["content_hash"], decision["edits"]) == (preview["content_hash"], preview["diff"])
    await kit.settled(cast.lead, UUID(gate["flow_id"]))
    results = (await approver.get(f"/api/v1/flows/{gate['flow_id']}/results")).json()["items"]
    assert [r["output"] for r in results] == [{"total": 21}, {"doubled": 42}]
    assert (await approver.post(f"{path}/preview", json={"edits": []})).status_code == 409


@pytest.mark.parametrize("value", [float("1e400"), 2**70, "x" * 40_000, [1], {"a": 1}])
async def test_a_cell_holds_a_text_a_number_a_truth_value_or_nothing(
    gate: dict[str, Any], approver: httpx.AsyncClient, value: object
) -> None:
    body = json.dumps({"edits": [{"row": "sum", "field": "total", "value": value}]}).replace("Infinity", "1e400")
    answer = await approver.post(
        f"/api/v1/gates/{gate['id']}/preview", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text


async def test_a_gate_says_which_phase_of_which_type_asks(gate: dict[str, Any], approver: httpx.AsyncClient) -> None:
    assert (gate["flow_type_title"], gate["phase_title"]) == ("Toy", "Add two numbers")
    assert (gate["phase_index"], gate["phase_count"]) == (0, 2)
    [item] = (await approver.get("/api/v1/inbox")).json()["items"]
    assert item["gate"] == gate
