//! Which key the database's secrets are sealed with: its name, never the key.

statements!(
    "CREATE TABLE encryption_key (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        key_id TEXT NOT NULL,
        since BIGINT NOT NULL
    )"
);
