import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.dependencies.graph import infer
from masterflow.analysis.dependencies.relations import RelationRow, relations_of
from masterflow.errors import Place
from masterflow.inventory.types import DependencyKind
from tests.analysis.dependencies.rows import END, START, flow, listed


def aside(graph):
    return {one.reason: one.rows for one in graph.set_aside}


def ends(graph):
    return {(edge.source, edge.target) for edge in graph.edges}


def test_rows_of_two_ends_on_a_port_are_one_edge_with_what_they_add_up_to():
    graph = infer([flow(line=2), flow(line=3, connections=7, first_seen=START + timedelta(days=1))])
    (edge,) = graph.edges
    assert (edge.source, edge.target, edge.talk.port, edge.kind) == (
        "10.1.1.1",
        "10.1.1.2",
        443,
        DependencyKind.HARD,
    )
    assert (edge.talk.connections, edge.talk.bytes_total, edge.talk.rows) == (5007, 2000, 2)
    assert (edge.talk.first_seen, edge.talk.last_seen) == (START, END)
    assert edge.directed


def test_an_end_goes_by_its_host_name_wherever_its_address_stands_alone():
    rows = [flow(source_hostname="Web1"), flow(source="10.1.1.3", target="10.1.1.1"), flow(source_hostname="WEB1")]
    graph = infer(rows)
    assert ends(graph) == {("Web1", "10.1.1.2"), ("10.1.1.3", "Web1")}
    node = next(node for node in graph.nodes if node.id == "Web1")
    assert (node.kind, node.addresses, node.degree, node.roles) == ("name", ("10.1.1.1",), 2, ("client", "server"))


def test_an_address_that_two_hosts_go_by_stands_for_itself():
    graph = infer([flow(source_hostname="a"), flow(source_hostname="b"), flow(port=8443)])
    assert {node.id for node in graph.nodes} == {"a", "b", "10.1.1.1", "10.1.1.2"}


def test_an_end_that_only_an_application_names_is_one():
    graph = infer([flow(source=None, target=None, source_application="Shop", target_application="Pay", port=None)])
    assert [(node.id, node.kind, node.applications) for node in graph.nodes] == [
        ("Pay", "application", ("Pay",)),
        ("Shop", "application", ("Shop",)),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (flow(target="10.1.1.255"), "broadcast"),
        (flow(target="ff02::1"), "broadcast"),
        (flow(port=53), "housekeeping"),
        (flow(port=55228, connections=3), "dynamic_port"),
        (flow(target="10.1.1.1"), "self_loop"),
    ],
)
def test_what_binds_nothing_is_set_aside_with_the_reason(row, reason):
    graph = infer([row])
    assert aside(graph) == {reason: 1}
    assert graph.set_aside[0].example == row
    assert graph.edges == ()


def test_a_broadcast_address_is_no_node():
    assert [node.id for node in infer([flow(target="10.1.1.255")]).nodes] == ["10.1.1.1"]


def test_an_answer_is_told_from_other_talk_on_a_lent_port():
    graph = infer([flow(), flow(source="10.1.1.2", target="10.1.1.1", port=55228, connections=3)])
    assert aside(graph) == {"reply": 1}
    assert len(graph.edges) == 1


def test_a_high_port_serves_where_the_evidence_or_several_peers_say_so():
    assert len(infer([flow(port=50123, oriented=True)]).edges) == 1
    assert len(infer([flow(source=f"10.1.1.{n}", port=50123, connections=9) for n in (3, 4, 5)]).edges) == 3
    assert infer([flow(source=f"10.1.1.{n}", port=50123, connections=9) for n in (3, 4)]).edges == ()


def test_a_service_that_everybody_uses_is_a_role_and_no_edge():
    graph = infer([flow(source=f"10.2.{n}.1", target="10.2.200.1", port=13724) for n in range(30)])
    assert aside(graph) == {"shared_service": 30}
    assert [node.id for node in graph.nodes if "shared_service" in node.roles] == ["10.2.200.1"]


def test_a_public_address_is_external():
    graph = infer([flow(target="8.8.8.8")])
    assert [node.roles for node in graph.nodes if node.id == "8.8.8.8"] == [("server", "external")]


def test_a_scanner_has_that_role():
    rows = [
        flow("10.2.200.1", f"10.2.{n}.1", port=port, connections=2) for n in range(25) for port in range(1000, 1012)
    ]
    graph = infer(rows)
    assert aside(graph) == {"scan": len(rows)}
    assert [node.id for node in graph.nodes if "scanner" in node.roles] == ["10.2.200.1"]


