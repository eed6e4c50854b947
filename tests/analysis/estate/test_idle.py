from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.dependencies import Dependencies, Hub
from masterflow.analysis.estate.flows import FlowRow
from masterflow.analysis.estate.idle import Activity, idle_servers
from masterflow.errors import Place
from masterflow.inventory.types import RETIRED, Asset, AssetId, AssetType

START = datetime(2026, 10, 19, tzinfo=UTC)
NOBODY = Dependencies((), (), (), ())


def server(number, *, p95=None, peak=None, power=None, concerns=(), kind=AssetType.VIRTUAL_MACHINE, address=None):
    return Asset(
        id=AssetId(UUID(int=number)),
        name=f"srv{number:02}",
        asset_type=kind,
        fqdn=f"srv{number:02}.x.example",
        ip_addresses=(address or f"10.1.1.{number}",),
        cpu_p95_pct=None if p95 is None else Decimal(str(p95)),
        cpu_max_pct=None if peak is None else Decimal(str(peak)),
        power_state=power,
        concerns=concerns,
    )


def flow(source, target, *, port=443, connections=100, **more):
    ends = [f"10.1.1.{end}" if isinstance(end, int) else end for end in (source, target)]
    seen = {"first_seen": START, "last_seen": START + timedelta(days=35)}
    return FlowRow(Place("f.csv", None, 2), *ends, port=port, connections=connections, **{**seen, **more})


def hubs(*numbers):
    return Dependencies((), (), (), tuple(Hub(AssetId(UUID(int=n)), f"srv{n:02}", (53,), 9) for n in numbers))


def judged(assets, rows=(), resolved=NOBODY):
    return {one.name: one for one in idle_servers(assets, rows, resolved)}


def test_low_use_without_callers_over_the_window_is_idle():
    found = judged([server(1, p95=0.8, peak=6), server(2, p95=30)], [flow(1, 2)])["srv01"]
    assert (found.activity, found.idle, found.callers) == (Activity.IDLE, True, 0)
    assert found.reason.startswith("95 percent of the time its processor is below 0.8 %")
    assert found.reason.endswith("nothing but hubs connected to it in 35 days")


def test_callers_make_a_quiet_server_busy_and_are_counted_once():
    found = judged([server(1, p95=0.8)], [flow("10.9.9.9", 1), flow("10.9.9.9", 1, port=80), flow(7, 1)])["srv01"]
    assert (found.idle, found.callers) == (False, 2)
    assert "2 others connect to it" in found.reason


def test_a_statement_of_a_cmdb_is_no_traffic():
    stated = flow(7, 1, port=None, connections=None, origin="relation")
    assert judged([server(1, p95=0.8)], [stated, flow(1, 2)])["srv01"].activity is Activity.IDLE
    assert judged([server(1, p95=0.8), server(2, p95=0.8)], [stated])["srv01"].activity is Activity.UNKNOWN
    assert judged([server(1)], [stated])["srv01"].callers is None


def test_a_high_maximum_is_work_from_time_to_time():
    found = judged([server(1, p95=1.9, peak=97)], [flow(1, 2)])["srv01"]
    assert found.idle is False
    assert "reaches 97 %" in found.reason


def test_two_percent_is_no_longer_idle():
    assert (
        judged([server(1, p95=2)], [flow(1, 2)])["srv01"].reason == "5 percent of the time its processor is above 2 %"
    )


@pytest.mark.parametrize(
    "row",
    [
        flow(9, 1),
        flow(1, 1),
        flow("10.5.5.5", 1, port=55_555, connections=1),
        flow("10.5.5.5", "10.77.1.1"),
        FlowRow(Place("f.csv", None, 2), None, "10.1.1.1", port=443),
    ],
)
def test_hubs_replies_and_talk_with_oneself_are_no_callers(row):
    found = judged([server(1, p95=0.8), server(9, p95=50)], [row, flow(1, 9)], hubs(9))["srv01"]
    assert found.idle is True


