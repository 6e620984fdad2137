//! Up to which of its deliveries each GitHub App was asked for those that failed.

statements!(
    "CREATE TABLE delivery_looks (
        integration_id TEXT PRIMARY KEY REFERENCES integrations (id) ON DELETE CASCADE,
        newest BIGINT NOT NULL
    )",
);
