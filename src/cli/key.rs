//! `oore key`: looks after the key that seals secrets and signs links. On the daemon's machine, with
//! the daemon running or stopped.

use clap::{Args, Subcommand};
use serde_json::json;

use super::folder;
use super::terminal::{note, say};
use crate::clock::Clock;
use crate::config::FolderSettings;
use crate::rotation::{self, Progress};

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a new key and seal every stored secret with it; run again, it finishes what was interrupted.
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    folder: FolderSettings,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: KeyCommand) -> anyhow::Result<()> {
    let KeyCommand::Rotate(rotate) = command;
    let clock = Clock::system();
    let shared = folder::open_existing(&rotate.folder.resolve()?, clock.now()).await?;
    let count = rotation::rotate(&shared.db, &shared.sealer, &clock, tell).await?;
    let key_id = shared.sealer.key_id();
    // What was overwritten leaves the write-ahead log too.
    shared.db.close().await?;
    if rotate.json {
        say(json!({"key_id": key_id, "resealed": count}));
    } else {
        say(format_args!("the key {key_id} is in force; {count} secrets were sealed with it"));
    }
    Ok(())
}

fn tell(progress: Progress) {
    match progress {
        Progress::Begun => note("a new key is in force; the former one still opens everything"),
        Progress::Resumed => note("going on with a rotation that was interrupted"),
        Progress::Sealed(count) => note(format_args!("{count} secrets sealed")),
        Progress::Recorded => note("every secret is sealed with the new key"),
    }
}
