//! Selects the Flutter version of a build through FVM and puts `flutter` and `dart` first on the
//! PATH of the steps. Installs nothing but SDKs, and those only by asking FVM.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use serde::Deserialize;

use super::environment::Environment;
use super::files;
use super::fvm::{FvmError, Release};
use super::process::{Ended, Stage};
use super::stop::StopReason;

const DEFAULT_VERSION: &str = "stable";
const MAX_FVMRC_BYTES: u64 = 64 * 1024;
/// How often a build that waits for another one's installation looks again.
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// Why there is no Flutter.
#[derive(Debug, thiserror::Error)]
pub enum FlutterError {
    #[error(transparent)]
    Fvm(#[from] FvmError),
    #[error("{0}")]
    InvalidFile(String),
    #[error("fvm {0} failed")]
    Failed(&'static str, Option<i32>),
    #[error("stopped")]
    Stopped(StopReason),
    #[error("fvm could not be started: {0}")]
    NotStarted(#[from] io::Error),
}

/// The version a build wants, and whether somebody chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    Pinned(String),
    Default,
}

#[derive(Deserialize)]
struct Fvmrc {
    flutter: String,
}

impl Version {
    /// `.fvmrc` wins, then the configuration.
    pub fn of(checkout: &Path, configured: Option<&str>) -> Result<Self, FlutterError> {
        let invalid = |why: &str| FlutterError::InvalidFile(format!(".fvmrc {why}"));
        match files::read_inside(checkout, Path::new(".fvmrc"), MAX_FVMRC_BYTES) {
            Ok(text) => {
                let file: Fvmrc = serde_json::from_slice(&text)
                    .map_err(|error| invalid(&format!("is not valid: {error}")))?;
                if !is_version(&file.flutter) {
                    return Err(invalid("names no Flutter version"));
                }
                Ok(Self::Pinned(file.flutter))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(configured.map_or(Self::Default, |version| Self::Pinned(version.to_owned())))
            }
            Err(error) => Err(invalid(&format!("can't be read: {error}"))),
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Version::Pinned(version) => version,
            Version::Default => DEFAULT_VERSION,
        }
    }
}

fn is_version(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '/' | '@');
    !text.is_empty() && text.len() <= 64 && !text.starts_with('-') && text.chars().all(allowed)
}

/// The machine that a build runs on, as far as Flutter goes.
pub struct Machine<'a> {
    pub stage: &'a Stage,
    pub environment: &'a Environment,
    pub fvm: &'a Release,
}

/// Makes the version available. Answers the folder that goes first on the PATH of the steps, or none
/// when the machine's own Flutter is used: without FVM, by builds that name no version.
pub async fn select(
    machine: &Machine<'_>,
    checkout: &Path,
    wrappers: &Path,
    version: &Version,
) -> Result<Option<PathBuf>, FlutterError> {
    let Machine { stage, environment, fvm } = machine;
    if environment.find("fvm").is_none()
        && *version == Version::Default
        && let Some(flutter) = environment.find("flutter")
    {
        let found = flutter.display();
        stage.spool.say(&format!("[oore] fvm is not installed; using {found} as it is"))?;
        return Ok(None);
    }
    let fvm = fvm.obtain(stage, environment).await?;
    let run = async |verb: &'static str, arguments: &[&str]| {
        let arguments: Vec<_> =
            std::iter::once(verb).chain(arguments.iter().copied()).map(Into::into).collect();
        match stage.program(&fvm, &arguments, checkout, environment).await? {
            Ended::Exited(0) => Ok(()),
            Ended::Exited(code) => Err(FlutterError::Failed(verb, Some(code))),
            Ended::Signaled(_) | Ended::TooLong => Err(FlutterError::Failed(verb, None)),
            Ended::Stopped(reason) => Err(FlutterError::Stopped(reason)),
        }
    };
    {
        let _alone = install_lock(stage, environment, wrappers).await?;
        run("install", &[version.name()]).await?;
    }
    run("use", &[version.name(), "--force", "--skip-pub-get"]).await?;
    for tool in ["flutter", "dart"] {
        write_wrapper(&wrappers.join(tool), &fvm, tool)?;
    }
    Ok(Some(wrappers.to_owned()))
}

/// SDKs are shared by all builds of a machine, and FVM does not expect two installations at once: they
/// happen one after the other. The lock is held until the file is dropped.
async fn install_lock(
    stage: &Stage,
    environment: &Environment,
    wrappers: &Path,
) -> Result<File, FlutterError> {
    let cache = match (environment.get("FVM_CACHE_PATH"), environment.get("HOME")) {
        (Some(cache), _) => PathBuf::from(cache),
        (None, Some(home)) => Path::new(home).join("fvm"),
        // Without a home nothing is shared.
        (None, None) => wrappers.to_owned(),
    };
    fs::create_dir_all(&cache)?;
    let lock = OpenOptions::new().create(true).append(true).open(cache.join("oore-install.lock"))?;
    let mut said = false;
    while flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        if !said {
            stage.spool.say("[oore] waiting for another build that installs Flutter")?;
            said = true;
        }
        tokio::select! {
            () = tokio::time::sleep(LOCK_PAUSE) => {}
            reason = stage.stop.triggered() => return Err(FlutterError::Stopped(reason)),
        }
    }
    Ok(lock)
}

