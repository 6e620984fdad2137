//! The bytes of builds that no longer exist: logs and artifacts go after the rows have gone. What
//! can't be removed is logged and tried again later; it is in nobody's way.

use super::leftovers;
use crate::app::App;
use crate::db::Tx;
use crate::domain::id::BuildId;
use crate::error::Result;

/// Notes where the bytes of builds are, as part of the transaction that deletes their rows, and before it does.
pub async fn leave(tx: &Tx, app: &App, builds: &[BuildId]) -> Result<()> {
    leftovers::leave_builds(tx, app, builds).await
}

/// Removes the logs of builds whose rows are deleted, and has what was noted of their artifacts removed.
pub async fn remove(app: &App, builds: &[BuildId]) {
    leftovers::announce(app);
    for build in builds {
        app.leases.forget(*build);
    }
    if let Err(error) = app.logs.remove(builds).await {
        tracing::warn!("the logs of deleted builds could not be removed: {error}");
    }
}
