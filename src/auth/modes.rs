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

/// Refuses whom may not change how the instance is reached.
///
/// Errors: 403 `permission_denied`, 403 `external_access_owner_required`.
pub fn require_access(caller: &Caller) -> Result<()> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    require_owner(caller)
}

/// The modes of an instance whose addresses or proxy may be changed from `origin`, as part of `tx`.
///
/// Errors: 403 `external_access_loopback_required`.
pub async fn changed_from(tx: &Tx, origin: Origin) -> Result<Modes> {
    let modes = Modes::of(&db::instance::get(tx).await?);
    if modes.runtime == RuntimeMode::Local && !origin.is_local() {
        return Err(Error::forbidden(
            "external_access_loopback_required",
            "in local mode this is changed on the machine itself only",
        ));
    }
    Ok(modes)
}

/// 409 for a change that would shut out the very one who asks for it.
pub fn would_lock_out(app: &App, why: String) -> Error {
    let port = app.config.listen.port();
    Error::conflict("external_access_would_lock_out", why).hint(format!(
        "Change it on the daemon's machine, at http://localhost:{port}, which is always let in."
    ))
}

/// Changes the modes as part of `tx`, if they differ: every session ends, and every stream. A preflight
/// that does not pass is the inner error; nothing but its record is to be committed then.
///
/// Errors: 409 `setup_incomplete`, 403 `external_access_owner_required`, those of the preflight.
pub async fn change(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    from: &instance::Model,
    to: Modes,
) -> Result<Result<()>> {
    setup::require_ready(from)?;
    if Modes::of(from) == to {
        return Ok(Ok(()));
    }
    require_owner(caller)?;
    if let Err(error) = preflight::require(app, tx, to).await? {
        let entry = caller.did(AuditAction::ExternalAccessEnableBlocked, AuditResource::ExternalAccess);
        audit::record(tx, app, entry.details(json!({"code": error.code}))).await?;
        return Ok(Err(error));
    }
    record(tx, app, caller, Modes::of(from), to).await?;
    db::instance::set_modes(tx, to.runtime, to.auth, app.clock.now()).await?;
    db::sessions::delete_all(tx).await?;
    db::host_capabilities::delete_all(tx).await?;
    Ok(Ok(()))
}

async fn record(tx: &Tx, app: &App, caller: &Caller, from: Modes, to: Modes) -> Result<()> {
    let details = json!({"runtime_mode": to.runtime, "remote_auth_mode": to.auth});
    let mut actions = Vec::new();
    if from.runtime != to.runtime {
        actions.push(AuditAction::RuntimeModeChanged);
    }
    if from.auth != to.auth {
        actions.push(AuditAction::RemoteAuthModeChanged);
    }
    if (from.runtime, to.runtime) == (RuntimeMode::Local, RuntimeMode::Remote) {
        actions.push(AuditAction::ExternalAccessEnabled);
    }
    for action in actions {
        let entry = caller.did(action, AuditResource::ExternalAccess).details(details.clone());
        audit::record(tx, app, entry).await?;
    }
    Ok(())
}
