"""AWS VPC flow logs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file, recognise
from tests.inventory.importers.evidence import ESTATE, EVIDENCE, arrows, flows, read_text
from tests.inventory.makers import text_file

ASKS = "2 111122223333 eni-0d2ed1d4c889f3a04 10.0.0.1 10.0.0.2 40001 443 6 17 100 1795133304 1795133327 ACCEPT OK\n"
ANSWERS = "2 111122223333 eni-0d2ed1d4c889f3a04 10.0.0.2 10.0.0.1 443 40001 6 17 900 1795133305 1795133329 ACCEPT OK\n"
NEW_ORDER = "action srcport srcaddr dstport dstaddr log-status start end bytes protocol interface-id tcp-flags\n"


def test_the_sample_of_an_estate_is_read_and_exactly_its_damaged_lines_are_rejected() -> None:
    read = open_file(ESTATE / "vpc_flow_sample.log")
    assert read.format == "aws_vpc_flow"
    assert [(reject.place.row, reject.code) for reject in read.rejects] == [
        (549, "line.times_reversed"),
        (1121, "line.destination_not_address"),
        (1983, "line.truncated"),
    ]
    assert read.traits == {"header": "yes", "lines": "3193", "nodata": "5", "skipdata": "14", "reject_action": "11"}
    rows = flows(read)
    assert len(rows) == 84
    assert sum(row.observations for row in rows) == 3193 - 3 - 5 - 14 - 11
    assert {row.origin for row in rows} == {"aws_vpc_flow"}


def test_both_directions_of_a_talk_are_one_connection_to_the_serving_end(tmp_path: Path) -> None:
    rows = flows(read_text(tmp_path, ASKS + ANSWERS + ASKS.replace("40001", "40002"), "flow.log"))
    assert [(row.source, row.target, row.port, row.protocol) for row in rows] == [("10.0.0.1", "10.0.0.2", 443, "tcp")]
    assert (rows[0].connections, rows[0].bytes_total, rows[0].observations) == (2, 1100, 3)
    assert rows[0].first_seen == datetime.fromtimestamp(1795133304, tz=UTC)
    assert rows[0].last_seen == datetime.fromtimestamp(1795133329, tz=UTC)
    assert not rows[0].oriented
    assert rows[0].place.row == 1


def test_answers_alone_tell_of_the_connection_too(tmp_path: Path) -> None:
    assert arrows(read_text(tmp_path, ANSWERS, "flow.log")) == ["10.0.0.1 > 10.0.0.2:443/tcp x1"]


def test_a_header_may_name_any_order(tmp_path: Path) -> None:
    line = "ACCEPT 40001 10.0.0.1 9999 10.0.0.2 OK 1795133304 1795133327 100 6 eni-1 2\n"
    read = read_text(tmp_path, NEW_ORDER + line, "flow.txt")
    assert arrows(read) == ["10.0.0.1 > 10.0.0.2:9999/tcp x1"]
    assert flows(read)[0].oriented, "the handshake was seen"


@pytest.mark.parametrize("flags", ["18", "19"])
def test_an_answered_handshake_turns_the_connection(tmp_path: Path, flags: str) -> None:
    line = f"ACCEPT 51000 10.0.0.1 52000 10.0.0.2 OK 1795133304 1795133327 100 6 eni-1 {flags}\n"
    read = read_text(tmp_path, NEW_ORDER + line, "flow.txt")
    assert arrows(read) == ["10.0.0.2 > 10.0.0.1:51000/tcp x1"]


def test_what_is_no_dependency_is_counted_and_left_out(tmp_path: Path) -> None:
    nodata = "2 111122223333 eni-1 - - - - - - - 1795133304 1795133327 - NODATA\n"
    read = read_text(tmp_path, ASKS + nodata + ASKS.replace("ACCEPT", "REJECT"), "flow.log")
    assert len(flows(read)) == 1
    assert (read.traits["nodata"], read.traits["reject_action"], read.rejects) == ("1", "1", ())


def test_a_log_of_nothing_but_refused_traffic_is_read_and_has_no_rows(tmp_path: Path) -> None:
    read = read_text(tmp_path, ASKS.replace("ACCEPT", "REJECT"), "flow.log")
    assert (read.sheets[0].rows, read.traits["reject_action"]) == ((), "1")
    assert flows(read) == []


def test_a_table_with_commas_and_underscores_is_the_same_log() -> None:
    path = EVIDENCE / "aws_vpcflow_v1.5.0.raw"
    assert recognise(path).name == "aws_vpc_flow"
    assert arrows(open_file(path)) == ["10.0.0.1 > 1.2.3.4:8080/tcp x1"], "flags 19: the source answered"


def test_lines_that_cloudwatch_stamped_are_read(tmp_path: Path) -> None:
    read = read_text(tmp_path, "2026-11-20T00:08:24.000Z " + ASKS, "flow.log")
    assert arrows(read) == ["10.0.0.1 > 10.0.0.2:443/tcp x1"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("10.0.0.1", "nowhere", "line.source_not_address"),
        (" 443 ", " 70000 ", "line.not_a_number"),
        (" 100 ", " -5 ", "line.not_a_number"),
        ("1795133327", "9" * 18, "line.not_a_number"),
    ],
)
def test_a_damaged_line_costs_only_itself(tmp_path: Path, old: str, new: str, code: str) -> None:
    read = read_text(tmp_path, ASKS + ASKS.replace(old, new), "flow.log")
    assert [(reject.code, reject.place.row) for reject in read.rejects] == [(code, 2)]
    assert len(flows(read)) == 1


def test_a_log_in_which_every_line_is_damaged_is_refused(tmp_path: Path) -> None:
    header = "version account-id interface-id srcaddr dstaddr srcport dstport protocol action log-status\n"
    with pytest.raises(FileRejected, match="no connection between two ends: 1 lines were damaged"):
        open_file(text_file(tmp_path, header + "2 1 eni-1 10.0.0.1\n", "flow.log"))
