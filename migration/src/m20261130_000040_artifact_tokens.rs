//! Links to one artifact that people hand on: each can be listed and revoked, and may be good for one use.

statements!(
    "CREATE TABLE artifact_tokens (
        id TEXT PRIMARY KEY,
        artifact_id TEXT NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
        token_hash TEXT NOT NULL UNIQUE,
        prefix TEXT NOT NULL,
        created_by TEXT NOT NULL REFERENCES users (id),
        single_use BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_at BIGINT,
        revoked_at BIGINT
    )",
    "CREATE INDEX artifact_tokens_artifact ON artifact_tokens (artifact_id, created_at)",
);
