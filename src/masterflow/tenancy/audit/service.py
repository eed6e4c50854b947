"""The audit of an engagement, for those who may read it."""

from dataclasses import dataclass

from masterflow.db.keyset import DEFAULT_PAGE, clean_limit, read_cursor, write_cursor
from masterflow.db.session import Database
from masterflow.tenancy.audit.store import audit_entries
from masterflow.tenancy.audit.types import AuditEntry, AuditFilter
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Page, Principal

EVERYTHING = AuditFilter()


@dataclass(frozen=True, slots=True)
class Audit:
    """What was commanded and refused in the engagement of one verified person."""

    database: Database
    actor: Principal

    async def entries(
        self, asked: AuditFilter = EVERYTHING, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
    ) -> Page[AuditEntry]:
        """Calls that wrote something and calls that were refused, newest first.

        Raises:
            NotAllowed: the person is neither auditor, lead nor client admin.
            InvalidInput: no page gave the cursor, or no page may be that long.
        """
        self.actor.require(Operation.READ_AUDIT)
        after = read_cursor(cursor) if cursor else None
        limit = clean_limit(limit)
        async with self.database.reading(self.actor.tenant) as connection:
            found = await audit_entries(connection, self.actor.tenant, asked, after=after, limit=limit + 1)
        kept = tuple(found[:limit])
        more = write_cursor(kept[-1].at, kept[-1].id) if len(found) > limit else None
        return Page(items=kept, cursor=more)
