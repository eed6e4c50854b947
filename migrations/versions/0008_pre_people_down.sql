DROP FUNCTION create_service_account(varchar);
DROP FUNCTION sign_in(bytea, bytea, varchar, interval, interval);
DROP FUNCTION resolve_session(bytea, uuid);
DROP FUNCTION resolve_token(bytea, uuid);

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

CREATE OR REPLACE FUNCTION ensure_user(given_email varchar, given_name varchar)
RETURNS uuid LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO users (email, name) VALUES (given_email, given_name)
    ON CONFLICT (email) DO UPDATE SET email = excluded.email
    RETURNING id
$$;

DROP TABLE sign_in_links, sessions, suspensions;

DROP INDEX ix_api_tokens_created, ix_api_tokens_owner;
ALTER TABLE api_tokens DROP COLUMN made_by, DROP COLUMN scopes;

-- Service accounts cannot be told apart from people any more, so they lose all they could do.
DELETE FROM api_tokens t USING users u WHERE u.id = t.user_id AND u.service_of IS NOT NULL;
DELETE FROM memberships m USING users u WHERE u.id = m.user_id AND u.service_of IS NOT NULL;
DELETE FROM users WHERE service_of IS NOT NULL;

DROP POLICY tenant ON users;
CREATE POLICY tenant ON users FOR SELECT TO masterflow_app, masterflow_engine USING (id IN (SELECT user_id FROM memberships));
ALTER TABLE users DROP COLUMN kind, DROP COLUMN disabled_at, DROP COLUMN service_of;
