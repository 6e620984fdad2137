//! Secrets of integrations and of their repositories, sealed; and what is known of an integration's health.

statements!(
    "CREATE TABLE integration_secrets (
        id TEXT PRIMARY KEY,
        integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        repository_id TEXT REFERENCES repositories (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        value BLOB NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX integration_secrets_own ON integration_secrets (integration_id, kind) \
        WHERE repository_id IS NULL",
    "CREATE UNIQUE INDEX integration_secrets_repository ON integration_secrets (repository_id, kind) \
        WHERE repository_id IS NOT NULL",
    "ALTER TABLE integrations ADD COLUMN status_reason TEXT",
    "ALTER TABLE integrations ADD COLUMN synced_at BIGINT",
    "ALTER TABLE installations ADD COLUMN account_type TEXT",
);
