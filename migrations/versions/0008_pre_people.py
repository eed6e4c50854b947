"""People who can be disabled, service accounts, narrowed tokens, sessions and the links that open them."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
BACK = Path(__file__).with_name("0008_pre_people_down.sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(BACK)
