"""Flow logs of Azure, Google and OpenShift."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file
from tests.inventory.importers.evidence import EVIDENCE, arrows, flows, read_text

Json = dict[str, object]


def nsg(*tuples: object) -> str:
    flow = {"rule": "DefaultRule", "flows": [{"mac": "000D3AF87856", "flowTuples": list(tuples)}]}
    record = {"category": "NetworkSecurityGroupFlowEvent", "properties": {"Version": 2, "flows": [flow]}}
    return json.dumps({"records": [record]})


def vnet(*tuples: str) -> str:
    group = {"rule": "DefaultRule", "flowTuples": list(tuples)}
    record = {"category": "FlowLogFlowEvent", "flowRecords": {"flows": [{"aclID": "x", "flowGroups": [group]}]}}
    return json.dumps({"records": [record]})


def test_tuples_of_a_security_group_are_added_up_from_the_end_that_opened(tmp_path: Path) -> None:
    read = read_text(
        tmp_path,
        nsg(
            "1542110377,10.5.16.9,10.5.16.4,443,55000,T,I,A,B,,,,",
            "1542110402,10.5.16.9,10.5.16.4,443,55000,T,I,A,C,8,1000,9,500",
            "1542110424,10.5.16.9,10.5.16.4,443,55000,T,I,A,E,8,1000,9,500",
            "1542110377,94.102.49.190,10.5.16.4,28746,443,U,I,D,B,,,,",
        ),
        "PT1H.json",
    )
    assert read.format == "azure_nsg_flow"
    assert arrows(read) == ["10.5.16.9 > 10.5.16.4:55000/tcp x1"]
    (row,) = flows(read)
    assert (row.oriented, row.bytes_total, row.observations) == (True, 3000, 3)
    assert row.last_seen == datetime.fromtimestamp(1542110424, tz=UTC)
    assert read.traits == {"tuples": "4", "denied": "1"}


def test_version_1_has_neither_states_nor_bytes(tmp_path: Path) -> None:
    read = read_text(tmp_path, nsg("1542110377,10.0.0.1,10.0.0.2,35000,53,U,O,A", 7), "PT1H.json")
    assert arrows(read) == ["10.0.0.1 > 10.0.0.2:53/udp x1"]
    assert flows(read)[0].bytes_total is None


def test_tuples_of_a_virtual_network_have_milliseconds_and_protocol_numbers(tmp_path: Path) -> None:
    read = read_text(
        tmp_path,
        vnet(
            "1663146003599,10.0.0.6,192.0.2.180,23956,443,6,O,B,NX,0,10,0,20",
            "1663146003606,10.0.0.6,192.0.2.180,23956,443,6,O,D,NX,0,0,0,0",
        ),
        "PT1H.json",
    )
    assert arrows(read) == ["10.0.0.6 > 192.0.2.180:443/tcp x1"]
    assert (flows(read)[0].bytes_total, read.traits["denied"]) == (30, "1")
    assert flows(read)[0].first_seen == datetime(2022, 9, 14, 9, 0, 3, 599000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1542110377,10.0.0.1", "line.truncated"),
        ("1542110377,nowhere,10.0.0.2,1,2,T,I,A,B,,,,", "line.source_not_address"),
        ("1542110377,10.0.0.1,nowhere,1,2,T,I,A,B,,,,", "line.destination_not_address"),
        ("soon,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,", "line.not_a_number"),
        ("1542110377,10.0.0.1,10.0.0.2,1,99999,T,I,A,B,,,,", "line.not_a_number"),
    ],
)
def test_a_damaged_tuple_costs_only_itself(tmp_path: Path, text: str, code: str) -> None:
    good = "1542110377,10.0.0.1,10.0.0.2,35000,53,U,O,A,B,,,,"
    read = read_text(tmp_path, nsg(good, text), "PT1H.json")
    assert [(reject.code, reject.place.row) for reject in read.rejects] == [(code, 2)]
    assert len(flows(read)) == 1


def test_a_log_that_was_cut_off_is_refused_with_the_place(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="broken in line 1") as refused:
        read_text(tmp_path, nsg("1542110377,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,")[:-20], "PT1H.json")
    assert "cut off" in str(refused.value.hint)


def entry(source: str, target: str, ports: tuple[int, int], **payload: object) -> Json:
    connection = {"src_ip": source, "dest_ip": target, "src_port": ports[0], "dest_port": ports[1], "protocol": 6}
    times = {"start_time": "2026-11-20T10:00:00.123456789Z", "end_time": "2026-11-20T10:00:05Z"}
    return {"jsonPayload": {"connection": connection, "bytes_sent": "100", **times, **payload}}


TALK = [
    entry("10.0.0.1", "10.0.0.2", (40001, 5432), reporter="SRC", src_instance={"vm_name": "web-1"}),
    entry("10.0.0.1", "10.0.0.2", (40001, 5432), reporter="DEST", dest_instance={"vm_name": "db-1"}),
    entry("10.0.0.2", "10.0.0.1", (5432, 40001), reporter="SRC", bytes_sent="900"),
]


@pytest.mark.parametrize("lines", [True, False])
def test_both_reports_of_a_talk_in_google_are_one_connection(tmp_path: Path, lines: bool) -> None:
    content = "\n".join(map(json.dumps, TALK)) if lines else json.dumps(TALK, indent=1)
    read = read_text(tmp_path, content, "flows.json")
    assert read.format == "gcp_flow"
    assert arrows(read) == ["10.0.0.1 > 10.0.0.2:5432/tcp x1"]
    (row,) = flows(read)
    assert (row.source_hostname, row.target_hostname, row.bytes_total) == ("web-1", "db-1", 1000)
    assert row.place.row == 1


def test_entries_of_the_api_and_firewall_decisions_are_read(tmp_path: Path) -> None:
    allowed = entry("10.0.0.1", "10.0.0.2", (443, 40001), disposition="ALLOWED")
    denied = entry("10.0.0.9", "10.0.0.2", (40001, 22), disposition="DENIED")
    read = read_text(tmp_path, json.dumps({"entries": [allowed, denied, {"textPayload": "x"}]}), "flows.json")
    assert arrows(read) == ["10.0.0.1 > 10.0.0.2:40001/tcp x1"]
    assert read.traits == {"entries": "3", "denied": "1", "other_entries": "1"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (entry("web-1", "10.0.0.2", (1, 2)), "line.source_not_address"),
        (entry("10.0.0.1", "x", (1, 2)), "line.destination_not_address"),
        (entry("10.0.0.1", "10.0.0.2", (1, 99999)), "line.not_a_number"),
        (entry("10.0.0.1", "10.0.0.2", (1, 2), end_time="2025-01-01T00:00:00Z"), "line.not_a_number"),
        (entry("10.0.0.1", "10.0.0.2", (1, 2), start_time="soon"), "line.not_a_number"),
    ],
)
def test_a_damaged_entry_costs_only_itself(tmp_path: Path, changed: Json, code: str) -> None:
    read = read_text(tmp_path, json.dumps([*TALK, changed]), "flows.json")
    assert [(reject.code, reject.place.row) for reject in read.rejects] == [(code, 4)]


@pytest.mark.parametrize("end", ["", ",", ", {", "] x", "]]"])
def test_a_list_that_was_cut_off_is_refused(tmp_path: Path, end: str) -> None:
    with pytest.raises(FileRejected, match="The JSON is broken in line 1"):
        read_text(tmp_path, json.dumps(TALK)[:-1] + end, "flows.json")


def test_real_flow_records_of_openshift_are_read_out_of_the_answer_of_loki() -> None:
    read = open_file(EVIDENCE / "netobserv_flow_records.json")
    assert (read.format, read.traits, read.rejects) == ("netobserv", {"records": "50"}, ())
    rows = flows(read)
    assert len(rows) == 9
    assert sum(row.observations for row in rows) == 50
    assert ("service-ca-operator", "172.20.0.1", 6443) in [
        (row.source_application, row.target, row.port) for row in rows
    ]
    assert "ip-10-0-1-7.ec2.internal" in {row.source_hostname for row in rows}


def record(**changes: object) -> Json:
    plain = {"SrcAddr": "10.1.0.1", "DstAddr": "10.1.0.2", "SrcPort": 40001, "DstPort": 8443, "Proto": 6, "Bytes": 10}
    return {**plain, "TimeFlowStartMs": 1708011867121, "TimeFlowEndMs": 1708011867500, **changes}


@pytest.mark.parametrize(
    ("flags", "expected"),
    [(2, "10.1.0.1 > 10.1.0.2:51001"), (256 + 16, "10.1.0.2 > 10.1.0.1:51000"), (0, "10.1.0.2 > 10.1.0.1:51000")],
)
def test_the_handshake_tells_who_asked(tmp_path: Path, flags: int, expected: str) -> None:
    line = json.dumps(record(SrcPort=51000, DstPort=51001, Flags=flags))
    read = read_text(tmp_path, line + "\n" + line, "flows.json")
    assert arrows(read) == [f"{expected}/tcp x2"]
    assert flows(read)[0].oriented is bool(flags)


def test_records_that_repeat_or_break_are_left_out(tmp_path: Path) -> None:
    labels = {"SrcK8S_OwnerName": "shop", "SrcK8S_OwnerType": "Deployment", "FlowDirection": "0"}
    texts = [
        json.dumps(record(SrcK8S_Name="shop-1")),
        json.dumps(record(Duplicate=True)),
        "{",
        "[]",
        json.dumps(record(SrcAddr="?")),
        json.dumps(record(DstAddr=None)),
        json.dumps(record(DstPort=70000)),
    ]
    stream = {"stream": labels, "values": [["1", text] for text in texts] + [["1"], 5]}
    read = read_text(tmp_path, json.dumps({"data": {"resultType": "streams", "result": [stream]}}), "flows.json")
    (row,) = flows(read)
    assert (row.source_application, row.source_hostname) == ("shop", "shop-1")
    assert read.traits == {"records": "9", "duplicates": "1"}
    assert [reject.code.removeprefix("line.") for reject in read.rejects] == [
        "broken_json",
        "broken_json",
        "source_not_address",
        "destination_not_address",
        "not_a_number",
        "broken_json",
        "broken_json",
    ]
