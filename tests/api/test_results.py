"""Plans and assessments over HTTP: lists with figures, two plans side by side."""

from dataclasses import replace
from uuid import uuid4

import httpx

from masterflow.db.session import Database
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.plans.store import PlanStore
from tests.conftest import Cast
from tests.records.assessments.test_store import an_assessment
from tests.records.plans.test_store import a_plan


async def test_two_plans_are_listed_and_compared(
    database: Database, cast: Cast, lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    a = a_plan()
    b = replace(a, id=uuid4(), items=(replace(a.items[0], wave=1),), objective=0.5)
    for plan in (a, b):
        async with database.transaction(cast.tenant) as session:
            await PlanStore(session).publish(plan)
    newest, oldest = (await lead.get("/api/v1/plans")).json()["items"]
    assert newest.keys() == {"id", "flow_id", "version", "status", "created_at", "waves", "items", "objective"}
    assert (newest["version"], newest["waves"], newest["items"]) == (2, 2, 1)
    path = f"/api/v1/plans/{a.id}/compare/{b.id}"
    found = (await lead.get(path)).json()
    assert (found["a"], found["b"], found["objective"]) == (oldest, newest, {"a": 0.061, "b": 0.5})
    moved, gone = a.items
    assert found["moved"] == [
        {"subject_id": str(moved.subject_id), "subject_name": "Billing", "from_wave": 2, "to_wave": 1}
    ]
    assert found["only_in_a"] == [{"subject_id": str(gone.subject_id), "subject_name": "Archive", "wave": 1}]
    assert (found["only_in_b"], found["broken_wishes"]) == ([], {"fixed": [], "new": []})
    side = {"start": "2027-01-11", "end": "2027-02-07", "servers": 5, "hours": 100}
    assert found["waves"][0] == {"number": 1, "a": side, "b": side}
    assert (await outsider.get(path)).status_code == 404


async def test_an_assessment_is_listed_with_its_counts(
    database: Database, cast: Cast, lead: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    made = an_assessment()
    async with database.transaction(cast.tenant) as session:
        await AssessmentStore(session).publish(made)
    [entry] = (await lead.get("/api/v1/assessments")).json()["items"]
    assert (entry["servers"], entry["recommendations"]) == (len(made.servers), len(made.recommendations))
    assert entry["by_strategy"] == {"replatform": len(made.recommendations)}
    assert (entry["target"], entry["flow_id"]) == (made.target, str(made.flow_id))
    assert (await outsider.get("/api/v1/assessments")).json()["items"] == []
