//! What a backup makes meanwhile has a name of its own, and is locked as long as a process works at it. So the next backup
//! can tell what one has left behind that was killed, and removes it: database and key are in it.

use std::fs::{File, FileType, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use uuid::Uuid;

use crate::error::Result;
use crate::files;

/// A path for a folder below `parent`.
pub fn stage(parent: &Path) -> PathBuf {
    parent.join(format!("backup.{}.tmp", Uuid::now_v7().simple()))
}

/// A path for a file beside `target`.
pub fn partial(target: &Path) -> PathBuf {
    files::beside(target, &format!(".{}.partial", Uuid::now_v7().simple()))
}

/// Makes a file or folder at `path` that is locked as long as the answer lives. It never stands there without its lock.
pub fn hold(path: &Path, make: impl FnOnce(&Path) -> io::Result<File>) -> Result<File> {
    let fresh = files::beside(path, ".new");
    let made = make(&fresh)?;
    // Where a disk knows no locks nobody gets one, so nothing is ever removed there.
    let _unknown = flock(&made, FlockOperation::NonBlockingLockExclusive);
    std::fs::rename(fresh, path)?;
    Ok(made)
}

/// Removes what is left in a folder and held by nobody. What can't be removed does not keep the next backup from being made.
pub fn remove(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (name, kind) = (entry.file_name(), entry.file_type());
        if let (Some(name), Ok(kind)) = (name.to_str(), kind)
            && is_ours(name, kind)
        {
            let _ = remove_unheld(&entry.path());
        }
    }
}

fn is_ours(name: &str, kind: FileType) -> bool {
    let stage = name.strip_prefix("backup.").and_then(|rest| rest.strip_suffix(".tmp"));
    let partial = name.strip_suffix(".partial").and_then(|rest| rest.rsplit_once('.'));
    let is_id = |id: &str| id.len() == 32 && Uuid::try_parse(id).is_ok_and(|id| id.get_version_num() == 7);
    (kind.is_dir() && stage.is_some_and(is_id))
        || (kind.is_file() && partial.is_some_and(|(_, id)| is_id(id)))
}

fn remove_unheld(path: &Path) -> Result<()> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let found = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let about = found.metadata()?;
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    flock(&found, FlockOperation::NonBlockingLockExclusive).map_err(io::Error::from)?;
    if about.is_dir() { files::remove_folder(path) } else { files::remove(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_bears_our_names_and_is_held_by_nobody_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let file = |path: &Path| File::create(path);
        let (left, held) = (partial(&at("b.tar.gz")), partial(&at("b.tar.gz")));
        drop(hold(&left, file).unwrap());
        let _held = hold(&held, file).unwrap();
        let stage = stage(folder.path());
        std::fs::create_dir_all(stage.join("logs")).unwrap();
        let strange = ["backup.x.tmp", "b.tar.gz", "b.0123456789abcdef0123456789abcdef.partial"].map(at);
        strange.iter().for_each(|path| std::fs::write(path, "").unwrap());
        remove(folder.path());
        assert!(!left.exists() && !stage.exists());
        assert!(held.exists() && strange.iter().all(|path| path.exists()));
    }
}
