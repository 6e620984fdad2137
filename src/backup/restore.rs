//! Putting a backup in the place of the present instance, whose files are kept. Everything is unpacked, checked and settled
//! beside them first; then a journal names the renames that are left, and whoever finds it finishes them, so that a crash
//! leaves the old instance or the new one. The data folder must be claimed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::archive;
use super::check::{self, Checked};
use super::manifest::Manifest;
use super::settle::{self, Settled};
use super::stage::{Stage, make};
use super::stop::Stop;
use crate::clock::Clock;
use crate::config::DataFolder;
use crate::error::{Error, Result};
use crate::files::{self, beside};
use crate::seal::former_key;

/// A journal is much shorter.
const JOURNAL_BYTES: u64 = 64 * 1024;

/// A backup that is unpacked, checked and settled, and of which nothing is in force yet. Dropped, it goes.
#[derive(Debug)]
pub struct Prepared {
    pub manifest: Manifest,
    pub checked: Checked,
    pub settled: Settled,
    stage: Stage,
}

/// The renames that put a backup in force, in their order.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    swaps: Vec<Swap>,
    /// Holds what is staged, and is empty at the end.
    stage: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Swap {
    target: PathBuf,
    /// What comes there; nothing if the target only has to go.
    staged: Option<PathBuf>,
    /// Where goes what was there.
    kept: PathBuf,
}

/// Does everything of a restore that changes nothing of the present instance. `parent` is a folder for it on the same
/// disk, if it is not to be beside the files that it will replace.
///
/// # Errors
/// Those of a check, and `disk_full`.
pub async fn prepare(
    data: &DataFolder,
    archive: &Path,
    parent: Option<&Path>,
    clock: &Clock,
) -> Result<Prepared> {
    let stage = match parent {
        Some(parent) => Stage::within(parent)?,
        None => Stage::beside(data)?,
    };
    let (manifest, checked, settled) = fill(&stage, archive, clock).await?;
    Ok(Prepared { manifest, checked, settled, stage })
}

impl Prepared {
    /// Leaves it where it is; answers where database, key and the rest are.
    pub fn leave(mut self) -> [PathBuf; 3] {
        self.stage.keep();
        [self.stage.database.clone(), self.stage.key(), self.stage.folder().to_owned()]
    }

    /// Puts it in the place of the present instance; answers where the files are now that were in force before.
    ///
    /// # Errors
    /// Of the disk: the journal says what is left to do, once it is written.
    pub fn put_in_force(mut self, data: &DataFolder, clock: &Clock) -> Result<Vec<PathBuf>> {
        let journal = Journal::new(data, &self.stage, &self.manifest, clock.now_ms());
        journal.write(data)?;
        // From here on the journal decides.
        self.stage.keep();
        finish(data)?;
        Ok(journal.swaps.into_iter().map(|swap| swap.kept).filter(|path| path.exists()).collect())
    }
}

async fn fill(stage: &Stage, archive: &Path, clock: &Clock) -> Result<(Manifest, Checked, Settled)> {
    let manifest = archive::read(archive, &Stop::default(), |name, source| {
        let place = stage.place(name);
        stage.prepare(&place)?;
        archive::unpack(source, &place)
    })?;
    // Without any logs there is a folder for them too, for it replaces what is there.
    if manifest.contents.logs {
        make(&stage.logs())?;
    }
    if manifest.contents.artifacts {
        make(&stage.artifacts())?;
    }
    let (db, sealer) = check::open(stage).await?;
    let checked = check::whole(&db, &sealer).await?;
    let settled = settle::settle(&db, &sealer, clock, &manifest).await?;
    // Folds the write-ahead log into the file, so that one rename moves all of it.
    db.close().await?;
    stage.sync()?;
    Ok((manifest, checked, settled))
}

/// Whether a restore was interrupted when nothing but renames was left.
pub fn is_unfinished(data: &DataFolder) -> bool {
    journal_file(data).symlink_metadata().is_ok()
}

/// Finishes a restore that was interrupted, if there is one.
pub fn finish(data: &DataFolder) -> Result<()> {
    let path = journal_file(data);
    let text = match files::read_private(&path, JOURNAL_BYTES) {
        Err(files::Unfit::Missing) => return Ok(()),
        Err(why) => {
            let message = format!("the journal of a restore, {}, {why}", path.display());
            return Err(Error::invalid("invalid_restore_journal", message).hint(why.hint(&path)));
        }
        Ok(text) => text,
    };
    let journal: Journal = serde_json::from_slice(&text).map_err(|error| {
        Error::invalid("invalid_restore_journal", format!("{} cannot be read: {error}", path.display()))
            .hint("It names the renames that a restore has left to do; do them by hand, then remove it.")
    })?;
    for swap in &journal.swaps {
        swap.carry_out()?;
    }
    files::remove_folder(&journal.stage)?;
    files::remove(&path)
}

fn journal_file(data: &DataFolder) -> PathBuf {
    data.root.join("restore.json")
}

impl Journal {
    fn new(data: &DataFolder, stage: &Stage, manifest: &Manifest, now_ms: i64) -> Self {
        let before = format!(".before-restore-{now_ms}");
        let swap = |target: PathBuf, staged| Swap { kept: beside(&target, &before), target, staged };
        let kept_database = beside(&data.database, &before);
        // The logs of the old database go first: beside the new one they would be taken for its own.
        let mut swaps: Vec<Swap> = ["-wal", "-shm"]
            .map(|suffix| Swap {
                target: beside(&data.database, suffix),
                staged: None,
                kept: beside(&kept_database, suffix),
            })
            .into();
        swaps.push(swap(data.database.clone(), Some(stage.database.clone())));
        swaps.push(swap(data.encryption_key(), Some(stage.key())));
        let former = Some(stage.former_key()).filter(|path| path.exists());
        swaps.push(swap(former_key(&data.encryption_key()), former));
        if manifest.contents.logs {
            swaps.push(swap(data.logs(), Some(stage.logs())));
        }
        if manifest.contents.artifacts {
            swaps.push(swap(data.artifacts(), Some(stage.artifacts())));
        }
        Self { swaps, stage: stage.folder().to_owned() }
    }

    fn write(&self, data: &DataFolder) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(std::io::Error::from)?;
        files::replace_private(&journal_file(data), &text)
    }
}

impl Swap {
    /// Does what is left of it.
    fn carry_out(&self) -> Result<()> {
        let is_due = self.staged.as_ref().is_none_or(|staged| staged.exists());
        if is_due && self.target.exists() && !self.kept.exists() {
            std::fs::rename(&self.target, &self.kept)?;
            files::sync_folder(&self.kept)?;
        }
        if let Some(staged) = self.staged.as_ref().filter(|staged| staged.exists()) {
            std::fs::rename(staged, &self.target)?;
            files::sync_folder(&self.target)?;
        }
        Ok(())
    }
}
