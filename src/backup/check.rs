//! Whether a backup can be restored: its files are as its manifest says, its database is whole and of a version that is
//! known here, and its key opens every secret in it.

use std::path::Path;
use std::sync::Arc;

use super::archive;
use super::leftovers;
use super::manifest::Manifest;
use super::stage::Stage;
use super::stop::Stop;
use crate::db::{self, Db, sealed};
use crate::error::{Error, Result, codes};
use crate::events::Events;
use crate::seal::Sealer;

/// How many secrets are in memory at a time.
const BATCH: u64 = 64;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// How many secrets the key opens.
    pub secrets: u64,
}

/// Checks an archive without restoring it; `parent` is where it may be unpacked meanwhile, `stop` ends it before it is done.
///
/// # Errors
/// `invalid_backup`, `unknown_backup_format`, `database_corrupt`, `newer_schema`, `wrong_key`, `decryption_error`.
pub async fn verify(archive: &Path, parent: &Path, stop: &Stop) -> Result<(Manifest, Checked)> {
    stop.unless(unpacked(archive, parent, stop)).await
}

async fn unpacked(archive: &Path, parent: &Path, stop: &Stop) -> Result<(Manifest, Checked)> {
    leftovers::remove(parent);
    let stage = Stage::below(parent)?;
    let manifest = archive::read(archive, stop, |name, source| match name.split_once('/') {
        // Of bulk data the hash says everything.
        Some(_) => Ok(()),
        None => archive::unpack(source, &stage.place(name)),
    })?;
    let (db, sealer) = open(&stage).await?;
    let checked = whole(&db, &sealer).await;
    db.close().await?;
    Ok((manifest, checked?))
}

/// Opens the database of a stage; that migrates it.
pub async fn open(stage: &Stage) -> Result<(Db, Sealer)> {
    for (path, what) in [(&stage.database, "database"), (&stage.key(), "key")] {
        if path.symlink_metadata().is_err() {
            return Err(
                Error::invalid("invalid_backup", format!("the backup has no {what}")).hint(archive::HINT)
            );
        }
    }
    db::integrity::check(&stage.database).await?;
    let sealer = Sealer::open_or_create(&stage.key(), &stage.database)?;
    let db = Db::open(&stage.database, Arc::new(Events::new(0))).await?;
    Ok((db, sealer))
}

/// Whether database and key belong together.
pub async fn whole(db: &Db, sealer: &Sealer) -> Result<Checked> {
    db::encryption_key::require(db.read(), &sealer.key_ids()).await?;
    let mut secrets = 0;
    for column in sealed::columns(db.read()).await? {
        secrets += opened(db, sealer, &column).await?;
    }
    Ok(Checked { secrets })
}

/// Opens every value of a column, a few at a time: one may be a megabyte. Answers how many they are.
async fn opened(db: &Db, sealer: &Sealer, column: &sealed::Column) -> Result<u64> {
    let (mut count, mut place) = (0, Some(i64::MIN));
    while let Some(before) = place {
        let (values, last) = sealed::after(db.read(), column, before, BATCH).await?;
        for value in values {
            let identity = column.identity(&value.id);
            sealer.open(&identity, &value.sealed).map_err(|error| {
                Error::internal(codes::DECRYPTION_ERROR, format!("{identity} cannot be decrypted"), error)
            })?;
            count += 1;
        }
        place = last;
    }
    Ok(count)
}
