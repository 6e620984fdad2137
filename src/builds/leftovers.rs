//! Bytes of artifacts that nobody needs any more. They are noted in the transaction that makes them useless and removed
//! afterwards, from whichever store they are in; a store that is away is asked again later.

use futures_util::FutureExt;
use futures_util::future::join_all;

use super::artifacts::PENDING_SECONDS;
use super::stores;
use crate::app::App;
use crate::db::entity::artifact_leftovers;
use crate::db::entity::artifacts::Model;
use crate::db::{self, Tx};
use crate::domain::id::{ArtifactId, ArtifactStoreId, BuildId, LeftoverId};
use crate::error::Result;
use crate::storage::BlobStore;

const SOME: u64 = 100;
/// After so many failures in a row a store is let be until the next time.
const MOST_FAILURES: u32 = 3;
/// An upload that began in time may still end a while after its address has expired.
const LATE_SECONDS: i64 = PENDING_SECONDS + 600;
const FIRST_PAUSE: i64 = 60;
const LONGEST_PAUSE: i64 = 6 * 60 * 60;

/// Notes that the bytes of an artifact go: of a store itself only when nobody can send to it any more.
pub async fn leave(tx: &Tx, app: &App, row: &Model) -> Result<()> {
    let now = app.clock.now();
    let due_at = match (row.store_id, &row.upload_id) {
        (None, _) => now,
        (Some(_), None) => row.created_at + LATE_SECONDS,
        // Addresses of parts were handed out for as long as it went on.
        (Some(_), Some(_)) => now + LATE_SECONDS,
    };
    db::artifact_leftovers::insert(tx, row.store_id, prefix(row), due_at).await.map(drop)
}

/// Notes what would be left in a store of an artifact that is never recorded; the note goes with its record.
pub async fn expect(app: &App, row: &Model) -> Result<LeftoverId> {
    let due_at = app.clock.now() + LATE_SECONDS;
    app.db.write(async |tx| db::artifact_leftovers::insert(tx, row.store_id, prefix(row), due_at).await).await
}

/// What the keys of an artifact begin with.
fn prefix(row: &Model) -> String {
    format!("{}/{}", row.build_id, row.id)
}

/// Notes that all artifacts of builds go that are about to be deleted.
pub async fn leave_builds(tx: &Tx, app: &App, builds: &[BuildId]) -> Result<()> {
    let now = app.clock.now();
    db::artifact_leftovers::insert_builds(tx, builds, now, now + LATE_SECONDS).await
}

/// Has what was noted removed, without waiting for it. Called after the transaction that noted it.
pub fn announce(app: &App) {
    app.uploads.left.notify_one();
}

/// Removes everything that is due. A store that is away or slow is in no other's way.
pub async fn clear_all(app: &App) -> Result<()> {
    let now = app.clock.now();
    let stores = db::artifact_leftovers::stores_due(app.db.read(), now).await?;
    join_all(stores.into_iter().map(|store| clear(app, store, now).boxed())).await.into_iter().collect()
}

/// Removes what is due of one store. One that fails again and again has its turn later.
async fn clear(app: &App, store: Option<ArtifactStoreId>, now: i64) -> Result<()> {
    let mut failures = 0;
    loop {
        let due = db::artifact_leftovers::list_due(app.db.read(), store, now, SOME).await?;
        for left in &due {
            match remove(app, left).await {
                Ok(()) => {
                    failures = 0;
                    app.db.write(async |tx| db::artifact_leftovers::delete(tx, left.id).await).await?;
                }
                Err(error) => {
                    failures += 1;
                    postpone(app, left, &error.to_string()).await?;
                }
            }
            if failures == MOST_FAILURES {
                return Ok(());
            }
        }
        if (due.len() as u64) < SOME {
            return Ok(());
        }
    }
}

async fn remove(app: &App, left: &artifact_leftovers::Model) -> Result<()> {
    let store = stores::of(app, left.store_id).await?;
    abandon_parts(app, &store, left).await?;
    Ok(store.remove_all(&left.prefix).await?)
}

/// Stores differ in which uploads in parts they list; that of a single artifact is known by its name.
async fn abandon_parts(app: &App, store: &BlobStore, left: &artifact_leftovers::Model) -> Result<()> {
    let artifact = left.prefix.split_once('/').and_then(|(_, id)| id.parse::<ArtifactId>().ok());
    let Some(artifact) = artifact else { return Ok(()) };
    let row = db::artifacts::find(app.db.read(), artifact).await?;
    let Some((key, upload)) = row.and_then(|row| Some((row.object_key, row.upload_id?))) else {
        return Ok(());
    };
    Ok(store.abandon_parts(&key, &upload).await?)
}

async fn postpone(app: &App, left: &artifact_leftovers::Model, why: &str) -> Result<()> {
    tracing::warn!(prefix = left.prefix, "bytes of artifacts could not be removed: {why}");
    let pause = (FIRST_PAUSE << left.tries.clamp(0, 16)).min(LONGEST_PAUSE);
    let due_at = app.clock.now() + pause;
    app.db.write(async |tx| db::artifact_leftovers::postpone(tx, left.id, due_at).await).await
}
