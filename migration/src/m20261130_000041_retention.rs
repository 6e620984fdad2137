//! How long builds keep what they made: the policy of the instance, what a project says otherwise, and what the last
//! pass did.

statements!(
    "CREATE TABLE retention_policy (
        id INTEGER PRIMARY KEY,
        enabled BOOLEAN NOT NULL,
        max_age_days BIGINT,
        max_builds_per_project BIGINT,
        max_artifact_size_bytes BIGINT,
        cleanup_target TEXT NOT NULL,
        keep_statuses TEXT NOT NULL,
        dry_run BOOLEAN NOT NULL,
        cleanup_interval_secs BIGINT NOT NULL,
        artifact_ttl_days BIGINT,
        disk_budget_bytes BIGINT,
        updated_at BIGINT,
        last_cleanup TEXT
    )",
    "INSERT INTO retention_policy (id, enabled, cleanup_target, keep_statuses, dry_run, cleanup_interval_secs)
        VALUES (1, FALSE, 'artifacts_only', '[]', FALSE, 3600)",
    "CREATE TABLE project_retention (
        project_id TEXT PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
        enabled BOOLEAN,
        max_age_days BIGINT,
        max_builds_per_project BIGINT,
        max_artifact_size_bytes BIGINT,
        cleanup_target TEXT,
        keep_statuses TEXT,
        artifact_ttl_days BIGINT,
        updated_at BIGINT NOT NULL
    )",
);
