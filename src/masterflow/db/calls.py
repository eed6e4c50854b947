"""Who is calling, through what, and what is called: known to every transaction of a call without being passed along.

The API and the command line say it once, at their boundary, with `calling`. The first transaction of the call that
writes something records it in the audit; with an idempotency key, all its transactions are one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """What the caller calls this request, and the SHA-256 of what was asked for under that name."""

    text: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command or read of one person or service.

    `actor` is an e-mail address, or what acts without one. `through` is `token:<id>`, `session:<id>`, `cli`,
    `schedule:<id>` or `job:<id>`. `action` is the name of the route or the words of the command. `detail` says what
    the call is about in few words, such as the ids of its path. What `reads` only is not recorded as done.
    """

    actor: str
    user_id: UUID | None
    through: str
    action: str
    request_id: str
    key: IdempotencyKey | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
    reads: bool = False


@dataclass(slots=True)
class Ongoing:
    """A call while it goes on: what it turned out to be about, and whether the audit knows of it."""

    call: Call
    flow_id: UUID | None = None
    recorded: bool = False


_ongoing: ContextVar[Ongoing | None] = ContextVar("ongoing_call", default=None)


@contextmanager
def calling(call: Call) -> Iterator[Ongoing]:
    """Let everything in this block belong to `call`."""
    with _set(Ongoing(call)) as ongoing:
        yield ongoing


@contextmanager
def outside_calls() -> Iterator[None]:
    """Let what runs in this block belong to no call: work that a call only set off."""
    with _set(None):
        yield


def ongoing_call() -> Ongoing | None:
    """The call that goes on here, if one does."""
    return _ongoing.get()


def call_concerns(flow_id: UUID) -> None:
    """Note that the call that goes on is about this flow; the first one noted is kept."""
    ongoing = _ongoing.get()
    if ongoing is not None and ongoing.flow_id is None:
        ongoing.flow_id = flow_id


_Set = TypeVar("_Set", Ongoing, None)


@contextmanager
def _set(ongoing: _Set) -> Iterator[_Set]:
    token = _ongoing.set(ongoing)
    try:
        yield ongoing
    finally:
        _ongoing.reset(token)
