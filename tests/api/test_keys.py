"""A request that is sent again under its key has one effect and one answer, whatever was lost in between."""

import asyncio
import itertools
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
import structlog
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.api.app import create_app
from masterflow.api.credentials import OPEN
from masterflow.api.keys import Body, BodyDigest
from masterflow.api.parts import Services
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.inventory.filestore import FileStore
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.webhooks import WebhookService
from masterflow.tenancy.service import Tenancy
from masterflow.testing import running_orchestrator
from tests.api.conftest import MAX_UPLOAD_BYTES, Connect
from tests.api.cutting import cutting_proxy
from tests.api.toy import TOY
from tests.conftest import Cast

FLOW = {"flow_type": "toy", "start": False}


def keyed(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


def count(urls: DatabaseUrls, table: str, where: str = "true") -> int:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
        assert row is not None
        return int(row[0])


FLOWS = "crewai_flow_state_extensions"


async def test_the_same_request_again_gets_the_first_answer_and_does_nothing(
    lead: httpx.AsyncClient, urls: DatabaseUrls
) -> None:
    first = await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    again = await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    for name in ("etag", "location", "content-type", "content-length"):
        assert again.headers[name] == first.headers[name], name
    assert count(urls, FLOWS) == 1
    assert count(urls, "audit_log") == 1


async def test_without_a_key_every_request_counts(lead: httpx.AsyncClient, urls: DatabaseUrls) -> None:
    for _ in range(2):
        assert (await lead.post("/api/v1/flows", json=FLOW)).status_code == 201
    assert count(urls, FLOWS) == 2
    assert count(urls, "idempotency_keys") == 0


async def test_a_key_stands_for_one_request(lead: httpx.AsyncClient, urls: DatabaseUrls) -> None:
    await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    other_body = await lead.post("/api/v1/flows", json={**FLOW, "flow_name": "b"}, headers=keyed("one"))
    other_route = await lead.post("/api/v1/tokens", json={"name": "b"}, headers=keyed("one"))
    other_query = await lead.post("/api/v1/flows?x=1", json=FLOW, headers=keyed("one"))
    for answer in (other_body, other_route, other_query):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.mismatch")
        assert "a key of its own" in answer.json()["hint"]
    assert count(urls, FLOWS) == 1


async def test_a_key_belongs_to_a_person_in_an_engagement(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient, connect: Connect, cast: Cast, urls: DatabaseUrls
) -> None:
    mine = await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    theirs = await outsider.post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    assert mine.json()["flow_id"] != theirs.json()["flow_id"]
    beside = await (await connect(cast.approver)).post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    assert beside.status_code == 403
    for client, answer in ((lead, mine), (outsider, theirs)):
        assert (await client.post("/api/v1/flows", json=FLOW, headers=keyed("one"))).content == answer.content
    assert count(urls, FLOWS) == 2


async def test_another_token_of_the_same_person_gets_the_same_answer(connect: Connect, cast: Cast) -> None:
    first = await (await connect(cast.lead)).post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    again = await (await connect(cast.lead)).post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    assert again.content == first.content


async def test_a_refused_request_is_not_kept(lead: httpx.AsyncClient, urls: DatabaseUrls) -> None:
    flow = (await lead.post("/api/v1/flows", json=FLOW)).json()
    path = f"/api/v1/flows/{flow['flow_id']}/pause"
    assert (await lead.post(path, headers=keyed("one"))).status_code == 409
    assert count(urls, "idempotency_keys") == 0
    assert count(urls, "audit_log", "outcome = 'refused'") == 1
    cancelled = await lead.post(f"/api/v1/flows/{flow['flow_id']}/cancel", headers=keyed("one"))
    assert cancelled.status_code == 202


async def test_what_a_route_wrote_before_it_failed_is_undone(
    lead: httpx.AsyncClient, app: FastAPI, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    orchestrator = app.state.services.orchestrator
    create = type(orchestrator).create_flow

    async def half(*args: object, **kwargs: object) -> None:
        await create(*args, **kwargs)
        raise RuntimeError

    monkeypatch.setattr(type(orchestrator), "create_flow", half)
    with structlog.testing.capture_logs():
        assert (await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))).status_code == 500
    assert (count(urls, FLOWS), count(urls, "audit_log"), count(urls, "idempotency_keys")) == (0, 0, 0)
    monkeypatch.undo()
    assert (await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))).status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 201, "\x7f"])
