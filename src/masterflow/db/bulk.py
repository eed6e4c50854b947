"""Many rows in one statement, as JSON that Postgres unpacks: one round trip, one plan, whatever the columns are.

COPY is closed to roles under row-level security, and one INSERT a row costs a round trip each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.sql.dml import ReturningInsert
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


@dataclass(frozen=True, slots=True)
class Insertion:
    """An INSERT … SELECT into `table`: which column gets which expression, from where."""

    table: sa.Table
    columns: Mapping[str, sa.ColumnElement[Any]]
    query: sa.Select[Any]

    @property
    def statement(self) -> PgInsert:
        """As it is; a row whose key exists is an error."""
        return pg_insert(self.table).from_select(list(self.columns), self.query)

    def or_update(self, *, silent: Sequence[str] = ()) -> ReturningInsert[Any]:
        """With an update of rows that exist and differ in a column that is not `silent`.

        Returns for each row written whether it is new; rows that are equal are neither written nor returned.
        """
        table, insert = self.table, self.statement
        key = list(table.primary_key.columns)
        written = [insert.excluded[name] for name in self.columns if name not in {column.name for column in key}]
        told = [column for column in written if column.name not in silent]
        differs = sa.tuple_(*(table.c[column.name] for column in told)).is_distinct_from(sa.tuple_(*told))
        changed: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in written}
        if "updated_at" in table.c:
            changed["updated_at"] = sa.func.now()
        is_new = sa.literal_column(f"({table.name}.xmax = 0)", sa.Boolean).label("is_new")
        return insert.on_conflict_do_update(index_elements=key, set_=changed, where=differs).returning(is_new)


def insertion(
    session: Session,
    table: sa.Table,
    given: TableValuedAlias,
    *,
    computed: Mapping[str, sa.ColumnElement[Any]] | None = None,
    source: sa.Table | None = None,
    where: Sequence[sa.ColumnElement[bool]] = (),
) -> Insertion:
    """An INSERT of the given rows, stamped with the tenant; `computed` adds columns or takes the place of given ones.

    Where the rows come from a column of another table, `source` is that table and `where` picks its rows.
    """
    stamp = {name: sa.literal(value, table.c[name].type) for name, value in session.stamp(table).items()}
    columns: dict[str, sa.ColumnElement[Any]] = {**dict(given.c.items()), **stamp, **(computed or {})}
    query = sa.select(*columns.values()).where(*where)
    return Insertion(table, columns, query.select_from(given if source is None else source.join(given, sa.true())))


async def insert_rows(
    session: Session, table: sa.Table, rows: Sequence[JsonRow], *, constants: JsonRow | None = None
) -> int:
    """Insert rows that all have the same columns; a row whose key exists already stays as it is.

    `constants` are columns that are equal in every row. Answers how many were new.
    """
    if not rows:
        return 0
    fixed = {name: sa.literal(value, table.c[name].type) for name, value in (constants or {}).items()}
    made = insertion(session, table, given_rows(table, rows), computed=fixed)
    return (await session.execute(made.statement.on_conflict_do_nothing())).rowcount
