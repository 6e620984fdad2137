//! Builds that are kept whatever the rules say, when and by which rule the artifacts of the others went, and which
//! removed artifacts still have bytes.

statements!(
    "ALTER TABLE builds ADD COLUMN pinned_at BIGINT",
    "ALTER TABLE builds ADD COLUMN pinned_by TEXT",
    "ALTER TABLE builds ADD COLUMN artifacts_removed_at BIGINT",
    "ALTER TABLE builds ADD COLUMN artifacts_removed_by TEXT",
    "ALTER TABLE artifacts ADD COLUMN bytes_removed_at BIGINT",
    "CREATE INDEX artifacts_with_bytes ON artifacts (id) WHERE state = 'removed' AND bytes_removed_at IS NULL",
    "CREATE INDEX artifacts_expiring ON artifacts (expires_at) WHERE state = 'available' AND expires_at IS NOT NULL",
);
