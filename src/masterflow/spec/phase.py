"""A phase, its checks and its gate.

The engine fills a phase's `Input` by field name: first from the outputs of earlier phases (the latest that has the
field), then from the flow's configuration. An input field that nobody gave and that has no default is asked from a
person.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from pydantic import BaseModel

from masterflow.errors import ConfigurationInvalid, ErrorClass
from masterflow.spec.context import PhaseContext, Stores

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)

Row = dict[str, str | int | float | bool | None]  # one line of a gate's workbook, keyed by `Column.key`


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check finds wrong with an output: a stable code, a sentence, and the field if there is one.

    `rows` are the keys of the rows of the gate's table that it concerns; `field` is then a column of that table.
    """

    code: str
    message: str
    field: str | None = None
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a gate's workbook. Only `editable` ones may differ when the workbook comes back."""

    key: str
    header: str
    editable: bool = False
    choices: tuple[str, ...] = ()
    width: int = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class EditableTable(Generic[Out]):
    """How an output becomes a table that a person edits, and how the edited table becomes an output.

    `apply` gets the original output and all rows of the returned workbook and raises `EditRejected` with a sentence for
    every cell it cannot accept; rules that several rows break together are left to the phase's checks, so that a
    preview can show what the edit would come to. `key` is the column that identifies a row; it may not change.
    `summary` puts an output into a few figures by name, for whoever weighs an edit.
    """

    title: str
    key: str
    columns: tuple[Column, ...]
    rows: Callable[[Out], list[Row]]
    apply: Callable[[Out, list[Row]], Out]
    summary: Callable[[Out], Row] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Generic[Out]):
    """A question to people after a phase.

    Holders of `approver_roles` and leads decide; `quorum` distinct people have to approve the same content. With
    `four_eyes` the approval of whoever shaped what is asked never counts; other gates follow the engagement's policy.
    `rejects_to` names the phase a rejection goes back to; None means the flow waits for input. `needed` says of an
    output whether there is anything to ask; None always asks.

    From the moment it opens an answer is due after `due_in`, people are reminded every `remind_every`, and after
    `expires_in` nobody can answer any more: the flow waits for input. None: never.

    Raises:
        ConfigurationInvalid: nobody may decide, no approval is needed, or a span of time is not positive.
    """

    asks: str
    approver_roles: tuple[str, ...] = ("approver",)
    quorum: int = 1
    four_eyes: bool = False
    rejects_to: str | None = None
    table: EditableTable[Out] | None = None
    needed: Callable[[Out], bool] | None = None
    due_in: timedelta | None = None
    remind_every: timedelta | None = None
    expires_in: timedelta | None = None

    def __post_init__(self) -> None:
        if not self.approver_roles or self.quorum < 1:
            raise ConfigurationInvalid(
                f"The gate '{self.asks}' is decided by {self.approver_roles}, {self.quorum} of them.",
                hint="Name a role, and ask for one approval or more.",
            )
        for name in ("due_in", "remind_every", "expires_in"):
            span: timedelta | None = getattr(self, name)
            if span is not None and span <= timedelta(0):
                raise ConfigurationInvalid(
                    f"The gate '{self.asks}' has {name} = {span}.", hint="Give a span of time above zero, or none."
                )


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a phase is tried, and how long it rests between tries (doubling).

    `jitter` is the share of a rest that may be left out, so that flows that failed together do not return together.
    """

    attempts: int = 5
    first_delay: timedelta = timedelta(seconds=1)
    longest_delay: timedelta = timedelta(minutes=5)
    jitter: float = 0.2

    def delay_after(self, attempt: int, *, of: str | None = None) -> timedelta:
        """Rest before the try that follows `attempt` (from 1): first, twice, four times … up to the longest.

        `of` names who rests: its share of the jitter is always the same. None rests in full.
        """
        doublings: int = 2 ** min(attempt - 1, 30)
        rest = min(self.first_delay * doublings, self.longest_delay)
        return rest if of is None else rest * (1 - self.jitter * _share(f"{of}:{attempt}"))


def _share(text: str) -> float:
    """A number from 0 to 1 that follows from `text` alone, and looks as if it did not."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) / 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicies:
    """How often a phase is tried, by the class of error that stopped it. Missing input waits and is never tried again
    by itself; a permanent error is final."""

    transient: RetryPolicy = RetryPolicy()
    bug: RetryPolicy = RetryPolicy(attempts=1)

    def of(self, error_class: ErrorClass) -> RetryPolicy:
        """The policy for one class of error."""
        known = {ErrorClass.TRANSIENT: self.transient, ErrorClass.BUG: self.bug}
        return known.get(error_class, _FINAL)


_FINAL = RetryPolicy(attempts=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase(Generic[In, Out]):
    """One step of a flow type.

    `run` may be executed more than once, its result is committed once. `publish` writes domain rows in the same
    transaction as that commit, or in the approval's when a gate follows. `time_limit` counts one execution of `run`.
    """

    name: str
    title: str
    takes: type[In]
    gives: type[Out]
    run: Callable[[PhaseContext, In], Awaitable[Out]]
    checks: Sequence[Callable[[Out], list[Problem]]] = ()
    gate: Gate[Out] | None = None
    publish: Callable[[Stores, Out], Awaitable[None]] | None = None
    time_limit: timedelta = timedelta(minutes=10)
    retry: RetryPolicies = RetryPolicies()
    optional: bool = False

    def asks(self, output: Out) -> bool:
        """Whether a person has to look at this output before the flow goes on."""
        return self.gate is not None and (self.gate.needed is None or self.gate.needed(output))
