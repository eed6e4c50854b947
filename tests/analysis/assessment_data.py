"""The right answers that several assessment tests compare with."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "assessment"
TODAY = date(2026, 11, 23)


@cache
def answers(name: str) -> Any:
    """A JSON file of right answers."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def facter(name: str) -> Any:
    """The facts of one machine as facter prints them."""
    return json.loads((FOLDER / "facter" / Path(name).name).read_text(encoding="utf-8"))
