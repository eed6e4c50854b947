"""Who commanded what, and what was refused: written with the command, read by those who may."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest
import structlog
from fastapi import FastAPI, Response

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Unavailable
from masterflow.tenancy.operator import LocalOperator
from tests.api.conftest import Connect
from tests.conftest import Cast

AUDIT = "/api/v1/audit"
FLOW = {"flow_type": "toy", "start": False}


async def entries(client: httpx.AsyncClient, **query: str) -> list[dict[str, object]]:
    answer = await client.get(AUDIT, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_a_command_is_recorded_with_who_how_and_what(lead: httpx.AsyncClient, cast: Cast) -> None:
    made = await lead.post("/api/v1/flows", json=FLOW, headers={"Masterflow-Request-Id": "req-1"})
    [entry] = await entries(lead)
    tokens = (await lead.get("/api/v1/tokens")).json()["items"]
    assert entry == {
        "id": entry["id"],
        "at": entry["at"],
        "user_id": str(cast.lead.user_id),
        "actor": "lead@home.example",
        "through": f"token:{tokens[0]['id']}",
        "action": "create_flow",
        "request_id": "req-1",
        "outcome": "done",
        "code": None,
        "message": None,
        "flow_id": made.json()["flow_id"],
        "detail": {},
    }


async def test_a_refusal_is_recorded_with_its_words(lead: httpx.AsyncClient) -> None:
    flow = (await lead.post("/api/v1/flows", json=FLOW)).json()["flow_id"]
    refused = await lead.post(f"/api/v1/flows/{flow}/pause")
    [entry] = await entries(lead, outcome="refused")
    assert (entry["action"], entry["code"], entry["flow_id"]) == ("pause_flow", "conflict", flow)
    assert (entry["message"], entry["detail"]) == (refused.json()["detail"], {"flow_id": flow})


@pytest.mark.parametrize(
    ("method", "path", "sent", "code", "action"),
    [
        ("POST", "/api/v1/tokens", {"json": {"days": 0}}, "request.payload", "create_token"),
        ("POST", "/api/v1/tokens", {"content": b"x"}, "request.media_type", "create_token"),
        ("PUT", "/api/v1/me", {}, "request.method", "unknown_route"),
        ("DELETE", "/api/v1/nothing", {}, "not_found", "unknown_route"),
        ("DELETE", "/api/v1/flows/00000000-0000-4000-8000-000000000001", {}, "not_found", "delete_flow"),
        ("POST", "/api/v1/flows/no-id/pause", {}, "not_found", "pause_flow"),
        ("DELETE", "/api/v1/flows/%00%ff", {}, "not_found", "delete_flow"),
        ("DELETE", "/api/v1/flows/" + "x" * 5000, {}, "not_found", "delete_flow"),
    ],
)
async def test_whatever_refuses_a_command_is_recorded(
    lead: httpx.AsyncClient, method: str, path: str, sent: dict[str, object], code: str, action: str
) -> None:
    assert 400 <= (await lead.request(method, path, **sent)).status_code < 500
    [entry] = await entries(lead)
    assert (entry["code"], entry["action"], entry["outcome"]) == (code, action, "refused")


async def test_a_refusal_without_words_is_recorded_by_its_status(lead: httpx.AsyncClient, app: FastAPI) -> None:
    app.router.add_route("/api/v1/teapot", lambda _: Response(status_code=418), methods=["POST"])
    await lead.post("/api/v1/teapot")
    [entry] = await entries(lead)
    assert (entry["code"], entry["message"]) == ("http.418", "")


async def test_of_reads_only_those_that_a_person_may_not_have_are_recorded(
    lead: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    assert (await lead.get(f"/api/v1/flows/{uuid4()}")).status_code == 404
    assert (await approver.get(AUDIT)).status_code == 403
    [entry] = await entries(lead)
    assert (entry["actor"], entry["action"], entry["code"]) == ("approver@home.example", "list_audit", "not_allowed")


async def test_who_is_not_known_is_only_in_the_log(
    nobody: httpx.AsyncClient, lead: httpx.AsyncClient, urls: DatabaseUrls
) -> None:
    with structlog.testing.capture_logs() as logs:
        await nobody.post("/api/v1/flows", json=FLOW)
    told = [(line["event"], line["code"]) for line in logs if line["event"] != "request"]
    assert told == [("request refused", "not_authenticated")]
    assert await entries(lead) == []


async def test_a_command_that_writes_nothing_leaves_no_line(lead: httpx.AsyncClient) -> None:
    assert (await lead.delete("/api/v1/learned-headers?source=none")).json() == {"forgotten": 0}
    assert await entries(lead) == []


async def test_a_command_that_writes_twice_leaves_one_line(lead: httpx.AsyncClient) -> None:
    await lead.post("/api/v1/imports", files={"file": ("a.csv", b"Name\na\n")})
    assert [entry["action"] for entry in await entries(lead)] == ["upload_import"]


async def test_a_command_and_its_line_fall_together(lead: httpx.AsyncClient, urls: DatabaseUrls) -> None:
    """If the audit cannot be written, nothing is commanded."""
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("ALTER TABLE audit_log ADD CHECK (action <> 'create_flow')")
    with structlog.testing.capture_logs():
        assert (await lead.post("/api/v1/flows", json=FLOW)).status_code == 500
    assert (await lead.get("/api/v1/flows")).json()["items"] == []
    assert (await lead.post("/api/v1/tokens", json={"name": "x"})).status_code == 201


async def test_a_refusal_that_cannot_be_recorded_is_told_and_logged(
    lead: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(Database, "note_refusal", away)
    with structlog.testing.capture_logs() as logs:
        assert (await lead.delete("/api/v1/nothing")).status_code == 404
    assert [line["event"] for line in logs if line["event"] != "request"] == ["refusal_not_recorded"]


async def test_a_decision_is_about_the_flow_of_its_gate(
    lead: httpx.AsyncClient, approver: httpx.AsyncClient, kit: object, cast: Cast
) -> None:
    flow = (await lead.post("/api/v1/flows", json={"flow_type": "toy"})).json()["flow_id"]
    await kit.settled(cast.lead, flow)
    [gate] = (await lead.get("/api/v1/gates")).json()["items"]
    path = f"/api/v1/gates/{gate['id']}/decision"
    assert (await approver.post(path, json={"verdict": "reject"})).status_code == 400
    assert (await approver.post(path, json={"verdict": "approve"})).status_code == 202
    seen = await entries(lead, flow_id=flow)
    told = [(entry["actor"], entry["action"], entry["outcome"]) for entry in seen]
    assert told == [
        ("approver@home.example", "decide_gate", "done"),
        ("approver@home.example", "decide_gate", "refused"),
        ("lead@home.example", "create_flow", "done"),
    ]
    assert seen[0]["detail"] == {"gate_id": gate["id"]}


async def test_the_audit_is_filtered_and_paged(lead: httpx.AsyncClient, connect: Connect, cast: Cast) -> None:
    for number in range(3):
        await lead.post("/api/v1/tokens", json={"name": f"t{number}"})
    await (await connect(cast.approver)).post("/api/v1/flows", json=FLOW)
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert len(await entries(lead, actor="lead@home.example")) == 3
    assert len(await entries(lead, action="create_token")) == 3
    assert len(await entries(lead, actor="approver@home.example", outcome="refused", action="create_flow")) == 1
    assert len(await entries(lead, **{"from": (now - hour).isoformat(), "to": (now + hour).isoformat()})) == 4
    assert await entries(lead, **{"from": (now + hour).isoformat()}) == []
    assert await entries(lead, to=(now - hour).isoformat()) == []
    whole, cursor, pages = [], None, 0
    while True:
        page = (await lead.get(AUDIT, params={"limit": "2"} | ({"cursor": cursor} if cursor else {}))).json()
        whole, cursor, pages = whole + page["items"], page["cursor"], pages + 1
        if cursor is None:
            break
    assert pages == 2
    assert whole == await entries(lead)
    assert [entry["at"] for entry in whole] == sorted((entry["at"] for entry in whole), reverse=True)


@pytest.mark.parametrize("query", ["from=2026-11-23T00:00:00", "outcome=x", "flow_id=1", "cursor=x", "limit=0"])
async def test_a_question_that_does_not_fit_is_refused(lead: httpx.AsyncClient, query: str) -> None:
    assert (await lead.get(f"{AUDIT}?{query}")).status_code == 400


async def test_nobody_else_reads_it(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient, connect: Connect, cast: Cast, operator: LocalOperator
) -> None:
    flow = (await lead.post("/api/v1/flows", json=FLOW)).json()["flow_id"]
    assert await entries(outsider) == []
    assert await entries(outsider, flow_id=flow, actor="lead@home.example") == []
    client = await operator.find_client("home")
    engagement = await operator.create_engagement(client, "next door")
    await operator.add_member(engagement.tenant, email="n@home.example", role="lead")
    neighbour = await connect(await operator.principal(engagement.tenant, "n@home.example"))
    assert await entries(neighbour) == []
    await operator.add_member(cast.tenant, email="a@home.example", role="auditor")
    auditor = await connect(await operator.principal(cast.tenant, "a@home.example"))
    assert [entry["flow_id"] for entry in await entries(auditor)] == [flow]


async def test_a_decision_can_name_in_a_header_what_was_looked_at(
    lead: httpx.AsyncClient, approver: httpx.AsyncClient, app: FastAPI, kit: object, cast: Cast
) -> None:
    flow = (await lead.post("/api/v1/flows", json={"flow_type": "toy"})).json()["flow_id"]
    await kit.settled(cast.lead, flow)
    [gate] = (await lead.get("/api/v1/gates")).json()["items"]
    read = await approver.get(f"/api/v1/gates/{gate['id']}")
    assert read.headers["etag"] == f'"{gate["content_hash"]}"'
    path, approve = f"/api/v1/gates/{gate['id']}/decision", {"verdict": "approve"}
    stale = await approver.post(path, json=approve, headers={"If-Match": f'"{"00" * 32}"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "conflict.version")
    workbook = {"file": ("gate.xlsx", (await approver.get(f"/api/v1/gates/{gate['id']}/workbook")).content)}
    sheet = await approver.post(
        f"/api/v1/gates/{gate['id']}/workbook", files=workbook, headers={"If-Match": f'"{"00" * 32}"'}
    )
    assert (sheet.status_code, sheet.json()["code"]) == (412, "conflict.version")
    assert (await approver.post(path, json=approve, headers={"If-Match": read.headers["etag"]})).status_code == 202
    again = await approver.post(path, json=approve, headers={"If-Match": "*"})
    assert again.status_code == 409
