//! The name of the runner that had a build last, so that it is told after the end too.

statements!("ALTER TABLE builds ADD COLUMN runner_name TEXT");
