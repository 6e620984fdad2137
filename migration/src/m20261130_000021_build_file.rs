//! What a build's pipeline file asks of runners and of builds beside it.

statements! {
    "ALTER TABLE builds ADD COLUMN min_protocol INTEGER NOT NULL DEFAULT 4",
    "ALTER TABLE builds ADD COLUMN max_concurrent BIGINT",
}
