"""`masterflow assess` as people and programs call it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from masterflow.cli.assess import assess_app
from tests.analysis.assessment_data import FOLDER, answers

CASES = answers("six_r.json")["cases"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(assess_app, arguments)


def test_os_answers_as_json_with_stable_keys() -> None:
    done = run("os", "Red Hat Enterprise Linux 7 (64-bit)", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "product": "rhel",
        "cycle": "7",
        "eol": "2024-06-30",
        "extended_eol": "2029-05-31",
        "confidence": 1.0,
    }


def test_os_answers_null_for_what_the_text_does_not_say() -> None:
    answer = json.loads(run("os", "CentOS 4/5/6/7 (64-bit)", "--json").stdout)
    assert (answer["product"], answer["cycle"], answer["eol"]) == ("centos", None, None)
    assert json.loads(run("os", "Linux", "--json").stdout)["product"] is None


def test_os_tells_the_status_on_the_day_asked_for() -> None:
    answer = json.loads(run("os", "RHEL 9", "--json", "--at", "2032-06-01").stdout)
    assert (answer["at"], answer["status"]) == ("2032-06-01", "extended_only")


def test_os_tells_people_in_words() -> None:
    words = " ".join(run("os", "Ubuntu", "--at", "2026-11-23").stdout.split())
    assert "product ubuntu" in words
    assert "release not known" in words
    assert "50% (the version is not named)" in words
    assert "endoflife.date as of 2026-08-21" in words
    assert "supported until 2032-05-31" in " ".join(run("os", "RHEL 9").stdout.split())


def test_an_empty_text_is_refused() -> None:
    done = run("os", "  ")
    assert (done.exit_code, done.stderr.split(".")[0]) == (1, "The text is empty")


def test_a_day_that_is_none_is_wrong_usage() -> None:
    assert run("os", "RHEL 9", "--at", "tomorrow").exit_code == 2


def test_strategy_answers_one_application_with_one_object(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    for content in (CASES[5]["facts"], CASES[5]):
        file.write_text(json.dumps(content), encoding="utf-8")
        answer = json.loads(run("strategy", str(file), "--json", "--at", "2026-11-23").stdout)
        assert answer["strategy"] == "retain"
        assert {"confidence", "score", "stability", "data_completeness", "runner_ups"} <= set(answer)
        assert answer["reasons"][0]["facts"] == {"data_residency": CASES[5]["facts"]["data_residency"]}
        assert {"facts", "verdict", "sentence"} == set(answer["what_would_change"][0])
        assert {"strategy", "why"} == set(answer["not_recommended"][0])


def test_applying_a_change_that_the_command_prints_changes_its_answer(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(CASES[6]), encoding="utf-8")
    for change in json.loads(run("strategy", str(file), "--json").stdout)["what_would_change"]:
        changed = tmp_path / "changed.json"
        changed.write_text(json.dumps({**CASES[6]["facts"], **change["facts"]}), encoding="utf-8")
        assert json.loads(run("strategy", str(changed), "--json").stdout)["strategy"] == change["verdict"]


def test_strategy_answers_a_list_with_a_list(tmp_path: Path) -> None:
    done = run("strategy", str(FOLDER / "six_r.json"), "--json")
    listed = json.loads(done.stdout)
    assert [a["id"] for a in listed] == [c["id"] for c in CASES]
    file = tmp_path / "list.json"
    file.write_text(json.dumps([c["facts"] for c in CASES[:2]]), encoding="utf-8")
    assert [a["name"] for a in json.loads(run("strategy", str(file), "--json").stdout)] == [
        c["facts"]["name"] for c in CASES[:2]
    ]


def test_strategy_tells_people_in_words(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(CASES[0]), encoding="utf-8")
    words = " ".join(run("strategy", str(file), "--at", "2026-11-23").stdout.split())
    assert "case-01 Idle intranet: retire" in words
    assert "What would change it" in words
    assert "Not recommended" in words
    file.write_text("{}", encoding="utf-8")
    assert "retain" in run("strategy", str(file)).stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b'{"sorce_available": true}',
            "facts.json: 'sorce_available' is no known fact, did you mean source_available?",
        ),
        (b'[{"id": "a", "servers": -1}]', "facts.json, case 1 (a): 'servers' is -1"),
        (b'[{"facts": {"id": 7, "zzz": 1}}]', "facts.json, case 1 (7): 'zzz' is no known fact."),
        (b'{"cases": {"facts": 3}}', "facts.json, facts: expected an object of facts, found int."),
        (b"[1]", "facts.json, case 1: expected an object of facts, found int."),
        (b"7", "facts.json: expected an object of facts, found int."),
        (b"{", "facts.json: this is no JSON: "),
        (b'{"servers": NaN}', "facts.json: this is no JSON: NaN is no JSON number"),
        (b"\xff\xfe{", "facts.json: this is no JSON: "),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "facts.json"
    file.write_bytes(content)
    done = run("strategy", str(file))
    assert done.exit_code == 1
    assert sentence in done.stderr


def test_a_missing_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = run("strategy", str(tmp_path / "none.json"))
    assert (done.exit_code, done.stderr) == (
        1,
        "none.json: the file cannot be read: No such file or directory. Check the path.\n",
    )


def test_technology_answers_as_json_with_stable_keys() -> None:
    answer = json.loads(run("technology", "Apache tomcat 9", "--json").stdout)
    assert answer == {
        "technology": "Apache Tomcat",
        "title": "Apache Tomcat",
        "category": "App Server",
        "confidence": 1.0,
    }


def test_technology_answers_null_for_what_is_like_none() -> None:
    assert json.loads(run("technology", "Acme Payroll Tool", "--json").stdout) is None
    assert "like none of the 666 technologies" in run("technology", "Acme Payroll Tool").stdout


def test_technology_tells_people_in_words() -> None:
    assert "Red Hat Enterprise Linux (OS), confidence 100%" in run("technology", "RHEL 7").stdout


def test_an_empty_technology_is_refused() -> None:
    done = run("technology", " ")
    assert (done.exit_code, done.stderr.split(".")[0]) == (1, "The text is empty")
