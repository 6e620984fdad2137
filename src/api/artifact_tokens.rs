//! Links to one artifact that people hand on: make, list, revoke, open. A link's secret is in one answer and never again.

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::artifacts::{base_url, disposition, download_url, of_caller};
use super::error::ApiError;
use super::extract::{AppState, OptionalJson, Path};
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::artifact_token;
use crate::auth::caller::Caller;
use crate::builds::artifacts;
use crate::db;
use crate::db::entity::{artifact_tokens, users};
use crate::domain::id::{ArtifactId, ArtifactTokenId};
use crate::domain::permission::ProjectPermission;
use crate::error::{Error, Kind, Result};

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(create_scoped_download_token))
        .routes(routes!(list_scoped_download_tokens))
        .routes(routes!(revoke_scoped_download_token))
        .routes(routes!(download_via_scoped_token))
        .routes(routes!(download_via_scoped_token_v1))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct CreateScopedDownloadTokenRequest {
    /// Seconds until it expires, 60 to 604800. Left out: a day.
    #[serde(default)]
    pub ttl_secs: Option<i64>,
    /// Whether it opens the artifact once only.
    #[serde(default)]
    pub single_use: bool,
}

/// A new link.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreateScopedDownloadTokenResponse {
    pub id: String,
    /// Opens without a session until it expires or is revoked.
    pub download_url: String,
    /// Shown once.
    pub token: String,
    pub prefix: String,
    pub expires_at: i64,
    pub single_use: bool,
}

/// A link, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactDownloadTokenSummary {
    pub id: String,
    pub artifact_id: String,
    /// The first characters of its secret part, to tell it from others.
    pub prefix: String,
    pub created_by: String,
    pub created_by_email: String,
    pub expires_at: i64,
    pub single_use: bool,
    /// When it was used last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
    pub is_expired: bool,
    /// Whether it was for a single use and has been used.
    pub is_used: bool,
    pub is_revoked: bool,
    pub created_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListArtifactDownloadTokensResponse {
    pub tokens: Vec<ArtifactDownloadTokenSummary>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RevokeArtifactDownloadTokenResponse {
    /// False if it had been revoked before.
    pub revoked: bool,
}

/// Make a link to hand on
///
/// It opens this one artifact, without a session, until it expires, is revoked or has been used.
#[utoipa::path(post, path = "/v1/artifacts/{artifact_id}/scoped-token", operation_id = "create_scoped_download_token",
    tag = "Scoped Download Tokens", security(("bearer" = [])), params(("artifact_id" = String, Path)),
    request_body = Option<CreateScopedDownloadTokenRequest>,
    responses(
        (status = 200, description = "The link, shown this once", body = CreateScopedDownloadTokenResponse),
        (status = 400, description = "validation_error, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 410, description = "artifact_expired", body = ApiError),
    ))]
async fn create_scoped_download_token(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ArtifactId>,
    headers: HeaderMap,
    OptionalJson(request): OptionalJson<CreateScopedDownloadTokenRequest>,
) -> Result<axum::Json<CreateScopedDownloadTokenResponse>> {
    let row = of_caller(&app, &caller, id, ProjectPermission::WriteArtifacts).await?;
    artifacts::require_downloadable(&app, &row).await?;
    let made = artifact_token::create(&app, &caller, id, request.ttl_secs, request.single_use).await?;
    Ok(axum::Json(CreateScopedDownloadTokenResponse {
        id: made.row.id.to_string(),
        download_url: format!("{}/install/artifact/{}", base_url(&app, &headers), made.secret),
        token: made.secret,
        prefix: made.row.prefix,
        expires_at: made.row.expires_at,
        single_use: made.row.single_use,
    }))
}

