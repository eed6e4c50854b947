"""Metrics are for who may read them, and their number does not grow with use."""

import asyncio
import json
import shutil
import subprocess
import urllib.parse
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
import structlog
from fastapi import FastAPI
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from masterflow.api.metrics import worker_application
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.logs.spans import recording_with
from masterflow.orchestrator.analytics import AnalyticsFold
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.vitals.service import Vitals

TOKEN = "metrics-token-of-this-test"
TRACE = "0af7651916cd43dd8448eb211c80319c"


async def scrape(app: FastAPI, *, host: str = "127.0.0.1", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, client=(host, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/metrics", headers=headers)


def series(text: str) -> set[tuple]:
    return {
        (sample.name, *sorted(sample.labels.items()))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    [found] = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    return found


def with_services(app: FastAPI, **changes: object) -> None:
    app.state.services = replace(app.state.services, **changes)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_this_machine_may_read_without_a_token(app: FastAPI, host: str) -> None:
    answer = await scrape(app, host=host)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")


@pytest.mark.parametrize("host", ["10.0.0.7", "testclient"])
async def test_another_machine_may_not(app: FastAPI, host: str) -> None:
    assert (await scrape(app, host=host)).status_code == 403


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
async def test_a_proxy_on_this_machine_asks_for_somebody_else(app: FastAPI, name: str) -> None:
    assert (await scrape(app, **{name: "10.0.0.7"})).status_code == 403


async def test_a_token_is_asked_of_everybody_once_it_is_set(app: FastAPI) -> None:
    with_services(app, metrics_token=SecretStr(TOKEN))
    assert (await scrape(app)).status_code == 401
    assert (await scrape(app, Authorization="Bearer wrong")).status_code == 401
    assert (await scrape(app, Authorization=f"Basic {TOKEN}")).status_code == 401
    assert (await scrape(app, host="10.0.0.7", Authorization=f"Bearer {TOKEN}")).status_code == 200


async def test_two_hundred_odd_requests_add_no_series(app: FastAPI, lead: httpx.AsyncClient) -> None:
    async def ask(number: int) -> None:
        odd = f"{number}-{uuid4()}"
        await lead.request(f"ODD{number % 7}", f"/api/v1/flows/{odd}")
        await lead.get(f"/{odd}/{urllib.parse.quote('ünïcode ' + odd)}")
        await lead.get(f"/api/v1/flows/{uuid4()}", params={"x": odd})
        await lead.post("/api/v1/flows", json={"flow_type": odd})
        await lead.post(f"/api/v1/flows/{uuid4()}/pause", json={"reason": odd})

    await ask(0)
    before = series((await scrape(app)).text)
    for start in range(1, 41, 10):
        await asyncio.gather(*(ask(number) for number in range(start, start + 10)))
    after = series((await scrape(app)).text)
    assert after - before <= {
        s for s in after if s[0].startswith("masterflow_http_request") and ("route", "/metrics") in s
    }
    assert not any("ünïcode" in str(s) or "ODD" in str(s) for s in after)


async def test_a_request_is_counted_by_its_route_and_a_command_by_its_name(
    app: FastAPI, lead: httpx.AsyncClient
) -> None:
    await lead.get(f"/api/v1/flows/{uuid4()}")
    made = await lead.post("/api/v1/flows", json={"flow_type": "toy"})
    assert made.status_code == 201
    text = (await scrape(app)).text
    route = "/api/v1/flows/{flow_id}"
    assert value(text, "masterflow_http_requests_total", route=route, method="GET", status="4xx") >= 1
    assert value(text, "masterflow_http_request_seconds_count", route=route, method="GET") >= 1
    assert value(text, "masterflow_commands_total", command="create_flow", outcome="done") >= 1


async def test_the_gauges_tell_what_the_database_knows(
    app: FastAPI, database: Database, lead: httpx.AsyncClient
) -> None:
    with_services(app, vitals=Vitals(database))
    await lead.post("/api/v1/flows", json={"flow_type": "toy", "start": False})
    await Relay(database, [AnalyticsFold()]).run_once()
    text = (await scrape(app)).text
    assert value(text, "masterflow_database_up") == 1
    assert value(text, "masterflow_flows", flow_type="toy", status="initialized") == 1
    assert value(text, "masterflow_queue_segments", state="enqueued") == 0
    assert value(text, "masterflow_workers") == 0
    assert value(text, "masterflow_pool_connections", pool="app-hot", state="most") == 4
    await lead.post("/api/v1/flows", json={"flow_type": "toy", "start": False})
    await Relay(database, [AnalyticsFold()]).run_once()
    assert value((await scrape(app)).text, "masterflow_flows", flow_type="toy", status="initialized") == 1, "kept 15 s"


async def test_a_database_that_is_away_is_a_metric_and_not_an_error(urls: DatabaseUrls) -> None:
    database = await Database(urls, pool_size=1).open()
    await database._hot["engine"].close()
    answer = await scrape(worker_application(Vitals(database), None))
    assert (answer.status_code, value(answer.text, "masterflow_database_up")) == (200, 0)
    await database.close()


async def test_a_worker_serves_metrics_and_whether_it_lives(database: Database) -> None:
    app = worker_application(Vitals(database), SecretStr(TOKEN))
    assert (await scrape(app)).status_code == 401
    assert (await scrape(app, Authorization=f"Bearer {TOKEN}")).status_code == 200
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        assert (await client.get("/health/live")).json() == {"status": "alive"}


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed; .ci/run installs it where apt is")
async def test_promtool_finds_nothing_to_say(app: FastAPI, database: Database, lead: httpx.AsyncClient) -> None:
    with_services(app, vitals=Vitals(database))
    await lead.post("/api/v1/flows", json={"flow_type": "toy"})
    text = (await scrape(app)).text
    ours = "".join(line for line in text.splitlines(keepends=True) if "process_" not in line and "python_" not in line)
    done = await asyncio.to_thread(
        subprocess.run, ["promtool", "check", "metrics"], input=ours, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr + done.stdout) == (0, "")


def requests_in(lines: list) -> list:
    return [line for line in lines if line["event"] == "request"]


async def test_one_line_tells_of_a_request_and_none_of_a_health_check(
    lead: httpx.AsyncClient, cast, capsys: pytest.CaptureFixture[str]
) -> None:
    with structlog.testing.capture_logs() as lines:
        made = (await lead.post("/api/v1/flows", json={"flow_type": "toy", "start": False})).json()
        await lead.get(f"/api/v1/flows/{made['flow_id']}", headers={"Masterflow-Request-Id": "mine-7"})
        await lead.get("/api/v1/flows/no-id-at-all")
        await lead.get("/health/live")
    created, read, odd = requests_in(lines)
    assert (created["route"], created["method"], created["status"]) == ("/api/v1/flows", "POST", 201)
    assert (read["request_id"], read["flow_id"], read["log_level"]) == ("mine-7", made["flow_id"], "info")
    assert read["client_account_id"] == str(cast.tenant.client_account_id)
    assert read["duration_ms"] > 0
    assert "flow_id" not in odd
    token = lead.headers["Authorization"].split()[1]
    assert token not in json.dumps(lines, default=str)


async def test_a_request_and_its_command_are_spans_of_the_callers_trace(lead: httpx.AsyncClient) -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with recording_with(provider.get_tracer("test")):
        made = await lead.post(
            "/api/v1/flows",
            json={"flow_type": "toy", "start": False},
            headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
        )
        await lead.post(f"/api/v1/flows/{uuid4()}/pause", json={})
    spans: dict[str, Callable] = {span.name: span for span in kept.get_finished_spans()}
    request, command = spans["POST /api/v1/flows"], spans["command create_flow"]
    assert f"{request.context.trace_id:032x}" == TRACE
    assert command.parent.span_id == request.context.span_id
    assert command.attributes["masterflow.flow_id"] == made.json()["flow_id"]
    assert request.attributes["http.response.status_code"] == 201
    assert spans["command pause"].attributes["error.type"] == "NotFound"
    provider.shutdown()
