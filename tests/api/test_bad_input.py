"""Whatever a caller sends, the answer is a problem of the caller's and never a breakdown; read from the description."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from masterflow.api.inputs import DEEPEST
from masterflow.testing import Kit
from tests.conftest import Cast

DEEP: Any = []
for _ in range(DEEPEST):
    DEEP = [DEEP]

NASTY_JSON = [
    None,
    True,
    -1,
    2**70,
    "",
    "\x00",
    "a" * 100_000,
    "\ud800",
    "'; DROP TABLE users; --",
    "../../etc/passwd",
    [],
    {},
    [None],
    {"\x00": 1},
    {"a": "\x00"},
    {"a": ["\ud800"]},
    {"a": 2**70},
    {"a": DEEP},
]
NASTY_TEXT = ["", "\x00", "%", "a" * 10_000, "'", "-1", "NaN", "{}", "é\u202e", "1e9999", "0x10", "٣"]


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    ]


def filled(path: str, flow_id: str) -> str:
    return path.replace("{flow_id}", flow_id).replace("{name}", "toy").format_map(AnyId())


class AnyId(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return str(uuid4())


def fields(app: FastAPI, operation: dict[str, Any]) -> dict[str, Any] | None:
    """The example of an operation's JSON payload, if it takes one."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    named: dict[str, Any] = app.openapi()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return {name: named["example"].get(name) for name in named["properties"]} | named["example"]


@pytest.fixture
async def flow_id(kit: Kit, cast: Cast) -> str:
    flow = await kit.orchestrator.create_flow(cast.lead, "toy", {}, start=False)
    return str(flow.flow_id)


def refused_or_done(answer: httpx.Response, where: object) -> None:
    assert answer.status_code < 500, (where, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", where
        assert {"type", "title", "status", "detail", "code"} <= set(answer.json()), where


async def test_a_nasty_value_in_any_field_of_any_payload(app: FastAPI, lead: httpx.AsyncClient, flow_id: str) -> None:
    for method, path, operation in operations(app):
        example = fields(app, operation)
        for name in example or {}:
            for nasty in NASTY_JSON:
                body = json.dumps({**(example or {}), name: nasty}).encode()
                answer = await lead.request(
                    method, filled(path, flow_id), content=body, headers={"Content-Type": "application/json"}
                )
                refused_or_done(answer, (method, path, name, str(nasty)[:40]))


async def test_a_nasty_value_in_any_part_of_any_query(app: FastAPI, lead: httpx.AsyncClient, flow_id: str) -> None:
    for method, path, operation in operations(app):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query" and method == "GET":
                ends = {"follow": "false"} if path.endswith("/events") else {}  # a stream would go on for ever
                for nasty in NASTY_TEXT:
                    answer = await lead.get(filled(path, flow_id), params=ends | {parameter["name"]: nasty})
                    refused_or_done(answer, (path, parameter["name"], nasty[:40]))


async def test_a_nasty_value_in_any_path(app: FastAPI, lead: httpx.AsyncClient) -> None:
    for method, path, _ in operations(app):
        if "{" in path and method == "GET":
            for nasty in ("%00", "%FF", "..%2F..", "a" * 2000, "'", "0" * 36, "%F0%9F%98%80"):
                start, _, rest = path.partition("{")
                answer = await lead.get(start + nasty + rest.partition("}")[2])
                refused_or_done(answer, (path, nasty))
                assert answer.status_code == 404, (path, nasty)


@pytest.mark.parametrize(
    "name", ["If-Match", "If-None-Match", "Masterflow-Engagement", "Authorization", "Content-Type"]
)
async def test_a_nasty_header(lead: httpx.AsyncClient, flow_id: str, name: str) -> None:
    for nasty in ("", '"', '"999999999999"', "é".encode(), b"\xff\xfe", "W/", "*, *", "a" * 5000):
        for method, path in (("GET", ""), ("POST", "/execute")):
            answer = await lead.request(method, f"/api/v1/flows/{flow_id}{path}", headers={name: nasty}, content=b"{}")
            refused_or_done(answer, (name, nasty))


@pytest.mark.parametrize(
    ("nasty", "says"),
    [
        ("18446744073709551616", "an integer needs more than 64 bits"),
        ("NaN", "a number is not finite"),
        ("[" * DEEPEST + "]" * DEEPEST, f"it is nested deeper than {DEEPEST} levels"),
    ],
)
async def test_json_that_cannot_be_stored_is_refused_by_its_field(
    lead: httpx.AsyncClient, nasty: str, says: str
) -> None:
    body = f'{{"flow_type": "toy", "config": {{"left": [{{"x": {nasty}}}]}}}}'
    answer = await lead.post("/api/v1/flows", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert [(w["field"], w["message"]) for w in answer.json()["errors"]] == [("config", says)]


async def test_a_body_that_is_no_json_is_refused_with_line_and_column(lead: httpx.AsyncClient) -> None:
    body = '{\n  "flow_type": "toy",\n  oops}'
    answer = await lead.post("/api/v1/flows", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    [wrong] = answer.json()["errors"]
    assert (wrong["field"], wrong["message"].endswith("at line 3, column 3")) == ("body", True), wrong


@pytest.mark.parametrize("name", ["", "  \t"])
async def test_a_blank_name_is_refused(lead: httpx.AsyncClient, name: str) -> None:
    answer = await lead.post("/api/v1/flows", json={"flow_type": "toy", "config": {}, "flow_name": name})
    assert (answer.status_code, answer.json()["detail"].startswith("The name is blank")) == (400, True), answer.text
