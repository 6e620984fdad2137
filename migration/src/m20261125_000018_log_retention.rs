//! When the log of a build was removed because its time was over; the build itself stays.

statements!(
    "ALTER TABLE builds ADD COLUMN log_removed_at BIGINT",
    "CREATE INDEX builds_with_logs ON builds (finished_at_ms) WHERE log_removed_at IS NULL"
);
