//! `oored install-service` and `uninstall-service`: the daemon kept running by systemd or launchd. What is
//! written are the files of packaging/ with the paths of this machine. Must not touch what others have put
//! there.

mod manager;
mod unit;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

pub use manager::{Kind, Manager};
pub use unit::{Filling, launchd, systemd};

use super::failure::{Exit, Failure};
use super::terminal::{note, say};
use crate::config;

const SYSTEMD_USER: &str = include_str!("../../../packaging/systemd/user/oored.service");
const SYSTEMD_SYSTEM: &str = include_str!("../../../packaging/systemd/system/oored.service");
const LAUNCHD_AGENT: &str = include_str!("../../../packaging/launchd/agent/build.oore.oored.plist");
const LAUNCHD_DAEMON: &str = include_str!("../../../packaging/launchd/daemon/build.oore.oored.plist");

/// Variables of the shell that installs a service: by which builds find their tools, and what they may use.
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
    place: Place,

    /// Address to listen on; default: 127.0.0.1:8787.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<std::net::SocketAddr>,

    /// Database file, if not the usual one.
    #[arg(long, value_name = "PATH")]
    state_file: Option<PathBuf>,

    /// A variable of the daemon's environment; can be repeated.
    #[arg(long = "env", value_name = "KEY=VALUE", value_parser = variable)]
    environment: Vec<(String, String)>,

    /// The user that the daemon runs as; default: oore.
    #[arg(long, value_name = "NAME", requires = "system")]
    user: Option<String>,

    /// Print the file and change nothing.
    #[arg(long)]
    print: bool,

    /// Write the file and don't start the service.
    #[arg(long, conflicts_with = "print")]
    no_start: bool,
}

#[derive(Debug, Args)]
pub struct Uninstall {
    #[command(flatten)]
    place: Place,
}

/// Which service.
#[derive(Debug, Args)]
struct Place {
    /// Name of the service; default: build.oore.oored, with systemd oored.
    #[arg(long, value_name = "LABEL", value_parser = label)]
    label: Option<String>,

    /// A service of the machine, which runs with nobody signed in; needs root.
    #[arg(long)]
    system: bool,
}

/// The service of whoever runs this under its usual name.
pub fn own() -> Manager {
    Place { label: None, system: false }.manager()
}

impl Place {
    fn manager(&self) -> Manager {
        let kind = Kind::of_this_machine();
        let usual = match kind {
            Kind::Systemd => "oored",
            Kind::Launchd => "build.oore.oored",
        };
        let name = self.label.clone().unwrap_or_else(|| usual.to_owned());
        Manager { kind, system: self.system, name }
    }

    /// Only root may keep services of the machine.
    fn allowed(&self) -> Result<(), Failure> {
        if !self.system || rustix::process::geteuid().is_root() {
            return Ok(());
        }
        Err(Failure::new(Exit::NotAllowed, "a service of the machine is root's to install and remove")
            .hint("Run it with sudo, or leave --system out for a service of your own."))
    }
}

pub fn install(install: Install) -> anyhow::Result<()> {
    let manager = install.place.manager();
    let text = install.text(&manager)?;
    if install.print {
        say(text.trim_end());
        return Ok(());
    }
    install.place.allowed()?;
    if let Some(user) = install.user().filter(|user| !manager::is_user(user)) {
        return Err(Failure::usage(format!("this machine has no user {user}"))
            .hint(format!("Make one, for instance `useradd --system {user}`, or name another with --user."))
            .into());
    }
    if !install.no_start {
        manager.is_here()?;
    }
    manager.write(&text)?.report(&manager)?;
    if !install.no_start {
        manager.start()?;
        say(match manager.system {
            true => "It is started, and will be with the machine.",
            false => "It is started, and will be at every sign-in.",
        });
    }
    if manager.kind == Kind::Systemd && !manager.system {
        note("To keep it running while nobody is signed in: `loginctl enable-linger`.");
    }
    Ok(())
}

pub fn uninstall(uninstall: &Uninstall) -> anyhow::Result<()> {
    uninstall.place.allowed()?;
    uninstall.place.manager().remove()?;
    say("The service is removed; its data stays.");
    Ok(())
}

