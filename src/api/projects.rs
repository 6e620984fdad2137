//! Projects: read, update, delete, list. Making one is in `new_project`.

use std::collections::HashMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, Path, Query, named_sort, searched};
use super::pipelines::Pipeline;
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::access::Visible;
use crate::auth::caller::Caller;
use crate::builds::watch::{self, Watch};
use crate::db::listing::Direction;
use crate::db::projects::{Change, Filter};
use crate::db::{self, Tx, entity::projects};
use crate::domain::audit::{AuditAction, AuditResource, Entry};
use crate::domain::delivery::ForkBuilds;
use crate::domain::id::{IntegrationId, ProjectId, RepositoryId};
use crate::domain::permission::{ProjectPermission, project_capabilities};
use crate::domain::role::ProjectRole;
use crate::domain::source::{Polling, ScmProvider, is_valid_ref};
use crate::domain::text::{self, given};
use crate::error::{Error, Result};
use crate::events;

const MAX_NAME_CHARS: usize = 200;
const MAX_DESCRIPTION_CHARS: usize = 4000;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_projects)).routes(routes!(get_project, update_project, delete_project))
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
pub struct Project {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_avatar_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_provider: Option<ScmProvider>,
    pub settings: serde_json::Value,
    /// What happens to pull and merge requests of forks.
    pub fork_builds: ForkBuilds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// Whether its repository is asked what was pushed.
    pub polling: Polling,
    pub created_by: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// Whether its code host is shown a check or a status of each build.
    pub report_statuses: bool,
    /// Whether it gets a comment on pull and merge requests.
    pub report_comment: bool,
    /// Whether everybody who knows its address may see its badge.
    pub public_badge: bool,
    pub current_user_role: ProjectRole,
    /// What the caller may do in the project.
    pub capabilities: Vec<ProjectPermission>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListProjectsResponse {
    pub projects: Vec<Project>,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CreateProjectResponse {
    pub project: Project,
    /// Those that were made with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub pipelines: Vec<Pipeline>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectDetailResponse {
    pub project: Project,
    pub pipeline_count: u64,
    pub build_count: u64,
    pub current_user_role: ProjectRole,
    /// How pushes to its repository are heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushes: Option<Pushes>,
}

/// How pushes to a repository are heard of.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pushes {
    /// When a webhook last told of the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_at: Option<i64>,
    /// How often it is looked at, in seconds; absent if it never is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_every: Option<u64>,
    /// When it was last looked at since the daemon started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<i64>,
    /// Why the last look failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OkResponse {
    pub ok: bool,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateProjectRequest {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub repository_id: Option<String>,
    #[serde(default)]
    pub default_branch: Option<String>,
    #[serde(default)]
    pub settings: Option<serde_json::Value>,
    /// Whether commits of forks can be approved, or are never built.
    #[serde(default)]
    pub fork_builds: Option<ForkBuilds>,
    #[serde(default)]
    pub report_statuses: Option<bool>,
    #[serde(default)]
    pub report_comment: Option<bool>,
    #[serde(default)]
    pub public_badge: Option<bool>,
    #[serde(default)]
    pub polling: Option<Polling>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProjectsQuery {
    /// Text in name or description.
    search: Option<String>,
    integration_id: Option<String>,
    /// `created_at`, `updated_at` or `name`.
    sort: Option<String>,
}

/// List projects
///
/// A page has 50 rows unless `limit` says otherwise, and 200 at most.
#[utoipa::path(get, path = "/v1/projects", operation_id = "list_projects", tag = "Projects",
    security(("bearer" = [])), params(ProjectsQuery, ListQuery),
    responses(
        (status = 200, description = "The projects the caller may see", body = ListProjectsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
    ))]
async fn list_projects(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<ProjectsQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListProjectsResponse>> {
    let page = list.page(Limits::Strict { default: 50, max: 200 })?;
    let filter = Filter {
        only: match caller.visible(&app).await? {
            Visible::All => None,
            Visible::Only(projects) => Some(projects.into_iter().collect()),
        },
        search: searched(query.search.as_deref(), "search")?,
        // An id that can't be one matches nothing.
        integration_id: given(query.integration_id.as_deref())
            .map(|id| id.parse().unwrap_or_else(|_| IntegrationId::new())),
        sort: named_sort(query.sort.as_deref())?,
        direction: list.direction(Direction::Descending)?,
    };
    let (rows, total) = db::projects::list(app.db.read(), &filter, page).await?;
    let mut projects = Vec::with_capacity(rows.len());
    for row in &rows {
        let role = caller.project_role(&app, row.id).await?;
        projects.extend(role.map(|role| (row.clone(), role)));
    }
    Ok(axum::Json(ListProjectsResponse { projects: shown(&app, projects).await?, total }))
}

/// A repository by its id.
///
/// Errors: 400 `invalid_repository`.
pub async fn known_repository(app: &App, id: &str) -> Result<RepositoryId> {
    let unknown = || Error::invalid("invalid_repository", "there is no repository with this id");
    let id = id.parse().map_err(|_| unknown())?;
    let row = db::repositories::find(app.db.read(), id).await?.ok_or_else(unknown)?;
    Ok(row.id)
}

/// Read a project
#[utoipa::path(get, path = "/v1/projects/{project_id}", operation_id = "get_project", tag = "Projects",
    security(("bearer" = [])), params(("project_id" = String, Path)),
    responses(
        (status = 200, description = "The project", body = ProjectDetailResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_project(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<axum::Json<ProjectDetailResponse>> {
    let access = caller.project(&app, id, ProjectPermission::Read).await?;
    let pipeline_count = db::pipelines::count(app.db.read(), id).await?;
    let build_count = db::tallies::count_project(app.db.read(), id).await?;
    let pushes = pushes(&app, &access.project).await?;
    let project = one(&app, access.project, access.role).await?;
    let current_user_role = access.role;
    Ok(axum::Json(ProjectDetailResponse { project, pipeline_count, build_count, current_user_role, pushes }))
}

async fn pushes(app: &App, project: &projects::Model) -> Result<Option<Pushes>> {
    let Some(repository) = project.repository_id else { return Ok(None) };
    let webhook_at = db::deliveries::last_webhook_ms(app.db.read(), repository).await?;
    let every = watch::every(app, repository).await?;
    let Watch { looked_at, problem, .. } = app.watches.of(repository);
    Ok(Some(Pushes {
        webhook_at: webhook_at.map(|at| at.div_euclid(1000)),
        looked_every: every.map(|every| every.as_secs()),
        looked_at,
        problem,
    }))
}

/// Change a project
///
/// Linking it to another repository needs owner or admin and cancels its waiting builds.
#[utoipa::path(patch, path = "/v1/projects/{project_id}", operation_id = "update_project", tag = "Projects",
    security(("bearer" = [])), params(("project_id" = String, Path)), request_body = UpdateProjectRequest,
    responses(
        (status = 200, description = "The changed project", body = CreateProjectResponse),
        (status = 400, description = "invalid_input, invalid_repository, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, insufficient_role, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn update_project(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Json(request): Json<UpdateProjectRequest>,
) -> Result<axum::Json<CreateProjectResponse>> {
    let access = caller.project(&app, id, ProjectPermission::Write).await?;
    let repository_id = match request.repository_id.as_deref() {
        Some(repository) => {
            caller.require_operator()?;
            Some(known_repository(&app, repository).await?)
        }
        None => None,
    };
    let rebranched = request.default_branch.is_some();
    let change = Change {
        name: request.name.as_deref().map(checked_name).transpose()?,
        description: request.description.map(|text| checked_description(Some(text))).transpose()?,
        default_branch: request
            .default_branch
            .map(|branch| checked_branch("default_branch", Some(branch)))
            .transpose()?,
        settings: request.settings.map(checked_settings).transpose()?,
        fork_builds: request.fork_builds,
        report_statuses: request.report_statuses,
        report_comment: request.report_comment,
        public_badge: request.public_badge,
        repository_id,
        polling: request.polling,
    };
    let relinked = repository_id.is_some_and(|new| access.project.repository_id != Some(new));
    let action = if relinked { AuditAction::ProjectSourceLinkUpdated } else { AuditAction::ProjectUpdated };
    let (now_ms, actor) = (app.clock.now_ms(), caller.name());
    let row = app
        .db
        .write(async |tx| {
            tx.signal(events::Change::Project { project_id: id });
            if relinked {
                db::builds::cancel_waiting(tx, id, actor, "project source changed", now_ms).await?;
            }
            let row = db::projects::update(tx, id, change, now_ms / 1000).await?;
            if relinked || rebranched {
                tell_pipelines(tx, id).await?;
            }
            audit::record(tx, &app, did(&caller, action, &row)).await?;
            Ok(row)
        })
        .await?;
    let project = one(&app, row, access.role).await?;
    Ok(axum::Json(CreateProjectResponse { project, pipelines: Vec::new() }))
}

/// Where their file is says when pipelines start: whoever starts them has to read it there.
async fn tell_pipelines(tx: &Tx, project: ProjectId) -> Result<()> {
    for pipeline in db::pipelines::of_project(tx, project).await? {
        tx.signal(events::Change::Pipeline { pipeline_id: pipeline.id, project_id: project });
    }
    Ok(())
}

/// Delete a project
///
/// With its pipelines, builds, logs and artifacts. Refused while builds are active.
#[utoipa::path(delete, path = "/v1/projects/{project_id}", operation_id = "delete_project", tag = "Projects",
    security(("bearer" = [])), params(("project_id" = String, Path)),
    responses(
        (status = 200, description = "Deleted", body = OkResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "active_builds", body = ApiError),
        (status = 500, description = "session_error, store_error, storage_error", body = ApiError),
    ))]
async fn delete_project(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<axum::Json<OkResponse>> {
    let access = caller.project(&app, id, ProjectPermission::Delete).await?;
    let builds = app
        .db
        .write(async |tx| {
            let builds = db::builds::ids_unless_active(tx, db::builds::Scope::Project(id)).await?;
            crate::builds::bytes::leave(tx, &app, &builds).await?;
            db::projects::delete(tx, id).await?;
            audit::record(tx, &app, did(&caller, AuditAction::ProjectDeleted, &access.project)).await?;
            tx.signal(events::Change::Project { project_id: id });
            Ok(builds)
        })
        .await?;
    crate::builds::bytes::remove(&app, &builds).await;
    Ok(axum::Json(OkResponse { ok: true }))
}

pub fn did(caller: &Caller, action: AuditAction, project: &projects::Model) -> Entry {
    let details = serde_json::json!({"name": project.name, "repository_id": project.repository_id});
    caller.did(action, AuditResource::Project).id(project.id).details(details)
}

/// A name that people give: 1 to 200 characters, none of them control characters.
pub fn checked_name(name: &str) -> Result<String> {
    let why = || format!("must have 1 to {MAX_NAME_CHARS} characters");
    text::name(name, MAX_NAME_CHARS).ok_or_else(|| Error::invalid_field("name", why()))
}

/// Empty text removes the description.
pub fn checked_description(text: Option<String>) -> Result<Option<String>> {
    let text = given(text.as_deref());
    if text.is_some_and(|text| text.chars().count() > MAX_DESCRIPTION_CHARS) {
        let why = format!("must have at most {MAX_DESCRIPTION_CHARS} characters");
        return Err(Error::invalid_field("description", why));
    }
    Ok(text.map(str::to_owned))
}

/// Empty text means the repository's own default. `field` is what the request calls it.
pub fn checked_branch(field: &'static str, branch: Option<String>) -> Result<Option<String>> {
    let branch = given(branch.as_deref());
    if branch.is_some_and(|branch| !is_valid_ref(branch)) {
        return Err(Error::invalid_field(field, "can't be the name of a branch"));
    }
    Ok(branch.map(str::to_owned))
}

fn checked_settings(settings: serde_json::Value) -> Result<serde_json::Value> {
    if settings.is_object() {
        return Ok(settings);
    }
    Err(Error::invalid_field("settings", "must be an object"))
}

pub async fn one(app: &App, row: projects::Model, role: ProjectRole) -> Result<Project> {
    let mut projects = shown(app, vec![(row, role)]).await?;
    projects.pop().ok_or_else(|| Error::not_found("project"))
}

/// Projects as clients see them, with what is known of their repositories.
async fn shown(app: &App, rows: Vec<(projects::Model, ProjectRole)>) -> Result<Vec<Project>> {
    let ids = rows.iter().filter_map(|(row, _)| row.repository_id).collect();
    let repositories = db::repositories::find_all(app.db.read(), ids).await?;
    let owners = repositories.iter().map(|row| row.integration_id).collect();
    let integrations = db::integrations::find_all(app.db.read(), owners).await?;
    let providers: HashMap<_, _> = integrations.iter().map(|row| (row.id, row.provider)).collect();
    let repositories: HashMap<_, _> = repositories.into_iter().map(|row| (row.id, row)).collect();
    let show = |(row, role): (projects::Model, ProjectRole)| {
        let repository = row.repository_id.and_then(|id| repositories.get(&id));
        Project {
            id: row.id.to_string(),
            name: row.name,
            description: row.description,
            repository_id: row.repository_id.map(|id| id.to_string()),
            repository_full_name: repository.map(|found| found.full_name.clone()),
            repository_avatar_url: repository.and_then(|found| found.avatar_url.clone()),
            repository_provider: repository.and_then(|found| providers.get(&found.integration_id).copied()),
            settings: row.settings.0,
            fork_builds: row.fork_builds,
            default_branch: row.default_branch,
            polling: row.polling,
            created_by: row.created_by.to_string(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            report_statuses: row.report_statuses,
            report_comment: row.report_comment,
            public_badge: row.public_badge,
            current_user_role: role,
            capabilities: project_capabilities(role),
        }
    };
    Ok(rows.into_iter().map(show).collect())
}
