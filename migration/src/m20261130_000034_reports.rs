//! What code hosts are shown of builds: what is owed to them, what they call it, and what they do not let us do.

statements!(
    "CREATE TABLE reports (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        build_id TEXT REFERENCES builds (id) ON DELETE CASCADE,
        number BIGINT,
        commit_sha TEXT NOT NULL,
        external_id TEXT,
        shown TEXT,
        annotations BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        due_at_ms BIGINT,
        owed_at_ms BIGINT NOT NULL,
        attempts INTEGER NOT NULL,
        failure TEXT
    )",
    "CREATE UNIQUE INDEX reports_build ON reports (build_id)",
    "CREATE UNIQUE INDEX reports_number ON reports (project_id, repository_id, number)",
    "CREATE INDEX reports_repository ON reports (repository_id)",
    "CREATE INDEX reports_due ON reports (due_at_ms) WHERE due_at_ms IS NOT NULL",
    "CREATE TABLE report_refusals (
        installation_id TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
        channel TEXT NOT NULL,
        refused_at BIGINT NOT NULL,
        PRIMARY KEY (installation_id, channel)
    )",
);
