-- The first schema: tenancy, flows, the estate, what flow types hand to each other, and the roles' rights on all of it.
-- Frozen: it says what a database got on its first day. Changes come as migrations of their own.

GRANT USAGE ON SCHEMA public TO masterflow_app, masterflow_engine;

CREATE TABLE client_accounts (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    name VARCHAR(200) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_client_accounts PRIMARY KEY (id),
    CONSTRAINT uq_client_accounts_name UNIQUE (name)
);

CREATE TABLE engagements (
    client_account_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    name VARCHAR(200) NOT NULL,
    self_approval BOOLEAN,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_engagements PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_engagements_client_account_id_name ON engagements (client_account_id, name);

CREATE TABLE users (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    email VARCHAR(255) NOT NULL,
    name VARCHAR(200) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT ck_users_email_lower CHECK (email = lower(email)),
    CONSTRAINT uq_users_email UNIQUE (email)
);

CREATE TABLE memberships (
    client_account_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    engagement_id UUID,
    user_id UUID NOT NULL,
    role VARCHAR(30) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_memberships PRIMARY KEY (id),
    CONSTRAINT fk_memberships_engagement_id FOREIGN KEY(engagement_id) REFERENCES engagements (id),
    CONSTRAINT fk_memberships_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

CREATE UNIQUE INDEX uq_memberships_user_engagement_role ON memberships (client_account_id, user_id, engagement_id, role) NULLS NOT DISTINCT;

CREATE TABLE api_tokens (
    client_account_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    engagement_id UUID,
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_tokens PRIMARY KEY (id),
    CONSTRAINT fk_api_tokens_engagement_id FOREIGN KEY(engagement_id) REFERENCES engagements (id),
    CONSTRAINT fk_api_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT uq_api_tokens_token_hash UNIQUE (token_hash)
);

CREATE TABLE crewai_flow_state_extensions (
    flow_id UUID NOT NULL,
    flow_type VARCHAR(50) NOT NULL,
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    user_id VARCHAR(255) NOT NULL,
    flow_status VARCHAR(50) NOT NULL,
    flow_configuration JSONB NOT NULL,
    flow_persistence_data JSONB NOT NULL,
    agent_collaboration_log JSONB,
    memory_usage_metrics JSONB,
    phase_execution_times JSONB,
    learning_patterns JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    flow_name VARCHAR(200),
    current_phase VARCHAR(60),
    phase_index SMALLINT DEFAULT 0 NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    definition_version SMALLINT DEFAULT 1 NOT NULL,
    iteration SMALLINT DEFAULT 1 NOT NULL,
    run_epoch INTEGER DEFAULT 0 NOT NULL,
    run_token UUID,
    run_owner UUID,
    runs_here BOOLEAN DEFAULT true NOT NULL,
    pause_requested BOOLEAN DEFAULT false NOT NULL,
    attempts SMALLINT DEFAULT 0 NOT NULL,
    last_error JSONB,
    parent_flow_id UUID,
    status_changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_crewai_flow_state_extensions PRIMARY KEY (flow_id),
    CONSTRAINT ck_crewai_flow_state_extensions_flow_status CHECK (flow_status IN ('initialized', 'running', 'waiting_for_approval', 'waiting_for_input', 'paused', 'completed', 'failed', 'cancelled'))
);

CREATE INDEX ix_flows_list ON crewai_flow_state_extensions (client_account_id, flow_status, status_changed_at DESC, flow_id DESC);

CREATE INDEX ix_flows_dashboard ON crewai_flow_state_extensions (client_account_id, flow_type, flow_status);

CREATE INDEX ix_flows_recent ON crewai_flow_state_extensions (client_account_id, status_changed_at DESC, flow_id DESC);

CREATE INDEX ix_flows_running ON crewai_flow_state_extensions (flow_id) WHERE flow_status = 'running';

CREATE TABLE flow_events (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    flow_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    phase VARCHAR(60),
    actor VARCHAR(255) NOT NULL,
    reason TEXT,
    data JSONB,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_flow_events PRIMARY KEY (flow_id, seq)
);

CREATE TABLE phase_results (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    flow_id UUID NOT NULL,
    iteration SMALLINT NOT NULL,
    phase_index SMALLINT NOT NULL,
    phase VARCHAR(60) NOT NULL,
    output JSONB NOT NULL,
    attempt SMALLINT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_phase_results PRIMARY KEY (flow_id, iteration, phase_index)
);

CREATE TABLE phase_items (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    flow_id UUID NOT NULL,
    iteration SMALLINT NOT NULL,
    phase VARCHAR(60) NOT NULL,
    item VARCHAR(200) NOT NULL,
    payload JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_phase_items PRIMARY KEY (flow_id, iteration, phase, item)
);

CREATE TABLE gates (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    flow_id UUID NOT NULL,
    iteration SMALLINT NOT NULL,
    phase_index SMALLINT NOT NULL,
    phase VARCHAR(60) NOT NULL,
    status VARCHAR(20) NOT NULL,
    asks TEXT NOT NULL,
    approver_role VARCHAR(30) NOT NULL,
    four_eyes BOOLEAN NOT NULL,
    content_hash BYTEA NOT NULL,
    edited_output JSONB,
    decided_by VARCHAR(255),
    reason TEXT,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_gates PRIMARY KEY (id),
    CONSTRAINT ck_gates_status CHECK (status IN ('open', 'approved', 'rejected', 'withdrawn'))
);

CREATE UNIQUE INDEX uq_gates_flow ON gates (flow_id, iteration, phase_index);

CREATE INDEX ix_gates_inbox ON gates (client_account_id, engagement_id, status, opened_at DESC);

CREATE TABLE workers (
    worker_id UUID NOT NULL,
    lock_key BIGINT NOT NULL,
    host VARCHAR(255) NOT NULL,
    pid INTEGER NOT NULL,
    version VARCHAR(50) NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    beat_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_workers PRIMARY KEY (worker_id)
);

GRANT SELECT ON client_accounts TO masterflow_app, masterflow_engine;

ALTER TABLE client_accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE client_accounts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON client_accounts FOR SELECT TO masterflow_app, masterflow_engine USING (id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON client_accounts TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON engagements TO masterflow_app, masterflow_engine;

ALTER TABLE engagements ENABLE ROW LEVEL SECURITY;

ALTER TABLE engagements FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON engagements TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON engagements TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT ON users TO masterflow_app, masterflow_engine;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;

ALTER TABLE users FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON users FOR SELECT TO masterflow_app, masterflow_engine USING (id IN (SELECT user_id FROM memberships));

CREATE POLICY owner ON users TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON memberships TO masterflow_app, masterflow_engine;

ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;

ALTER TABLE memberships FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON memberships TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON memberships TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON api_tokens TO masterflow_app, masterflow_engine;

ALTER TABLE api_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE api_tokens FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON api_tokens TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON api_tokens TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON crewai_flow_state_extensions TO masterflow_app, masterflow_engine;

ALTER TABLE crewai_flow_state_extensions ENABLE ROW LEVEL SECURITY;

ALTER TABLE crewai_flow_state_extensions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON crewai_flow_state_extensions TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON crewai_flow_state_extensions TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON crewai_flow_state_extensions TO masterflow_engine USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON flow_events TO masterflow_app, masterflow_engine;

ALTER TABLE flow_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE flow_events FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON flow_events TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON flow_events TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON flow_events TO masterflow_engine USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON phase_results TO masterflow_app, masterflow_engine;

ALTER TABLE phase_results ENABLE ROW LEVEL SECURITY;

ALTER TABLE phase_results FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON phase_results TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON phase_results TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON phase_results TO masterflow_engine USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON phase_items TO masterflow_app, masterflow_engine;

ALTER TABLE phase_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE phase_items FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON phase_items TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON phase_items TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON phase_items TO masterflow_engine USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON gates TO masterflow_app, masterflow_engine;

ALTER TABLE gates ENABLE ROW LEVEL SECURITY;

ALTER TABLE gates FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON gates TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON gates TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON gates TO masterflow_engine USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON workers TO masterflow_engine;

-- The head row's tick must stay small: documents go to TOAST early, the hot columns stay in the row. Columns that phase
-- commits fold into count as hot: in TOAST they would cost a chunk and an index entry each time. Three quarters of a page
-- stay free: a burst writes many versions of a row before the first can be pruned.
ALTER TABLE crewai_flow_state_extensions SET (fillfactor = 25, toast_tuple_target = 128);

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN flow_type SET STORAGE MAIN;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN user_id SET STORAGE MAIN;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN flow_status SET STORAGE MAIN;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN flow_name SET STORAGE MAIN;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN current_phase SET STORAGE MAIN;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN flow_persistence_data SET STORAGE MAIN;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN memory_usage_metrics SET STORAGE MAIN;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN phase_execution_times SET STORAGE MAIN;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN flow_configuration SET STORAGE EXTENDED;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN agent_collaboration_log SET STORAGE EXTENDED;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN learning_patterns SET STORAGE EXTENDED;

ALTER TABLE crewai_flow_state_extensions ALTER COLUMN last_error SET STORAGE EXTENDED;

-- A token is looked up before its tenant is known; only its hash is given, and only what it opens is answered.
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
GRANT EXECUTE ON FUNCTION resolve_token(bytea, uuid) TO masterflow_app;

-- The app has no right on schema dbos. The engine moves every tenant's flows; everybody else only the own tenant's.
CREATE FUNCTION enqueue_segment(asked_flow uuid, epoch integer, delay interval DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> 'masterflow_engine' AND NOT EXISTS (
        SELECT 1 FROM crewai_flow_state_extensions f
        WHERE f.flow_id = asked_flow
          AND f.client_account_id = nullif(current_setting('app.client', true), '')::uuid
    ) THEN
        RAISE EXCEPTION 'flow %% is not of this tenant', asked_flow USING ERRCODE = 'insufficient_privilege';
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
GRANT EXECUTE ON FUNCTION enqueue_segment(uuid, integer, interval) TO masterflow_app, masterflow_engine;

CREATE FUNCTION withdraw_segment(asked_flow uuid, epoch integer)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    segment text := asked_flow::text || ':' || epoch::text;
BEGIN
    IF session_user <> 'masterflow_engine' AND NOT EXISTS (
        SELECT 1 FROM crewai_flow_state_extensions f
        WHERE f.flow_id = asked_flow
          AND f.client_account_id = nullif(current_setting('app.client', true), '')::uuid
    ) THEN
        RAISE EXCEPTION 'flow %% is not of this tenant', asked_flow USING ERRCODE = 'insufficient_privilege';
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
GRANT EXECUTE ON FUNCTION withdraw_segment(uuid, integer) TO masterflow_app, masterflow_engine;

CREATE TABLE imports (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    file_name VARCHAR(255) NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    status VARCHAR(20) NOT NULL,
    format VARCHAR(60),
    profile JSONB,
    problem JSONB,
    mapping JSONB,
    uploaded_by VARCHAR(255) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    published_by_flow UUID,
    replaced_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_imports PRIMARY KEY (id),
    CONSTRAINT ck_imports_status CHECK (status IN ('uploaded', 'read', 'unreadable'))
);

CREATE UNIQUE INDEX uq_imports_content ON imports (engagement_id, sha256, file_name);

CREATE INDEX ix_imports_list ON imports (client_account_id, engagement_id, created_at DESC, id DESC);

CREATE TABLE import_rows (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    import_id UUID NOT NULL,
    sheet TEXT NOT NULL,
    position INTEGER NOT NULL,
    row_number INTEGER NOT NULL,
    cells JSONB NOT NULL,
    CONSTRAINT pk_import_rows PRIMARY KEY (import_id, sheet, position)
);

CREATE TABLE import_rejects (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    import_id UUID NOT NULL,
    stage VARCHAR(20) NOT NULL,
    position INTEGER NOT NULL,
    sheet TEXT,
    row_number INTEGER,
    column_name TEXT,
    code VARCHAR(60) NOT NULL,
    message TEXT NOT NULL,
    value TEXT,
    CONSTRAINT pk_import_rejects PRIMARY KEY (import_id, stage, position),
    CONSTRAINT ck_import_rejects_stage CHECK (stage IN ('reading', 'cleansing'))
);

CREATE TABLE staged_chunks (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    flow_id UUID NOT NULL,
    iteration SMALLINT NOT NULL,
    phase VARCHAR(60) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    chunk INTEGER NOT NULL,
    payload JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_staged_chunks PRIMARY KEY (flow_id, iteration, phase, kind, chunk)
);

CREATE TABLE assets (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    asset_type VARCHAR(30) NOT NULL,
    vm_name TEXT,
    hostname TEXT,
    fqdn TEXT,
    ip_addresses TEXT[] NOT NULL,
    mac_addresses TEXT[] NOT NULL,
    operating_system TEXT,
    os_version TEXT,
    cpu_cores BIGINT,
    memory_mib BIGINT,
    storage_provisioned_mib BIGINT,
    storage_used_mib BIGINT,
    disk_capacity_mib BIGINT,
    disk_count BIGINT,
    power_state TEXT,
    environment VARCHAR(30),
    datacenter TEXT,
    cluster TEXT,
    host TEXT,
    folder TEXT,
    vcenter_id TEXT,
    business_owner TEXT,
    technical_owner TEXT,
    department TEXT,
    criticality VARCHAR(20),
    serial_number TEXT,
    vendor TEXT,
    model TEXT,
    virtual BOOLEAN,
    hypervisor TEXT,
    cpu_p95_pct NUMERIC,
    cpu_max_pct NUMERIC,
    annual_cost NUMERIC,
    annual_cost_currency TEXT,
    attributes JSONB NOT NULL,
    concerns TEXT[] NOT NULL,
    completeness FLOAT,
    flow_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_assets PRIMARY KEY (engagement_id, id)
);

CREATE INDEX ix_assets_type ON assets (client_account_id, engagement_id, asset_type, name, id);

CREATE INDEX ix_assets_list ON assets (client_account_id, engagement_id, name, id);

CREATE INDEX ix_assets_environment ON assets (client_account_id, engagement_id, environment, name, id);

CREATE TABLE asset_identities (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    asset_id UUID NOT NULL,
    scheme VARCHAR(20) NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_asset_identities PRIMARY KEY (engagement_id, asset_id, scheme, value)
);

CREATE INDEX ix_asset_identities_lookup ON asset_identities (engagement_id, scheme, value);

CREATE TABLE asset_facts (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    asset_id UUID NOT NULL,
    position INTEGER NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    unit TEXT,
    import_id UUID,
    source_file TEXT NOT NULL,
    source_sheet TEXT,
    source_row INTEGER,
    source_column TEXT,
    rule TEXT NOT NULL,
    chosen BOOLEAN NOT NULL,
    confidence FLOAT NOT NULL,
    CONSTRAINT pk_asset_facts PRIMARY KEY (engagement_id, asset_id, position)
);

CREATE TABLE conflicts (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    position INTEGER NOT NULL,
    asset_name TEXT NOT NULL,
    field TEXT NOT NULL,
    preferred TEXT NOT NULL,
    why TEXT NOT NULL,
    needs_review BOOLEAN NOT NULL,
    facts JSONB NOT NULL,
    CONSTRAINT pk_conflicts PRIMARY KEY (engagement_id, position)
);

CREATE TABLE applications (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    variants TEXT[] NOT NULL,
    membership VARCHAR(20) NOT NULL,
    criticality VARCHAR(20),
    business_owner TEXT,
    environment VARCHAR(30),
    shared_service BOOLEAN NOT NULL,
    evidence TEXT[] NOT NULL,
    attributes JSONB NOT NULL,
    flow_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_applications PRIMARY KEY (engagement_id, id)
);

CREATE INDEX ix_applications_list ON applications (client_account_id, engagement_id, name, id);

CREATE TABLE application_members (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    application_id UUID NOT NULL,
    asset_id UUID NOT NULL,
    membership VARCHAR(20) NOT NULL,
    CONSTRAINT pk_application_members PRIMARY KEY (engagement_id, application_id, asset_id)
);

CREATE INDEX ix_application_members_asset ON application_members (engagement_id, asset_id);

CREATE TABLE estate_decisions (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    asset_id UUID NOT NULL,
    applications TEXT[],
    environment VARCHAR(30),
    keep BOOLEAN NOT NULL,
    flow_id UUID NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_estate_decisions PRIMARY KEY (engagement_id, asset_id)
);

CREATE TABLE dependencies (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    position INTEGER NOT NULL,
    source_id UUID NOT NULL,
    target_id UUID NOT NULL,
    kind VARCHAR(20) NOT NULL,
    port INTEGER,
    protocol TEXT,
    connections BIGINT,
    bytes_total NUMERIC,
    first_seen TIMESTAMP WITH TIME ZONE,
    last_seen TIMESTAMP WITH TIME ZONE,
    confidence FLOAT NOT NULL,
    evidence TEXT[] NOT NULL,
    flow_id UUID NOT NULL,
    CONSTRAINT pk_dependencies PRIMARY KEY (engagement_id, position)
);

CREATE INDEX ix_dependencies_target ON dependencies (engagement_id, target_id);

CREATE INDEX ix_dependencies_source ON dependencies (engagement_id, source_id);

CREATE TABLE artifacts (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID NOT NULL,
    flow_id UUID NOT NULL,
    iteration SMALLINT NOT NULL,
    phase VARCHAR(60) NOT NULL,
    name VARCHAR(255) NOT NULL,
    media_type VARCHAR(120) NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_artifacts PRIMARY KEY (engagement_id, id)
);

CREATE INDEX ix_artifacts_flow ON artifacts (engagement_id, flow_id, iteration, phase, name);

GRANT SELECT, INSERT, UPDATE, DELETE ON imports TO masterflow_app, masterflow_engine;

ALTER TABLE imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE imports FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON imports TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON imports TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON import_rows TO masterflow_app, masterflow_engine;

ALTER TABLE import_rows ENABLE ROW LEVEL SECURITY;

ALTER TABLE import_rows FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON import_rows TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON import_rows TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON import_rejects TO masterflow_app, masterflow_engine;

ALTER TABLE import_rejects ENABLE ROW LEVEL SECURITY;

ALTER TABLE import_rejects FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON import_rejects TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON import_rejects TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON staged_chunks TO masterflow_app, masterflow_engine;

ALTER TABLE staged_chunks ENABLE ROW LEVEL SECURITY;

ALTER TABLE staged_chunks FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON staged_chunks TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON staged_chunks TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON assets TO masterflow_app, masterflow_engine;

ALTER TABLE assets ENABLE ROW LEVEL SECURITY;

ALTER TABLE assets FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON assets TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON assets TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON asset_identities TO masterflow_app, masterflow_engine;

ALTER TABLE asset_identities ENABLE ROW LEVEL SECURITY;

ALTER TABLE asset_identities FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON asset_identities TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON asset_identities TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON asset_facts TO masterflow_app, masterflow_engine;

ALTER TABLE asset_facts ENABLE ROW LEVEL SECURITY;

ALTER TABLE asset_facts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON asset_facts TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON asset_facts TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON conflicts TO masterflow_app, masterflow_engine;

ALTER TABLE conflicts ENABLE ROW LEVEL SECURITY;

ALTER TABLE conflicts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON conflicts TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON conflicts TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON applications TO masterflow_app, masterflow_engine;

ALTER TABLE applications ENABLE ROW LEVEL SECURITY;

ALTER TABLE applications FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON applications TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON applications TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON application_members TO masterflow_app, masterflow_engine;

ALTER TABLE application_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE application_members FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON application_members TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON application_members TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON estate_decisions TO masterflow_app, masterflow_engine;

ALTER TABLE estate_decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE estate_decisions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON estate_decisions TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON estate_decisions TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON dependencies TO masterflow_app, masterflow_engine;

ALTER TABLE dependencies ENABLE ROW LEVEL SECURITY;

ALTER TABLE dependencies FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON dependencies TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON dependencies TO masterflow_migrate USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON artifacts TO masterflow_app, masterflow_engine;

ALTER TABLE artifacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE artifacts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON artifacts TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON artifacts TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE TABLE assessments (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    flow_id UUID NOT NULL,
    assessed_on DATE NOT NULL,
    move_date DATE NOT NULL,
    target VARCHAR(60) NOT NULL,
    risks JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_assessments PRIMARY KEY (id)
);

CREATE INDEX ix_assessments_latest ON assessments (client_account_id, engagement_id, created_at DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON assessments TO masterflow_app, masterflow_engine;

ALTER TABLE assessments ENABLE ROW LEVEL SECURITY;

ALTER TABLE assessments FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON assessments TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON assessments TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE TABLE assessment_servers (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    asset_id UUID NOT NULL,
    name TEXT NOT NULL,
    support_today VARCHAR(20) NOT NULL,
    support_at_move VARCHAR(20) NOT NULL,
    readiness VARCHAR(30) NOT NULL,
    details JSONB NOT NULL,
    CONSTRAINT pk_assessment_servers PRIMARY KEY (assessment_id, asset_id),
    CONSTRAINT fk_assessment_servers_assessment_id FOREIGN KEY(assessment_id) REFERENCES assessments (id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON assessment_servers TO masterflow_app, masterflow_engine;

ALTER TABLE assessment_servers ENABLE ROW LEVEL SECURITY;

ALTER TABLE assessment_servers FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON assessment_servers TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON assessment_servers TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE TABLE assessment_recommendations (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    subject_name TEXT NOT NULL,
    is_application BOOLEAN NOT NULL,
    strategy VARCHAR(20) NOT NULL,
    rule_strategy VARCHAR(20) NOT NULL,
    details JSONB NOT NULL,
    CONSTRAINT pk_assessment_recommendations PRIMARY KEY (assessment_id, subject_id),
    CONSTRAINT fk_assessment_recommendations_assessment_id FOREIGN KEY(assessment_id) REFERENCES assessments (id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON assessment_recommendations TO masterflow_app, masterflow_engine;

ALTER TABLE assessment_recommendations ENABLE ROW LEVEL SECURITY;

ALTER TABLE assessment_recommendations FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON assessment_recommendations TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON assessment_recommendations TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE TABLE plans (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    flow_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    version INTEGER NOT NULL,
    status VARCHAR(20) NOT NULL,
    objective FLOAT,
    bound FLOAT,
    seconds FLOAT NOT NULL,
    remarks JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_plans PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_plans_version ON plans (client_account_id, engagement_id, version);

GRANT SELECT, INSERT, UPDATE, DELETE ON plans TO masterflow_app, masterflow_engine;

ALTER TABLE plans ENABLE ROW LEVEL SECURITY;

ALTER TABLE plans FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON plans TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON plans TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE TABLE waves (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    number SMALLINT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    details JSONB NOT NULL,
    CONSTRAINT pk_waves PRIMARY KEY (plan_id, number),
    CONSTRAINT fk_waves_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON waves TO masterflow_app, masterflow_engine;

ALTER TABLE waves ENABLE ROW LEVEL SECURITY;

ALTER TABLE waves FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON waves TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON waves TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE TABLE wave_items (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    wave SMALLINT NOT NULL,
    subject_name TEXT NOT NULL,
    details JSONB NOT NULL,
    CONSTRAINT pk_wave_items PRIMARY KEY (plan_id, subject_id),
    CONSTRAINT fk_wave_items_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON wave_items TO masterflow_app, masterflow_engine;

ALTER TABLE wave_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE wave_items FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON wave_items TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON wave_items TO masterflow_migrate USING (true) WITH CHECK (true);

-- The app sees only the users of its tenant, so it can neither find nor insert one of another; this answers an id alone.
CREATE FUNCTION ensure_user(given_email varchar, given_name varchar)
RETURNS uuid LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO users (email, name) VALUES (given_email, given_name)
    ON CONFLICT (email) DO UPDATE SET email = excluded.email
    RETURNING id
$$;
REVOKE ALL ON FUNCTION ensure_user(varchar, varchar) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_user(varchar, varchar) TO masterflow_app;

GRANT SELECT ON alembic_version TO masterflow_app;
