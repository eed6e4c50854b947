ALTER TABLE conflicts ADD COLUMN asset_id UUID, ADD COLUMN decided_by VARCHAR(255), ADD COLUMN decided_at TIMESTAMP WITH TIME ZONE;

-- Conflicts that are published already named their machine; where one machine alone has the name, it is that one.
-- Contradictions between lists of applications are about no machine, even where one has the same name.
UPDATE conflicts SET asset_id = named.id
FROM (SELECT engagement_id, name, min(id::text)::uuid AS id FROM assets GROUP BY engagement_id, name HAVING count(*) = 1) named
WHERE named.engagement_id = conflicts.engagement_id AND named.name = conflicts.asset_name
  AND NOT EXISTS (SELECT FROM jsonb_array_elements(conflicts.facts) AS said WHERE said ->> 'rule' = 'application_list');

CREATE INDEX ix_conflicts_asset ON conflicts (engagement_id, asset_id, field);

CREATE TABLE conflict_decisions (
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    asset_id UUID NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    reason TEXT,
    decided_by VARCHAR(255) NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_conflict_decisions PRIMARY KEY (engagement_id, asset_id, field)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON conflict_decisions TO masterflow_app, masterflow_engine;

ALTER TABLE conflict_decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE conflict_decisions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON conflict_decisions TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON conflict_decisions TO masterflow_migrate USING (true) WITH CHECK (true);
