//! How many builds of its pipeline may run beside a build, where its own file says so.

statements!("ALTER TABLE builds ADD COLUMN max_concurrent BIGINT");
