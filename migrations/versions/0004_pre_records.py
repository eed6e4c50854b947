"""Assessments and plans."""

from alembic import op

from masterflow.db.rls import statements_for
from masterflow.db.tables.records import (
    assessment_recommendations,
    assessment_servers,
    assessments,
    plans,
    wave_items,
    waves,
)

revision = "0004"
down_revision = "0003"

TABLES = (assessments, assessment_servers, assessment_recommendations, plans, waves, wave_items)


def upgrade() -> None:
    for table in TABLES:
        table.create(op.get_bind())
        for statement in statements_for(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
