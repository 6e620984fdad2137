//! Which runners were heard when the daemon stopped, so that it can be told of those that don't come back.

statements!("ALTER TABLE runners ADD COLUMN online_since INTEGER");
