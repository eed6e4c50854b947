"""The documents of a programme as files in a folder."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from masterflow.errors import Unavailable
from masterflow.records.reports.html import render_html
from masterflow.records.reports.rejects import rejects_csv
from masterflow.records.reports.types import ProgrammeReport
from masterflow.records.reports.workbook import write_workbook

TO_CORRECT = "to-correct"  # folder of the rows that can be mended and brought again


@dataclass(frozen=True, slots=True)
class Documents:
    """Where the documents are; `rejects` is None when everything could be used, `to_correct` may be empty."""

    report: Path
    workbook: Path
    rejects: Path | None
    to_correct: tuple[Path, ...] = ()


def write_documents(report: ProgrammeReport, folder: Path, to_correct: Mapping[str, bytes]) -> Documents:
    """Write report.html, workbook.xlsx and, if something could not be used, rejects.csv with every reason and one file
    for each of `to_correct` with the rows themselves; earlier ones are replaced.

    Raises:
        Unavailable: the folder cannot be written.
    """
    rejects = folder / "rejects.csv"
    made = Documents(
        folder / "report.html",
        folder / "workbook.xlsx",
        rejects if report.rejects else None,
        tuple(folder / TO_CORRECT / name for name in sorted(to_correct)),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made.report.write_text(render_html(report), encoding="utf-8")
        write_workbook(report, made.workbook)
        rejects.unlink(missing_ok=True)
        if made.rejects:
            made.rejects.write_bytes(rejects_csv(report.rejects))
        shutil.rmtree(folder / TO_CORRECT, ignore_errors=True)
        for file in made.to_correct:
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(to_correct[file.name])
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be written: {error.strerror}.", hint="Choose another with --out."
        ) from error
    return made
