"""What a flow waits for from a shell: shown, answered by pairs, by a file, or at the terminal."""

import json
from pathlib import Path

import openpyxl
import psycopg
import pytest

from masterflow.cli import flow_input
from masterflow.db.urls import DatabaseUrls
from tests.cli.conftest import Shell

MISSING = {
    "code": "phase.input_missing",
    "message": "'readiness_assessment' needs: move_date: nobody said when",
    "hint": "Supply these fields.",
    "phase": "readiness_assessment",
    "missing": [
        {"field": "move_date", "reason": "nobody said when"},
        {"field": "estate", "reason": "it is empty"},
    ],
}
REJECTED = {"code": "gate.rejected", "message": "'x' was rejected: no", "hint": "Supply other input."}


def waiting(ana: Shell, urls: DatabaseUrls, error: dict[str, object]) -> str:
    flow_id: str = ana("flow", "create", "assessment", "--no-start", "--json").json["flow_id"]
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(
            "UPDATE crewai_flow_state_extensions SET flow_status = 'waiting_for_input', last_error = %s"
            " WHERE flow_id = %s",
            (json.dumps(error), flow_id),
        )
    return flow_id


@pytest.fixture
def flow_id(ana: Shell, urls: DatabaseUrls) -> str:
    return waiting(ana, urls, MISSING)


def test_what_a_flow_asks_is_shown(ana: Shell, flow_id: str) -> None:
    shown = ana("flow", "asks", flow_id)
    assert "First: estate: it is empty" in shown.out
    assert "nobody said when" in shown.out
    asked = ana("flow", "asks", flow_id, "--json").json
    assert (asked["fields"][0]["field"], asked["fields"][0]["type"]) == ("move_date", "date")
    assert list(asked["schema"]["properties"]) == ["move_date"]


def test_pairs_answer_it(ana: Shell, flow_id: str) -> None:
    wrong = ana("flow", "input", flow_id, "--set", "move_dat=2027-06-30", "move_date=soon")
    assert (wrong.code, "did you mean 'move_date'?" in wrong.err, "move_date: input" in wrong.err) == (1, True, True)
    ran = ana("flow", "input", flow_id, "--set", "move_date=2027-06-30", "target=red_hat", "--json").json
    assert (ran["status"], ran["config"]["move_date"], ran["config"]["target"]) == ("running", "2027-06-30", "red_hat")


def test_the_template_is_written_filled_in_and_read(ana: Shell, flow_id: str, settings: Path) -> None:
    file = settings / "input.xlsx"
    assert f"--file {file}" in ana("flow", "input", flow_id, "--template", file).out
    book = openpyxl.load_workbook(file)
    book.worksheets[0]["E2"] = "2027-06-30"
    book.save(file)
    assert ana("flow", "input", flow_id, "--file", file, "--json").json["config"]["move_date"] == "2027-06-30"


def test_without_a_terminal_nothing_given_is_refused_with_what_is_asked(ana: Shell, flow_id: str) -> None:
    ran = ana("flow", "input", flow_id)
    assert (ran.code, "Nothing was given." in ran.err, "move_date" in ran.out) == (1, True, True)


def test_at_a_terminal_each_field_is_asked(ana: Shell, flow_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_input.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(flow_input.typer, "prompt", lambda *_, **__: "2027-07-01")
    assert ana("flow", "input", flow_id).code == 0
    assert ana("flow", "show", flow_id, "--json").json["config"]["move_date"] == "2027-07-01"


def test_a_blank_answer_at_the_terminal_does_not_answer_what_is_missing(
    ana: Shell, flow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_input.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(flow_input.typer, "prompt", lambda *_, **__: " ")
    ran = ana("flow", "input", flow_id)
    assert (ran.code, "move_date: it is needed: nobody said when" in ran.err) == (1, True)
    assert ana("flow", "show", flow_id, "--json").json["status"] == "waiting_for_input"


def test_after_a_rejection_there_is_nothing_to_fill_in(ana: Shell, urls: DatabaseUrls) -> None:
    ran = ana("flow", "input", waiting(ana, urls, REJECTED))
    assert (ran.code, "There is nothing to fill in" in ran.err, "running" in ran.out) == (0, True, True)


def test_a_flow_that_does_not_wait_takes_nothing(ana: Shell) -> None:
    flow_id = ana("flow", "create", "assessment", "--no-start", "--json").json["flow_id"]
    assert "asks for no input" in ana("flow", "asks", flow_id).out
    assert "cannot take input" in ana("flow", "input", flow_id).err
