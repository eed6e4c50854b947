"""The first schema, as SQL that no later change of the code can alter."""

import re
from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    connection = op.get_bind()
    for function in re.findall(r"CREATE FUNCTION (\w+)", SQL):
        connection.exec_driver_sql(f"DROP FUNCTION {function}")
    connection.exec_driver_sql("DROP POLICY tenant ON users")
    for table in reversed(re.findall(r"CREATE TABLE (\w+)", SQL)):
        connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql("REVOKE SELECT ON alembic_version FROM masterflow_app")
    connection.exec_driver_sql("REVOKE USAGE ON SCHEMA public FROM masterflow_app, masterflow_engine")
