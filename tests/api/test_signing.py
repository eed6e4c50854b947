"""Signing in and out over HTTP: the cookie, the page behind the link, and what never shows."""

import logging
from dataclasses import replace

import httpx
import pytest
import structlog
from fastapi import FastAPI

from masterflow.api.app import create_app
from masterflow.api.limits import PER_ADDRESS
from masterflow.api.parts import Services
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.service import Tenancy
from tests.api.conftest import MAX_UPLOAD_BYTES, Connect
from tests.conftest import Cast

LOCAL = "masterflow_session"
SECURE = "__Host-masterflow"


@pytest.fixture
async def code(operator: LocalOperator, cast: Cast) -> str:
    return (await operator.sign_in_link(cast.tenant, cast.lead.email)).code


def on_loopback(app: FastAPI) -> FastAPI:
    """The same application as a server on this machine's own address has it."""
    given: Services = app.state.services
    return create_app(replace(given, on_loopback=True), max_upload_bytes=MAX_UPLOAD_BYTES)


def browser(app: FastAPI, url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url=url)


async def test_a_code_gives_a_cookie_that_no_script_and_no_other_site_can_use(
    nobody: httpx.AsyncClient, code: str, cast: Cast
) -> None:
    answer = await nobody.post("/api/v1/sign-in", json={"code": code})
    assert answer.status_code == 200
    name, _, rest = answer.headers["set-cookie"].partition("=")
    secret, *attributes = rest.split("; ")
    assert (name, secret[:4]) == (SECURE, "mfs_")
    assert set(attributes) == {"Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict", "Secure"}
    assert secret not in answer.text
    assert answer.json()["user_id"] == str(cast.lead.user_id)


async def test_a_signed_in_browser_learns_who_it_is_and_signs_out(app: FastAPI, code: str, cast: Cast) -> None:
    async with browser(app, "https://masterflow.test") as client:
        assert (await client.post("/api/v1/sign-in", json={"code": code})).status_code == 200
        me = (await client.get("/api/v1/me")).json()
        assert (me["email"], me["through"], me["kind"], me["client"]) == (cast.lead.email, "session", "person", "home")
        assert [e["name"] for e in me["engagements"]] == ["programme"]
        csrf = {"Masterflow-CSRF": me["csrf"]}
        [listed] = (await client.get("/api/v1/sessions")).json()["items"]
        assert (listed["current"], listed["state"], listed["browser"][:12]) == (True, "active", "python-httpx")
        secret = client.cookies[SECURE]
        left = await client.post("/api/v1/sign-out", headers=csrf)
        assert (left.status_code, "Max-Age=0" in left.headers["set-cookie"]) == (204, True)
        again = await client.get("/api/v1/me", headers={"Cookie": f"{SECURE}={secret}"})
        assert again.status_code == 401


async def test_the_cookie_without_tls_is_for_this_machine_alone(
    app: FastAPI, operator: LocalOperator, cast: Cast
) -> None:
    local = on_loopback(app)
    for served, url, name in (
        (local, "http://127.0.0.1:8700", LOCAL),
        (local, "http://localhost:8700", LOCAL),
        (local, "http://[::1]:8700", LOCAL),
        (local, "https://masterflow.test", SECURE),  # a proxy with TLS on the same machine
        (app, "http://127.0.0.1:8700", SECURE),
    ):
        link = await operator.sign_in_link(cast.tenant, cast.lead.email)
        async with browser(served, url) as client:
            answer = await client.post("/api/v1/sign-in", json={"code": link.code})
        set_cookie = answer.headers["set-cookie"]
        assert set_cookie.startswith(f"{name}="), url
        assert ("Secure" in set_cookie) == (name == SECURE), url


async def test_the_local_cookie_opens_nothing_elsewhere(app: FastAPI, code: str) -> None:
    async with browser(on_loopback(app), "http://127.0.0.1:8700") as client:
        await client.post("/api/v1/sign-in", json={"code": code})
        assert (await client.get("/api/v1/me")).status_code == 200
        cookie = {"Cookie": f"{LOCAL}={client.cookies[LOCAL]}"}
        assert (await client.get("/api/v1/me", headers=cookie | {"Host": "evil.example"})).status_code == 401
        assert (await client.get("/api/v1/me", headers=cookie | {"Host": "["})).status_code == 401
    async with browser(app, "http://127.0.0.1:8700") as client:
        assert (await client.get("/api/v1/me", headers=cookie)).status_code == 401


async def test_with_both_credentials_the_token_counts_alone(
    lead: httpx.AsyncClient, browse: Connect, cast: Cast
) -> None:
    cookie = {"Cookie": (await browse(cast.approver)).headers["Cookie"]}
    me = (await lead.get("/api/v1/me", headers=cookie)).json()
    assert (me["email"], me["through"], me["csrf"]) == (cast.lead.email, "token", None)
    made = await lead.post("/api/v1/tokens", json={"name": "x"}, headers=cookie)  # and so needs no CSRF token
    assert made.status_code == 201
    wrong = await lead.get("/api/v1/me", headers=cookie | {"Authorization": "Bearer mf_wrong"})
    assert wrong.status_code == 401


async def test_another_scheme_of_authorization_leaves_the_cookie_alone(browse: Connect, cast: Cast) -> None:
    """A proxy may ask for a password of its own."""
    client = await browse(cast.lead)
    answer = await client.get("/api/v1/me", headers={"Authorization": "Basic bGVhZDpwdw=="})
    assert answer.json()["email"] == cast.lead.email


