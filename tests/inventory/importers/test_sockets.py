"""Output of ss, netstat and lsof."""

import json
from pathlib import Path

import pytest

from masterflow.inventory.importers.catalog import open_file
from tests.inventory.importers.evidence import EVIDENCE, arrows, flows, read_text

SS = """Netid State      Recv-Q Send-Q Local Address:Port        Peer Address:Port
tcp   LISTEN     0      128    *:9999                *:*             users:(("app",pid=1,fd=3))
tcp   ESTAB      0      0      10.0.0.5:9999         10.0.0.9:51234  users:(("app",pid=1,fd=3))
tcp   ESTAB      0      0      10.0.0.5:9999         10.0.0.9:51235  users:(("app",pid=1,fd=3))
tcp   ESTAB      0      0      [::ffff:10.0.0.5]:40112 [::ffff:10.0.0.7]:5432 users:(("java",pid=7,fd=3))
tcp   SYN-SENT   0      1      10.0.0.5:40113        10.0.0.8:5432   users:(("java",pid=7,fd=3))
tcp   ESTAB      0      0      127.0.0.1:40112       127.0.0.1:5432
tcp   ESTAB      0      0      10.0.0.5%eth0:40114   [fe80::1%eth0]:5432
u_str ESTAB      0      0      * 15556               * 15557
"""
WINDOWS = """
Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:1433           0.0.0.0:0              LISTENING       4321
 [sqlservr.exe]
  TCP    10.1.0.5:1433          10.1.0.77:50555        ESTABLISHED     4321
 [sqlservr.exe]
  TCP    10.1.0.5:50100         10.1.0.80:445          ESTABLISHED     4
  UDP    0.0.0.0:123            *:*                                    1000
"""
BSD = """Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  192.168.1.5.52345      17.57.146.20.443       ESTABLISHED
tcp46      0      0  *.22                   *.*                    LISTEN
tcp4       0      0  192.168.1.5.22         192.168.1.9.60000      TIME_WAIT
"""
LSOF = """COMMAND   PID   USER   FD   TYPE DEVICE SIZE/OFF NODE NAME
sshd      958   root    3u  IPv4  18390      0t0  TCP *:ssh (LISTEN)
sshd     1958   root    3u  IPv4  18390      0t0  TCP 10.0.0.1:ssh->10.0.0.2:51234 (ESTABLISHED)
java     2958   app    13u  IPv6  28390      0t0  TCP 10.0.0.1:41234->db01.example.com:postgresql (ESTABLISHED)
ntpd     2959   ntp    13u  IPv6  28390      0t0  UDP *:ntp
"""


def test_listening_sockets_tell_what_the_machine_serves(tmp_path: Path) -> None:
    read = read_text(tmp_path, SS, "ss.txt")
    assert read.format == "sockets"
    assert arrows(read) == [
        "10.0.0.9 > 10.0.0.5:9999/tcp x2",
        "10.0.0.5 > 10.0.0.7:5432/tcp x1",
        "10.0.0.5 > fe80::1:5432/tcp x1",
    ]
    rows = flows(read)
    assert [(row.source_process, row.target_process) for row in rows] == [(None, "app"), ("java", None), (None, None)]
    assert all(row.oriented for row in rows)
    assert read.traits == {
        "lines": "8",
        "listening": "1",
        "unanswered": "1",
        "within_the_machine": "1",
        "unix_sockets": "1",
    }


def test_without_listening_sockets_the_ports_tell(tmp_path: Path) -> None:
    header = "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
    lines = "ESTAB 0 0 10.0.0.5:22 10.0.0.9:50000\nESTAB 0 0 10.0.0.5:40000 10.0.0.7:mysql\n"
    read = read_text(tmp_path, header + lines, "ss.txt")
    assert arrows(read) == ["10.0.0.9 > 10.0.0.5:22/tcp x1", "10.0.0.5 > 10.0.0.7:3306/tcp x1"]
    assert not any(row.oriented for row in flows(read))


