//! Sources that stopped working or are about to, one open incident each, and who has read of it.

statements!(
    "CREATE TABLE incidents (
        id TEXT PRIMARY KEY,
        integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        reason TEXT NOT NULL,
        severity TEXT NOT NULL,
        occurrences BIGINT NOT NULL,
        first_at BIGINT NOT NULL,
        latest_at BIGINT NOT NULL,
        resolved_at BIGINT
    )",
    "CREATE UNIQUE INDEX incidents_open ON incidents (integration_id) WHERE resolved_at IS NULL",
    "CREATE INDEX incidents_latest ON incidents (latest_at)",
    "CREATE TABLE incident_reads (
        incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        read_at BIGINT NOT NULL,
        PRIMARY KEY (incident_id, user_id)
    )",
);
