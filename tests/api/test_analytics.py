"""Figures of flows over HTTP."""

import httpx
import pytest

from masterflow.db.session import Database
from masterflow.orchestrator.analytics import AnalyticsFold
from masterflow.orchestrator.relay import Relay
from masterflow.testing import Kit
from tests.conftest import Cast

PATH = "/api/v1/flows/analytics"


@pytest.fixture
async def failed(kit: Kit, database: Database, cast: Cast) -> None:
    """A flow that failed, counted."""
    flow = await kit.orchestrator.create_flow(cast.lead, "toy", {"left": -1})
    await kit.settled(cast.lead, flow.flow_id)
    await Relay(database, [AnalyticsFold()]).run_once()


@pytest.mark.usefixtures("failed")
async def test_the_figures_of_an_engagement_are_its_own(lead: httpx.AsyncClient, outsider: httpx.AsyncClient) -> None:
    told = (await lead.get(PATH)).json()
    assert told["flows"] == [{"flow_type": "toy", "total": 1, "by_status": {"failed": 1}}]
    (total,), (day,), (cause,) = told["totals"], told["days"], told["failures"]
    assert (total["created"], total["failed"], total["success_rate"]) == (1, 1, 0.0)
    assert day == total | {"day": told["last"]}
    assert (cause["flow_type"], cause["phase"], cause["count"]) == ("toy", "add", 1)
    assert cause["days"] == {told["last"]: 1}
    other = (await outsider.get(PATH)).json()
    assert (other["flows"], other["totals"], other["days"], other["as_of"]) == ([], [], [], None)


@pytest.mark.usefixtures("failed")
async def test_a_window_a_type_and_a_scope_are_asked_for(lead: httpx.AsyncClient, approver: httpx.AsyncClient) -> None:
    told = (await lead.get(PATH, params={"from": "2026-01-01", "to": "2026-01-31", "flow_type": "toy"})).json()
    assert (told["first"], told["last"], told["totals"], len(told["flows"])) == ("2026-01-01", "2026-01-31", [], 1)
    assert (await lead.get(PATH, params={"scope": "client"})).json()["scope"] == "client"
    assert (await approver.get(PATH, params={"scope": "client"})).status_code == 403
    wrong = await lead.get(PATH, params={"from": "2026-02-01", "to": "2026-01-31"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "input.invalid")
    assert (await lead.get(PATH, params={"from": "yesterday"})).status_code in {400, 422}
