"""What several phases show people: files, rejects, files to correct."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from masterflow.analysis.estate.records import Issue
from masterflow.inventory.reading import Reject

MOST_SHOWN = 100  # of each list in a result; the whole lists are with the imports and in the files to correct


class Frozen(BaseModel):
    """A value that does not change."""

    model_config = ConfigDict(frozen=True)


class ShownReject(Frozen):
    """A file, row or cell that could not be used, and what to do about it."""

    file: str
    sheet: str | None
    row: int | None
    column: str | None
    code: str
    message: str
    value: str | None


class ShownIssue(Frozen):
    """Something about a file or the estate that a person should know; `count` is how often it was met."""

    code: str
    severity: str
    message: str
    count: int


class FileToCorrect(Frozen):
    """A file that holds the rows that could not be used, with the reasons: to be corrected and uploaded again."""

    artifact_id: UUID
    name: str
    rows: int


def shown(rejects: Iterable[Reject]) -> tuple[ShownReject, ...]:
    """The first rejects, as they are shown."""
    return tuple(
        ShownReject(
            file=reject.place.file,
            sheet=reject.place.sheet,
            row=reject.place.row,
            column=reject.place.column,
            code=reject.code,
            message=reject.message,
            value=reject.value,
        )
        for reject, _ in zip(rejects, range(MOST_SHOWN), strict=False)
    )


def shown_issues(issues: Iterable[Issue]) -> tuple[ShownIssue, ...]:
    """Issues as they are shown."""
    return tuple(
        ShownIssue(code=issue.code, severity=issue.severity, message=issue.message, count=issue.count)
        for issue in issues
    )


def counted(rejects: Iterable[Reject]) -> dict[str, int]:
    """How often each code was met, the most frequent first."""
    return dict(Counter(reject.code for reject in rejects).most_common())
