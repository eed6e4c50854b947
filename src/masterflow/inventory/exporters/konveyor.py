"""Konveyor: its application import, with rows of type 1 for applications and of type 2 for who needs whom.

Columns follow the template of konveyor/tackle2-ui. Tags have to exist in Konveyor before they can be named, so none is.
"""

import re
from typing import IO

from masterflow.inventory.exporting import Exporter, Need, Part, Rows, Writer
from masterflow.inventory.types import Application

TAGS = 20
HEADERS = (
    "Record Type", "Application Name", "Description", "Comments", "Business Service", "Dependency",
    "Dependency Direction", "Binary Group", "Binary Artifact", "Binary Version", "Binary Packaging",
    "Repository Type", "Repository URL", "Repository Branch", "Repository Path", "Owner", "Contributors",
    *(f"{of} {number}" for number in range(1, TAGS + 1) for of in ("Tag Category", "Tag")),
)  # fmt: skip
_OWNER = re.compile(r"[^<>]+ <[^<>@\s]+@[^<>@\s]+>")  # the only form that is taken
NEEDS = "southbound"  # the application of the row needs the other one
LONGEST_NAME = 120


class _Writer(Writer):
    def __init__(self, target: IO[bytes]) -> None:
        self._rows = Rows(target, HEADERS)
        self._known: set[str] = set()

    def application(self, application: Application) -> str | None:
        if len(application.name) > LONGEST_NAME:
            return f"the name has {len(application.name)} characters, and Konveyor takes {LONGEST_NAME}"
        self._known.add(application.name)
        owner = application.business_owner or ""
        takes = bool(_OWNER.fullmatch(owner))
        comment = f"Owner: {owner}" if owner and not takes else None
        values = {
            "Record Type": "1",
            "Application Name": application.name,
            "Comments": comment,
            "Owner": owner if takes else None,
        }
        self._rows.add(values.get(header) for header in HEADERS)
        return None

    def need(self, need: Need) -> str | None:
        if not {need.source, need.target} <= self._known:
            return f"{need.source} needs {need.target}, and one of them is not in the file"
        values = {
            "Record Type": "2",
            "Application Name": need.source,
            "Dependency": need.target,
            "Dependency Direction": NEEDS,
        }
        self._rows.add(values.get(header) for header in HEADERS)
        return None

    def close(self) -> None:
        self._rows.close()


EXPORTER = Exporter(
    name="konveyor",
    title="Konveyor application import (CSV)",
    file_name="konveyor-applications.csv",
    media_type="text/csv",
    carries=(Part.APPLICATIONS, Part.DEPENDENCIES),
    opens=_Writer,
)
