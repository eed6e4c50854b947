"""What every request passes before a route sees it."""

import json
from uuid import uuid4

import httpx
import pytest
import structlog
from fastapi import FastAPI

from masterflow.errors import NotFound
from tests.api.conftest import MAX_UPLOAD_BYTES, Connect
from tests.conftest import Cast

ENGAGEMENT = "Masterflow-Engagement"


async def test_without_a_token_nothing_under_api_answers(nobody: httpx.AsyncClient) -> None:
    for path in ("/api/v1/me", "/api/v1/nothing", "/api/", "/api/v1/flows/not-an-id"):
        answer = await nobody.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), path
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Basic bGVhZDpwdw==", "Bearer", "Bearer ", "Bearer mf_unknown", "mf_unknown"])
async def test_what_is_no_known_bearer_token_is_refused(nobody: httpx.AsyncClient, header: str) -> None:
    answer = await nobody.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401


async def test_nobody_is_refused_before_the_body_is_read(app: FastAPI) -> None:
    async def receive() -> dict[str, object]:
        raise AssertionError

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/flows", "headers": [], "query_string": b""}
    await app(scope, receive, send)
    assert sent[0]["status"] == 401


async def test_the_engagement_asked_for_is_verified(lead: httpx.AsyncClient, cast: Cast) -> None:
    mine = await lead.get("/api/v1/me", headers={ENGAGEMENT: str(cast.tenant.engagement_id)})
    assert mine.json()["engagement_id"] == str(cast.tenant.engagement_id)
    foreign = await lead.get("/api/v1/me", headers={ENGAGEMENT: str(cast.outsider.tenant.engagement_id)})
    unknown = await lead.get("/api/v1/me", headers={ENGAGEMENT: str(uuid4())})
    assert foreign.status_code == unknown.status_code == 401
    assert foreign.content == unknown.content


async def test_an_engagement_that_is_no_id_is_said(lead: httpx.AsyncClient, nobody: httpx.AsyncClient) -> None:
    answer = await lead.get("/api/v1/me", headers={ENGAGEMENT: "programme"})
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")
    assert "'programme'" in answer.json()["detail"]
    assert (await nobody.get("/api/v1/me", headers={ENGAGEMENT: "programme"})).status_code == 401


async def test_every_answer_of_the_api_is_locked_down(lead: httpx.AsyncClient, nobody: httpx.AsyncClient) -> None:
    for answer in (await lead.get("/api/v1/me"), await lead.get("/api/v1/nothing"), await nobody.get("/api/v1/me")):
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


async def test_a_request_keeps_the_callers_id_if_it_is_safe_to_log(lead: httpx.AsyncClient) -> None:
    given = await lead.get("/api/v1/me", headers={"Masterflow-Request-Id": "abc-123"})
    forged = await lead.get("/api/v1/me", headers={"Masterflow-Request-Id": "a b; c"})
    assert given.headers["masterflow-request-id"] == "abc-123"
    assert forged.headers["masterflow-request-id"] != "a b; c"


async def test_a_body_of_another_type_is_refused(lead: httpx.AsyncClient) -> None:
    answer = await lead.post("/api/v1/tokens", content=b"name=x", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "request.media_type")
    assert answer.json()["detail"] == "This route takes application/json, not text/plain."
    unnamed = await lead.post("/api/v1/tokens", content=b"{}")
    assert unnamed.status_code == 415
    form = await lead.post("/api/v1/tokens", files={"file": b"x"})
    assert form.status_code == 415
    workbook = await lead.post(f"/api/v1/gates/{uuid4()}/workbook", json={})
    assert workbook.status_code == 415


async def test_a_body_that_says_it_is_too_large_is_refused(lead: httpx.AsyncClient) -> None:
    content = b"x" * (MAX_UPLOAD_BYTES + 100_000)
    answer = await lead.post(f"/api/v1/gates/{uuid4()}/workbook", files={"file": content})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


async def test_a_body_that_hides_its_size_is_refused_when_it_passes_the_limit(lead: httpx.AsyncClient) -> None:
    async def endless():
        for _ in range(20):
            yield b'{"name": "' + b"x" * 1_000_000

    answer = await lead.post("/api/v1/tokens", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


async def test_an_error_nobody_foresaw_is_logged_once_and_not_told(
    app: FastAPI, connect: Connect, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(type(app.state.services.tenancy), "client", broken)
    lead = await connect(cast.lead)
    with structlog.testing.capture_logs() as logs:
        answer = await lead.get("/api/v1/clients", headers={"Masterflow-Request-Id": "abc"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["instance"] == "urn:masterflow:request:abc"
    assert answer.headers["content-type"] == "application/problem+json"
    told = [(line["event"], line["log_level"]) for line in logs]
    assert told == [("request broke", "error"), ("request", "info")]


async def test_an_error_after_the_first_byte_breaks_the_connection(app: FastAPI, cast: Cast) -> None:
    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    app.router.add_route("/half", lambda _: half)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://masterflow.test") as client:
        with pytest.raises(RuntimeError):
            await client.get("/half")


async def test_what_is_not_http_passes_through(app: FastAPI) -> None:
    async with app.router.lifespan_context(app):
        pass


async def test_a_refusal_says_what_to_do(lead: httpx.AsyncClient) -> None:
    missing = await lead.get("/api/v1/nothing")
    assert json.loads(missing.content) == {
        "type": "urn:masterflow:problem:not_found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no such route.",
        "code": "not_found",
        "hint": "See /openapi.json for what there is.",
    }
    wrong = await lead.put("/api/v1/me")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "request.method", "GET")


async def test_an_id_no_thing_can_have_reads_like_one_that_nothing_has(lead: httpx.AsyncClient) -> None:
    answer = await lead.delete("/api/v1/tokens/not-an-id")
    assert (answer.status_code, answer.json()["code"]) == (404, NotFound.code)


async def test_a_payload_that_does_not_fit_names_the_fields(lead: httpx.AsyncClient) -> None:
    answer = await lead.post("/api/v1/tokens", json={"name": "x", "days": 0, "token_hash": "ff"})
    assert (answer.status_code, answer.json()["code"]) == (422, "request.payload")
    assert {wrong["field"] for wrong in answer.json()["errors"]} == {"days", "token_hash"}


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe", b"[]", b"null", b"NaN", b'{"name": "\\ud800"}'])
async def test_a_payload_that_is_no_object_is_a_problem_of_the_caller(lead: httpx.AsyncClient, content: bytes) -> None:
    answer = await lead.post("/api/v1/tokens", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_query_that_does_not_fit_is_a_bad_request(lead: httpx.AsyncClient) -> None:
    for query in ("limit=0", "limit=201", "limit=x", "cursor=nonsense", "cursor=" + "x" * 500):
        answer = await lead.get(f"/api/v1/users?{query}")
        assert answer.status_code == 400, query
