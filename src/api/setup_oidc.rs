//! The steps of the set-up with an identity provider: configure it, sign in as the owner.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::oidc::{OidcCallbackRequest, OidcStartResponse};
use super::route::{Routes, routes};
use crate::audit;
use crate::auth::modes::Modes;
use crate::auth::oidc::pending::Purpose;
use crate::auth::oidc::settings::{self, Entered, WithoutSecret};
use crate::auth::oidc::sign_in::{self, Begin};
use crate::auth::peer::Origin;
use crate::auth::setup::{self, SetupSession};
use crate::db;
use crate::domain::audit::AuditAction;
use crate::domain::setup::{SetupMove, SetupState};
use crate::domain::subject;
use crate::error::{Error, Result, codes};

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(configure_oidc))
        .routes(routes!(setup_oidc_start))
        .routes(routes!(setup_oidc_verify))
}

/// An identity provider and who we are to it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OidcConfigureRequest {
    pub issuer_url: String,
    pub client_id: String,
    /// Left out, the stored one stays.
    #[serde(default)]
    pub client_secret: Option<String>,
    #[serde(default)]
    pub clear_client_secret: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OidcConfigureResponse {
    pub state: SetupState,
    pub discovered_issuer: String,
    pub session_expires_at: i64,
    /// What is worth knowing about the provider.
    pub warnings: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SetupOidcStartRequest {
    /// An allowed origin and `/auth/callback`; default: the instance's own address.
    #[serde(default)]
    pub redirect_uri: Option<String>,
    /// Base64url SHA-256 of a secret that the browser keeps.
    #[serde(default)]
    pub binding: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SetupOidcVerifyResponse {
    pub state: SetupState,
    pub owner_email: String,
    pub oidc_subject: String,
    pub session_expires_at: i64,
}

impl From<OidcConfigureRequest> for Entered {
    fn from(request: OidcConfigureRequest) -> Self {
        Self {
            issuer_url: request.issuer_url,
            client_id: request.client_id,
            client_secret: request.client_secret,
            secret: if request.clear_client_secret { WithoutSecret::Clear } else { WithoutSecret::Keep },
        }
    }
}

/// Configure the identity provider
///
/// It is asked at once.
#[utoipa::path(post, path = "/v1/setup/oidc/configure", operation_id = "configure_oidc", tag = "Setup",
    security(("bearer" = [])), request_body = OidcConfigureRequest,
    responses(
        (status = 200, description = "Configured", body = OidcConfigureResponse),
        (status = 400, description = "invalid_input, oidc_discovery_failed, oidc_secret_reentry_required, \
            invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, no_session, invalid_session, session_expired", body = ApiError),
        (status = 403, description = "origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured, invalid_state", body = ApiError),
        (status = 500, description = "store_error, encryption_error", body = ApiError),
    ))]
async fn configure_oidc(
    State(app): AppState,
    session: SetupSession,
    Json(request): Json<OidcConfigureRequest>,
) -> Result<axum::Json<OidcConfigureResponse>> {
    setup::require(app.db.read(), SetupMove::Configure).await?;
    let mut checked = settings::check(&app, request.into()).await?;
    let warnings = std::mem::take(&mut checked.notes);
    let now = app.clock.now();
    let (state, row) = app
        .db
        .write(async |tx| {
            let state = setup::advance(tx, SetupMove::Configure, now).await?;
            let row = settings::save(tx, checked).await?;
            let details = json!({"issuer_url": row.issuer_url, "client_id": row.client_id,
                "has_client_secret": row.client_secret.is_some()});
            let entry = session.did(AuditAction::SetupOidcConfigured).details(details);
            audit::record(tx, &app, entry).await?;
            Ok((state, row))
        })
        .await?;
    Ok(axum::Json(OidcConfigureResponse {
        state,
        discovered_issuer: row.issuer_url,
        session_expires_at: session.expires_at,
        warnings,
    }))
}

/// Begin to sign in as the owner
#[utoipa::path(post, path = "/v1/setup/owner/start-oidc", operation_id = "setup_oidc_start", tag = "Setup",
    security(("bearer" = [])), request_body = SetupOidcStartRequest,
    responses(
        (status = 200, description = "Where to go", body = OidcStartResponse),
        (status = 400, description = "invalid_redirect_uri, invalid_input, invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, no_session, invalid_session, session_expired", body = ApiError),
        (status = 403, description = "mode_restricted, origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured, invalid_state, oidc_not_configured", body = ApiError),
        (status = 429, description = "too_many_pending, oidc_start_rate_limited", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
        (status = 502, description = "oidc_discovery_error", body = ApiError),
    ))]
async fn setup_oidc_start(
    State(app): AppState,
    session: SetupSession,
    Json(request): Json<SetupOidcStartRequest>,
) -> Result<axum::Json<OidcStartResponse>> {
    let instance = db::instance::get(app.db.read()).await?;
    if Modes::of(&instance).is_behind_proxy() {
        return Err(Error::forbidden(
            codes::MODE_RESTRICTED,
            "the instance is being set up for a trusted proxy",
        ));
    }
    if instance.setup_state != SetupState::IdpConfigured {
        return Err(Error::conflict(
            "invalid_state",
            format!("a set-up that is {} cannot do this", instance.setup_state),
        ));
    }
    if db::oidc_settings::find(app.db.read()).await?.is_none() {
        return Err(Error::conflict("oidc_not_configured", "no identity provider is configured yet"));
    }
    let begin = Begin {
        redirect_uri: request.redirect_uri.as_deref(),
        binding: request.binding.as_deref(),
        purpose: Purpose::Setup { session_hash: session.hash },
        origin: session.origin,
    };
    Ok(axum::Json(sign_in::begin(&app, begin).await?.into()))
}

/// Become the owner
///
/// The state proves the set-up session it was made in; a bearer token is not looked at. The provider must vouch for
/// the e-mail address.
#[utoipa::path(post, path = "/v1/setup/owner/verify-oidc", operation_id = "setup_oidc_verify", tag = "Setup",
    request_body = OidcCallbackRequest,
    responses(
        (status = 200, description = "The owner is known", body = SetupOidcVerifyResponse),
        (status = 400, description = "invalid_state, auth_expired, invalid_request", body = ApiError),
        (status = 401, description = "no_session, invalid_session, session_expired", body = ApiError),
        (status = 403, description = "unverified_email, origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured, invalid_state, stale_oidc_setup", body = ApiError),
        (status = 500, description = "decryption_error, store_error", body = ApiError),
        (status = 502, description = "oidc_discovery_error, token_exchange_error, missing_id_token, \
            id_token_verification_error, missing_email", body = ApiError),
    ))]
async fn setup_oidc_verify(
    State(app): AppState,
    origin: Origin,
    Json(request): Json<OidcCallbackRequest>,
) -> Result<axum::Json<SetupOidcVerifyResponse>> {
    let proved = sign_in::prove_owner(&app, origin, request.back()).await?;
    Ok(axum::Json(SetupOidcVerifyResponse {
        state: proved.state,
        oidc_subject: subject::shown(&proved.owner.subject).to_owned(),
        owner_email: proved.owner.email,
        session_expires_at: proved.session_expires_at,
    }))
}
