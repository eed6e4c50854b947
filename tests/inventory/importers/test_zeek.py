"""Zeek's conn.log."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from masterflow.inventory.importers.catalog import open_file
from tests.inventory.importers.evidence import EVIDENCE, arrows, flows, read_text

HEADER = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\t"
    "conn_state\n#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\n"
)
LINE = "1588316619.797806\tC1\t10.0.1.5\t55979\t10.0.0.4\t5432\ttcp\t-\t2.5\t82\t207\tSF\n"


def test_a_real_log_as_json_lines_is_added_up() -> None:
    read = open_file(EVIDENCE / "zeek_newyork_conn_cut.jsonl")
    assert (read.format, read.rejects) == ("zeek", ())
    rows = flows(read)
    assert sum(row.observations for row in rows) + int(read.traits.get("unanswered", 0)) == 90
    assert all(row.oriented for row in rows)
    assert arrows(read)[0].startswith("10.0.1.5 > 10.0.0.4:53/udp")


def test_the_tab_separated_form_is_read_by_its_field_names(tmp_path: Path) -> None:
    read = read_text(tmp_path, HEADER + LINE + "#close\t2020-05-01-00-00-00\n", "conn.log")
    (row,) = flows(read)
    assert (row.source, row.target, row.port, row.bytes_total) == ("10.0.1.5", "10.0.0.4", 5432, 289)
    assert row.first_seen == datetime.fromtimestamp(1588316619.797806, tz=UTC)
    assert row.last_seen == datetime.fromtimestamp(1588316622.297806, tz=UTC)
    assert (row.place.row, read.traits["written_as"]) == (8, "tsv")


@pytest.mark.parametrize("state", ["S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR"])
def test_attempts_that_nobody_answered_are_set_aside(tmp_path: Path, state: str) -> None:
    read = read_text(tmp_path, HEADER + LINE + LINE.replace("SF", state), "conn.log")
    assert (flows(read)[0].observations, read.traits["unanswered"]) == (1, "1")


def test_midstream_talk_is_turned_by_its_ports(tmp_path: Path) -> None:
    line = LINE.replace("SF", "OTH").replace("55979", "22").replace("5432", "50123")
    read = read_text(tmp_path, HEADER + line, "conn.log")
    assert arrows(read) == ["10.0.0.4 > 10.0.1.5:22/tcp x1"]
    assert not flows(read)[0].oriented


def test_a_json_list_with_iso_times_is_read(tmp_path: Path) -> None:
    one = {"ts": "2026-11-20T10:00:00Z", "id.orig_h": "10.0.0.1", "id.orig_p": 1, "id.resp_h": "10.0.0.2"}
    records = [{**one, "id.resp_p": 443, "proto": "tcp", "conn_state": "SF"}, 5]
    read = read_text(tmp_path, json.dumps(records), "conn.json")
    assert arrows(read) == ["10.0.0.1 > 10.0.0.2:443/tcp x1"]
    assert flows(read)[0].first_seen == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("10.0.1.5", "somewhere", "line.source_not_address"),
        ("10.0.0.4", "-", "line.destination_not_address"),
        ("5432", "ssh", "line.not_a_number"),
        ("207", "many", "line.not_a_number"),
        ("1588316619.797806", "yesterday", "line.not_a_number"),
        ("\tSF", "", "line.truncated"),
    ],
)
def test_a_damaged_line_costs_only_itself(tmp_path: Path, old: str, new: str, code: str) -> None:
    read = read_text(tmp_path, HEADER + LINE + LINE.replace(old, new), "conn.log")
    assert [(reject.code, reject.place.row) for reject in read.rejects] == [(code, 9)]
    assert len(flows(read)) == 1


def test_a_broken_line_of_json_is_rejected(tmp_path: Path) -> None:
    line = '{"id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 53, "proto": "udp", "history": "Dd"}\n'
    read = read_text(tmp_path, line + line[:40] + "\n[1]\n" + line, "conn.log")
    assert [(reject.code, reject.place.row) for reject in read.rejects] == [
        ("line.broken_json", 2),
        ("line.broken_json", 3),
    ]
    assert flows(read)[0].first_seen is None


def test_another_separator_is_taken_as_the_log_says(tmp_path: Path) -> None:
    content = (HEADER + LINE).replace("\\x09", "\\x7c").replace("\t", "|")
    assert len(flows(read_text(tmp_path, content, "conn.log"))) == 1
    unclear = (HEADER + LINE).replace("\\x09", "tab")
    assert len(flows(read_text(tmp_path, unclear, "conn.log"))) == 1
