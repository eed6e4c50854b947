CREATE TABLE saved_views (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    user_id UUID NOT NULL,
    made_by VARCHAR(255) NOT NULL,
    name VARCHAR(200) NOT NULL,
    page VARCHAR(60) NOT NULL,
    query TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_saved_views PRIMARY KEY (id),
    CONSTRAINT ck_saved_views_query CHECK (length(query) <= 2000),
    CONSTRAINT fk_saved_views_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

CREATE INDEX ix_saved_views_page ON saved_views (client_account_id, engagement_id, page, name, id);

CREATE UNIQUE INDEX uq_saved_views_name ON saved_views (client_account_id, engagement_id, user_id, page, name);

GRANT SELECT, INSERT, UPDATE, DELETE ON saved_views TO masterflow_app, masterflow_engine;

ALTER TABLE saved_views ENABLE ROW LEVEL SECURITY;

ALTER TABLE saved_views FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON saved_views TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON saved_views TO masterflow_migrate USING (true) WITH CHECK (true);
