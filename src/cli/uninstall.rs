//! `oore uninstall`: ends and removes the services of whoever runs this, and with `--purge` the data folder. It says what
//! goes before it goes, and removes nothing of a daemon that it can't end.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use inquire::Text;

use super::failure::Failure;
use super::runner;
use super::service::{self, Manager};
use super::terminal::{can_be_asked, note, say};
use crate::config::{self, DataFolder, FolderSettings};
use crate::files;
use crate::tasks::embedded;
use crate::update::Card;

/// What is typed before a data folder goes.
const WORD: &str = "purge";
/// How long a daemon may take to end whose service is removed: it lets its requests end.
const ENDS: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub struct Uninstall {
    #[command(flatten)]
    folder: FolderSettings,

    /// Also remove the data folder: projects, builds, secrets, logs, artifacts.
    #[arg(long)]
    purge: bool,

    /// Don't ask before the data folder goes.
    #[arg(long)]
    yes: bool,
}

pub async fn run(wanted: Uninstall) -> anyhow::Result<()> {
    let data = wanted.folder.resolve()?;
    // A file of somebody else in the place of one of them stops all of it.
    let (daemon, runner) = (installed(service::own())?, installed(runner::service::own())?);
    let is_kept = daemon.is_some() && Card::find(&data).is_some_and(|card| card.managed);
    if held(&data)? && !is_kept {
        return Err(in_the_way(&data).into());
    }
    let services: Vec<Manager> = daemon.into_iter().chain(runner).collect();
    let goes = if wanted.purge { what_goes(&data)? } else { Vec::new() };
    if services.is_empty() && goes.is_empty() {
        note("There is nothing to remove.");
        return Ok(());
    }
    show(&services, &goes)?;
    if !goes.is_empty() && !wanted.yes {
        ask()?;
    }
    for service in &services {
        let file = service.file()?;
        service.remove()?;
        say(format_args!("The service {} is removed.", file.display()));
    }
    if !goes.is_empty() {
        purge(&data, &goes).await?;
        say(format_args!("The data folder {} is removed.", data.root.display()));
    }
    note(
        "The programs stay, and so does ~/.oore, with the settings of this command line and what makes this machine a runner.",
    );
    Ok(())
}

fn installed(service: Manager) -> anyhow::Result<Option<Manager>> {
    Ok(service.is_installed()?.then_some(service))
}

/// Whether a daemon uses the folder.
fn held(data: &DataFolder) -> anyhow::Result<bool> {
    Ok(data.lock().exists() && lock(data)?.is_none())
}

fn lock(data: &DataFolder) -> anyhow::Result<Option<File>> {
    Ok(files::try_lock(&data.lock())?)
}

fn in_the_way(data: &DataFolder) -> Failure {
    Failure::failed(format!(
        "a daemon uses the data folder {}, and no service of yours keeps it running",
        data.root.display()
    ))
    .hint("Stop it first: Ctrl-C where it was started, `brew services stop oore`, or `sudo oored uninstall-service --system`.")
}

/// The files and folders that a purge removes; none if there is no data folder.
///
/// # Errors
/// If the folder is not one of ours, or holds more than that.
fn what_goes(data: &DataFolder) -> anyhow::Result<Vec<PathBuf>> {
    let beside = |suffix: &str| files::beside(&data.database, suffix);
    let database = [data.database.clone(), beside("-wal"), beside("-shm")];
    let elsewhere = database.into_iter().filter(|path| !path.starts_with(&data.root) && path.exists());
    let mut goes: Vec<PathBuf> = elsewhere.collect();
    if !data.root.exists() {
        return Ok(goes);
    }
    // What a link leads to goes, not the link.
    let root = data.root.canonicalize()?;
    let home = config::home().and_then(|home| home.canonicalize().ok());
    let is_above_home = home.is_some_and(|home| home.starts_with(&root));
    let is_ours = data.lock().exists() || data.encryption_key().exists();
    if is_above_home || !is_ours {
        let message = format!("{} does not look like a data folder of Oore CI", data.root.display());
        return Err(Failure::usage(message)
            .hint("Name the data folder with --data-dir, or leave --purge out.")
            .into());
    }
    goes.push(root);
    Ok(goes)
}

fn show(services: &[Manager], goes: &[PathBuf]) -> anyhow::Result<()> {
    for service in services {
        note(format_args!("goes: the service {}", service.file()?.display()));
    }
    for path in goes {
        note(format_args!("goes: {}{}", path.display(), content(path)?));
    }
    Ok(())
}

/// What a folder holds, by name.
fn content(path: &Path) -> anyhow::Result<String> {
    if !path.is_dir() {
        return Ok(String::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(format!(", with {}", names.join(", ")))
}

fn ask() -> Result<(), Failure> {
    if !can_be_asked() {
        return Err(Failure::usage("nobody can be asked whether the data folder is to go")
            .hint("Say so with --yes; `oore backup create` makes a backup first."));
    }
    let question = format!("All of it goes for good. Type {WORD} to go on:");
    let typed = Text::new(&question).prompt().unwrap_or_default();
    if typed.trim() == WORD {
        return Ok(());
    }
    Err(Failure::failed("stopped").hint("Nothing was removed."))
}

async fn purge(data: &DataFolder, goes: &[PathBuf]) -> anyhow::Result<()> {
    let _lock = ended(data).await?;
    if !embedded::end_left(&data.runner()).await? {
        return Err(Failure::failed("the runner of this instance does not end")
            .hint("The data folder stays. Run this again when its builds are over.")
            .into());
    }
    for path in goes {
        match path.is_dir() {
            true => files::remove_folder(path)?,
            false => files::remove(path)?,
        }
    }
    Ok(())
}

/// Waits until no daemon uses the folder, and keeps another one from starting there.
async fn ended(data: &DataFolder) -> anyhow::Result<Option<File>> {
    if !data.root.exists() {
        return Ok(None);
    }
    let free = async {
        loop {
            if let Some(lock) = lock(data)? {
                return Ok(Some(lock));
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let late =
        |_| Failure::failed("the daemon has not ended yet").hint("The data folder stays. Run this again.");
    tokio::time::timeout(ENDS, free).await.map_err(late)?
}
