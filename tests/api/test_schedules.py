"""Schedules and calendars over HTTP."""

import httpx
import pytest

NIGHTLY = {"name": "nightly", "flow_type": "toy", "config": {"left": 2}, "cron": "30 2 * * mon-fri"}
FREEZE = {"starts_at": "2026-12-18T00:00:00+01:00", "ends_at": "2027-01-04T00:00:00+01:00", "reason": "freeze"}


async def test_a_schedule_is_made_read_changed_rested_run_and_dropped(lead: httpx.AsyncClient) -> None:
    made = await lead.post("/api/v1/schedules", json=NIGHTLY | {"time_zone": "Europe/Berlin"})
    assert made.status_code == 201
    schedule = made.json()
    where = f"/api/v1/schedules/{schedule['id']}"
    assert made.headers["Location"] == where
    assert (schedule["cron"], schedule["time_zone"], schedule["runs_as"]) == (
        "30 2 * * mon-fri",
        "Europe/Berlin",
        "lead@home.example",
    )
    assert (await lead.get(where)).json() == schedule
    assert [one["id"] for one in (await lead.get("/api/v1/schedules")).json()["items"]] == [schedule["id"]]
    changed = await lead.put(where, json=NIGHTLY | {"cron": "@daily"}, headers={"If-Match": made.headers["ETag"]})
    assert (changed.status_code, changed.json()["cron"]) == (200, "@daily")
    stale = await lead.put(where, json=NIGHTLY, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    paused = await lead.post(f"{where}/pause", json={"reason": "audit"})
    assert paused.json()["paused_because"] == "lead@home.example paused it: audit"
    assert (await lead.post(f"{where}/pause")).status_code == 409
    assert (await lead.post(f"{where}/resume")).json()["paused_because"] is None
    ran = await lead.post(f"{where}/run")
    assert (ran.status_code, ran.json()["flow_type"]) == (202, "toy")
    runs = (await lead.get(f"{where}/runs", params={"limit": 1})).json()
    assert [run["flow_id"] for run in runs["items"]] == [ran.json()["flow_id"]]
    assert (await lead.get(f"{where}/runs", params={"before": runs["next_before"]})).json()["items"] == []
    assert (await lead.delete(where)).status_code == 204
    assert (await lead.get(where)).status_code == 404


async def test_a_calendar_is_made_kept_to_and_dropped(lead: httpx.AsyncClient) -> None:
    made = await lead.post("/api/v1/calendars", json={"name": "freezes", "periods": [FREEZE]})
    assert made.status_code == 201
    calendar = made.json()
    assert calendar["periods"][0]["starts_at"] == "2026-12-17T23:00:00Z"
    where = f"/api/v1/calendars/{calendar['id']}"
    schedule = (await lead.post("/api/v1/schedules", json=NIGHTLY | {"calendar_id": calendar["id"]})).json()
    assert (await lead.get(where)).json()["used_by"] == 1
    assert (await lead.delete(where)).status_code == 409
    assert (await lead.put(where, json={"periods": []}, headers={"If-Match": '"1"'})).json()["version"] == 2
    assert (await lead.put(where, json={"periods": []}, headers={"If-Match": '"1"'})).status_code == 412
    await lead.delete(f"/api/v1/schedules/{schedule['id']}")
    assert (await lead.delete(where)).status_code == 204
    assert (await lead.get("/api/v1/calendars")).json() == {"items": []}


async def test_the_next_times_are_shown_before_anything_is_kept(lead: httpx.AsyncClient) -> None:
    answer = await lead.post("/api/v1/schedules/preview", params={"count": 3}, json={"cron": "0 2 * * *"})
    assert [one["due_at"][11:] for one in answer.json()["items"]] == ["02:00:00Z"] * 3
    assert (await lead.get("/api/v1/schedules")).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"cron": "often"}, 400, "is no cron expression"),
        ({"time_zone": "Mars"}, 400, "no time zone"),
        ({"flow_type": "none"}, 400, "none"),
        ({"config": {"left": "many"}}, 400, "left"),
        ({"catch_up": "all"}, 400, "several flows at once"),
        ({"calendar_id": "00000000-0000-0000-0000-000000000001"}, 404, "no such calendar"),
        ({"name": ""}, 400, "name"),
    ],
)
async def test_what_cannot_be_scheduled_is_refused(
    lead: httpx.AsyncClient, change: dict[str, object], status: int, says: str
) -> None:
    answer = await lead.post("/api/v1/schedules", json=NIGHTLY | change)
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text