async def test_a_key_that_is_none_is_refused(lead: httpx.AsyncClient, key: str) -> None:
    answer = await lead.post("/api/v1/flows", json=FLOW, headers=[("Idempotency-Key", key.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")


async def test_two_keys_are_refused_and_the_longest_is_taken(lead: httpx.AsyncClient) -> None:
    two = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert (await lead.post("/api/v1/flows", json=FLOW, headers=two)).status_code == 400
    assert (await lead.post("/api/v1/flows", json=FLOW, headers=keyed("x" * 200))).status_code == 201


async def test_a_read_takes_no_notice_of_a_key(lead: httpx.AsyncClient, urls: DatabaseUrls) -> None:
    answer = await lead.get("/api/v1/flows", headers=keyed("a b"))
    assert answer.status_code == 200
    assert count(urls, "idempotency_keys") == 0


async def test_fifty_at_once_have_one_effect(lead: httpx.AsyncClient, urls: DatabaseUrls) -> None:
    answers = await asyncio.gather(*(lead.post("/api/v1/flows", json=FLOW, headers=keyed("one")) for _ in range(50)))
    assert count(urls, FLOWS) == 1
    assert count(urls, "flow_events") == 1
    assert count(urls, "audit_log", "outcome = 'done'") == 1
    by_status = Counter(answer.status_code for answer in answers)
    assert set(by_status) <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    for refused in (answer for answer in answers if answer.status_code == 409):
        assert (refused.json()["code"], refused.headers["retry-after"]) == ("idempotency.in_progress", "1")
    [made] = [a for a in answers if a.status_code == 201 and "idempotency-replayed" not in a.headers]
    assert (await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))).content == made.content


async def test_a_key_that_was_answered_while_the_route_ran_is_in_use(
    lead: httpx.AsyncClient, app: FastAPI, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the key and the first statement of the route another request may come and go."""
    database = app.state.services.database
    answered, first = type(database).answered, True

    async def overtaken(self: Database, place: object) -> object:
        nonlocal first
        found = await answered(self, place)
        if first:
            first = False
            assert (await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))).status_code == 201
        return found

    monkeypatch.setattr(type(database), "answered", overtaken)
    late = await lead.post("/api/v1/flows", json=FLOW, headers=keyed("one"))
    assert (late.status_code, late.json()["code"]) == (409, "idempotency.in_progress")
    assert count(urls, FLOWS) == 1


async def test_a_file_sent_again_is_the_same_request_though_its_form_has_another_boundary(
    lead: httpx.AsyncClient, urls: DatabaseUrls
) -> None:
    file = {"file": ("servers.csv", b"Name,OS\na,b\n")}
    first = await lead.post("/api/v1/imports", files=file, headers=keyed("one"))
    again = await lead.post("/api/v1/imports", files=file, headers=keyed("one"))
    other = await lead.post("/api/v1/imports", files={"file": ("servers.csv", b"x")}, headers=keyed("one"))
    assert first.status_code == again.status_code == 201
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 422
    assert count(urls, "imports") == 1


async def test_a_large_file_passes_through_a_key_in_pieces(
    lead: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masterflow.api.keys.KEPT_IN_MEMORY", 1000)

    async def pieces() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nName\n'
        for number in range(2000):
            yield f"server-{number}\n".encode()
        yield b"\r\n--b--\r\n"

    headers = keyed("one") | {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await lead.post("/api/v1/imports", content=pieces(), headers=headers)
    assert answer.json()["size_bytes"] == len(b"Name\n") + sum(len(f"server-{n}\n") for n in range(2000))


async def test_a_body_too_large_is_refused_under_a_key_too(lead: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1_000_000

    headers = keyed("one") | {"Content-Type": "application/json"}
    answer = await lead.post("/api/v1/tokens", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


async def test_a_secret_that_is_shown_once_is_shown_again_but_lies_nowhere(
    lead: httpx.AsyncClient, urls: DatabaseUrls
) -> None:
    first = await lead.post("/api/v1/tokens", json={"name": "ci"}, headers=keyed("one"))
    again = await lead.post("/api/v1/tokens", json={"name": "ci"}, headers=keyed("one"))
    assert again.json()["secret"] == first.json()["secret"]
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        row = connection.execute("SELECT body, to_jsonb(k)::text FROM idempotency_keys k").fetchone()
        assert row is not None
        assert first.json()["secret"].encode() not in row[0]
        assert '"one"' not in row[1]


async def test_an_empty_answer_is_kept_too(lead: httpx.AsyncClient, cast: Cast) -> None:
    path = f"/api/v1/users/{cast.approver.user_id}"
    assert (await lead.delete(path, headers=keyed("one"))).status_code == 204
    again = await lead.delete(path, headers=keyed("one"))
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (204, b"", "true")
    assert (await lead.delete(path)).status_code == 404


async def test_a_flow_that_a_keyed_request_starts_runs_after_the_commit(
    lead: httpx.AsyncClient, kit: object, cast: Cast, urls: DatabaseUrls
) -> None:
    flow = (await lead.post("/api/v1/flows", json={"flow_type": "toy"}, headers=keyed("one"))).json()
    settled = await kit.settled(cast.lead, flow["flow_id"])
    assert settled.status == "waiting_for_approval"
    assert count(urls, "audit_log") == 1, "what the phases write is not the caller's"


async def test_who_goes_away_before_the_body_is_there_gets_nothing(
    app: FastAPI, lead: httpx.AsyncClient, urls: DatabaseUrls
) -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        raise AssertionError(message)

    headers = {"Authorization": lead.headers["authorization"], "Idempotency-Key": "one"}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/flows", "headers": raw, "query_string": b""}
    await app(scope, receive, send)
    assert count(urls, FLOWS) == 0


async def test_a_route_that_sees_the_caller_go_away_is_told() -> None:
    """What comes after the body still reaches the route."""
    coming = [{"type": "http.disconnect"}]

    async def receive() -> dict[str, object]:
        return coming.pop()

    with tempfile.TemporaryFile() as file:
        file.write(b"abc")
        file.seek(0)
        body = Body(file, 3, receive)
        assert await body.receive() == {"type": "http.request", "body": b"abc", "more_body": False}
        assert await body.receive() == {"type": "http.disconnect"}


async def test_a_lost_acknowledgement_is_healed_by_sending_again(
    urls: DatabaseUrls, cast: Cast, tmp_path: Path
) -> None:
    async with cutting_proxy(urls, after=b"INSERT INTO idempotency_keys") as (proxy, through):
        database = await Database(through, pool_size=4).open()
        tenancy = Tenancy(database)
        async with running_orchestrator(database, [TOY]) as kit:
            files = FileStore(tmp_path.as_uri(), max_bytes=MAX_UPLOAD_BYTES)
            services = Services(
                urls=through,
                database=database,
                files=files,
                tenancy=tenancy,
                orchestrator=kit.orchestrator,
                webhooks=WebhookService(database, None, registry=kit.orchestrator.registry),
            )
            app = create_app(services, max_upload_bytes=MAX_UPLOAD_BYTES)
            secret = (await tenancy.create_token(cast.lead, name="t")).secret
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://t", headers={"Authorization": f"Bearer {secret}"}
            ) as client:
                proxy.cuts = 1
                lost = await client.post("/api/v1/flows", json=FLOW, headers=keyed("one"))
                assert (lost.status_code, lost.headers["retry-after"], proxy.cuts) == (503, "5", 0)
                assert count(urls, FLOWS) == 1, "the commit had reached Postgres"
                healed = await client.post("/api/v1/flows", json=FLOW, headers=keyed("one"))
        await database.close()
    assert (healed.status_code, healed.headers["idempotency-replayed"]) == (201, "true")
    assert healed.json()["status"] == "initialized"
    assert count(urls, FLOWS) == 1
    assert count(urls, "audit_log", "outcome = 'done'") == 1


def test_every_write_says_that_it_takes_a_key_and_how_it_refuses_one(app: FastAPI) -> None:
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            takes = "Idempotency-Key" in {p["name"] for p in operation.get("parameters", [])}
            writes = method != "get" and path.startswith("/api/")
            assert takes == (writes and (method.upper(), path) not in OPEN), (method, path)
            if takes:
                assert {"409", "422"} <= set(operation["responses"]), (method, path)


SCOPE = {"method": "POST", "path": "/x", "query_string": b""}
boundaries = st.text(alphabet="abcXYZ019'-_", min_size=1, max_size=20).map(str.encode)


def digest(body: bytes, boundary: bytes | None, cuts: list[int], **scope: object) -> bytes:
    kind = b"application/json" if boundary is None else b'multipart/form-data; boundary="' + boundary + b'"'
    taken = BodyDigest({**SCOPE, "headers": [(b"content-type", kind)], **scope})
    places = sorted({cut % (len(body) + 1) for cut in cuts} | {0, len(body)})
    for start, end in itertools.pairwise(places):
        taken.add(body[start:end])
    return taken.value()


@given(st.lists(st.binary(max_size=30), min_size=1), boundaries, boundaries, st.lists(st.integers(0, 500)))
def test_a_form_has_one_digest_whatever_its_boundary_and_its_pieces(
    parts: list[bytes], one: bytes, other: bytes, cuts: list[int]
) -> None:
    parts = [part.replace(one, b"").replace(other, b"") for part in parts]
    if any(one in part or other in part for part in parts):
        return
    forms = [b"".join(b"--" + boundary + b"\r\n" + part for part in parts) for boundary in (one, other)]
    if any(form.count(boundary) != len(parts) for form, boundary in zip(forms, (one, other), strict=True)):
        return
    assert digest(forms[0], one, cuts) == digest(forms[0], one, []) == digest(forms[1], other, [])


@given(st.binary(max_size=60), st.binary(max_size=60), st.lists(st.integers(0, 60)))
def test_another_body_has_another_digest(one: bytes, other: bytes, cuts: list[int]) -> None:
    assert (digest(one, None, cuts) == digest(other, None, [])) == (one == other)


def test_another_route_has_another_digest() -> None:
    plain = digest(b"{}", None, [])
    assert plain != digest(b"{}", None, [], method="PUT")
    assert plain != digest(b"{}", None, [], path="/y")
    assert plain != digest(b"{}", None, [], query_string=b"a=1")
    assert digest(b"--b", b"b", [], headers=[(b"content-type", b"multipart/form-data; charset=x")])


def test_any_sequence_of_repetitions_leaves_one_effect(urls: DatabaseUrls, cast: Cast, tmp_path: Path) -> None:
    """Names of tokens under keys: whatever is sent how often in whatever order, each key has made at most one."""
    requests = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", ""])), max_size=8)

    async def start() -> tuple[Database, httpx.AsyncClient]:
        database = await Database(urls, pool_size=2).open()
        tenancy = Tenancy(database)
        files = FileStore(tmp_path.as_uri(), max_bytes=MAX_UPLOAD_BYTES)
        webhooks = WebhookService(database, None, registry=FlowTypeRegistry([]))
        services = Services(
            urls=urls, database=database, files=files, tenancy=tenancy, orchestrator=None, webhooks=webhooks
        )
        app = create_app(services, max_upload_bytes=MAX_UPLOAD_BYTES)
        secret = (await tenancy.create_token(cast.lead, name="t")).secret
        headers = {"Authorization": f"Bearer {secret}"}
        return database, httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t", headers=headers)

    async def send_all(client: httpx.AsyncClient, asked: list[tuple[str, str]]) -> None:
        run, first = uuid4().hex, dict[str, tuple[str, bytes]]()
        before = count(urls, "audit_log", "outcome = 'done'")
        for key, name in asked:
            body = {"name": name and f"{run}-{key}-{name}"}
            answer = await client.post("/api/v1/tokens", json=body, headers=keyed(f"{run}-{key}"))
            known = first.get(key)
            if known is None:
                assert answer.status_code == (201 if name else 400)
                if name:
                    first[key] = (name, answer.content)
            elif known[0] == name:
                assert answer.content == known[1]
            else:
                assert answer.status_code == 422
        assert count(urls, "api_tokens", f"name LIKE '{run}-%'") == len(first)
        assert count(urls, "audit_log", "outcome = 'done'") - before == len(first)

    with asyncio.Runner() as runner:
        database, client = runner.run(start())

        @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(requests)
        def sent(asked: list[tuple[str, str]]) -> None:
            runner.run(send_all(client, asked))

        sent()
        runner.run(client.aclose())
        runner.run(database.close())
