//! The one row about this installation.

statements!(
    "CREATE TABLE instance (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        instance_id TEXT NOT NULL,
        setup_state TEXT NOT NULL,
        runtime_mode TEXT NOT NULL,
        remote_auth_mode TEXT NOT NULL,
        key_storage_mode TEXT NOT NULL,
        runners_paused BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
);
