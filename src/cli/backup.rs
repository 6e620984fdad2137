//! `oore backup`: makes, checks and restores backups of the instance on this machine. Making one works with the daemon
//! running or stopped; restoring needs it stopped.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::failure::Failure;
use super::folder;
use super::signals::{self, Signals};
use super::terminal::{note, say};
use crate::backup::{self, Contents, Order, Stop};
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

    /// Unpack and check it, and put nothing in force.
    #[arg(long, hide = true)]
    prepare_only: bool,

    #[command(flatten)]
    places: Places,
}

/// Where the instance is.
#[derive(Debug, Args)]
struct Places {
    #[command(flatten)]
    folder: FolderSettings,

    /// File of the encryption key, if not that of the data folder.
    #[arg(long, env = "OORE_ENCRYPTION_KEY_FILE", value_name = "FILE", hide = true)]
    key_file: Option<PathBuf>,

    /// Folder for what is needed meanwhile; without it, that of the files that are made or replaced.
    #[arg(long, value_name = "FOLDER", hide = true)]
    stage_dir: Option<PathBuf>,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl Places {
    fn data(&self) -> anyhow::Result<DataFolder> {
        let data = self.folder.clone().resolve()?;
        match &self.key_file {
            Some(key) => Ok(data.with_key(std::path::absolute(key)?)),
            None => Ok(data),
        }
    }
}

pub async fn run(command: BackupCommand) -> anyhow::Result<()> {
    match command {
        BackupCommand::Create(wanted) => create(wanted).await,
        BackupCommand::Verify(wanted) => verify(wanted).await,
        BackupCommand::Restore(wanted) => restore(wanted).await,
    }
}

async fn create(wanted: Create) -> anyhow::Result<()> {
    let stop = Stop::default();
    let signals = heed(&stop)?;
    let places = wanted.places;
    let data = places.data()?;
    let now = Clock::system().now();
    let shared = folder::open_existing(&data, now).await?;
    let output = std::path::absolute(&wanted.output)?;
    let parent = match &places.stage_dir {
        Some(folder) => folder,
        None => output.parent().unwrap_or(&data.root),
    };
    let contents = Contents { logs: wanted.with_logs, artifacts: wanted.with_artifacts };
    let order = Order { data: &data, contents, output: &output, parent, stop: &stop };
    let made = backup::create(order, &shared.db, now).await;
    if made.is_err() {
        // The database may still be at a snapshot that nobody wants any more: it is not waited for.
        signals.none_came()?;
    }
    shared.db.close().await?;
    let made = made?;
    let (files, secrets) = (made.manifest.files.len(), made.checked.secrets);
    if places.json {
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
    let stop = Stop::default();
    let signals = heed(&stop)?;
    let parent = wanted.stage_dir.unwrap_or_else(temporary_folder);
    let verified = backup::verify(&wanted.input, &parent, &stop).await;
    if verified.is_err() {
        signals.none_came()?;
    }
    let (manifest, checked) = verified?;
    if wanted.json {
        say(json!({"format": manifest.format, "version": manifest.version, "made_at": manifest.made_at,
            "instance_id": manifest.instance_id, "files": manifest.files.len(), "bytes": manifest.bytes(),
            "secrets": checked.secrets, "with_logs": manifest.contents.logs,
            "with_artifacts": manifest.contents.artifacts}));
        return Ok(());
    }
    let (files, secrets) = (plural(manifest.files.len() as u64, "file"), plural(checked.secrets, "secret"));
    say(format_args!("the backup is whole: {files}, {} bytes; its key opens {secrets}", manifest.bytes()));
    Ok(())
}

fn heed(stop: &Stop) -> std::io::Result<Signals> {
    let stop = stop.clone();
    signals::heed(move || stop.trigger())
}

async fn restore(wanted: Restore) -> anyhow::Result<()> {
    let (places, clock) = (wanted.places, Clock::system());
    let data = places.data()?;
    let _lock = folder::claim(&data).map_err(|error| stop_first(error, &data))?;
    let stage = places.stage_dir.as_deref().map(std::path::absolute).transpose()?;
    if let Some(stage) = &stage {
        on_the_same_disk(stage, &data)?;
    }
    let prepared = backup::prepare(&data, &wanted.input, stage.as_deref(), &clock).await?;
    let canceled = prepared.settled.canceled_builds;
    let mut shown = json!({"instance_id": prepared.manifest.instance_id, "made_at": prepared.manifest.made_at,
        "epoch": prepared.settled.epoch, "canceled_builds": canceled, "secrets": prepared.checked.secrets});
    if wanted.prepare_only {
        let ready = prepared.leave();
        report_ready(&ready, places.json.then_some(shown));
        return Ok(());
    }
    let replaced = prepared.put_in_force(&data, &clock)?;
    if places.json {
        shown["kept"] = json!(replaced);
        say(shown);
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
    for path in replaced {
        note(format_args!("what was there is kept: {}", path.display()));
    }
    Ok(())
}

/// Says where a backup lies that could be put in force.
fn report_ready([database, key, rest]: &[PathBuf; 3], shown: Option<Value>) {
    if let Some(mut shown) = shown {
        shown["ready"] = json!({"database": database, "key": key, "folder": rest});
        return say(shown);
    }
    say("the backup is whole and ready; nothing of the instance was changed");
    for (what, path) in [("database", database), ("key", key), ("logs and artifacts", rest)] {
        note(format_args!("{what}: {}", path.display()));
    }
    note("A restore without --prepare-only begins anew and takes these away.");
}

/// What is put in force is renamed, which works within one disk only.
fn on_the_same_disk(stage: &Path, data: &DataFolder) -> anyhow::Result<()> {
    let disk = |folder: &Path| folder.metadata().map(|found| found.dev());
    let wanted = disk(stage)
        .map_err(|error| Failure::usage(format!("the folder {} can't be used: {error}", stage.display())))?;
    for file in [&data.database, &data.encryption_key(), &data.lock()] {
        let folder = file.parent().unwrap_or(&data.root);
        if disk(folder).is_ok_and(|found| found != wanted) {
            let message = format!("{} is on another disk than {}", stage.display(), folder.display());
            return Err(Failure::usage(message)
                .hint("Name a --stage-dir on that disk, or leave it out.")
                .into());
        }
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
