ALTER TABLE users
    ADD COLUMN kind VARCHAR(10) DEFAULT 'person' NOT NULL,
    ADD COLUMN disabled_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN service_of UUID,
    ADD CONSTRAINT fk_users_service_of FOREIGN KEY(service_of) REFERENCES client_accounts (id),
    ADD CONSTRAINT ck_users_kind CHECK (kind IN ('person', 'service')),
    ADD CONSTRAINT ck_users_service_of CHECK ((kind = 'service') = (service_of IS NOT NULL)),
    ADD CONSTRAINT ck_users_service_email CHECK ((kind = 'service') = (right(email, 16) = '.service.invalid'));

CREATE UNIQUE INDEX uq_users_service_of_name ON users (service_of, name) WHERE service_of IS NOT NULL;

-- A service account is its client's even while it holds no role.
DROP POLICY tenant ON users;

CREATE POLICY tenant ON users FOR SELECT TO masterflow_app, masterflow_engine USING (id IN (SELECT user_id FROM memberships) OR service_of = (SELECT nullif(current_setting('app.client', true), '')::uuid));

ALTER TABLE api_tokens
    ADD COLUMN made_by UUID,
    ADD COLUMN scopes VARCHAR(40)[],
    ADD CONSTRAINT fk_api_tokens_made_by FOREIGN KEY(made_by) REFERENCES users (id);

CREATE INDEX ix_api_tokens_created ON api_tokens (client_account_id, created_at, id);

CREATE INDEX ix_api_tokens_owner ON api_tokens (client_account_id, user_id, created_at, id);

