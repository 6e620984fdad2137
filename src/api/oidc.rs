//! Signing in through the identity provider.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::LocalLoginResponse;
use super::error::ApiError;
use super::extract::{AppState, Json, Query};
use super::route::{Routes, routes};
use crate::auth::oidc::pending::Purpose;
use crate::auth::oidc::sign_in::{self, Begin, Begun, Return};
use crate::auth::peer::{Origin, Visitor};
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(oidc_start)).routes(routes!(oidc_callback))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StartQuery {
    /// Where the provider sends the browser back to: an allowed origin and `/auth/callback`. Default: the
    /// instance's own address.
    redirect_uri: Option<String>,
    /// Base64url SHA-256 of a secret that the browser keeps; the callback must then bring the secret.
    binding: Option<String>,
}

/// Where to send the browser.
#[derive(Debug, Serialize, ToSchema)]
pub struct OidcStartResponse {
    pub authorization_url: String,
    /// Comes back with the browser.
    pub state: String,
}

/// What the provider sent along with the browser.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OidcCallbackRequest {
    pub code: String,
    pub state: String,
    /// The secret whose hash was given at the start, if one was.
    #[serde(default)]
    pub binding: Option<String>,
}

impl From<Begun> for OidcStartResponse {
    fn from(begun: Begun) -> Self {
        Self { authorization_url: begun.authorization_url, state: begun.state }
    }
}

impl OidcCallbackRequest {
    pub fn back(&self) -> Return<'_> {
        Return { code: &self.code, state: &self.state, binding: self.binding.as_deref() }
    }
}

/// Begin to sign in through the identity provider
///
/// The sign-in has to be completed within ten minutes.
#[utoipa::path(get, path = "/v1/auth/oidc/start", operation_id = "oidc_start", tag = "Auth", params(StartQuery),
    responses(
        (status = 200, description = "Where to go", body = OidcStartResponse),
        (status = 400, description = "invalid_redirect_uri, invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "mode_restricted", body = ApiError),
        (status = 409, description = "setup_incomplete", body = ApiError),
        (status = 429, description = "too_many_pending, oidc_start_rate_limited", body = ApiError),
        (status = 500, description = "oidc_not_configured, store_error", body = ApiError),
        (status = 502, description = "oidc_discovery_error", body = ApiError),
    ))]
async fn oidc_start(
    State(app): AppState,
    origin: Origin,
    Query(query): Query<StartQuery>,
) -> Result<axum::Json<OidcStartResponse>> {
    let request = Begin {
        redirect_uri: query.redirect_uri.as_deref(),
        binding: query.binding.as_deref(),
        purpose: Purpose::SignIn,
        origin,
    };
    Ok(axum::Json(sign_in::start(&app, request).await?.into()))
}

/// Complete a sign-in through the identity provider
///
/// The state works once. The account must exist: people are invited first.
#[utoipa::path(post, path = "/v1/auth/oidc/callback", operation_id = "oidc_callback", tag = "Auth",
    request_body = OidcCallbackRequest,
    responses(
        (status = 200, description = "Signed in", body = LocalLoginResponse),
        (status = 400, description = "invalid_state, auth_expired, invalid_request", body = ApiError),
        (status = 403, description = "user_not_found, unverified_email, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 409, description = "setup_incomplete", body = ApiError),
        (status = 500, description = "oidc_not_configured, decryption_error, session_error, store_error", body = ApiError),
        (status = 502, description = "oidc_discovery_error, token_exchange_error, missing_id_token, \
            id_token_verification_error, missing_email", body = ApiError),
    ))]
async fn oidc_callback(
    State(app): AppState,
    visitor: Visitor,
    Json(request): Json<OidcCallbackRequest>,
) -> Result<axum::Json<LocalLoginResponse>> {
    let (user, session) = sign_in::callback(&app, &visitor, request.back()).await?;
    Ok(axum::Json(LocalLoginResponse::new(user, session)))
}
