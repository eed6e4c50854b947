"""One's own files in one command: documents, questions, and why it stopped when it did."""

import csv
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from masterflow.analysis.readiness import target_names
from masterflow.bootstrap import Masterflow
from masterflow.cli import quickstart, telling
from masterflow.config import Settings
from masterflow.errors import Unavailable
from masterflow.flows.assessment.config import Config
from tests.cli.conftest import Ran, Shell


def accepted(shell: Shell, *files: Path, out: Path, more: tuple[str, ...] = ()) -> Ran:
    return shell("quickstart", *files, "--accept-proposals", "--out", out, *more)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person at the terminal types, one after the other."""
    typed: list[str] = []
    monkeypatch.setattr("masterflow.cli.quickstart.somebody_is_there", lambda: True)
    monkeypatch.setattr(telling.typer, "prompt", lambda *_, **__: typed.pop(0))
    return typed


def test_proposals_are_accepted_and_the_report_says_so(shell: Shell, inventory_csv: Path, settings: Path) -> None:
    ran = accepted(shell, inventory_csv, out=settings / "out", more=("--client", "Northwind"))
    assert ran.code == 0, ran.err
    assert "Servers" in ran.out
    assert f"Report    {settings / 'out' / 'report.html'}" in ran.out
    report = (settings / "out" / "report.html").read_text(encoding="utf-8")
    assert "web-01" in report
    assert "Northwind" in report
    assert "ccepted without review" in report
    assert openpyxl.load_workbook(settings / "out" / "workbook.xlsx", read_only=True).sheetnames[0] == "Summary"
    assert not (settings / "out" / "rejects.csv").exists()
    assert "Are these column matches right? Accepted without review." in ran.err
    assert shell("flow", "list", "--json").json["items"][-1]["status"] == "completed"


def test_the_figures_come_as_json_and_follow_the_input(shell: Shell, inventory_csv: Path, settings: Path) -> None:
    before = accepted(shell, inventory_csv, out=settings / "out", more=("--json", "--move-date", "2027-06-30")).json
    assert (before["figures"]["counts"]["servers"], before["figures"]["sums"]["vcpu"]) == (3, 14)
    assert before["stopped"] is None
    text = inventory_csv.read_text(encoding="utf-8")
    inventory_csv.write_text(text.replace("old-01,Windows Server 2022,2", "old-01,Windows Server 2008,20"), "utf-8")
    after = accepted(shell, inventory_csv, out=settings / "out", more=("--json", "--target", "vmware_cloud")).json
    assert after["figures"]["counts"]["servers"] == 3
    assert after["figures"]["sums"]["vcpu"] == 32
    assert after["figures"]["support_today"]["ended"] == before["figures"]["support_today"]["ended"] + 1


def test_good_rows_are_kept_beside_rejected_ones(shell: Shell, settings: Path) -> None:
    file, picture = settings / "mixed.csv", settings / "screen.png"
    file.write_text("Server Name,Operating System,CPU Cores\nweb-01,RHEL 8,4\ndb-01,RHEL 9,many\n", encoding="utf-8")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n0000")
    ran = accepted(shell, file, picture, out=settings / "out", more=("--json",))
    assert ran.code == 0, ran.err
    assert ran.json["figures"]["counts"]["servers"] == 2
    with (settings / "out" / "rejects.csv").open(encoding="utf-8-sig") as opened:
        lines = list(csv.DictReader(opened))
    assert {line["File"] for line in lines} == {"mixed.csv", "screen.png"}
    [cell] = [line for line in lines if line["File"] == "mixed.csv"]
    assert (cell["Row"], cell["Column"], cell["Value"]) == ("3", "CPU Cores", "many")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [("empty.csv", b"", "The file is empty"), ("screen.png", b"\x89PNG\r\n\x1a\n0000", "a picture")],
)
def test_a_file_that_cannot_be_read_stops_it_with_the_reason(
    shell: Shell, settings: Path, name: str, content: bytes, sentence: str
) -> None:
    (settings / name).write_bytes(content)
    ran = accepted(shell, settings / name, out=settings / "out")
    assert ran.code == 1
    assert "masterflow: The discovery flow waits for input at data import:" in ran.err
    assert sentence in ran.err
    assert not (settings / "out").exists()


def test_a_file_over_the_limit_is_refused(
    shell: Shell, inventory_csv: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTERFLOW_MAX_UPLOAD_MB", "1")
    inventory_csv.write_bytes(inventory_csv.read_bytes() + b"\n" * 1_000_001)
    ran = accepted(shell, inventory_csv, out=settings / "out")
    assert (ran.code, "larger than the limit of 1 MB" in ran.err) == (1, True)


def test_without_a_terminal_nothing_is_asked_and_nothing_done(shell: Shell, inventory_csv: Path) -> None:
    ran = shell("quickstart", inventory_csv, "--out", "out")
    assert (ran.code, "There is nobody to ask" in ran.err) == (1, True)
    assert "--accept-proposals" in ran.err


def test_a_person_approves_and_edits_at_the_terminal(
    shell: Shell, inventory_csv: Path, settings: Path, answers: list[str]
) -> None:
    answers += ["?", "a", "e", "", "a", "a", "a", "a"]
    ran = shell("quickstart", inventory_csv, "--out", settings / "out")
    assert ran.code == 0, ran.err
    assert "Answer one of: [a]pprove, [r]eject, [e]dit as a workbook." in ran.out
    assert f"Edit and save {settings / 'out' / 'gate-asset_inventory.xlsx'}" in ran.out
    report = (settings / "out" / "report.html").read_text(encoding="utf-8")
    assert "ccepted without review" not in report
    assert "owner@localhost" in report


def test_a_workbook_that_breaks_a_rule_is_asked_about_again(
    shell: Shell, inventory_csv: Path, settings: Path, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings / "out" / "gate-field_mapping.xlsx"

    def typing() -> Iterator[str]:
        yield "e"
        file.write_bytes(b"no workbook")
        yield ""
        yield "r"
        yield "The wrong file."

    typed = typing()
    monkeypatch.setattr(telling.typer, "prompt", lambda *_, **__: next(typed))
    ran = shell("quickstart", inventory_csv, "--out", settings / "out")
    assert ran.code == 1
    assert "this is not an xlsx workbook" in ran.err
    assert "The wrong file." in ran.err


def test_where_no_database_can_be_kept_one_is_thrown_away(
    shell: Shell, inventory_csv: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MASTERFLOW_DATABASE_URL")
    real = quickstart.masterflow

    def closed_folder(given: Settings, **more: Any) -> AbstractAsyncContextManager[Masterflow]:
        if given.data_dir == settings / "data":
            raise Unavailable("The database cannot live there.")
        return real(given, **more)

    monkeypatch.setattr(quickstart, "masterflow", closed_folder)
    ran = accepted(shell, inventory_csv, out=settings / "out")
    assert ran.code == 0, ran.err
    assert "The database cannot live there. The database of this run is thrown away at its end" in ran.err
    assert (settings / "out" / "report.html").exists()


def test_a_named_database_that_is_away_is_no_reason_to_use_another(
    shell: Shell, inventory_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTERFLOW_DATABASE_URL", "postgresql://x:y@127.0.0.1:1/none")
    ran = accepted(shell, inventory_csv, out=Path("out"))
    assert (ran.code, "127.0.0.1:1" in ran.err) == (1, True)


def test_a_folder_that_cannot_be_written_is_said(shell: Shell, inventory_csv: Path, settings: Path) -> None:
    (settings / "file").write_text("x", encoding="utf-8")
    ran = accepted(shell, inventory_csv, out=settings / "file" / "out")
    assert (ran.code, "cannot be written" in ran.err) == (1, True)


def test_an_estate_goes_where_the_readiness_rules_know_a_target(shell: Shell, inventory_csv: Path) -> None:
    ran = shell("quickstart", inventory_csv, "--out", "out", "--target", "moon")
    assert ran.code == 2
    described = str(Config.model_fields["target"].description)
    assert all(name in ran.err and name in described for name in target_names())
