"""`masterflow dependencies inspect`."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from masterflow.cli.dependencies import MOST_REJECTS, show, volume
from masterflow.cli.root import run
from masterflow.flows.discovery.dependency_inspection import InspectedGroup, inspect_dependencies

ESTATE = Path(__file__).parents[1] / "data" / "estate"
FLOWS = ESTATE / "netflow_summary.csv"


def shown(path: Path) -> str:
    console = Console(width=240)
    with console.capture() as capture:
        show(inspect_dependencies([path]), console)
    return capture.get()


def text(folder: Path, content: str) -> Path:
    path = folder / "flows.csv"
    path.write_text(content)
    return path


def test_json_has_stable_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dependencies", "inspect", str(FLOWS), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "file",
        "format",
        "files",
        "rows",
        "undirected",
        "nodes",
        "edges",
        "set_aside",
        "groups",
        "reject_count",
        "rejects",
        "notes",
    ]
    assert set(found["nodes"][0]) == {"id", "kind", "addresses", "applications", "roles", "degree"}
    assert {"source", "target", "port", "protocol", "kind", "weight", "confidence", "connections", "bytes"} < set(
        found["edges"][0]
    )
    assert set(found["set_aside"][0]) == {"reason", "message", "rows", "connections", "example"}
    assert set(found["groups"][0]) == {"kind", "members", "application", "confidence", "reasons"}


def test_people_see_counts_the_strongest_edges_and_what_was_set_aside() -> None:
    out = shown(FLOWS)
    assert "netflow_summary.csv is read as dependency_csv: 2,923 rows." in out
    assert "208 nodes, 230 edges: 183 hard, 47 soft; 2,693 rows set aside." in out
    assert "Strongest edges (210 more: --json)" in out
    assert "GiB" in out
    assert "names, time, directory and logs bind no applications together" in out
    assert "Move groups" in out
    assert "5 ends need each other in a circle of 7 hard edges" in out
    assert "Not used: 6 rows" in out
    assert "row 1004, column port" in out


def test_long_lists_end_in_how_many_more_there_are(tmp_path: Path) -> None:
    rows = "a,b,443,5\n" + "a,,443,5\n" * (MOST_REJECTS + 2)
    assert "… and 2 more; --json shows all." in shown(text(tmp_path, "source,destination,port,connections\n" + rows))
    found = inspect_dependencies([FLOWS])
    many = tuple(InspectedGroup("move_group", tuple(map(str, range(9))), "Shop", 0.5, ("why",)) for _ in range(12))
    console = Console(width=240)
    with console.capture() as capture:
        show(replace(found, groups=many), console)
    assert "0, 1, 2, 3, 4, 5 and 3 more → Shop (confidence 0.50): why" in capture.get()
    assert "… and 2 more; --json shows all." in capture.get()


def test_a_list_without_direction_shows_none(tmp_path: Path) -> None:
    pairs = [("a", "b"), ("b", "c"), ("c", "d")]
    lines = "".join(f"{s},{t}\n{t},{s}\n" for s, t in pairs)
    out = shown(text(tmp_path, "source,target\n" + lines))
    assert "4 nodes, 3 edges, without direction; 3 rows set aside." in out
    assert "hard" not in out


def test_an_inventory_is_refused_with_the_command_to_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dependencies", "inspect", str(ESTATE / "servicenow_cmdb_ci_server.csv")]) == 1
    said = capsys.readouterr().err
    assert "This file holds no connections" in said
    assert "masterflow inventory inspect servicenow_cmdb_ci_server.csv" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 bytes"), (1023, "1,023 bytes"), (1024, "1.0 KiB"), (5 * 1024**3, "5.0 GiB"), (2**60, "1,024.0 PiB")],
)
def test_volumes_are_said_in_their_unit(size: int, said: str) -> None:
    assert volume(size) == said


def test_a_file_over_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text(tmp_path, "source,target\na,b\n" + "\n" * 1_000_001)
    monkeypatch.setenv("MASTERFLOW_MAX_UPLOAD_MB", "1")
    assert run(["dependencies", "inspect", str(path)]) == 1
    assert "more than the limit of 1,000,000 bytes" in capsys.readouterr().err
