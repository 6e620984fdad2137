//! Canceling: the row moves at once, and the runner learns of it at its next call, because it no
//! longer holds the build.

use super::tell_released;
use super::trigger::about;
use crate::app::App;
use crate::audit;
use crate::db;
use crate::db::builds::{Transition, With};
use crate::db::entity::builds;
use crate::domain::audit::Entry;
use crate::domain::build::BuildMove;
use crate::domain::id::BuildId;
use crate::error::Result;

/// Cancels a build that is not over; `entry` is what the audit log will say.
///
/// Errors: 409 `invalid_transition` if it is.
pub async fn cancel(app: &App, build: BuildId, entry: Entry) -> Result<builds::Model> {
    let now_ms = app.clock.now_ms();
    let actor = entry.actor.clone();
    let cancel = Transition {
        by: BuildMove::Cancel,
        actor: actor.name(),
        reason: "canceled by user",
        now_ms,
        with: With::Nothing,
    };
    let canceled = app
        .db
        .write(async |tx| {
            let runner = db::builds::standing(tx, build).await?.runner_id;
            let canceled = db::builds::transition(tx, build, cancel).await?;
            tell_released(tx, app, runner).await?;
            audit::record(tx, app, entry.id(build).details(about(&canceled))).await?;
            Ok(canceled)
        })
        .await?;
    app.leases.forget(build);
    Ok(canceled)
}
