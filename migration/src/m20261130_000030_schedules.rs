//! The times at which pipelines start by themselves, and when that happens next.

statements!(
    "CREATE TABLE schedules (
        id TEXT PRIMARY KEY,
        pipeline_id TEXT NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
        cron TEXT NOT NULL,
        timezone TEXT NOT NULL,
        branch TEXT NOT NULL,
        next_at BIGINT NOT NULL,
        retry_at BIGINT,
        last_at BIGINT,
        last_build_id TEXT REFERENCES builds (id) ON DELETE SET NULL,
        last_error TEXT
    )",
    "CREATE UNIQUE INDEX schedules_times ON schedules (pipeline_id, cron, timezone, branch)",
    "CREATE INDEX schedules_next ON schedules (next_at)",
    "CREATE INDEX schedules_build ON schedules (last_build_id) WHERE last_build_id IS NOT NULL",
);
