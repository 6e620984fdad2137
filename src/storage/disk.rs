//! Free space on the disk that holds the data, and the reserve that bulk data leaves for state.

use std::path::Path;

use crate::error::{Error, Kind, Result};

/// Bytes that may still be written to the disk of `path`.
pub fn free_bytes(path: &Path) -> Result<u64> {
    let found = rustix::fs::statvfs(path).map_err(std::io::Error::from)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Refuses with `disk_full` when fewer than `bytes` are free.
pub fn require(path: &Path, bytes: u64) -> Result<()> {
    if free_bytes(path)? >= bytes {
        return Ok(());
    }
    Err(Error::new(Kind::StorageFull, "disk_full", "the disk of the daemon is full")
        .hint("Free some space on the daemon's machine; nothing was lost, then try again."))
}
