//! Canceling: the row moves at once, and the runner learns of it at its next call, because it no
//! longer holds the build.

use crate::app::App;
use crate::db;
use crate::db::builds::{Transition, With};
use crate::db::entity::builds;
use crate::domain::build::BuildMove;
use crate::domain::id::BuildId;
use crate::error::Result;

/// Cancels a build that is not over.
///
/// Errors: 409 `invalid_transition` if it is.
pub async fn cancel(app: &App, build: BuildId, actor: &str) -> Result<builds::Model> {
    let now_ms = app.clock.now_ms();
    let cancel = Transition {
        by: BuildMove::Cancel,
        actor: Some(actor),
        reason: "canceled by user",
        now_ms,
        with: With::Nothing,
    };
    let canceled = app.db.write(async |tx| db::builds::transition(tx, build, cancel).await).await?;
    app.leases.forget(build);
    Ok(canceled)
}
