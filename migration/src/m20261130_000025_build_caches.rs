//! What a build found in the caches of its runner.

statements!("ALTER TABLE builds ADD COLUMN cache_results TEXT");
