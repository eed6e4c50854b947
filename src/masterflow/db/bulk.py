"""Many rows in one statement, as JSON that Postgres unpacks: one round trip, one plan, whatever the columns are.

COPY is closed to roles under row-level security, and one INSERT a row costs a round trip each.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.sql.selectable import TableValuedAlias

from masterflow.db.session import Session

JsonRow = Mapping[str, Any]  # one row on its way into a table, keyed by column


def given_rows(table: sa.Table, rows: Sequence[JsonRow]) -> TableValuedAlias:
    """Rows of Python as a table with the columns of the first of them, typed as in `table`."""
    return unpacked(table, list(rows[0]), sa.bindparam("payload", list(rows), JSONB))


def unpacked(table: sa.Table, columns: Sequence[str], payload: sa.ColumnElement[Any]) -> TableValuedAlias:
    """The objects of a JSON array as a table with some of the columns of `table`."""
    typed = [sa.column(name, table.c[name].type) for name in columns]
    return sa.func.jsonb_to_recordset(payload).table_valued(*typed).render_derived(name="given", with_types=True)


def insertion(
    session: Session,
    table: sa.Table,
    given: TableValuedAlias,
    *,
    constants: Mapping[str, Any] | None = None,
    source: sa.Table | None = None,
    where: sa.ColumnElement[bool] | None = None,
) -> PgInsert:
    """An INSERT of the given rows, stamped with the tenant; `constants` are equal in every row.

    Where the rows come from a column of another table, `source` is that table and `where` picks its rows.
    """
    fixed = {**session.stamp(table), **(constants or {})}
    query = sa.select(*(sa.literal(value, table.c[name].type) for name, value in fixed.items()), *given.c)
    if source is not None:
        query = query.select_from(source.join(given, sa.true()))
    if where is not None:
        query = query.where(where)
    return pg_insert(table).from_select([*fixed, *given.c.keys()], query)


async def insert_rows(
    session: Session, table: sa.Table, rows: Sequence[JsonRow], *, constants: Mapping[str, Any] | None = None
) -> int:
    """Insert rows that all have the same columns; a row whose key exists already stays as it is.

    Answers how many were new.
    """
    if not rows:
        return 0
    statement = insertion(session, table, given_rows(table, rows), constants=constants)
    return (await session.execute(statement.on_conflict_do_nothing())).rowcount
