CREATE TABLE blackout_calendars (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    name VARCHAR(200) NOT NULL,
    periods JSONB NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    changed_by VARCHAR(255) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_blackout_calendars PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_blackout_calendars_name ON blackout_calendars (client_account_id, engagement_id, name);

GRANT SELECT, INSERT, UPDATE, DELETE ON blackout_calendars TO masterflow_app, masterflow_engine;

ALTER TABLE blackout_calendars ENABLE ROW LEVEL SECURITY;

ALTER TABLE blackout_calendars FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON blackout_calendars TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON blackout_calendars TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE TABLE schedules (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    name VARCHAR(200) NOT NULL,
    flow_type VARCHAR(50) NOT NULL,
    configuration JSONB NOT NULL,
    cron VARCHAR(100) NOT NULL,
    time_zone VARCHAR(60) NOT NULL,
    catch_up VARCHAR(10) NOT NULL,
    in_blackout VARCHAR(10) NOT NULL,
    may_overlap BOOLEAN NOT NULL,
    calendar_id UUID,
    paused_because TEXT,
    runs_as UUID NOT NULL,
    runs_as_email VARCHAR(255) NOT NULL,
    next_run_at TIMESTAMP WITH TIME ZONE,
    last_run_at TIMESTAMP WITH TIME ZONE,
    last_flow_id UUID,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_schedules PRIMARY KEY (id),
    CONSTRAINT ck_schedules_catch_up CHECK (catch_up IN ('skip', 'once', 'all')),
    CONSTRAINT ck_schedules_in_blackout CHECK (in_blackout IN ('skip', 'defer')),
    CONSTRAINT fk_schedules_calendar_id FOREIGN KEY(calendar_id) REFERENCES blackout_calendars (id)
);

CREATE INDEX ix_schedules_due ON schedules (next_run_at) WHERE paused_because IS NULL;

CREATE UNIQUE INDEX uq_schedules_name ON schedules (client_account_id, engagement_id, name);

GRANT SELECT, INSERT, UPDATE, DELETE ON schedules TO masterflow_app, masterflow_engine;

ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;

ALTER TABLE schedules FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON schedules TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON schedules TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON schedules TO masterflow_engine USING (true) WITH CHECK (true);

CREATE TABLE schedule_runs (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    schedule_id UUID NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    outcome VARCHAR(10) NOT NULL,
    flow_id UUID,
    says TEXT,
    CONSTRAINT pk_schedule_runs PRIMARY KEY (schedule_id, id),
    CONSTRAINT ck_schedule_runs_outcome CHECK (outcome IN ('started', 'passed', 'refused'))
);

CREATE INDEX ix_schedule_runs_over ON schedule_runs (at);

GRANT SELECT, INSERT ON schedule_runs TO masterflow_app, masterflow_engine;

GRANT DELETE ON schedule_runs TO masterflow_engine;

ALTER TABLE schedule_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE schedule_runs FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON schedule_runs TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON schedule_runs TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON schedule_runs TO masterflow_engine USING (true) WITH CHECK (true);
