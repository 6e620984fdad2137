//! How often an instance was restored from a backup.

statements!("ALTER TABLE instance ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0");
