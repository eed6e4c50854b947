"""What follows from what a phase raises."""

from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from masterflow.errors import (
    Conflict,
    ErrorClass,
    InputMissing,
    MissingInput,
    PhaseFailed,
    PhaseWaiting,
    Place,
    QuotaExceeded,
    Unavailable,
)
from masterflow.orchestrator.failures import Ask, Attempt, Fail, RunAt, TryAgain, class_of, what_follows
from masterflow.spec.phase import RetryPolicies, RetryPolicy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICIES = RetryPolicies(transient=RetryPolicy(attempts=3, first_delay=timedelta(seconds=2), jitter=0))


def after(error: Exception, number: int = 1):
    attempt = Attempt(
        flow_id=uuid4(), flow_type="toy", phase="only", number=number, policies=POLICIES, correlation_id="request-1"
    )
    return what_follows(error, attempt, now=NOW)


@pytest.mark.parametrize(
    "error",
    [
        PhaseFailed("busy", permanent=False),
        Unavailable("away"),
        ConnectionResetError("reset"),
        TimeoutError("late"),
        BrokenProcessPool("killed"),
    ],
)
def test_what_may_pass_is_tried_again_with_a_doubling_rest(error: Exception) -> None:
    first, second, third = (after(error, number) for number in (1, 2, 3))
    assert isinstance(first, TryAgain)
    assert isinstance(second, TryAgain)
    assert (first.delay, first.attempts) == (timedelta(seconds=2), 1)
    assert (second.delay, second.attempts) == (timedelta(seconds=4), 2)
    assert isinstance(third, Fail)
    assert not third.failure.permanent


class Wrapped(Exception):
    """A database's error as SQLAlchemy wraps it."""

    def __init__(self, orig: Exception) -> None:
        super().__init__("wrapped")
        self.orig = orig


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (asyncpg.DeadlockDetectedError("deadlock"), ErrorClass.TRANSIENT),
        (asyncpg.SerializationError("again"), ErrorClass.TRANSIENT),
        (asyncpg.DiskFullError("full"), ErrorClass.TRANSIENT),
        (asyncpg.AdminShutdownError("restart"), ErrorClass.TRANSIENT),
        (Wrapped(asyncpg.LockNotAvailableError("locked")), ErrorClass.TRANSIENT),
        (asyncpg.UniqueViolationError("twice"), ErrorClass.BUG),
        (Wrapped(ValueError("no state")), ErrorClass.BUG),
        (QuotaExceeded("full", hint="", retry_after=timedelta(seconds=1)), ErrorClass.TRANSIENT),
        (QuotaExceeded("full", hint=""), ErrorClass.PERMANENT),
        (InputMissing([]), ErrorClass.INPUT),
        (Conflict("locked"), ErrorClass.PERMANENT),
    ],
    ids=str,
)
def test_every_error_has_one_class(error: Exception, expected: ErrorClass) -> None:
    assert class_of(error) is expected


def test_every_failure_carries_its_class_and_the_id_of_its_run() -> None:
    for error in (PhaseFailed("a"), PhaseFailed("b", permanent=False), KeyError("c"), InputMissing([])):
        outcome = after(error)
        assert isinstance(outcome, Fail | Ask | TryAgain)
        failure = outcome.failure
        assert (failure.error_class, failure.correlation_id) == (class_of(error), "request-1")
        assert (failure.phase, failure.attempt if not isinstance(outcome, Ask) else 1) == ("only", 1)


def test_a_bug_is_tried_again_where_the_phase_says_so() -> None:
    policies = RetryPolicies(bug=RetryPolicy(attempts=2))
    attempt = Attempt(
        flow_id=uuid4(), flow_type="toy", phase="only", number=1, policies=policies, correlation_id="request-1"
    )
    assert isinstance(what_follows(KeyError(), attempt, now=NOW), TryAgain)
    assert isinstance(what_follows(KeyError(), replace(attempt, number=2), now=NOW), Fail)


def test_an_error_from_below_is_named_by_its_kind() -> None:
    outcome = after(OSError("disk full"))
    assert isinstance(outcome, TryAgain)
    assert (outcome.failure.code, outcome.failure.message) == ("phase.unavailable", "OSError: disk full")


def test_a_permanent_failure_keeps_its_sentence_and_hint() -> None:
    outcome = after(PhaseFailed("row 7 is torn", hint="Mend it."))
    assert isinstance(outcome, Fail)
    assert (outcome.failure.message, outcome.failure.hint, outcome.failure.permanent) == (
        "row 7 is torn",
        "Mend it.",
        True,
    )


def test_any_other_error_of_ours_fails_with_its_sentence() -> None:
    outcome = after(Conflict("the plan is locked"))
    assert isinstance(outcome, Fail)
    assert (outcome.failure.code, outcome.failure.message) == ("conflict", "the plan is locked")


def test_missing_input_is_asked_for_with_its_place() -> None:
    place = Place("a.xlsx", sheet="vInfo", row=3)
    outcome = after(InputMissing([MissingInput("owner", "nobody is named", place)], hint="Name one."))
    assert isinstance(outcome, Ask)
    assert outcome.failure.missing == (
        {"field": "owner", "reason": "nobody is named", "place": "a.xlsx, sheet vInfo, row 3"},
    )
    assert outcome.failure.hint == "Name one."


@pytest.mark.parametrize(("minutes", "rest"), [(5, 300), (-5, 0)])
def test_a_waiting_phase_runs_at_its_moment_and_never_in_the_past(minutes: int, rest: int) -> None:
    outcome = after(PhaseWaiting("later", until=NOW + timedelta(minutes=minutes)))
    assert outcome == RunAt(timedelta(seconds=rest))


def test_a_bug_is_told_by_a_reference_and_not_by_its_text() -> None:
    outcome = after(KeyError("password"))
    assert isinstance(outcome, Fail)
    assert outcome.failure.code == "phase.bug"
    assert "password" not in outcome.failure.message