async def test_a_session_works_where_the_header_says_and_nowhere_foreign(browse: Connect, cast: Cast) -> None:
    client = await browse(cast.lead)
    own = await client.get("/api/v1/me", headers={"Masterflow-Engagement": str(cast.tenant.engagement_id)})
    foreign = {"Masterflow-Engagement": str(cast.outsider.tenant.engagement_id)}
    assert own.status_code == 200
    assert (await client.get("/api/v1/me", headers=foreign)).status_code == 401


async def test_a_code_is_refused_from_another_site_and_stays_good(nobody: httpx.AsyncClient, code: str) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await nobody.post("/api/v1/sign-in", json={"code": code}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    headers = {"Origin": "http://masterflow.test", "Sec-Fetch-Site": "same-origin"}
    assert (await nobody.post("/api/v1/sign-in", json={"code": code}, headers=headers)).status_code == 200


async def test_a_wrong_code_is_said_with_how_to_get_a_new_one(nobody: httpx.AsyncClient, code: str) -> None:
    await nobody.post("/api/v1/sign-in", json={"code": code})
    for wrong in (code, "mfc_never"):
        answer = await nobody.post("/api/v1/sign-in", json={"code": wrong})
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert "masterflow user sign-in-link" in answer.json()["hint"]


async def test_who_tries_too_often_waits_and_the_link_stays_good(
    app: FastAPI, nobody: httpx.AsyncClient, code: str
) -> None:
    for _ in range(PER_ADDRESS):
        assert (await nobody.post("/api/v1/sign-in", json={"code": "mfc_never"})).status_code == 401
    refused = await nobody.post("/api/v1/sign-in", json={"code": code})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 6
    transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://masterflow.test") as elsewhere:
        assert (await elsewhere.post("/api/v1/sign-in", json={"code": code})).status_code == 200


async def test_a_caller_without_an_address_is_counted_too(app: FastAPI, code: str) -> None:
    transport = httpx.ASGITransport(app=app, client=None)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://masterflow.test") as client:
        assert (await client.post("/api/v1/sign-in", json={"code": code})).status_code == 200


async def test_somebody_unknown_sends_little(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.post("/api/v1/sign-in", json={"code": "x" * 5_000})
    assert answer.status_code == 413


async def test_only_signing_in_is_open(nobody: httpx.AsyncClient) -> None:
    for method, path in (("GET", "/api/v1/sign-in"), ("POST", "/api/v1/sign-in/"), ("POST", "/api/v1/sign-out")):
        assert (await nobody.request(method, path)).status_code == 401


async def test_a_token_cannot_sign_out(lead: httpx.AsyncClient) -> None:
    answer = await lead.post("/api/v1/sign-out")
    assert (answer.status_code, answer.json()["detail"]) == (409, "You are here with a token, not with a session.")


async def test_people_end_their_own_sessions(browse: Connect, cast: Cast) -> None:
    one, other = await browse(cast.lead), await browse(cast.lead)
    sessions = (await one.get("/api/v1/sessions")).json()["items"]
    [elsewhere] = [s["id"] for s in sessions if not s["current"]]
    stranger = await browse(cast.outsider)
    assert (await stranger.delete(f"/api/v1/sessions/{elsewhere}")).status_code == 404
    assert (await one.delete(f"/api/v1/sessions/{elsewhere}")).status_code == 204
    assert (await other.get("/api/v1/me")).status_code == 401
    assert [s["state"] for s in (await one.get("/api/v1/sessions")).json()["items"]] == ["active", "revoked"]


# The page


async def test_fetching_the_page_uses_no_link_up(nobody: httpx.AsyncClient, code: str) -> None:
    for _ in range(3):
        page = await nobody.get("/sign-in", params={"code": code})
        assert (page.status_code, code in page.text) == (200, False)
    assert (await nobody.post("/api/v1/sign-in", json={"code": code})).status_code == 200


# What never shows


async def test_no_secret_reaches_a_log_or_an_error(
    nobody: httpx.AsyncClient,
    operator: LocalOperator,
    tenancy: Tenancy,
    cast: Cast,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    links = [await operator.sign_in_link(cast.tenant, cast.lead.email) for _ in range(2)]
    token = (await tenancy.create_token(cast.lead, name="x")).secret
    said = ""
    with structlog.testing.capture_logs() as events:
        session = (await nobody.post("/api/v1/sign-in", json={"code": links[0].code})).headers["set-cookie"]
        secret = session.partition("=")[2].partition(";")[0]
        headers = {"Cookie": f"{SECURE}={secret}"}
        csrf = (await nobody.get("/api/v1/me", headers=headers)).json()["csrf"]
        for wrong in (links[0].code, [links[0].code], secret + "x" * 200):
            said += (await nobody.post("/api/v1/sign-in", json={"code": wrong})).text
        said += (await nobody.post("/api/v1/sign-out", headers=headers | {"Masterflow-CSRF": "wrong"})).text

        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError("broke")

        monkeypatch.setattr("masterflow.tenancy.service.resolve_token", broken)
        monkeypatch.setattr("masterflow.tenancy.signing.service.resolve_session", broken)
        monkeypatch.setattr("masterflow.tenancy.signing.service.sign_in", broken)
        for attempt in (
            nobody.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}),
            nobody.get("/api/v1/me", headers=headers),
            nobody.post("/api/v1/sign-in", json={"code": links[1].code}),
        ):
            answer = await attempt
            assert answer.status_code == 500
            said += answer.text
    captured = capsys.readouterr()
    told = " ".join([said, caplog.text, str(events), captured.out, captured.err])
    assert [e["event"] for e in events].count("request broke") == 3
    for hidden in (token, secret, csrf, *(link.code for link in links)):
        assert hidden not in told
        assert hidden[4:] not in told
