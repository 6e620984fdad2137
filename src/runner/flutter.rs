//! Selects the Flutter version of a build through FVM and puts `flutter` and `dart` first on the
//! PATH of the steps. Installs nothing but SDKs, and those only by asking FVM.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment::Environment;
use super::files;
use super::process::{Ended, Stage};
use super::stop::StopReason;

const DEFAULT_VERSION: &str = "stable";
const MAX_FVMRC_BYTES: u64 = 64 * 1024;

/// Why there is no Flutter.
#[derive(Debug, thiserror::Error)]
pub enum FlutterError {
    #[error("{0}")]
    Missing(String),
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

/// Makes the version available. Answers the folder that goes first on the PATH of the steps, or none
/// when the machine's own Flutter is used.
pub async fn select(
    stage: &Stage,
    environment: &Environment,
    checkout: &Path,
    wrappers: &Path,
    version: &Version,
) -> Result<Option<PathBuf>, FlutterError> {
    let Some(fvm) = environment.find("fvm") else {
        return without_fvm(stage, environment, version);
    };
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
    run("install", &[version.name()]).await?;
    run("use", &[version.name(), "--force", "--skip-pub-get"]).await?;
    for tool in ["flutter", "dart"] {
        write_wrapper(&wrappers.join(tool), &fvm, tool)?;
    }
    Ok(Some(wrappers.to_owned()))
}

/// Without FVM only the machine's own Flutter is left, and that has the version it has.
fn without_fvm(
    stage: &Stage,
    environment: &Environment,
    version: &Version,
) -> Result<Option<PathBuf>, FlutterError> {
    const FIX: &str = "install FVM on this runner (`brew install fvm`, or `dart pub global activate fvm`)";
    match (version, environment.find("flutter")) {
        (Version::Default, Some(flutter)) => {
            let found = flutter.display();
            // A log that can't be written ends the build by itself.
            let _ = stage.spool.say(&format!("[oore] fvm is not installed; using {found} as it is"));
            Ok(None)
        }
        (Version::Pinned(version), Some(_)) => Err(FlutterError::Missing(format!(
            "the pipeline needs Flutter {version}, but FVM is not installed; {FIX} and build again"
        ))),
        (Version::Pinned(_) | Version::Default, None) => Err(FlutterError::Missing(format!(
            "the pipeline needs Flutter, but neither fvm nor flutter is installed; {FIX} and build again"
        ))),
    }
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
    struct Machine {
        folder: tempfile::TempDir,
        stage: Stage,
        environment: Environment,
    }

    fn machine(programs: &[&str]) -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["bin", "wrappers"] {
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
        let stage = Stage { tree, spool, stop: Stop::default(), no_output: Duration::ZERO };
        Machine { folder, stage, environment }
    }

    impl Machine {
        async fn select(&self, version: &Version) -> Result<Option<PathBuf>, FlutterError> {
            let wrappers = self.folder.path().join("wrappers");
            select(&self.stage, &self.environment, self.folder.path(), &wrappers, version).await
        }
    }

    #[tokio::test]
    async fn with_fvm_the_version_is_installed_and_flutter_is_the_chosen_one() {
        let machine = machine(&["fvm"]);
        let version = Version::Pinned("3.19.0".to_owned());
        let programs = machine.select(&version).await.unwrap().unwrap();
        let called = std::process::Command::new(programs.join("flutter")).args(["build", "a b"]).status();
        assert!(called.unwrap().success());
        let calls = fs::read_to_string(machine.folder.path().join("calls")).unwrap();
        let expected = "fvm install 3.19.0\nfvm use 3.19.0 --force --skip-pub-get\nfvm flutter build a b\n";
        assert_eq!(calls, expected);
    }

    #[tokio::test]
    async fn without_fvm_only_an_unpinned_build_may_use_the_machines_own_flutter() {
        let own = machine(&["flutter"]);
        assert_eq!(own.select(&Version::Default).await.unwrap(), None);
        let pinned = Version::Pinned("3.19.0".to_owned());
        for (machine, version) in
            [(&own, &pinned), (&machine(&[]), &pinned), (&machine(&[]), &Version::Default)]
        {
            let error = machine.select(version).await.unwrap_err();
            assert!(matches!(error, FlutterError::Missing(_)), "{error:?}");
            assert!(error.to_string().contains("install FVM"), "{error}");
        }
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
