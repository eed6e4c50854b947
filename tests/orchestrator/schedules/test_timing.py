"""When a schedule runs: clocks that change, blackouts, and runs that were missed."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import InvalidInput
from masterflow.orchestrator.schedules.timing import (
    MOST_CAUGHT_UP,
    Blackout,
    CatchUp,
    InBlackout,
    Rules,
    due,
    next_run,
    timetable,
    upcoming,
)

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]
CRONS = ["* * * * *", "*/15 * * * *", "0 * * * *", "30 2 * * *", "30 2,14 * * mon-fri", "0 0 1 * *", "@weekly"]
MOMENTS = st.integers(0, 4 * 365 * 86_400).map(lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FREEZE = Blackout(datetime(2026, 12, 18, tzinfo=UTC), datetime(2027, 1, 4, 6, tzinfo=UTC), "year-end freeze")


def local(cron: str, zone: str, after: datetime, count: int) -> list[str]:
    clock = ZoneInfo(zone)
    return [
        f"{m.astimezone(clock):%m-%d %H:%M %z}" for m in islice(upcoming(timetable(cron, zone), Rules(), after), count)
    ]


def test_a_time_that_summer_time_leaves_out_runs_after_the_gap() -> None:
    assert local("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC), 2) == [
        "03-29 03:00 +0200",
        "03-30 02:30 +0200",
    ]


def test_a_time_that_comes_twice_runs_once() -> None:
    assert local("30 2,5 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), 3) == [
        "10-25 02:30 +0200",
        "10-25 05:30 +0100",
        "10-26 02:30 +0100",
    ]


def test_half_an_hour_that_comes_twice_runs_once() -> None:
    assert local("45 1 * * *", "Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC), 2) == [
        "04-05 01:45 +1100",
        "04-06 01:45 +1030",
    ]


def test_what_runs_every_hour_runs_in_both_hours() -> None:
    assert local("0 * * * *", "Europe/Berlin", datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 3) == [
        "10-25 02:00 +0200",
        "10-25 02:00 +0100",
        "10-25 03:00 +0100",
    ]


@given(st.sampled_from(CRONS), st.sampled_from(ZONES), MOMENTS)
def test_times_rise_and_show_what_the_expression_says(cron: str, zone: str, after: datetime) -> None:
    found = [after, *islice(upcoming(timetable(cron, zone), Rules(), after), 5)]
    assert all(earlier < later for earlier, later in pairwise(found))
    minutes = {moment.astimezone(ZoneInfo(zone)).minute for moment in found[1:]}
    if cron == "*/15 * * * *":
        assert minutes <= {0, 15, 30, 45}


@given(st.sampled_from(CRONS), MOMENTS, st.sampled_from(InBlackout))
def test_nothing_runs_in_a_blackout(cron: str, after: datetime, policy: InBlackout) -> None:
    blackouts = (FREEZE, Blackout(FREEZE.ends_at - timedelta(hours=1), FREEZE.ends_at + timedelta(days=1), "more"))
    rules = Rules(in_blackout=policy, blackouts=blackouts)
    moment = next_run(timetable(cron, "UTC"), rules, after)
    assert moment is not None
    assert moment > after
    assert not any(b.starts_at <= moment < b.ends_at for b in blackouts)


def test_a_deferred_run_is_made_once_when_the_blackout_ends() -> None:
    rules = Rules(in_blackout=InBlackout.DEFER, blackouts=(FREEZE,))
    found = list(islice(upcoming(timetable("0 2 * * *", "UTC"), rules, datetime(2026, 12, 17, 12, tzinfo=UTC)), 2))
    assert found == [FREEZE.ends_at, datetime(2027, 1, 5, 2, tzinfo=UTC)]


def test_a_skipped_run_waits_for_the_next_time_of_the_timetable() -> None:
    rules = Rules(blackouts=(FREEZE,))
    assert next_run(timetable("0 2 * * *", "UTC"), rules, FREEZE.starts_at) == datetime(2027, 1, 5, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("catch_up", "runs", "passed"),
    [(CatchUp.SKIP, 0, 4), (CatchUp.ONCE, 1, 3), (CatchUp.ALL, 4, 0)],
)
def test_missed_runs_are_skipped_made_once_or_all(catch_up: CatchUp, runs: int, passed: int) -> None:
    first = datetime(2026, 11, 20, 2, tzinfo=UTC)
    found = due(timetable("0 2 * * *", "UTC"), Rules(catch_up=catch_up), next_run_at=first, now=NOW)
    assert (len(found.runs), len(found.passed)) == (runs, passed)
    assert found.next_run_at == datetime(2026, 11, 24, 2, tzinfo=UTC)
    if runs:
        assert found.runs[-1] == datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_a_run_that_is_little_late_was_not_missed() -> None:
    late = due(
        timetable("0 2 * * *", "UTC"),
        Rules(catch_up=CatchUp.SKIP),
        next_run_at=datetime(2026, 11, 23, 2, tzinfo=UTC),
        now=datetime(2026, 11, 23, 2, 4, tzinfo=UTC),
    )
    assert len(late.runs) == 1


@pytest.mark.parametrize("away", [timedelta(hours=3), timedelta(days=30)])
def test_at_most_two_dozen_runs_are_made_up_for(away: timedelta) -> None:
    found = due(timetable("* * * * *", "UTC"), Rules(catch_up=CatchUp.ALL), next_run_at=NOW - away, now=NOW)
    assert len(found.runs) == MOST_CAUGHT_UP == len(found.passed)
    assert found.runs[-1] == NOW
    assert found.next_run_at == NOW + timedelta(minutes=1)


def test_a_run_due_in_a_blackout_is_let_go_or_put_off() -> None:
    daily, inside = timetable("0 2 * * *", "UTC"), datetime(2026, 12, 20, 2, tzinfo=UTC)
    gone = due(daily, Rules(blackouts=(FREEZE,)), next_run_at=inside, now=inside)
    assert (gone.runs, gone.passed) == ((), ((inside, "in a blackout: year-end freeze"),))
    put_off = due(daily, Rules(in_blackout=InBlackout.DEFER, blackouts=(FREEZE,)), next_run_at=inside, now=inside)
    assert (put_off.runs, put_off.passed, put_off.next_run_at) == ((), (), FREEZE.ends_at)


@given(st.sampled_from(CRONS), st.timedeltas(timedelta(0), timedelta(days=40)), st.sampled_from(CatchUp))
def test_every_look_leads_to_a_later_one(cron: str, away: timedelta, catch_up: CatchUp) -> None:
    found = due(timetable(cron, "UTC"), Rules(catch_up=catch_up), next_run_at=NOW - away, now=NOW)
    assert found.next_run_at is not None
    assert found.next_run_at > NOW
    assert all(NOW - away <= moment <= NOW for moment in found.runs)
    assert len(set(found.runs)) == len(found.runs)


@pytest.mark.parametrize(
    "cron", ["", "* * * *", "61 * * * *", "h * * * *", "r(1-5) * * * *", "* * * * * *", "@reboot", "0 0 * * *; rm"]
)
def test_what_is_no_cron_expression_is_refused(cron: str) -> None:
    with pytest.raises(InvalidInput, match="is no cron expression"):
        timetable(cron, "UTC")


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(InvalidInput, match="never comes"):
        timetable("0 0 30 2 *", "UTC")


@pytest.mark.parametrize("zone", ["Mars", "../etc/passwd", "", "/etc/passwd"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match="no time zone"):
        timetable("@daily", zone)
