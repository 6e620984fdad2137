//! Through what people are told of builds and runners, and which private hosts may be told at all.

statements!(
    "CREATE TABLE notification_channels (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        channel_type TEXT NOT NULL,
        enabled BOOLEAN NOT NULL,
        events TEXT NOT NULL,
        rules TEXT NOT NULL,
        target TEXT,
        url BLOB,
        secret BLOB,
        smtp TEXT,
        smtp_password BLOB,
        created_by TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE TABLE notification_settings (
        id INTEGER PRIMARY KEY,
        allowed_hosts TEXT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
);
