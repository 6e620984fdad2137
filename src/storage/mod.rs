//! Where artifacts' bytes live: a folder of this machine, or a bucket. What passes through the daemon is received under
//! a temporary name, hashed on the way, synced, and only then gets its key; what goes to a bucket is read back and
//! hashed before anybody is shown it. Whoever finds a key finds all of its bytes.

mod blob;
mod bucket;
pub mod disk;
mod failure;
mod intake;
mod local;
pub mod place;
pub mod probe;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::task::JoinHandle;

pub use blob::Blob;
pub use bucket::{Bucket, Measured, Part};
pub use failure::Failure;
pub use local::{LocalFolder, Received};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::outgoing::Outgoing;
use intake::Intake;
use place::{Keys, Place};

/// What every key begins with in a bucket, which may hold other things too.
const BUCKET_PREFIX: &str = "artifacts/";

const PART_UNIT: u64 = 16 * 1024 * 1024;
const MOST_PARTS: u64 = 8_000;
/// For how many parts addresses are given at a time.
const PARTS_AT_A_TIME: usize = 64;

/// An open place. What a bucket does is boxed here: its futures are so large that whoever awaits them would take minutes to compile.
#[derive(Debug)]
pub enum BlobStore {
    Local(LocalFolder),
    Bucket(Bucket),
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

/// An upload in parts.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The store's own name of it.
    pub id: String,
    /// Of the whole.
    pub size: u64,
}

impl Upload {
    /// How large each part is but the last. Stores take at most 10 000 of them, each of at least 5 MiB.
    pub fn part_bytes(&self) -> u64 {
        part_bytes(self.size)
    }

    /// Where a part begins and how long it is. They are counted from 1 on.
    fn part(&self, number: u32) -> (u64, u64) {
        let each = self.part_bytes();
        let start = (u64::from(number).saturating_sub(1) * each).min(self.size);
        (start, each.min(self.size - start))
    }

    /// The part that comes next when so many bytes are there, if any.
    fn after(&self, bytes: u64) -> Option<u32> {
        let whole_parts = u32::try_from(bytes / self.part_bytes()).ok()?;
        (bytes < self.size).then_some(whole_parts + 1)
    }

    /// The numbers of the parts that are not there as they should be.
    fn missing(&self, present: &BTreeMap<u32, Part>) -> Vec<u32> {
        let count = u32::try_from(self.size.div_ceil(self.part_bytes())).unwrap_or(u32::MAX).max(1);
        (1..=count).filter(|number| !present.contains_key(number)).collect()
    }

    /// The parts that are there as they should be. Some stores also list what an upload that broke off has left of a part.
    fn whole(&self, present: Vec<Part>) -> BTreeMap<u32, Part> {
        let is_whole = |part: &Part| part.size == self.part(part.number).1;
        present.into_iter().filter(is_whole).map(|part| (part.number, part)).collect()
    }
}

/// How large the parts are of so many bytes.
pub fn part_bytes(size: u64) -> u64 {
    let least = size.div_ceil(MOST_PARTS);
    least.div_ceil(PART_UNIT).max(1) * PART_UNIT
}

fn incomplete() -> Error {
    Error::invalid("upload_incomplete", "the upload ended before all announced bytes had come")
        .hint("Send the whole file again to the same address.")
}

/// Takes bytes that are stored already: they are checked like others and not kept.
///
/// Errors: 413 `payload_too_large`, 400 `upload_incomplete`, 400 `checksum_mismatch`.
pub async fn swallow<E>(bytes: impl Stream<Item = Result<Bytes, E>>, expected: &Expected) -> Result<()> {
    let (mut intake, mut stream) = (Intake::new(expected), std::pin::pin!(bytes));
    while let Some(chunk) = stream.next().await {
        intake.take(&chunk.map_err(|_| incomplete())?)?;
    }
    intake.end().map(|_| ())
}

/// Opens places.
#[derive(Debug, Clone)]
pub struct Opener {
    outgoing: Outgoing,
    clock: Clock,
}

impl Opener {
    pub fn new(outgoing: Outgoing, clock: Clock) -> Self {
        Self { outgoing, clock }
    }

    /// Opens a place; a folder is made if it isn't there. A bucket is not asked anything yet.
    ///
    /// Errors: 400 `missing_s3_credentials`, `invalid_s3_endpoint`, and those of the disk.
    pub fn open(&self, place: &Place, keys: Option<Keys>) -> Result<BlobStore> {
        match place {
            Place::Folder(folder) => LocalFolder::open(folder.clone()).map(BlobStore::Local),
            Place::Bucket(bucket) => {
                let keys = keys.ok_or_else(missing_keys)?;
                Bucket::open(bucket, keys, &self.outgoing, &self.clock).map(BlobStore::Bucket)
            }
        }
    }

    /// Tries everything that is needed of a place.
    ///
    /// Errors: those of `open`.
    pub async fn probe(&self, place: &Place, keys: Option<Keys>) -> Result<Vec<probe::Step>> {
        Ok(probe::probe(&self.open(place, keys)?, &self.clock).await)
    }
}

