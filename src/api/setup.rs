//! Setting an instance up: the probe every client calls first, opening the set-up with the token of
//! the command line, choosing the mode, naming the owner, completing.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::route::{Routes, routes};
use crate::audit;
use crate::auth::peer::Origin;
use crate::auth::people::checked_email;
use crate::auth::setup::{self, Owner, SetupSession};
use crate::auth::trusted_proxy;
use crate::db;
use crate::domain::audit::AuditAction;
use crate::domain::setup::{RemoteAuthMode, RuntimeMode, SetupMove, SetupState};
use crate::domain::subject;
use crate::error::{Error, Result, codes};

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(get_setup_status))
        .routes(routes!(verify_bootstrap_token))
        .routes(routes!(get_setup_summary))
        .routes(routes!(setup_preferences))
        .routes(routes!(setup_local_owner_create))
        .routes(routes!(complete_setup))
}

/// How far the instance is set up.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupStatus {
    /// Stable for the life of the data folder.
    pub instance_id: String,
    pub state: SetupState,
    pub runtime_mode: RuntimeMode,
    pub remote_auth_mode: RemoteAuthMode,
    pub setup_mode: bool,
    pub is_configured: bool,
}

/// How far the instance is set up
#[utoipa::path(get, path = "/v1/public/setup-status", operation_id = "get_setup_status", tag = "Setup",
    responses(
        (status = 200, description = "The state", body = SetupStatus),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn get_setup_status(State(app): AppState) -> Result<axum::Json<SetupStatus>> {
    let instance = db::instance::get(app.db.read()).await?;
    let ready = instance.setup_state == SetupState::Ready;
    Ok(axum::Json(SetupStatus {
        instance_id: instance.instance_id.to_string(),
        state: instance.setup_state,
        runtime_mode: instance.runtime_mode,
        remote_auth_mode: instance.remote_auth_mode,
        setup_mode: !ready,
        is_configured: ready,
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct BootstrapTokenVerifyRequest {
    /// As `oore setup token` printed it.
    pub token: String,
}

/// A set-up session just opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct BootstrapTokenVerifyResponse {
    /// Shown once; send it as `Authorization: Bearer` to the set-up's operations.
    pub session_token: String,
    /// Unix seconds; every use moves it on.
    pub expires_at: i64,
}

/// What is set up so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupSummaryResponse {
    pub instance_id: String,
    pub state: SetupState,
    pub runtime_mode: RuntimeMode,
    pub remote_auth_mode: RemoteAuthMode,
    /// Whether requests could come from the trusted proxy as it is set up.
    pub trusted_proxy_configured: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    pub has_client_secret: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_email: Option<String>,
    /// Where people reach the instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// What would be missed as it is set up so far.
    pub warnings: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SetupPreferencesRequest {
    pub runtime_mode: RuntimeMode,
    #[serde(default)]
    pub remote_auth_mode: Option<RemoteAuthMode>,
    /// Where people will reach the instance; left out or empty, it stays as it is.
    #[serde(default)]
    pub public_url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SetupPreferencesResponse {
    pub runtime_mode: RuntimeMode,
    pub remote_auth_mode: RemoteAuthMode,
    pub session_expires_at: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SetupLocalOwnerCreateRequest {
    pub email: String,
}

/// The owner is named.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupOwnerResponse {
    pub state: SetupState,
    pub owner_email: String,
    pub session_expires_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SetupCompleteResponse {
    pub state: SetupState,
    pub instance_id: String,
}

/// Open the set-up
///
/// With the token that `oore setup token` mints on the daemon's machine. It works once.
#[utoipa::path(post, path = "/v1/setup/bootstrap-token/verify", operation_id = "verify_bootstrap_token", tag = "Setup",
    request_body = BootstrapTokenVerifyRequest,
    responses(
        (status = 200, description = "Open", body = BootstrapTokenVerifyResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "invalid_token", body = ApiError),
        (status = 403, description = "origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured", body = ApiError),
        (status = 410, description = "token_consumed, token_expired", body = ApiError),
        (status = 429, description = "too_many_attempts", body = ApiError),
        (status = 500, description = "no_bootstrap_token, store_error", body = ApiError),
    ))]
async fn verify_bootstrap_token(
    State(app): AppState,
    origin: Origin,
    Json(request): Json<BootstrapTokenVerifyRequest>,
) -> Result<axum::Json<BootstrapTokenVerifyResponse>> {
    let session = setup::open(&app, origin, request.token.trim()).await?;
    Ok(axum::Json(BootstrapTokenVerifyResponse {
        session_token: session.token,
        expires_at: session.expires_at,
    }))
}

/// See what is set up so far
#[utoipa::path(get, path = "/v1/setup/summary", operation_id = "get_setup_summary", tag = "Setup",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The set-up so far", body = SetupSummaryResponse),
        (status = 401, description = "missing_auth, no_session, invalid_session, session_expired", body = ApiError),
        (status = 409, description = "already_configured", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn get_setup_summary(
    State(app): AppState,
    _: SetupSession,
) -> Result<axum::Json<SetupSummaryResponse>> {
    let instance = db::instance::get(app.db.read()).await?;
    let oidc = db::oidc_settings::find(app.db.read()).await?;
    let proxy = db::trusted_proxy_settings::find(app.db.read()).await?;
    let row = db::setup::get(app.db.read()).await?;
    let reach = app.network.reach();
    Ok(axum::Json(SetupSummaryResponse {
        warnings: reach.warnings(instance.runtime_mode),
        public_url: reach.public_url.clone(),
        instance_id: instance.instance_id.to_string(),
        state: instance.setup_state,
        runtime_mode: instance.runtime_mode,
        remote_auth_mode: instance.remote_auth_mode,
        trusted_proxy_configured: proxy.as_ref().is_some_and(trusted_proxy::is_usable),
        has_client_secret: oidc.as_ref().is_some_and(|oidc| oidc.client_secret.is_some()),
        client_id: oidc.as_ref().map(|oidc| oidc.client_id.clone()),
        issuer_url: oidc.map(|oidc| oidc.issuer_url),
        owner_email: row.owner_email,
    }))
}

/// Choose how people will reach the instance
#[utoipa::path(post, path = "/v1/setup/preferences", operation_id = "setup_preferences", tag = "Setup",
    security(("bearer" = [])), request_body = SetupPreferencesRequest,
    responses(
        (status = 200, description = "Chosen", body = SetupPreferencesResponse),
        (status = 400, description = "invalid_input, invalid_request, external_access_https_required", body = ApiError),
        (status = 401, description = "missing_auth, no_session, invalid_session, session_expired", body = ApiError),
        (status = 403, description = "origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured, invalid_state", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn setup_preferences(
    State(app): AppState,
    session: SetupSession,
    Json(request): Json<SetupPreferencesRequest>,
) -> Result<axum::Json<SetupPreferencesResponse>> {
    let remote_auth_mode = match request.runtime_mode {
        RuntimeMode::Local => RemoteAuthMode::Oidc,
        RuntimeMode::Remote => request.remote_auth_mode.unwrap_or(RemoteAuthMode::Oidc),
    };
    let (runtime_mode, now) = (request.runtime_mode, app.clock.now());
    let given = request.public_url.filter(|url| !url.trim().is_empty());
    let current = app.network.reach();
    let reach = given.map(|url| current.moved_to(&url, runtime_mode, now)).transpose()?;
    // What the environment says stays its to say.
    let reach = reach.filter(|reach| reach.public_url != current.public_url);
    app.db
        .write(async |tx| {
            setup::advance(tx, SetupMove::Choose, now).await?;
            if (runtime_mode, remote_auth_mode) != (RuntimeMode::Remote, RemoteAuthMode::Oidc) {
                db::oidc_settings::delete(tx).await?;
            }
            let details = json!({"runtime_mode": runtime_mode, "remote_auth_mode": remote_auth_mode});
            let entry = session.did(AuditAction::SetupPreferencesChosen).details(details);
            audit::record(tx, &app, entry).await?;
            if let Some(reach) = &reach {
                setup::move_to(tx, &app, reach, session.origin, now).await?;
            }
            db::instance::set_modes(tx, runtime_mode, remote_auth_mode, now).await
        })
        .await?;
    app.oidc.pending.clear();
    let session_expires_at = session.expires_at;
    Ok(axum::Json(SetupPreferencesResponse { runtime_mode, remote_auth_mode, session_expires_at }))
}

/// Name the owner of a local instance
#[utoipa::path(post, path = "/v1/setup/local-owner/create", operation_id = "setup_local_owner_create", tag = "Setup",
    security(("bearer" = [])), request_body = SetupLocalOwnerCreateRequest,
    responses(
        (status = 200, description = "Named", body = SetupOwnerResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, no_session, invalid_session, session_expired", body = ApiError),
        (status = 403, description = "mode_restricted, origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured, invalid_state", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn setup_local_owner_create(
    State(app): AppState,
    session: SetupSession,
    Json(request): Json<SetupLocalOwnerCreateRequest>,
) -> Result<axum::Json<SetupOwnerResponse>> {
    let owner_email = checked_owner_email(&request.email)?;
    let owner = Owner { subject: subject::local(&owner_email), email: owner_email.clone(), avatar_url: None };
    let now = app.clock.now();
    let state = app
        .db
        .write(async |tx| {
            if db::instance::get(tx).await?.runtime_mode != RuntimeMode::Local {
                return Err(Error::forbidden(
                    codes::MODE_RESTRICTED,
                    "a remote instance's owner has to prove who they are",
                ));
            }
            setup::name_owner(tx, &app, session.origin, &owner, "local").await?;
            setup::advance(tx, SetupMove::NameOwner, now).await
        })
        .await?;
    Ok(axum::Json(SetupOwnerResponse { state, owner_email, session_expires_at: session.expires_at }))
}

/// An e-mail address that somebody enters in the set-up.
pub fn checked_owner_email(email: &str) -> Result<String> {
    checked_email(email).map_err(|_| Error::invalid_field("email", "is not an e-mail address"))
}

/// Complete the set-up
///
/// Makes the owner's account. From now on the instance is changed in its settings.
#[utoipa::path(post, path = "/v1/setup/complete", operation_id = "complete_setup", tag = "Setup",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Ready", body = SetupCompleteResponse),
        (status = 401, description = "missing_auth, no_session, invalid_session, session_expired", body = ApiError),
        (status = 403, description = "origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured, invalid_state, remote_auth_not_configured, \
            trusted_proxy_config_invalid", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn complete_setup(
    State(app): AppState,
    session: SetupSession,
) -> Result<axum::Json<SetupCompleteResponse>> {
    let instance = setup::complete(&app, session.origin).await?;
    let (state, instance_id) = (instance.setup_state, instance.instance_id.to_string());
    Ok(axum::Json(SetupCompleteResponse { state, instance_id }))
}
