//! The replacing of this program by a newer one, as far as daemon and command line share it: one small file
//! that says how it stands, a lock held by whoever does it, and whether it can be done here at all. Must not
//! fetch or replace anything.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::fs::{Access, FlockOperation, access, flock};
use serde::{Deserialize, Serialize};

use crate::config::{self, DataFolder, ReleaseSettings};
use crate::domain::update::UpdatePhase;
use crate::error::{Error, Result};
use crate::files::{self, Unfit};

const MOST: u64 = 64 * 1024;
/// The keys that releases are signed with; lines that begin with # say what they are.
const KEYS: &str = include_str!("../packaging/release/keys.txt");
/// Where Homebrew keeps what it installed and alone replaces.
const HOMEBREW: &str = "/Cellar/";

/// How an update stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub phase: UpdatePhase,
    #[serde(default)]
    pub error: Option<String>,
}

impl Standing {
    pub fn of(phase: UpdatePhase) -> Self {
        Self { phase, error: None }
    }

    pub fn failed(why: impl Into<String>) -> Self {
        Self { phase: UpdatePhase::Failed, error: Some(why.into()) }
    }

    /// Reads it; whoever held the lock may have ended before they were done.
    ///
    /// Errors: 500 `runtime_update_status_failed`.
    pub fn read(data: &DataFolder) -> Result<Self> {
        let content = match files::read_private(&data.update_status(), MOST) {
            Ok(content) => content,
            Err(Unfit::Missing) => return Ok(Self::of(UpdatePhase::Idle)),
            Err(why) => return Err(unreadable(format!("the file {} {why}", data.update_status().display()))),
        };
        let standing: Self = serde_json::from_slice(&content).map_err(unreadable)?;
        let under_way = matches!(standing.phase, UpdatePhase::Updating | UpdatePhase::Restarting);
        if under_way && hold(data)?.is_some() {
            return Ok(Self::failed("the update ended before it was done; the program that runs is whole"));
        }
        Ok(standing)
    }

    pub fn write(&self, data: &DataFolder) -> Result<()> {
        let content = serde_json::to_vec(self).map_err(unreadable)?;
        files::replace_private(&data.update_status(), &content)
    }
}

fn unreadable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("runtime_update_status_failed", "how the update stands can't be read", why)
}

/// Holds the right to update for whoever has the answer, or says that somebody else has it.
fn hold(data: &DataFolder) -> Result<Option<File>> {
    Ok(files::try_lock(&data.update_lock())?)
}

/// Begins an update; it goes on as long as the answer lives, in whichever process.
///
/// Errors: 409 `runtime_update_in_progress`.
pub fn begin(data: &DataFolder) -> Result<File> {
    let Some(lock) = hold(data)? else {
        return Err(Error::conflict("runtime_update_in_progress", "an update is under way already")
            .hint("Wait until it is done."));
    };
    Standing::of(UpdatePhase::Updating).write(data)?;
    Ok(lock)
}

/// Starts the updater, a process of its own: it outlives the daemon that it replaces. The right to update goes
/// to it with its standard input.
///
/// Errors: 409 `runtime_update_unavailable`, `runtime_update_in_progress`; 500 `runtime_update_start_failed`.
pub fn start(data: &DataFolder, releases: &ReleaseSettings) -> Result<()> {
    let program = replaceable()?;
    if keys(releases).is_empty() {
        return Err(no_key());
    }
    let lock = begin(data)?;
    let started = spawn(&program, data, releases, lock);
    if let Err(error) = started {
        Standing::failed(format!("the updater could not be started: {error}")).write(data)?;
        return Err(Error::internal(
            "runtime_update_start_failed",
            "the updater could not be started",
            error,
        ));
    }
    Ok(())
}

fn spawn(program: &Path, data: &DataFolder, releases: &ReleaseSettings, lock: File) -> std::io::Result<()> {
    let mut open = OpenOptions::new();
    let log = open.create(true).write(true).truncate(true).mode(0o600).open(data.update_log())?;
    let mut command = tokio::process::Command::new(program);
    command.args(["oore", "--color", "never", "update", "--handed-over", "--data-dir"]).arg(&data.root);
    command.arg("--state-file").arg(&data.database).args(releases.as_flags());
    command.stdin(Stdio::from(lock)).stdout(log.try_clone()?).stderr(log).process_group(0);
    // Nobody waits for it: it ends this very process.
    command.spawn().map(drop)
}

/// The file of this program, if it may be replaced.
///
/// Errors: 409 `runtime_update_unavailable`.
pub fn replaceable() -> Result<PathBuf> {
    let unavailable = |message: String, hint: &str| {
        Error::conflict("runtime_update_unavailable", message).hint(hint.to_owned())
    };
    let program = config::own_program().and_then(|program| program.canonicalize());
    let program = program.map_err(|error| {
        unavailable(format!("the file of this program is gone: {error}"), "Install it again.")
    })?;
    let shown = program.display();
    if program.to_string_lossy().contains(HOMEBREW) {
        let message = format!("{shown} belongs to Homebrew");
        return Err(unavailable(message, "Update it with `brew upgrade oore`."));
    }
    let folder = program.parent().unwrap_or(Path::new("/"));
    let of_others = folder.metadata().is_ok_and(|found| found.permissions().mode() & 0o1002 == 0o002);
    if of_others {
        let message = format!("everybody may write to {}, the folder of this program", folder.display());
        return Err(unavailable(message, "Take that right away with `chmod o-w`, then try again."));
    }
    if access(folder, Access::WRITE_OK).is_err() {
        let message = format!("{shown} can't be replaced by the user of this process");
        return Err(unavailable(
            message,
            "Run `oore update` as a user who may write to its folder, or update it as it was installed.",
        ));
    }
    Ok(program)
}

/// The keys that may have signed a release, in Base64: the one that is named, else those compiled in.
pub fn keys(releases: &ReleaseSettings) -> Vec<String> {
    match &releases.release_key {
        Some(key) => vec![key.clone()],
        None => {
            let lines = KEYS.lines().map(str::trim);
            lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
        }
    }
}

/// Without a key nothing can be believed.
pub fn no_key() -> Error {
    Error::conflict(
        "runtime_update_unavailable",
        "this program knows no key of releases, so it can't check one",
    )
    .hint("Name the key of whoever makes your releases with OORE_RELEASE_KEY.")
}

/// What a running daemon says of itself in the file of its lock, for who has to end it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Card {
    pub pid: i32,
    /// Its address on this machine, once it listens.
    #[serde(default)]
    pub url: Option<String>,
    pub managed: bool,
}

impl Card {
    /// Writes it into the lock that the daemon holds, in the place of what was there.
    pub fn leave(&self, lock: &File) -> Result<()> {
        let content = serde_json::to_vec(self).map_err(unreadable)?;
        lock.set_len(0)?;
        Ok(lock.write_all_at(&content, 0)?)
    }

    /// The card of the daemon that uses the folder; none if there is no daemon, or one that is ending.
    pub fn find(data: &DataFolder) -> Option<Self> {
        let lock = OpenOptions::new().read(true).write(true).open(data.lock()).ok()?;
        let is_free = flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok();
        if is_free { None } else { Self::read(data) }
    }

    /// The card that is in the lock: of a daemon that runs or was killed. It looks only, for while one is being
    /// started.
    pub fn read(data: &DataFolder) -> Option<Self> {
        serde_json::from_slice(&files::read_private(&data.lock(), MOST).ok()?).ok()
    }
}
