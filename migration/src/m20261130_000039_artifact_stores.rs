//! Where artifacts are stored: every place there has been, the one in force, and what is to be removed from them. The
//! keys of a place are sealed. An artifact without a place is in the data folder.

statements!(
    "CREATE TABLE artifact_stores (
        id TEXT PRIMARY KEY,
        provider TEXT NOT NULL,
        base_dir TEXT,
        bucket TEXT,
        region TEXT,
        endpoint TEXT,
        access_key_id BLOB,
        secret_access_key BLOB,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE artifact_storage_settings (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        provider TEXT NOT NULL,
        store_id TEXT REFERENCES artifact_stores (id),
        updated_at BIGINT NOT NULL
    )",
    "ALTER TABLE artifacts ADD COLUMN store_id TEXT REFERENCES artifact_stores (id)",
    "ALTER TABLE artifacts ADD COLUMN upload_id TEXT",
    "CREATE INDEX artifacts_store ON artifacts (store_id)",
    "CREATE TABLE artifact_leftovers (
        id TEXT PRIMARY KEY,
        store_id TEXT REFERENCES artifact_stores (id),
        prefix TEXT NOT NULL,
        due_at BIGINT NOT NULL,
        tries INTEGER NOT NULL
    )",
    "CREATE INDEX artifact_leftovers_due ON artifact_leftovers (due_at)",
);