fn write_wrapper(file: &Path, fvm: &Path, tool: &str) -> io::Result<()> {
    let quoted = fvm.display().to_string().replace('\'', r"'\''");
    fs::write(file, format!("#!/bin/sh\nexec '{quoted}' {tool} \"$@\"\n"))?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::spool::Spool;
    use super::super::stop::Stop;
    use super::super::tree::Tree;
    use super::*;
    use crate::clock::Clock;

    /// A machine with these programs; each writes down how it was called.
    struct Bench {
        folder: tempfile::TempDir,
        stage: Stage,
        environment: Environment,
    }

    fn bench(programs: &[&str]) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["bin", "wrappers", "home"] {
            fs::create_dir(at(name)).unwrap();
        }
        let calls = at("calls").display().to_string();
        for program in programs {
            let file = at("bin").join(program);
            fs::write(&file, format!("#!/bin/sh\necho \"{program} $*\" >> '{calls}'\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let spool = Arc::new(Spool::create(&at("log"), Clock::system(), 0).unwrap());
        let tree = Tree::new(format!("flutter-{}", folder.path().file_name().unwrap().display()));
        let mut environment = Environment::of_build(tree.tag());
        environment.set("PATH", at("bin"));
        environment.set("HOME", at("home"));
        let stage = Stage { tree, spool, stop: Stop::default(), no_output: Duration::ZERO };
        Bench { folder, stage, environment }
    }

    impl Bench {
        async fn select(&self, version: &Version) -> Result<Option<PathBuf>, FlutterError> {
            let at = |name: &str| self.folder.path().join(name);
            let fvm = Release { url: "http://unused.invalid".to_owned(), sha256: None, kept_in: at("tools") };
            let machine = Machine { stage: &self.stage, environment: &self.environment, fvm: &fvm };
            select(&machine, self.folder.path(), &at("wrappers"), version).await
        }
    }

    #[tokio::test]
    async fn with_fvm_the_version_is_installed_and_flutter_is_the_chosen_one() {
        let bench = bench(&["fvm"]);
        let version = Version::Pinned("3.19.0".to_owned());
        let programs = bench.select(&version).await.unwrap().unwrap();
        let called = std::process::Command::new(programs.join("flutter")).args(["build", "a b"]).status();
        assert!(called.unwrap().success());
        let calls = fs::read_to_string(bench.folder.path().join("calls")).unwrap();
        let expected = "fvm install 3.19.0\nfvm use 3.19.0 --force --skip-pub-get\nfvm flutter build a b\n";
        assert_eq!(calls, expected);
    }

    #[tokio::test]
    async fn without_fvm_a_build_that_names_no_version_uses_the_machines_own_flutter() {
        assert_eq!(bench(&["flutter"]).select(&Version::Default).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_build_waits_while_another_one_installs_and_can_be_stopped_meanwhile() {
        let bench = bench(&["fvm"]);
        let at = |name: &str| bench.folder.path().join(name);
        let other = install_lock(&bench.stage, &bench.environment, &at("wrappers")).await.unwrap();
        let stopped = {
            let waiting = bench.select(&Version::Default);
            tokio::pin!(waiting);
            assert!(futures_util::poll!(&mut waiting).is_pending());
            bench.stage.stop.trigger(StopReason::Canceled);
            waiting.await.unwrap_err()
        };
        assert!(matches!(stopped, FlutterError::Stopped(StopReason::Canceled)), "{stopped:?}");
        assert!(!at("calls").exists());
        let log = fs::read(at("log")).unwrap();
        assert!(String::from_utf8_lossy(&log).contains("waiting for another build"));
        drop(other);
    }

    #[test]
    fn the_repositorys_own_choice_wins() {
        let folder = tempfile::tempdir().unwrap();
        let of = |configured| Version::of(folder.path(), configured);
        assert_eq!(of(None).unwrap(), Version::Default);
        assert_eq!(of(Some("3.19.0")).unwrap(), Version::Pinned("3.19.0".to_owned()));
        fs::write(folder.path().join(".fvmrc"), r#"{"flutter": "3.35.1", "flavors": {}}"#).unwrap();
        assert_eq!(of(Some("3.19.0")).unwrap(), Version::Pinned("3.35.1".to_owned()));
    }

    #[test]
    fn a_choice_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{}", r#"{"flutter": "--help"}"#, r#"{"flutter": "a; b"}"#] {
            fs::write(folder.path().join(".fvmrc"), text).unwrap();
            assert!(matches!(Version::of(folder.path(), None), Err(FlutterError::InvalidFile(_))), "{text}");
        }
        fs::remove_file(folder.path().join(".fvmrc")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join(".fvmrc")).unwrap();
        assert!(matches!(Version::of(folder.path(), None), Err(FlutterError::InvalidFile(_))));
    }
}
