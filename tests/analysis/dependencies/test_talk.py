from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.dependencies.talk import Talk, confidence_of, kind_of, scale_of, total, weight_of
from masterflow.inventory.types import DependencyKind
from tests.analysis.dependencies.rows import END, START, flow, listed

HARD, SOFT = DependencyKind.HARD, DependencyKind.SOFT


def talk(row):
    found = Talk(row.port, row.protocol)
    found.add(row)
    return found


def test_the_formulas_are_those_of_the_docstring():
    usual = talk(flow(connections=9_999, bytes_total=1_023 * 1024))
    assert weight_of(usual) == pytest.approx(1 + 4 + 0.5 * 3.0102, abs=0.01)
    assert confidence_of(usual) == pytest.approx(0.30 + 0.20 + 0.05 * 6.02 / 9 + 0.05 + 0.10 + 0.15, abs=0.01)
    assert weight_of(talk(listed("a", "b"))) == 1.0
    assert confidence_of(talk(listed("a", "b"))) == 0.30


def test_transfers_and_queues_weigh_less_than_requests():
    assert weight_of(talk(flow(port=445))) == pytest.approx(0.6 * weight_of(talk(flow(port=443))), abs=0.001)


def test_a_statement_a_trace_or_a_socket_makes_surer():
    assert confidence_of(talk(flow(port=7777, oriented=True))) > confidence_of(talk(flow(port=7777)))
    assert confidence_of(talk(flow(oriented=True))) > confidence_of(talk(flow()))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (flow(connections=None), HARD),
        (flow(connections=3), SOFT),
        (flow(connections=3, oriented=True, first_seen=None), HARD),  # sockets of one moment
        (listed("a", "b"), SOFT),
        (listed("a", "b", connections=3), SOFT),
        (listed("a", "b", connections=3, oriented=True, origin="traces"), HARD),
        (listed("a", "b", protocol="grpc"), HARD),
        (listed("a", "b", protocol="kafka", origin="traces"), SOFT),
        (listed("a", "b", oriented=True, origin="relation"), SOFT),
    ],
)
def test_hard_is_what_waits_for_an_answer_all_the_time(row, kind):
    assert kind_of(talk(row), 1.0) is kind


def test_the_window_is_a_share_of_five_weeks_and_at_least_a_day():
    assert scale_of([]) == scale_of([listed("a", "b")]) == 1.0
    assert scale_of([flow()]) == 1.0
    assert scale_of([flow(last_seen=START)]) == pytest.approx(1 / 35)


def test_several_talks_are_one_by_the_one_with_the_most_connections():
    whole = total([talk(flow(port=22, connections=5)), talk(flow(port=443)), talk(flow(port=80, connections=None))])
    assert (whole.port, whole.connections, whole.rows, whole.last_seen) == (443, 5005, 3, END)
    assert whole.observed
    assert not whole.stated


def test_a_talk_of_statements_and_traffic_is_both():
    both = talk(flow())
    both.add(replace(listed("a", "b"), origin="relation", oriented=True))
    assert both.observed
    assert both.stated
    assert both.oriented


COUNTS = st.one_of(st.none(), st.integers(0, 10**9))


@given(COUNTS, COUNTS, st.integers(0, 10**6), st.sampled_from([None, 22, 443, 1433, 5672, 7777]))
def test_more_traffic_never_weighs_less_or_makes_less_sure(connections, size, more, port):
    first = talk(flow(port=port, connections=connections, bytes_total=size))
    grown = talk(flow(port=port, connections=(connections or 0) + more, bytes_total=(size or 0) + more))
    assert weight_of(grown) >= weight_of(first)
    assert confidence_of(grown) >= confidence_of(first)
    assert 0 <= confidence_of(grown) <= 0.99


def test_a_longer_time_makes_surer():
    short = talk(flow(last_seen=START + timedelta(hours=1)))
    assert confidence_of(talk(flow())) > confidence_of(short)
