"""One command on many flows over HTTP, a pause at once, and what a quota answers."""

import httpx
import psycopg
import pytest

from masterflow.db.urls import DatabaseUrls
from masterflow.testing import Kit
from tests.conftest import Cast


async def create(client: httpx.AsyncClient, name: str, **config: int) -> str:
    made = await client.post("/api/v1/flows", json={"flow_type": "toy", "config": config, "flow_name": name})
    flow_id: str = made.json()["flow_id"]
    return flow_id


async def test_a_dry_run_counts_and_an_order_is_a_job_that_tells_what_became_of_each_flow(
    lead: httpx.AsyncClient, kit: Kit, cast: Cast
) -> None:
    broken, waiting = [await create(lead, f"Rack {left}", left=left) for left in (-1, 1)]
    for flow_id in (broken, waiting):
        await kit.settled(cast.lead, flow_id)  # type: ignore[arg-type]
    order = {"command": "delete", "selection": {"name_contains": "rack"}, "reason": "a trial"}
    counted = await lead.post("/api/v1/flows/bulk", json=order | {"dry_run": True})
    assert counted.status_code == 200
    assert (counted.json()["selected"], counted.json()["would_move"]) == (2, 1)
    assert [flow["flow_id"] for flow in counted.json()["sample"]] == [broken]
    assert counted.json()["refusals"][0]["reason"].startswith("The flow is waiting for approval, so it cannot be del")
    ordered = await lead.post("/api/v1/flows/bulk", json=order)
    assert ordered.status_code == 202
    where = ordered.headers["Location"]
    assert (await lead.get(where)).json()["left"] == 2
    await kit.orchestrator.bulk.work()
    job = (await lead.get(where)).json()
    assert (job["status"], job["done"], job["refused"], job["left"]) == ("done", 1, 1, 0)
    assert job["ordered_by"] == cast.lead.email
    assert [one["id"] for one in (await lead.get("/api/v1/flows/bulk")).json()["items"]] == [job["id"]]
    page = (await lead.get(f"{where}/items", params={"limit": 1})).json()
    rest = (await lead.get(f"{where}/items", params={"limit": 1, "cursor": page["cursor"]})).json()
    assert [item["outcome"] for item in page["items"] + rest["items"]] == ["done", "refused"]
    refused = (await lead.get(f"{where}/items", params={"outcome": "refused"})).json()["items"]
    assert [item["flow_id"] for item in refused] == [waiting]
    assert (await lead.post(f"{where}/cancel")).status_code == 409


async def test_another_tenant_finds_no_job_and_no_flow(lead: httpx.AsyncClient, outsider: httpx.AsyncClient) -> None:
    flow_id = await create(lead, "Rack 1")
    order = {"command": "cancel", "selection": {"flow_ids": [flow_id]}}
    where = (await lead.post("/api/v1/flows/bulk", json=order)).headers["Location"]
    assert (await outsider.get(where)).status_code == 404
    assert (await outsider.get("/api/v1/flows/bulk")).json()["items"] == []
    counted = (await outsider.post("/api/v1/flows/bulk", json=order | {"dry_run": True})).json()
    assert (counted["would_move"], counted["refusals"][0]["reason"]) == (0, "There is no such flow.")


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"command": "approve", "selection": {"status": "failed"}}, 422),
        ({"command": "retry", "selection": {}}, 400),
        ({"command": "retry", "selection": {"flow_ids": ["00000000-0000-0000-0000-000000000000"] * 10_001}}, 422),
        ({"command": "retry", "selection": {"status": "failed", "everything": True}}, 422),
        ({"command": "retry", "selection": {"created_after": "2026-01-01T00:00:00"}}, 422),
        ({"command": "retry", "selection": {"status": "failed"}}, 400),
    ],
)
async def test_an_order_that_cannot_be_carried_out_is_refused(
    lead: httpx.AsyncClient, order: dict[str, object], status: int
) -> None:
    assert (await lead.post("/api/v1/flows/bulk", json=order)).status_code == status


async def test_a_job_is_cancelled(lead: httpx.AsyncClient) -> None:
    flow_id = await create(lead, "Rack 1")
    order = {"command": "cancel", "selection": {"flow_ids": [flow_id]}}
    where = (await lead.post("/api/v1/flows/bulk", json=order)).headers["Location"]
    cancelled = (await lead.post(f"{where}/cancel")).json()
    assert (cancelled["status"], cancelled["cancelled"]) == ("cancelled", 1)


async def test_a_pause_can_be_asked_for_at_once(lead: httpx.AsyncClient, kit: Kit) -> None:
    kit.runner.drain()  # flows are accepted and stay running
    flow_id = await create(lead, "Rack 1")
    paused = await lead.post(f"/api/v1/flows/{flow_id}/pause", json={"at_once": True, "reason": "now"})
    assert (paused.status_code, paused.json()["status"]) == (202, "paused")
    assert (await lead.post(f"/api/v1/flows/{flow_id}/pause", json={"at_once": "perhaps"})).status_code == 422


async def test_a_failure_names_its_class_and_the_request_that_started_the_run(
    lead: httpx.AsyncClient, kit: Kit, cast: Cast
) -> None:
    made = await lead.post(
        "/api/v1/flows",
        json={"flow_type": "toy", "config": {"left": -1}},
        headers={"Masterflow-Request-Id": "ticket-4711"},
    )
    await kit.settled(cast.lead, made.json()["flow_id"])
    error = (await lead.get(f"/api/v1/flows/{made.json()['flow_id']}")).json()["last_error"]
    assert (error["error_class"], error["correlation_id"]) == ("permanent", "ticket-4711")
    events = (await lead.get(f"/api/v1/flows/{made.json()['flow_id']}/history")).json()["items"]
    assert {event["data"]["correlation_id"] for event in events} == {"ticket-4711"}


async def test_more_than_a_quota_allows_is_answered_with_429_and_when_to_come_back(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient, urls: DatabaseUrls, cast: Cast
) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(
            "INSERT INTO client_quotas (client_account_id, created_per_hour, flows) VALUES (%s, 1, 2)",
            (cast.tenant.client_account_id,),
        )
    await create(lead, "first")
    refused = await lead.post("/api/v1/flows", json={"flow_type": "toy"})
    assert (refused.status_code, refused.json()["code"]) == (429, "quota.exceeded")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert (await outsider.post("/api/v1/flows", json={"flow_type": "toy"})).status_code == 201
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE client_quotas SET created_per_hour = 0, flows = 1")
    full = await lead.post("/api/v1/flows", json={"flow_type": "toy"})
    assert (full.status_code, "Retry-After" in full.headers) == (429, False)
