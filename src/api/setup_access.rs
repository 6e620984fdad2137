//! The steps of the set-up that decide how people sign in to a remote instance.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{refuse_forms, values};
use super::error::ApiError;
use super::extract::{AppState, Json};
use super::route::{Routes, routes};
use super::setup::{SetupOwnerResponse, checked_owner_email};
use crate::audit;
use crate::auth::proxy_settings::{self, Change, Secret, refuse_ticket};
use crate::auth::setup::{self, SetupSession};
use crate::auth::trusted_proxy;
use crate::domain::audit::AuditAction;
use crate::domain::setup::{SetupMove, SetupState};
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(setup_trusted_proxy_configure))
        .routes(routes!(setup_owner_claim_trusted_proxy))
}

/// How the proxy says who people are.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SetupTrustedProxyConfigureRequest {
    /// Default: `X-Warpgate-Username`.
    #[serde(default)]
    pub user_email_header: Option<String>,
    /// Who must be the owner; without it whoever claims first.
    #[serde(default)]
    pub setup_owner_email: Option<String>,
    /// Addresses the proxy calls from, as ranges or single ones.
    #[serde(default)]
    pub trusted_proxy_cidrs: Vec<String>,
    /// What the proxy sends in `X-Oore-Trusted-Proxy-Secret`.
    #[serde(default)]
    pub shared_secret: Option<String>,
    /// Must be left out or empty: tickets of Warpgate are not kept here.
    #[serde(default)]
    pub warpgate_ticket: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SetupTrustedProxyConfigureResponse {
    pub state: SetupState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_owner_email: Option<String>,
    pub has_shared_secret: bool,
    pub configured_at: i64,
    pub session_expires_at: i64,
}

/// Configure the trusted proxy
#[utoipa::path(post, path = "/v1/setup/trusted-proxy/configure", operation_id = "setup_trusted_proxy_configure",
    tag = "Setup", security(("bearer" = [])), request_body = SetupTrustedProxyConfigureRequest,
    responses(
        (status = 200, description = "Configured", body = SetupTrustedProxyConfigureResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, no_session, invalid_session, session_expired", body = ApiError),
        (status = 403, description = "mode_restricted, origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured, invalid_state", body = ApiError),
        (status = 500, description = "store_error, encryption_error", body = ApiError),
    ))]
async fn setup_trusted_proxy_configure(
    State(app): AppState,
    session: SetupSession,
    Json(request): Json<SetupTrustedProxyConfigureRequest>,
) -> Result<axum::Json<SetupTrustedProxyConfigureResponse>> {
    refuse_ticket(request.warpgate_ticket.as_deref())?;
    let given = request.setup_owner_email.filter(|email| !email.trim().is_empty());
    let change = Change {
        user_email_header: request.user_email_header,
        cidrs: Some(request.trusted_proxy_cidrs),
        shared_secret: Secret::entered(request.shared_secret),
        setup_owner_email: given.as_deref().map(checked_owner_email).transpose()?,
    };
    let now = app.clock.now();
    let (row, state) = app
        .db
        .write(async |tx| {
            let state = setup::advance(tx, SetupMove::Configure, now).await?;
            trusted_proxy::require_proxy_mode(tx).await?;
            let row = proxy_settings::save(tx, &app.sealer, change, now).await?;
            let entry = session.did(AuditAction::SetupTrustedProxyConfigured);
            audit::record(tx, &app, entry.details(proxy_settings::recorded(&row))).await?;
            Ok((row, state))
        })
        .await?;
    Ok(axum::Json(SetupTrustedProxyConfigureResponse {
        state,
        has_shared_secret: row.shared_secret.is_some(),
        setup_owner_email: row.setup_owner_email,
        configured_at: row.updated_at,
        session_expires_at: session.expires_at,
    }))
}

/// Become the owner, through the proxy
///
/// Whom the proxy names becomes the owner.
#[utoipa::path(post, path = "/v1/setup/owner/claim-trusted-proxy", operation_id = "setup_owner_claim_trusted_proxy",
    tag = "Setup", security(("bearer" = [])),
    responses(
        (status = 200, description = "The owner is known", body = SetupOwnerResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, no_session, invalid_session, session_expired, \
            trusted_proxy_shared_secret_missing, trusted_proxy_shared_secret_invalid, trusted_proxy_identity_missing, \
            trusted_proxy_identity_invalid", body = ApiError),
        (status = 403, description = "mode_restricted, trusted_proxy_peer_not_allowed, \
            trusted_proxy_owner_email_mismatch, origin_not_allowed", body = ApiError),
        (status = 409, description = "already_configured, invalid_state, trusted_proxy_not_configured", body = ApiError),
        (status = 500, description = "store_error, decryption_error", body = ApiError),
    ))]
async fn setup_owner_claim_trusted_proxy(
    State(app): AppState,
    session: SetupSession,
    headers: HeaderMap,
) -> Result<axum::Json<SetupOwnerResponse>> {
    refuse_forms(&headers)?;
    let (state, owner) =
        trusted_proxy::claim_owner(&app, session.origin, &|name| values(&headers, name)).await?;
    let owner_email = owner.email;
    Ok(axum::Json(SetupOwnerResponse { state, owner_email, session_expires_at: session.expires_at }))
}
