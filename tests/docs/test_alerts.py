"""The bundled alert rules are valid, fire when they shall, and name metrics that exist."""

import re
import shutil
import subprocess

import pytest
import yaml

from masterflow.logs.metrics import REGISTRY
from tests.rules.source import ROOT

FOLDER = ROOT / "docs" / "howto"
NEEDS_PROMTOOL = pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed; .ci/run installs it where apt is"
)


@NEEDS_PROMTOOL
@pytest.mark.parametrize("arguments", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")])
def test_promtool_accepts_the_rules_and_their_tests(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_about_a_metric_that_exists_and_says_what_to_do() -> None:
    known = {name for family in REGISTRY.collect() for name in (family.name, f"{family.name}_total")}
    known |= {f"{family.name}_bucket" for family in REGISTRY.collect() if family.type == "histogram"}
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    for rule in rules:
        assert set(re.findall(r"masterflow_\w+", rule["expr"])) <= known, rule["alert"]
        assert rule["annotations"]["summary"], rule["annotations"]["do"]


def test_every_alert_is_tested_quiet_and_firing() -> None:
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    tests = yaml.safe_load((FOLDER / "alerts.test.yml").read_text(encoding="utf-8"))["tests"]
    checks = [check for test in tests for check in test["alert_rule_test"]]
    for rule in rules:
        mine = [bool(check.get("exp_alerts")) for check in checks if check["alertname"] == rule["alert"]]
        assert {True, False} <= set(mine), rule["alert"]
