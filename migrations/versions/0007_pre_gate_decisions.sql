ALTER TABLE gates
    ADD COLUMN approver_roles VARCHAR(30)[],
    ADD COLUMN quorum SMALLINT DEFAULT 1 NOT NULL,
    ADD COLUMN due_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN remind_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN remind_every INTERVAL,
    ADD COLUMN next_at TIMESTAMP WITH TIME ZONE,
    DROP CONSTRAINT ck_gates_status,
    ADD CONSTRAINT ck_gates_status CHECK (status IN ('open', 'approved', 'rejected', 'withdrawn', 'expired'));

CREATE INDEX ix_gates_recent ON gates (client_account_id, engagement_id, opened_at DESC, id DESC);

CREATE INDEX ix_gates_due ON gates (client_account_id, engagement_id, due_at, opened_at, id) WHERE status = 'open';

CREATE INDEX ix_gates_next ON gates (next_at) WHERE status = 'open';

CREATE TABLE gate_decisions (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    gate_id UUID NOT NULL,
    user_id UUID NOT NULL,
    actor VARCHAR(255) NOT NULL,
    verdict VARCHAR(20) NOT NULL,
    counts BOOLEAN NOT NULL,
    reason TEXT,
    content_hash BYTEA NOT NULL,
    shown_hash BYTEA,
    edits JSONB,
    expires_at TIMESTAMP WITH TIME ZONE,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_gate_decisions PRIMARY KEY (id),
    CONSTRAINT fk_gate_decisions_gate_id FOREIGN KEY (gate_id) REFERENCES gates (id),
    CONSTRAINT ck_gate_decisions_verdict CHECK (verdict IN ('approve', 'reject'))
);

CREATE UNIQUE INDEX uq_gate_decisions_once ON gate_decisions (gate_id, user_id, content_hash);

CREATE INDEX ix_gate_decisions_history ON gate_decisions (client_account_id, engagement_id, user_id, decided_at DESC);

GRANT SELECT, INSERT ON gate_decisions TO masterflow_app, masterflow_engine;

ALTER TABLE gate_decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE gate_decisions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON gate_decisions TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON gate_decisions TO masterflow_migrate USING (true) WITH CHECK (true);
