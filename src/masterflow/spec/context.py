"""What a phase body may use: the flow it works for, the clock, the stores, the process pool."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar
from uuid import UUID

from pydantic import JsonValue

from masterflow.db.session import Session
from masterflow.inventory.filestore import FileStore
from masterflow.tenancy.types import Tenant

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stores:
    """One transaction bound to a tenant and a flow; a phase opens the stores it needs on `session`."""

    session: Session
    flow_id: UUID
    iteration: int


class PhaseContext(Protocol):
    """The world as one execution of a phase sees it."""

    flow_id: UUID
    flow_type: str
    phase: str
    iteration: int
    attempt: int
    tenant: Tenant
    now: datetime

    @property
    def files(self) -> FileStore:
        """Where uploads and artifacts are kept, for streams that belong in no transaction."""
        ...

    def stores(self) -> AbstractAsyncContextManager[Stores]:
        """One transaction on the estate and the records; commits when the block ends without an error."""
        ...

    async def compute(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run CPU-bound work in another process; arguments and result are pickled."""
        ...

    async def checkpoint(self) -> None:
        """A place where a paused or cancelled flow may stop; long loops call it between items."""
        ...

    async def item(self, key: str, call: Callable[[str], Awaitable[JsonValue]]) -> JsonValue:
        """Do something outside once: call a service, start a machine, send a message.

        `call` gets a name for it that is the same whenever this phase of this iteration runs again, and answers with
        JSON (at most 1 MB), which is recorded. A phase that runs again gets what was recorded, and `call` is not made.
        When a worker dies between the call and its record, the call is made twice under one name: hand the name on to
        a service that refuses or recognises a repetition.

        Raises:
            InvalidInput: the key is empty or longer than 200 characters.
            ResultNotStorable: the answer is no JSON or too large.
        """
        ...

    async def progress(self, done: int, total: int, what: str) -> None:
        """Say how far the phase is, for people who watch; never stored as a result."""
        ...
