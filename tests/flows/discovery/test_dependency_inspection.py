"""Files of connections, looked at before anything is imported."""

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.inspect_scale import write_flows

from masterflow.errors import FileRejected
from masterflow.flows.discovery import dependency_inspection
from masterflow.flows.discovery.dependency_inspection import DependencyInspection, inspect_dependencies
from masterflow.inventory.importers.catalog import recognise
from masterflow.inventory.reading import FileHead, FileRead

ESTATE = Path(__file__).parents[2] / "data" / "estate"
INVENTORY = Path(__file__).parents[2] / "data" / "inventory"


def text(folder: Path, content: str, name: str = "flows.csv") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def accounted(found: DependencyInspection) -> int:
    return sum(edge.evidence for edge in found.edges) + sum(one.rows for one in found.set_aside)


def test_every_row_of_the_flow_table_is_in_an_edge_or_set_aside() -> None:
    found = inspect_dependencies([ESTATE / "netflow_summary.csv"])
    assert (found.file, found.format, found.rows, found.reject_count) == (
        "netflow_summary.csv",
        "dependency_csv",
        2923,
        6,
    )
    assert accounted(found) == found.rows
    assert {one.reason for one in found.set_aside} == {
        "broadcast",
        "dynamic_port",
        "housekeeping",
        "reply",
        "scan",
        "shared_service",
    }
    assert {reject.row for reject in found.rejects} == {632, 1004, 1372, 2092, 2178, 2621}
    assert [len(group.members) for group in found.groups if group.kind == "move_group"] == [5, 2]


def test_an_azure_export_is_a_graph_of_named_servers() -> None:
    found = inspect_dependencies([INVENTORY / "azure_migrate_dependency_export.csv"])
    assert {(edge.source, edge.target, edge.port) for edge in found.edges} == {
        ("app1-server", "app2-server", 443),
        ("app1-server", "db1-server", 1433),
        ("web1-server", "api1-server", 8080),
        ("web2-server", "api2-server", 8080),
        ("admin-server", "app1-server", 3389),
    }
    assert {node.kind for node in found.nodes} == {"name"}


def test_several_files_are_one_graph() -> None:
    found = inspect_dependencies([ESTATE / "netflow_summary.csv", ESTATE / "vpc_flow_sample.log"])
    assert [one.file for one in found.files] == ["netflow_summary.csv", "vpc_flow_sample.log"]
    assert (found.file, found.format) == (None, None)
    assert found.rows == sum(one.rows for one in found.files) == accounted(found)


def test_relations_of_a_cmdb_are_edges_and_hosting_is_set_aside() -> None:
    found = inspect_dependencies([ESTATE / "servicenow_cmdb_rel_ci.csv"])
    assert len(found.edges) == 37
    assert [(one.reason, one.rows) for one in found.set_aside] == [("no_dependency", 176)]
    assert [(reject.code, reject.row) for reject in found.rejects] == [("relation.no_parent", 214)]


def test_an_inventory_holds_no_connections_and_the_refusal_names_the_command(tmp_path: Path) -> None:
    for path in (ESTATE / "servicenow_cmdb_ci_server.csv", ESTATE / "rvtools_estate.xlsx"):
        with pytest.raises(FileRejected, match="holds no connections") as refusal:
            inspect_dependencies([path])
        assert "masterflow inventory inspect" in (refusal.value.hint or "")
    with pytest.raises(FileRejected, match="empty"):
        inspect_dependencies([text(tmp_path, "")])


def test_a_list_without_direction_says_so_and_proposes_nothing(tmp_path: Path) -> None:
    pairs = [("a", "b"), ("b", "c"), ("c", "d")]
    lines = [f"{s},{t}" for s, t in (*pairs, *((t, s) for s, t in pairs), ("a", "a"))]
    found = inspect_dependencies([text(tmp_path, "source,target\n" + "\n".join(lines) + "\n")])
    assert found.undirected
    assert len(found.edges) + sum(one.rows for one in found.set_aside) == found.rows == 7
    assert not any(edge.directed or edge.oriented for edge in found.edges)
    assert found.groups == ()
    assert "no direction" in found.notes[0]


def test_applications_are_proposed_from_who_talks_to_whom_up_to_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "d"), ("d", "b")]
    path = text(tmp_path, "source,target,port,connections\n" + "".join(f"{s},{t},443,9000\n" for s, t in pairs))
    proposed = [group for group in inspect_dependencies([path]).groups if group.kind == "application_proposal"]
    assert [group.members for group in proposed] == [("a", "b", "c", "d")]
    monkeypatch.setattr(dependency_inspection, "MOST_TIES", 3)
    found = inspect_dependencies([path])
    assert [group.kind for group in found.groups] == ["move_group"]
    assert "more than 3 edges" in found.notes[0]


def test_a_generated_table_comes_back_edge_for_edge(tmp_path: Path) -> None:
    found = inspect_dependencies([write_flows(tmp_path / "flows.csv", nodes=1_200, edges=5_000)])
    assert (len(found.nodes), len(found.edges), found.rows, found.set_aside) == (1_200, 5_000, 5_000, ())


def test_a_file_that_goes_away_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(head: FileHead) -> FileRead:
        raise OSError(5, "Input/output error", head.name)

    unlucky = replace(recognise(text(tmp_path, "source,target\na,b\n")), reads=gone)
    monkeypatch.setattr(dependency_inspection, "importer_of", lambda _: unlucky)
    with pytest.raises(FileRejected, match="Input/output error"):
        inspect_dependencies([text(tmp_path, "source,target\na,b\n")])
