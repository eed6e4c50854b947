-- Rewrites the table once; the ids of old events follow their order in it.
ALTER TABLE flow_events ADD COLUMN id BIGINT GENERATED ALWAYS AS IDENTITY;

CREATE UNIQUE INDEX uq_flow_events_id ON flow_events (id);
