//! Finding the builds that figures are made of without reading whole ones: those of a time, the newest of a branch, and those
//! that somebody started.

statements!(
    "CREATE INDEX builds_finished ON builds (finished_at_ms, project_id, pipeline_id, branch, status, failure_reason,
        request_number, queued_at_ms, started_at_ms) WHERE finished_at_ms IS NOT NULL",
    "CREATE INDEX builds_pipeline_branch ON builds (pipeline_id, branch, build_number)",
    "CREATE INDEX builds_actor ON builds (trigger_actor, created_at, id) WHERE trigger_actor IS NOT NULL",
);
