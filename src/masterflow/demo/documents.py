"""The documents of a programme as files in a folder."""

from dataclasses import dataclass
from pathlib import Path

from masterflow.errors import Unavailable
from masterflow.records.reports.html import render_html
from masterflow.records.reports.rejects import rejects_csv
from masterflow.records.reports.types import ProgrammeReport
from masterflow.records.reports.workbook import write_workbook


@dataclass(frozen=True, slots=True)
class Documents:
    """Where the documents are; `rejects` is None when everything could be used."""

    report: Path
    workbook: Path
    rejects: Path | None


def write_documents(report: ProgrammeReport, folder: Path) -> Documents:
    """Write report.html, workbook.xlsx and, if something could not be used, rejects.csv; earlier ones are replaced.

    Raises:
        Unavailable: the folder cannot be written.
    """
    rejects = folder / "rejects.csv"
    made = Documents(folder / "report.html", folder / "workbook.xlsx", rejects if report.rejects else None)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made.report.write_text(render_html(report), encoding="utf-8")
        write_workbook(report, made.workbook)
        rejects.unlink(missing_ok=True)
        if made.rejects:
            made.rejects.write_bytes(rejects_csv(report.rejects))
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be written: {error.strerror}.", hint="Choose another with --out."
        ) from error
    return made
