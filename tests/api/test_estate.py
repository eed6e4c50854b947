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
from tests.inventory.graph.test_store import BILLING, LONE, POST, SOFT, build, needs

WEB, DB, MAIL = server("web"), server("db"), server("mail")
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


@pytest.mark.usefixtures("estate")
async def test_assets_are_filtered_sorted_and_counted_by_facets(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    asked = {"unknown": "environment", "criticality": ["high", "low"], "sort": "-cpu_cores", "limit": 1}
    first = (await lead.get("/api/v1/assets", params=asked)).json()
    assert [one["name"] for one in first["items"]] == ["web"]
    second = (await lead.get("/api/v1/assets", params=asked | {"cursor": first["cursor"]})).json()
    assert ([one["name"] for one in second["items"]], second["cursor"]) == (["bare"], None)
    other = await lead.get("/api/v1/assets", params=asked | {"sort": "name", "cursor": first["cursor"]})
    assert (other.status_code, "sorted by '-cpu_cores'" in other.json()["detail"]) == (400, True)
    found = (await lead.get("/api/v1/assets/facets", params={"search": "e"})).json()
    assert (found["total"], [facet["field"] for facet in found["facets"]][:2]) == (2, ["environment", "asset_type"])
    assert found["facets"][0] == {
        "field": "environment",
        "title": "Environment",
        "values": [{"value": None, "count": 2, "label": None}],
        "more": 0,
    }
    assert {one["label"] for one in found["facets"][-1]["values"]} == {"Billing", None}
    theirs = (await outsider.get("/api/v1/assets/facets")).json()
    assert (theirs["total"], {len(facet["values"]) for facet in theirs["facets"]}) == (0, {0})
    assert (await lead.get("/api/v1/assets", params={"unknown": "colour"})).status_code == 400


async def test_the_graph_of_dependencies_and_the_evidence_of_an_edge(
    database: Database, cast: Cast, lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    await build(database, cast.tenant, [needs(WEB.id, MAIL.id, port=25), needs(MAIL.id, DB.id)])
    found = (await lead.get("/api/v1/dependencies/graph")).json()
    edge = next(one for one in found["edges"] if one["source"] == str(BILLING.id))
    assert edge == {
        "id": f"{BILLING.id}.{POST.id}",
        "source": str(BILLING.id),
        "target": str(POST.id),
        "kinds": {"hard": 1, "soft": 0},
        "count": 1,
        "connections": None,
        "bytes_total": None,
        "confidence": 1.0,
        "ports": [25],
        "within_cycle": True,
    }
    assert found["nodes"][0] == {
        "id": str(BILLING.id),
        "kind": "application",
        "name": "Billing",
        "servers": 2,
        "environment": None,
        "criticality": "low",
        "cycle": 1,
        "parent": None,
        "expandable": True,
    }
    assert [one["name"] for one in found["cycles"][0]["applications"]] == ["Billing", "Post"]
    expand = {"expand": [str(BILLING.id), str(POST.id)], "search": "web"}
    opened = (await lead.get("/api/v1/dependencies/graph", params=expand)).json()
    assert ([one["name"] for one in opened["nodes"]], opened["hidden"]) == (
        ["Shop", "mail", "web"],
        {"nodes": 1, "edges": 1},
    )
    asked = {"source": edge["source"], "target": edge["target"]}
    [behind] = (await lead.get("/api/v1/dependencies/evidence", params=asked)).json()["items"]
    assert (behind["source_name"], behind["target_name"], behind["port"]) == ("web", "mail", 25)
    assert (await outsider.get("/api/v1/dependencies/evidence", params=asked)).json() == {"items": [], "cursor": None}
    theirs = {"nodes": [], "edges": [], "cycles": [], "hidden": {"nodes": 0, "edges": 0}}
    assert (await outsider.get("/api/v1/dependencies/graph", params=expand)).json() == theirs


@pytest.mark.usefixtures("estate")
async def test_values_are_set_on_many_assets_after_a_dry_run(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    order = {
        "filter": {"search": "e", "unknown": ["environment"]},
        "set": {"environment": "production", "department": "Sales"},
        "reason": "The owners say so.",
    }
    looked = await lead.post("/api/v1/assets/bulk", json=order)
    assert looked.status_code == 200, looked.text
    body = looked.json()
    change = {"field": "environment", "before": None, "after": "production", "count": 2}
    assert (body["dry_run"], body["count"], change in body["changes"]) == (True, 2, True)
    assert body["sample"][0]["name"] == "bare"
    real = order | {"dry_run": False, "expected_count": 2}
    theirs = await outsider.post("/api/v1/assets/bulk", json=real)
    assert (theirs.status_code, theirs.json()["detail"][:27]) == (409, "The order is about 0 assets")
    done = await lead.post("/api/v1/assets/bulk", json=real)
    assert (done.status_code, done.json()["dry_run"], done.json()["count"]) == (200, False, 2)
    again = await lead.post("/api/v1/assets/bulk", json=real)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    found = (await lead.get(f"/api/v1/assets/{WEB.id}")).json()
    [fact] = [one for one in found["facts"] if one["field"] == "department"]
    assert (found["asset"]["department"], fact["chosen"], fact["rule"]) == ("Sales", True, "decided by a person")
    assert fact["source"]["file"].endswith(": The owners say so.")
    back = {"ids": [str(WEB.id)], "set": {"department": None}, "reason": "mistaken", "dry_run": False}
    assert (await lead.post("/api/v1/assets/bulk", json=back)).json()["changes"] == [
        {"field": "department", "before": "Sales", "after": None, "count": 1}
    ]
    after = (await lead.get(f"/api/v1/assets/{WEB.id}")).json()["asset"]
    assert (after["department"], after["environment"]) == (None, "production")
    audit = (await lead.get("/api/v1/audit", params={"action": "set_asset_values"})).json()["items"]
    assert [one["outcome"] for one in audit] == ["done", "refused", "done"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ids": [str(WEB.id)]},
        {"filter": None},
        {"set": {}},
        {"set": {"cpu_cores": 4}},
        {"set": {"environment": "prod"}},
        {"set": {"business_owner": " "}},
        {"reason": " "},
        {"filter": {"colour": "red"}},
        {"expected_count": -1},
    ],
)
async def test_an_order_that_is_not_clear_is_refused(wrong: dict[str, object], lead: httpx.AsyncClient) -> None:
    order = {"filter": {}, "set": {"department": "Sales"}, "reason": "r", "dry_run": True}
    assert (await lead.post("/api/v1/assets/bulk", json=order)).status_code == 200
    assert (await lead.post("/api/v1/assets/bulk", json=order | wrong)).status_code == 422


async def test_an_application_tells_its_members_and_the_other_ends_of_its_dependencies(
    database: Database, cast: Cast, lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    found = [needs(WEB.id, MAIL.id), needs(BILLING.id, POST.id), needs(LONE.id, DB.id, SOFT), needs(WEB.id, DB.id)]
    await build(database, cast.tenant, found)
    body = (await lead.get(f"/api/v1/applications/{BILLING.id}")).json()
    assert (body["name"], body["members"], len(body["asset_ids"])) == ("Billing", 2, 2)
    assert body["needs"] == [{"id": str(POST.id), "kind": "application", "name": "Post", "hard": 2, "soft": 0}]
    assert body["needed_by"] == [{"id": str(LONE.id), "kind": "asset", "name": "lone", "hard": 0, "soft": 1}]
    assert (await outsider.get(f"/api/v1/applications/{BILLING.id}")).status_code == 404
