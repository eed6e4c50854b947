"""How far events are passed on, and webhooks with their deliveries."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("DROP TABLE webhook_deliveries, webhooks, relay_failures, relay_positions")
