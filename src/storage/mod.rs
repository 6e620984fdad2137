//! Where artifacts' bytes live. A blob is received under a temporary name, hashed on the way,
//! synced, and only then gets its key: whoever finds a key finds all of its bytes.

pub mod disk;
mod local;

use std::path::PathBuf;

use bytes::Bytes;
use futures_util::Stream;

pub use local::{Blob, Received};

use crate::error::Result;
use local::LocalFolder;

/// The place of one instance.
#[derive(Debug)]
pub enum BlobStore {
    Local(LocalFolder),
}

/// What is known about bytes before they come.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    pub size: Option<u64>,
    /// SHA-256 in lower-case hex.
    pub sha256: Option<String>,
    /// Free bytes that must be left on the disk.
    pub reserve_bytes: u64,
}

impl BlobStore {
    /// A folder, made if it isn't there. Uploads that an earlier run left unfinished are removed.
    pub fn local(folder: PathBuf) -> Result<Self> {
        LocalFolder::open(folder).map(Self::Local)
    }

    /// Takes bytes in without making them visible.
    ///
    /// Errors: 413 `payload_too_large`, 400 `upload_incomplete`, 400 `checksum_mismatch`, 507
    /// `disk_full`. After an error nothing is left.
    pub async fn receive<E>(
        &self,
        bytes: impl Stream<Item = Result<Bytes, E>>,
        expected: &Expected,
    ) -> Result<Received> {
        match self {
            BlobStore::Local(folder) => folder.receive(bytes, expected).await,
        }
    }

    /// Gives received bytes their key, for good.
    pub async fn keep(&self, received: Received, key: &str) -> Result<()> {
        match self {
            BlobStore::Local(folder) => folder.keep(received, key).await,
        }
    }

    /// The bytes of a key; `None` if there are none.
    pub async fn open(&self, key: &str) -> Result<Option<Blob>> {
        match self {
            BlobStore::Local(folder) => folder.open_blob(key).await,
        }
    }

    /// Removes everything whose key begins with `prefix` and a slash.
    pub async fn remove_all(&self, prefix: &str) -> Result<()> {
        match self {
            BlobStore::Local(folder) => folder.remove_all(prefix).await,
        }
    }
}
