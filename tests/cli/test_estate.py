"""`masterflow inventory`: previews, conflicts and exports."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


def discovered(ana: Shell, settle: Callable[[str], None], *files: Path) -> None:
    """Import files and approve both gates."""
    flow = ana("inventory", "import", *files, "--json").json["flow"]["flow_id"]
    for _ in range(2):
        settle(flow)
        [gate] = ana("gate", "list", "--json").json["items"]
        assert ana("gate", "approve", gate["id"]).code == 0
    settle(flow)


@pytest.fixture
def second_csv(settings: Path) -> Path:
    """The same servers as another tool sees them: one has more processors, another environment words."""
    path = settings / "agent.csv"
    path.write_text("Server Name,Operating System,CPU Cores\nweb-01,Windows Server 2012 R2,16\n", encoding="utf-8")
    return path


def test_a_preview_shows_what_would_change_and_keeps_nothing(
    ana: Shell, settle: Callable[[str], None], inventory_csv: Path
) -> None:
    first = ana("inventory", "import", inventory_csv, "--preview")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("Nothing is published yet: all 3 assets are new.")
    discovered(ana, settle, inventory_csv)
    again = ana("inventory", "import", inventory_csv, "--preview", "--json").json
    assert (again["added"], again["changed"], again["gone"], again["unchanged"]) == (0, 0, 0, 3)
    text = inventory_csv.read_text().replace("8192", "16384").replace("old-01", "new-01")
    inventory_csv.write_text(text)
    changed = ana("inventory", "import", inventory_csv, "--preview").out
    assert "Against the published estate: 1 added, 1 changed, 1 gone, 1 unchanged." in changed
    assert "New: new-01." in changed
    assert "Gone: old-01." in changed
    assert "Changed assets by field: memory_mib 1." in changed
    assert [row["name"] for row in ana("inventory", "list", "--json").json["items"]] == ["db-01", "old-01", "web-01"]


def test_conflicts_are_listed_and_decided(
    ana: Shell, settle: Callable[[str], None], inventory_csv: Path, second_csv: Path
) -> None:
    assert ana("inventory", "conflicts", "list").out == "No source contradicts another.\n"
    discovered(ana, settle, inventory_csv, second_csv)
    [found] = ana("inventory", "conflicts", "list", "--field", "cpu_cores", "--json").json["items"]
    right = next(value["value"] for value in found["values"] if value["value"] != found["preferred"])
    assert right in ana("inventory", "conflicts", "list").out
    told = ana("inventory", "conflicts", "decide", found["id"], "--value", right, "--reason", "counted")
    assert told.out.startswith(f"web-01 has cpu_cores {right}: decided by ana@northwind.example on ")
    kept = ana("inventory", "conflicts", "decide", found["id"], "--keep", "--json").json
    assert (kept["preferred"], kept["needs_review"]) == (right, False)
    assert ana("inventory", "conflicts", "list", "--review", "--json").json["items"] == []
    page = ana("inventory", "conflicts", "list", "--limit", "1", "--asset", found["asset_id"])
    assert "web-01" in page.out
    wrong = ana("inventory", "conflicts", "decide", found["id"], "--value", "3")
    assert (wrong.code, "Choose one of" in wrong.err) == (1, True)
    both = ana("inventory", "conflicts", "decide", found["id"], "--value", right, "--keep")
    assert (both.code, "either --value VALUE or --keep" in both.err) == (1, True)


def test_the_estate_is_written_for_other_tools(
    ana: Shell, settle: Callable[[str], None], inventory_csv: Path, settings: Path
) -> None:
    discovered(ana, settle, inventory_csv)
    out = settings / "azure.csv"
    ran = ana("inventory", "export", "azure_migrate", "--out", out)
    assert (ran.code, ran.out) == (0, f"3 rows are written to {out}.\n")
    with out.open(newline="") as file:
        assert [row["*Server name"] for row in csv.DictReader(file)] == ["db-01", "old-01", "web-01"]
    mgn = ana("inventory", "export", "aws_mgn", "--out", settings / "mgn.csv")
    assert "a fully qualified name" in mgn.out
    told = ana("inventory", "export", "aws_mgn", "--out", settings / "mgn.csv", "--json").json
    assert (told["written"], len(told["left_out"])) == (0, 3)
    only = ("--only", "search=web", "--only", "type=server")
    assert "1 rows are" in ana("inventory", "export", "csv", "--out", settings / "web.csv", *only).out
    assert "konveyor" in ana("inventory", "formats").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("pdf", "--out", "x"), "There is no export format"),
        (("csv", "--out", "x", "--only", "colour=red"), "--only has no key"),
        (("csv", "--out", "x", "--only", "environment=moon"), "Choose one of: production"),
        (("csv", "--out", "x", "--only", "application=7"), "It is an id."),
        (("csv", "--out", "x", "--lineage"), "cannot hold where values came from"),
        (("csv", "--out", "no/such/folder/x"), "cannot be written"),
    ],
)
def test_an_export_that_cannot_be_is_a_sentence_and_leaves_no_file(
    ana: Shell, settings: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = ana("inventory", "export", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert sentence in ran.err
    assert "Traceback" not in ran.err
    assert not (settings / "x").exists()
    assert not list(settings.glob(".x*"))


def test_values_are_set_by_hand_after_a_look_at_what_changes(
    ana: Shell, settle: Callable[[str], None], inventory_csv: Path
) -> None:
    discovered(ana, settle, inventory_csv)
    order = ("inventory", "set", "--only", "search=-01", "--department", "Sales", "--reason", "they say so")
    looked = ana(*order)
    assert looked.out.splitlines()[-1] == "3 assets would be set: repeat with --apply."
    assert ana("inventory", "list", "--only", "unknown=department", "--json").json["items"] != []
    done = ana(*order, "--apply", "--expect", "3", "--json").json
    assert (done["dry_run"], done["count"]) == (False, 3)
    assert ana("inventory", "list", "--only", "unknown=department", "--json").json["items"] == []
    [web] = ana("inventory", "list", "--only", "search=web", "--sort=-name", "--json").json["items"]
    back = ("inventory", "set", "--asset", web["id"], "--clear", "department", "--reason", "mistaken", "--apply")
    assert ana(*back).out.splitlines()[-1] == "1 assets are set."
    facets = ana("inventory", "facets", "--only", "unknown=department", "--json").json
    assert (facets["total"], facets["facets"][0]["field"]) == (1, "environment")
    assert ana("inventory", "facets").out.startswith("3 assets.")
    refused = ana(*order, "--apply", "--expect", "2")
    assert (refused.code, "about 3 assets now, not 2" in refused.err) == (1, True)
    nothing = ana("inventory", "set", "--department", "Sales", "--reason", "r")
    assert (nothing.code, "Which assets are meant" in nothing.err) == (1, True)
    wrong = ana("inventory", "list", "--only", "unowned=perhaps")
    assert (wrong.code, "Choose one of: yes, no" in wrong.err) == (1, True)
    assert ana("inventory", "facets", "--only", "unowned=yes", "--only", "type=server", "--json").code == 0


def test_the_graph_of_an_estate_without_connections_says_so(
    ana: Shell, settle: Callable[[str], None], inventory_csv: Path
) -> None:
    discovered(ana, settle, inventory_csv)
    assert ana("inventory", "graph").out.startswith("No dependency is known")
    nodes = ana("inventory", "graph", "--search", "zz", "--json").json
    assert (nodes["nodes"], nodes["edges"]) == ([], [])
    [one, other, *_] = ana("inventory", "list", "--json").json["items"]
    assert ana("inventory", "evidence", one["id"], other["id"]).out == "Nothing is known between the two.\n"
    assert ana("inventory", "evidence", one["id"], other["id"], "--json").json == {"items": [], "cursor": None}
