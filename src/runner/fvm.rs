//! The FVM of a build: the machine's own, else one pinned release that the runner fetches once, checks
//! and keeps in its folder. Nothing is unpacked before its hash is right. What FVM then does is
//! `flutter`'s.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::environment::Environment;
use super::platform;
use super::process::{Ended, Stage};
use super::stop::StopReason;
use crate::error::with_causes;

/// The release that is fetched.
pub const VERSION: &str = "4.1.2";

/// SHA-256 of the archives of that release, by their names.
const ARCHIVES: &[(&str, &str)] = &[
    ("fvm-4.1.2-linux-x64.tar.gz", "12b0656688450972750cb714fc5e44ed2dbdd6b1c6813ba6ba6fb71841c17fe4"),
    ("fvm-4.1.2-linux-arm64.tar.gz", "1a53c57842b20c812404044c9efa16065a24e67cbb296c2f64ae339d145b974c"),
    ("fvm-4.1.2-macos-x64.tar.gz", "7bbfcb6883ea67ce532163704f5625eba7ecf340084be707cde71a28fefff1d8"),
    ("fvm-4.1.2-macos-arm64.tar.gz", "0b2a146986c51f06331f135f0bdf2a202eb57f55d7edd420c9078e8520e4c033"),
];

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long the server may send nothing.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// Releases are some 10 MB large.
const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Code hosts answer a download with the address of a store.
const MOST_REDIRECTS: usize = 5;
/// How the name of a folder begins whose content is not whole yet.
const UNFINISHED: &str = "unfinished-";

/// Where the release comes from, and where it is kept.
#[derive(Debug, Clone)]
pub struct Release {
    /// The folder of the archives, without a slash at its end.
    pub url: String,
    /// The hash of a mirror's own archive, instead of the known one.
    pub sha256: Option<String>,
    /// The runner's folder for tools.
    pub kept_in: PathBuf,
}

/// Why there is no FVM.
#[derive(Debug, thiserror::Error)]
pub enum FvmError {
    #[error(
        "FVM is not installed on this runner, and fetching it failed: {0}; install FVM (`brew install fvm`, or \
         `dart pub global activate fvm`), or name a mirror with OORE_RUNNER_FVM_URL, and build again"
    )]
    Unobtainable(String),
    #[error("stopped")]
    Stopped(StopReason),
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Release {
    /// The program of the machine, of an earlier build, or a new one.
    pub async fn obtain(&self, stage: &Stage, environment: &Environment) -> Result<PathBuf, FvmError> {
        if let Some(fvm) = environment.find("fvm") {
            return Ok(fvm);
        }
        let home = self.kept_in.join(format!("fvm-{VERSION}"));
        let program = home.join("fvm/fvm");
        if !program.is_file() {
            self.install(stage, environment, &home).await?;
        }
        if !program.is_file() {
            return Err(FvmError::Unobtainable("the archive holds no program fvm/fvm".to_owned()));
        }
        Ok(program)
    }

    async fn install(&self, stage: &Stage, environment: &Environment, home: &Path) -> Result<(), FvmError> {
        let name = format!("fvm-{VERSION}-{}-{}.tar.gz", platform::name(), architecture());
        let sum = self.expected_sum(&name)?;
        let url = format!("{}/{name}", self.url);
        stage.spool.say(&format!("[oore] FVM is not installed; fetching {url}"))?;
        std::fs::create_dir_all(&self.kept_in)?;
        // Beside its place, so that it gets there by a rename: another build sees all of it or nothing.
        let unpacked = unfinished_in(&self.kept_in)?;
        let archive = unpacked.join(&name);
        let fetched = tokio::select! {
            fetched = fetch(&url, &archive) => fetched,
            reason = stage.stop.triggered() => Err(FvmError::Stopped(reason)),
        };
        let installed = match fetched {
            Ok(found) if found == sum => unpack(stage, environment, &archive, &unpacked, home).await,
            Ok(found) => Err(FvmError::Unobtainable(format!("{url} has the SHA-256 {found}, not {sum}"))),
            Err(error) => Err(error),
        };
        let _moved_away = std::fs::remove_dir_all(&unpacked);
        installed
    }

    fn expected_sum(&self, name: &str) -> Result<&str, FvmError> {
        let known = ARCHIVES.iter().find(|(archive, _)| *archive == name).map(|(_, sum)| *sum);
        self.sha256.as_deref().or(known).ok_or_else(|| {
            FvmError::Unobtainable(format!("there is no release for this machine ({name} is not known)"))
        })
    }
}

/// The architecture as the releases call it.
fn architecture() -> &'static str {
    match platform::architecture() {
        "x86_64" => "x64",
        other => other,
    }
}

/// Whether a folder of tools is what a download left behind that was cut off.
pub fn is_unfinished(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(UNFINISHED))
}

/// A new folder with a name that nobody else uses.
fn unfinished_in(folder: &Path) -> io::Result<PathBuf> {
    let unfinished = folder.join(format!("{UNFINISHED}{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir(&unfinished)?;
    Ok(unfinished)
}

/// Downloads into a file; answers the SHA-256 of what came, in hexadecimal.
async fn fetch(url: &str, into: &Path) -> Result<String, FvmError> {
    let unobtainable = |error: reqwest::Error| FvmError::Unobtainable(with_causes(&error));
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .read_timeout(SILENCE_LIMIT)
        .redirect(reqwest::redirect::Policy::limited(MOST_REDIRECTS))
        .user_agent(concat!("oore-runner/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(unobtainable)?;
    let mut answer = client.get(url).send().await.map_err(unobtainable)?;
    if !answer.status().is_success() {
        return Err(FvmError::Unobtainable(format!("{url} answered {}", answer.status())));
    }
    let mut file = platform::private_file(into)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
    while let Some(chunk) = answer.chunk().await.map_err(unobtainable)? {
        bytes += chunk.len() as u64;
        if bytes > MAX_BYTES {
            return Err(FvmError::Unobtainable(format!("{url} is larger than {MAX_BYTES} bytes")));
        }
        hash.update(&chunk);
        file.write_all(&chunk)?;
    }
    Ok(hex::encode(hash.finalize()))
}

async fn unpack(
    stage: &Stage,
    environment: &Environment,
    archive: &Path,
    unpacked: &Path,
    home: &Path,
) -> Result<(), FvmError> {
    let Some(tar) = environment.find("tar") else {
        return Err(FvmError::Unobtainable("tar is not installed, which unpacks it".to_owned()));
    };
    let arguments = ["-xzf".into(), archive.into()];
    match stage.program(tar, &arguments, unpacked, environment).await? {
        Ended::Exited(0) => {}
        Ended::Stopped(reason) => return Err(FvmError::Stopped(reason)),
        Ended::Exited(_) | Ended::Signaled(_) | Ended::TooLong => {
            return Err(FvmError::Unobtainable("the archive can't be unpacked".to_owned()));
        }
    }
    std::fs::remove_file(archive)?;
    match std::fs::rename(unpacked, home) {
        // Another build was faster; what it put there has the same hash.
        Err(_) if home.is_dir() => Ok(()),
        renamed => Ok(renamed?),
    }
}
