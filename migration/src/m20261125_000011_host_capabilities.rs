//! What the operator of the machine hands out to be used once: to recover access, to pair a web server.

statements!(
    "CREATE TABLE host_capabilities (
        token_hash TEXT PRIMARY KEY,
        purpose TEXT NOT NULL,
        user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
    )",
    "CREATE INDEX host_capabilities_user ON host_capabilities (user_id)",
);
