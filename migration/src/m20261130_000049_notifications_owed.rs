//! An index of what is owed through a channel, in place of one that was never used: it did not say whose.

statements!(
    "CREATE INDEX notification_deliveries_owed ON notification_deliveries (channel_id, due_at_ms)
        WHERE due_at_ms IS NOT NULL",
    "DROP INDEX notification_deliveries_due",
);
