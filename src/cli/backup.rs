//! `oore backup`: makes, checks and restores backups of the instance on this machine. Making one works with the daemon
//! running or stopped; restoring needs it stopped.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::folder;
use super::terminal::{note, say};
use crate::backup::{self, Contents};
use crate::clock::Clock;
use crate::config::{DataFolder, FolderSettings, temporary_folder};
use crate::domain::text::plural;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Make a backup of the instance while it works.
    Create(Create),
    /// Check that a backup could be restored.
    Verify(Verify),
    /// Put a backup in the place of this instance; the daemon must be stopped.
    Restore(Restore),
}

#[derive(Debug, Args)]
pub struct Create {
    /// The file to make.
    #[arg(long, value_name = "FILE", default_value = "oore-backup.tar.gz")]
    output: PathBuf,

    /// Put the logs of builds into it.
    #[arg(long)]
    with_logs: bool,

    /// Put the artifacts of the local folder into it.
    #[arg(long)]
    with_artifacts: bool,

    #[command(flatten)]
    places: Places,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The backup.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,

    /// Folder to unpack the database in meanwhile; without it, the system's for temporary files.
    #[arg(long, value_name = "FOLDER", hide = true)]
    stage_dir: Option<PathBuf>,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,

    #[command(flatten)]
    places: Places,
}

/// Where the instance is.
#[derive(Debug, Args)]
struct Places {
    #[command(flatten)]
    folder: FolderSettings,

    /// Folder for the snapshot of the database meanwhile; without it, that of the backup.
    #[arg(long, value_name = "FOLDER", hide = true)]
    stage_dir: Option<PathBuf>,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: BackupCommand) -> anyhow::Result<()> {
    match command {
        BackupCommand::Create(wanted) => create(wanted).await,
        BackupCommand::Verify(wanted) => verify(wanted).await,
        BackupCommand::Restore(wanted) => restore(wanted).await,
    }
}

async fn create(wanted: Create) -> anyhow::Result<()> {
    let Places { folder: settings, stage_dir, json: as_json } = wanted.places;
    let data = settings.resolve()?;
    let now = Clock::system().now();
    let shared = folder::open_existing(&data, now).await?;
    let output = std::path::absolute(&wanted.output)?;
    let parent = match &stage_dir {
        Some(folder) => folder,
        None => output.parent().unwrap_or(&data.root),
    };
    let contents = Contents { logs: wanted.with_logs, artifacts: wanted.with_artifacts };
    let made = backup::create(&data, &shared.db, contents, &output, parent, now).await;
    shared.db.close().await?;
    let made = made?;
    let (files, secrets) = (made.manifest.files.len(), made.checked.secrets);
    if as_json {
        say(json!({"file": output, "bytes": made.bytes, "files": files, "secrets": secrets,
            "made_at": made.manifest.made_at, "with_logs": contents.logs, "with_artifacts": contents.artifacts}));
        return Ok(());
    }
    let (files, secrets) = (plural(files as u64, "file"), plural(secrets, "secret"));
    say(format_args!("{} holds {files}, among them the key that opens {secrets}", output.display()));
    note("Whoever has it can read every secret of the instance: keep it where only you can.");
    Ok(())
}

async fn verify(wanted: Verify) -> anyhow::Result<()> {
    let parent = wanted.stage_dir.unwrap_or_else(temporary_folder);
    let (manifest, checked) = backup::verify(&wanted.input, &parent).await?;
    if wanted.json {
        say(json!({"format": manifest.format, "version": manifest.version, "made_at": manifest.made_at,
            "instance_id": manifest.instance_id, "files": manifest.files.len(), "bytes": manifest.bytes(),
            "secrets": checked.secrets, "with_logs": manifest.has_logs, "with_artifacts": manifest.has_artifacts}));
        return Ok(());
    }
    let (files, secrets) = (plural(manifest.files.len() as u64, "file"), plural(checked.secrets, "secret"));
    say(format_args!("the backup is whole: {files}, {} bytes; its key opens {secrets}", manifest.bytes()));
    Ok(())
}

async fn restore(wanted: Restore) -> anyhow::Result<()> {
    let Places { folder: settings, json: as_json, .. } = wanted.places;
    let data = settings.resolve()?;
    let _lock = folder::claim(&data).map_err(|error| stop_first(error, &data))?;
    let restored = backup::restore(&data, &wanted.input, &Clock::system()).await?;
    let canceled = restored.settled.canceled_builds;
    if as_json {
        say(json!({"instance_id": restored.manifest.instance_id, "made_at": restored.manifest.made_at,
            "epoch": restored.settled.epoch, "canceled_builds": canceled, "secrets": restored.checked.secrets,
            "kept": restored.replaced}));
        return Ok(());
    }
    say(format_args!("the instance is restored to {}", data.root.display()));
    if canceled > 0 {
        note(format_args!(
            "{} waited or ran when the backup was made; they count as canceled, run them again if you want to",
            plural(canceled as u64, "build")
        ));
    }
    note("Everybody has to sign in again. API tokens and runners work as they did when the backup was made.");
    for path in restored.replaced {
        note(format_args!("what was there is kept: {}", path.display()));
    }
    Ok(())
}

fn stop_first(error: Error, data: &DataFolder) -> Error {
    match error.code {
        "data_folder_in_use" => Error::conflict(
            "data_folder_in_use",
            format!("the daemon is running on the data folder {}", data.root.display()),
        )
        .hint("Stop it first, for instance with `brew services stop oore` or `systemctl stop oored`."),
        _ => error,
    }
}
