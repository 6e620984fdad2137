//! Finding the builds that run another one again.

statements!("CREATE INDEX builds_source ON builds (source_build_id) WHERE source_build_id IS NOT NULL");
