"""Who started a flow, by the name that people know: an e-mail address, or the name of a service account."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import asyncpg

KEPT_FOR = timedelta(minutes=1)  # who leaves a client is named no longer than that
MOST_KEPT = 20_000

Key = tuple[UUID, str]  # the client, and who it is: nobody is named to a client that does not know them

_NAMES = """
SELECT id::text AS id, CASE kind WHEN 'service' THEN name ELSE email END AS name
FROM users WHERE id = ANY($1::uuid[])"""


@dataclass(slots=True)
class Starters:
    """Names that this process has read within the last minute, so that a list does not look up every row's person."""

    _kept: dict[Key, tuple[float, str]] = field(default_factory=dict)

    async def names(self, connection: asyncpg.Connection, client: UUID, ids: Iterable[str]) -> Mapping[str, str]:
        """The names of these people of a client, read where they are not known; nothing for whom it does not know."""
        now = time.monotonic()
        oldest = now - KEPT_FOR.total_seconds()
        wanted = set(ids)
        found = {one: kept[1] for one in wanted if (kept := self._kept.get((client, one))) and kept[0] > oldest}
        missing = [one for one in wanted - found.keys() if _is_uuid(one)]
        if missing:
            rows = await connection.fetch(_NAMES, missing)
            read = {row["id"]: row["name"] for row in rows}
            self._keep(client, read, now)
            found |= read
        return found

    def _keep(self, client: UUID, read: Mapping[str, str], now: float) -> None:
        if len(self._kept) + len(read) > MOST_KEPT:
            self._kept.clear()
        self._kept |= {(client, one): (now, name) for one, name in read.items()}


def _is_uuid(text: str) -> bool:
    """Whether it can be one of our people: flows that run elsewhere may name others."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


STARTERS = Starters()
