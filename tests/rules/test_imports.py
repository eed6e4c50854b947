"""The import contracts hold."""

import os
import subprocess
import sys
from pathlib import Path

from tests.rules.source import ROOT

LINT = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]


def test_the_import_contracts_hold() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(LINT, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
