//! Whether an integration works. One that its host refuses says so, opens an incident, and its waiting builds fail with
//! the reason instead of waiting for something that will not come.

use crate::app::App;
use crate::db::entity::integrations;
use crate::db::{self, Tx};
use crate::domain::id::IntegrationId;
use crate::domain::incident::IncidentReason;
use crate::domain::source::{IntegrationStatus, ScmProvider};
use crate::error::Result;
use crate::events::Change;
use crate::sources::incidents::{self, Found};

/// Asks the code hosts what they show, so that what was taken away or repaired there is known before somebody builds.
pub async fn look(app: &App) -> Result<()> {
    if !super::is_remote(app).await? {
        return Ok(());
    }
    for integration in db::integrations::of_provider(app.db.read(), ScmProvider::Github).await? {
        if integration.status == IntegrationStatus::Inactive {
            continue;
        }
        if let Err(error) = super::github::sync::sync(app, &integration, None, None).await {
            tracing::warn!(integration = %integration.id, "its repositories could not be read: {error}");
        }
    }
    Ok(())
}

/// The host refuses the integration itself, and will until somebody does something.
pub async fn broken(app: &App, integration: &integrations::Model, reason: &str) -> Result<()> {
    let found = Found { reason: IncidentReason::Rejected, expires_at: None };
    app.db.write(async |tx| break_it(tx, app, integration.id, found, reason).await).await
}

/// The same as part of a transaction; `why` is for people.
pub async fn break_it(tx: &Tx, app: &App, id: IntegrationId, found: Found, why: &str) -> Result<()> {
    tracing::warn!(integration = %id, "an integration does not work: {why}");
    let (now, now_ms) = (app.clock.now(), app.clock.now_ms());
    db::integrations::set_status(tx, id, IntegrationStatus::Error, Some(why), now).await?;
    incidents::open(tx, id, found, now).await?;
    let message = unfetchable(why);
    for project in db::projects::of_integration(tx, id).await? {
        db::builds::reject_waiting(tx, project, "source broken", &message, now_ms).await?;
        tx.signal(Change::Project { project_id: project });
    }
    Ok(())
}

/// What a build says that can't have its code.
pub fn unfetchable(why: &str) -> String {
    format!("Its code can't be fetched: {why}")
}

/// It works, or works again.
pub async fn works(app: &App, integration: &integrations::Model) -> Result<()> {
    if integration.status != IntegrationStatus::Error {
        return Ok(());
    }
    app.db.write(async |tx| mend(tx, app, integration.id).await).await
}

/// The same as part of a transaction. A credential that is about to end stays an incident.
pub async fn mend(tx: &Tx, app: &App, id: IntegrationId) -> Result<()> {
    let now = app.clock.now();
    let row = db::integrations::find(tx, id).await?;
    if row.is_some_and(|row| row.status == IntegrationStatus::Error) {
        db::integrations::set_status(tx, id, IntegrationStatus::Active, None, now).await?;
    }
    incidents::resolve(tx, id, IncidentReason::breaks, now).await
}
