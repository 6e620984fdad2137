//! Pipelines: create, read, update, delete, list, and checking a configuration before it is saved.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, Path, Query, named_sort, searched};
use super::projects::{OkResponse, checked_name};
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::db::entity::{pipelines, schedules};
use crate::db::listing::Direction;
use crate::db::pipelines::{Change, Filter};
use crate::db::{self, Doc, Tx};
use crate::domain::audit::{AuditAction, AuditResource, Entry};
use crate::domain::id::{PipelineId, ProjectId};
use crate::domain::label;
use crate::domain::permission::{Action, ProjectPermission, Resource, project_allows};
use crate::domain::role::ProjectRole;
use crate::domain::spec::{ConcurrencyPolicy, PipelineExecutionConfig, TriggerConfig};
use crate::error::{Error, FieldError, Result};
use crate::events;
use crate::pipeline::schema::SCHEMA;
use crate::pipeline::validate;

const DEFAULT_CONFIG_PATH: &str = ".oore.yaml";
/// Shown instead of a value the caller may not see.
pub const REDACTED: &str = "[REDACTED]";

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_pipelines, create_pipeline))
        .routes(routes!(get_pipeline, update_pipeline, delete_pipeline))
        .routes(routes!(get_pipeline_schema))
}

/// A pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pipeline {
    pub id: String,
    pub project_id: String,
    pub name: String,
    /// Where in the repository its file is looked for.
    pub config_path: String,
    /// Whether only that path counts, instead of `.oore.yaml` and `.oore.yml`.
    pub config_path_explicit: bool,
    /// Used when the repository has no file.
    pub execution_config: PipelineExecutionConfig,
    pub trigger_config: TriggerConfig,
    pub concurrency: ConcurrencyPolicy,
    /// Labels a runner must offer to take its builds, beyond what their platforms need.
    pub runner_labels: Vec<String>,
    pub enabled: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListPipelinesResponse {
    pub pipelines: Vec<Pipeline>,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CreatePipelineResponse {
    pub pipeline: Pipeline,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PipelineDetailResponse {
    pub pipeline: Pipeline,
    pub build_count: u64,
    /// When it starts by itself, as its file on the default branch or its settings say.
    pub schedules: Vec<PipelineSchedule>,
}

/// Times at which a pipeline starts by itself, and how the last start went.
#[derive(Debug, Serialize, ToSchema)]
pub struct PipelineSchedule {
    pub cron: String,
    /// Absent: UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Absent: the default branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    pub next_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_build_id: Option<String>,
    /// Why the last start made no build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

impl From<schedules::Model> for PipelineSchedule {
    fn from(row: schedules::Model) -> Self {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            cron: row.cron,
            timezone: given(row.timezone),
            branch: given(row.branch),
            next_at: row.next_at,
            last_at: row.last_at,
            last_build_id: row.last_build_id.map(|id| id.to_string()),
            last_error: row.last_error,
        }
    }
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatePipelineRequest {
    pub name: String,
    #[serde(flatten)]
    pub settings: PipelineSettings,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdatePipelineRequest {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub enabled: Option<bool>,
    #[serde(flatten)]
    pub settings: PipelineSettings,
}

/// How a pipeline works.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PipelineSettings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_path_explicit: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_config: Option<PipelineExecutionConfig>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_config: Option<TriggerConfig>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<ConcurrencyPolicy>,
    /// Labels a runner must offer to take its builds: those people gave it, or `os:…`, `arch:…` and `tool:…`, which
    /// follow from what it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_labels: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PipelinesQuery {
    /// Text in the name.
    search: Option<String>,
    /// `created_at`, `updated_at` or `name`.
    sort: Option<String>,
}

/// List the pipelines of a project
///
/// A page has 50 rows unless `limit` says otherwise, and 200 at most.
#[utoipa::path(get, path = "/v1/projects/{project_id}/pipelines", operation_id = "list_pipelines", tag = "Pipelines",
    security(("bearer" = [])), params(("project_id" = String, Path), PipelinesQuery, ListQuery),
    responses(
        (status = 200, description = "The pipelines", body = ListPipelinesResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_pipelines(
    State(app): AppState,
    caller: Caller,
    Path(project_id): Path<ProjectId>,
    Query(query): Query<PipelinesQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListPipelinesResponse>> {
    let access = caller.project(&app, project_id, ProjectPermission::Read).await?;
    let page = list.page(Limits::Strict { default: 50, max: 200 })?;
    let filter = Filter {
        project_id,
        search: searched(query.search.as_deref(), "search")?,
        sort: named_sort(query.sort.as_deref())?,
        direction: list.direction(Direction::Ascending)?,
    };
    let (rows, total) = db::pipelines::list(app.db.read(), &filter, page).await?;
    let pipelines = rows.into_iter().map(|row| shown(row, access.role)).collect();
    Ok(axum::Json(ListPipelinesResponse { pipelines, total }))
}

/// Create a pipeline
#[utoipa::path(post, path = "/v1/projects/{project_id}/pipelines", operation_id = "create_pipeline", tag = "Pipelines",
    security(("bearer" = [])), params(("project_id" = String, Path)), request_body = CreatePipelineRequest,
    responses(
        (status = 201, description = "Created", body = CreatePipelineResponse),
        (status = 400, description = "invalid_input, invalid_config_path, invalid_execution_config, \
            invalid_trigger_config, invalid_concurrency, invalid_labels, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn create_pipeline(
    State(app): AppState,
    caller: Caller,
    Path(project_id): Path<ProjectId>,
    Json(request): Json<CreatePipelineRequest>,
) -> Result<(StatusCode, axum::Json<CreatePipelineResponse>)> {
    let access = caller.project(&app, project_id, ProjectPermission::ManagePipelines).await?;
    check(&request.settings)?;
    let row = new_row(project_id, request, app.clock.now())?;
    let stored = row.clone();
    app.db.write(async |tx| insert(tx, &app, &caller, stored).await).await?;
    Ok((StatusCode::CREATED, axum::Json(CreatePipelineResponse { pipeline: shown(row, access.role) })))
}

/// The row of a new pipeline, whose settings were checked.
///
/// Errors: 400 `invalid_input`.
pub fn new_row(project_id: ProjectId, request: CreatePipelineRequest, now: i64) -> Result<pipelines::Model> {
    let settings = request.settings;
    Ok(pipelines::Model {
        id: PipelineId::new(),
        project_id,
        name: checked_name(&request.name)?,
        config_path: settings.config_path.unwrap_or_else(|| DEFAULT_CONFIG_PATH.to_owned()),
        config_path_explicit: settings.config_path_explicit.unwrap_or(false),
        execution_config: Doc(settings.execution_config.unwrap_or_default()),
        trigger_config: Doc(settings.trigger_config.unwrap_or_default()),
        concurrency: Doc(settings.concurrency.unwrap_or_default()),
        enabled: true,
        created_at: now,
        updated_at: now,
        runner_labels: Doc(tidied(settings.runner_labels).unwrap_or_default()),
    })
}

/// Stores a new pipeline as part of a transaction.
pub async fn insert(tx: &Tx, app: &App, caller: &Caller, row: pipelines::Model) -> Result<()> {
    tx.signal(events::Change::Pipeline { pipeline_id: row.id, project_id: row.project_id });
    audit::record(tx, app, did(caller, AuditAction::PipelineCreated, &row)).await?;
    db::pipelines::insert(tx, row).await
}

/// Read a pipeline
#[utoipa::path(get, path = "/v1/pipelines/{pipeline_id}", operation_id = "get_pipeline", tag = "Pipelines",
    security(("bearer" = [])), params(("pipeline_id" = String, Path)),
    responses(
        (status = 200, description = "The pipeline", body = PipelineDetailResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_pipeline(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<PipelineId>,
) -> Result<axum::Json<PipelineDetailResponse>> {
    let (row, access) = caller.pipeline(&app, id, ProjectPermission::Read).await?;
    let build_count = db::tallies::count_pipeline(app.db.read(), id).await?;
    let schedules = db::schedules::of_pipeline(app.db.read(), id).await?;
    let schedules = schedules.into_iter().map(PipelineSchedule::from).collect();
    Ok(axum::Json(PipelineDetailResponse { pipeline: shown(row, access.role), build_count, schedules }))
}

/// Change a pipeline
#[utoipa::path(patch, path = "/v1/pipelines/{pipeline_id}", operation_id = "update_pipeline", tag = "Pipelines",
    security(("bearer" = [])), params(("pipeline_id" = String, Path)), request_body = UpdatePipelineRequest,
    responses(
        (status = 200, description = "The changed pipeline", body = CreatePipelineResponse),
        (status = 400, description = "invalid_input, invalid_config_path, invalid_execution_config, \
            invalid_trigger_config, invalid_concurrency, invalid_labels, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn update_pipeline(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<PipelineId>,
    Json(request): Json<UpdatePipelineRequest>,
) -> Result<axum::Json<CreatePipelineResponse>> {
    let (row, access) = caller.pipeline(&app, id, ProjectPermission::ManagePipelines).await?;
    let settings = request.settings;
    check(&settings)?;
    let change = Change {
        name: request.name.as_deref().map(checked_name).transpose()?,
        config_path: settings.config_path,
        config_path_explicit: settings.config_path_explicit,
        execution_config: settings.execution_config,
        trigger_config: settings.trigger_config,
        concurrency: settings.concurrency,
        enabled: request.enabled,
        runner_labels: tidied(settings.runner_labels),
    };
    let now = app.clock.now();
    let row = app
        .db
        .write(async |tx| {
            tx.signal(events::Change::Pipeline { pipeline_id: id, project_id: row.project_id });
            tx.signal(events::Change::Queue);
            let row = db::pipelines::update(tx, id, change, now).await?;
            audit::record(tx, &app, did(&caller, AuditAction::PipelineUpdated, &row)).await?;
            Ok(row)
        })
        .await?;
    Ok(axum::Json(CreatePipelineResponse { pipeline: shown(row, access.role) }))
}

/// Delete a pipeline
///
/// With its builds, logs and artifacts. Owner or admin only; refused while builds are active.
#[utoipa::path(delete, path = "/v1/pipelines/{pipeline_id}", operation_id = "delete_pipeline", tag = "Pipelines",
    security(("bearer" = [])), params(("pipeline_id" = String, Path)),
    responses(
        (status = 200, description = "Deleted", body = OkResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "active_builds", body = ApiError),
    ))]
async fn delete_pipeline(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<PipelineId>,
) -> Result<axum::Json<OkResponse>> {
    let (row, _) = caller.pipeline(&app, id, ProjectPermission::Read).await?;
    caller.require(Resource::Pipelines, Action::Delete)?;
    let builds = app
        .db
        .write(async |tx| {
            let builds = db::builds::ids_unless_active(tx, db::builds::Scope::Pipeline(id)).await?;
            crate::builds::bytes::leave(tx, &app, &builds).await?;
            db::pipelines::delete(tx, id).await?;
            audit::record(tx, &app, did(&caller, AuditAction::PipelineDeleted, &row)).await?;
            tx.signal(events::Change::Pipeline { pipeline_id: id, project_id: row.project_id });
            Ok(builds)
        })
        .await?;
    crate::builds::bytes::remove(&app, &builds).await;
    Ok(axum::Json(OkResponse { ok: true }))
}

fn did(caller: &Caller, action: AuditAction, pipeline: &pipelines::Model) -> Entry {
    let details = serde_json::json!({"name": pipeline.name, "project_id": pipeline.project_id});
    caller.did(action, AuditResource::Pipeline).id(pipeline.id).details(details)
}

/// Read the schema of pipeline files
///
/// A JSON Schema of `.oore.yaml` in all versions, for editors.
#[utoipa::path(get, path = "/schema/oore-pipeline.json", operation_id = "get_pipeline_schema", tag = "Pipelines",
    responses((status = 200, description = "The schema", body = serde_json::Value,
        content_type = "application/schema+json")))]
async fn get_pipeline_schema() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/schema+json")], SCHEMA)
}

/// What breaks a rule, by the code each part answers with.
pub fn problems(settings: &PipelineSettings) -> Vec<(&'static str, Vec<FieldError>)> {
    let path = settings.config_path.as_deref().map(validate::config_path).unwrap_or_default();
    let execution = settings.execution_config.as_ref().map(validate::execution_config).unwrap_or_default();
    let trigger = settings.trigger_config.as_ref().map(validate::trigger_config).unwrap_or_default();
    let concurrency = settings.concurrency.as_ref().map(validate::concurrency).unwrap_or_default();
    let labels = settings.runner_labels.as_deref().and_then(|labels| label::tidy(labels).err());
    let labels = labels.map(|why| vec![FieldError::new("runner_labels", why)]).unwrap_or_default();
    let all = [
        ("invalid_config_path", path),
        ("invalid_execution_config", execution),
        ("invalid_trigger_config", trigger),
        ("invalid_concurrency", concurrency),
        ("invalid_labels", labels),
    ];
    all.into_iter().filter(|(_, fields)| !fields.is_empty()).collect()
}

/// Labels as they are stored, once they have been checked.
pub fn tidied(labels: Option<Vec<String>>) -> Option<Vec<String>> {
    labels.and_then(|labels| label::tidy(&labels).ok())
}

/// Refuses settings that no pipeline may have.
///
/// Errors: 400 with the code of what is wrong.
pub fn check(settings: &PipelineSettings) -> Result<()> {
    match problems(settings).into_iter().next() {
        Some((code, fields)) => Err(Error::invalid_fields(code, fields)),
        None => Ok(()),
    }
}

/// The pipeline as the caller may see it: values of variables only with the right to change them.
pub fn shown(row: pipelines::Model, role: ProjectRole) -> Pipeline {
    let mut execution_config = row.execution_config.0;
    if !project_allows(role, ProjectPermission::ManagePipelines) {
        for variable in &mut execution_config.env {
            variable.value = REDACTED.to_owned();
        }
    }
    Pipeline {
        id: row.id.to_string(),
        project_id: row.project_id.to_string(),
        name: row.name,
        config_path: row.config_path,
        config_path_explicit: row.config_path_explicit,
        execution_config,
        trigger_config: row.trigger_config.0,
        concurrency: row.concurrency.0,
        runner_labels: row.runner_labels.0,
        enabled: row.enabled,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
