//! What decides which runner gets which build: labels, what a build asks for, its priority, runners that are
//! drained, and why building is paused. Indexes for the order of the queue.

statements!(
    "ALTER TABLE runners ADD COLUMN labels TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE runners ADD COLUMN drained_at BIGINT",
    "ALTER TABLE runners ADD COLUMN drained_by TEXT",
    "ALTER TABLE runners ADD COLUMN drain_reason TEXT",
    "ALTER TABLE pipelines ADD COLUMN runner_labels TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE instance ADD COLUMN pause_reason TEXT",
    "ALTER TABLE builds ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE builds ADD COLUMN requirements TEXT NOT NULL DEFAULT '[]'",
    "UPDATE builds SET priority = CASE trigger_type WHEN 'schedule' THEN 0 WHEN 'webhook' THEN 1 ELSE 2 END",
    "CREATE INDEX builds_queue ON builds (pipeline_id, priority DESC, queued_at_ms, id, repository_id, requirements)
        WHERE status = 'queued'",
    "CREATE INDEX builds_order ON builds (priority DESC, queued_at_ms, id) WHERE status = 'queued'",
    "CREATE INDEX builds_demands ON builds (requirements) WHERE status = 'queued' AND requirements <> '[]'",
);
