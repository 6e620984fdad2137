//! What the tests and the analysis of a build found. The counts stand beside the content, so that a list of
//! builds can show them without it.

statements!(
    "CREATE TABLE test_reports (
        build_id TEXT PRIMARY KEY REFERENCES builds (id) ON DELETE CASCADE,
        attempt INTEGER NOT NULL,
        has_tests BOOLEAN NOT NULL,
        passed BIGINT NOT NULL,
        failed BIGINT NOT NULL,
        skipped BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        content TEXT NOT NULL
    )"
);
