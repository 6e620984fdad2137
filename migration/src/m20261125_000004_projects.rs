//! Projects, their members and their pipelines.

statements!(
    "CREATE TABLE projects (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        description TEXT,
        repository_id TEXT REFERENCES repositories (id) ON DELETE SET NULL,
        settings TEXT NOT NULL,
        default_branch TEXT,
        last_build_number BIGINT NOT NULL,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE INDEX projects_repository ON projects (repository_id)",
    "CREATE TABLE project_members (
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        role TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (project_id, user_id)
    )",
    "CREATE INDEX project_members_user ON project_members (user_id)",
    "CREATE TABLE pipelines (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        config_path TEXT NOT NULL,
        config_path_explicit BOOLEAN NOT NULL,
        execution_config TEXT NOT NULL,
        trigger_config TEXT NOT NULL,
        concurrency TEXT NOT NULL,
        enabled BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE INDEX pipelines_project ON pipelines (project_id)",
);
