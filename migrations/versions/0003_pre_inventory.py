"""Imports, the estate that is built from them, and the files that phases make."""

from alembic import op

from masterflow.db.rls import statements_for
from masterflow.db.tables.artifacts import artifacts
from masterflow.db.tables.inventory import (
    application_members,
    applications,
    asset_facts,
    asset_identities,
    assets,
    conflicts,
    dependencies,
    estate_decisions,
    import_rejects,
    import_rows,
    imports,
    staged_chunks,
)

revision = "0003"
down_revision = "0001"

TABLES = (
    imports,
    import_rows,
    import_rejects,
    staged_chunks,
    assets,
    asset_identities,
    asset_facts,
    conflicts,
    applications,
    application_members,
    estate_decisions,
    dependencies,
    artifacts,
)


def upgrade() -> None:
    for table in TABLES:
        table.create(op.get_bind())
    for table in TABLES:
        for statement in statements_for(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
