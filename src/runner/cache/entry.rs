//! Entries: files that say which pack belongs to which key. Where they lie is the store's business.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::folder::children;
use crate::config::sha256;
use crate::files::{read_private, replace_private};

pub(super) const ENTRY: &str = "json";
/// Largest entry that is read; they have some hundred bytes.
const MAX_ENTRY: u64 = 16 * 1024;

/// Which pack belongs to a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub shape: String,
    pub key: String,
    /// SHA-256 of the pack.
    pub digest: String,
    pub bytes: u64,
    /// Number of the build that saved it.
    pub build: i64,
    pub saved_at_ms: i64,
    pub used_at_ms: i64,
}

/// Entries that can't be read are none: whoever wrote them can only have lost something that is made anew.
pub(super) fn read_entries(folder: &Path) -> Vec<(PathBuf, Entry)> {
    let files = children(folder).into_iter().filter(|file| file.extension().is_some_and(|end| end == ENTRY));
    files.filter_map(|file| read_entry(&file).map(|entry| (file, entry))).collect()
}

pub(super) fn read_entry(file: &Path) -> Option<Entry> {
    let bytes = read_private(file, MAX_ENTRY).ok()?;
    let entry: Entry = serde_json::from_slice(&bytes).ok()?;
    // They become names of files.
    let is_named_so = file.file_stem().is_some_and(|stem| *stem == *entry.key);
    (sha256(&entry.digest).is_ok() && sha256(&entry.key).is_ok() && is_named_so).then_some(entry)
}

pub(super) fn write_entry(file: &Path, entry: &Entry) -> io::Result<()> {
    let bytes = serde_json::to_vec(entry)?;
    replace_private(file, &bytes).map_err(|error| io::Error::other(error.to_string()))
}
