//! What keeps services running here: systemd or launchd. Writes, starts, stops and removes the file of one
//! service, and never one that somebody else has written.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use crate::cli::failure::Failure;
use crate::cli::terminal::say;
use crate::config;
use crate::files;

/// What every file of ours says of itself; with another one in its place nothing is done.
const MARK: &str = "install-service`";
/// How often and how many times it is looked whether launchd has let go of a service: for a minute in all.
const UNLOADED_LOOK: Duration = Duration::from_millis(500);
const UNLOADED_LOOKS: usize = 120;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Systemd,
    Launchd,
}

impl Kind {
    pub fn of_this_machine() -> Self {
        if config::has_launchd() { Kind::Launchd } else { Kind::Systemd }
    }

    fn program(self) -> &'static str {
        match self {
            Kind::Systemd => "systemctl",
            Kind::Launchd => "launchctl",
        }
    }
}

/// One service.
#[derive(Debug, Clone)]
pub struct Manager {
    pub kind: Kind,
    /// Of the machine, or of whoever runs this.
    pub system: bool,
    pub name: String,
}

/// What became of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    New,
    Changed,
    Unchanged,
}

impl Written {
    pub fn report(self, manager: &Manager) -> anyhow::Result<()> {
        let file = manager.file()?;
        let file = file.display();
        say(match self {
            Written::New => format!("The service is written to {file}."),
            Written::Changed => format!("The service in {file} is written anew."),
            Written::Unchanged => format!("The service in {file} is as it should be."),
        });
        Ok(())
    }
}

impl Manager {
    /// Where the service's file is.
    pub fn file(&self) -> anyhow::Result<PathBuf> {
        let name = &self.name;
        Ok(match (self.kind, self.system) {
            (Kind::Systemd, true) => PathBuf::from(format!("/etc/systemd/system/{name}.service")),
            (Kind::Systemd, false) => {
                let named = config::inherited("XDG_CONFIG_HOME").map(PathBuf::from);
                let folder = match named.filter(|folder| folder.is_absolute()) {
                    Some(folder) => folder,
                    None => home()?.join(".config"),
                };
                folder.join("systemd/user").join(self.unit())
            }
            (Kind::Launchd, true) => PathBuf::from(format!("/Library/LaunchDaemons/{name}.plist")),
            (Kind::Launchd, false) => home()?.join(format!("Library/LaunchAgents/{name}.plist")),
        })
    }

    fn unit(&self) -> String {
        format!("{}.service", self.name)
    }

    /// Whether the manager can be asked at all.
    pub fn is_here(&self) -> Result<(), Failure> {
        let program = self.kind.program();
        let path = config::inherited("PATH").unwrap_or_default();
        let path = path.to_string_lossy();
        let found = path.split(':').any(|folder| Path::new(folder).join(program).is_file());
        if found {
            return Ok(());
        }
        Err(Failure::failed(format!("this machine has no `{program}`, which would keep the service running"))
            .hint("Only write the file with --no-start, or let what this machine uses start the program."))
    }

    /// Puts the file in its place, as long as nobody else's is there.
    pub fn write(&self, text: &str) -> anyhow::Result<Written> {
        let file = self.file()?;
        let before = self.own_text()?;
        if before.as_deref() == Some(text) {
            return Ok(Written::Unchanged);
        }
        let failed = || format!("the service can't be written to {}", file.display());
        let folder = file.parent().ok_or_else(|| Failure::failed("the service's file has no folder"))?;
        std::fs::create_dir_all(folder).with_context(failed)?;
        // The environment in it may name secrets.
        files::replace_private(&file, text.as_bytes()).with_context(failed)?;
        Ok(if before.is_some() { Written::Changed } else { Written::New })
    }

