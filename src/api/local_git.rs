//! Folders of this machine as sources: connecting them, and looking for them with a folder picker.

use std::path::{Path as FilePath, PathBuf};

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Json, Path, Query};
use super::integrations::{Integration, IntegrationRepository, ListIntegrationsResponse};
use super::projects::OkResponse;
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::peer::Origin;
use crate::db::integrations::{Filter, Sort};
use crate::db::listing::Direction;
use crate::db::{self, Tx, entity};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::{InstallationId, IntegrationId, RepositoryId};
use crate::domain::permission::{Action, Resource};
use crate::domain::source::{IntegrationAuthMode, IntegrationStatus, LOCAL_HOST_URL, ScmProvider};
use crate::error::{Error, Result};
use crate::forge::local_git::{self, Worktree};
use crate::sources::disconnect::disconnect;

/// Most folders shown at once.
const MAX_ENTRIES: usize = 300;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_local_git_integrations, create_local_git_integration))
        .routes(routes!(delete_local_git_integration))
        .routes(routes!(browse_local_git_directories))
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateLocalGitIntegrationRequest {
    /// Absolute path of a git work tree on the daemon's machine.
    pub repository_path: String,
    /// Default: the folder's name.
    #[serde(default)]
    pub display_name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CreateLocalGitIntegrationResponse {
    pub integration: Integration,
    pub repository: IntegrationRepository,
}

/// A folder and what is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BrowseLocalGitDirectoriesResponse {
    pub current_path: String,
    pub current_is_git_repository: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_path: Option<String>,
    /// At most 300, hidden ones left out.
    pub directories: Vec<LocalGitDirectoryEntry>,
    pub suggestions: Vec<LocalGitPathSuggestion>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LocalGitDirectoryEntry {
    pub name: String,
    pub path: String,
    pub is_git_repository: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LocalGitPathSuggestion {
    pub label: String,
    pub path: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BrowseQuery {
    /// Absolute path; default: the home folder.
    path: Option<String>,
}

/// List the connected folders of this machine
#[utoipa::path(get, path = "/v1/integrations/local-git", operation_id = "list_local_git_integrations",
    tag = "Integrations", security(("bearer" = [])),
    responses(
        (status = 200, description = "The integrations", body = ListIntegrationsResponse),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_local_git_integrations(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<ListIntegrationsResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    let filter = Filter {
        provider: Some(ScmProvider::LocalGit),
        search: None,
        sort: Sort::Name,
        direction: Direction::Ascending,
    };
    let page = db::listing::Page { limit: 200, offset: 0 };
    let (rows, total, active_total) = db::integrations::list(app.db.read(), &filter, page).await?;
    let integrations = rows.into_iter().map(Integration::from).collect();
    Ok(axum::Json(ListIntegrationsResponse { integrations, total, active_total }))
}

/// Connect a folder of this machine
#[utoipa::path(post, path = "/v1/integrations/local-git", operation_id = "create_local_git_integration",
    tag = "Integrations", security(("bearer" = [])), request_body = CreateLocalGitIntegrationRequest,
    responses(
        (status = 200, description = "Connected", body = CreateLocalGitIntegrationResponse),
        (status = 400, description = "invalid_input, invalid_repository, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 409, description = "already_exists", body = ApiError),
        (status = 500, description = "session_error, store_error, git_error", body = ApiError),
    ))]
async fn create_local_git_integration(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<CreateLocalGitIntegrationRequest>,
) -> Result<axum::Json<CreateLocalGitIntegrationResponse>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let folder = local_git::inspect(&request.repository_path).await?;
    let name = request.display_name;
    let connected = app.db.write(async |tx| connect_local(tx, &app, &caller, &folder, name).await).await?;
    if !connected.is_new {
        return Err(Error::conflict("already_exists", "this folder is connected already"));
    }
    Ok(axum::Json(CreateLocalGitIntegrationResponse {
        integration: connected.integration.into(),
        repository: connected.repository.into(),
    }))
}

/// A folder of this machine that is connected.
pub struct Connected {
    pub integration: entity::integrations::Model,
    pub repository: entity::repositories::Model,
    /// Whether this call connected it.
    pub is_new: bool,
}

/// Connects a folder, or finds it connected.
pub async fn connect_local(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    worktree: &Worktree,
    name: Option<String>,
) -> Result<Connected> {
    let path = worktree.path.display().to_string();
    let folder = worktree.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.filter(|name| !name.trim().is_empty()).or(folder).unwrap_or_else(|| path.clone());
    let now = app.clock.now();
    let integration = entity::integrations::Model {
        id: IntegrationId::new(),
        provider: ScmProvider::LocalGit,
        host_url: LOCAL_HOST_URL.to_owned(),
        auth_mode: IntegrationAuthMode::LocalPath,
        status: IntegrationStatus::Active,
        display_name: Some(name.clone()),
        app_id: None,
        app_slug: None,
        created_by: caller.user.id.to_string(),
        created_at: now,
        updated_at: now,
        status_reason: None,
        synced_at: None,
    };
    let installation = entity::installations::Model {
        id: InstallationId::new(),
        integration_id: integration.id,
        external_id: path.clone(),
        account_name: name.clone(),
        created_at: now,
        updated_at: now,
        account_type: None,
    };
    let repository = entity::repositories::Model {
        id: RepositoryId::new(),
        integration_id: integration.id,
        installation_id: installation.id,
        external_id: path.clone(),
        full_name: name,
        default_branch: worktree.branch.clone(),
        is_private: true,
        avatar_url: None,
        clone_url: path.clone(),
        created_at: now,
        updated_at: now,
    };
    if let Some(repository) = db::repositories::find_local(tx, &path).await? {
        let integration = db::integrations::get(tx, repository.integration_id).await?;
        return Ok(Connected { integration, repository, is_new: false });
    }
    db::integrations::insert(tx, integration.clone()).await?;
    db::integrations::insert_installation(tx, installation).await?;
    db::repositories::insert(tx, repository.clone()).await?;
    let details = serde_json::json!({"provider": integration.provider, "path": path});
    let entry = caller.did(AuditAction::IntegrationCreated, AuditResource::Integration);
    audit::record(tx, app, entry.id(integration.id).details(details)).await?;
    Ok(Connected { integration, repository, is_new: true })
}

/// Disconnect a folder of this machine
#[utoipa::path(delete, path = "/v1/integrations/local-git/{id}", operation_id = "delete_local_git_integration",
    tag = "Integrations", security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "Disconnected", body = OkResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "integration_has_active_builds", body = ApiError),
    ))]