/// List the links to an artifact, newest first
#[utoipa::path(get, path = "/v1/artifacts/{artifact_id}/scoped-tokens", operation_id = "list_scoped_download_tokens",
    tag = "Scoped Download Tokens", security(("bearer" = [])), params(("artifact_id" = String, Path)),
    responses(
        (status = 200, description = "The links", body = ListArtifactDownloadTokensResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_scoped_download_tokens(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ArtifactId>,
) -> Result<axum::Json<ListArtifactDownloadTokensResponse>> {
    of_caller(&app, &caller, id, ProjectPermission::WriteArtifacts).await?;
    let (rows, now) = (db::artifact_tokens::list(app.db.read(), id).await?, app.clock.now());
    let tokens = rows.into_iter().map(|(row, creator)| shown(row, creator, now)).collect();
    Ok(axum::Json(ListArtifactDownloadTokensResponse { tokens }))
}

fn shown(row: artifact_tokens::Model, creator: users::Model, now: i64) -> ArtifactDownloadTokenSummary {
    ArtifactDownloadTokenSummary {
        is_expired: row.expires_at <= now,
        is_used: row.is_used(),
        is_revoked: row.revoked_at.is_some(),
        id: row.id.to_string(),
        artifact_id: row.artifact_id.to_string(),
        prefix: row.prefix,
        created_by: row.created_by.to_string(),
        created_by_email: creator.email,
        expires_at: row.expires_at,
        single_use: row.single_use,
        used_at: row.used_at,
        revoked_at: row.revoked_at,
        created_at: row.created_at,
    }
}

/// Revoke a link to an artifact
///
/// It ends at once. Only owners and admins revoke links of others.
#[utoipa::path(delete, path = "/v1/artifact-tokens/{token_id}", operation_id = "revoke_scoped_download_token",
    tag = "Scoped Download Tokens", security(("bearer" = [])), params(("token_id" = String, Path)),
    responses(
        (status = 200, description = "Revoked", body = RevokeArtifactDownloadTokenResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn revoke_scoped_download_token(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ArtifactTokenId>,
) -> Result<axum::Json<RevokeArtifactDownloadTokenResponse>> {
    let unknown = || Error::not_found("link");
    let hidden = |error: Error| if error.kind == Kind::NotFound { unknown() } else { error };
    let row = db::artifact_tokens::find(app.db.read(), id).await?.ok_or_else(unknown)?;
    of_caller(&app, &caller, row.artifact_id, ProjectPermission::WriteArtifacts).await.map_err(hidden)?;
    let revoked = artifact_token::revoke(&app, &caller, &row).await?;
    Ok(axum::Json(RevokeArtifactDownloadTokenResponse { revoked }))
}

/// Open a link to an artifact
///
/// Leads to a fresh address of the bytes, good for 15 minutes. A link for a single use is used up by it; asking for
/// the head only uses nothing up, and leads nowhere then.
#[utoipa::path(get, path = "/install/artifact/{token}", operation_id = "download_via_scoped_token",
    tag = "Scoped Download Tokens", params(("token" = String, Path)),
    responses(
        (status = 307, description = "Where the bytes are"),
        (status = 401, description = "invalid_token", body = ApiError),
        (status = 410, description = "artifact_expired", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 503, description = "storage_not_configured", body = ApiError),
    ))]
async fn download_via_scoped_token(
    State(app): AppState,
    method: Method,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    open(&app, &method, &token, &headers).await
}

/// Open a link to an artifact, under the address of the API
#[utoipa::path(get, path = "/v1/artifacts/dl/{token}", operation_id = "download_via_scoped_token_v1",
    tag = "Scoped Download Tokens", params(("token" = String, Path)),
    responses(
        (status = 307, description = "Where the bytes are"),
        (status = 401, description = "invalid_token", body = ApiError),
        (status = 410, description = "artifact_expired", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 503, description = "storage_not_configured", body = ApiError),
    ))]
async fn download_via_scoped_token_v1(
    State(app): AppState,
    method: Method,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    open(&app, &method, &token, &headers).await
}

async fn open(app: &App, method: &Method, token: &str, headers: &HeaderMap) -> Result<Response> {
    let (link, artifact) = artifact_token::find(app, token).await?;
    let gone = |error: Error| if error.kind == Kind::NotFound { artifact_token::invalid() } else { error };
    artifacts::require_downloadable(app, &artifact).await.map_err(gone)?;
    // Chat programs look at links before people do.
    if method == Method::HEAD && link.single_use {
        return Ok(StatusCode::OK.into_response());
    }
    let address = artifacts::download_address(app, &artifact, &disposition(&artifact.name)).await?;
    artifact_token::claim(app, &link).await?;
    let (url, _) = download_url(app, headers, address);
    let location = HeaderValue::from_str(&url)
        .map_err(|error| Error::internal("storage_error", "the address of the bytes is unusable", error))?;
    Ok((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response())
}
