"""Tell values that a person set, whatever the sources say, from the choice among those that contradict each other."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("DELETE FROM conflict_decisions WHERE by_hand")
    connection.exec_driver_sql("ALTER TABLE conflict_decisions DROP COLUMN by_hand")
