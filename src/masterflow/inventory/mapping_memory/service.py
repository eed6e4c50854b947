"""Learned headers for one verified person: to look at, and to forget."""

from masterflow.db.keyset import DEFAULT_PAGE
from masterflow.db.session import Database
from masterflow.errors import InvalidInput
from masterflow.inventory.fields import squashed
from masterflow.inventory.mapping_memory.store import MemoryStore
from masterflow.inventory.mapping_memory.types import LearnedPage
from masterflow.inventory.service import READ, Caller

FORGET = "gates.decide"  # who may say what a column means may take it back


class MappingMemory:
    """What the caller's client has learned of headers, in all its engagements.

    Every method raises `NotAllowed` for a person without the role.
    """

    def __init__(self, database: Database, caller: Caller) -> None:
        self._database = database
        self._caller = caller

    async def learned(
        self, *, source: str | None = None, cursor: str | None = None, limit: int = DEFAULT_PAGE
    ) -> LearnedPage:
        """Learned headers by source, sheet and header."""
        self._caller.require(READ)
        async with self._database.transaction(self._caller.tenant) as session:
            return await MemoryStore(session).page(source=source, cursor=cursor, limit=limit)

    async def forget(self, *, source: str | None = None, header: str | None = None, everything: bool = False) -> int:
        """Forget one kind of source, one header however it is written, or, when asked to, everything.

        Answers how many meanings are gone.

        Raises:
            InvalidInput: nothing was named, or something beside everything.
        """
        self._caller.require(FORGET)
        check_named(source, header, everything=everything)
        async with self._database.transaction(self._caller.tenant) as session:
            return await MemoryStore(session).forget(
                source=source, header=squashed(header) if header is not None else None
            )


def check_named(source: str | None, header: str | None, *, everything: bool) -> None:
    """Refuse to forget what nobody named.

    Raises:
        InvalidInput: nothing was named, or something beside everything.
    """
    named = source is not None or header is not None
    if named and everything:
        raise InvalidInput("All and a part of it cannot be forgotten at once.", hint="Ask for one of the two.")
    if not named and not everything:
        raise InvalidInput(
            "Nothing was named that should be forgotten.", hint="Name a source or a header, or ask for all."
        )
