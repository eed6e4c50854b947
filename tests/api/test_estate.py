"""The estate over HTTP: the review queue, exports and dependencies page by page."""

import io
from dataclasses import replace

import httpx
import pytest
from openpyxl import load_workbook

from masterflow.db.session import Database
from masterflow.inventory.types import Conflict
from tests.conftest import Cast
from tests.inventory.estates import Estate, application, fact, publish, server

WEB = server("web")
CORES = (fact("cpu_cores", "2"), fact("cpu_cores", "4", chosen=False, row=3))
CONFLICT = Conflict("web", "cpu_cores", CORES, "2", "vInfo first", needs_review=True, asset_id=WEB.id)
ID = f"{WEB.id}.cpu_cores"


@pytest.fixture
async def estate(database: Database, cast: Cast) -> None:
    bare = replace(server("bare"), cpu_cores=None)
    found = Estate(servers=(WEB, bare), applications=(application("Billing", WEB),), conflicts=(CONFLICT,))
    await publish(database, cast.tenant, found)


@pytest.mark.usefixtures("estate")
async def test_a_conflict_is_listed_decided_and_shown_as_decided(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    [asked] = (await lead.get("/api/v1/conflicts", params={"needs_review": True})).json()["items"]
    assert (asked["id"], asked["preferred"], [v["value"] for v in asked["values"]]) == (ID, "2", ["2", "4"])
    decided = await lead.post(f"/api/v1/conflicts/{ID}/decision", json={"value": "4", "reason": "I counted"})
    assert decided.status_code == 200, decided.text
    body = decided.json()
    assert (body["preferred"], body["needs_review"], body["decided_by"]) == ("4", False, "lead@home.example")
    assert body["why"].endswith(": I counted")
    assert (await lead.get("/api/v1/conflicts", params={"needs_review": True})).json()["items"] == []
    assert (await lead.get(f"/api/v1/assets/{WEB.id}")).json()["asset"]["cpu_cores"] == 4
    theirs = await outsider.post(f"/api/v1/conflicts/{ID}/decision", json={"keep_preferred": True})
    assert theirs.status_code == 404
    assert (await outsider.get("/api/v1/conflicts")).json()["items"] == []


@pytest.mark.usefixtures("estate")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"value": "4", "keep_preferred": True}, 422),
        ({"value": "7"}, 400),
        ({"keep_preferred": True}, 200),
    ],
)
async def test_a_decision_names_one_value_that_a_source_states(
    body: dict[str, object], status: int, lead: httpx.AsyncClient
) -> None:
    answer = await lead.post(f"/api/v1/conflicts/{ID}/decision", json=body)
    assert answer.status_code == status, answer.text


@pytest.mark.usefixtures("estate")
async def test_an_export_is_a_download_that_counts_what_it_left_out(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    asked = {"format": "azure_migrate"}
    sent = await lead.get("/api/v1/assets/export", params=asked)
    assert (sent.status_code, sent.headers["masterflow-left-out"]) == (200, "1")
    assert sent.headers["content-disposition"] == "attachment; filename*=UTF-8''azure-migrate-import.csv"
    assert sent.headers["content-type"].startswith("text/csv")
    assert sent.text.splitlines()[1].startswith("web,10.0.0.1; fe80::1,2,4096,")
    why = await lead.get("/api/v1/assets/export", params=asked | {"left_out": True})
    assert why.text == 'Name,Reason\r\nbare,"the format requires cores, which no source states"\r\n'
    assert len((await outsider.get("/api/v1/assets/export", params=asked)).text.splitlines()) == 1


@pytest.mark.usefixtures("estate")
async def test_a_workbook_is_exported_with_lineage(lead: httpx.AsyncClient) -> None:
    asked = {"format": "xlsx", "lineage": True, "search": "web"}
    sent = await lead.get("/api/v1/assets/export", params=asked)
    book = load_workbook(io.BytesIO(sent.content))
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("inventory", 2), ("lineage", 1 + len(WEB.facts))]


@pytest.mark.usefixtures("estate")
@pytest.mark.parametrize("asked", [{"format": "pdf"}, {"format": "csv", "lineage": True}, {}])
async def test_an_export_that_does_not_exist_is_refused(asked: dict[str, object], lead: httpx.AsyncClient) -> None:
    answer = await lead.get("/api/v1/assets/export", params=asked)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
