"""Saved views from a shell."""

from tests.cli.conftest import Shell


def test_a_view_is_saved_listed_and_deleted(ana: Shell) -> None:
    assert ana("view", "list").out == "No view is saved.\n"
    saved = ana("view", "save", "What failed", "status=failed", "--shared", "--json").json
    assert (saved["page"], saved["made_by"], saved["mine"]) == ("flows", "ana@northwind.example", True)
    assert ana("view", "save", "Gates", "view=team", "--page", "inbox").out.startswith("Saved as ")
    assert [v["name"] for v in ana("view", "list", "--json").json["items"]] == ["What failed", "Gates"]
    assert "status=failed" in ana("view", "list", "--page", "flows").out
    assert ana("view", "delete", saved["id"]).out == "Deleted.\n"
    assert ana("view", "delete", saved["id"]).code == 1
