//! Settings of the whole instance.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::modes::{self, Modes};
use crate::builds::queue::checked_reason;
use crate::db::{self, Tx, entity::instance};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::permission::{Action, Resource};
use crate::domain::setup::{KeyStorageMode, RemoteAuthMode, RuntimeMode};
use crate::error::{Error, Result};
use crate::events::Change;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_instance_preferences, update_instance_preferences))
}

/// How the instance works.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstancePreferences {
    pub key_storage_mode: KeyStorageMode,
    pub runtime_mode: RuntimeMode,
    pub remote_auth_mode: RemoteAuthMode,
    /// Whether builds are held back.
    pub direct_macos_runner_paused: bool,
    /// Why, if somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_reason: Option<String>,
    pub restart_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InstancePreferencesResponse {
    pub preferences: InstancePreferences,
}

/// Which preferences to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateInstancePreferencesRequest {
    pub key_storage_mode: KeyStorageMode,
    #[serde(default)]
    pub runtime_mode: Option<RuntimeMode>,
    #[serde(default)]
    pub remote_auth_mode: Option<RemoteAuthMode>,
    #[serde(default)]
    pub direct_macos_runner_paused: Option<bool>,
    /// Why builds are held back, at most 500 characters; goes when they are let go on.
    #[serde(default)]
    pub pause_reason: Option<String>,
}

impl From<instance::Model> for InstancePreferencesResponse {
    fn from(row: instance::Model) -> Self {
        let preferences = InstancePreferences {
            key_storage_mode: row.key_storage_mode,
            runtime_mode: row.runtime_mode,
            remote_auth_mode: row.remote_auth_mode,
            direct_macos_runner_paused: row.runners_paused,
            pause_reason: row.pause_reason,
            restart_required: false,
            updated_at: Some(row.updated_at),
        };
        Self { preferences }
    }
}

/// Read the preferences
#[utoipa::path(get, path = "/v1/settings/preferences", operation_id = "get_instance_preferences",
    tag = "Instance Settings", security(("bearer" = [])),
    responses(
        (status = 200, description = "The preferences", body = InstancePreferencesResponse),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_instance_preferences(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<InstancePreferencesResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    Ok(axum::Json(db::instance::get(app.db.read()).await?.into()))
}

/// Change the preferences
///
/// Builds can be held back and let go on. How people reach the instance and sign in is the owner's to
/// change; it needs a preflight that passes, and ends every session.
#[utoipa::path(put, path = "/v1/settings/preferences", operation_id = "update_instance_preferences",
    tag = "Instance Settings", security(("bearer" = [])), request_body = UpdateInstancePreferencesRequest,
    responses(
        (status = 200, description = "The new preferences", body = InstancePreferencesResponse),
        (status = 400, description = "invalid_request, invalid_input, unsupported_key_storage_mode, \
            external_access_public_url_missing, external_access_https_required, external_access_origin_not_allowed, \
            external_access_preflight_failed, external_access_trusted_proxy_not_configured, invalid_redirect_uri",
            body = ApiError),
        (status = 403, description = "permission_denied, external_access_owner_required, origin_not_allowed",
            body = ApiError),
        (status = 409, description = "setup_incomplete", body = ApiError),
    ))]
async fn update_instance_preferences(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<UpdateInstancePreferencesRequest>,
) -> Result<axum::Json<InstancePreferencesResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    if request.key_storage_mode == KeyStorageMode::Keychain {
        return Err(Error::invalid(
            "unsupported_key_storage_mode",
            "secrets are sealed with a key file only",
        ));
    }
    let row = app.db.write(async |tx| apply(tx, &app, &caller, &request).await).await??;
    Ok(axum::Json(row.into()))
}

/// What is left out stays as it is by now. The inner error is a refusal that is recorded.
async fn apply(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    request: &UpdateInstancePreferencesRequest,
) -> Result<Result<instance::Model>> {
    let stored = db::instance::get(tx).await?;
    let wanted = Modes {
        runtime: request.runtime_mode.unwrap_or(stored.runtime_mode),
        auth: request.remote_auth_mode.unwrap_or(stored.remote_auth_mode),
    };
    if let Err(refused) = modes::change(tx, app, caller, &stored, wanted).await? {
        return Ok(Err(refused));
    }
    let paused = request.direct_macos_runner_paused.unwrap_or(stored.runners_paused);
    let action = match paused == stored.runners_paused {
        true => AuditAction::InstancePreferencesUpdated,
        false => AuditAction::DirectMacosRunnerPauseUpdated,
    };
    let given = checked_reason(request.pause_reason.as_deref())?;
    if given.is_some() && !paused {
        return Err(Error::invalid("invalid_input", "a reason is only kept while builds are held back")
            .hint("Send direct_macos_runner_paused: true with it."));
    }
    let reason = given.or_else(|| stored.pause_reason.clone()).filter(|_| paused);
    let details = serde_json::json!({"direct_macos_runner_paused": paused, "pause_reason": reason});
    let entry = caller.did(action, AuditResource::InstancePreferences).details(details);
    audit::record(tx, app, entry).await?;
    tx.signal(Change::Preferences {});
    Ok(Ok(db::instance::set_runners_paused(tx, paused, reason, app.clock.now()).await?))
}