/// Without keys no bucket is opened.
pub fn missing_keys() -> Error {
    Error::invalid("missing_s3_credentials", "access key and secret are needed")
        .hint("Enter both. Stored ones are used only for the endpoint they were entered for.")
}

impl BlobStore {
    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        match self {
            BlobStore::Local(_) => true,
            BlobStore::Bucket(_) => false,
        }
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
            BlobStore::Bucket(_) => Err(not_through_here()),
        }
    }

    /// Gives received bytes their key, for good.
    pub async fn keep(&self, received: Received, key: &str) -> Result<()> {
        match self {
            BlobStore::Local(folder) => folder.keep(received, key).await,
            BlobStore::Bucket(_) => Err(not_through_here()),
        }
    }

    /// The bytes of a key; `None` if there are none, or if the store gives them out itself.
    pub async fn open(&self, key: &str) -> Result<Option<Blob>> {
        match self {
            BlobStore::Local(folder) => folder.open_blob(key).await,
            BlobStore::Bucket(_) => Ok(None),
        }
    }

    /// Where bytes are sent to; `None` if the daemon takes them.
    pub async fn put_address(&self, key: &str, ttl: Duration, now: i64) -> Result<Option<String>> {
        match self {
            BlobStore::Local(_) => Ok(None),
            BlobStore::Bucket(bucket) => Ok(Some(bucket.put_address(&inside(key), ttl, now).boxed().await?)),
        }
    }

    /// Where bytes are fetched from, to be saved as `disposition` says; `None` if the daemon gives them.
    pub async fn get_address(
        &self,
        key: &str,
        disposition: &str,
        ttl: Duration,
        now: i64,
    ) -> Result<Option<String>> {
        match self {
            BlobStore::Local(_) => Ok(None),
            BlobStore::Bucket(bucket) => {
                Ok(Some(bucket.get_address(&inside(key), disposition, ttl, now).boxed().await?))
            }
        }
    }

    /// What was sent in parts, or to the store itself: joined, read back and hashed. `None` if nothing (or not every
    /// part) has arrived.
    ///
    /// Errors: 409 `checksum_mismatch`, 500 `storage_error`.
    pub async fn arrived(
        &self,
        key: &str,
        parts: Option<&Upload>,
        expected: &Expected,
    ) -> Result<Option<Measured>> {
        let bucket = match (self, parts) {
            (BlobStore::Local(folder), Some(upload)) => return folder.join(&upload.id, key, expected).await,
            (BlobStore::Local(_), None) => return Ok(None),
            (BlobStore::Bucket(bucket), _) => bucket,
        };
        let key = inside(key);
        if let Some(upload) = parts
            && let Some(present) = bucket.parts(&key, &upload.id).boxed().await?
        {
            let present = upload.whole(present);
            if !upload.missing(&present).is_empty() {
                return Ok(None);
            }
            bucket.join(&key, &upload.id, present.into_values().collect()).boxed().await?;
        }
        let Some(size) = bucket.size(&key).boxed().await? else { return Ok(None) };
        if expected.size.is_some_and(|wanted| wanted != size) {
            return Err(not_the_announced("size"));
        }
        let measured = bucket.measure(&key).boxed().await?;
        let fits = |found: &Measured| expected.sha256.as_ref().is_none_or(|wanted| *wanted == found.sha256);
        if measured.as_ref().is_some_and(|found| !fits(found)) {
            return Err(not_the_announced("SHA-256"));
        }
        Ok(measured)
    }

    /// Begins an upload in parts; answers the store's name of it.
    pub async fn begin_parts(&self, key: &str) -> Result<String> {
        match self {
            BlobStore::Local(_) => Ok(uuid::Uuid::now_v7().simple().to_string()),
            BlobStore::Bucket(bucket) => Ok(bucket.begin_parts(&inside(key)).boxed().await?),
        }
    }

    /// Gives an upload in parts up; there may be none.
    pub async fn abandon_parts(&self, key: &str, upload: &str) -> Result<(), Failure> {
        match self {
            BlobStore::Local(folder) => folder.abandon(upload).await.map_err(of_disk),
            BlobStore::Bucket(bucket) => bucket.abandon(&inside(key), upload).boxed().await,
        }
    }

    /// Where the parts go that the store lacks: the first ones, if they are many. The daemon takes those without an
    /// address, one after the other.
    pub async fn part_addresses(
        &self,
        key: &str,
        upload: &Upload,
        ttl: Duration,
        now: i64,
    ) -> Result<Vec<(u32, Option<String>)>> {
        let bucket = match self {
            BlobStore::Local(folder) => {
                let next = upload.after(folder.gathered_bytes(&upload.id).await?);
                return Ok(next.into_iter().map(|number| (number, None)).collect());
            }
            BlobStore::Bucket(bucket) => bucket,
        };
        let key = inside(key);
        // Joined already, if it is not known any more.
        let Some(present) = bucket.parts(&key, &upload.id).boxed().await? else { return Ok(Vec::new()) };
        let (present, mut addresses) = (upload.whole(present), Vec::new());
        for number in upload.missing(&present).into_iter().take(PARTS_AT_A_TIME) {
            let address = bucket.part_address((&key, &upload.id), number, ttl, now).boxed().await?;
            addresses.push((number, Some(address)));
        }
        Ok(addresses)
    }

    /// Takes a part in.
    ///
    /// Errors: 413 `payload_too_large`, 400 `upload_incomplete`, 409 `part_out_of_order`, 507 `disk_full`.
    pub async fn receive_part<E>(
        &self,
        upload: &Upload,
        number: u32,
        bytes: impl Stream<Item = Result<Bytes, E>>,
        reserve_bytes: u64,
    ) -> Result<()> {
        let BlobStore::Local(folder) = self else { return Err(not_through_here()) };
        let (start, length) = upload.part(number);
        let expected = Expected { size: Some(length), sha256: None, reserve_bytes };
        folder.receive_part(&upload.id, start, bytes, &expected).await
    }

    /// Removes everything whose key begins with `prefix` and a slash.
    pub async fn remove_all(&self, prefix: &str) -> Result<(), Failure> {
        match self {
            BlobStore::Local(folder) => folder.remove_all(prefix).await.map_err(of_disk),
            BlobStore::Bucket(bucket) => bucket.remove_all(&format!("{}/", inside(prefix))).boxed().await,
        }
    }

    /// Writes a small blob.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Failure> {
        match self {
            BlobStore::Local(folder) => folder.put(bytes, key).await.map_err(of_disk),
            BlobStore::Bucket(bucket) => bucket.put(&inside(key), bytes).boxed().await,
        }
    }

    /// Reads a small blob.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, Failure> {
        match self {
            BlobStore::Local(folder) => folder.get(key).await.map_err(of_disk),
            BlobStore::Bucket(bucket) => bucket.get(&inside(key)).boxed().await,
        }
    }

    /// The keys that begin with `prefix` and a slash: the first ones, if they are many.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        match self {
            BlobStore::Local(folder) => folder.list(prefix).await.map_err(of_disk),
            BlobStore::Bucket(bucket) => {
                let keys = bucket.list(&format!("{}/", inside(prefix))).boxed().await?;
                Ok(keys.iter().filter_map(|key| key.strip_prefix(BUCKET_PREFIX).map(str::to_owned)).collect())
            }
        }
    }
}

