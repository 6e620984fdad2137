//! The bytes of builds that no longer exist: logs and artifacts go after the rows have gone. What
//! can't be removed is logged and stays; it is in nobody's way.

use crate::app::App;
use crate::domain::id::BuildId;

/// Removes logs and artifacts of builds whose rows are deleted.
pub async fn remove(app: &App, builds: &[BuildId]) {
    for build in builds {
        if let Err(error) = app.storage.remove_all(&build.to_string()).await {
            tracing::warn!(%build, "the artifacts of a deleted build could not be removed: {error}");
        }
        app.leases.forget(*build);
    }
    if let Err(error) = app.logs.remove(builds).await {
        tracing::warn!("the logs of deleted builds could not be removed: {error}");
    }
}
