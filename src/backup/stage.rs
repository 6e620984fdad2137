//! Where the files of a backup lie before they count: beside where they will be, so that one rename puts each in force.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::archive::{ARTIFACTS, DATABASE, FORMER_KEY, KEY, LOGS};
use crate::config::DataFolder;
use crate::error::Result;
use crate::files;

/// Places for the files of one backup. Dropped, it takes them with it.
#[derive(Debug)]
pub struct Stage {
    pub database: PathBuf,
    folder: PathBuf,
    keeps: bool,
}

impl Stage {
    /// In a new folder below `parent`.
    pub fn below(parent: &Path) -> Result<Self> {
        let folder = parent.join(format!("backup.{}.tmp", uuid::Uuid::now_v7().simple()));
        make(&folder)?;
        Ok(Self { database: folder.join(DATABASE), folder, keeps: false })
    }

    /// Beside the files of a data folder. What an earlier attempt left there is removed.
    pub fn beside(data: &DataFolder) -> Result<Self> {
        let database = files::beside(&data.database, ".restored");
        let stage = Self { database, folder: data.root.join("restored"), keeps: false };
        stage.clear()?;
        make(&stage.folder)?;
        Ok(stage)
    }

    /// Where an entry of the archive goes.
    pub fn place(&self, name: &str) -> PathBuf {
        match name {
            DATABASE => self.database.clone(),
            below => self.folder.join(below),
        }
    }

    pub fn key(&self) -> PathBuf {
        self.place(KEY)
    }

    pub fn former_key(&self) -> PathBuf {
        self.place(FORMER_KEY)
    }

    pub fn logs(&self) -> PathBuf {
        self.place(LOGS)
    }

    pub fn artifacts(&self) -> PathBuf {
        self.place(ARTIFACTS)
    }

    /// Makes the folders above a file.
    pub fn prepare(&self, file: &Path) -> Result<()> {
        Ok(file.parent().map_or(Ok(()), make)?)
    }

    /// Makes what lies here outlive a crash; the files themselves do already.
    pub fn sync(&self) -> Result<()> {
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                }
            }
            File::open(&folder)?.sync_all()?;
        }
        files::sync_folder(&self.folder)?;
        Ok(files::sync_folder(&self.database)?)
    }

    /// From now on somebody else looks after the files.
    pub fn keep(&mut self) {
        self.keeps = true;
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn clear(&self) -> Result<()> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            files::remove(&files::beside(&self.database, suffix))?;
        }
        files::remove_folder(&self.folder)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.keeps {
            // The next attempt clears what this one can't.
            let _ = self.clear();
        }
    }
}

/// Makes a folder that only its owner can read, and those above it; they may be there already.
pub fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
