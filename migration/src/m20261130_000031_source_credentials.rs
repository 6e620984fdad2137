//! What is known of the credential of a code host: how it was found, and when it ends.

statements!(
    "CREATE TABLE source_credentials (
        integration_id TEXT PRIMARY KEY REFERENCES integrations (id) ON DELETE CASCADE,
        status TEXT NOT NULL,
        expires_at BIGINT,
        checked_at BIGINT NOT NULL
    )",
);
