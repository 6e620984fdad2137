//! Artifacts of builds.

statements!(
    "CREATE TABLE artifacts (
        id TEXT PRIMARY KEY,
        build_id TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        artifact_type TEXT NOT NULL,
        object_key TEXT NOT NULL,
        file_size BIGINT,
        checksum TEXT,
        metadata TEXT NOT NULL,
        state TEXT NOT NULL,
        stored_at BIGINT,
        error_message TEXT,
        created_at BIGINT NOT NULL,
        expires_at BIGINT
    )",
    "CREATE INDEX artifacts_build ON artifacts (build_id, state)",
    "CREATE INDEX artifacts_project ON artifacts (project_id, created_at, id)",
    "CREATE INDEX artifacts_pending ON artifacts (created_at) WHERE state = 'pending'",
);
