//! `oore runner install-service` and `uninstall-service`: the runner as a service of whoever runs this, not
//! of the whole machine: builds need a person's home, and on macOS their keychain.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use clap::Args;

use super::units::{Service, launchd, systemd};
use super::{File, work_dir};
use crate::cli::failure::Failure;
use crate::cli::profile::{ProfileSettings, checked_url};
use crate::cli::terminal::{note, say};
use crate::config;

const SYSTEMD_NAME: &str = "oore-runner.service";
const LAUNCHD_LABEL: &str = "build.oore.runner";
/// Variables of the shell that installs the service: by which builds find their tools, and what they may use.
const CARRIED: [&str; 19] = [
    "PATH",
    "ANDROID_HOME",
    "ANDROID_SDK_ROOT",
    "JAVA_HOME",
    "DEVELOPER_DIR",
    "FVM_CACHE_PATH",
    "PUB_CACHE",
    "PUB_HOSTED_URL",
    "FLUTTER_STORAGE_BASE_URL",
    "GRADLE_USER_HOME",
    "GEM_HOME",
    "OORE_RUNNER_SLOTS",
    "OORE_RUNNER_FVM_URL",
    "OORE_RUNNER_FVM_SHA256",
    "OORE_RUNNER_CACHE_BUDGET_BYTES",
    "OORE_RUNNER_MIN_FREE_DISK_BYTES",
    "OORE_RUNNER_MAX_PROCESSES",
    "OORE_RUNNER_MAX_MEMORY_BYTES",
    "OORE_RUNNER_MAX_OPEN_FILES",
];

#[derive(Debug, Args)]
pub struct Install {
    #[command(flatten)]
    file: File,

    /// Address of the daemon, if not the one in the file.
    #[arg(long)]
    daemon_url: Option<String>,

    /// Print the unit and change nothing.
    #[arg(long)]
    print: bool,

    /// Write the unit and don't start it.
    #[arg(long, conflicts_with = "print")]
    no_start: bool,
}

#[derive(Debug, Args)]
pub struct Uninstall {}

/// What keeps services running here.
#[derive(Debug, Clone, Copy)]
enum Manager {
    Systemd,
    Launchd,
}

pub fn install(install: &Install, profile: &ProfileSettings) -> anyhow::Result<()> {
    let (config, _) = install.file.open(profile)?;
    let service = Service {
        program: stable_program()?,
        work_dir: work_dir(&config),
        config,
        daemon_url: install.daemon_url.as_deref().map(checked_url).transpose()?,
        environment: carried(),
    };
    let manager = Manager::of_this_machine();
    let text = match manager {
        Manager::Systemd => systemd(&service),
        Manager::Launchd => launchd(&service, LAUNCHD_LABEL),
    };
    if install.print {
        say(text.trim_end());
        return Ok(());
    }
    let unit = manager.unit()?;
    DirBuilder::new().recursive(true).mode(0o700).create(&service.work_dir)?;
    if let Some(folder) = unit.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&unit, text).with_context(|| unit.display().to_string())?;
    say(format_args!("The service is written to {}.", unit.display()));
    if !install.no_start {
        manager.start(&unit)?;
        say("It is started, and will be at every sign-in.");
    }
    if let Manager::Systemd = manager {
        note("To keep it running while nobody is signed in: `loginctl enable-linger`.");
    }
    Ok(())
}

pub fn uninstall(_: &Uninstall) -> anyhow::Result<()> {
    let manager = Manager::of_this_machine();
    let unit = manager.unit()?;
    if !unit.exists() {
        return Err(Failure::failed(format!("no service is installed: {} is missing", unit.display())).into());
    }
    manager.stop()?;
    std::fs::remove_file(&unit).with_context(|| unit.display().to_string())?;
    if let Manager::Systemd = manager {
        called("systemctl", &["--user", "daemon-reload"])?;
    }
    say("The service is removed; the registration stays.");
    Ok(())
}

impl Manager {
    fn of_this_machine() -> Self {
        if config::has_launchd() { Manager::Launchd } else { Manager::Systemd }
    }

    /// Where the unit's file is.
    fn unit(self) -> anyhow::Result<PathBuf> {
        let home = config::home().ok_or_else(|| Failure::usage("HOME is not set"))?;
        Ok(match self {
            Manager::Systemd => {
                let named = config::inherited("XDG_CONFIG_HOME").map(PathBuf::from);
                let folder = named.filter(|folder| folder.is_absolute()).unwrap_or(home.join(".config"));
                folder.join("systemd/user").join(SYSTEMD_NAME)
            }
            Manager::Launchd => home.join(format!("Library/LaunchAgents/{LAUNCHD_LABEL}.plist")),
        })
    }

    fn start(self, unit: &Path) -> anyhow::Result<()> {
        match self {
            Manager::Systemd => {
                called("systemctl", &["--user", "daemon-reload"])?;
                called("systemctl", &["--user", "enable", SYSTEMD_NAME])?;
                // One that runs already goes on with its new unit. A build that it has may end first.
                called("systemctl", &["--user", "restart", "--no-block", SYSTEMD_NAME])
            }
            Manager::Launchd => {
                // One that is loaded already must go before its new text counts.
                let _not_loaded = self.stop();
                called("launchctl", &["bootstrap", &domain(), &unit.to_string_lossy()])
            }
        }
    }

    fn stop(self) -> anyhow::Result<()> {
        match self {
            Manager::Systemd => called("systemctl", &["--user", "disable", "--now", SYSTEMD_NAME]),
            Manager::Launchd => called("launchctl", &["bootout", &format!("{}/{LAUNCHD_LABEL}", domain())]),
        }
    }
}

/// The services of a signed-in person, as launchd names them.
fn domain() -> String {
    format!("gui/{}", rustix::process::getuid().as_raw())
}

fn called(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let line = format!("{program} {}", arguments.join(" "));
    let done = Command::new(program).args(arguments).output();
    let done = done.map_err(|error| Failure::failed(format!("`{line}` could not be run: {error}")))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    Err(Failure::failed(format!("`{line}` failed: {said}")).into())
}

fn carried() -> Vec<(String, String)> {
    let value = |name: &str| config::inherited(name)?.into_string().ok().filter(|value| is_line(value));
    CARRIED.iter().filter_map(|name| Some(((*name).to_owned(), value(name)?))).collect()
}

fn is_line(value: &str) -> bool {
    !value.is_empty() && !value.contains(char::is_control)
}

/// This program by a name that an update leaves valid: a package manager keeps a link to the newest.
fn stable_program() -> anyhow::Result<PathBuf> {
    let own = config::own_program()?;
    let this = own.canonicalize()?;
    let path = config::inherited("PATH").and_then(|path| path.into_string().ok()).unwrap_or_default();
    let mut links =
        path.split(':').filter(|folder| folder.starts_with('/')).map(|f| Path::new(f).join("oored"));
    Ok(links.find(|link| link.canonicalize().is_ok_and(|found| found == this)).unwrap_or(own))
}
