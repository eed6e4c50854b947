"""What a flow waits for over HTTP, and the answer as values or as a file."""

import io
from uuid import UUID

import httpx
import openpyxl
import pytest

from masterflow.db.status import FlowStatus
from masterflow.testing import Kit
from tests.conftest import Cast


@pytest.fixture
async def path(kit: Kit, cast: Cast) -> str:
    """The input of a flow that waits for its right number."""
    flow = await kit.orchestrator.create_flow(cast.lead, "toy", {"right": None})
    await kit.settled(cast.lead, flow.flow_id)
    return f"/api/v1/flows/{flow.flow_id}/input"


async def status(kit: Kit, cast: Cast, path: str) -> FlowStatus:
    return (await kit.settled(cast.lead, UUID(path.split("/")[4]))).status


async def test_the_missing_fields_are_a_json_schema(path: str, lead: httpx.AsyncClient) -> None:
    asked = (await lead.get(path)).json()
    assert (asked["waits"], asked["code"], asked["also"]) == (True, "phase.input_missing", ["left"])
    [field] = asked["fields"]
    assert (field["field"], field["reasons"], field["type"]) == (
        "right",
        ["without it there is no sum"],
        "whole number",
    )
    assert asked["schema"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(asked["schema"]["properties"]) == ["right"]


async def test_values_are_checked_field_by_field(path: str, lead: httpx.AsyncClient, kit: Kit, cast: Cast) -> None:
    answer = await lead.post(path, json={"values": {"right": "x", "rigth": 2}})
    assert (answer.status_code, answer.json()["code"]) == (422, "input.rejected")
    assert [wrong["field"] for wrong in answer.json()["errors"]] == ["rigth", "right"]
    assert (await lead.post(path, json={"values": {"right": 2}})).status_code == 202
    assert await status(kit, cast, path) is FlowStatus.WAITING_FOR_APPROVAL
    assert not (await lead.get(path)).json()["waits"]


async def test_the_template_is_filled_in_and_sent_back(
    path: str, lead: httpx.AsyncClient, kit: Kit, cast: Cast
) -> None:
    template = await lead.get(f"{path}/template")
    assert template.headers["content-disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(template.content))
    book.worksheets[0]["E2"] = 5
    data = io.BytesIO()
    book.save(data)
    answer = await lead.post(f"{path}/file", files={"file": ("a.xlsx", data.getvalue())}, data={"reason": "counted"})
    assert (answer.status_code, answer.json()["config"]) == (202, {"left": 1, "right": 5})
    assert await status(kit, cast, path) is FlowStatus.WAITING_FOR_APPROVAL


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.txt", b"", 400), ("a.csv", b"", 400), ("a.csv", b"field,value\nrigth,1\n", 422), ("a.json", b"[]", 400)],
)
async def test_a_file_that_cannot_be_used_changes_nothing(
    path: str, lead: httpx.AsyncClient, kit: Kit, cast: Cast, name: str, content: bytes, code: int
) -> None:
    answer = await lead.post(f"{path}/file", files={"file": (name, content)})
    assert answer.status_code == code, answer.text
    assert await status(kit, cast, path) is FlowStatus.WAITING_FOR_INPUT


async def test_another_client_sees_and_answers_nothing(path: str, outsider: httpx.AsyncClient) -> None:
    for answer in (
        await outsider.get(path),
        await outsider.get(f"{path}/template"),
        await outsider.post(path, json={"values": {"right": 1}}),
        await outsider.post(f"{path}/file", files={"file": ("a.json", b'{"right": 1}')}),
    ):
        assert answer.status_code == 404
