"""Every error that Masterflow raises on purpose.

A message says what happened, with the value, and what to do next. Errors carry no HTTP status: `api/errors.py` maps
them, the command line prints them and exits with 1.

    MasterflowError
    ├── InvalidInput              the caller gave something that cannot be used
    │   ├── FileRejected          a file cannot be read at all
    │   ├── ConfigurationInvalid  a setting or a flow type is wrong; found at start-up
    │   ├── EditRejected          an edited proposal breaks a rule
    │   ├── InputRejected         fields that a flow asked for cannot be used
    │   └── KeyMisused            an idempotency key stands for another request
    ├── NotFound                  no such thing for this tenant
    ├── NotAllowed                the person may not do this
    │   └── CsrfRefused           a browser was let in by its cookie, but no page of ours meant the request
    ├── NotAuthenticated          no valid token or session
    ├── TooManyRequests           too often within a while; says when to try again
    ├── QuotaExceeded             the engagement has as much as it may have
    ├── Conflict                  the thing exists, but not in a state that allows this
    │   ├── VersionConflict       somebody else changed it meanwhile
    │   └── KeyInUse              a request with the same idempotency key is being served
    ├── Unavailable               a part that is needed does not answer; try again later
    └── PhaseSignal               raised by a phase to steer the engine
        ├── PhaseFailed           the phase cannot succeed (permanent) or not now
        │   └── ResultNotStorable its result cannot be kept
        ├── PhaseWaiting          nothing is wrong, run again at a later moment
        └── InputMissing          a person has to supply something first
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar


class ErrorClass(StrEnum):
    """What kind of error stopped a phase, and with it what follows."""

    INPUT = "input"  # a person has to supply something: the flow waits
    TRANSIENT = "transient"  # it may pass: the phase is tried again
    PERMANENT = "permanent"  # the same input fails again: the flow fails
    BUG = "bug"  # nobody foresaw it: the flow fails, unless the phase says to try again


class MasterflowError(Exception):
    """Something that Masterflow refuses or cannot do, said in a sentence."""

    code: ClassVar[str] = "masterflow.error"

    def __init__(self, message: str, /, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InvalidInput(MasterflowError):
    """The caller gave something that cannot be used."""

    code = "input.invalid"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something was found. Rows count from 1 as a spreadsheet shows them; columns are header texts."""

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.sheet is not None:
            parts.append(f"sheet {self.sheet}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)


class FileRejected(InvalidInput):
    """A file cannot be read at all; `place` says how far the reader came."""

    code = "input.file_rejected"

    def __init__(self, place: Place, message: str, /, *, hint: str, code: str | None = None) -> None:
        super().__init__(f"{place}: {message}", hint=hint)
        self.place = place
        self.reason = code or "unreadable"


class ConfigurationInvalid(InvalidInput):
    """A setting or a flow type is wrong; raised at start-up with the name of the culprit."""

    code = "configuration.invalid"


class KeyMisused(InvalidInput):
    """An idempotency key was used for another request before; a key stands for one request alone."""

    code = "idempotency.mismatch"


@dataclass(frozen=True, slots=True)
class EditProblem:
    """What is wrong with an edit, in a sentence with a stable code; the row and the column where a cell is to blame."""

    message: str
    code: str = "edit.refused"
    row: str | None = None
    field: str | None = None


class EditRejected(InvalidInput):
    """An edited proposal breaks a rule; `problems` are sentences that name row and column, `found` has the cells."""

    code = "gate.edit_rejected"

    def __init__(self, problems: Sequence[str | EditProblem], /, *, hint: str | None = None) -> None:
        self.found = [EditProblem(one) if isinstance(one, str) else one for one in problems]
        self.problems = [one.message for one in self.found]
        super().__init__("; ".join(self.problems), hint=hint)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of an answer, in a sentence."""

    field: str
    message: str


class InputRejected(InvalidInput):
    """Fields that were supplied to a flow cannot be used, or are missing; `problems` has each of them."""

    code = "input.rejected"

    def __init__(self, problems: list[FieldProblem], /, *, hint: str | None = None) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems), hint=hint)
        self.problems = problems


class NotFound(MasterflowError):
    """No such thing for this tenant; another tenant's thing reads exactly the same."""

    code = "not_found"


class NotAllowed(MasterflowError):
    """The person is known but may not do this."""

    code = "not_allowed"


class CsrfRefused(NotAllowed):
    """A browser was let in by its cookie, but no page of ours meant the request."""

    code = "csrf"


class NotAuthenticated(MasterflowError):
    """No valid token or session was given."""

    code = "not_authenticated"


class TooManyRequests(MasterflowError):
    """Somebody asked too often within a while; the same call may work after `retry_after`."""

    code = "too_many_requests"

    def __init__(self, message: str, /, *, retry_after: timedelta, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Conflict(MasterflowError):
    """The thing exists, but not in a state that allows this."""

    code = "conflict"


class VersionConflict(Conflict):
    """Somebody else changed the thing meanwhile: read it again, then repeat the command."""

    code = "conflict.version"


class KeyInUse(Conflict):
    """A request with the same idempotency key is being served: send it again in a moment."""

    code = "idempotency.in_progress"


class QuotaExceeded(MasterflowError):
    """The engagement has as much as it may have; `retry_after` says when that may change, None: not by waiting."""

    code = "quota.exceeded"

    def __init__(self, message: str, /, *, hint: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Unavailable(MasterflowError):
    """A part that is needed does not answer; the same call may work later."""

    code = "unavailable"


class PhaseSignal(MasterflowError):
    """Raised by a phase body to steer the engine."""

    code = "phase.signal"


class PhaseFailed(PhaseSignal):
    """The phase cannot succeed; `permanent` means that a retry with the same input is pointless."""

    code = "phase.failed"

    def __init__(self, message: str, /, *, permanent: bool = True, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.permanent = permanent


class ResultNotStorable(PhaseFailed):
    """What a phase computed cannot be kept: it is too large, or holds what no JSON text or database can."""

    code = "phase.result_not_storable"


class PhaseWaiting(PhaseSignal):
    """Nothing is wrong, but the phase has to run again at `until` (aware UTC)."""

    code = "phase.waiting"

    def __init__(self, message: str, /, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


@dataclass(frozen=True, slots=True)
class MissingInput:
    """One thing a person has to supply: the name of the field and why it is needed."""

    field: str
    reason: str
    place: Place | None = None


class InputMissing(PhaseSignal):
    """The flow moves to `waiting_for_input` until a person supplies `missing`."""

    code = "phase.input_missing"

    def __init__(self, missing: list[MissingInput], /, *, hint: str | None = None) -> None:
        super().__init__("; ".join(f"{m.field}: {m.reason}" for m in missing), hint=hint)
        self.missing = missing


def sentence_of_model(message: str) -> str:
    """What a model says of a value, as it goes on behind a colon; values and patterns in it keep their letters."""
    said = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]
