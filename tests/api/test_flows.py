"""Flows over HTTP: create, command, read."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from masterflow.testing import Kit
from tests.api.conftest import Connect
from tests.conftest import Cast

Settle = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@pytest.fixture
def settle(kit: Kit, cast: Cast, lead: httpx.AsyncClient) -> Settle:
    """The flow as the API shows it once it runs no more."""

    async def settled(flow: dict[str, Any]) -> dict[str, Any]:
        await kit.settled(cast.lead, UUID(flow["flow_id"]))
        return (await lead.get(f"/api/v1/flows/{flow['flow_id']}")).json()

    return settled


async def created(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/flows", json={"flow_type": "toy", **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_flow_is_created_and_runs_to_its_gate(lead: httpx.AsyncClient, settle: Settle) -> None:
    answer = await lead.post("/api/v1/flows", json={"flow_type": "toy", "config": {"left": 5}, "flow_name": "mine"})
    flow = answer.json()
    assert (answer.status_code, flow["status"], flow["config"]) == (201, "running", {"left": 5, "right": 2})
    assert answer.headers["location"] == f"/api/v1/flows/{flow['flow_id']}"
    assert answer.headers["etag"] == f'"{flow["version"]}"'
    waiting = await settle(flow)
    assert (waiting["status"], waiting["current_phase"], waiting["phase_count"]) == ("waiting_for_approval", "add", 2)


async def test_a_flow_that_is_not_started_waits_for_execute(lead: httpx.AsyncClient, settle: Settle) -> None:
    flow = await created(lead, start=False)
    assert flow["status"] == "initialized"
    answer = await lead.post(f"/api/v1/flows/{flow['flow_id']}/execute")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    assert (await settle(flow))["status"] == "waiting_for_approval"


async def test_an_unknown_type_and_a_wrong_configuration_are_the_callers_problem(lead: httpx.AsyncClient) -> None:
    unknown = await lead.post("/api/v1/flows", json={"flow_type": "tyo"})
    assert (unknown.status_code, unknown.json()["hint"]) == (400, "Did you mean 'toy'?")
    wrong = await lead.post("/api/v1/flows", json={"flow_type": "toy", "config": {"left": "x"}})
    assert wrong.status_code == 400
    assert "left" in wrong.json()["detail"]
    forged = await lead.post("/api/v1/flows", json={"flow_type": "toy", "user_id": "x", "status": "completed"})
    assert {e["field"] for e in forged.json()["errors"]} == {"user_id", "status"}


async def test_the_status_says_where_a_flow_stands(lead: httpx.AsyncClient, settle: Settle) -> None:
    flow = await settle(await created(lead, config={"left": -1}))
    status = (await lead.get(f"/api/v1/flows/{flow['flow_id']}/status")).json()
    assert (status["status"], status["current_phase"]) == ("failed", "add")
    assert status["last_error"]["message"] == "The left number is negative."
    assert status["last_error"]["hint"] == "Create the flow anew."


async def test_a_flow_that_waits_for_input_is_answered(lead: httpx.AsyncClient, settle: Settle) -> None:
    flow = await settle(await created(lead, config={"right": None}))
    assert flow["status"] == "waiting_for_input"
    assert flow["last_error"]["missing"][0]["field"] == "right"
    path = f"/api/v1/flows/{flow['flow_id']}/input"
    answer = await lead.post(path, json={"values": {"right": 4}})
    assert (answer.status_code, answer.json()["config"]["right"]) == (202, 4)
    assert (await settle(flow))["status"] == "waiting_for_approval"


async def test_the_history_tells_who_did_what_in_pages(lead: httpx.AsyncClient, settle: Settle) -> None:
    flow = await settle(await created(lead))
    path = f"/api/v1/flows/{flow['flow_id']}/history"
    whole = (await lead.get(path)).json()
    assert [event["seq"] for event in whole["items"]] == list(range(1, len(whole["items"]) + 1))
    assert (whole["items"][0]["actor"], whole["next_after"]) == ("lead@home.example", None)
    first = (await lead.get(path, params={"limit": 1})).json()
    rest = (await lead.get(path, params={"after": first["next_after"]})).json()
    assert first["items"] + rest["items"] == whole["items"]


async def test_the_results_are_what_the_phases_computed(
    lead: httpx.AsyncClient, approver: httpx.AsyncClient, settle: Settle
) -> None:
    flow = await settle(await created(lead))
    [gate] = (await approver.get("/api/v1/gates")).json()["items"]
    await approver.post(f"/api/v1/gates/{gate['id']}/decision", json={"verdict": "approve"})
    assert (await settle(flow))["status"] == "completed"
    results = (await lead.get(f"/api/v1/flows/{flow['flow_id']}/results")).json()["items"]
    assert [(r["phase"], r["output"]) for r in results] == [("add", {"total": 3}), ("double", {"doubled": 6})]


async def test_a_known_version_is_not_sent_again(lead: httpx.AsyncClient) -> None:
    flow = await created(lead, start=False)
    path = f"/api/v1/flows/{flow['flow_id']}"
    tag = (await lead.get(path)).headers["etag"]
    for known in (tag, f'"0", W/{tag}'):
        again = await lead.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await lead.get(path, headers={"If-None-Match": '"99"'})).status_code == 200


async def test_a_command_for_an_older_version_is_refused(lead: httpx.AsyncClient, settle: Settle) -> None:
    flow = await created(lead, start=False)
    path = f"/api/v1/flows/{flow['flow_id']}"
    stale = await lead.post(f"{path}/execute", headers={"If-Match": '"99"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "conflict.version")
    tag = (await lead.get(path)).headers["etag"]
    assert (await lead.post(f"{path}/execute", headers={"If-Match": tag})).status_code == 202
    assert (await lead.post(f"{path}/cancel", headers={"If-Match": "*"})).status_code == 202


async def test_an_entity_tag_that_no_flow_has_is_a_bad_request(lead: httpx.AsyncClient) -> None:
    flow = await created(lead, start=False)
    answer = await lead.post(f"/api/v1/flows/{flow['flow_id']}/execute", headers={"If-Match": "seven"})
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")


async def test_commands_that_the_state_does_not_allow_say_so(lead: httpx.AsyncClient, settle: Settle) -> None:
    flow = await settle(await created(lead))
    for command in ("pause", "resume", "retry"):
        answer = await lead.post(f"/api/v1/flows/{flow['flow_id']}/{command}")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict"), command
        assert "waiting for approval" in answer.json()["detail"], command


async def test_a_failed_flow_is_retried_and_a_live_one_cancelled_with_a_reason(
    lead: httpx.AsyncClient, settle: Settle
) -> None:
    failed = await settle(await created(lead, config={"left": -1}))
    retried = await lead.post(f"/api/v1/flows/{failed['flow_id']}/retry", json={"reason": "again"})
    assert (retried.status_code, retried.json()["status"]) == (202, "running")
    waiting = await settle(await created(lead))
    cancelled = await lead.post(f"/api/v1/flows/{waiting['flow_id']}/cancel", json={"reason": "not needed"})
    assert cancelled.json()["status"] == "cancelled"
    history = (await lead.get(f"/api/v1/flows/{waiting['flow_id']}/history")).json()["items"]
    assert history[-1]["reason"] == "not needed"


async def test_a_failed_flow_goes_on_from_an_earlier_phase_with_edited_input(
    lead: httpx.AsyncClient, settle: Settle
) -> None:
    failed = await settle(await created(lead, config={"left": -1}))
    path = f"/api/v1/flows/{failed['flow_id']}"
    redo = (await lead.get(f"{path}/redo")).json()
    assert (redo["reused"], redo["phase"] in redo["runs_again"]) == ([], True)
    refused = await lead.post(f"{path}/skip", json={"reason": "no need"})
    assert (refused.status_code, "has to run" in refused.json()["detail"]) == (409, True)
    rolled = await lead.post(
        f"{path}/rollback", json={"phase": redo["phase"], "config": {"left": 5}, "reason": "a slip"}
    )
    assert (rolled.status_code, rolled.json()["iteration"], rolled.json()["config"]["left"]) == (202, 2, 5)
    assert (await settle(rolled.json()))["status"] == "waiting_for_approval"


async def test_an_ended_flow_is_deleted_and_leaves_the_list(lead: httpx.AsyncClient, settle: Settle) -> None:
    flow = await settle(await created(lead))
    path = f"/api/v1/flows/{flow['flow_id']}"
    assert (await lead.delete(path)).status_code == 409
    await lead.post(f"{path}/cancel")
    assert (await lead.delete(path)).json()["deleted_at"] is not None
    assert (await lead.get(path)).status_code == 404
    assert (await lead.get("/api/v1/flows")).json()["items"] == []
    assert len((await lead.get("/api/v1/flows", params={"include_deleted": True})).json()["items"]) == 1
    restored = await lead.post(f"{path}/restore", json={"reason": "still needed"})
    assert (restored.status_code, restored.json()["deleted_at"]) == (200, None)
    assert (await lead.get(path)).status_code == 200


async def test_flows_are_listed_filtered_and_paged(lead: httpx.AsyncClient, settle: Settle) -> None:
    made = [await created(lead, start=False, flow_name=str(n)) for n in range(3)]
    failed = await settle(await created(lead, config={"left": -1}))
    first = (await lead.get("/api/v1/flows", params={"limit": 2})).json()
    rest = (await lead.get("/api/v1/flows", params={"limit": 2, "cursor": first["cursor"]})).json()
    ids = [flow["flow_id"] for flow in first["items"] + rest["items"]]
    assert ids[0] == failed["flow_id"]
    assert set(ids) == {flow["flow_id"] for flow in [*made, failed]}
    assert rest["cursor"] is None
    found = (await lead.get("/api/v1/flows", params={"status": "failed", "flow_type": "toy"})).json()["items"]
    assert [flow["flow_id"] for flow in found] == [failed["flow_id"]]
    several = {"status": ["failed", "initialized"], "flow_type": ["toy", "other"], "created_by": "me"}
    assert [flow["flow_id"] for flow in (await lead.get("/api/v1/flows", params=several)).json()["items"]] == ids
    named = (await lead.get("/api/v1/flows", params={"search": "1"})).json()["items"]
    assert [(flow["flow_name"], flow["created_by_name"]) for flow in named] == [("1", "lead@home.example")]
    assert (await lead.get("/api/v1/flows", params={"status": "lost"})).status_code == 400
    assert (await lead.get("/api/v1/flows", params={"created_by": "you"})).status_code == 400
    assert (await lead.get("/api/v1/flows", params={"cursor": "nonsense"})).status_code == 400


async def test_another_clients_flow_reads_like_none(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient, settle: Settle
) -> None:
    flow = await settle(await created(lead))
    [gate] = (await lead.get("/api/v1/gates")).json()["items"]
    for theirs, none in (
        (f"/api/v1/flows/{flow['flow_id']}", f"/api/v1/flows/{uuid4()}"),
        (f"/api/v1/flows/{flow['flow_id']}/history", f"/api/v1/flows/{uuid4()}/history"),
        (f"/api/v1/gates/{gate['id']}", f"/api/v1/gates/{uuid4()}"),
        (f"/api/v1/gates/{gate['id']}/workbook", f"/api/v1/gates/{uuid4()}/workbook"),
    ):
        seen, never = await outsider.get(theirs), await outsider.get(none)
        assert (seen.status_code, seen.content) == (404, never.content), theirs
    commanded = await outsider.post(f"/api/v1/flows/{flow['flow_id']}/cancel")
    assert commanded.content == (await outsider.post(f"/api/v1/flows/{uuid4()}/cancel")).content


async def test_who_only_approves_starts_nothing(approver: httpx.AsyncClient, connect: Connect) -> None:
    answer = await approver.post("/api/v1/flows", json={"flow_type": "toy"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_a_flow_type_describes_its_configuration_and_phases(lead: httpx.AsyncClient) -> None:
    [toy] = (await lead.get("/api/v1/flow-types")).json()["items"]
    assert [phase["name"] for phase in toy["phases"]] == ["add", "double"]
    assert set(toy["config"]["properties"]) == {"left", "right"}
    assert (await lead.get("/api/v1/flow-types/toy")).json() == toy
    assert (await lead.get("/api/v1/flow-types/none")).status_code == 404
