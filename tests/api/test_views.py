"""Saved views over HTTP."""

import httpx


async def test_a_view_is_kept_shown_and_deleted(
    lead: httpx.AsyncClient, approver: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    given = {"name": "Failed", "page": "flows", "query": "status=failed", "shared": True}
    made = await lead.post("/api/v1/views", json=given)
    assert (made.status_code, made.json()["mine"]) == (201, True)
    assert (await lead.post("/api/v1/views", json=given)).status_code == 409
    [seen] = (await approver.get("/api/v1/views", params={"page": "flows"})).json()["items"]
    assert seen == {**made.json(), "mine": False}
    path = f"/api/v1/views/{seen['id']}"
    assert (await approver.delete(path)).status_code == 403
    assert (await outsider.get("/api/v1/views")).json() == {"items": []}
    assert (await outsider.delete(path)).status_code == 404
    assert (await lead.delete(path)).status_code == 204
    assert (await lead.get("/api/v1/views")).json() == {"items": []}
    assert (await lead.post("/api/v1/views", json={**given, "query": "x" * 2001})).status_code == 422
    assert (await approver.post("/api/v1/views", json=given)).status_code == 403
