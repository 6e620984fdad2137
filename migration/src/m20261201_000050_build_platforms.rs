//! What a build is for, so that builds of one platform can be found; of older ones it is not known.

statements!("ALTER TABLE builds ADD COLUMN platforms TEXT NOT NULL DEFAULT '[]'");
