//! `oored audit`: checks on the host that the audit log is as it was recorded, with the daemon
//! running or stopped. The log itself it only reads.

use clap::{Args, Subcommand};

use super::folder;
use super::terminal::say;
use crate::audit::{self, Verdict};
use crate::clock::Clock;
use crate::config::{FolderSettings, sha256};

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that no entry was changed or removed.
    Verify(Verify),
}

#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    folder: FolderSettings,

    /// A hash that an earlier check printed; it must still be part of the log.
    #[arg(long, value_parser = sha256)]
    noted: Option<String>,
}

pub async fn run(command: Audit) -> anyhow::Result<()> {
    let Audit::Verify(verify) = command;
    let folder = verify.folder.resolve()?;
    let shared = folder::open_existing(&folder, Clock::system().now()).await?;
    match audit::verify(&shared.db, &shared.sealer, verify.noted.as_deref()).await? {
        Verdict::Intact { entries, hash } => {
            say(format_args!("{entries} entries, all as they were recorded"));
            say(format_args!("hash {hash}"));
            Ok(())
        }
        Verdict::Broken { entry, what } => {
            anyhow::bail!("the audit log was tampered with: entry {entry} {what}")
        }
    }
}
