//! Which attempt at a build announced an artifact; unknown for older ones.

statements!("ALTER TABLE artifacts ADD COLUMN attempt INTEGER");
