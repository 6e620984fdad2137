//! Small files that nobody else may read: keys, tokens, answers to a set-up. They are written whole or
//! not at all, whatever happens meanwhile, and read only when they are as private as they must be.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FlockOperation, OFlags, flock};
use zeroize::Zeroizing;

use crate::error::Result;

/// Why a file's content is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    #[error("is missing")]
    Missing,
    #[error("is a symbolic link")]
    Link,
    #[error("is not a regular file")]
    NotAFile,
    #[error("can be read by others")]
    ReadableByOthers,
    #[error("belongs to somebody else")]
    NotOurs,
    #[error("is larger than {0} bytes")]
    TooLarge(u64),
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

impl Unfit {
    /// What can be done about it.
    pub fn hint(&self, path: &Path) -> String {
        match self {
            Unfit::ReadableByOthers => format!("chmod 600 {}", path.display()),
            Unfit::Missing => "Check the path; a relative one begins at the present folder.".to_owned(),
            Unfit::Link => "Name the file that it points to.".to_owned(),
            Unfit::NotAFile | Unfit::TooLarge(_) => "Check that it is the right file.".to_owned(),
            Unfit::NotOurs => "Use a file of your own, or run this as its owner.".to_owned(),
            Unfit::Unreadable(_) => "Check that you may read it, and every folder above it.".to_owned(),
        }
    }
}

/// The content of a file that only its owner can read.
pub fn read_private(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, Unfit> {
    // Without O_NONBLOCK opening a named pipe would wait for a writer.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => Unfit::Link,
        _ if error.kind() == io::ErrorKind::NotFound => Unfit::Missing,
        _ => Unfit::Unreadable(error),
    })?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(Unfit::NotAFile);
    }
    if found.mode() & 0o077 != 0 {
        return Err(Unfit::ReadableByOthers);
    }
    let me = rustix::process::geteuid();
    if found.uid() != me.as_raw() && !me.is_root() {
        return Err(Unfit::NotOurs);
    }
    let mut content = Zeroizing::new(Vec::new());
    file.take(most + 1).read_to_end(&mut content)?;
    if content.len() as u64 > most {
        return Err(Unfit::TooLarge(most));
    }
    Ok(content)
}

/// Puts a file in the place of what was there. After a crash there is the old or the new one.
pub fn replace_private(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = unfinished(path, content)?;
    std::fs::rename(&unfinished, path)?;
    Ok(sync_folder(path)?)
}

/// Makes a file, unless there is one, which then stays as it was. After a crash it is whole or absent.
pub fn create_private(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = unfinished(path, content)?;
    let linked = rustix::fs::linkat(CWD, &unfinished, CWD, path, AtFlags::empty());
    std::fs::remove_file(&unfinished)?;
    match linked {
        Ok(()) => Ok(sync_folder(path)?),
        Err(rustix::io::Errno::EXIST) => Ok(()),
        Err(error) => Err(io::Error::from(error).into()),
    }
}

/// Holds the lock that a file is, as long as the answer lives; none if somebody else does.
pub fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes a file for good; it may be gone already.
pub fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(sync_folder(path)?),
    }
}

/// Removes a folder and all that is in it; it may be gone already.
pub fn remove_folder(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The path whose name goes on with `suffix`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the names in a file's folder outlive a crash.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A durable file beside `path` with a name that nobody else uses.
fn unfinished(path: &Path, content: &[u8]) -> Result<PathBuf> {
    let unfinished = beside(path, &format!(".{}.tmp", uuid::Uuid::now_v7().simple()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = std::fs::remove_file(&unfinished);
        return Err(error.into());
    }
    Ok(unfinished)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_or_kept_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        create_private(&path, b"one").unwrap();
        create_private(&path, b"two").unwrap();
        assert_eq!(&read_private(&path, 3).unwrap()[..], b"one");
        replace_private(&path, b"three").unwrap();
        assert_eq!(&read_private(&path, 5).unwrap()[..], b"three");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        remove(&path).unwrap();
        remove(&path).unwrap();
    }

    #[test]
    fn only_a_private_plain_file_of_a_known_size_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        create_private(&at("good"), b"12345").unwrap();
        std::fs::write(at("open"), b"1").unwrap();
        std::fs::set_permissions(at("open"), std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink(at("good"), at("link")).unwrap();
        rustix::fs::mkfifoat(CWD, at("pipe"), rustix::fs::Mode::RUSR).unwrap();
        let why = |name: &str, most| read_private(&at(name), most).unwrap_err().to_string();
        assert_eq!(why("good", 4), "is larger than 4 bytes");
        assert_eq!(why("open", 9), "can be read by others");
        assert_eq!(why("link", 9), "is a symbolic link");
        assert_eq!(why("pipe", 9), "is not a regular file");
        assert_eq!(why("absent", 9), "is missing");
        assert_eq!(why(".", 9), "is not a regular file");
    }
}