def test_a_list_that_names_every_edge_both_ways_has_no_direction():
    pairs = [("a", "b"), ("b", "c"), ("c", "a")]
    rows = [listed(*pair) for pair in pairs] + [listed(t, s) for s, t in pairs] + [listed("a", "a")]
    graph = infer(rows)
    assert graph.undirected
    assert aside(graph) == {"mirrored": 3, "self_loop": 1}
    assert len(graph.edges) + sum(aside(graph).values()) == graph.rows == 7
    assert {(edge.directed, edge.kind, edge.confidence) for edge in graph.edges} == {(False, DependencyKind.SOFT, 0.3)}
    assert graph.groups == ()


def test_one_edge_without_its_mirror_gives_all_a_direction():
    pairs = [("a", "b"), ("b", "c"), ("c", "a")]
    rows = [listed(*pair) for pair in pairs] + [listed(t, s) for s, t in pairs] + [listed("a", "d")]
    graph = infer(rows)
    assert not graph.undirected
    assert len(graph.edges) == 7


def test_a_line_that_says_the_same_again_is_a_duplicate():
    assert aside(infer([listed("a", "b"), listed("a", "b", line=3)])) == {"duplicate": 1}
    assert aside(infer([listed("a", "b", observations=4, connections=4)])) == {"duplicate": 3}
    assert aside(infer([flow(), flow(line=3)])) == {"duplicate": 1}


def test_counts_without_a_time_add_up_and_are_no_duplicates():
    graph = infer([flow(first_seen=None, last_seen=None), flow(first_seen=None, last_seen=None)])
    assert graph.edges[0].talk.connections == 10_000


def test_the_same_row_of_another_file_is_no_duplicate():
    assert infer([flow(), flow(file="other.csv")]).edges[0].talk.rows == 2


def test_a_circle_of_hard_edges_is_a_move_group():
    rows = [flow("a1", "b1"), flow("b1", "c1"), flow("c1", "a1"), flow("c1", "d1"), flow("d1", "c1", port=445)]
    (group,) = infer(rows).groups
    assert (group.members, group.edges) == (("a1", "b1", "c1"), 3)


def test_relations_that_need_nothing_are_counted_and_set_aside():
    place = Place("rel.csv", "csv", 2)
    found = relations_of(
        [RelationRow(place, "Shop", "Depends on::Used by", "Pay"), RelationRow(place, "Shop", "Runs on::Runs", "web1")]
    )
    graph = infer(found.rows, others=found.others)
    assert (ends(graph), aside(graph), graph.rows) == ({("Shop", "Pay")}, {"no_dependency": 1}, 2)


NAMES = st.sampled_from(["a", "b", "c", "10.1.1.1", "10.1.1.255", "8.8.8.8"])
ROWS = st.lists(
    st.builds(
        flow,
        NAMES,
        NAMES,
        st.sampled_from([None, 53, 443, 445, 5432, 60_000]),
        st.sampled_from([None, 0, 3, 9000]),
        oriented=st.booleans(),
        observations=st.integers(1, 3),
        bytes_total=st.sampled_from([None, 10]),
        first_seen=st.sampled_from([None, START]),
    ),
    max_size=30,
)


@given(ROWS)
def test_every_row_is_in_an_edge_or_set_aside(rows):
    graph = infer(rows)
    counted = sum(edge.talk.rows for edge in graph.edges) + sum(aside(graph).values())
    assert counted == graph.rows == sum(row.observations for row in rows)


@given(ROWS)
def test_edges_end_at_nodes_and_their_figures_stay_in_bounds(rows):
    graph = infer(rows)
    nodes = {node.id for node in graph.nodes}
    assert len(nodes) == len(graph.nodes)
    for edge in graph.edges:
        assert {edge.source, edge.target} <= nodes
        assert edge.source != edge.target
        assert edge.weight >= 0.6
        assert 0 < edge.confidence < 1


@given(ROWS, st.randoms(use_true_random=False))
def test_rows_in_another_order_give_the_same_edges(rows, chance: random.Random):
    mixed = list(rows)
    chance.shuffle(mixed)
    one, other = infer(rows), infer(mixed)
    if not one.undirected:
        assert {(e.source, e.target, e.talk.port, e.weight) for e in one.edges} == {
            (e.source, e.target, e.talk.port, e.weight) for e in other.edges
        }
    assert aside(one) == aside(other)
