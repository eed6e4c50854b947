-- A row of these is written again with every batch that the relay passes on: half a page stays free for that.
CREATE TABLE flow_standings (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    by_type JSONB NOT NULL,
    as_of TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_flow_standings PRIMARY KEY (client_account_id, engagement_id)
) WITH (fillfactor = 50);

CREATE TABLE flow_days (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    day DATE NOT NULL,
    flow_type VARCHAR(50) NOT NULL,
    facts JSONB NOT NULL,
    CONSTRAINT pk_flow_days PRIMARY KEY (client_account_id, engagement_id, day, flow_type)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON flow_standings TO masterflow_app, masterflow_engine;

ALTER TABLE flow_standings ENABLE ROW LEVEL SECURITY;

ALTER TABLE flow_standings FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON flow_standings TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON flow_standings TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON flow_standings TO masterflow_engine USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON flow_days TO masterflow_app, masterflow_engine;

ALTER TABLE flow_days ENABLE ROW LEVEL SECURITY;

ALTER TABLE flow_days FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON flow_days TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON flow_days TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON flow_days TO masterflow_engine USING (true) WITH CHECK (true);

-- A list is an engagement's: without the engagement in the index, a small one reads through the rows of its large
-- neighbours. The type stands behind the order, so that a list of one type passes over the others without their rows.
-- Flows by type and status are counted above, so the index for counting them goes.
DROP INDEX ix_flows_list, ix_flows_recent, ix_flows_dashboard;

CREATE INDEX ix_flows_list ON crewai_flow_state_extensions (client_account_id, flow_status, engagement_id, status_changed_at DESC, flow_id DESC, flow_type);

CREATE INDEX ix_flows_recent ON crewai_flow_state_extensions (client_account_id, engagement_id, status_changed_at DESC, flow_id DESC, flow_type);

-- Lists show why a flow failed; a failed flow does not tick, so its reason may stay in the row.
ALTER TABLE crewai_flow_state_extensions ALTER COLUMN last_error SET STORAGE MAIN;

-- The policy compares the client with a value that the planner cannot see, beside the same predicate that it can; and an
-- engagement has one client. Without this it takes a tenant's thousands of rows for one, and any index for good enough.
ALTER TABLE crewai_flow_state_extensions ALTER COLUMN client_account_id SET (n_distinct = 1);

CREATE STATISTICS st_flows_tenant (dependencies) ON client_account_id, engagement_id FROM crewai_flow_state_extensions;
