//! Variables and secrets of projects and pipelines; every value is sealed.

statements!(
    "CREATE TABLE variables (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        pipeline_id TEXT REFERENCES pipelines (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        value BLOB NOT NULL,
        updated_by TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX variables_of_project ON variables (project_id, name) WHERE pipeline_id IS NULL",
    "CREATE UNIQUE INDEX variables_of_pipeline ON variables (pipeline_id, name) WHERE pipeline_id IS NOT NULL",
);
