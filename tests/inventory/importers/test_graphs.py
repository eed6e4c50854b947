"""Kiali's graphs, Juju bundles, graphs of services and edge lists."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers import juju
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.edge_list import IMPORTER as EDGE_LIST
from tests.inventory.importers.evidence import EVIDENCE, arrows, flows, read_text
from tests.inventory.makers import text_file, text_head


@pytest.mark.parametrize(
    ("kind", "rows", "sample"),
    [
        ("app", 10, "productpage > details:9080/http x48000"),
        ("workload", 14, "reviews-v3 > pricing-v1:9080/http x12000"),
    ],
)
def test_real_graphs_of_kiali_name_ends_by_the_kind_of_node(kind: str, rows: int, sample: str) -> None:
    read = open_file(EVIDENCE / f"kiali_test_{kind}_graph.json")
    assert (read.format, read.traits["graph_type"], read.traits["unknown_end"]) == ("kiali", kind, "4")
    assert len(flows(read)) == rows == int(read.traits["edges"]) - 4
    assert sample in arrows(read)
    assert all(row.oriented for row in flows(read))


def test_rates_become_requests_or_bytes_of_the_time_measured() -> None:
    rows = flows(open_file(EVIDENCE / "kiali_test_app_graph.json"))
    tcp = next(row for row in rows if row.protocol == "tcp")
    assert (tcp.bytes_total, tcp.target_application, tcp.port) == (300 * 600, "tcp", 9080)
    assert tcp.first_seen is not None
    assert tcp.last_seen is not None
    assert (tcp.last_seen - tcp.first_seen).total_seconds() == 600


def kiali(nodes: list[dict[str, object]], edges: list[dict[str, object]], **more: object) -> str:
    listed = {"nodes": [{"data": node} for node in nodes], "edges": [{"data": edge} for edge in edges]}
    return json.dumps({"graphType": "app", "elements": listed, **more})


def test_a_name_in_two_namespaces_is_told_apart(tmp_path: Path) -> None:
    nodes: list[dict[str, object]] = [
        {"id": "1", "nodeType": "app", "app": "web", "namespace": "a"},
        {"id": "2", "nodeType": "app", "app": "web", "namespace": "b"},
        {"id": "3", "nodeType": "service", "service": "db", "namespace": "b"},
        {"id": "4", "nodeType": "box", "isBox": "app", "app": "db"},
    ]
    edges: list[dict[str, object]] = [
        {"source": "1", "target": "2", "traffic": {"protocol": "http", "rates": {"http": "much"}}},
        {"source": "2", "target": "3", "traffic": {"protocol": "tcp", "rates": {"tcp": "-1"}}},
        {"source": "4", "target": "3"},
    ]
    read = read_text(tmp_path, kiali(nodes, edges, timestamp=10**17), "graph.json")
    assert arrows(read) == ["web.a > web.b:/http x1", "web.b > db:/tcp x1"]
    assert read.traits["unknown_end"] == "1"


def test_hosts_with_different_ports_leave_the_port_open(tmp_path: Path) -> None:
    nodes: list[dict[str, object]] = [{"id": "1", "app": "a"}, {"id": "2", "app": "b"}]
    responses = {"200": {"hosts": {"b:80": "50", "b:443": "50"}}, "404": 5}
    edge: dict[str, object] = {"source": "1", "target": "2", "traffic": {"responses": responses}}
    assert arrows(read_text(tmp_path, kiali(nodes, [edge]), "graph.json")) == ["a > b:/ x1"]


def test_a_graph_without_nodes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="no nodes"):
        read_text(tmp_path, kiali([], []), "graph.json")


def test_a_real_bundle_of_juju_relates_applications() -> None:
    read = open_file(EVIDENCE / "juju_kubeflow_bundle.yaml")
    assert (read.format, read.traits) == ("juju", {"applications": "37", "relations": "35"})
    rows = flows(read)
    assert len(rows) == 33
    assert {(row.source_application, row.target_application) for row in rows} >= {
        ("katib-db-manager", "katib-db"),
        ("kfp-ui", "minio"),
    }
    assert not any(row.oriented for row in rows), "a bundle does not say who asks"


def test_old_bundles_and_relations_to_several_are_read(tmp_path: Path) -> None:
    content = 'services:\n  "web": {charm: x}\nrelations:\n- - web:db\n  - [mysql:db, "cache"]\n- [web]\n- {}\n'
    read = read_text(tmp_path, content, "bundle.yaml")
    assert arrows(read) == ["web > mysql:/ x1", "web > cache:/ x1"]
    assert [reject.place.row for reject in read.rejects] == [2, 3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("applications: {a: [}\nrelations: []\n", "The YAML is broken"),
        ("applications: &a [x]\nrelations: [" + "*a, " * 2000 + "]\n", "refers to itself too often"),
        ("applications: 1\nrelations: " + "[" * 200 + "]" * 200 + "\n", "nests too deep"),
        ("applications: 1\nrelations:\n", "no connection between two ends"),
    ],
)
def test_a_bundle_that_is_broken_or_a_trap_is_refused(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(FileRejected, match=words):
        read_text(tmp_path, content, "bundle.yaml")


def test_a_bundle_of_megabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(juju, "MAX_BYTES", 10)
    with pytest.raises(FileRejected, match="which no bundle needs"):
        read_text(tmp_path, "applications: {}\nrelations: []\n", "bundle.yaml")


def test_a_real_diagram_of_data_flows_is_read() -> None:
    read = open_file(EVIDENCE / "microsecend_spring-petclinic.json")
    assert (read.format, read.traits) == ("service_graph", {"edges": "27"})
    rows = flows(read)
    assert (rows[0].source_application, rows[0].target_application) == ("github_repository", "config_server")
    assert (rows[0].protocol, rows[1].protocol) == ("https", "http")
    assert not any(row.oriented for row in rows), "data flows are not always asked for by their source"


@pytest.mark.parametrize("wrapped", [True, False])
def test_node_link_graphs_name_their_nodes(tmp_path: Path, wrapped: bool) -> None:
    nodes: list[object] = [{"id": 1, "label": "web"}, {"id": 2, "label": "db"}]
    edges: list[object] = [{"source": 1, "target": 2, "port": 5432, "weight": 7}, {"source": 2, "target": "10.0.0.9"}]
    if wrapped:
        nodes, edges = [{"data": node} for node in nodes], [{"data": edge} for edge in edges]
    graph = {"nodes": nodes, "edges": [*edges, {"source": 1}]}
    read = read_text(tmp_path, json.dumps({"elements": graph} if wrapped else graph), "graph.json")
    assert arrows(read) == ["web > db:5432/ x7", "db > 10.0.0.9:/ x1"]
    assert [reject.place.row for reject in read.rejects] == [3]
    assert all(row.oriented for row in flows(read))


def test_the_edges_of_a_large_graph_stand_behind_its_nodes(tmp_path: Path) -> None:
    graph = {"nodes": [{"id": f"service{number}"} for number in range(5000)], "links": [{"source": "a", "target": "b"}]}
    assert arrows(read_text(tmp_path, json.dumps(graph), "graph.json")) == ["a > b:/ x1"]


def test_other_json_with_nodes_is_left_to_other_readers(tmp_path: Path) -> None:
    inventory = {"nodes": [{"id": 1, "name": "web01", "ip": "10.0.0.1"}], "links": {"self": "/nodes"}}
    assert recognise(text_file(tmp_path, json.dumps(inventory), "nodes.json")).name == "json_records"


def test_a_real_edge_list_keeps_both_directions_and_self_loops() -> None:
    read = open_file(EVIDENCE / "as20graph_cut.txt")
    assert (read.format, read.traits["comments"], read.traits["lines"]) == ("edge_list", "4", "296")
    rows = flows(read)
    assert len(rows) == 296
    assert (rows[0].source_hostname, rows[0].target_hostname, rows[0].place.row) == ("1", "3", 5)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("source target weight\nweb01 db01 5\nweb02 db01 2\n", "links.txt"),
        ("web01\tdb01\t5\nweb02\tdb01\t2\nweb02\tdb02\t1.5\n", "links.edges"),
        ("# Edges from source to target\nweb01,db01\nweb02,db01\nweb02,db02\n", "links.csv"),
        ("web01 db01\nweb02 db01\ndb01 web02\nstore01 web01\n", "links.txt"),
        ("10 20\n20 10\n30 10\n", "links.csv"),
        ("n7 n8\nn1 n2\nn2 n3\n", "links.txt"),
    ],
)
def test_edge_lists_are_told_by_header_name_comment_or_their_ends(tmp_path: Path, content: str, name: str) -> None:
    read = read_text(tmp_path, content, name)
    assert read.format == "edge_list"
    assert len(flows(read)) == len([line for line in content.splitlines() if line[:1] not in "#s" or "store" in line])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("name,ip\nweb01,10.0.0.1\nweb02,10.0.0.2\nweb03,10.0.0.3\n", "servers.csv"),
        ("cpu,memory\n4,8\n8,16\n16,8\n", "sizes.csv"),
        ("server,replica_of\nweb01,web02\nweb02,web03\nweb03,web01\n", "servers.csv"),
        ("0.1 0.2\n0.2 0.1\n0.3 0.1\n", "numbers.txt"),
        ("web01 a\nweb02 b\nweb03 c\n", "list.txt"),
        ("a b x\nb a y\nc a z\n", "list.txt"),
        ("a b\nb c\n", "list.txt"),
        ("a(1) b\nb a(1)\nc b\n", "list.txt"),
        ("{}", "x.json"),
    ],
)
def test_what_may_be_any_table_is_no_edge_list(tmp_path: Path, content: str, name: str) -> None:
    assert EDGE_LIST.recognises(text_head(tmp_path, content, name)) == 0.0


def test_lines_that_are_no_edge_are_rejected(tmp_path: Path) -> None:
    good = "".join(f"{number} {number + 1}\n" for number in range(20_000))
    read = read_text(tmp_path, "# Nodes: 5 Edges: 5\n" + good + "7\n", "graph.txt")
    assert [(reject.code, reject.place.row) for reject in read.rejects] == [("line.truncated", 20_002)]


def test_a_fact_table_of_calls_between_methods_is_read() -> None:
    read = open_file(EVIDENCE / "doop_CallGraphEdge.csv")
    assert (read.format, read.traits["lines"], len(flows(read))) == ("edge_list", "17", 12)
    called = {row.target_application for row in flows(read)}
    assert "java.lang.Thread: void <init>(java.lang.ThreadGroup,java.lang.String)" in called


def test_a_line_of_a_fact_table_that_is_none_is_rejected(tmp_path: Path) -> None:
    line = "[c]\t<a.B: void c()>/d/0\t[c]\t<a.D: void d()>\n"
    read = read_text(tmp_path, line * 60 + "[c]\n", "CallGraphEdge.csv")
    assert arrows(read) == ["a.B: void c() > a.D: void d():/ x60"]
    assert [reject.place.row for reject in read.rejects] == [61]
