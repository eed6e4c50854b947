"""What follows from an error that a phase raised. Pure, but for the log line of a bug.

PhaseFailed(permanent=True)                       the flow fails
PhaseFailed(permanent=False), Unavailable,
OSError, a time limit, a broken process pool      try again after a rest, until the phase's attempts are used up
InputMissing                                      the flow waits for input
PhaseWaiting                                      run again at that moment
anything else                                     a bug: the flow fails with a reference to the log
"""

import asyncio
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from masterflow.errors import InputMissing, MasterflowError, MissingInput, PhaseFailed, PhaseWaiting, Unavailable
from masterflow.logs import get_logger
from masterflow.orchestrator.types import Failure
from masterflow.spec.phase import RetryPolicy

log = get_logger(__name__)


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
    """Which execution of which phase raised. `number` counts from 1."""

    flow_id: object
    flow_type: str
    phase: str
    number: int
    policy: RetryPolicy


def what_follows(error: Exception, attempt: Attempt, *, now: datetime) -> Outcome:
    """Classify an error; a bug is logged here, once, with its traceback."""
    if isinstance(error, PhaseWaiting):
        return RunAt(max(error.until - now, timedelta(0)))
    if isinstance(error, InputMissing):
        return Ask(asked_for(error.missing, phase=attempt.phase, hint=error.hint))
    if isinstance(error, PhaseFailed) and error.permanent:
        return Fail(_failure(error, attempt))
    if isinstance(error, PhaseFailed | Unavailable | OSError | asyncio.TimeoutError | BrokenProcessPool):
        return _again_or_not(error, attempt)
    if isinstance(error, MasterflowError):
        return Fail(_failure(error, attempt))
    return Fail(_bug(error, attempt))


def asked_for(missing: list[MissingInput], *, phase: str, hint: str | None = None) -> Failure:
    """What a flow says while it waits for input."""
    return Failure(
        code="phase.input_missing",
        message=f"'{phase}' needs: {'; '.join(f'{item.field}: {item.reason}' for item in missing)}",
        hint=hint or "Supply these fields.",
        phase=phase,
        permanent=False,
        missing=tuple(_shown(item) for item in missing),
    )


def _shown(item: MissingInput) -> dict[str, str]:
    return {"field": item.field, "reason": item.reason} | ({"place": str(item.place)} if item.place else {})


def _again_or_not(error: Exception, attempt: Attempt) -> Outcome:
    failure = _failure(error, attempt, permanent=False)
    if attempt.number >= attempt.policy.attempts:
        return Fail(failure)
    return TryAgain(failure, attempt.policy.delay_after(attempt.number), attempt.number)


def _failure(error: Exception, attempt: Attempt, *, permanent: bool = True) -> Failure:
    ours = isinstance(error, MasterflowError)
    return Failure(
        code=error.code if isinstance(error, MasterflowError) else "phase.unavailable",
        message=error.message if isinstance(error, MasterflowError) else f"{type(error).__name__}: {error}",
        hint=error.hint if isinstance(error, MasterflowError) else "Retry the flow once the cause is gone.",
        phase=attempt.phase,
        attempt=attempt.number,
        permanent=permanent and ours,
    )


def _bug(error: Exception, attempt: Attempt) -> Failure:
    reference = token_hex(6)
    log.error(
        "phase_raised_unexpectedly",
        reference=reference,
        flow_id=str(attempt.flow_id),
        flow_type=attempt.flow_type,
        phase=attempt.phase,
        attempt=attempt.number,
        exc_info=error,
    )
    return Failure(
        code="phase.bug",
        message=f"'{attempt.phase}' stopped with an error that it does not foresee (reference {reference}).",
        hint="The log has the details under this reference; report it, then retry the flow.",
        phase=attempt.phase,
        attempt=attempt.number,
    )
