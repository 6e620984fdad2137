//! Registered runners.

statements!(
    "CREATE TABLE runners (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        token_hash TEXT NOT NULL UNIQUE,
        capabilities TEXT NOT NULL,
        embedded BOOLEAN NOT NULL,
        last_heartbeat_at BIGINT,
        registered_by TEXT REFERENCES users (id) ON DELETE SET NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
);
