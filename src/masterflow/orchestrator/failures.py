"""What follows from an error that a phase raised. Pure, but for the log line of a bug.

input       InputMissing                                       the flow waits for input
transient   PhaseFailed(permanent=False), Unavailable,         try again after a rest, until the attempts that the
            OSError, a time limit, a broken process pool,      phase allows for this class are used up
            a database that is busy, away or full
permanent   PhaseFailed(permanent=True), any other of ours     the flow fails
bug         anything else                                      the flow fails, unless the phase allows more attempts

PhaseWaiting is no error: the phase runs again at that moment.
"""

from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime, timedelta

from masterflow.errors import (
    ErrorClass,
    InputMissing,
    MasterflowError,
    MissingInput,
    PhaseFailed,
    PhaseWaiting,
    QuotaExceeded,
    Unavailable,
)
from masterflow.logs import get_logger
from masterflow.orchestrator.types import Failure
from masterflow.spec.phase import RetryPolicies

log = get_logger(__name__)

# Classes of SQLSTATE that pass: connection lost, transaction undone, resources short, operator at work, system error.
_PASSING_STATES = ("08", "40", "53", "57", "58", "55P03")


@dataclass(frozen=True, slots=True)
class Fail:
    """The flow ends `failed`."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Ask:
    """The flow waits for input."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The phase runs again after `delay`; `attempts` have been used up by then."""

    failure: Failure
    delay: timedelta
    attempts: int


@dataclass(frozen=True, slots=True)
class RunAt:
    """The phase runs again after `delay`; nothing is wrong."""

    delay: timedelta


Outcome = Fail | Ask | TryAgain | RunAt


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Which execution of which phase raised. `number` counts from 1; `correlation_id` ties together what is said."""

    flow_id: object
    flow_type: str
    phase: str
    number: int
    policies: RetryPolicies
    correlation_id: str


def what_follows(error: Exception, attempt: Attempt, *, now: datetime) -> Outcome:
    """Classify an error; a bug is logged here, once, with its traceback."""
    if isinstance(error, PhaseWaiting):
        return RunAt(max(error.until - now, timedelta(0)))
    if isinstance(error, InputMissing):
        return Ask(
            asked_for(error.missing, phase=attempt.phase, hint=error.hint, correlation_id=attempt.correlation_id)
        )
    found = class_of(error)
    failure = _bug(error, attempt) if found is ErrorClass.BUG else _failure(error, attempt, found)
    policy = attempt.policies.of(found)
    if attempt.number >= policy.attempts:
        return Fail(failure)
    rest = policy.delay_after(attempt.number, of=f"{attempt.flow_id}:{attempt.phase}")
    return TryAgain(failure, rest, attempt.number)


def class_of(error: BaseException) -> ErrorClass:
    """The class of an error that a phase raised."""
    if isinstance(error, InputMissing):
        return ErrorClass.INPUT
    if isinstance(error, PhaseFailed):
        return ErrorClass.PERMANENT if error.permanent else ErrorClass.TRANSIENT
    if isinstance(error, QuotaExceeded):
        return ErrorClass.PERMANENT if error.retry_after is None else ErrorClass.TRANSIENT
    if isinstance(error, Unavailable | OSError | BrokenProcessPool) or _state(error).startswith(_PASSING_STATES):
        return ErrorClass.TRANSIENT
    return ErrorClass.PERMANENT if isinstance(error, MasterflowError) else ErrorClass.BUG


def asked_for(
    missing: list[MissingInput], *, phase: str, hint: str | None = None, correlation_id: str | None = None
) -> Failure:
    """What a flow says while it waits for input."""
    return Failure(
        code="phase.input_missing",
        message=f"'{phase}' needs: {'; '.join(f'{item.field}: {item.reason}' for item in missing)}",
        hint=hint or "Supply these fields.",
        phase=phase,
        permanent=False,
        missing=tuple(_shown(item) for item in missing),
        error_class=ErrorClass.INPUT,
        correlation_id=correlation_id,
    )


def _shown(item: MissingInput) -> dict[str, str]:
    return {"field": item.field, "reason": item.reason} | ({"place": str(item.place)} if item.place else {})


def _state(error: BaseException) -> str:
    """The SQLSTATE of a database's error, of the driver or wrapped; empty for any other."""
    said = getattr(getattr(error, "orig", error), "sqlstate", None)
    return said if isinstance(said, str) else ""


def _failure(error: Exception, attempt: Attempt, found: ErrorClass) -> Failure:
    ours = isinstance(error, MasterflowError)
    return Failure(
        code=error.code if isinstance(error, MasterflowError) else "phase.unavailable",
        message=error.message if isinstance(error, MasterflowError) else f"{type(error).__name__}: {error}",
        hint=error.hint if isinstance(error, MasterflowError) else "Retry the flow once the cause is gone.",
        phase=attempt.phase,
        attempt=attempt.number,
        permanent=found is ErrorClass.PERMANENT and ours,
        error_class=found,
        correlation_id=attempt.correlation_id,
    )


def _bug(error: Exception, attempt: Attempt) -> Failure:
    log.error(
        "phase_raised_unexpectedly",
        correlation_id=attempt.correlation_id,
        flow_id=str(attempt.flow_id),
        flow_type=attempt.flow_type,
        phase=attempt.phase,
        attempt=attempt.number,
        exc_info=error,
    )
    return Failure(
        code="phase.bug",
        message=f"'{attempt.phase}' stopped with an error that it does not foresee "
        f"(reference {attempt.correlation_id}).",
        hint="The log has the details under this reference; report it, then retry the flow.",
        phase=attempt.phase,
        attempt=attempt.number,
        error_class=ErrorClass.BUG,
        correlation_id=attempt.correlation_id,
    )
