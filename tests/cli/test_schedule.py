"""Schedules and calendars from a shell."""

from tests.cli.conftest import Shell


def test_a_schedule_is_made_shown_rested_run_and_dropped(ana: Shell) -> None:
    made = ana("schedule", "create", "nightly", "discovery", "30 2 * * mon-fri", "--time-zone", "Europe/Berlin")
    assert (made.code, "30 2 * * mon-fri (Europe/Berlin)" in made.out) == (0, True), made.err
    assert "nightly" in ana("schedule", "list").out
    [listed] = ana("schedule", "list", "--json").json["items"]
    assert ana("schedule", "show", "nightly", "--json").json == listed
    assert "paused it: audit" in ana("schedule", "pause", "nightly", "--reason", "audit").out
    assert "paused" in ana("schedule", "list").out
    assert ana("schedule", "resume", listed["id"]).code == 0
    assert ana("schedule", "runs", "nightly").out == "It has not run yet.\n"
    flow = ana("schedule", "run", "nightly", "--json").json
    assert flow["flow_name"] == "nightly"
    [run] = ana("schedule", "runs", "nightly", "--json").json["items"]
    assert (run["flow_id"], run["outcome"]) == (flow["flow_id"], "started")
    assert flow["flow_id"] in ana("schedule", "runs", "nightly").out
    assert ana("schedule", "delete", "nightly").code == 0
    assert ana("schedule", "list").out == "There is no schedule.\n"
    assert "no such schedule" in ana("schedule", "show", "nightly").err


def test_a_calendar_keeps_runs_out_of_its_blackouts(ana: Shell) -> None:
    always = "2026-01-01T00:00Z/2099-01-01T00:00Z=for ever"
    assert ana("calendar", "create", "freezes", "--blackout", always).code == 0
    assert "for ever" in ana("calendar", "list").out
    shown = ana("schedule", "preview", "0 2 * * *", "--calendar", "freezes", "--count", "1")
    assert "not run" in shown.out
    assert ana("schedule", "create", "n", "discovery", "@daily", "--calendar", "freezes").code == 0
    assert "keep to the calendar" in ana("calendar", "delete", "freezes").err
    changed = ana("calendar", "set", "freezes", "--json").json
    assert (changed["periods"], changed["used_by"]) == ([], 1)
    assert "no blackouts" in ana("calendar", "list").out
    assert len(ana("calendar", "list", "--json").json["items"]) == 1
    assert len(ana("schedule", "preview", "0 2 * * *", "--json").json["items"]) == 10
    assert ana("schedule", "delete", "n").code == 0
    assert ana("calendar", "delete", "freezes").code == 0
    assert ana("calendar", "list").out == "There is no calendar.\n"


def test_a_blackout_is_written_as_two_times_and_a_reason(ana: Shell) -> None:
    for wrong in ("tomorrow", "2026-12-18T00:00Z=freeze", "2026-12-18T00:00Z/2027-01-04T00:00Z"):
        refused = ana("calendar", "create", "wrong", "--blackout", wrong)
        assert (refused.code, "is not START/END=REASON" in refused.err) == (1, True)
    assert "is no cron expression" in ana("schedule", "preview", "often").err
