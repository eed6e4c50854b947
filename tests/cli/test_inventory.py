"""`masterflow inventory inspect`."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from masterflow.cli.inventory import MAX_REJECTS_SHOWN, inventory_app, show
from masterflow.flows.discovery.inspection import inspect_file
from tests.inventory.makers import DATA, text_file


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(inventory_app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def shown(path: Path) -> str:
    console = Console(width=200, record=True)
    with console.capture() as capture:
        show(inspect_file(path), console)
    return capture.get()


def test_inspect_prints_json_with_stable_keys() -> None:
    code, out, _ = run("inspect", str(DATA / "rvtools_v4.7_small.xlsx"), "--json")
    assert code == 0
    found = json.loads(out)
    assert found["format"] == "rvtools"
    assert found["sheets"][0]["rows"] == 9


def test_inspect_prints_a_table_for_each_sheet() -> None:
    code, out, _ = run("inspect", str(DATA / "rvtools_v4.7_small.xlsx"))
    assert code == 0
    assert "vInfo: 9 rows, header in row 1" in out
    assert "kept as attribute" in out


def test_inspect_shows_confidence_unit_and_reason_of_every_column(tmp_path: Path) -> None:
    out = shown(text_file(tmp_path, "Hostnmae,RAM,[odd] header\nweb01,16,x\nweb02,32,y\n"))
    assert "servers.csv is read as tabular. encoding: utf-8, separator: comma" in out
    assert "hostname" in out
    assert "ask" in out
    assert "GB" in out
    assert "[odd] header" in out


def test_inspect_shows_what_would_be_left_out(tmp_path: Path) -> None:
    out = shown(DATA / "netflow_summary_cut.csv")
    assert "Not used" in out
    assert "Port above 65535" in out
    rows = "10.0.0.1,10.0.0.2,443\n" + "10.0.0.1,,443\n" * (MAX_REJECTS_SHOWN + 3)
    out = shown(text_file(tmp_path, "source,destination,port\n" + rows))
    assert "… and 3 more; --json shows all." in out
    listed = text_file(tmp_path, '[{"name": "web01", "ram": 4}]', name="servers.json")
    assert shown(listed).count("every record names its values") == 1


@pytest.mark.parametrize("name", ["encrypted_clash.xlsx", "no_such_file.csv"])
def test_a_file_that_cannot_be_read_is_a_sentence_and_exit_code_1(name: str) -> None:
    code, out, err = run("inspect", str(DATA / name))
    assert (code, out) == (1, "")
    assert err.startswith(f"{name}: ")
    assert "Traceback" not in err


def test_a_wrong_call_is_exit_code_2() -> None:
    assert run("inspect")[0] == 2
