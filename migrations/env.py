"""Alembic's entry: one connection as the owner, short lock and statement timeouts."""

from alembic import context
from sqlalchemy import Connection

from masterflow.db.tables import load_all

LOCK_TIMEOUT = "1s"  # all who come after wait behind a migration that waits; `masterflow.db.migrate` tries again
STATEMENT_TIMEOUT = "60s"


def run() -> None:
    """Run the migrations on the connection that `masterflow.db.migrate` hands over."""
    connection: Connection = context.config.attributes["connection"]
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    connection.exec_driver_sql(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
    connection.commit()
    context.configure(connection=connection, target_metadata=load_all(), transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


run()
