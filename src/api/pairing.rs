//! Pairing a separate web server with this daemon.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::route::{Routes, routes};
use crate::auth::pairing;
use crate::auth::peer::Origin;
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(frontend_pair))
}

#[derive(Deserialize, ToSchema)]
pub struct FrontendPairRequest {
    /// What `oore frontend invite` printed.
    pub code: String,
}

/// How the web server proves itself from now on.
#[derive(Serialize, ToSchema)]
pub struct FrontendPairResponse {
    /// Sent as `X-Oore-Trusted-Proxy-Secret`.
    pub backend_proof: String,
    /// The header in which the web server names people.
    pub user_email_header: String,
}

/// Pair a web server
///
/// Uses the invitation up. Only for trusted peers: this machine, or an address that the trusted proxy's
/// settings name.
#[utoipa::path(post, path = "/v1/frontend/pair", operation_id = "frontend_pair", tag = "Setup",
    request_body = FrontendPairRequest,
    responses(
        (status = 200, description = "Paired", body = FrontendPairResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "invalid_pairing_code", body = ApiError),
        (status = 403, description = "pairing_peer_not_allowed, origin_not_allowed", body = ApiError),
        (status = 409, description = "setup_incomplete, trusted_proxy_not_configured", body = ApiError),
        (status = 429, description = "too_many_attempts", body = ApiError),
        (status = 500, description = "decryption_failed, store_error", body = ApiError),
    ))]
async fn frontend_pair(
    State(app): AppState,
    origin: Origin,
    Json(request): Json<FrontendPairRequest>,
) -> Result<axum::Json<FrontendPairResponse>> {
    let paired = pairing::pair(&app, origin, &request.code).await?;
    Ok(axum::Json(FrontendPairResponse {
        backend_proof: paired.backend_proof,
        user_email_header: paired.user_email_header,
    }))
}
