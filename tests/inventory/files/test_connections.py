"""Adding up observations to connections."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.inventory.files import connections, kept_rows, tables
from masterflow.inventory.files.connections import (
    CONNECTS_TO,
    HEADERS,
    TALKS_WITH,
    Connections,
    End,
    Evidence,
    Observation,
    address_of,
    end_of,
    moment_at,
    port_of,
    protocol_of,
)
from masterflow.inventory.files.kept_rows import PackedRows
from masterflow.inventory.files.moments import moment_in
from tests.inventory.makers import text_head

A, B, C = End(address="10.0.0.1"), End(address="10.0.0.2"), End(address="10.0.0.3")
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def seen(source: End, source_port: int | None, target: End, target_port: int | None, **more: object) -> Observation:
    return Observation(
        **{
            "line": 1,
            "source": source,
            "target": target,
            "source_port": source_port,
            "target_port": target_port,
            "protocol": "tcp",
            **more,
        }
    )  # type: ignore[arg-type]


def rows(*observations: Observation) -> list[dict[str, object]]:
    adder = Connections()
    for one in observations:
        adder.add(one)
    sheet = adder.sheet()
    return [dict(zip(sheet.headers, row.cells, strict=True)) for row in sheet.rows]


def ends(*observations: Observation) -> list[tuple[object, object, object]]:
    return [(row["source_ip_address"], row["target_ip_address"], row.get("target_port")) for row in rows(*observations)]


@pytest.mark.parametrize(
    ("near", "far", "serving"),
    [
        (40000, 443, "far"),
        (443, 40000, "near"),
        (55000, 40000, "far"),
        (20000, 443, "far"),
        (1024, 3306, "far"),
        (60000, 50051, "far"),
        (8080, 8864, "near"),
        (1023, 514, "far"),
        (800, 2049, "far"),
        (800, 20000, "near"),
    ],
)
def test_a_registered_port_serves_one_that_was_lent(near: int, far: int, serving: str) -> None:
    expected = ("10.0.0.1", "10.0.0.2", far) if serving == "far" else ("10.0.0.2", "10.0.0.1", near)
    assert ends(seen(A, near, B, far)) == [expected]


def test_of_two_lent_ports_the_one_with_more_partners_serves() -> None:
    talk = [seen(A, 50000 + number, B, 51000) for number in range(1, 4)]
    assert ends(*talk) == [("10.0.0.1", "10.0.0.2", 51000)]


def test_of_two_lent_ports_the_one_that_served_before_serves() -> None:
    talk = [seen(A, 50500, B, 60000), seen(C, 50501, B, 60000, asked=True)]
    assert sorted(ends(*talk), key=str) == [("10.0.0.1", "10.0.0.2", 60000), ("10.0.0.3", "10.0.0.2", 60000)]
    assert [row["relation_type"] for row in rows(*talk)] == [CONNECTS_TO, CONNECTS_TO]


def test_a_listening_end_decides_between_two_services() -> None:
    adder = Connections()
    adder.add(seen(A, 8080, B, 9090))
    adder.listens(A, 8080, "tcp")
    assert adder.sheet().rows[0].cells[:2] == ("10.0.0.2", "10.0.0.1")


def test_evidence_outweighs_ports() -> None:
    (row,) = rows(seen(A, 443, B, 40000, asked=True), seen(B, 40000, A, 443, asked=False))
    assert (row["target_ip_address"], row["target_port"], row["relation_type"]) == ("10.0.0.2", 40000, CONNECTS_TO)
    assert (row["connection_count"], row["sample_count"]) == (1, 2)


def test_without_evidence_the_row_says_so() -> None:
    (row,) = rows(seen(A, 40000, B, 443))
    assert row["relation_type"] == TALKS_WITH


def test_answers_without_ports_are_folded_into_the_first_direction() -> None:
    (row,) = rows(seen(A, None, B, None, protocol="icmp"), seen(B, None, A, None, protocol="icmp"))
    assert (row["source_ip_address"], row["connection_count"], row["sample_count"]) == ("10.0.0.1", 1, 2)


def test_stated_edges_of_both_directions_stay_two() -> None:
    assert len(rows(seen(A, None, B, None, asked=True), seen(B, None, A, None, asked=True))) == 2


def test_counts_bytes_and_moments_are_added() -> None:
    (row,) = rows(
        seen(A, 40000, B, 443, connections=5, byte_count=10, first=LATE, last=LATE),
        seen(A, 40001, B, 443, connections=2, byte_count=None, first=EARLY, last=EARLY),
        seen(B, 443, A, 40000, connections=4, byte_count=30),
    )
    assert (row["connection_count"], row["byte_count"]) == (7, 40)
    assert (row["first_seen"], row["last_seen"]) == (EARLY, LATE)


def test_the_report_of_the_other_end_is_not_counted_twice() -> None:
    talk = [seen(A, 40000, B, 443, byte_count=100), seen(A, 40000, B, 443, byte_count=90, twin=True)]
    (row,) = rows(*talk, seen(B, 443, A, 40000, byte_count=20, twin=True))
    assert (row["connection_count"], row["byte_count"]) == (1, 110)


def test_the_reports_of_both_ends_of_an_undecided_talk_are_told_apart() -> None:
    talk = [seen(A, 50000, B, 51000, byte_count=5, twin=True), seen(B, 51000, A, 50000, byte_count=7, twin=True)]
    (row,) = rows(*talk)
    assert (row["source_ip_address"], row["byte_count"], row["connection_count"]) == ("10.0.0.2", 12, 1)


def test_a_name_that_one_line_tells_stands_for_all() -> None:
    named = End(address="10.0.0.1", host="web01", application="shop")
    (row,) = rows(seen(A, 40000, B, 443), seen(named, 40001, B, 443))
    assert (row["source_hostname"], row["source_application"]) == ("web01", "shop")


def test_processes_keep_connections_apart() -> None:
    java, cron = End(address="10.0.0.1", process="java"), End(address="10.0.0.1", process="cron")
    found = rows(seen(java, 40000, B, 443), seen(cron, 40001, B, 443))
    assert [row["source_process"] for row in found] == ["java", "cron"]


def test_undecided_talks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_OPEN", 3)
    adder = Connections()
    for number in range(50):
        adder.add(seen(A, 50000 + number, B, 60000))
        assert len(adder.undecided) <= 3
    assert len(adder.sheet().rows) <= 50


def test_no_connection_at_all_is_a_sheet_without_rows() -> None:
    sheet = Connections().sheet()
    assert (sheet.headers, sheet.rows) == (("source_ip_address", "target_ip_address"), ())


ends_drawn = st.sampled_from([A, B, C])
ports = st.none() | st.integers(1, 65535)


@given(
    st.lists(
        st.builds(
            seen,
            ends_drawn,
            ports,
            ends_drawn,
            ports,
            asked=st.sampled_from([None, True, False]),
            byte_count=st.none() | st.integers(0, 99),
            line=st.integers(1, 99),
        ),
        max_size=40,
    )
)
def test_no_line_and_no_byte_is_lost(observations: list[Observation]) -> None:
    found = rows(*observations)
    assert sum(int(str(row["sample_count"])) for row in found) == len(observations)
    total = sum(one.byte_count or 0 for one in observations)
    assert sum(int(str(row.get("byte_count") or 0)) for row in found) == total
    keys = [(row["source_ip_address"], row["target_ip_address"], row.get("target_port")) for row in found]
    assert len(keys) == len(set(keys))
    assert all(header in HEADERS for row in found for header in row)


def test_ends_are_addresses_or_names() -> None:
    assert end_of("10.0.0.1") == A
    assert end_of("web01") == End(host="web01")
    assert end_of("42") is None
    assert address_of("10.0.2") is None
    assert End(application="shop").identity == "shop"
    assert End().identity == ""


def test_protocols_go_by_name_or_number() -> None:
    assert [protocol_of(text) for text in ("6", "17", "TCP", "-", "", "254")] == [
        "tcp",
        "udp",
        "tcp",
        None,
        None,
        "254",
    ]


def test_ports_are_numbers_within_their_range() -> None:
    assert [port_of(text) for text in ("22", "0", "-", None)] == [22, None, None, None]
    assert port_of("8", "icmp") is None
    for wrong in ("65536", "-1", "ssh"):
        with pytest.raises(ValueError, match=wrong):
            port_of(wrong)


def test_moments_are_utc_and_of_this_calendar() -> None:
    assert moment_at(0) == datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="1e"):
        moment_at(1e20)
    assert moment_in(None) is None
    assert moment_in("2026-01-01T00:00:00.123456789Z") == datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert moment_in("2026-01-01T01:00:00") == datetime(2026, 1, 1, 1, tzinfo=UTC)
    for wrong in ("soon", "0001-01-01T00:00:00+10:00"):
        with pytest.raises(ValueError, match=r"."):
            moment_in(wrong)


def test_a_file_with_too_many_damaged_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_REJECTS", 3)
    evidence = Evidence(text_head(tmp_path, "x"))
    for line in range(3):
        evidence.reject(line, "broken", "It is broken", "x")
    with pytest.raises(FileRejected, match="More than 3 rows") as refused:
        evidence.reject(4, "broken", "It is broken", "x")
    assert refused.value.reason == "too_many_rejects"
    assert len(evidence.rejects) == 4


def test_many_connections_are_kept_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_rows, "PLAIN_CELLS", 20)
    found = Connections()
    for port in range(1, 41):
        found.add(seen(A, None, B, port))
    rows = found.sheet().rows
    assert isinstance(rows, PackedRows)
    assert [row.cells[found.sheet().headers.index("target_port")] for row in rows] == list(range(1, 41))


def test_a_damaged_line_that_holds_a_secret_is_not_quoted(tmp_path: Path) -> None:
    evidence = Evidence(text_head(tmp_path, "x"))
    evidence.reject(1, "broken", "It is broken", "postgres://app:hunter2@db/shop")
    evidence.reject(2, "broken", "It is broken", "web-01 | db-01")
    assert [reject.value for reject in evidence.rejects] == ["(kept back: it may hold a secret)", "web-01 | db-01"]
