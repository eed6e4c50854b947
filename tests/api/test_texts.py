"""Text that the database cannot hold is refused before a route sees it, and the field is named."""

import httpx
import pytest

BAD = ["\\u0000", "half \\ud83d", "\\udc00"]


def fields(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (422, "request.text"), answer.text
    return [wrong["field"] for wrong in answer.json()["errors"]]


async def send(client: httpx.AsyncClient, path: str, body: str) -> httpx.Response:
    return await client.post(path, content=body.encode(), headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("bad", BAD)
async def test_a_body_is_refused_with_its_field(lead: httpx.AsyncClient, bad: str) -> None:
    name = f'{{"flow_type": "toy", "flow_name": "{bad}"}}'
    assert fields(await send(lead, "/api/v1/flows", name)) == ["flow_name"]
    deep = f'{{"flow_type": "toy", "config": {{"left": [1, "{bad}"]}}}}'
    assert fields(await send(lead, "/api/v1/flows", deep)) == ["config.left.1"]
    key = f'{{"flow_type": "toy", "config": {{"{bad}": 1}}}}'
    assert fields(await send(lead, "/api/v1/flows", key)) == [f"config.{bad}"]


@pytest.mark.parametrize("bad", BAD)
async def test_the_reason_of_a_command_is_refused(lead: httpx.AsyncClient, bad: str) -> None:
    flow = (await lead.post("/api/v1/flows", json={"flow_type": "toy", "start": False})).json()
    path = f"/api/v1/flows/{flow['flow_id']}/cancel"
    assert fields(await send(lead, path, f'{{"reason": "{bad}"}}')) == ["reason"]


@pytest.mark.parametrize("path", ["assets?search=", "applications?search=a", "flows?flow_type=", "assets?environment="])
async def test_a_query_parameter_is_refused_by_its_name(lead: httpx.AsyncClient, path: str) -> None:
    name = path.partition("?")[2].partition("=")[0]
    assert fields(await lead.get(f"/api/v1/{path}%00")) == [name]


async def test_the_fields_and_file_names_of_a_form_are_looked_at(lead: httpx.AsyncClient) -> None:
    path = "/api/v1/gates/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/workbook"
    upload = {"file": ("a.xlsx", b"PK", "application/octet-stream")}
    assert fields(await lead.post(path, files=upload, data={"reason": "no\x00"})) == ["reason"]
    named = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\x00.csv"\r\n\r\nname\r\n--x--\r\n'
    sent = {"Content-Type": "multipart/form-data; boundary=x"}
    assert fields(await lead.post("/api/v1/imports", content=named, headers=sent)) == ["file"]


async def test_whole_characters_beyond_the_first_plane_are_text(lead: httpx.AsyncClient) -> None:
    answer = await send(lead, "/api/v1/flows", '{"flow_type": "toy", "flow_name": "\\ud83d\\ude80", "start": false}')
    assert (answer.status_code, answer.json()["flow_name"]) == (201, "🚀")


async def test_a_body_that_no_route_reads_is_not_read(lead: httpx.AsyncClient) -> None:
    sent = {"Content-Type": "application/json"}
    answer = await lead.request("GET", "/api/v1/me", content=b"{", headers=sent)
    assert answer.status_code == 200
