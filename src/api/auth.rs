//! Signing in and out.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::error::ApiError;
use super::extract::{AppState, Json};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::peer::Origin;
use crate::auth::{local, session};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::role::UserRole;
use crate::error::{Error, Result};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(local_login)).routes(routes!(logout))
}

/// Which account to sign in.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct LocalLoginRequest {
    /// May be left out when there is exactly one active account.
    #[serde(default)]
    pub email: Option<String>,
    /// A capability minted on the host to recover access.
    #[serde(default)]
    pub recovery_capability: Option<String>,
}

/// A session just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocalLoginResponse {
    /// Shown once; send it as `Authorization: Bearer`.
    pub session_token: String,
    /// Unix seconds.
    pub expires_at: i64,
    pub user: AuthenticatedUser,
}

/// Who has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthenticatedUser {
    pub email: String,
    pub oidc_subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<UserRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
}

/// Signed out.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogoutResponse {
    pub ok: bool,
}

/// Sign in on the machine itself
///
/// Loopback only, in every mode. In local mode the first sign-in finishes the set-up.
#[utoipa::path(post, path = "/v1/auth/local/login", operation_id = "local_login", tag = "Auth",
    request_body = LocalLoginRequest,
    responses(
        (status = 200, description = "Signed in", body = LocalLoginResponse),
        (status = 400, description = "email_required, invalid_request", body = ApiError),
        (status = 403, description = "local_login_loopback_required, local_recovery_capability_invalid, \
                                      mode_restricted, user_not_found, origin_not_allowed", body = ApiError),
        (status = 413, description = "payload_too_large", body = ApiError),
        (status = 500, description = "session_error, store_error", body = ApiError),
    ))]
async fn local_login(
    State(app): AppState,
    origin: Origin,
    Json(request): Json<LocalLoginRequest>,
) -> Result<axum::Json<LocalLoginResponse>> {
    if request.recovery_capability.is_some() {
        return Err(Error::forbidden(
            "local_recovery_capability_invalid",
            "the recovery capability is not known",
        )
        .hint("Sign in from the machine itself without one."));
    }
    let (user, session) = local::login(&app, origin, request.email.as_deref()).await?;
    Ok(axum::Json(LocalLoginResponse {
        session_token: session.token,
        expires_at: session.expires_at,
        user: AuthenticatedUser {
            email: user.email,
            oidc_subject: user.subject,
            user_id: Some(user.id.to_string()),
            role: Some(user.role),
            avatar_url: user.avatar_url,
        },
    }))
}

/// Sign out
///
/// Ends the session of the presented token and every stream opened with it.
#[utoipa::path(post, path = "/v1/auth/logout", operation_id = "logout", tag = "Auth",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Signed out", body = LogoutResponse),
        (status = 401, description = "missing_auth, invalid_session", body = ApiError),
        (status = 500, description = "session_error", body = ApiError),
    ))]
async fn logout(State(app): AppState, caller: Caller) -> Result<axum::Json<LogoutResponse>> {
    let id = caller.session_id()?;
    app.db
        .write(async |tx| {
            session::end(tx, id).await?;
            let entry = caller.did(AuditAction::LoggedOut, AuditResource::User).id(caller.user.id);
            audit::record(tx, &app, entry).await
        })
        .await?;
    Ok(axum::Json(LogoutResponse { ok: true }))
}