/// The key of an object in a bucket.
pub fn inside(key: &str) -> String {
    format!("{BUCKET_PREFIX}{key}")
}

fn of_disk(error: Error) -> Failure {
    let hint = "Look whether the folder is there, writable for the daemon, and on a disk that has room.";
    Failure::new(error.to_string(), hint)
}

fn not_the_announced(what: &str) -> Error {
    Error::conflict("checksum_mismatch", format!("the bytes in the store do not have the announced {what}"))
        .hint("Send the file again to the same address, or announce it anew.")
}

fn not_through_here() -> Error {
    Error::internal("storage_error", "the bytes of this store don't pass through the daemon", "a bucket")
}

/// Runs file work outside the threads that serve requests.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    joined(tokio::task::spawn_blocking(work)).await
}

/// What came of file work.
async fn joined<T>(work: JoinHandle<Result<T>>) -> Result<T> {
    work.await.map_err(|error| Error::internal("storage_error", "file work was interrupted", error))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_few_enough_for_every_store_and_large_enough() {
        for size in [0, 1, PART_UNIT, PART_UNIT + 1, 10_000_000_000, 5_000_000_000_000] {
            let each = part_bytes(size);
            assert!(each >= PART_UNIT && size.div_ceil(each) <= MOST_PARTS, "{size}");
        }
    }

    #[test]
    fn what_is_missing_is_found_by_number_and_size() {
        let upload = Upload { id: "u".to_owned(), size: 2 * PART_UNIT + 5 };
        let part = |number, size| bucket::Part { number, size, tag: None };
        let missing = |present: &[bucket::Part]| upload.missing(&upload.whole(present.to_vec()));
        assert_eq!(missing(&[]), [1, 2, 3]);
        assert_eq!(missing(&[part(1, PART_UNIT), part(3, 4)]), [2, 3]);
        let whole = [part(1, PART_UNIT), part(2, PART_UNIT), part(3, 5)];
        assert_eq!(missing(&whole), [0; 0]);
        let broken = [part(2, 7), part(1, 0), part(3, PART_UNIT)];
        assert_eq!(missing(&[&whole[..], &broken].concat()), [0; 0], "whatever else is listed of a part");
        let after = [0, 1, PART_UNIT, 2 * PART_UNIT + 4, upload.size].map(|bytes| upload.after(bytes));
        assert_eq!(after, [Some(1), Some(1), Some(2), Some(3), None]);
    }
}
