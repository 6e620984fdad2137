//! Disconnecting a source: its projects stay without one. It asks no code host; what was made there for this instance stays.

use serde_json::json;

use crate::app::App;
use crate::audit;
use crate::db;
use crate::domain::audit::Entry;
use crate::domain::id::IntegrationId;
use crate::error::{Error, Result};
use crate::events::Change;

/// Deletes the integration unless builds of it run; those that wait are canceled in the name of `actor`.
///
/// Errors: `not_found`, 409 `integration_has_active_builds`.
pub async fn disconnect(app: &App, id: IntegrationId, actor: &str, entry: Entry) -> Result<()> {
    let now_ms = app.clock.now_ms();
    app.db
        .write(async |tx| {
            let integration = db::integrations::get(tx, id).await?;
            for project in db::projects::of_integration(tx, id).await? {
                if db::builds::any_held(tx, project).await? {
                    return Err(Error::conflict(
                        "integration_has_active_builds",
                        "builds of this integration are running; wait for them or cancel them",
                    ));
                }
                db::builds::cancel_waiting(tx, project, actor, "source disconnected", now_ms).await?;
                tx.signal(Change::Project { project_id: project });
            }
            let details = json!({ "name": integration.display_name });
            audit::record(tx, app, entry.id(id).details(details)).await?;
            db::integrations::delete(tx, id).await
        })
        .await?;
    app.forge.github_tokens.forget(id);
    Ok(())
}
