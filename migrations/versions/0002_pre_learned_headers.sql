CREATE TABLE learned_headers (
    client_account_id UUID NOT NULL,
    source_kind VARCHAR(60) NOT NULL,
    sheet VARCHAR(200) NOT NULL,
    layout VARCHAR(12) NOT NULL,
    header VARCHAR(200) NOT NULL,
    field VARCHAR(60) NOT NULL,
    unit VARCHAR(20),
    accepted INTEGER NOT NULL,
    overridden INTEGER NOT NULL,
    last_used TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_learned_headers PRIMARY KEY (client_account_id, source_kind, sheet, layout, header, field)
);

CREATE INDEX ix_learned_headers_header ON learned_headers (client_account_id, header);

GRANT SELECT, INSERT, UPDATE, DELETE ON learned_headers TO masterflow_app, masterflow_engine;

ALTER TABLE learned_headers ENABLE ROW LEVEL SECURITY;

ALTER TABLE learned_headers FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON learned_headers TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON learned_headers TO masterflow_migrate USING (true) WITH CHECK (true);
