"""Chunks of rows that belong to a phase of a flow and that nobody sees before they are published.

A phase body may run more than once: putting a chunk again replaces it, and `trim` drops what an
earlier, longer run left.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert

from masterflow.db.bulk import JsonRow
from masterflow.db.session import Session
from masterflow.db.tables.inventory import staged_chunks


@dataclass(frozen=True, slots=True)
class StagedUnder:
    """Whose chunks these are: one phase of one iteration of one flow."""

    flow_id: UUID
    iteration: int
    phase: str


class StagingStore:
    """The staged chunks of one phase in one transaction."""

    def __init__(self, session: Session, under: StagedUnder) -> None:
        self._session = session
        self._under = under

    async def put(self, kind: str, chunk: int, rows: Sequence[JsonRow] | str) -> None:
        """Stage one chunk, as rows or as the JSON text of them; `chunk` counts from 0.

        The same chunk again replaces the former.
        """
        payload = sa.cast(sa.literal(rows, sa.Text), JSONB) if isinstance(rows, str) else list(rows)
        insert = pg_insert(staged_chunks).values(
            **self._session.stamp(staged_chunks),
            flow_id=self._under.flow_id,
            iteration=self._under.iteration,
            phase=self._under.phase,
            kind=kind,
            chunk=chunk,
            payload=payload,
        )
        key = list(staged_chunks.primary_key.columns)
        await self._session.execute(
            insert.on_conflict_do_update(index_elements=key, set_={"payload": insert.excluded.payload})
        )

    async def trim(self, kind: str, chunks: int) -> None:
        """Keep only the first `chunks` chunks of a kind."""
        await self._session.execute(sa.delete(staged_chunks).where(self._mine(kind), staged_chunks.c.chunk >= chunks))

    async def numbers(self, kind: str) -> list[int]:
        """The numbers of the chunks of a kind, in order."""
        query = sa.select(staged_chunks.c.chunk).where(self._mine(kind)).order_by(staged_chunks.c.chunk)
        return list((await self._session.execute(query)).scalars())

    async def rows(self, kind: str) -> AsyncIterator[JsonRow]:
        """Every staged row of a kind, chunk by chunk."""
        for number in await self.numbers(kind):
            query = sa.select(staged_chunks.c.payload).where(self.chunk(kind, number))
            for row in (await self._session.execute(query)).scalar_one():
                yield row

    async def discard(self) -> None:
        """Drop everything that this flow staged in this phase, of this iteration and of earlier ones."""
        mine = self._session.mine(staged_chunks)
        same = (staged_chunks.c.flow_id == self._under.flow_id) & (staged_chunks.c.phase == self._under.phase)
        older = staged_chunks.c.iteration <= self._under.iteration
        await self._session.execute(sa.delete(staged_chunks).where(mine, same, older))

    def chunk(self, kind: str, number: int) -> sa.ColumnElement[bool]:
        """The predicate that picks one chunk, for a statement that reads it where it lies."""
        return self._mine(kind) & (staged_chunks.c.chunk == number)

    def _mine(self, kind: str) -> sa.ColumnElement[bool]:
        own: dict[str, Any] = {
            "flow_id": self._under.flow_id,
            "iteration": self._under.iteration,
            "phase": self._under.phase,
            "kind": kind,
        }
        return sa.and_(self._session.mine(staged_chunks), *(staged_chunks.c[k] == v for k, v in own.items()))
