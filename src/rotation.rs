//! A new key for an instance that goes on working. First the new key is in force and the former one
//! still opens everything; then every value is sealed anew, some at a time; then the former key is
//! retired. Killed anywhere, nothing is lost and the next run goes on. See docs/adr/0003.

use serde_json::json;

use crate::audit;
use crate::clock::Clock;
use crate::db::{self, Db, Tx, sealed};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::error::{Error, Result, codes};
use crate::seal::{Rotation, SIGNED_FOR_SECONDS, Sealer};

/// Values a transaction: short enough that a build in progress does not notice.
const BATCH: u64 = 50;

/// What has been done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A new key is in force.
    Begun,
    /// An interrupted rotation goes on.
    Resumed,
    /// So many values are sealed with the new key, in this run.
    Sealed(u64),
    /// Every value is, and the log says so.
    Recorded,
}

/// Rotates the key, or finishes a rotation that was interrupted.
///
/// Errors: 409 `rotation_in_progress`, `rotated_recently`; `decryption_error` names a value that no
/// key opens.
pub async fn rotate(db: &Db, sealer: &Sealer, clock: &Clock, tell: impl Fn(Progress)) -> Result<u64> {
    let _lock = sealer.lock_rotation()?;
    db.write(async |tx| sealed::overwrite_for_good(tx).await).await?;
    let now = clock.now();
    match sealer.rotation() {
        Rotation::Unfinished => tell(Progress::Resumed),
        Rotation::Retired(at) if now < at + SIGNED_FOR_SECONDS => {
            return Err(Error::conflict("rotated_recently", "the key was rotated less than 30 minutes ago")
                .hint(
                    "Links that the former key has signed still work; rotate again when they have expired.",
                ));
        }
        Rotation::None | Rotation::Retired(_) => {
            reseal(db, sealer, |_| {}).await?;
            sealer.begin_rotation()?;
            tell(Progress::Begun);
        }
    }
    let count = reseal(db, sealer, &tell).await?;
    db.write(async |tx| record(tx, sealer, now).await).await?;
    tell(Progress::Recorded);
    sealer.finish_rotation(clock.now())?;
    Ok(count)
}

/// Removes a retired key that nothing depends on any more.
pub async fn tidy(db: &Db, sealer: &Sealer, now: i64) -> Result<()> {
    match sealer.rotation() {
        Rotation::Retired(at) if now >= at + SIGNED_FOR_SECONDS => {
            let _lock = sealer.lock_rotation()?;
            // A request that was under way at the end of the rotation may have used the former key.
            reseal(db, sealer, |_| {}).await?;
            sealer.forget_former()
        }
        Rotation::None | Rotation::Unfinished | Rotation::Retired(_) => Ok(()),
    }
}

/// Seals everything with the key in force that isn't yet.
async fn reseal(db: &Db, sealer: &Sealer, tell: impl Fn(Progress)) -> Result<u64> {
    let mut count = 0;
    for column in sealed::columns(db.read()).await? {
        loop {
            let done = db.write(async |tx| reseal_some(tx, sealer, &column).await).await?;
            count += done;
            if done == 0 {
                break;
            }
            tell(Progress::Sealed(count));
        }
    }
    Ok(count)
}

async fn reseal_some(tx: &Tx, sealer: &Sealer, column: &sealed::Column) -> Result<u64> {
    let values = sealed::without_mark(tx, column, &sealer.mark(), BATCH).await?;
    let mut count = 0;
    for value in values {
        let identity = column.identity(&value.id);
        let secret = sealer.open(&identity, &value.sealed).map_err(|error| {
            Error::internal(codes::DECRYPTION_ERROR, format!("{identity} cannot be decrypted"), error)
                .hint("Nothing is lost. Enter that secret again, then rotate again.")
        })?;
        sealed::replace(tx, column, &value.id, sealer.seal(&identity, &secret)?).await?;
        count += 1;
    }
    Ok(count)
}

/// Records the rotation once, together with the last values. The entry signs the end of the audit
/// log with the new key.
async fn record(tx: &Tx, sealer: &Sealer, now: i64) -> Result<()> {
    for column in sealed::columns(tx).await? {
        while reseal_some(tx, sealer, &column).await? > 0 {}
    }
    let (key_id, before) = (sealer.key_id(), db::encryption_key::find(tx).await?);
    let before = before.map(|row| row.key_id);
    if before.as_deref() == Some(&key_id) {
        return Ok(());
    }
    db::encryption_key::set(tx, &key_id, now).await?;
    let entry = Entry::new(AuditAction::KeyRotated, Actor::Operator, AuditResource::EncryptionKey);
    let entry = entry.id(&key_id).details(json!({"former_key_id": before}));
    audit::append(tx, sealer, now, entry).await
}
