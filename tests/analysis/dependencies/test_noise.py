from datetime import timedelta

from masterflow.analysis.dependencies.noise import REASONS, Noise, handovers, is_broadcast, listeners, scanners
from tests.analysis.dependencies.rows import END, START, flow, listed

CHANGE = START + timedelta(days=11)


def test_broadcast_and_multicast_are_told_from_machines_and_names():
    assert [a for a in ("10.1.1.255", "224.0.0.251", "ff02::1", "10.1.1.25", "web.255", None) if is_broadcast(a)] == [
        "10.1.1.255",
        "224.0.0.251",
        "ff02::1",
    ]


def test_a_sweep_asks_nearly_everybody_once_on_one_port():
    sweep = [flow("10.9.9.9", f"10.3.{n}.1", port=8443, connections=1) for n in range(100)]
    assert scanners(sweep) == {"10.9.9.9"}
    assert scanners(sweep[:99]) == frozenset()
    assert scanners([flow("10.9.9.9", f"10.3.{n}.1", port=8443, connections=3) for n in range(100)]) == frozenset()
    watching = [flow("10.9.9.9", f"10.3.{n}.1", port=9100, connections=1) for n in range(100)]
    assert scanners(watching) == frozenset()


def test_a_trace_never_tells_of_a_scan():
    rows = [listed("probe", f"s{n}", port=8443, connections=1, oriented=True) for n in range(120)]
    assert scanners(rows) == frozenset()


def test_listeners_are_high_ports_that_several_ask_or_that_are_known_to_serve():
    rows = [flow(f"10.1.1.{n}", "10.1.1.9", port=50_123, connections=2) for n in range(3)]
    assert listeners(rows) == {("10.1.1.9", 50_123)}
    assert listeners(rows[:2]) == frozenset()
    assert listeners([flow(port=50_124, oriented=True)]) == {("10.1.1.2", 50_124)}


def handed_over(gap):
    before = flow("10.1.1.1", "10.1.1.4", port=1433, last_seen=CHANGE)
    after = [flow("10.1.1.1", f"10.1.1.{n}", first_seen=CHANGE + gap) for n in (5, 6)]
    return [before, *after, flow("10.1.1.8", "10.1.1.4")]


def test_an_address_changed_hands_when_all_its_talk_is_new_after_the_only_silence():
    assert handovers(handed_over(timedelta(days=1))) == {"10.1.1.1": CHANGE}
    assert handovers(handed_over(timedelta(hours=17))) == {}


def test_an_address_that_falls_silent_again_and_again_talks_rarely():
    late = flow("10.1.1.1", "10.1.1.7", first_seen=END - timedelta(days=1))
    rows = [
        flow("10.1.1.1", "10.1.1.4", port=1433, last_seen=CHANGE),
        flow("10.1.1.1", "10.1.1.5", first_seen=CHANGE + timedelta(days=2), last_seen=CHANGE + timedelta(days=3)),
        late,
        flow("10.1.1.8", "10.1.1.4"),
    ]
    assert handovers(rows) == {}


def test_earlier_owners_matter_only_where_addresses_stand_for_machines():
    rows = handed_over(timedelta(days=1))
    assert Noise(rows, owners=True).reason(rows[0]) == "address_handover"
    assert Noise(rows).reason(rows[0]) is None


def test_every_reason_has_a_sentence():
    assert all(sentence and not sentence.endswith(".") for sentence in REASONS.values())
