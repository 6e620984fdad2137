//! What is told through channels: noted together with what it tells of, sent afterwards, kept for a while.

statements!(
    "CREATE TABLE notification_deliveries (
        id TEXT PRIMARY KEY,
        channel_id TEXT NOT NULL REFERENCES notification_channels (id) ON DELETE CASCADE,
        build_id TEXT REFERENCES builds (id) ON DELETE SET NULL,
        event_type TEXT NOT NULL,
        notice TEXT NOT NULL,
        status TEXT NOT NULL,
        reached TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        due_at_ms BIGINT,
        last_error TEXT,
        created_at BIGINT NOT NULL,
        delivered_at BIGINT
    )",
    "CREATE INDEX notification_deliveries_channel ON notification_deliveries (channel_id, id)",
    "CREATE INDEX notification_deliveries_build ON notification_deliveries (build_id)",
    "CREATE INDEX notification_deliveries_due ON notification_deliveries (due_at_ms) WHERE due_at_ms IS NOT NULL",
);
