-- The columns have constant defaults: the table is not rewritten. Counting what is there reads it once.
ALTER TABLE crewai_flow_state_extensions ADD COLUMN losses SMALLINT DEFAULT 0 NOT NULL, ADD COLUMN run_after TIMESTAMP WITH TIME ZONE, ADD COLUMN correlation_id VARCHAR(64);

CREATE TABLE client_quotas (
    client_account_id UUID NOT NULL,
    running INTEGER,
    created_per_hour INTEGER,
    flows INTEGER,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_client_quotas PRIMARY KEY (client_account_id)
);

GRANT SELECT ON client_quotas TO masterflow_app, masterflow_engine;

ALTER TABLE client_quotas ENABLE ROW LEVEL SECURITY;

ALTER TABLE client_quotas FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON client_quotas TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON client_quotas TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON client_quotas TO masterflow_engine USING (true) WITH CHECK (true);

CREATE TABLE flow_counters (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    flows BIGINT NOT NULL,
    hour TIMESTAMP WITH TIME ZONE NOT NULL,
    created_in_hour INTEGER NOT NULL,
    CONSTRAINT pk_flow_counters PRIMARY KEY (client_account_id, engagement_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON flow_counters TO masterflow_app, masterflow_engine;

ALTER TABLE flow_counters ENABLE ROW LEVEL SECURITY;

ALTER TABLE flow_counters FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON flow_counters TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON flow_counters TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON flow_counters TO masterflow_engine USING (true) WITH CHECK (true);

CREATE TABLE bulk_jobs (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    command VARCHAR(20) NOT NULL,
    selection JSONB NOT NULL,
    reason TEXT,
    ordered_by UUID NOT NULL,
    ordered_by_email VARCHAR(255) NOT NULL,
    status VARCHAR(20) DEFAULT 'running' NOT NULL,
    items INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_bulk_jobs PRIMARY KEY (id),
    CONSTRAINT ck_bulk_jobs_status CHECK (status IN ('running', 'done', 'cancelled'))
);

CREATE INDEX ix_bulk_jobs_list ON bulk_jobs (client_account_id, engagement_id, created_at DESC, id DESC);

CREATE INDEX ix_bulk_jobs_over ON bulk_jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE INDEX ix_bulk_jobs_running ON bulk_jobs (created_at) WHERE status = 'running';

GRANT SELECT, INSERT, UPDATE, DELETE ON bulk_jobs TO masterflow_app, masterflow_engine;

ALTER TABLE bulk_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE bulk_jobs FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON bulk_jobs TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON bulk_jobs TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON bulk_jobs TO masterflow_engine USING (true) WITH CHECK (true);

CREATE TABLE bulk_job_items (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    job_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    flow_id UUID NOT NULL,
    version INTEGER NOT NULL,
    outcome VARCHAR(20),
    detail TEXT,
    at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_bulk_job_items PRIMARY KEY (job_id, position),
    CONSTRAINT ck_bulk_job_items_outcome CHECK (outcome IN ('done', 'refused', 'failed', 'cancelled'))
);

CREATE INDEX ix_bulk_job_items_left ON bulk_job_items (job_id, position) WHERE outcome IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON bulk_job_items TO masterflow_app, masterflow_engine;

ALTER TABLE bulk_job_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE bulk_job_items FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON bulk_job_items TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON bulk_job_items TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON bulk_job_items TO masterflow_engine USING (true) WITH CHECK (true);

INSERT INTO flow_counters (client_account_id, engagement_id, flows, hour, created_in_hour)
SELECT client_account_id, engagement_id, count(*), date_trunc('hour', now(), 'UTC'),
    count(*) FILTER (WHERE created_at >= date_trunc('hour', now(), 'UTC'))
FROM crewai_flow_state_extensions GROUP BY client_account_id, engagement_id;