impl Install {
    fn user(&self) -> Option<String> {
        self.place.system.then(|| self.user.clone().unwrap_or_else(|| "oore".to_owned()))
    }

    fn text(&self, manager: &Manager) -> anyhow::Result<String> {
        let mut command = vec![stable_program()?.into_os_string(), "run".into()];
        let mut flag = |name: &str, value: OsString| command.extend([name.into(), value]);
        if let Some(listen) = self.listen {
            flag("--listen", listen.to_string().into());
        }
        if let Some(file) = &self.state_file {
            flag("--state-file", std::path::absolute(file)?.into_os_string());
        }
        // A service of the machine has nothing of the shell of whoever installs it but where programs are.
        let inherited = if self.place.system { &CARRIED[..1] } else { &CARRIED[..] };
        let mut environment = carried(inherited);
        environment.retain(|(name, _)| !self.environment.iter().any(|(own, _)| own == name));
        environment.extend(self.environment.iter().cloned());
        let filling = Filling {
            label: manager.name.clone(),
            command: words(command)?,
            environment,
            user: self.user(),
            log: self.log(manager)?,
        };
        Ok(match (manager.kind, self.place.system) {
            (Kind::Systemd, false) => systemd(SYSTEMD_USER, &filling),
            (Kind::Systemd, true) => systemd(SYSTEMD_SYSTEM, &filling),
            (Kind::Launchd, false) => launchd(LAUNCHD_AGENT, &filling),
            (Kind::Launchd, true) => launchd(LAUNCHD_DAEMON, &filling),
        })
    }

    /// Where launchd sends what the daemon says; systemd has its journal.
    fn log(&self, manager: &Manager) -> anyhow::Result<PathBuf> {
        if self.place.system {
            return Ok(PathBuf::from(format!("/Library/Logs/{}.log", manager.name)));
        }
        let home = config::home().ok_or_else(|| Failure::usage("HOME is not set"))?;
        Ok(home.join(format!("Library/Logs/{}.log", manager.name)))
    }
}

/// Words of a command as text: a unit can't hold anything else.
pub fn words(command: Vec<OsString>) -> Result<Vec<String>, Failure> {
    let text = |word: OsString| word.into_string().ok().filter(|word| !word.contains(char::is_control));
    command.into_iter().map(text).collect::<Option<Vec<_>>>().ok_or_else(|| {
        Failure::usage("a path has characters that a service file can't hold")
            .hint("Use paths without line breaks and with valid UTF-8.")
    })
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it must look like KEY=VALUE")?;
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let named = key.starts_with(is_start) && key.chars().all(|c| is_start(c) || c.is_ascii_digit());
    match named && !value.contains(char::is_control) {
        true => Ok((key.to_owned(), value.to_owned())),
        false => Err("it must look like KEY=VALUE, on one line".to_owned()),
    }
}

/// A name that is a file's name and nothing else, in the words of both managers.
fn label(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_name = text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(fits);
    match is_name && text.len() <= 128 {
        true => Ok(text.to_owned()),
        false => Err("it must have 1 to 128 letters, digits, '.', '_' and '-'".to_owned()),
    }
}

/// What builds need of the shell that installs a service.
pub fn carried_for_builds() -> Vec<(String, String)> {
    carried(&CARRIED)
}

/// These variables as far as they are set and fit on a line.
fn carried(names: &[&str]) -> Vec<(String, String)> {
    let is_line = |value: &String| !value.is_empty() && !value.contains(char::is_control);
    let value = |name: &str| config::inherited(name)?.into_string().ok().filter(is_line);
    names.iter().filter_map(|name| Some(((*name).to_owned(), value(name)?))).collect()
}

/// This program by a name that an update leaves valid: a package manager keeps a link to the newest.
pub fn stable_program() -> anyhow::Result<PathBuf> {
    let own = config::own_program()?;
    let this = own.canonicalize()?;
    let path = config::inherited("PATH").and_then(|path| path.into_string().ok()).unwrap_or_default();
    let folders = path.split(':').filter(|folder| folder.starts_with('/'));
    let mut links = folders.map(|folder| PathBuf::from(folder).join("oored"));
    Ok(links.find(|link| link.canonicalize().is_ok_and(|found| found == this)).unwrap_or(own))
}
