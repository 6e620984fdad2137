//! Changing the addresses of the instance: checked, stored, recorded, and in force at once. What is in
//! force is held by `network`.

use serde_json::json;

use super::caller::Caller;
use super::network::{Entered, Reach, checked};
use crate::app::App;
use crate::audit;
use crate::db::entity::network_settings::Model;
use crate::db::network_settings::ROW;
use crate::db::{self, Doc, Tx};
use crate::domain::audit::{AuditAction, AuditResource, Entry};
use crate::domain::setup::RuntimeMode;
use crate::error::Result;

/// Stores addresses as part of `tx` and records who did it. They are in force once `Network` holds them.
pub async fn save(tx: &Tx, app: &App, reach: &Reach, by: Entry, now: i64) -> Result<()> {
    let row = Model {
        id: ROW,
        public_url: reach.public_url.clone(),
        artifact_delivery_url: reach.artifact_delivery_url.clone(),
        allowed_origins: Doc(reach.allowed_origins.clone()),
        updated_at: now,
    };
    let details = json!({"public_url": row.public_url, "allowed_origins": row.allowed_origins.0});
    db::network_settings::replace(tx, row).await?;
    audit::record(tx, app, by.details(details)).await
}

/// Puts other addresses in force, in an instance of this mode.
///
/// Errors: 400 `invalid_input`, those of `Reach::check_remote`, and of the delivery URL.
pub async fn change(app: &App, caller: &Caller, entered: Entered, mode: RuntimeMode) -> Result<Reach> {
    let now = app.clock.now();
    let reach = checked(entered, mode, now)?;
    let entry = caller.did(AuditAction::ExternalAccessNetworkSettingsUpdated, AuditResource::ExternalAccess);
    app.db.write(async |tx| save(tx, app, &reach, entry, now).await).await?;
    app.network.replace(reach.clone());
    Ok(reach)
}
