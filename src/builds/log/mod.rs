//! The logs of builds: one append-only file of numbered frames for each attempt, packed when the
//! build is over. An append is acknowledged only when it is on the disk; readers follow the durable
//! length at their own pace. It knows nothing of HTTP and asks nobody for permission.

mod causes;
mod excerpt;
mod file;
mod find;
mod growth;
mod lines;
mod open;
mod outline;
mod pack;
mod plain;
mod reader;
mod record;
mod source;
mod steps;
mod text;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::OnceCell;

pub use causes::KnownCause;
pub use excerpt::Excerpt;
pub use file::{Appended, Durable, Gaps, Log, Packing};
pub use find::{Found, Hit, Letters, Pattern, Syntax, find};
pub use growth::Growth;
pub use lines::{Line, encode_lines};
pub use outline::{CauseLine, ErrorLines, Mark, Outline, StepOutline};
pub use reader::{Reader, Record};
pub use record::LeftOut;

use crate::config::Config;
use crate::domain::id::BuildId;
use crate::error::{Error, Kind, Result};
use crate::storage::blocking;

/// How many logs stay open although nobody uses them at the moment.
const KEPT_OPEN: usize = 64;

/// Which log: a build and the attempt at it.
type Key = (BuildId, i32);

/// All logs of the instance.
#[derive(Debug)]
pub struct Logs {
    limits: Limits,
    open: Mutex<HashMap<Key, Arc<OnceCell<Arc<Log>>>>>,
    /// What is to be told about appends.
    pub growth: Growth,
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

impl Limits {
    pub fn of(config: &Config) -> Self {
        let log_bytes = match config.log_limit_bytes {
            0 => 0,
            limit => limit.saturating_add(BEYOND_LIMIT),
        };
        Self { folder: config.data.logs(), log_bytes, reserve_bytes: config.reserve_bytes() }
    }
}

impl Logs {
    pub fn new(limits: Limits) -> Self {
        Self { limits, open: Mutex::default(), growth: Growth::default() }
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

    /// The logs that are not packed.
    pub async fn unpacked(&self) -> Result<Vec<Key>> {
        let folder = self.limits.folder.clone();
        blocking(move || {
            let Ok(files) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
            let mut keys = Vec::new();
            for file in files {
                keys.extend(file?.file_name().to_str().and_then(key_of));
            }
            Ok(keys)
        })
        .await
    }

    /// The builds that there are files of, each once.
    pub async fn builds(&self) -> Result<Vec<BuildId>> {
        let folder = self.limits.folder.clone();
        blocking(move || {
            let Ok(files) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
            let mut builds = BTreeSet::new();
            for file in files {
                builds.extend(file?.file_name().to_str().and_then(build_of));
            }
            Ok(builds.into_iter().collect())
        })
        .await
    }

    /// Removes the logs of these builds.
    pub async fn remove(&self, builds: &[BuildId]) -> Result<()> {
        let (folder, gone) = (self.limits.folder.clone(), builds.iter().copied());
        let gone: HashSet<BuildId> = gone.collect();
        self.entries().retain(|(build, _), _| !builds.contains(build));
        blocking(move || {
            let Ok(files) = std::fs::read_dir(folder) else { return Ok(()) };
            for file in files {
                let file = file?;
                let name = file.file_name();
                let build = name.to_str().and_then(build_of);
                if build.is_some_and(|build| gone.contains(&build)) {
                    std::fs::remove_file(file.path())?;
                }
            }
            Ok(())
        })
        .await
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Arc<OnceCell<Arc<Log>>>>> {
        self.open.lock()
    }

    fn cell(&self, key: Key) -> Arc<OnceCell<Arc<Log>>> {
        let mut open = self.entries();
        if open.len() >= KEPT_OPEN && !open.contains_key(&key) {
            open.retain(|_, cell| in_use(cell));
        }
        open.entry(key).or_default().clone()
    }
}

/// The build in the name of any file of a log.
fn build_of(name: &str) -> Option<BuildId> {
    name.split('.').next()?.parse().ok()
}

/// The key in the name of a log that may still grow.
fn key_of(name: &str) -> Option<Key> {
    let (build, attempt) = name.strip_suffix(".log")?.split_once('.')?;
    Some((build.parse().ok()?, attempt.parse().ok()?))
}

/// Somebody holds the cell, or the log in it.
fn in_use(cell: &Arc<OnceCell<Arc<Log>>>) -> bool {
    Arc::strong_count(cell) > 1 || cell.get().is_some_and(|log| Arc::strong_count(log) > 1)
}

/// What is answered in place of a log whose time is over.
pub fn removed() -> Error {
    Error::new(Kind::Gone, "log_removed", "the log was removed: it was older than logs are kept").hint(
        "The outcome and the history of the build are kept. OORED_LOG_RETENTION_DAYS says how long logs are.",
    )
}
