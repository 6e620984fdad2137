//! What a project does with pull and merge requests of forks.

statements!("ALTER TABLE projects ADD COLUMN fork_builds TEXT NOT NULL DEFAULT 'blocked'");
