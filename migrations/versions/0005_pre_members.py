"""Let members add people who do not exist yet, and the app ask which revision the database has."""

from alembic import op

from masterflow.db.rls import APP_ROLE

revision = "0005"
down_revision = "0004"

# The app sees only the users of its tenant, so it can neither find nor insert one of another; this answers an id alone
# and keeps the name of who is there already.
ENSURE_USER = f"""
CREATE FUNCTION ensure_user(given_email varchar, given_name varchar)
RETURNS uuid LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO users (email, name) VALUES (given_email, given_name)
    ON CONFLICT (email) DO UPDATE SET email = excluded.email
    RETURNING id
$$;
REVOKE ALL ON FUNCTION ensure_user(varchar, varchar) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_user(varchar, varchar) TO {APP_ROLE};
"""


def upgrade() -> None:
    op.execute(ENSURE_USER)
    op.execute(f"GRANT SELECT ON alembic_version TO {APP_ROLE}")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT ON alembic_version FROM {APP_ROLE}")
    op.execute("DROP FUNCTION ensure_user(varchar, varchar)")