def test_a_service_whose_socket_is_not_shown_still_serves(tmp_path: Path) -> None:
    header = "Active Internet connections (servers and established)\nProto Recv-Q Send-Q Local Foreign State\n"
    lines = "tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN 1/sshd\ntcp6 0 0 10.0.0.5:8080 10.0.0.9:50000 ESTABLISHED -\n"
    read = read_text(tmp_path, header + lines, "netstat.txt")
    assert arrows(read) == ["10.0.0.9 > 10.0.0.5:8080/tcp x1"]
    assert not flows(read)[0].oriented


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (WINDOWS, ["10.1.0.77 > 10.1.0.5:1433/tcp x1", "10.1.0.5 > 10.1.0.80:445/tcp x1"]),
        (BSD, ["192.168.1.5 > 17.57.146.20:443/tcp x1", "192.168.1.9 > 192.168.1.5:22/tcp x1"]),
        (LSOF, ["10.0.0.2 > 10.0.0.1:22/tcp x1", "10.0.0.1 > db01.example.com:5432/tcp x1"]),
    ],
)
def test_other_systems_print_otherwise(tmp_path: Path, content: str, expected: list[str]) -> None:
    assert arrows(read_text(tmp_path, content, "sockets.txt")) == expected


def test_windows_names_the_process_a_line_later(tmp_path: Path) -> None:
    assert [row.target_process for row in flows(read_text(tmp_path, WINDOWS, "n.txt"))] == ["sqlservr.exe", None]


@pytest.mark.parametrize("suffix", ["out", "json"])
def test_a_real_table_and_its_json_by_jc_tell_the_same(suffix: str) -> None:
    read = open_file(EVIDENCE / f"ubuntu-18.04_netstat.{suffix}")
    assert sorted(arrows(read)) == [
        "192.168.71.1 > kbrazil-ubuntu:22/tcp x1",
        "kbrazil-ubuntu > lb-192-30-253-113:443/tcp x1",
    ]
    assert read.traits["unix_sockets"] == "91"


def test_a_machine_that_talks_to_itself_alone_has_no_rows() -> None:
    read = open_file(EVIDENCE / "centos-7.7_ss-sudo-a.out")
    assert flows(read) == []
    assert (read.traits["listening"], read.traits["within_the_machine"]) == ("7", "2")


def test_a_name_that_netstat_cut_off_is_the_same_machine(tmp_path: Path) -> None:
    header = "Active Internet connections (w/o servers)\nProto Recv-Q Send-Q Local Address Foreign Address State\n"
    lines = "tcp 0 0 web01.example:35450 10.0.0.7:https ESTABLISHED\n"
    lines += "tcp 0 0 web01.example.org:ssh 10.0.0.8:50000 ESTABLISHED\n"
    rows = flows(read_text(tmp_path, header + lines, "netstat.txt"))
    assert (rows[0].source_hostname, rows[1].target_hostname) == ("web01.example.org", "web01.example.org")


def test_jc_makes_objects_of_ss_and_lsof(tmp_path: Path) -> None:
    ss = {"netid": "tcp", "state": "ESTAB", "local_address": "10.0.0.5", "local_port": "40000", "peer_port_num": 5432}
    opts = {"process_id": {"7": {"user": "java", "file_descriptor": "3"}}}
    content = json.dumps([{**ss, "peer_address": "10.0.0.7", "peer_port": "postgresql", "opts": opts}, {"netid": "nl"}])
    read = read_text(tmp_path, content, "ss.json")
    assert arrows(read) == ["10.0.0.5 > 10.0.0.7:5432/tcp x1"]
    assert (flows(read)[0].source_process, read.traits["other_sockets"]) == ("java", "1")
    lsof = {
        "command": "java",
        "fd": "3u",
        "device": "1",
        "node": "TCP",
        "name": "10.0.0.5:40000->10.0.0.7:443 (ESTABLISHED)",
    }
    assert arrows(read_text(tmp_path, json.dumps([lsof]), "lsof.json")) == ["10.0.0.5 > 10.0.0.7:443/tcp x1"]


def test_a_port_that_nobody_knows_is_rejected(tmp_path: Path) -> None:
    header = "Active Internet connections (w/o servers)\nProto Recv-Q Send-Q Local Address Foreign Address State\n"
    lines = "tcp 0 0 10.0.0.5:40000 10.0.0.7:mystery ESTABLISHED\ntcp 0 0 x y ESTABLISHED\nraw 0 0 10.0.0.5:1 *:*\n"
    read = read_text(tmp_path, header + lines, "netstat.txt")
    assert [(reject.code, reject.place.row, reject.value) for reject in read.rejects] == [
        ("line.not_a_port", 3, "40000 mystery")
    ]
    assert (read.traits["other_lines"], read.traits["other_sockets"]) == ("1", "1")
