//! A new version beside the one that it replaces: unpacked, tried, and put in its place in one step, with the
//! one before kept beside it.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use semver::Version;

use crate::cli::failure::Failure;
use crate::config::DataFolder;
use crate::files::{self, Unfit};
use crate::seal::former_key;

/// How the names of folders begin in which new versions are unpacked and tried.
const STAGED: &str = ".oored-update-";
const MOST_OF_A_KEY: u64 = 1024;
/// How long a new version may take for what it is tried with.
const TRIAL: Duration = Duration::from_secs(300);

/// A new version in a folder of its own, on the same disk as the program; it goes with this value.
pub struct Staged {
    folder: PathBuf,
    program: PathBuf,
}

impl Staged {
    /// An empty folder beside the program. What an update that was cut off has left there goes, for it may hold a key; only one
    /// update at a time gets here.
    pub fn beside(program: &Path) -> anyhow::Result<Self> {
        let beside = program.parent().unwrap_or(Path::new("/"));
        for entry in std::fs::read_dir(beside)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(STAGED) {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        let name = format!("{STAGED}{}", uuid::Uuid::now_v7().simple());
        let folder = program.with_file_name(name);
        let made = DirBuilder::new().mode(0o700).create(&folder);
        made.with_context(|| format!("{} can't be made", folder.display()))?;
        std::fs::create_dir(folder.join("trial"))?;
        Ok(Self { folder, program: program.to_owned() })
    }

    pub fn archive(&self) -> PathBuf {
        self.folder.join("release.tar.gz")
    }

    /// The new program.
    fn new_program(&self) -> PathBuf {
        self.folder.join("unpacked/oored")
    }

    /// Unpacks the archive, of which the signature was checked.
    pub fn unpack(&self) -> anyhow::Result<()> {
        let unpacked = self.folder.join("unpacked");
        std::fs::create_dir(&unpacked)?;
        let mut tar = std::process::Command::new("tar");
        // Whoever packed it is nobody here, whatever their number.
        tar.arg("-xzf").arg(self.archive());
        tar.args(["--no-same-owner", "--strip-components", "1", "-C"]).arg(&unpacked);
        let done =
            tar.stdin(Stdio::null()).output().context("tar could not be run, which unpacks the release")?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
            return Err(Failure::failed(format!("the release can't be unpacked: {said}")).into());
        }
        // A link would put into the program's place whatever it leads to.
        match self.new_program().symlink_metadata() {
            Ok(found) if found.is_file() => Ok(()),
            Ok(_) | Err(_) => Err(Failure::failed("the release holds no program oored").into()),
        }
    }

    /// Whether it runs here and is the version that was signed.
    pub async fn says(&self, version: &Version) -> anyhow::Result<()> {
        let said = self.tried(&["version".as_ref()]).await?;
        if said.trim() == format!("oored {version}") {
            return Ok(());
        }
        Err(Failure::failed(format!("the program of release {version} says that it is '{}'", said.trim()))
            .into())
    }

    /// A folder for a copy of the database.
    pub fn trial(&self) -> PathBuf {
        self.folder.join("trial")
    }

    /// Whether it opens the copy of the database with its key, and brings its schema up to date.
    pub async fn opens(&self, data: &DataFolder) -> anyhow::Result<()> {
        let trial = self.trial();
        for key in [data.encryption_key(), former_key(&data.encryption_key())] {
            match files::read_private(&key, MOST_OF_A_KEY) {
                Ok(content) => {
                    files::create_private(&trial.join(key.file_name().unwrap_or_default()), &content)?;
                }
                Err(Unfit::Missing) => {}
                Err(why) => return Err(Failure::failed(format!("{} {why}", key.display())).into()),
            }
        }
        let database = trial.join("oore.db");
        // Both are named: the environment may name the real ones.
        let (folder, database) = (trial.as_os_str(), database.as_os_str());
        let named: [&OsStr; 5] =
            ["try-database".as_ref(), "--data-dir".as_ref(), folder, "--state-file".as_ref(), database];
        self.tried(&named).await?;
        Ok(())
    }

    async fn tried(&self, arguments: &[&OsStr]) -> anyhow::Result<String> {
        let mut command = tokio::process::Command::new(self.new_program());
        command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        let done = tokio::time::timeout(TRIAL, command.output()).await;
        let done = done.map_err(|_| Failure::failed("the new version did not answer when it was tried"))?;
        let done = done.context("the new version does not run on this machine")?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        Err(Failure::failed(format!("the new version failed when it was tried: {said}"))
            .hint("Nothing was replaced.")
            .into())
    }

    /// Puts it in the program's place; the one before is kept beside it.
    pub fn put_in_place(&self) -> anyhow::Result<()> {
        let spare = self.folder.join("before");
        std::fs::hard_link(&self.program, &spare)
            .or_else(|_| std::fs::copy(&self.program, &spare).map(drop))?;
        std::fs::rename(&spare, previous(&self.program))?;
        // Whoever may run the one before may run this one, whatever the mask of this process.
        std::fs::set_permissions(self.new_program(), std::fs::metadata(&self.program)?.permissions())?;
        std::fs::File::open(self.new_program())?.sync_all()?;
        std::fs::rename(self.new_program(), &self.program)?;
        Ok(files::sync_folder(&self.program)?)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Where the version before is kept.
fn previous(program: &Path) -> PathBuf {
    program.with_file_name("oored.previous")
}

/// Puts the version before back.
pub fn take_back(program: &Path) -> anyhow::Result<()> {
    let before = previous(program);
    std::fs::rename(&before, program).with_context(|| format!("{} can't be put back", before.display()))?;
    Ok(files::sync_folder(program)?)
}
