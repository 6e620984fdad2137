//! What a backup says of itself: the last entry of its archive, so that an archive that was cut off has none.

use serde::{Deserialize, Serialize};

use crate::domain::id::InstanceId;
use crate::error::{Error, Result};

/// The entry's name.
pub const NAME: &str = "manifest.json";
/// Longer ones are not read. An entry of a file takes some 200 bytes.
pub const MOST_BYTES: u64 = 256 * 1024 * 1024;
const FORMAT: u32 = 1;

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of this description; others are refused.
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// Unix seconds of the snapshot.
    pub made_at: i64,
    pub instance_id: InstanceId,
    pub has_logs: bool,
    pub has_artifacts: bool,
    pub files: Vec<FileEntry>,
}

/// One file of an archive, in the order of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub name: String,
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

impl Manifest {
    pub fn new(instance_id: InstanceId, made_at: i64, has_logs: bool, has_artifacts: bool) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT, version, made_at, instance_id, has_logs, has_artifacts, files: Vec::new() }
    }

    /// # Errors
    /// `invalid_backup`, `unknown_backup_format`.
    pub fn parse(text: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let broken = |error| {
            Error::invalid("invalid_backup", format!("its manifest cannot be read: {error}"))
                .hint(super::archive::HINT)
        };
        let Format { format } = serde_json::from_slice(text).map_err(broken)?;
        if format != FORMAT {
            let message = format!("the backup has format {format}, and this version reads format {FORMAT}");
            return Err(Error::invalid("unknown_backup_format", message)
                .hint("Restore it with the version of Oore CI that made it."));
        }
        serde_json::from_slice(text).map_err(broken)
    }

    /// Bytes of all files, unpacked.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}