async fn delete_local_git_integration(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<axum::Json<OkResponse>> {
    caller.require(Resource::Integrations, Action::Delete)?;
    let integration = db::integrations::get(app.db.read(), id).await?;
    if integration.provider != ScmProvider::LocalGit {
        return Err(Error::not_found("integration"));
    }
    let entry = caller.did(AuditAction::IntegrationDeleted, AuditResource::Integration);
    disconnect(&app, id, caller.name(), entry).await?;
    Ok(axum::Json(OkResponse { ok: true }))
}

/// Look at the folders of this machine
///
/// Only from the machine itself. Symbolic links are not followed.
#[utoipa::path(get, path = "/v1/integrations/local-git/directories", operation_id = "browse_local_git_directories",
    tag = "Integrations", security(("bearer" = [])), params(BrowseQuery),
    responses(
        (status = 200, description = "The folder", body = BrowseLocalGitDirectoriesResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, loopback_required", body = ApiError),
    ))]
async fn browse_local_git_directories(
    State(app): AppState,
    caller: Caller,
    origin: Origin,
    Query(query): Query<BrowseQuery>,
) -> Result<axum::Json<BrowseLocalGitDirectoriesResponse>> {
    if !origin.is_local() {
        return Err(Error::forbidden("loopback_required", "folders are only shown on the machine itself"));
    }
    let may_connect = caller.require(Resource::Integrations, Action::Write);
    may_connect.or_else(|_| caller.require(Resource::Projects, Action::Write))?;
    let home = app.config.home.clone();
    let asked = query.path.filter(|path| !path.is_empty()).map(PathBuf::from);
    let folder = asked.or_else(|| home.clone()).unwrap_or_else(|| PathBuf::from("/"));
    let listing = tokio::task::spawn_blocking(move || browse(&folder, home.as_deref())).await;
    listing
        .map_err(|error| Error::internal("internal_error", "listing a folder failed", error))?
        .map(axum::Json)
}

fn browse(folder: &FilePath, home: Option<&FilePath>) -> Result<BrowseLocalGitDirectoriesResponse> {
    let refuse = |why: String| Error::invalid("invalid_input", format!("{}: {why}", folder.display()));
    if !folder.is_absolute() {
        return Err(refuse("the path must be absolute".to_owned()));
    }
    let folder = folder.canonicalize().map_err(|error| refuse(error.to_string()))?;
    let entries = std::fs::read_dir(&folder).map_err(|error| refuse(error.to_string()))?;
    let mut directories: Vec<_> = entries.filter_map(|entry| shown(&entry.ok()?)).collect();
    directories.sort_by_cached_key(|entry| entry.name.to_lowercase());
    directories.truncate(MAX_ENTRIES);
    Ok(BrowseLocalGitDirectoriesResponse {
        current_is_git_repository: is_repository(&folder),
        parent_path: folder.parent().map(|parent| parent.display().to_string()),
        current_path: folder.display().to_string(),
        directories,
        suggestions: suggestions(home),
    })
}

fn shown(entry: &std::fs::DirEntry) -> Option<LocalGitDirectoryEntry> {
    let name = entry.file_name().into_string().ok()?;
    let path = entry.path();
    let is_folder = entry.file_type().ok()?.is_dir() && !name.starts_with('.');
    let is_git_repository = is_folder && is_repository(&path);
    is_folder.then(|| LocalGitDirectoryEntry { name, path: path.display().to_string(), is_git_repository })
}

/// A work tree has a `.git` folder, or a `.git` file if it is a linked one.
fn is_repository(folder: &FilePath) -> bool {
    folder.join(".git").exists()
}

fn suggestions(home: Option<&FilePath>) -> Vec<LocalGitPathSuggestion> {
    let Some(home) = home else {
        return Vec::new();
    };
    let usual =
        ["Developer", "Projects", "projects", "src", "code", "dev", "git", "Documents", "StudioProjects"];
    let existing = usual.iter().map(|name| (*name, home.join(name))).filter(|(_, path)| path.is_dir());
    std::iter::once(("Home", home.to_owned()))
        .chain(existing)
        .map(|(label, path)| LocalGitPathSuggestion {
            label: label.to_owned(),
            path: path.display().to_string(),
        })
        .collect()
}
