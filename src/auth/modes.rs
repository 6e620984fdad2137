//! How people reach the instance and sign in to it. Only the owner changes that; letting others in
//! needs a preflight that passes; a change ends every session and voids what the host handed out.

use serde_json::json;

use super::caller::Caller;
use super::peer::Origin;
use super::preflight;
use super::setup;
use crate::app::App;
use crate::audit;
use crate::db::{self, Tx, entity::instance};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::permission::{Action, Resource, instance_allows};
use crate::domain::setup::{RemoteAuthMode, RuntimeMode};
use crate::error::{Error, Result};

/// The modes that are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    pub runtime: RuntimeMode,
    pub auth: RemoteAuthMode,
}

impl Modes {
    pub fn of(instance: &instance::Model) -> Self {
        Self { runtime: instance.runtime_mode, auth: instance.remote_auth_mode }
    }

    /// Whether a trusted proxy says who people are.
    pub fn is_behind_proxy(self) -> bool {
        (self.runtime, self.auth) == (RuntimeMode::Remote, RemoteAuthMode::TrustedProxy)
    }
}

/// Refuses with 403 `external_access_owner_required` anybody but the owner.
pub fn require_owner(caller: &Caller) -> Result<()> {
    if instance_allows(caller.role(), Resource::ExternalAccess, Action::Write) {
        return Ok(());
    }
    Err(Error::forbidden(
        "external_access_owner_required",
        "only the owner changes how people reach the instance",
    ))
}

/// Refuses whom may not change how the instance is reached; answers the mode it is in.
///
/// Errors: 403 `permission_denied`, 403 `external_access_owner_required`,
/// 403 `external_access_loopback_required`.
pub async fn may_change(app: &App, caller: &Caller, origin: Origin) -> Result<RuntimeMode> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    require_owner(caller)?;
    let mode = db::instance::get(app.db.read()).await?.runtime_mode;
    if mode == RuntimeMode::Local && !origin.is_local() {
        return Err(Error::forbidden(
            "external_access_loopback_required",
            "in local mode this is changed on the machine itself only",
        ));
    }
    Ok(mode)
}

/// Whether the modes may change so; outside of a transaction, because it looks at many things.
///
/// Errors: 409 `setup_incomplete`, 403 `external_access_owner_required`, those of the preflight.
pub async fn check(app: &App, caller: &Caller, from: &instance::Model, to: Modes) -> Result<()> {
    setup::require_ready(from)?;
    if Modes::of(from) == to {
        return Ok(());
    }
    require_owner(caller)?;
    if to.runtime == RuntimeMode::Local {
        return Ok(());
    }
    let allowed = preflight::require(app, to).await;
    if let Err(error) = &allowed {
        let entry = caller.did(AuditAction::ExternalAccessEnableBlocked, AuditResource::ExternalAccess);
        let entry = entry.details(json!({"code": error.code}));
        app.db.write(async |tx| audit::record(tx, app, entry).await).await?;
    }
    allowed
}

/// Changes the modes as part of `tx`, if they differ: every session ends, and every stream.
///
/// Errors: 409 `preferences_changed` if they are no longer `from`.
pub async fn change(tx: &Tx, app: &App, caller: &Caller, from: &instance::Model, to: Modes) -> Result<()> {
    let stored = db::instance::get(tx).await?;
    if Modes::of(&stored) != Modes::of(from) {
        return Err(Error::conflict("preferences_changed", "somebody else has just changed this")
            .hint("Read the preferences again."));
    }
    if Modes::of(from) == to {
        return Ok(());
    }
    let details = json!({"runtime_mode": to.runtime, "remote_auth_mode": to.auth});
    let mut actions = Vec::new();
    if from.runtime_mode != to.runtime {
        actions.push(AuditAction::RuntimeModeChanged);
    }
    if from.remote_auth_mode != to.auth {
        actions.push(AuditAction::RemoteAuthModeChanged);
    }
    if (from.runtime_mode, to.runtime) == (RuntimeMode::Local, RuntimeMode::Remote) {
        actions.push(AuditAction::ExternalAccessEnabled);
    }
    for action in actions {
        audit::record(tx, app, caller.did(action, AuditResource::ExternalAccess).details(details.clone()))
            .await?;
    }
    db::instance::set_modes(tx, to.runtime, to.auth, app.clock.now()).await?;
    db::sessions::delete_all(tx).await?;
    db::host_capabilities::delete_all(tx).await?;
    Ok(())
}
