//! Changing the addresses of the instance: checked, stored, recorded, and in force at once. What is in
//! force is held by `network`.

use serde_json::json;

use super::approach::Approach;
use super::caller::Caller;
use super::modes;
use super::network::{Entered, Reach, checked};
use super::peer::Origin;
use crate::app::App;
use crate::audit;
use crate::db::entity::network_settings::Model;
use crate::db::network_settings::ROW;
use crate::db::{self, Doc, Tx};
use crate::domain::audit::{AuditAction, AuditResource, Entry};
use crate::error::Result;

/// Puts other addresses in force.
///
/// Errors: 403 `external_access_loopback_required`, 409 `external_access_would_lock_out`, 400 `invalid_input`, those of
/// `Reach::check_remote`, and of the delivery URL.
pub async fn change(
    app: &App,
    caller: &Caller,
    (origin, approach): (Origin, &Approach),
    entered: Entered,
) -> Result<Reach> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let modes = modes::changed_from(tx, origin).await?;
            let reach = checked(entered, modes.runtime, now)?;
            approach.require_let_in(app, &reach)?;
            let by =
                caller.did(AuditAction::ExternalAccessNetworkSettingsUpdated, AuditResource::ExternalAccess);
            save(tx, app, &reach, by, now).await?;
            Ok(reach)
        })
        .await
}

/// Stores addresses as part of `tx` and records who did it. They are in force once it is committed.
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
    audit::record(tx, app, by.details(details)).await?;
    let (network, reach) = (app.network.clone(), reach.clone());
    tx.after_commit(move || network.replace(reach));
    Ok(())
}
