//! The data folder as programs on its machine find it: private, theirs, and its database a plain file.
//! Whoever may use it is the operator; no other proof exists.

use std::fs::{DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::sync::Arc;

use crate::app::open_data;
use crate::backup;
use crate::config::DataFolder;
use crate::db::Db;
use crate::error::{Error, Result, is_disk_full};
use crate::events::Events;
use crate::files;
use crate::seal::Sealer;

/// Makes the folder if it isn't there, and refuses one that is not ours.
pub fn prepare(folder: &DataFolder) -> Result<()> {
    // Files made here are nobody else's business, whatever the shell's umask is.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let root = &folder.root;
    let unusable = |error| unusable(folder, error);
    DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(unusable)?;
    let found = root.metadata().map_err(unusable)?;
    if found.uid() != rustix::process::geteuid().as_raw() {
        let message = format!("the data folder {} belongs to somebody else", root.display());
        return Err(Error::invalid("invalid_data_folder", message)
            .hint("Run this as the user of the daemon, for instance with `sudo -u`."));
    }
    std::fs::set_permissions(root, Permissions::from_mode(0o700)).map_err(unusable)?;
    match folder.database.symlink_metadata() {
        Ok(found) if found.is_symlink() => {
            Err(Error::invalid("invalid_database", "the database file must not be a symbolic link")
                .hint("Name the file that it points to with --state-file."))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn unusable(folder: &DataFolder, error: std::io::Error) -> Error {
    if is_disk_full(&error) {
        return error.into();
    }
    let message = format!("the data folder {} cannot be used: {error}", folder.root.display());
    Error::invalid("invalid_data_folder", message)
        .hint("Name a folder that you may write to with --data-dir, or run this as the user of the daemon.")
}

/// Holds the folder for this process alone, as long as the answer lives; finishes a restore that was interrupted.
///
/// Errors: `data_folder_in_use`.
pub fn claim(folder: &DataFolder) -> Result<File> {
    prepare(folder)?;
    let lock = files::try_lock(&folder.lock()).map_err(|error| unusable(folder, error))?;
    let Some(lock) = lock else {
        return Err(Error::conflict(
            "data_folder_in_use",
            format!("another oored is running on the data folder {}", folder.root.display()),
        )
        .hint("Use that one, stop it first, or start this one with another --data-dir."));
    };
    // What the daemon before said of itself is not true any more.
    lock.set_len(0).map_err(|error| unusable(folder, error))?;
    backup::finish(folder)?;
    Ok(lock)
}

/// What a command shares with the daemon.
#[derive(Debug)]
pub struct Shared {
    pub db: Db,
    pub sealer: Sealer,
}

/// Opens the database and its key, and makes both if there is neither.
///
/// Errors: `restart_needed` when a running daemon uses a schema that this program would change.
pub async fn open(folder: &DataFolder, now: i64) -> Result<Shared> {
    prepare(folder)?;
    // Neither may happen under a running daemon.
    let is_unsettled = backup::is_unfinished(folder) || Db::is_behind(&folder.database).await?;
    let _settling = match is_unsettled {
        true => Some(claim(folder).map_err(|error| match error.code {
            "data_folder_in_use" => restart_needed(),
            _ => error,
        })?),
        false => None,
    };
    let (db, sealer) = open_data(folder, Arc::new(Events::new(0)), now).await?;
    Ok(Shared { db, sealer })
}

fn restart_needed() -> Error {
    Error::conflict("restart_needed", "the daemon that is running is older than this program")
        .hint("Restart the daemon, then try again.")
}

/// The same for a folder that must have been used before.
///
/// Errors: `no_database`.
pub async fn open_existing(folder: &DataFolder, now: i64) -> Result<Shared> {
    if folder.database.symlink_metadata().is_err() {
        let message = format!("there is no database at {}", folder.database.display());
        return Err(Error::invalid("no_database", message).hint("Name the data folder with --data-dir."));
    }
    open(folder, now).await
}
