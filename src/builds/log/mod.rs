//! The logs of builds: one append-only file of numbered frames for each attempt. An append is
//! acknowledged only when it is on the disk; readers follow the durable length at their own pace.
//! It knows nothing of HTTP and asks nobody for permission.

mod file;
mod lines;
mod reader;
mod record;
mod steps;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

pub use file::{Appended, Durable, Gaps, Log};
pub use lines::{Line, encode_lines};
pub use reader::{Reader, Record};

use crate::config::Config;
use crate::domain::id::BuildId;
use crate::error::{Error, Result};

/// How many logs stay open although nobody uses them at the moment.
const KEPT_OPEN: usize = 64;

/// Which log: a build and the attempt at it.
type Key = (BuildId, i32);

/// All logs of the instance.
#[derive(Debug)]
pub struct Logs {
    limits: Limits,
    open: Mutex<HashMap<Key, Arc<OnceCell<Arc<Log>>>>>,
}

/// Where logs are kept and how much of them.
#[derive(Debug, Clone)]
pub struct Limits {
    pub folder: PathBuf,
    /// Bytes of text kept per log; what is beyond is counted. 0 means no limit.
    pub log_bytes: u64,
    /// Free bytes on the disk that appends must leave for the database.
    pub reserve_bytes: u64,
}

/// The daemon's own limit lies beyond the one it tells runners, who stop in time and say so.
const BEYOND_LIMIT: u64 = 1024 * 1024;
/// Part of the free space below which no build starts that is kept for the database.
const RESERVE_PART: u64 = 16;

impl Limits {
    pub fn of(config: &Config) -> Self {
        let log_bytes = match config.log_limit_bytes {
            0 => 0,
            limit => limit.saturating_add(BEYOND_LIMIT),
        };
        let reserve_bytes = config.min_free_disk_bytes / RESERVE_PART;
        Self { folder: config.data.logs(), log_bytes, reserve_bytes }
    }
}

impl Logs {
    pub fn new(limits: Limits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    /// The log of an attempt. There is one value per log in the process, so that all readers see
    /// what its writer appends.
    pub async fn open(&self, build: BuildId, attempt: i32) -> Result<Arc<Log>> {
        let cell = self.cell((build, attempt));
        let path = self.limits.folder.join(format!("{build}.{attempt}.log"));
        let log = cell
            .get_or_try_init(|| async {
                let limits = self.limits.clone();
                blocking(move || Log::open(path, limits)).await.map(Arc::new)
            })
            .await?;
        Ok(log.clone())
    }

    /// Removes the logs of builds that no longer exist.
    pub async fn remove(&self, builds: &[BuildId]) -> Result<()> {
        let (folder, gone) = (self.limits.folder.clone(), builds.iter().map(BuildId::to_string));
        let gone: HashSet<String> = gone.collect();
        self.entries().retain(|(build, _), _| !builds.contains(build));
        blocking(move || {
            let Ok(files) = std::fs::read_dir(folder) else { return Ok(()) };
            for file in files {
                let file = file?;
                let name = file.file_name();
                let build = name.to_str().and_then(|name| name.split('.').next());
                if build.is_some_and(|build| gone.contains(build)) {
                    std::fs::remove_file(file.path())?;
                }
            }
            Ok(())
        })
        .await
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Arc<OnceCell<Arc<Log>>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cell(&self, key: Key) -> Arc<OnceCell<Arc<Log>>> {
        let mut open = self.entries();
        if open.len() >= KEPT_OPEN && !open.contains_key(&key) {
            open.retain(|_, cell| in_use(cell));
        }
        open.entry(key).or_default().clone()
    }
}

/// Somebody holds the cell, or the log in it.
fn in_use(cell: &Arc<OnceCell<Arc<Log>>>) -> bool {
    Arc::strong_count(cell) > 1 || cell.get().is_some_and(|log| Arc::strong_count(log) > 1)
}

/// Runs file work outside the threads that serve requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined.map_err(|error| Error::internal("storage_error", "file work was interrupted", error))?
}
