"""The bundled estate: two people, and figures that equal the right answers."""

from pathlib import Path

from masterflow.demo.northwind import APPROVER
from tests.cli.conftest import Shell


def test_the_demos_figures_equal_the_right_answers(shell: Shell, settings: Path) -> None:
    ran = shell("demo", "--out", settings / "out")
    assert ran.code == 0, ran.err
    assert "31 of 31 figures agree with the estate's right answers." in ran.out
    assert f"Approved by {APPROVER}." in ran.err
    report = (settings / "out" / "report.html").read_text(encoding="utf-8")
    assert APPROVER in report
    assert "ccepted without review" not in report