    /// The text of the file if there is one and it is ours.
    fn own_text(&self) -> anyhow::Result<Option<String>> {
        let file = self.file()?;
        let Ok(found) = file.symlink_metadata() else { return Ok(None) };
        let text = if found.is_file() { std::fs::read_to_string(&file).ok() } else { None };
        match text.filter(|text| text.contains(MARK)) {
            Some(text) => Ok(Some(text)),
            None => Err(foreign(&file).into()),
        }
    }

    pub fn start(&self) -> anyhow::Result<()> {
        match self.kind {
            Kind::Systemd => {
                self.systemctl(&["daemon-reload"])?;
                self.systemctl(&["enable", &self.unit()])?;
                // One that runs already goes on with its new unit. A build that it has may end first.
                self.systemctl(&["restart", "--no-block", &self.unit()])
            }
            Kind::Launchd => {
                // One that is loaded already must go before its new text counts.
                let _not_loaded = self.stop();
                self.is_unloaded()?;
                called("launchctl", &["bootstrap", &self.domain(), &self.file()?.to_string_lossy()])
            }
        }
    }

    fn stop(&self) -> anyhow::Result<()> {
        match self.kind {
            Kind::Systemd => self.systemctl(&["disable", "--now", &self.unit()]),
            Kind::Launchd => called("launchctl", &["bootout", &format!("{}/{}", self.domain(), self.name)]),
        }
    }

    /// Waits until launchd has let go of it, which it does once its program has ended.
    fn is_unloaded(&self) -> anyhow::Result<()> {
        let target = format!("{}/{}", self.domain(), self.name);
        for _ in 0..UNLOADED_LOOKS {
            if called("launchctl", &["print", &target]).is_err() {
                return Ok(());
            }
            std::thread::sleep(UNLOADED_LOOK);
        }
        Err(Failure::failed("the service that runs has not ended yet")
            .hint("A build that it has may end first. Run this again then.")
            .into())
    }

    /// Whether its file is there.
    ///
    /// # Errors
    /// If that is somebody else's.
    pub fn is_installed(&self) -> anyhow::Result<bool> {
        Ok(self.own_text()?.is_some())
    }

    /// Ends the service and removes its file.
    pub fn remove(&self) -> anyhow::Result<()> {
        let file = self.file()?;
        if self.own_text()?.is_none() {
            let message = format!("no service is installed: {} is missing", file.display());
            return Err(Failure::failed(message).into());
        }
        // A file that was only written was never started; without a manager there is nothing to stop.
        if self.is_here().is_ok() {
            self.stop()?;
        }
        std::fs::remove_file(&file).with_context(|| file.display().to_string())?;
        match self.kind {
            Kind::Systemd if self.is_here().is_ok() => self.systemctl(&["daemon-reload"]),
            Kind::Systemd | Kind::Launchd => Ok(()),
        }
    }

    fn systemctl(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let scope: &[&str] = if self.system { &[] } else { &["--user"] };
        called("systemctl", &[scope, arguments].concat())
    }

    /// The services of a signed-in person or of the machine, as launchd names them.
    fn domain(&self) -> String {
        if self.system {
            return "system".to_owned();
        }
        format!("gui/{}", rustix::process::getuid().as_raw())
    }
}

fn foreign(file: &Path) -> Failure {
    Failure::failed(format!("{} is not a service file of Oore CI; it is left as it is", file.display()))
        .hint("Look at it, move it away, then try again; or name another --label.")
}

fn home() -> Result<PathBuf, Failure> {
    config::home().ok_or_else(|| Failure::usage("HOME is not set"))
}

/// Whether the machine knows a user of this name.
pub fn is_user(name: &str) -> bool {
    called("id", &["-u", "--", name]).is_ok()
}

fn called(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let line = format!("{program} {}", arguments.join(" "));
    let done = Command::new(program).args(arguments).output();
    let done = done.map_err(|error| Failure::failed(format!("`{line}` could not be run: {error}")))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    Err(Failure::failed(format!("`{line}` failed: {said}"))
        .hint("The file stays where it is; mend what is wrong and run the command again.")
        .into())
}
