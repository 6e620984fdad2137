//! What a project lets others see of its builds, and which pull or merge request a build is of.

statements!(
    "ALTER TABLE projects ADD COLUMN report_statuses BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE projects ADD COLUMN report_comment BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE projects ADD COLUMN public_badge BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE builds ADD COLUMN request_number BIGINT",
    "CREATE INDEX builds_commit ON builds (commit_sha, project_id)",
    "CREATE INDEX builds_request ON builds (project_id, request_number, build_number) WHERE request_number IS NOT NULL",
);