def test_a_scanner_that_sweeps_the_estate_is_no_caller_but_a_busy_client_is():
    sweep = [flow("10.8.8.8", n, port=p, connections=3) for n in range(1, 25) for p in range(1000, 1012)]
    assets = [server(n, p95=1) for n in range(1, 25)]
    assert all(one.idle for one in judged(assets, sweep).values())
    busy = [flow("10.8.8.8", n, port=p, connections=900) for n in range(1, 25) for p in range(1000, 1012)]
    assert not any(one.idle for one in judged(assets, busy).values())


def test_a_listening_process_on_a_high_port_has_callers():
    assert judged([server(1, p95=1)], [flow(2, 1, port=55_555, connections=1, oriented=True)])["srv01"].idle is False
    assert judged([server(1, p95=1)], [flow(2, 1, port=None)])["srv01"].idle is False


@pytest.mark.parametrize(
    ("asset", "rows", "reason"),
    [
        (server(1), [], "neither its processor nor its connections were observed"),
        (server(1), [flow(1, 2)], "its processor was not measured, and nothing but hubs connects to it"),
        (server(1, p95=0.5), [], "no flow names it"),
        (server(1, p95=0.5), [flow(5, 6)], "no flow names it"),
    ],
)
def test_what_was_not_observed_is_unknown_and_not_idle(asset, rows, reason):
    found = judged([asset], rows)["srv01"]
    assert (found.activity, found.idle) == (Activity.UNKNOWN, None)
    assert reason in found.reason


def test_callers_are_enough_without_a_measurement():
    assert judged([server(1)], [flow(2, 1)])["srv01"].activity is Activity.IN_USE


def test_a_window_that_no_row_tells_is_left_out_of_the_sentence():
    found = judged([server(1, p95=1)], [flow(1, 2, first_seen=None, last_seen=None)])["srv01"]
    assert found.reason.endswith("nothing but hubs connected to it")


@pytest.mark.parametrize(("power", "word"), [("poweredOff", "switched off"), ("suspended", "suspended")])
def test_stopped_servers_stand_apart(power, word):
    found = judged([server(1, p95=0.1, power=power)], [flow(1, 2)])["srv01"]
    assert (found.activity, found.idle) == (Activity.POWERED_OFF, None)
    assert word in found.reason


def test_only_living_servers_are_judged_and_a_retired_one_takes_no_callers():
    retired = server(3, concerns=(RETIRED,), address="10.1.1.1")
    found = judged([server(1, p95=1), retired, server(4, kind=AssetType.HYPERVISOR_HOST)], [flow(2, 1)])
    assert set(found) == {"srv01"}
    assert found["srv01"].callers == 1


def test_an_address_that_two_machines_claim_is_nobodys():
    found = judged([server(1, p95=1), server(2, p95=1, address="10.1.1.1")], [flow(7, 1)])
    assert {one.activity for one in found.values()} == {Activity.UNKNOWN}


def test_ends_are_found_by_name_too():
    row = FlowRow(Place("f.csv", None, 2), "10.9.9.9", None, target_hostname="SRV01", port=443)
    assert judged([server(1, p95=1)], [row])["srv01"].callers == 1
    by_address = FlowRow(Place("f.csv", None, 2), "10.9.9.9", "srv01.x.example", port=443)
    assert judged([server(1, p95=1)], [by_address])["srv01"].callers == 1


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([443, 53, 55_555])), max_size=20),
    st.lists(st.sampled_from([None, 0.5, 1.9, 2, 60]), min_size=6, max_size=6),
    st.randoms(),
)
def test_nobody_with_callers_or_without_observation_is_idle_in_any_order(talks, use, random):
    assets = [server(n, p95=p95) for n, p95 in enumerate(use, 1)]
    rows = [flow(a, b, port=p) for a, b, p in talks]
    found = idle_servers(assets, rows, NOBODY)
    assert all(one.callers == 0 and one.cpu_p95_pct < 2 for one in found if one.idle)
    random.shuffle(rows)
    random.shuffle(assets)
    assert idle_servers(assets, rows, NOBODY) == found
