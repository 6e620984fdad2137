//! What becomes of logs after their builds: packed when nothing can be appended any more, removed when
//! they have been kept long enough. Each run does all that is due; one that is cut off is made good by the
//! next.

use crate::app::App;
use crate::db;
use crate::db::builds::Standing;
use crate::domain::id::BuildId;
use crate::error::Result;

/// A runner may still send what a cancelled step wrote for a minute after the end.
const SETTLED_MS: i64 = 120_000;
/// Logs that are removed in one transaction.
const BATCH: u64 = 100;

/// Packs the logs of builds that have been over for a while.
pub async fn pack(app: &App) -> Result<()> {
    for (build, attempt) in app.logs.unpacked().await? {
        if app.stopping.is_cancelled() {
            return Ok(());
        }
        match is_settled(app, build).await {
            Ok(true) => pack_one(app, build, attempt).await,
            Ok(false) => {}
            Err(error) => tracing::warn!(%build, attempt, "a log is not packed: {error}"),
        }
    }
    Ok(())
}

async fn is_settled(app: &App, build: BuildId) -> Result<bool> {
    let build = match db::builds::standing(app.db.read(), build).await {
        Err(error) if error.code == "not_found" => return Ok(false),
        found => found?,
    };
    let before = app.clock.patient_ms() - SETTLED_MS;
    Ok(build.status.is_terminal() && build.finished_at_ms.is_some_and(|end| end <= before))
}

/// A log that can't be packed stays as it is, and the others have their turn.
async fn pack_one(app: &App, build: BuildId, attempt: i32) {
    let packed = match app.logs.open(build, attempt).await {
        Ok(log) => log.pack().await,
        Err(error) => Err(error),
    };
    match packed {
        Ok(Some(packing)) => {
            tracing::debug!(%build, before = packing.before, after = packing.after, "packed a log");
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%build, attempt, "a log could not be packed: {error}"),
    }
}

/// Removes the logs of these builds, the files first.
pub async fn remove(app: &App, builds: &[Standing]) -> Result<()> {
    let ids: Vec<BuildId> = builds.iter().map(|build| build.id).collect();
    app.logs.remove(&ids).await?;
    let now = app.clock.now();
    app.db.write(async |tx| db::builds::logs::set_removed(tx, builds, now).await).await
}

/// Removes the logs that have been kept long enough. The files go first: if that is cut off, the next
/// run finds the same builds again.
pub async fn remove_old(app: &App) -> Result<()> {
    let Some(kept) = app.config.log_retention else { return Ok(()) };
    let kept_ms = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    let before = app.clock.patient_ms().saturating_sub(kept_ms);
    while !app.stopping.is_cancelled() {
        let builds = db::builds::logs::list_ended_before(app.db.read(), before, BATCH).await?;
        if builds.is_empty() {
            break;
        }
        remove(app, &builds).await?;
        tracing::info!(logs = builds.len(), "removed logs that were kept long enough");
    }
    Ok(())
}
