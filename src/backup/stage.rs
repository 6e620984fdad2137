//! Where the files of a backup lie before they count: beside where they will be, so that one rename puts each in force.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::archive::{ARTIFACTS, DATABASE, FORMER_KEY, KEY, LOGS};
use super::leftovers;
use crate::config::DataFolder;
use crate::error::Result;
use crate::files;
use crate::seal::former_key;

/// Places for the files of one backup. Dropped, it takes them with it.
#[derive(Debug)]
pub struct Stage {
    pub database: PathBuf,
    key: PathBuf,
    folder: PathBuf,
    keeps: bool,
    /// Says that somebody works here, where the folder's name is no proof that it is ours alone.
    _held: Option<File>,
}

impl Stage {
    /// In a new folder below `parent`.
    pub fn below(parent: &Path) -> Result<Self> {
        let folder = leftovers::stage(parent);
        let held = leftovers::hold(&folder, |fresh| {
            make(fresh)?;
            File::open(fresh)
        })?;
        Ok(Self::inside(folder, Some(held)))
    }

    /// Beside the files of a data folder. What an earlier attempt left there is removed.
    pub fn beside(data: &DataFolder) -> Result<Self> {
        let database = files::beside(&data.database, ".restored");
        let key = files::beside(&data.encryption_key(), ".restored");
        Self { database, key, folder: data.root.join("restored"), keeps: false, _held: None }.emptied()
    }

    /// In a folder below one that somebody names, on the disk of the files that they are to replace. What an earlier
    /// attempt left there is removed.
    pub fn within(parent: &Path) -> Result<Self> {
        Self::inside(parent.join("oore-restored"), None).emptied()
    }

    fn inside(folder: PathBuf, held: Option<File>) -> Self {
        let (database, key) = (folder.join(DATABASE), folder.join(KEY));
        Self { database, key, folder, keeps: false, _held: held }
    }

    fn emptied(self) -> Result<Self> {
        self.clear()?;
        make(&self.folder)?;
        Ok(self)
    }

    /// Where an entry of the archive goes.
    pub fn place(&self, name: &str) -> PathBuf {
        match name {
            DATABASE => self.database.clone(),
            KEY => self.key.clone(),
            FORMER_KEY => former_key(&self.key),
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
        for path in [&self.folder, &self.database, &self.key] {
            files::sync_folder(path)?;
        }
        Ok(())
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
        files::remove(&self.key)?;
        files::remove(&former_key(&self.key))?;
        files::remove_folder(&self.folder)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.keeps {
            // A snapshot that is given up may make one more file meanwhile. The next attempt clears what this one can't.
            let _ = self.clear().or_else(|_| self.clear());
        }
    }
}

/// Makes a folder that only its owner can read, and those above it; they may be there already.
pub fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
