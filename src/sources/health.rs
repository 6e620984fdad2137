//! Whether an integration works. One that its host refuses says so, and its waiting builds fail with the reason
//! instead of waiting for something that will not come.

use crate::app::App;
use crate::db;
use crate::db::entity::integrations;
use crate::domain::setup::RuntimeMode;
use crate::domain::source::{IntegrationStatus, ScmProvider};
use crate::error::Result;
use crate::events::Change;

/// Asks the code hosts what they show, so that what was taken away or repaired there is known before somebody builds.
pub async fn look(app: &App) -> Result<()> {
    if db::instance::get(app.db.read()).await?.runtime_mode == RuntimeMode::Local {
        return Ok(());
    }
    for integration in db::integrations::of_provider(app.db.read(), ScmProvider::Github).await? {
        if integration.status == IntegrationStatus::Inactive {
            continue;
        }
        if let Err(error) = super::github::sync::sync(app, &integration, None).await {
            tracing::warn!(integration = %integration.id, "its repositories could not be read: {error}");
        }
    }
    Ok(())
}

/// The host refuses the integration itself, and will until somebody does something.
pub async fn broken(app: &App, integration: &integrations::Model, reason: &str) -> Result<()> {
    tracing::warn!(integration = %integration.id, "an integration does not work: {reason}");
    let (now, now_ms) = (app.clock.now(), app.clock.now_ms());
    let why = format!("Its code can't be fetched: {reason}");
    app.db
        .write(async |tx| {
            db::integrations::set_status(tx, integration.id, IntegrationStatus::Error, Some(reason), now)
                .await?;
            for project in db::projects::of_integration(tx, integration.id).await? {
                db::builds::reject_waiting(tx, project, "source broken", &why, now_ms).await?;
                tx.signal(Change::Project { project_id: project });
            }
            Ok(())
        })
        .await
}

/// It works, or works again.
pub async fn works(app: &App, integration: &integrations::Model) -> Result<()> {
    if integration.status != IntegrationStatus::Error {
        return Ok(());
    }
    let (id, now) = (integration.id, app.clock.now());
    app.db
        .write(async |tx| db::integrations::set_status(tx, id, IntegrationStatus::Active, None, now).await)
        .await
}
