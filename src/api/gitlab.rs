//! Connecting GitLab, its credentials, and the secrets of its webhooks. The way back from GitLab answers a page whatever
//! happens, since people read it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroizing;

use super::browser::{Cookie, is_of_same_origin};
use super::error::ApiError;
use super::extract::{AppState, Json, Path, Query};
use super::integrations::Integration;
use super::page::told;
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::auth::peer::Origin;
use crate::auth::redirect;
use crate::config::{base_url, is_private_way};
use crate::db;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::{IntegrationId, RepositoryId};
use crate::domain::incident::GitLabCredentialStatus;
use crate::domain::permission::{Action, Resource};
use crate::domain::source::{IntegrationAuthMode, ScmProvider};
use crate::error::{Error, Result};
use crate::forge::gitlab::oauth::Scope;
use crate::sources::gitlab::check::{self, Checked};
use crate::sources::gitlab::connect::{self, Credential, Return, STATE_SECONDS, Way};
use crate::sources::gitlab::{replace, webhook_secret};

/// Says on the way to GitLab and back which browser it is.
const AGREEING: Cookie =
    Cookie { name: "oore_gl_state", path: "/v1/integrations/gitlab/callback", seconds: STATE_SECONDS };
/// Longest client id, secret or token, in bytes.
const MAX_SECRET: usize = 1024;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(gitlab_start))
        .routes(routes!(gitlab_authorize))
        .routes(routes!(gitlab_callback))
        .routes(routes!(replace_gitlab_token))
        .routes(routes!(check_gitlab_token))
        .routes(routes!(rotate_gitlab_repository_webhook_secret))
}

#[derive(Deserialize, ToSchema)]
pub struct GitLabStartRequest {
    /// Where GitLab is; https, or http to a loopback address. It may have a path.
    pub host_url: String,
    /// `oauth_app` or `personal_token`.
    pub auth_mode: IntegrationAuthMode,
    /// Of the OAuth application.
    #[serde(default)]
    pub client_id: Option<String>,
    #[serde(default)]
    pub client_secret: Option<String>,
    /// A token of a person, a group or a project.
    #[serde(default)]
    pub access_token: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GitLabCompleteResponse {
    pub integration: Integration,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct GitLabAuthorizeRequest {
    pub integration_id: String,
    /// The page to end at, of an allowed origin.
    pub redirect_url: String,
    /// Whether the instance is to tell GitLab how builds go, for which it has to be allowed to write: the scope `api`
    /// instead of `read_api`. The application at GitLab needs that scope, too.
    #[serde(default)]
    pub report: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GitLabAuthorizeResponse {
    /// Where the browser goes now.
    pub authorize_url: String,
}

#[derive(Deserialize, ToSchema)]
pub struct ReplaceGitLabTokenRequest {
    pub access_token: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GitLabCredentialStatusResponse {
    pub status: GitLabCredentialStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    pub checked_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct GitLabRepositoryWebhookSecretResponse {
    pub repository_id: String,
    /// For the webhook at GitLab; shown this once.
    pub webhook_secret: String,
    pub rotated_at: i64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Connect GitLab
///
/// With a token it works at once; an OAuth application has to be authorised first.
#[utoipa::path(post, path = "/v1/integrations/gitlab/start", operation_id = "gitlab_start", tag = "Integrations",
    security(("bearer" = [])), request_body = GitLabStartRequest,
    responses(
        (status = 200, description = "Connected", body = GitLabCompleteResponse),
        (status = 400, description = "invalid_input, gitlab_auth_failed, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error", body = ApiError),
        (status = 502, description = "gitlab_unreachable, gitlab_api_error, gitlab_parse_error", body = ApiError),
    ))]
async fn gitlab_start(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<GitLabStartRequest>,
) -> Result<axum::Json<GitLabCompleteResponse>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let host_url = host(request.host_url.trim())?;
    let credential = match request.auth_mode {
        IntegrationAuthMode::PersonalToken => {
            Credential::Token(secret("access_token", request.access_token)?)
        }
        IntegrationAuthMode::OauthApp => Credential::Application {
            client_id: secret("client_id", request.client_id)?.to_string(),
            client_secret: secret("client_secret", request.client_secret)?,
        },
        IntegrationAuthMode::GithubApp | IntegrationAuthMode::LocalPath => {
            return Err(Error::invalid_field("auth_mode", "must be oauth_app or personal_token"));
        }
    };
    let entry = caller.did(AuditAction::IntegrationCreated, AuditResource::Integration);
    let row = connect::start(&app, &host_url, credential, caller.user.id, entry).await?;
    Ok(axum::Json(GitLabCompleteResponse { integration: row.into() }))
}

/// Begin to authorise an OAuth application
///
/// The application at GitLab needs the callback `/v1/integrations/gitlab/callback` at the origin of `redirect_url`.
#[utoipa::path(post, path = "/v1/integrations/gitlab/authorize", operation_id = "gitlab_authorize",
    tag = "Integrations", security(("bearer" = [])), request_body = GitLabAuthorizeRequest,
    responses(
        (status = 200, description = "Where to go", body = GitLabAuthorizeResponse),
        (status = 400, description = "invalid_auth_mode, invalid_input, invalid_redirect_url, invalid_request",
            body = ApiError),
        (status = 403, description = "permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "invalid_source_state", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error, decryption_error, \
            missing_credentials", body = ApiError),
    ))]
async fn gitlab_authorize(
    State(app): AppState,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<GitLabAuthorizeRequest>,
) -> Result<Response> {
    caller.require(Resource::Integrations, Action::Write)?;
    let id: IntegrationId = request.integration_id.parse().map_err(|_| Error::not_found("integration"))?;
    let integration = db::integrations::get(app.db.read(), id).await?;
    check::require_gitlab(&integration)?;
    let redirect_url = redirect::page(&app.network.reach(), request.redirect_url.trim())?;
    let origin = redirect::origin(&redirect_url);
    // A page of another origin has no way to keep a cookie for the way back.
    let is_bound = is_of_same_origin(&headers, &origin);
    let browser = is_bound.then(|| AGREEING.known_by(&headers)).transpose()?;
    let cookie = browser.as_ref().map(|value| [(SET_COOKIE, AGREEING.kept(&app, value))]);
    let scope = if request.report { Scope::Report } else { Scope::Read };
    let way = Way { redirect_url, origin, person: caller.user.id, browser, scope };
    let authorize_url = connect::authorize(&app, &integration, way).await?;
    Ok((cookie, axum::Json(GitLabAuthorizeResponse { authorize_url })).into_response())
}

/// The way back from GitLab with somebody's agreement
#[utoipa::path(get, path = "/v1/integrations/gitlab/callback", operation_id = "gitlab_callback",
    tag = "Integrations", params(CallbackQuery),
    responses(
        (status = 200, description = "What went wrong", content_type = "text/html", body = String),
        (status = 303, description = "Connected"),
    ))]
