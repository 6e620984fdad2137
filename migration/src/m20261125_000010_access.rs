//! How people reach and sign in to the instance, and how far its set-up has come: one row each.

statements!(
    "CREATE TABLE setup (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        token_hash TEXT,
        token_expires_at BIGINT,
        token_consumed_at BIGINT,
        session_hash TEXT,
        session_expires_at BIGINT,
        owner_email TEXT,
        owner_subject TEXT,
        owner_avatar_url TEXT
    )",
    "CREATE TABLE oidc_settings (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        revision TEXT NOT NULL,
        issuer_url TEXT NOT NULL,
        client_id TEXT NOT NULL,
        client_secret BLOB,
        authorization_endpoint TEXT NOT NULL,
        token_endpoint TEXT NOT NULL,
        userinfo_endpoint TEXT,
        jwks_uri TEXT NOT NULL,
        configured_at BIGINT NOT NULL
    )",
    "CREATE TABLE trusted_proxy_settings (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        user_email_header TEXT NOT NULL,
        cidrs TEXT NOT NULL,
        shared_secret BLOB,
        setup_owner_email TEXT,
        updated_at BIGINT NOT NULL
    )",
    "CREATE TABLE network_settings (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        public_url TEXT,
        artifact_delivery_url TEXT,
        allowed_origins TEXT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
);
