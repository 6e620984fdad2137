//! What a code host lets an integration see: its accounts, read again on request, and the pictures of repositories.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json, Path};
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::db::{self, entity};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::{IntegrationId, RepositoryId};
use crate::domain::permission::{Action, Resource};
use crate::domain::source::ScmProvider;
use crate::error::{Error, Kind, Result};
use crate::sources::{avatar, github, gitlab};

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_installations, sync_installations)).routes(routes!(repository_avatar))
}

/// An account at a code host.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrationInstallation {
    pub id: String,
    pub integration_id: String,
    pub external_id: String,
    pub account_name: String,
    pub account_type: Option<String>,
    pub created_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListInstallationsResponse {
    pub installations: Vec<IntegrationInstallation>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SyncInstallationsRequest {
    /// The host's own number of an account, to read that one's repositories only.
    #[serde(default)]
    pub installation_id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SyncInstallationsResponse {
    pub installations: Vec<IntegrationInstallation>,
}

/// List the accounts of an integration
#[utoipa::path(get, path = "/v1/integrations/{id}/installations", operation_id = "list_installations",
    tag = "Integrations", security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "The accounts", body = ListInstallationsResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_installations(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<axum::Json<ListInstallationsResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    db::integrations::get(app.db.read(), id).await?;
    Ok(axum::Json(ListInstallationsResponse { installations: listed(&app, id).await? }))
}

/// Read accounts and repositories from the code host
#[utoipa::path(post, path = "/v1/integrations/{id}/installations", operation_id = "sync_installations",
    tag = "Integrations", security(("bearer" = [])), params(("id" = String, Path)),
    request_body = SyncInstallationsRequest,
    responses(
        (status = 200, description = "The accounts", body = SyncInstallationsResponse),
        (status = 400, description = "invalid_provider, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "integration_inactive, missing_credentials, gitlab_reconnect_required",
            body = ApiError),
        (status = 500, description = "session_error, store_error, decryption_error, key_error, jwt_error",
            body = ApiError),
        (status = 502, description = "github_api_error, github_parse_error, gitlab_api_error, gitlab_parse_error, sync_failed", body = ApiError),
    ))]
async fn sync_installations(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Json(request): Json<SyncInstallationsRequest>,
) -> Result<axum::Json<SyncInstallationsResponse>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let integration = db::integrations::get(app.db.read(), id).await?;
    let entry = caller.did(AuditAction::IntegrationSynced, AuditResource::Integration).id(id);
    match integration.provider {
        ScmProvider::LocalGit => {
            return Err(Error::invalid("invalid_provider", "a local repository has no accounts"));
        }
        ScmProvider::Github => {
            github::sync::sync(&app, &integration, request.installation_id.as_deref(), Some(entry)).await?
        }
        ScmProvider::Gitlab => gitlab::sync::sync(&app, &integration, Some(entry)).await.map_err(failed)?,
    }
    Ok(axum::Json(SyncInstallationsResponse { installations: listed(&app, id).await? }))
}

/// The picture of a repository
///
/// Fetched by the daemon, so that the browser asks nobody else.
#[utoipa::path(get, path = "/v1/integration-repositories/{id}/avatar", operation_id = "repository_avatar",
    tag = "Integrations", security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "The picture", content_type = "image/*", body = Vec<u8>),
        (status = 400, description = "invalid_input", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "unsupported_provider", body = ApiError),
        (status = 502, description = "github_avatar_invalid, github_avatar_too_large, github_avatar_unavailable, \
            gitlab_avatar_invalid, gitlab_avatar_too_large, gitlab_avatar_unavailable", body = ApiError),
    ))]
async fn repository_avatar(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<RepositoryId>,
) -> Result<Response> {
    caller.require(Resource::Integrations, Action::Read)?;
    let picture = avatar::of(&app, id).await?;
    let headers = [(CONTENT_TYPE, picture.media_type), (CACHE_CONTROL, "private, max-age=3600")];
    Ok((headers, picture.bytes).into_response())
}

/// What the host answered can't be taken over: it is of another account than before.
fn failed(error: Error) -> Error {
    match error.code {
        "gitlab_account_mismatch" => {
            let failed = Error::new(Kind::Upstream, "sync_failed", error.message);
            failed.hint(error.hint.unwrap_or_default())
        }
        _ => error,
    }
}

async fn listed(app: &App, id: IntegrationId) -> Result<Vec<IntegrationInstallation>> {
    let rows = db::integrations::list_installations(app.db.read(), id).await?;
    Ok(rows.into_iter().map(IntegrationInstallation::from).collect())
}

impl From<entity::installations::Model> for IntegrationInstallation {
    fn from(row: entity::installations::Model) -> Self {
        Self {
            id: row.id.to_string(),
            integration_id: row.integration_id.to_string(),
            external_id: row.external_id,
            account_name: row.account_name,
            account_type: row.account_type,
            created_at: row.created_at,
        }
    }
}
