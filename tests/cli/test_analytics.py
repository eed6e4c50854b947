"""Figures of flows on a terminal, and their recount."""

import psycopg
import pytest

from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import with_parts
from masterflow.cli.analytics import _span
from masterflow.db.urls import DatabaseUrls
from tests.cli.conftest import Shell

DAY = """INSERT INTO flow_days (client_account_id, engagement_id, day, flow_type, facts)
    SELECT client_account_id, id, '2026-11-20', 'discovery', '{
        "counts": {"created": 4, "completed": 3, "failed": 1, "phases_done": 9},
        "phases": {"data_import": {"count": 2, "us": 90000000, "buckets": {"107": 2}}},
        "waits": {"approval": {"count": 1, "us": 7200000000, "buckets": {"158": 1}}},
        "causes": {"data_import": {"phase.failed": {"": 1}}}}' FROM engagements"""


def relayed() -> None:
    async def work(parts: Masterflow) -> int:
        return await parts.relay.run_once()  # as a worker does

    with_parts(work)


def test_nothing_counted_is_said_so(ana: Shell) -> None:
    assert "Nothing is counted yet" in ana("flow", "analytics").out
    assert ana("flow", "analytics", "--json").json["as_of"] is None


def test_the_figures_are_shown_in_tables_with_a_picture(ana: Shell, urls: DatabaseUrls) -> None:
    ana("flow", "create", "discovery", "--no-start")
    relayed()
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(DAY)
    out = ana("flow", "analytics", "--from", "2026-11-01", "--to", "2026-11-30").out
    assert "initialized  1" in out
    for words in ("75%", "2026-11-20  3      " + "█" * 30, "1.5 min", "approval  1", "2.0 h", "phase.failed"):
        assert words in out, words
    counted = ana("flow", "analytics", "--json", "--from", "2026-11-20", "--to", "2026-11-20", "--type", "discovery")
    assert counted.json["totals"][0]["success_rate"] == 0.75


def test_a_recount_tells_and_mends_what_differs(ana: Shell, urls: DatabaseUrls) -> None:
    ana("flow", "create", "discovery", "--no-start")
    relayed()
    right = ana("db", "recount")
    assert (right.code, "1 events give 2 rows; 0 differ" in right.out) == (0, True)
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE flow_standings SET by_type = '{}'")
    wrong = ana("db", "recount")
    assert (wrong.code, "1 differ" in wrong.out, "--repair" in wrong.err) == (1, True, True)
    assert len(ana("db", "recount", "--repair", "--json").json["differences"]) == 1
    assert ana("db", "recount").code == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.0, "0 ms"),
        (0.25, "250 ms"),
        (59.0, "59.0 s"),
        (90.0, "1.5 min"),
        (7200.0, "2.0 h"),
        (1e6, "11.6 d"),
    ],
)
def test_durations_are_told_in_the_unit_people_use(seconds: float | None, said: str) -> None:
    assert _span(seconds) == said
