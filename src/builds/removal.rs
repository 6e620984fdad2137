//! The deletion of an artifact by a person. What goes because its time is over goes by `retention`.

use serde_json::json;

use super::leftovers;
use crate::app::App;
use crate::audit;
use crate::db;
use crate::domain::audit::Entry;
use crate::domain::id::ArtifactId;
use crate::error::Result;

/// Takes an artifact out of sight and has its bytes removed; `entry` is what the audit log will say.
///
/// Errors: 404 `not_found`, 409 `build_pinned`.
pub async fn remove(app: &App, id: ArtifactId, entry: Entry) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = db::artifacts::remove(tx, id).await?;
            leftovers::leave(tx, app, &row).await?;
            let details = json!({"name": row.name, "build_id": row.build_id, "bytes": row.file_size});
            audit::record(tx, app, entry.id(id).details(details)).await
        })
        .await?;
    leftovers::announce(app);
    Ok(())
}