CREATE TABLE suspensions (
    client_account_id UUID NOT NULL,
    user_id UUID NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by VARCHAR(255) NOT NULL,
    CONSTRAINT pk_suspensions PRIMARY KEY (client_account_id, user_id),
    CONSTRAINT fk_suspensions_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON suspensions TO masterflow_app, masterflow_engine;

ALTER TABLE suspensions ENABLE ROW LEVEL SECURITY;

ALTER TABLE suspensions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON suspensions TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON suspensions TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE TABLE sessions (
    client_account_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    user_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    secret_hash BYTEA NOT NULL,
    browser VARCHAR(200),
    made_by VARCHAR(255),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    idle_until TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_sessions_engagement_id FOREIGN KEY(engagement_id) REFERENCES engagements (id),
    CONSTRAINT uq_sessions_secret_hash UNIQUE (secret_hash)
);

CREATE INDEX ix_sessions_owner ON sessions (client_account_id, user_id, created_at, id);

CREATE INDEX ix_sessions_over ON sessions (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO masterflow_app, masterflow_engine;

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE sessions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON sessions TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON sessions TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON sessions TO masterflow_engine USING (true) WITH CHECK (true);

CREATE TABLE sign_in_links (
    client_account_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    user_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    made_by VARCHAR(255),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sign_in_links PRIMARY KEY (id),
    CONSTRAINT fk_sign_in_links_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_sign_in_links_engagement_id FOREIGN KEY(engagement_id) REFERENCES engagements (id),
    CONSTRAINT uq_sign_in_links_code_hash UNIQUE (code_hash)
);

CREATE INDEX ix_sign_in_links_expires ON sign_in_links (client_account_id, expires_at);

CREATE INDEX ix_sign_in_links_over ON sign_in_links (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_links TO masterflow_app, masterflow_engine;

ALTER TABLE sign_in_links ENABLE ROW LEVEL SECURITY;

ALTER TABLE sign_in_links FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON sign_in_links TO masterflow_app, masterflow_engine USING (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid)) WITH CHECK (client_account_id = (SELECT nullif(current_setting('app.client', true), '')::uuid));

CREATE POLICY owner ON sign_in_links TO masterflow_migrate USING (true) WITH CHECK (true);

CREATE POLICY engine ON sign_in_links TO masterflow_engine USING (true) WITH CHECK (true);

-- Nobody is let in by a token whose owner the installation or the client has disabled.
DROP FUNCTION resolve_token(bytea, uuid);
CREATE FUNCTION resolve_token(given_hash bytea, asked_engagement uuid)
RETURNS TABLE (
    token_id uuid, user_id uuid, email varchar, kind varchar, client_account_id uuid, engagement_id uuid,
    roles varchar[], scopes varchar[]
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id, u.id, u.email, u.kind, t.client_account_id, e.id, array_agg(DISTINCT m.role), t.scopes
    FROM api_tokens t
    JOIN users u ON u.id = t.user_id AND u.disabled_at IS NULL
    JOIN engagements e ON e.client_account_id = t.client_account_id
        AND e.id = coalesce(asked_engagement, t.engagement_id)
        AND (t.engagement_id IS NULL OR t.engagement_id = e.id)
    JOIN memberships m ON m.client_account_id = t.client_account_id AND m.user_id = t.user_id
        AND (m.engagement_id = e.id OR m.engagement_id IS NULL)
    WHERE t.token_hash = given_hash AND t.revoked_at IS NULL AND t.expires_at > now()
      AND NOT EXISTS (
          SELECT 1 FROM suspensions d WHERE d.client_account_id = t.client_account_id AND d.user_id = t.user_id
      )
    GROUP BY t.id, u.id, e.id
$$;
REVOKE ALL ON FUNCTION resolve_token(bytea, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_token(bytea, uuid) TO masterflow_app;

-- A session is good for every engagement of its user: the one asked for, else the one used last, else the oldest.
CREATE FUNCTION resolve_session(given_hash bytea, asked_engagement uuid)
RETURNS TABLE (
    session_id uuid, user_id uuid, email varchar, kind varchar, client_account_id uuid, engagement_id uuid,
    roles varchar[], used_last uuid
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, u.id, u.email, u.kind, s.client_account_id, e.id, array_agg(DISTINCT m.role), s.engagement_id
    FROM sessions s
    JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
    JOIN engagements e ON e.client_account_id = s.client_account_id
        AND (asked_engagement IS NULL OR e.id = asked_engagement)
    JOIN memberships m ON m.client_account_id = s.client_account_id AND m.user_id = s.user_id
        AND (m.engagement_id = e.id OR m.engagement_id IS NULL)
    WHERE s.secret_hash = given_hash AND s.revoked_at IS NULL AND s.expires_at > now() AND s.idle_until > now()
      AND NOT EXISTS (
          SELECT 1 FROM suspensions d WHERE d.client_account_id = s.client_account_id AND d.user_id = s.user_id
      )
    GROUP BY s.id, u.id, e.id
    ORDER BY (e.id = s.engagement_id) DESC, e.created_at, e.id
    LIMIT 1
$$;
REVOKE ALL ON FUNCTION resolve_session(bytea, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_session(bytea, uuid) TO masterflow_app;

-- Uses up a link and opens its session, both or neither; of two who bring the same code one is let in.
CREATE FUNCTION sign_in(given_code bytea, new_secret bytea, given_browser varchar, lifetime interval, idle interval)
RETURNS TABLE (session_id uuid, user_id uuid, client_account_id uuid, engagement_id uuid, expires_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH used AS (
        UPDATE sign_in_links l SET used_at = now()
        FROM users u
        WHERE l.code_hash = given_code AND l.used_at IS NULL AND l.expires_at > now()
          AND u.id = l.user_id AND u.disabled_at IS NULL AND u.kind = 'person'
          AND NOT EXISTS (
              SELECT 1 FROM suspensions d WHERE d.client_account_id = l.client_account_id AND d.user_id = l.user_id
          )
          AND EXISTS (
              SELECT 1 FROM memberships m WHERE m.client_account_id = l.client_account_id AND m.user_id = l.user_id
          )
        RETURNING l.client_account_id, l.user_id, l.engagement_id, l.made_by
    )
    INSERT INTO sessions (
        client_account_id, user_id, engagement_id, secret_hash, browser, made_by, idle_until, expires_at
    )
    SELECT used.client_account_id, used.user_id, used.engagement_id, new_secret, given_browser, used.made_by,
        now() + idle, now() + lifetime
    FROM used
    RETURNING sessions.id, sessions.user_id, sessions.client_account_id, sessions.engagement_id, sessions.expires_at
$$;
REVOKE ALL ON FUNCTION sign_in(bytea, bytea, varchar, interval, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in(bytea, bytea, varchar, interval, interval) TO masterflow_app;

-- The app may not insert users; a service account is made for the client of its transaction and for no other.
CREATE FUNCTION create_service_account(given_name varchar)
RETURNS uuid LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO users (email, name, kind, service_of)
    SELECT lower(given_name) || '@' || client || '.service.invalid', given_name, 'service', client
    FROM (SELECT nullif(current_setting('app.client', true), '')::uuid AS client) AS mine
    WHERE client IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING id
$$;
REVOKE ALL ON FUNCTION create_service_account(varchar) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION create_service_account(varchar) TO masterflow_app;

-- A service account is no person that anybody could add by an address.
CREATE OR REPLACE FUNCTION ensure_user(given_email varchar, given_name varchar)
RETURNS uuid LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO users (email, name) VALUES (given_email, given_name)
    ON CONFLICT (email) DO UPDATE SET email = excluded.email WHERE users.kind = 'person'
    RETURNING id
$$;
