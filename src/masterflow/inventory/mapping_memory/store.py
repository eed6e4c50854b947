"""Where learned headers are kept: one row for each meaning that people gave a header, per client."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import ARRAY

from masterflow.db.bulk import JsonRow, given_rows, insertion
from masterflow.db.keyset import LONGEST_PAGE, clean_limit, cursor_of, parts_of
from masterflow.db.session import Session
from masterflow.db.tables.inventory import learned_headers
from masterflow.inventory.mapping_memory.types import Layout, LearnedHeader, LearnedPage, Lesson

LONGEST = 200  # characters; a header beyond that is no name that comes again
ROWS_A_STATEMENT = 2000
ORDER = (
    learned_headers.c.source_kind,
    learned_headers.c.sheet,
    learned_headers.c.layout,
    learned_headers.c.header,
    learned_headers.c.field,
)


class MemoryStore:
    """The learned headers of one client in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def learn(self, source_kind: str, lessons: Iterable[Lesson]) -> None:
        """Count what was approved in files of one kind; every other meaning of the same headers is un-learned.

        A header that one sheet has twice with different meanings teaches nothing.
        """
        taught = clear(lessons)
        if not taught:
            return
        await self._lock()
        rows = [row for lesson in taught for row in rows_of(source_kind, lesson)]
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            await self._count(rows[start : start + ROWS_A_STATEMENT])
        await self._unlearn(source_kind, taught)

    async def known(self, source_kind: str, headers: Collection[str]) -> tuple[LearnedHeader, ...]:
        """All that was learned of one kind of source, and of some headers (squashed) in any other."""
        wanted = sa.func.any(sa.literal(sorted(set(headers)), ARRAY(sa.String)))
        asked = (learned_headers.c.source_kind == source_kind) | (learned_headers.c.header == wanted)
        query = self._select().where(asked).order_by(*ORDER)
        return tuple(_learned(row) for row in (await self._session.execute(query)).mappings())

    async def page(self, *, source: str | None = None, cursor: str | None = None, limit: int) -> LearnedPage:
        """Learned headers by source, sheet and header.

        Raises:
            InvalidInput: the cursor is none of this list, or the limit is not 1 to 1,000.
        """
        query = self._select().order_by(*ORDER).limit(clean_limit(limit, LONGEST_PAGE) + 1)
        if source is not None:
            query = query.where(learned_headers.c.source_kind == source)
        if cursor is not None:
            last = parts_of(cursor, count=len(ORDER))
            query = query.where(sa.tuple_(*ORDER) > sa.tuple_(*map(sa.literal, last)))
        found = [_learned(row) for row in (await self._session.execute(query)).mappings()]
        page = tuple(found[:limit])
        return LearnedPage(page, cursor_of(key_of(page[-1])) if len(found) > limit else None)

    async def forget(self, *, source: str | None = None, header: str | None = None) -> int:
        """Delete what was learned: all of it, of one kind of source, of one header (squashed). Answers how many."""
        statement = sa.delete(learned_headers).where(self._session.mine(learned_headers))
        if source is not None:
            statement = statement.where(learned_headers.c.source_kind == source)
        if header is not None:
            statement = statement.where(learned_headers.c.header == header)
        return (await self._session.execute(statement)).rowcount

    async def _lock(self) -> None:
        """One approval of a client at a time counts, or two would wait for each other; ends with the transaction."""
        key = f"learned_headers:{self._session.tenant.client_account_id}"
        await self._session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))

    def _select(self) -> sa.Select[Any]:
        return sa.select(learned_headers).where(self._session.mine(learned_headers))

    async def _count(self, rows: Sequence[JsonRow]) -> None:
        made = insertion(self._session, learned_headers, given_rows(learned_headers, rows))
        insert, table = made.statement, learned_headers.c
        new = insert.excluded
        again = {
            "accepted": sa.case((new.overridden > 0, 0), else_=table.accepted + new.accepted),
            "overridden": table.overridden + new.overridden,
            "unit": sa.case((new.accepted > 0, new.unit), else_=table.unit),
            "last_used": sa.func.now(),
        }
        await self._session.execute(
            insert.on_conflict_do_update(index_elements=list(learned_headers.primary_key.columns), set_=again)
        )

    async def _unlearn(self, source_kind: str, taught: Sequence[Lesson]) -> None:
        """Meanings that nobody proposed this time are overridden too when a person approved another one."""
        rows = [key_row(one) | {"field": one.field} for one in taught]
        table = learned_headers.c
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            given = given_rows(learned_headers, rows[start : start + ROWS_A_STATEMENT])
            same = [table[name] == given.c[name] for name in ("sheet", "layout", "header")]
            await self._session.execute(
                sa.update(learned_headers)
                .where(self._session.mine(learned_headers), table.source_kind == source_kind, *same)
                .where(table.field != given.c.field, table.accepted > 0)
                .values(accepted=0, overridden=table.overridden + 1)
            )


def clear(lessons: Iterable[Lesson]) -> list[Lesson]:
    """Lessons that can be kept and contradict no other, one for each header of a sheet, in the order of their keys."""
    by_header: dict[tuple[Layout, str], list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        if 0 < len(lesson.header) <= LONGEST and len(lesson.layout.sheet) <= LONGEST:
            by_header[lesson.layout, lesson.header].append(lesson)
    return [same[0] for _, same in sorted(by_header.items()) if len({lesson.field for lesson in same}) == 1]


def rows_of(source_kind: str, lesson: Lesson) -> list[JsonRow]:
    """The rows that a lesson adds to: the approved meaning, and the one that it took the place of."""
    key = key_row(lesson) | {"source_kind": source_kind}
    rows: list[JsonRow] = [key | {"field": lesson.field, "unit": lesson.unit, "accepted": 1, "overridden": 0}]
    if lesson.overrode is not None and lesson.overrode != lesson.field:
        rows.append(key | {"field": lesson.overrode, "unit": None, "accepted": 0, "overridden": 1})
    return rows


def key_row(lesson: Lesson) -> dict[str, object]:
    """Where a lesson's header stands."""
    return {"sheet": lesson.layout.sheet, "layout": lesson.layout.code, "header": lesson.header}


def key_of(learned: LearnedHeader) -> tuple[str, ...]:
    """What the list of learned headers is sorted by."""
    return learned.source_kind, learned.layout.sheet, learned.layout.code, learned.header, learned.field


def _learned(row: RowMapping) -> LearnedHeader:
    return LearnedHeader(
        source_kind=row["source_kind"],
        layout=Layout(row["sheet"], row["layout"]),
        header=row["header"],
        field=row["field"],
        unit=row["unit"],
        accepted=row["accepted"],
        overridden=row["overridden"],
        last_used=row["last_used"],
    )
