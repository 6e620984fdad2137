//! Free space on the disk that holds the data, and the reserve that bulk data leaves for state.

use std::path::Path;

use crate::error::{Error, Result};

/// Bytes that may still be written to the disk of `path`.
pub fn free_bytes(path: &Path) -> Result<u64> {
    Ok(space(path)?.0)
}

/// Bytes that may still be written to the disk of `path`, and all that it holds.
pub fn space(path: &Path) -> Result<(u64, u64)> {
    let found = rustix::fs::statvfs(path).map_err(std::io::Error::from)?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok((bytes(found.f_bavail), bytes(found.f_blocks)))
}

/// Refuses with `disk_full` when fewer than `bytes` are free.
pub fn require(path: &Path, bytes: u64) -> Result<()> {
    if free_bytes(path)? >= bytes {
        return Ok(());
    }
    Err(Error::disk_full())
}
