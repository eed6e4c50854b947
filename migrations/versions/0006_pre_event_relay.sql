CREATE TABLE relay_positions (
    name VARCHAR(40) NOT NULL,
    position BIGINT NOT NULL,
    holes JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_relay_positions PRIMARY KEY (name)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON relay_positions TO masterflow_engine;

-- From the first event on, so that what is kept from events knows all history.
INSERT INTO relay_positions (name, position, holes) VALUES ('events', 0, '[]');

CREATE TABLE relay_failures (
    event_id BIGINT NOT NULL,
    fold VARCHAR(100) NOT NULL,
    error TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_relay_failures PRIMARY KEY (event_id, fold)
);

CREATE INDEX ix_relay_failures_over ON relay_failures (at);

GRANT SELECT, INSERT, UPDATE, DELETE ON relay_failures TO masterflow_engine;

CREATE TABLE webhooks (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    url TEXT NOT NULL,
    description VARCHAR(200) NOT NULL,
    kinds TEXT[] NOT NULL,
    flow_types TEXT[] NOT NULL,
    secret BYTEA NOT NULL,
    previous_secret BYTEA,
    previous_until TIMESTAMP WITH TIME ZONE,
    active BOOLEAN DEFAULT true NOT NULL,
    paused_because TEXT,
    failures INTEGER DEFAULT 0 NOT NULL,
    created_by VARCHAR(255) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_webhooks PRIMARY KEY (id)
);

CREATE INDEX ix_webhooks_active ON webhooks (id) WHERE active;

CREATE INDEX ix_webhooks_tenant ON webhooks (client_account_id, engagement_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks TO masterflow_app, masterflow_engine;

ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;

ALTER TABLE webhooks FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON webhooks TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON webhooks TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON webhooks TO masterflow_engine USING (true) WITH CHECK (true);

CREATE TABLE webhook_deliveries (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    webhook_id UUID NOT NULL,
    event_id BIGINT,
    kind VARCHAR(40) NOT NULL,
    body TEXT NOT NULL,
    state VARCHAR(20) DEFAULT 'pending' NOT NULL,
    attempts SMALLINT DEFAULT 0 NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    status_code INTEGER,
    error TEXT,
    response TEXT,
    duration_ms INTEGER,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id),
    CONSTRAINT ck_webhook_deliveries_state CHECK (state IN ('pending', 'delivered', 'failed')),
    CONSTRAINT fk_webhook_deliveries_webhook_id FOREIGN KEY(webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE
);

CREATE INDEX ix_webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at, event_id) WHERE state = 'pending';

CREATE INDEX ix_webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX ix_webhook_deliveries_list ON webhook_deliveries (webhook_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX uq_webhook_deliveries_event ON webhook_deliveries (webhook_id, event_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries TO masterflow_app, masterflow_engine;

ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE webhook_deliveries FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON webhook_deliveries TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON webhook_deliveries TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON webhook_deliveries TO masterflow_engine USING (true) WITH CHECK (true);
