//! Where the files of a backup lie before they count: beside where they will be, so that one rename puts each in force.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::archive::{ARTIFACTS, DATABASE, FORMER_KEY, KEY, LOGS};
use crate::config::DataFolder;
use crate::error::Result;

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
        let mut database = data.database.as_os_str().to_owned();
        database.push(".restored");
        let stage = Self { database: database.into(), folder: data.root.join("restored"), keeps: false };
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
        match file.parent() {
            Some(parent) if !parent.exists() => Ok(make(parent)?),
            Some(_) | None => Ok(()),
        }
    }

    /// From now on somebody else looks after the files.
    pub fn keep(&mut self) {
        self.keeps = true;
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn clear(&self) -> io::Result<()> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.database.as_os_str().to_owned();
            path.push(suffix);
            absent_is_fine(std::fs::remove_file(PathBuf::from(path)))?;
        }
        absent_is_fine(std::fs::remove_dir_all(&self.folder))
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

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