async fn gitlab_callback(
    State(app): AppState,
    origin: Origin,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Response {
    let back = Return {
        browser: AGREEING.of(&headers),
        code: query.code.as_deref(),
        state: query.state.as_deref().unwrap_or_default(),
        error: query.error_description.as_deref().or(query.error.as_deref()),
    };
    match connect::come_back(&app, &back, origin).await {
        Ok(next) => Redirect::to(&next).into_response(),
        Err(error) => told(&app, ScmProvider::Gitlab, &error),
    }
}

/// Replace the token of an integration
///
/// It must be of the same account. What was wrong with the one before is over.
#[utoipa::path(put, path = "/v1/integrations/{id}/gitlab-token", operation_id = "replace_gitlab_personal_token",
    tag = "Integrations", security(("bearer" = [])), params(("id" = String, Path)),
    request_body = ReplaceGitLabTokenRequest,
    responses(
        (status = 200, description = "Replaced", body = GitLabCredentialStatusResponse),
        (status = 400, description = "gitlab_auth_failed, gitlab_scope_missing, invalid_auth_mode, invalid_input, \
            invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "gitlab_account_mismatch, missing_credentials, missing_source_account",
            body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error, decryption_error",
            body = ApiError),
        (status = 502, description = "gitlab_unavailable", body = ApiError),
    ))]
async fn replace_gitlab_token(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Json(request): Json<ReplaceGitLabTokenRequest>,
) -> Result<axum::Json<GitLabCredentialStatusResponse>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let integration = db::integrations::get(app.db.read(), id).await?;
    let token = secret("access_token", Some(request.access_token))?;
    let entry = caller.did(AuditAction::IntegrationCredentialReplaced, AuditResource::Integration);
    Ok(axum::Json(replace::replace(&app, &integration, &token, entry).await?.into()))
}

/// Look at the credential of an integration
#[utoipa::path(post, path = "/v1/integrations/{id}/gitlab-token/check", operation_id = "check_gitlab_personal_token",
    tag = "Integrations", security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "How it was found", body = GitLabCredentialStatusResponse),
        (status = 400, description = "invalid_auth_mode", body = ApiError),
        (status = 403, description = "permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "missing_credentials", body = ApiError),
        (status = 500, description = "session_error, store_error, decryption_error", body = ApiError),
    ))]
async fn check_gitlab_token(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<axum::Json<GitLabCredentialStatusResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    let integration = db::integrations::get(app.db.read(), id).await?;
    Ok(axum::Json(check::check(&app, &integration).await?.into()))
}

/// Make a new webhook secret for a repository
///
/// For the webhook that somebody sets up at GitLab. The one before ends at once.
#[utoipa::path(post, path = "/v1/integration-repositories/{id}/gitlab-webhook-secret",
    operation_id = "rotate_gitlab_repository_webhook_secret", tag = "Integrations", security(("bearer" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "The secret", body = GitLabRepositoryWebhookSecretResponse),
        (status = 403, description = "permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error", body = ApiError),
    ))]
async fn rotate_gitlab_repository_webhook_secret(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<RepositoryId>,
) -> Result<axum::Json<GitLabRepositoryWebhookSecretResponse>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let entry = caller.did(AuditAction::GitlabRepositoryWebhookSecretRotated, AuditResource::Repository);
    let secret = webhook_secret::rotate(&app, id, entry).await?;
    Ok(axum::Json(GitLabRepositoryWebhookSecretResponse {
        repository_id: id.to_string(),
        webhook_secret: secret.to_string(),
        rotated_at: app.clock.now(),
    }))
}

/// Secrets must not cross a network as they are: http is for this machine, named by its address.
fn host(url: &str) -> Result<String> {
    let host_url = base_url(url).map_err(|why| Error::invalid_field("host_url", why))?;
    if is_private_way(&host_url) {
        return Ok(host_url);
    }
    Err(Error::invalid_field("host_url", "must begin with https://, or be http:// and a loopback address"))
}

fn secret(field: &str, given: Option<String>) -> Result<Zeroizing<String>> {
    let given = Zeroizing::new(given.unwrap_or_default());
    let text = given.trim();
    if text.is_empty() {
        return Err(Error::invalid_field(field, "must not be empty"));
    }
    if text.len() > MAX_SECRET || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid_field(field, "must be letters, digits and signs, at most 1024 of them"));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

impl From<Checked> for GitLabCredentialStatusResponse {
    fn from(checked: Checked) -> Self {
        Self { status: checked.status, expires_at: checked.expires_at, checked_at: checked.checked_at }
    }
}
