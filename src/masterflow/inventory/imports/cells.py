"""Raw cells as JSON and back, without loss: a moment is an object, everything else is what JSON has."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from masterflow.inventory.reading import CellValue

_MOMENT = "moment"


def to_json(cells: Sequence[CellValue]) -> list[Any]:
    """A row's cells for a JSON column."""
    return [{_MOMENT: cell.isoformat()} if isinstance(cell, datetime) else cell for cell in cells]


def from_json(cells: Sequence[Any]) -> tuple[CellValue, ...]:
    """The cells that `to_json` gave."""
    if dict not in map(type, cells):  # most rows hold no moment
        return tuple(cells)
    return tuple(datetime.fromisoformat(cell[_MOMENT]) if isinstance(cell, dict) else cell for cell in cells)
