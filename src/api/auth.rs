//! Signing in and out.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::guard;
use super::route::{Routes, routes};
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::local::Wanted;
use crate::auth::peer::Visitor;
use crate::auth::session::NewSession;
use crate::auth::{local, session, trusted_proxy};
use crate::db::entity::users;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::role::UserRole;
use crate::domain::subject;
use crate::error::{Error, Result};

pub fn routes() -> Routes {
    Routes::new().routes(routes!(local_login)).routes(routes!(trusted_proxy_login)).routes(routes!(logout))
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
/// Loopback only, in every mode. In local mode the first sign-in finishes the set-up. A recovery capability
/// names the account; it lifts no rule.
#[utoipa::path(post, path = "/v1/auth/local/login", operation_id = "local_login", tag = "Auth",
    request_body = LocalLoginRequest,
    responses(
        (status = 200, description = "Signed in", body = LocalLoginResponse),
        (status = 400, description = "email_required, invalid_request", body = ApiError),
        (status = 403, description = "local_login_loopback_required, local_login_from_build, local_recovery_capability_invalid, \
                                      local_recovery_account_mismatch, mode_restricted, user_not_found, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error", body = ApiError),
    ))]
async fn local_login(
    State(app): AppState,
    visitor: Visitor,
    Json(request): Json<LocalLoginRequest>,
) -> Result<axum::Json<LocalLoginResponse>> {
    let wanted = Wanted {
        email: request.email.as_deref(),
        capability: request.recovery_capability.as_deref().filter(|text| !text.is_empty()),
    };
    let (user, session) = local::login(&app, &visitor, wanted).await?;
    Ok(axum::Json(LocalLoginResponse::new(user, session)))
}

impl LocalLoginResponse {
    pub fn new(user: users::Model, session: NewSession) -> Self {
        Self {
            session_token: session.token,
            expires_at: session.expires_at,
            user: AuthenticatedUser {
                email: user.email,
                oidc_subject: subject::shown(&user.subject).to_owned(),
                user_id: Some(user.id.to_string()),
                role: Some(user.role),
                avatar_url: user.avatar_url,
            },
        }
    }
}

/// Sign in through the trusted proxy
///
/// The proxy names the person in a header. No body; one of another type than JSON is refused.
#[utoipa::path(post, path = "/v1/auth/trusted-proxy/login", operation_id = "trusted_proxy_login", tag = "Auth",
    responses(
        (status = 200, description = "Signed in", body = LocalLoginResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "trusted_proxy_shared_secret_missing, trusted_proxy_shared_secret_invalid, \
            trusted_proxy_identity_missing, trusted_proxy_identity_invalid", body = ApiError),
        (status = 403, description = "mode_restricted, trusted_proxy_peer_not_allowed, user_not_found, \
            origin_not_allowed", body = ApiError),
        (status = 409, description = "setup_incomplete", body = ApiError),
        (status = 429, description = "too_many_attempts", body = ApiError),
        (status = 500, description = "session_error, store_error, decryption_error, trusted_proxy_config_invalid",
            body = ApiError),
    ))]
async fn trusted_proxy_login(
    State(app): AppState,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<axum::Json<LocalLoginResponse>> {
    refuse_forms(&headers)?;
    let (user, session) = trusted_proxy::login(&app, &visitor, &|name| values(&headers, name)).await?;
    Ok(axum::Json(LocalLoginResponse::new(user, session)))
}

/// What a form on any web page can send must have no effect.
pub fn refuse_forms(headers: &HeaderMap) -> Result<()> {
    if headers.contains_key(CONTENT_TYPE) && !guard::declares_json(headers) {
        return Err(Error::invalid("invalid_request", "this takes no form")
            .hint("Send no body, or Content-Type: application/json."));
    }
    Ok(())
}

/// Every value of a header, in order; what isn't text can't be a name or a secret.
pub fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}

/// Sign out
///
/// Ends the session of the presented token and every stream opened with it.
#[utoipa::path(post, path = "/v1/auth/logout", operation_id = "logout", tag = "Auth",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Signed out", body = LogoutResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 403, description = "origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error", body = ApiError),
    ))]
async fn logout(
    State(app): AppState,
    caller: Caller,
    headers: HeaderMap,
) -> Result<axum::Json<LogoutResponse>> {
    refuse_forms(&headers)?;
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
