//! A file that is downloaded: beside its place under a name of its own until it is whole, so that a cut download
//! can go on, and never outside of the chosen folder.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use crate::cli::failure::Failure;
use crate::cli::terminal::plain;
use crate::domain::artifact::is_valid_name;

const PIECE: usize = 256 * 1024;

/// What has arrived of a file, and the hash of it.
pub struct Unfinished {
    place: PathBuf,
    path: PathBuf,
    file: File,
    hash: Sha256,
    pub length: u64,
}

/// Where an artifact goes. Its name came from elsewhere: it must be the name of a file in the folder, nothing else.
pub fn place(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    if is_valid_name(name) {
        return Ok(folder.join(name));
    }
    Err(Failure::failed(format!("the artifact '{}' is refused: that is not the name of a file", plain(name)))
        .hint("Nothing is written outside of the folder; download it in the web UI, which gives it another name."))
}

/// The SHA-256 of a file, if there is one.
pub fn checksum(path: &Path) -> io::Result<Option<String>> {
    let mut file = match open(OpenOptions::new().read(true), path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut hash = Sha256::new();
    read_into(&mut file, &mut hash)?;
    Ok(Some(format!("{:x}", hash.finalize())))
}

/// A link in the place of a file could lead anywhere.
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()).open(path)
}

fn read_into(file: &mut File, hash: &mut Sha256) -> io::Result<u64> {
    let (mut piece, mut length) = (vec![0; PIECE], 0);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(length),
            count => {
                hash.update(&piece[..count]);
                length += count as u64;
            }
        }
    }
}

impl Unfinished {
    /// What an earlier download has left, or an empty file.
    pub fn open(place: PathBuf) -> io::Result<Self> {
        let mut name = place.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let path = place.with_file_name(name);
        let mut file = open(OpenOptions::new().read(true).write(true).create(true).truncate(false), &path)?;
        let mut hash = Sha256::new();
        let length = read_into(&mut file, &mut hash)?;
        Ok(Self { place, path, file, hash, length })
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Begins again with nothing.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        (self.hash, self.length) = (Sha256::new(), 0);
        Ok(())
    }

    pub fn checksum(&self) -> String {
        format!("{:x}", self.hash.clone().finalize())
    }

    /// Puts it in its place; what was there goes.
    pub fn finish(self) -> io::Result<PathBuf> {
        self.file.sync_all()?;
        std::fs::rename(&self.path, &self.place)?;
        Ok(self.place)
    }

    /// Leaves nothing behind.
    pub fn discard(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}
