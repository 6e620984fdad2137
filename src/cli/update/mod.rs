//! `oore update`: a newer version is looked for, checked by its signature, tried on a copy of the database, put
//! in the place of this program and, where a service manager keeps the daemon running, started. If it does not
//! come up, the version before goes back. Must not believe anything that is not signed.

mod place;
mod release;
mod restart;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use semver::Version;
use serde_json::json;

use super::failure::Failure;
use super::folder;
use super::terminal::{note, row, say};
use crate::backup::{self, Contents, Order, Stop};
use crate::clock::Clock;
use crate::config::{BEFORE_UPDATE, DataFolder, FolderSettings, ReleaseSettings};
use crate::domain::update::UpdatePhase;
use crate::update::{Card, Standing, begin, replaceable};
use crate::{db, files};

use place::Staged;
use release::{Found, Releases};

#[derive(Debug, Args)]
pub struct Update {
    #[command(flatten)]
    releases: ReleaseSettings,

    #[command(flatten)]
    folder: FolderSettings,

    /// Only look whether there is a newer version.
    #[arg(long)]
    check: bool,

    /// Install the newest version also when it is the one that is installed.
    #[arg(long, conflicts_with = "check")]
    force: bool,

    /// Print a JSON object.
    #[arg(long, requires = "check")]
    json: bool,

    /// Seconds that the new version may take to answer: it may have much to bring up to date.
    #[arg(long, default_value_t = 330, hide = true)]
    patience: u64,

    /// The daemon has begun the update already; what it holds came with standard input.
    #[arg(long, hide = true)]
    handed_over: bool,
}

pub async fn run(update: Update) -> anyhow::Result<()> {
    let releases = Releases::open(&update.releases)?;
    if update.check {
        return check(&releases, update.json).await;
    }
    let data = Some(update.folder.clone().resolve()?).filter(|data| data.database.exists());
    let Some(data) = data else {
        // A machine with the command line or a runner only.
        return match replace(&update, &releases, &replaceable()?, None).await? {
            Some(version) => {
                say(format_args!(
                    "Version {version} is installed. What runs of the old one goes on until it is restarted."
                ));
                Ok(())
            }
            None => Ok(()),
        };
    };
    // A folder that is not ours is refused before anything is written into it.
    folder::prepare(&data)?;
    let lock = if update.handed_over { None } else { Some(begin(&data)?) };
    let done = whole(&update, &releases, &data).await;
    match &done {
        Ok(()) => Standing::of(UpdatePhase::Idle).write(&data)?,
        Err(error) => Standing::failed(format!("{error:#}")).write(&data)?,
    }
    drop(lock);
    done
}

async fn check(releases: &Releases, as_json: bool) -> anyhow::Result<()> {
    let found = releases.newest().await?;
    let newer = found.version > release::own_version()?;
    if as_json {
        say(json!({
            "current": env!("CARGO_PKG_VERSION"), "latest": found.version.to_string(), "update_available": newer,
            "channel": releases.channel(), "repository": releases.repository(),
        }));
        return Ok(());
    }
    row("installed", env!("CARGO_PKG_VERSION"));
    row("newest", format_args!("{} ({}, {})", found.version, releases.channel(), releases.repository()));
    if newer {
        say("Install it with `oore update`.");
    }
    Ok(())
}

/// Replaces the program and sees the daemon over to it.
async fn whole(update: &Update, releases: &Releases, data: &DataFolder) -> anyhow::Result<()> {
    // By its name, which leads to the new program afterwards.
    let program = replaceable()?;
    let Some(version) = replace(update, releases, &program, Some(data)).await? else { return Ok(()) };
    match Card::find(data) {
        None => say(format_args!("Version {version} is installed; no daemon was running.")),
        Some(card) if !card.managed => {
            say(format_args!("Version {version} is installed."));
            note("The daemon that runs is still the old one: restart it. Builds go on meanwhile.");
        }
        Some(card) => {
            Standing::of(UpdatePhase::Restarting).write(data)?;
            say("Restarting the daemon; builds go on meanwhile.");
            let patience = Duration::from_secs(update.patience);
            restart::onto(&card, data, &version, &program, patience).await?;
            say(format_args!("Version {version} runs."));
        }
    }
    Ok(())
}

/// Puts the newest version in the place of this one; answers which, or `None` if it is this one.
async fn replace(
    update: &Update,
    releases: &Releases,
    program: &Path,
    data: Option<&DataFolder>,
) -> anyhow::Result<Option<Version>> {
    let found = releases.newest().await?;
    let own = release::own_version()?;
    if found.version < own {
        let message = format!(
            "{} has nothing newer than {}, and {own} is installed",
            releases.repository(),
            found.version
        );
        return Err(Failure::failed(message)
            .hint("An older version can't read what a newer one has written; restore a backup to go back.")
            .into());
    }
    if found.version == own && !update.force {
        say(format_args!("Version {own} is the newest."));
        return Ok(None);
    }
    say(format_args!("Fetching version {}.", found.version));
    let staged = fetched(releases, &found, program).await?;
    staged.says(&found.version).await?;
    if let Some(data) = data {
        let kept = preserve(data, &own, &staged.trial()).await?;
        staged.opens(data).await?;
        say(format_args!(
            "It opens a copy of the database. A backup of what is here now is in {}.",
            kept.display()
        ));
    }
    staged.put_in_place()?;
    Ok(Some(found.version))
}

async fn fetched(releases: &Releases, found: &Found, program: &Path) -> anyhow::Result<Staged> {
    let staged = Staged::beside(program)?;
    releases.fetch(found, &staged.archive()).await?;
    staged.unpack()?;
    Ok(staged)
}

/// A backup of before, in case that the new version spoils the database, and a copy to try it with. Only the
/// newest such backup is kept.
async fn preserve(data: &DataFolder, own: &Version, trial: &Path) -> anyhow::Result<PathBuf> {
    let kept = data.before_update(&own.to_string());
    let now = Clock::system().now();
    let shared = folder::open_existing(data, now).await?;
    let new = kept.with_extension("gz.new");
    files::remove(&new)?;
    let contents = Contents { logs: false, artifacts: false };
    let made = async {
        let stop = Stop::default();
        let order = Order { data, contents, output: &new, parent: &data.root, stop: &stop };
        backup::create(order, &shared.db, now).await?;
        db::snapshot::take(&shared.db, &trial.join("oore.db")).await
    };
    let made = made.await;
    shared.db.close().await?;
    made?;
    std::fs::rename(&new, &kept)?;
    forget_older(data, &kept)?;
    Ok(kept)
}

fn forget_older(data: &DataFolder, kept: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(&data.root)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(BEFORE_UPDATE) && path != kept {
            files::remove(&path)?;
        }
    }
    Ok(())
}
