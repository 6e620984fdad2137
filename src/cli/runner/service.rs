//! `oore runner install-service` and `uninstall-service`: the runner as a service of whoever runs this, not
//! of the whole machine: builds need a person's home, and on macOS their keychain.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{File, read, register, work_dir};
use crate::cli::profile::{ProfileSettings, checked_url};
use crate::cli::runtime;
use crate::cli::service::{self, Filling, Kind, Manager};
use crate::cli::terminal::{note, say};

const SYSTEMD: &str = include_str!("../../../packaging/systemd/user/oore-runner.service");
const LAUNCHD: &str = include_str!("../../../packaging/launchd/agent/build.oore.runner.plist");

#[derive(Debug, Args)]
pub struct Install {
    #[command(flatten)]
    file: File,

    /// Address of the daemon, if not the one in the file.
    #[arg(long)]
    daemon_url: Option<String>,

    /// Register this machine first, with the session of `oore login`, if it is no runner yet.
    #[arg(long)]
    managed_local: bool,

    /// Name in lists for that; default: this machine's.
    #[arg(long, requires = "managed_local")]
    name: Option<String>,

    /// The daemon's database; not needed, the session is enough.
    #[arg(long, hide = true, requires = "managed_local")]
    state_file: Option<PathBuf>,

    /// Print the unit and change nothing.
    #[arg(long, conflicts_with = "managed_local")]
    print: bool,

    /// Write the unit and don't start it.
    #[arg(long, conflicts_with = "print")]
    no_start: bool,
}

#[derive(Debug, Args)]
pub struct Uninstall {}

pub fn install(install: &Install, profile: &ProfileSettings) -> anyhow::Result<()> {
    let path = install.file.path(profile)?;
    if install.managed_local && read(&path)?.is_none() {
        let (file, name) = (install.file.clone(), install.name.clone());
        runtime()?.block_on(register::local(file, name, install.daemon_url.clone(), profile))?;
    }
    if install.state_file.is_some() {
        note("--state-file changes nothing: the runner is registered over HTTP.");
    }
    let (config, _) = install.file.open(profile)?;
    let manager = own();
    let work_dir = work_dir(&config);
    let text = install.text(&manager, &config, &work_dir)?;
    if install.print {
        say(text.trim_end());
        return Ok(());
    }
    if !install.no_start {
        manager.is_here()?;
    }
    DirBuilder::new().recursive(true).mode(0o700).create(&work_dir)?;
    manager.write(&text)?.report(&manager)?;
    if !install.no_start {
        manager.start()?;
        say("It is started, and will be at every sign-in.");
    }
    if manager.kind == Kind::Systemd {
        note("To keep it running while nobody is signed in: `loginctl enable-linger`.");
    }
    Ok(())
}

pub fn uninstall(_: &Uninstall) -> anyhow::Result<()> {
    own().remove()?;
    say("The service is removed; the registration stays.");
    Ok(())
}

/// The service of whoever runs this.
pub fn own() -> Manager {
    let kind = Kind::of_this_machine();
    let name = match kind {
        Kind::Systemd => "oore-runner",
        Kind::Launchd => "build.oore.runner",
    };
    Manager { kind, system: false, name: name.to_owned() }
}

impl Install {
    fn text(&self, manager: &Manager, config: &Path, work_dir: &Path) -> anyhow::Result<String> {
        let mut command = vec![service::stable_program()?.into_os_string(), "runner".into()];
        command.extend(["--config".into(), config.into(), "--work-dir".into(), work_dir.into()]);
        if let Some(url) = self.daemon_url.as_deref().map(checked_url).transpose()? {
            command.extend(["--daemon-url".into(), url.into()]);
        }
        let filling = Filling {
            label: manager.name.clone(),
            command: service::words(command)?,
            environment: service::carried_for_builds(),
            user: None,
            log: work_dir.join("runner.log"),
        };
        Ok(match manager.kind {
            Kind::Systemd => service::systemd(SYSTEMD, &filling),
            Kind::Launchd => service::launchd(LAUNCHD, &filling),
        })
    }
}
