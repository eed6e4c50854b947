CREATE TABLE audit_log (
    client_account_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    engagement_id UUID,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    user_id UUID,
    actor VARCHAR(255) NOT NULL,
    through VARCHAR(80) NOT NULL,
    action VARCHAR(120) NOT NULL,
    request_id VARCHAR(64) NOT NULL,
    outcome VARCHAR(10) NOT NULL,
    code VARCHAR(80),
    message TEXT,
    flow_id UUID,
    detail JSONB NOT NULL,
    CONSTRAINT pk_audit_log PRIMARY KEY (id),
    CONSTRAINT ck_audit_log_outcome CHECK (outcome IN ('done', 'refused')),
    CONSTRAINT ck_audit_log_code CHECK ((outcome = 'refused') = (code IS NOT NULL))
);

CREATE INDEX ix_audit_log_action ON audit_log (client_account_id, engagement_id, action, at DESC, id DESC);

CREATE INDEX ix_audit_log_actor ON audit_log (client_account_id, engagement_id, actor, at DESC, id DESC);

CREATE INDEX ix_audit_log_flow ON audit_log (client_account_id, engagement_id, flow_id, at DESC, id DESC) WHERE flow_id IS NOT NULL;

CREATE INDEX ix_audit_log_recent ON audit_log (client_account_id, engagement_id, at DESC, id DESC);

CREATE INDEX ix_audit_log_refused ON audit_log (client_account_id, engagement_id, at DESC, id DESC) WHERE outcome = 'refused';

GRANT SELECT, INSERT ON audit_log TO masterflow_app, masterflow_engine;

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON audit_log TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON audit_log TO masterflow_migrate USING (true) WITH CHECK (true);

-- Grants do not bind the owner of a table; a trigger does.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only: its rows are neither changed nor deleted',
        ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency_keys (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    key_hash BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    status SMALLINT NOT NULL,
    headers JSONB NOT NULL,
    body BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (key_hash)
);

CREATE INDEX ix_idempotency_keys_expiry ON idempotency_keys (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO masterflow_app, masterflow_engine;

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON idempotency_keys TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON idempotency_keys TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON idempotency_keys TO masterflow_engine USING (true) WITH CHECK (true);
