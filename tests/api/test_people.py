"""Who am I, and clients, engagements, users and tokens over HTTP."""

from uuid import uuid4

import httpx
import pytest

from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.types import Principal
from tests.api.conftest import Connect
from tests.conftest import Cast


@pytest.fixture
async def admin(operator: LocalOperator, connect: Connect, cast: Cast) -> httpx.AsyncClient:
    await operator.add_member(cast.tenant, email="admin@home.example", role="client_admin")
    return await connect(await operator.principal(cast.tenant, "admin@home.example"))


async def test_the_caller_learns_what_is_allowed(lead: httpx.AsyncClient, cast: Cast) -> None:
    me = (await lead.get("/api/v1/me")).json()
    assert (me["email"], me["roles"]) == ("lead@home.example", ["lead"])
    assert "flows.run" in me["operations"]
    assert "client.manage" not in me["operations"]


async def test_the_caller_sees_the_own_client(lead: httpx.AsyncClient, outsider: httpx.AsyncClient) -> None:
    assert [c["name"] for c in (await lead.get("/api/v1/clients")).json()["items"]] == ["home"]
    assert [c["name"] for c in (await outsider.get("/api/v1/clients")).json()["items"]] == ["away"]


async def test_an_engagement_is_opened_and_listed(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/api/v1/engagements", json={"name": "second"})
    assert (made.status_code, made.json()["name"]) == (201, "second")
    listed = (await admin.get("/api/v1/engagements")).json()
    assert [e["name"] for e in listed["items"]] == ["programme", "second"]
    again = await admin.post("/api/v1/engagements", json={"name": "second"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_the_policy_of_self_approval_is_set(
    admin: httpx.AsyncClient, lead: httpx.AsyncClient, cast: Cast
) -> None:
    path = f"/api/v1/engagements/{cast.tenant.engagement_id}"
    assert (await admin.patch(path, json={"self_approval": False})).json()["self_approval"] is False
    assert (await lead.patch(path, json={"self_approval": True})).status_code == 403
    assert (await admin.patch(f"/api/v1/engagements/{uuid4()}", json={"self_approval": True})).status_code == 404


async def test_a_person_is_added_listed_and_removed(lead: httpx.AsyncClient) -> None:
    made = await lead.post("/api/v1/users", json={"email": "New@home.example", "name": "New", "role": "analyst"})
    assert (made.status_code, made.json()["roles"]) == (201, ["analyst"])
    first = (await lead.get("/api/v1/users?limit=2")).json()
    second = (await lead.get("/api/v1/users", params={"cursor": first["cursor"]})).json()
    emails = [u["email"] for u in first["items"] + second["items"]]
    assert sorted(emails) == ["approver@home.example", "lead@home.example", "new@home.example"]
    assert (await lead.delete(f"/api/v1/users/{made.json()['id']}")).status_code == 204
    assert (await lead.delete(f"/api/v1/users/{made.json()['id']}")).status_code == 404


async def test_an_unknown_role_is_refused_with_those_there_are(lead: httpx.AsyncClient) -> None:
    answer = await lead.post("/api/v1/users", json={"email": "x@home.example", "name": "X", "role": "boss"})
    assert answer.status_code == 422
    assert "'analyst'" in answer.json()["detail"]


async def test_a_token_is_shown_once_used_and_ended(
    lead: httpx.AsyncClient, nobody: httpx.AsyncClient, cast: Cast
) -> None:
    made = (await lead.post("/api/v1/tokens", json={"name": "job"})).json()
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    assert (await nobody.get("/api/v1/me", headers=bearer)).json()["user_id"] == str(cast.lead.user_id)
    listed = await lead.get("/api/v1/tokens")
    assert made["secret"] not in listed.text
    assert listed.json()["items"][-1]["name"] == "job"
    ended = await lead.delete(f"/api/v1/tokens/{made['token']['id']}")
    assert ended.json()["revoked_at"] is not None
    assert (await nobody.get("/api/v1/me", headers=bearer)).status_code == 401


async def test_server_owned_fields_cannot_be_set(lead: httpx.AsyncClient, cast: Cast) -> None:
    other = {"user_id": str(cast.approver.user_id), "engagement_id": None, "expires_at": "2099-01-01T00:00:00Z"}
    for field, value in other.items():
        answer = await lead.post("/api/v1/tokens", json={"name": "x", field: value})
        assert answer.status_code == 422, field


async def test_another_clients_things_read_like_none(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient, cast: Cast
) -> None:
    token = (await lead.post("/api/v1/tokens", json={"name": "job"})).json()["token"]["id"]
    for path, unknown in (
        (f"/api/v1/tokens/{token}", f"/api/v1/tokens/{uuid4()}"),
        (f"/api/v1/users/{cast.lead.user_id}", f"/api/v1/users/{uuid4()}"),
    ):
        theirs, none = await outsider.delete(path), await outsider.delete(unknown)
        assert (theirs.status_code, theirs.content) == (404, none.content)


async def test_a_token_for_the_whole_client_needs_the_engagement(
    operator: LocalOperator, nobody: httpx.AsyncClient, cast: Cast
) -> None:
    issued = await operator.create_token(cast.tenant, cast.lead.email, name="all", every_engagement=True)
    bearer = {"Authorization": f"Bearer {issued.secret}"}
    assert (await nobody.get("/api/v1/me", headers=bearer)).status_code == 401
    named = bearer | {"Masterflow-Engagement": str(cast.tenant.engagement_id)}
    assert (await nobody.get("/api/v1/me", headers=named)).status_code == 200


async def test_a_principal_without_roles_reads_nothing(connect: Connect, cast: Cast) -> None:
    stranger = Principal(user_id=cast.lead.user_id, email="x@x", tenant=cast.outsider.tenant, roles=frozenset())
    client = await connect(stranger)
    assert (await client.get("/api/v1/users")).status_code == 401
