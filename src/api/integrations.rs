//! Where code comes from: integrations and their repositories.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Limits, ListQuery, Path, Query, searched};
use super::gitlab::GitLabCredentialStatusResponse;
use super::projects::OkResponse;
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::db::integrations::{Filter, Sort};
use crate::db::listing::Direction;
use crate::db::{self, entity};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::IntegrationId;
use crate::domain::permission::{Action, Resource};
use crate::domain::source::{IntegrationAuthMode, IntegrationStatus, ScmProvider};
use crate::error::{Error, Result};
use crate::sources::disconnect::disconnect;
use crate::sources::gitlab::check;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_integrations))
        .routes(routes!(get_integration, delete_integration))
        .routes(routes!(list_repositories))
        .routes(routes!(list_source_repositories))
}

/// A connection to a code host or to a folder of this machine.
#[derive(Debug, Serialize, ToSchema)]
pub struct Integration {
    pub id: String,
    pub provider: ScmProvider,
    pub host_url: String,
    pub auth_mode: IntegrationAuthMode,
    pub status: IntegrationStatus,
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_slug: Option<String>,
    pub created_by: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// Why it does not work, if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// When its accounts and repositories were last read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<i64>,
}

/// A repository.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrationRepository {
    pub id: String,
    pub installation_id: String,
    pub external_id: String,
    pub full_name: String,
    pub default_branch: Option<String>,
    pub is_private: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// A repository and where it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceRepository {
    #[serde(flatten)]
    pub repository: IntegrationRepository,
    pub integration_id: String,
    pub provider: ScmProvider,
    pub host_url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListIntegrationsResponse {
    pub integrations: Vec<Integration>,
    pub total: u64,
    pub active_total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrationDetailResponse {
    pub integration: Integration,
    pub installation_count: u64,
    pub repository_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_webhook_at: Option<i64>,
    /// How the credential was found when it was last looked at; GitLab only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<GitLabCredentialStatusResponse>,
    /// What it has not been told yet of how builds go.
    pub reports_waiting: i64,
    /// What could not be told, and is not tried any more.
    pub reports_failed: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListRepositoriesResponse {
    pub repositories: Vec<IntegrationRepository>,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListSourceRepositoriesResponse {
    pub repositories: Vec<SourceRepository>,
    pub total: u64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IntegrationsQuery {
    /// `github`, `gitlab` or `local_git`.
    provider: Option<String>,
    /// Text in name or address.
    q: Option<String>,
    /// `name`, `provider`, `status` or `updated_at`.
    sort: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Text in the full name.
    q: Option<String>,
}

/// List integrations
///
/// A page has 20 rows unless `limit` says otherwise, and 200 at most.
#[utoipa::path(get, path = "/v1/integrations", operation_id = "list_integrations", tag = "Integrations",
    security(("bearer" = [])), params(IntegrationsQuery, ListQuery),
    responses(
        (status = 200, description = "The integrations", body = ListIntegrationsResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_integrations(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<IntegrationsQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListIntegrationsResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    let provider = query.provider.filter(|word| !word.is_empty());
    let provider = provider.map(|word| word.parse().map_err(|_| unknown_provider())).transpose()?;
    let page = list.page(Limits::Clamped { default: 20, max: 200 })?;
    let filter = Filter {
        provider,
        search: searched(query.q.as_deref(), "q")?,
        sort: sort_of(query.sort.as_deref()),
        direction: list.direction(Direction::Ascending).unwrap_or_default(),
    };
    let (rows, total, active_total) = db::integrations::list(app.db.read(), &filter, page).await?;
    let integrations = rows.into_iter().map(Integration::from).collect();
    Ok(axum::Json(ListIntegrationsResponse { integrations, total, active_total }))
}

fn unknown_provider() -> Error {
    Error::invalid("invalid_request", "provider must be github, gitlab or local_git")
}

fn sort_of(word: Option<&str>) -> Sort {
    match word {
        Some("provider") => Sort::Provider,
        Some("status") => Sort::Status,
        Some("updated_at") => Sort::UpdatedAt,
        Some(_) | None => Sort::Name,
    }
}

/// Read an integration
#[utoipa::path(get, path = "/v1/integrations/{id}", operation_id = "get_integration", tag = "Integrations",
    security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "The integration", body = IntegrationDetailResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_integration(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<axum::Json<IntegrationDetailResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    let row = db::integrations::get(app.db.read(), id).await?;
    let installation_count = db::integrations::count_installations(app.db.read(), id).await?;
    let one = db::listing::Page { limit: 1, offset: 0 };
    let (_, repository_count) = db::repositories::list(app.db.read(), Some(id), None, one).await?;
    let credential = check::last(&app, &row).await?.map(GitLabCredentialStatusResponse::from);
    let integration = row.into();
    let reports = db::reports::tally(app.db.read(), id).await?;
    Ok(axum::Json(IntegrationDetailResponse {
        integration,
        installation_count,
        repository_count,
        last_webhook_at: db::deliveries::last_at_ms(app.db.read(), id).await?.map(|at| at.div_euclid(1000)),
        credential,
        reports_waiting: reports.waiting,
        reports_failed: reports.failed,
    }))
}

/// Disconnect an integration
///
/// Its projects lose their source and their waiting builds are canceled. Refused while builds run.
#[utoipa::path(delete, path = "/v1/integrations/{id}", operation_id = "delete_integration", tag = "Integrations",
    security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "Disconnected", body = OkResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "integration_has_active_builds", body = ApiError),
    ))]
async fn delete_integration(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<axum::Json<OkResponse>> {
    caller.require(Resource::Integrations, Action::Delete)?;
    let entry = caller.did(AuditAction::IntegrationDeleted, AuditResource::Integration);
    disconnect(&app, id, caller.name(), entry).await?;
    Ok(axum::Json(OkResponse { ok: true }))
}

/// List the repositories of an integration
///
/// A page has 20 rows unless `limit` says otherwise, and 100 at most.
#[utoipa::path(get, path = "/v1/integrations/{id}/repositories", operation_id = "list_repositories",
    tag = "Integrations", security(("bearer" = [])), params(("id" = String, Path), SearchQuery, ListQuery),
    responses(
        (status = 200, description = "The repositories", body = ListRepositoriesResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_repositories(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Query(query): Query<SearchQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListRepositoriesResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    db::integrations::get(app.db.read(), id).await?;
    let (page, search) =
        (list.page(Limits::Clamped { default: 20, max: 100 })?, searched(query.q.as_deref(), "q")?);
    let (rows, total) = db::repositories::list(app.db.read(), Some(id), search.as_deref(), page).await?;
    let repositories = rows.into_iter().map(IntegrationRepository::from).collect();
    Ok(axum::Json(ListRepositoriesResponse { repositories, total }))
}

/// List the repositories of all integrations
///
/// A page has 100 rows at most.
#[utoipa::path(get, path = "/v1/integration-repositories", operation_id = "list_source_repositories",
    tag = "Integrations", security(("bearer" = [])), params(SearchQuery, ListQuery),
    responses(
        (status = 200, description = "The repositories", body = ListSourceRepositoriesResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_source_repositories(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<SearchQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListSourceRepositoriesResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    let (page, search) =
        (list.page(Limits::Clamped { default: 100, max: 100 })?, searched(query.q.as_deref(), "q")?);
    let (rows, total) = db::repositories::list(app.db.read(), None, search.as_deref(), page).await?;
    let owners = rows.iter().map(|row| row.integration_id).collect();
    let owners = db::integrations::find_all(app.db.read(), owners).await?;
    let show = |row: entity::repositories::Model| {
        let owner = owners.iter().find(|owner| owner.id == row.integration_id)?;
        Some(SourceRepository {
            integration_id: owner.id.to_string(),
            provider: owner.provider,
            host_url: owner.host_url.clone(),
            repository: row.into(),
        })
    };
    let repositories = rows.into_iter().filter_map(show).collect();
    Ok(axum::Json(ListSourceRepositoriesResponse { repositories, total }))
}

impl From<entity::integrations::Model> for Integration {
    fn from(row: entity::integrations::Model) -> Self {
        Self {
            id: row.id.to_string(),
            provider: row.provider,
            host_url: row.host_url,
            auth_mode: row.auth_mode,
            status: row.status,
            display_name: row.display_name,
            app_id: row.app_id,
            app_slug: row.app_slug,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            status_reason: row.status_reason,
            synced_at: row.synced_at,
        }
    }
}

impl From<entity::repositories::Model> for IntegrationRepository {
    fn from(row: entity::repositories::Model) -> Self {
        Self {
            id: row.id.to_string(),
            installation_id: row.installation_id.to_string(),
            external_id: row.external_id,
            full_name: row.full_name,
            default_branch: row.default_branch,
            is_private: row.is_private,
            avatar_url: row.avatar_url,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
