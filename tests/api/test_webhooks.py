"""Webhooks over HTTP."""

from uuid import uuid4

import httpx
import pytest

URL = "https://hooks.example/in"


async def made(client: httpx.AsyncClient) -> str:
    answer = await client.post("/api/v1/webhooks", json={"url": URL, "kinds": ["flow_created"]})
    assert answer.status_code == 201, answer.text
    return answer.json()["webhook"]["id"]


async def test_a_secret_is_in_the_answer_that_makes_it_and_in_no_other(lead: httpx.AsyncClient) -> None:
    issued = (await lead.post("/api/v1/webhooks", json={"url": URL})).json()
    path = f"/api/v1/webhooks/{issued['webhook']['id']}"
    rotated = (await lead.post(f"{path}/rotate")).json()
    assert issued["secret"] != rotated["secret"]
    for answer in (
        await lead.get(path),
        await lead.get("/api/v1/webhooks"),
        await lead.patch(path, json={"kinds": []}),
    ):
        assert answer.status_code == 200
        assert "secret" not in answer.text


async def test_only_the_fields_that_are_named_change(lead: httpx.AsyncClient) -> None:
    path = f"/api/v1/webhooks/{await made(lead)}"
    changed = (await lead.patch(path, json={"active": False, "description": "why"})).json()
    assert (changed["active"], changed["description"], changed["kinds"], changed["url"]) == (
        *(False, "why", ["flow_created"], URL),
    )
    assert (await lead.patch(path, json={})).status_code == 400
    assert (await lead.patch(path, json={"secret": "x"})).status_code == 422
    assert (await lead.delete(path)).json()["id"] in path
    assert (await lead.get(path)).status_code == 404


@pytest.mark.parametrize(
    "url", ["http://hooks.example/", "https://127.0.0.1/", "https://169.254.169.254/", "https://0x7f.1/"]
)
async def test_a_url_into_the_network_is_refused(lead: httpx.AsyncClient, url: str) -> None:
    refused = await lead.post("/api/v1/webhooks", json={"url": url})
    assert (refused.status_code, refused.json()["code"]) == (400, "input.invalid")


async def test_a_test_is_a_delivery_that_can_be_replayed(lead: httpx.AsyncClient, outsider: httpx.AsyncClient) -> None:
    path = f"/api/v1/webhooks/{await made(lead)}"
    test = await lead.post(f"{path}/test")
    assert (test.status_code, test.json()["kind"], test.json()["event_id"]) == (202, "webhook.test", None)
    listed = (await lead.get(f"{path}/deliveries", params={"state": "pending"})).json()
    assert listed == {"items": [test.json()], "cursor": None}
    again = await lead.post(f"{path}/deliveries/{test.json()['id']}/replay")
    assert again.status_code == 202
    assert (await lead.post(f"{path}/deliveries/{uuid4()}/replay")).status_code == 404
    assert (await outsider.post(f"{path}/deliveries/{test.json()['id']}/replay")).status_code == 404
    count = await lead.post(f"{path}/replay", params={"after": "2026-01-01T00:00:00Z"})
    assert (count.status_code, count.json()) == (202, {"count": 0})
    assert (await lead.post(f"{path}/replay", params={"after": "2026-01-01T00:00:00"})).status_code == 400
