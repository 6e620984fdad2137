//! `oored audit`: checks on the host that the audit log is as it was recorded, with the daemon
//! running or stopped. It only reads.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::terminal::say;
use crate::audit::{self, Verdict};
use crate::config::FolderSettings;
use crate::db::Db;
use crate::error::Error;
use crate::events::Events;
use crate::seal::Sealer;

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
    #[arg(long)]
    noted: Option<String>,
}

pub async fn run(command: Audit) -> anyhow::Result<()> {
    let Audit::Verify(verify) = command;
    let folder = verify.folder.resolve()?;
    if !folder.database.exists() {
        let message = format!("there is no database at {}", folder.database.display());
        return Err(Error::invalid("no_database", message)
            .hint("Name the data folder with --data-dir.")
            .into());
    }
    let sealer = Sealer::open_or_create(&folder.encryption_key(), &folder.database)?;
    let db = Db::open(&folder.database, Arc::new(Events::new(0))).await?;
    match audit::verify(&db, &sealer, verify.noted.as_deref()).await? {
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
