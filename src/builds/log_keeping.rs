//! What becomes of logs after their builds: packed when nothing can be appended any more, removed when
//! they have been kept long enough or their builds are gone. Each run does all that is due; one that is
//! cut off is made good by the next.

use std::collections::HashSet;

use crate::app::App;
use crate::db;
use crate::domain::id::BuildId;
use crate::error::{Kind, Result};

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
        Err(error) if error.kind == Kind::NotFound => return Ok(false),
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

/// Removes the logs that have been kept long enough, but for those of pinned builds. That they go is recorded first: what
/// somebody pins meanwhile stays whole. Files that are left because that is cut off go with the next `tidy`.
pub async fn remove_old(app: &App) -> Result<()> {
    let Some(kept) = app.config.log_retention else { return Ok(()) };
    let kept_ms = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    let before = app.clock.patient_ms().saturating_sub(kept_ms);
    while !app.stopping.is_cancelled() {
        let now = app.clock.now();
        let gone = app.db.write(async |tx| db::builds::logs::give_up(tx, before, BATCH, now).await).await?;
        if gone.is_empty() {
            break;
        }
        app.logs.remove(&gone).await?;
        tracing::info!(logs = gone.len(), "removed logs that were kept long enough");
    }
    Ok(())
}

/// Removes files of logs that should be gone: of builds that are deleted, or whose log was given up.
pub async fn tidy(app: &App) -> Result<()> {
    let known = app.logs.builds().await?;
    for some in known.chunks(BATCH as usize) {
        let kept: HashSet<BuildId> = db::builds::logs::kept(app.db.read(), some).await?.into_iter().collect();
        let gone: Vec<BuildId> = some.iter().copied().filter(|build| !kept.contains(build)).collect();
        if !gone.is_empty() {
            app.logs.remove(&gone).await?;
        }
    }
    Ok(())
}
