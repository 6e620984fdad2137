//! Builds that are kept whatever the rules say, and when and by which rule the artifacts of the others went.

statements!(
    "ALTER TABLE builds ADD COLUMN pinned_at BIGINT",
    "ALTER TABLE builds ADD COLUMN pinned_by TEXT",
    "ALTER TABLE builds ADD COLUMN artifacts_removed_at BIGINT",
    "ALTER TABLE builds ADD COLUMN artifacts_removed_by TEXT",
    "CREATE INDEX artifacts_expiring ON artifacts (expires_at) WHERE state = 'available' AND expires_at IS NOT NULL",
);
