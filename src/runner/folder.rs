//! The runner's own folder: its lock, spools and workspaces. One runner uses a folder at a time.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rustix::fs::{FlockOperation, flock};

use super::platform;

const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// An open folder; the lock is held until it is dropped.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder, takes its lock and writes our process id beside it.
    ///
    /// Errors when another runner works in it.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        let root = std::path::absolute(root)?;
        for folder in [root.clone(), root.join("spool"), root.join("workspaces")] {
            private_folder(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
        }
        let lock_file = root.join("runner.lock");
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(&lock_file)?;
        locked(&lock).with_context(|| format!("another runner works in {}", root.display()))?;
        let pid = rustix::process::getpid().as_raw_nonzero();
        io::Write::write_all(
            &mut platform::private_file(&root.join("runner.pid"))?,
            pid.to_string().as_bytes(),
        )?;
        Ok(Self { root, _lock: lock })
    }

    pub fn root(&self) -> PathBuf {
        self.root.clone()
    }

    /// Where logs wait until the daemon has them.
    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// The log of one attempt at a build.
    pub fn spool_file(&self, build: &str, attempt: i32) -> PathBuf {
        self.spool().join(format!("{build}-{attempt}.frames"))
    }

    pub fn workspaces(&self) -> PathBuf {
        self.root.join("workspaces")
    }

    /// What builds find again that earlier ones had.
    pub fn caches(&self) -> PathBuf {
        self.root.join("caches")
    }

    /// Programs that the runner fetched for builds to use.
    pub fn tools(&self) -> PathBuf {
        self.root.join("tools")
    }

    /// A new private folder for one build, with a name nobody can know before.
    pub fn new_workspace(&self, build: &str) -> io::Result<Workspace> {
        let workspace = Workspace { root: self.workspaces().join(unguessable(build)?) };
        let inside = [
            workspace.source(),
            workspace.programs(),
            workspace.packed(),
            workspace.files(),
            workspace.reports(),
            workspace.caches(),
        ];
        let made =
            std::iter::once(&workspace.root).chain(&inside).try_for_each(|folder| private_folder(folder));
        if let Err(error) = made {
            let _not_there = fs::remove_dir_all(&workspace.root);
            return Err(error);
        }
        Ok(workspace)
    }
}

/// Takes the lock. The daemon holds it for a moment when it looks whether a runner is alive.
fn locked(lock: &File) -> rustix::io::Result<()> {
    for _ in 0..LOCK_TRIES {
        if flock(lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            return Ok(());
        }
        std::thread::sleep(LOCK_PAUSE);
    }
    flock(lock, FlockOperation::NonBlockingLockExclusive)
}

/// The folder of one build. `remove` it when the build is over.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The checkout, where the steps run.
    pub fn source(&self) -> PathBuf {
        self.root.join("source")
    }

    /// Programs that go first on the PATH of the steps.
    pub fn programs(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// Archives of folders that are artifacts.
    pub fn packed(&self) -> PathBuf {
        self.root.join("packed")
    }

    /// Where tools keep what is restored from caches and saved into them.
    pub fn caches(&self) -> PathBuf {
        self.root.join("caches")
    }

    /// Where variables are that are files; removed with everything else.
    pub fn files(&self) -> PathBuf {
        self.root.join("files")
    }

    /// Where steps leave reports of their tests.
    pub fn reports(&self) -> PathBuf {
        self.root.join("reports")
    }

    /// Where the `.env` is of a build whose repository has one of its own.
    pub fn beside_source(&self) -> PathBuf {
        self.root.join(".env")
    }

    pub async fn remove(self) {
        remove_folder(self.root).await;
    }
}

/// Removes a folder and everything in it, also what a build made read-only.
pub async fn remove_folder(folder: PathBuf) {
    let removed = tokio::task::spawn_blocking(move || {
        if fs::remove_dir_all(&folder).is_err() {
            make_writable(&folder);
            let again = fs::remove_dir_all(&folder);
            if let Err(error) = again.or_else(absent_is_fine) {
                tracing::warn!(folder = %folder.display(), "a folder can't be removed: {error}");
            }
        }
    });
    if removed.await.is_err() {
        tracing::warn!("removing a folder was interrupted");
    }
}

fn absent_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn make_writable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _gone_already = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// Whether an id or a name can be that of a file as it is.
pub fn is_file_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
}

/// A name for a folder that nobody can know before.
pub fn unguessable(prefix: &str) -> io::Result<String> {
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!("{prefix}-{:016x}", u64::from_le_bytes(random)))
}

/// What is in a folder; nothing of one that can't be read.
pub fn children(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).collect()
}

/// Makes a folder that only its owner may look into, and those above it.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_second_runner_is_refused_until_the_first_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let first = Folder::open(root.path()).unwrap();
        let refused = Folder::open(root.path()).unwrap_err().to_string();
        assert!(refused.contains("another runner"), "{refused}");
        let pid = fs::read_to_string(root.path().join("runner.pid")).unwrap();
        assert_eq!(pid, std::process::id().to_string());
        drop(first);
        assert!(Folder::open(root.path()).is_ok());
    }

    #[tokio::test]
    async fn a_workspace_is_private_and_goes_with_what_is_read_only_in_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let workspace = folder.new_workspace("b").unwrap();
        let mode = workspace.source().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let deep = workspace.source().join("a");
        fs::create_dir(&deep).unwrap();
        fs::write(deep.join("b"), "x").unwrap();
        fs::set_permissions(&deep, fs::Permissions::from_mode(0o500)).unwrap();
        workspace.remove().await;
        assert_eq!(fs::read_dir(folder.workspaces()).unwrap().count(), 0);
    }
}
