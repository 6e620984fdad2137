//! Bytes on their way in: counted, hashed, refused as soon as they can't be the expected ones, and written a batch at a
//! time on other threads than the one that receives them. No upload holds a thread while it waits for its client.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use super::{Expected, Measured, disk, incomplete, joined};
use crate::error::{Error, Kind, Result};

/// How many bytes are gathered while the batch before them is hashed and written.
const BATCH: usize = 1024 * 1024;
/// Free space is looked at again after so many bytes.
const CHECK_EVERY: u64 = 8 * 1024 * 1024;

/// What is known of the bytes that came so far.
pub(super) struct Intake {
    expected: Expected,
    size: u64,
    hash: Sha256,
}

impl Intake {
    pub(super) fn new(expected: &Expected) -> Self {
        Self { expected: expected.clone(), size: 0, hash: Sha256::new() }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.expected.size.is_some_and(|size| self.size > size) {
            let why = "the upload has more bytes than were announced";
            return Err(Error::new(Kind::TooLarge, "payload_too_large", why));
        }
        self.hash.update(bytes);
        Ok(())
    }

    pub(super) fn end(self) -> Result<Measured> {
        if self.expected.size.is_some_and(|size| self.size < size) {
            return Err(incomplete());
        }
        let sha256 = format!("{:x}", self.hash.finalize());
        if self.expected.sha256.as_ref().is_some_and(|wanted| *wanted != sha256) {
            return Err(Error::invalid("checksum_mismatch", "the bytes do not have the announced SHA-256"));
        }
        Ok(Measured { size: self.size, sha256 })
    }
}

/// Writes all bytes into a file of `folder`, from where the file stands. They are not synced to the disk yet.
///
/// Errors: 413 `payload_too_large`, 400 `upload_incomplete`, 400 `checksum_mismatch`, 507 `disk_full`.
pub(super) async fn pour<E>(
    bytes: impl Stream<Item = Result<Bytes, E>>,
    file: File,
    folder: &Path,
    expected: &Expected,
) -> Result<(File, Measured)> {
    let sink = Sink {
        file,
        folder: folder.to_owned(),
        intake: Intake::new(expected),
        unchecked: 0,
        spare: Vec::new(),
    };
    let mut stream = std::pin::pin!(bytes);
    let mut batch = Vec::new();
    let mut writing = sink.write(Vec::new());
    while let Some(chunk) = stream.next().await {
        let Ok(chunk) = chunk else {
            // Whoever sends again must not meet what this is still writing.
            joined(writing).await?;
            return Err(incomplete());
        };
        batch.extend_from_slice(&chunk);
        if batch.len() >= BATCH {
            let mut sink = joined(writing).await?;
            let full = std::mem::replace(&mut batch, std::mem::take(&mut sink.spare));
            writing = sink.write(full);
        }
    }
    let sink = joined(writing).await?;
    let Sink { file, intake, .. } = joined(sink.write(batch)).await?;
    Ok((file, intake.end()?))
}

/// Where batches go.
struct Sink {
    file: File,
    folder: PathBuf,
    intake: Intake,
    /// Bytes since the last look at the free space.
    unchecked: u64,
    /// The memory of the batch that was written last.
    spare: Vec<u8>,
}

impl Sink {
    fn write(mut self, mut batch: Vec<u8>) -> JoinHandle<Result<Self>> {
        tokio::task::spawn_blocking(move || {
            self.unchecked += batch.len() as u64;
            if self.unchecked > CHECK_EVERY {
                disk::require(&self.folder, self.intake.expected.reserve_bytes)?;
                self.unchecked = 0;
            }
            self.intake.take(&batch)?;
            self.file.write_all(&batch)?;
            batch.clear();
            self.spare = batch;
            Ok(self)
        })
    }
}
