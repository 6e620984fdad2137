//! Who did what: entries that are chained by their hashes, and the sealed end of the chain.

statements!(
    "CREATE TABLE audit_logs (
        id BIGINT PRIMARY KEY,
        actor_id TEXT,
        actor_email TEXT,
        action TEXT NOT NULL,
        resource_type TEXT NOT NULL,
        resource_id TEXT,
        details TEXT,
        peer TEXT,
        created_at BIGINT NOT NULL,
        hash TEXT NOT NULL
    )",
    "CREATE INDEX audit_logs_time ON audit_logs (created_at)",
    "CREATE INDEX audit_logs_actor ON audit_logs (actor_id)",
    "CREATE INDEX audit_logs_action ON audit_logs (action)",
    "CREATE TABLE audit_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        entries BIGINT NOT NULL,
        hash TEXT NOT NULL,
        seal TEXT NOT NULL
    )",
);
