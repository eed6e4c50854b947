"""Tenancy, the master table and what grows beside it."""

from alembic import op

from masterflow.db.rls import APP_ROLE, ENGINE_ROLE, statements_for
from masterflow.db.tables.flows import flow_events, flows, gates, phase_items, phase_results, workers
from masterflow.db.tables.tenancy import api_tokens, client_accounts, engagements, memberships, users

revision = "0001"
down_revision = None

TABLES = (
    client_accounts,
    engagements,
    users,
    memberships,
    api_tokens,
    flows,
    flow_events,
    phase_results,
    phase_items,
    gates,
    workers,
)

# The head row's tick must stay small: documents go to TOAST early, the hot columns stay in the row.
# A column that phase commits fold into counts as hot: in TOAST it would cost a chunk and an index entry each time.
HOT_COLUMNS = (
    "flow_type",
    "user_id",
    "flow_status",
    "flow_name",
    "current_phase",
    "flow_persistence_data",
    "memory_usage_metrics",
    "phase_execution_times",
)
DOCUMENTS = ("flow_configuration", "agent_collaboration_log", "learning_patterns", "last_error")

RESOLVE_TOKEN = f"""
CREATE FUNCTION resolve_token(given_hash bytea, asked_engagement uuid)
RETURNS TABLE (token_id uuid, user_id uuid, email varchar, client_account_id uuid, engagement_id uuid, roles varchar[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id, u.id, u.email, t.client_account_id, e.id, array_agg(DISTINCT m.role)
    FROM api_tokens t
    JOIN users u ON u.id = t.user_id
    JOIN engagements e ON e.client_account_id = t.client_account_id
        AND e.id = coalesce(asked_engagement, t.engagement_id)
        AND (t.engagement_id IS NULL OR t.engagement_id = e.id)
    JOIN memberships m ON m.client_account_id = t.client_account_id AND m.user_id = t.user_id
        AND (m.engagement_id = e.id OR m.engagement_id IS NULL)
    WHERE t.token_hash = given_hash AND t.revoked_at IS NULL AND t.expires_at > now()
    GROUP BY t.id, u.id, u.email, t.client_account_id, e.id
$$;
REVOKE ALL ON FUNCTION resolve_token(bytea, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_token(bytea, uuid) TO {APP_ROLE};
"""

# The app has no right on schema dbos. The engine moves every tenant's flows; everybody else only the own tenant's.
ENQUEUE_SEGMENT = f"""
CREATE FUNCTION enqueue_segment(asked_flow uuid, epoch integer, delay interval DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> '{ENGINE_ROLE}' AND NOT EXISTS (
        SELECT 1 FROM crewai_flow_state_extensions f
        WHERE f.flow_id = asked_flow
          AND f.client_account_id = nullif(current_setting('app.client', true), '')::uuid
    ) THEN
        RAISE EXCEPTION 'flow % is not of this tenant', asked_flow USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN dbos.enqueue_workflow(
        workflow_name => 'masterflow_segment',
        queue_name => 'masterflow_segments',
        positional_args => ARRAY[to_json(asked_flow::text), to_json(epoch)],
        workflow_id => asked_flow::text || ':' || epoch::text,
        app_version => 'masterflow',
        delay_until_epoch_ms =>
            CASE WHEN delay IS NULL THEN NULL ELSE (extract(epoch FROM now() + delay) * 1000)::bigint END
    );
END;
$$;
REVOKE ALL ON FUNCTION enqueue_segment(uuid, integer, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enqueue_segment(uuid, integer, interval) TO {APP_ROLE}, {ENGINE_ROLE};
"""

# Takes back a segment that nobody has begun; one that runs finds its epoch gone instead.
WITHDRAW_SEGMENT = f"""
CREATE FUNCTION withdraw_segment(asked_flow uuid, epoch integer)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    segment text := asked_flow::text || ':' || epoch::text;
BEGIN
    IF session_user <> '{ENGINE_ROLE}' AND NOT EXISTS (
        SELECT 1 FROM crewai_flow_state_extensions f
        WHERE f.flow_id = asked_flow
          AND f.client_account_id = nullif(current_setting('app.client', true), '')::uuid
    ) THEN
        RAISE EXCEPTION 'flow % is not of this tenant', asked_flow USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM dbos.workflow_status s WHERE s.workflow_uuid = segment AND s.status IN ('ENQUEUED', 'DELAYED');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM dbos.workflow_input i WHERE i.workflow_uuid = segment;
    RETURN true;
END;
$$;
REVOKE ALL ON FUNCTION withdraw_segment(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION withdraw_segment(uuid, integer) TO {APP_ROLE}, {ENGINE_ROLE};
"""


def upgrade() -> None:
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}, {ENGINE_ROLE}")
    for table in TABLES:
        table.create(op.get_bind())
    for table in TABLES:
        for statement in statements_for(table):
            op.execute(statement)
    _keep_the_head_row_small()
    op.execute(f"GRANT UPDATE (last_used_at) ON api_tokens TO {APP_ROLE}")
    op.execute(RESOLVE_TOKEN)
    op.execute(ENQUEUE_SEGMENT)
    op.execute(WITHDRAW_SEGMENT)


def downgrade() -> None:
    op.execute("DROP FUNCTION withdraw_segment(uuid, integer)")
    op.execute("DROP FUNCTION enqueue_segment(uuid, integer, interval)")
    op.execute("DROP FUNCTION resolve_token(bytea, uuid)")
    for table in reversed(TABLES):
        table.drop(op.get_bind())


def _keep_the_head_row_small() -> None:
    # Three quarters of a page stay free: a burst writes many versions of a row before the first can be pruned.
    op.execute(f"ALTER TABLE {flows.name} SET (fillfactor = 25, toast_tuple_target = 128)")
    for column in HOT_COLUMNS:
        op.execute(f"ALTER TABLE {flows.name} ALTER COLUMN {column} SET STORAGE MAIN")
    for column in DOCUMENTS:
        op.execute(f"ALTER TABLE {flows.name} ALTER COLUMN {column} SET STORAGE EXTENDED")
