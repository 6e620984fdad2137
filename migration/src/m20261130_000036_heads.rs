//! Where branches, tags and requests were when they were last looked at, so that what moves starts builds also where
//! no webhook tells; and how each delivery came.

statements!(
    "CREATE TABLE watched_repositories (
        repository_id TEXT PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
        since BIGINT NOT NULL
    )",
    "CREATE TABLE heads (
        repository_id TEXT NOT NULL REFERENCES watched_repositories (repository_id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        sha TEXT NOT NULL,
        PRIMARY KEY (repository_id, name)
    )",
    "ALTER TABLE webhook_deliveries ADD COLUMN arrived_by TEXT NOT NULL DEFAULT 'webhook'",
    "CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (repository_id, id)",
    "ALTER TABLE projects ADD COLUMN polling TEXT NOT NULL DEFAULT 'auto'",
);
