"""Every asset in one CSV with headers in words, sizes in MiB; a spreadsheet opens it as it is."""

from typing import IO

from masterflow.inventory.asset_table import HEADERS, values_of
from masterflow.inventory.exporting import Exported, Exporter, Part, Rows, Writer


class _Writer(Writer):
    def __init__(self, target: IO[bytes]) -> None:
        # Excel takes a CSV for UTF-8 only when it begins with a byte order mark
        self._rows = Rows(target, HEADERS, encoding="utf-8-sig")

    def asset(self, exported: Exported) -> None:
        self._rows.add(values_of(exported))

    def close(self) -> None:
        self._rows.close()


EXPORTER = Exporter(
    name="csv",
    title="Every asset with every field (CSV)",
    file_name="inventory.csv",
    media_type="text/csv",
    carries=(Part.EVERY_ASSET,),
    opens=_Writer,
)
