//! The first build: what this machine has for it, which applications are on it, and one call that makes a project of one of them
//! and starts a build.

use std::path::Path as FilePath;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::build_view::{self, Build};
use super::builds::kind_of;
use super::error::ApiError;
use super::extract::{AppState, Json};
use super::new_project::{self, CreateProjectRequest, DetectProjectRequest};
use super::pipelines::{CreatePipelineRequest, Pipeline};
use super::projects::Project;
use super::route::{Routes, routes};
use super::runner_view;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::peer::Origin;
use crate::builds::nearby::{self, Found};
use crate::builds::trigger;
use crate::db::{self, entity};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::doctor::{self, CheckStatus, DoctorCheck};
use crate::domain::id::PipelineId;
use crate::domain::runner::RunnerStatus;
use crate::domain::setup::RuntimeMode;
use crate::domain::spec::BuildPlatform;
use crate::error::{Error, Result, codes};
use crate::words;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_start, start)).routes(routes!(list_start_apps))
}

words! {
    /// Whether applications can be looked for on the daemon's machine.
    StartPlace {
        Here = "here",
        /// The caller is on another machine.
        Elsewhere = "elsewhere",
        /// Folders are for local mode only.
        RemoteMode = "remote_mode",
    }
}

/// What there is for a first build.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartResponse {
    pub place: StartPlace,
    pub has_projects: bool,
    /// The runner that would take the build: the daemon's own, else one that is online. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<StartRunner>,
    /// What that runner has and lacks. Empty until it has looked.
    pub checks: Vec<StartCheck>,
}

/// The runner that would take the build.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartRunner {
    pub id: String,
    pub name: String,
    pub status: RunnerStatus,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartCheck {
    /// A stable word, such as `git` or `android_licenses`.
    pub name: String,
    pub status: CheckStatus,
    /// What was found.
    pub what: String,
    /// What to do, where something is wrong: a command where one does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// The platforms that can't be built without it; empty if it is needed for everything.
    pub platforms: Vec<BuildPlatform>,
}

/// Applications on the daemon's machine.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartAppsResponse {
    /// Git work trees with Flutter in them, the last used first; at most 40.
    pub apps: Vec<StartApp>,
    /// The folders that were looked through.
    pub searched: Vec<String>,
    /// Whether there may be more.
    pub truncated: bool,
}

/// A git work tree with Flutter in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartApp {
    pub path: String,
    /// The folder's name.
    pub name: String,
    /// Its Flutter packages: applications first, examples last. At most 24.
    pub roots: Vec<StartRoot>,
    /// When somebody last worked there, as far as git tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_at: Option<i64>,
    /// The project that is made of it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
}

/// A Flutter package.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartRoot {
    /// Below the work tree; empty for its top.
    pub path: String,
    pub name: String,
    /// Whether it is an application, and not a package of code.
    pub is_app: bool,
}

/// What to make a project of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// Absolute path of a git work tree on the daemon's machine.
    pub local_repository_path: String,
    /// Default: the folder's name.
    #[serde(default)]
    pub name: Option<String>,
    /// The first one is built. Default: those that fit what is found.
    #[serde(default)]
    pub pipelines: Vec<CreatePipelineRequest>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartedResponse {
    pub project: Project,
    pub pipelines: Vec<Pipeline>,
    /// The build that waits now. Absent if it could not be started: the project is there all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// Why there is no build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<StartProblem>,
}

/// Why a build could not be started.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartProblem {
    pub code: String,
    pub error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Read what there is for a first build
///
/// Owner or admin only.
#[utoipa::path(get, path = "/v1/start", operation_id = "get_start", tag = "Start", security(("bearer" = [])),
    responses(
        (status = 200, description = "What there is", body = StartResponse),
        (status = 403, description = "insufficient_role", body = ApiError),
    ))]
async fn get_start(
    State(app): AppState,
    caller: Caller,
    origin: Origin,
) -> Result<axum::Json<StartResponse>> {
    new_project::require_creator(&caller)?;
    let runners = db::runners::list(app.db.read(), None).await?;
    let serving = runners.into_iter().filter(|runner| app.config.runner_mode.serves(runner.embedded));
    let mut runners = runner_view::show(&app, serving.collect()).await?;
    runners.sort_by_key(|runner| (!runner.embedded, runner.status == RunnerStatus::Offline));
    let runner = runners.into_iter().next();
    let checks = runner.as_ref().map(|runner| doctor::examine(&runner.capabilities, runner.figures));
    Ok(axum::Json(StartResponse {
        place: place(&app, origin).await?,
        has_projects: db::projects::any(app.db.read()).await?,
        runner: runner.map(|runner| StartRunner { id: runner.id, name: runner.name, status: runner.status }),
        checks: checks.unwrap_or_default().into_iter().map(StartCheck::from).collect(),
    }))
}

async fn place(app: &App, origin: Origin) -> Result<StartPlace> {
    if db::instance::get(app.db.read()).await?.runtime_mode != RuntimeMode::Local {
        return Ok(StartPlace::RemoteMode);
    }
    Ok(if origin.is_local() { StartPlace::Here } else { StartPlace::Elsewhere })
}

/// Look for Flutter applications on the daemon's machine
///
/// Owner or admin only, in local mode, from the machine itself. Some folders of the home folder are looked through, for a few
/// seconds at most; symbolic links are not followed.
#[utoipa::path(get, path = "/v1/start/apps", operation_id = "list_start_apps", tag = "Start", security(("bearer" = [])),
    responses(
        (status = 200, description = "What was found", body = StartAppsResponse),
        (status = 403, description = "insufficient_role, mode_restricted, loopback_required", body = ApiError),
        (status = 500, description = "session_error, store_error, internal_error", body = ApiError),
    ))]
async fn list_start_apps(
    State(app): AppState,
    caller: Caller,
    origin: Origin,
) -> Result<axum::Json<StartAppsResponse>> {
    new_project::require_creator(&caller)?;
    match place(&app, origin).await? {
        StartPlace::Here => {}
        StartPlace::Elsewhere => {
            let why = "applications are only looked for on the machine itself";
            return Err(Error::forbidden("loopback_required", why));
        }
        StartPlace::RemoteMode => {
            let why = "folders of the machine are for local mode only";
            return Err(Error::forbidden(codes::MODE_RESTRICTED, why).hint("Connect a code host instead."));
        }
    }
    let Some(home) = app.config.home.clone() else {
        let nothing = StartAppsResponse { apps: Vec::new(), searched: Vec::new(), truncated: false };
        return Ok(axum::Json(nothing));
    };
    let clock = app.clock.clone();
    let survey = tokio::task::spawn_blocking(move || nearby::survey(&home, &clock)).await;
    let survey =
        survey.map_err(|error| Error::internal("internal_error", "looking through folders failed", error))?;
    let mut apps = Vec::with_capacity(survey.found.len());
    for found in survey.found {
        apps.extend(shown(&app, found).await?);
    }
    let searched = survey.searched.iter().map(|path| path.display().to_string()).collect();
    Ok(axum::Json(StartAppsResponse { apps, searched, truncated: survey.is_cut }))
}

/// None of a folder whose path is no text: a project can't be made of it.
async fn shown(app: &App, found: Found) -> Result<Option<StartApp>> {
    let Some(path) = canonical(&found.path).await else { return Ok(None) };
    let db = app.db.read();
    let project = match db::repositories::find_local(db, &path).await? {
        Some(repository) => db::projects::of_repository(db, repository.id).await?.into_iter().next(),
        None => None,
    };
    let root = |root: nearby::Root| StartRoot { path: root.path, name: root.name, is_app: root.is_app };
    Ok(Some(StartApp {
        name: folder_name(&path),
        path,
        roots: found.roots.into_iter().map(root).collect(),
        used_at: found.used.and_then(unix),
        project_id: project.map(|project| project.id.to_string()),
    }))
}

/// As the path is stored of a folder that is connected.
async fn canonical(path: &FilePath) -> Option<String> {
    tokio::fs::canonicalize(path).await.ok()?.to_str().map(str::to_owned)
}

fn folder_name(path: &str) -> String {
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path).to_owned()
}

fn unix(time: SystemTime) -> Option<i64> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// Make a project of a folder and start a build
///
/// Owner or admin only, in local mode. Makes the project with its pipelines, all of it or nothing, then builds the first of them.
#[utoipa::path(post, path = "/v1/start", operation_id = "start", tag = "Start", security(("bearer" = [])),
    request_body = StartRequest,
    responses(
        (status = 201, description = "Made, and the build if it could be started", body = StartedResponse),
        (status = 400, description = "invalid_input, invalid_repository, invalid_ref, invalid_config_path, \
            invalid_execution_config, invalid_trigger_config, invalid_concurrency, invalid_labels, invalid_request", body = ApiError),
        (status = 403, description = "insufficient_role, permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 409, description = "nothing_to_build, missing_default_branch, source_unresolvable", body = ApiError),
        (status = 413, description = "payload_too_large, repository_tree_too_large", body = ApiError),
        (status = 500, description = "session_error, store_error, git_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn start(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<StartRequest>,
) -> Result<(StatusCode, axum::Json<StartedResponse>)> {
    new_project::require_creator(&caller)?;
    let path = request.local_repository_path;
    let pipelines = match request.pipelines.is_empty() {
        true => fitting(&app, &caller, &path).await?,
        false => request.pipelines,
    };
    let wanted = CreateProjectRequest {
        name: request.name.unwrap_or_else(|| folder_name(&path)),
        description: None,
        repository_id: None,
        local_repository_path: Some(path),
        default_branch: None,
        pipelines,
    };
    let (row, made) = new_project::make(&app, &caller, wanted).await?;
    let first = made.pipelines.first().and_then(|pipeline| pipeline.id.parse().ok());
    let started = match first {
        Some(pipeline) => build(&app, &caller, &row, pipeline).await,
        None => Err(Error::not_found("pipeline")),
    };
    let (build, problem) = match started {
        Ok(build) => (Some(build), None),
        Err(error) => {
            tracing::warn!(code = error.code, "the first build of a new project did not start: {error}");
            (None, Some(StartProblem { code: error.code.to_owned(), error: error.message, hint: error.hint }))
        }
    };
    let response = StartedResponse { project: made.project, pipelines: made.pipelines, build, problem };
    Ok((StatusCode::CREATED, axum::Json(response)))
}

/// The pipelines that most people want of a folder; without those the first that could be made.
async fn fitting(app: &App, caller: &Caller, path: &str) -> Result<Vec<CreatePipelineRequest>> {
    let request = DetectProjectRequest {
        repository_id: None,
        local_repository_path: Some(path.to_owned()),
        branch: None,
    };
    let proposals = new_project::look(app, caller, request).await?.proposals;
    let (usual, other): (Vec<_>, Vec<_>) = proposals.into_iter().partition(|proposal| proposal.suggested);
    let chosen = if usual.is_empty() { other.into_iter().take(1).collect() } else { usual };
    if chosen.is_empty() {
        return Err(Error::conflict(
            "nothing_to_build",
            "no Flutter application was found in the last commit",
        )
        .hint("Commit the application, or say what to build in an .oore.yaml."));
    }
    Ok(chosen.into_iter().map(|proposal| proposal.pipeline).collect())
}

async fn build(
    app: &App,
    caller: &Caller,
    project: &entity::projects::Model,
    pipeline: PipelineId,
) -> Result<Build> {
    let entry = caller.did(AuditAction::BuildCreated, AuditResource::Build);
    let standing = trigger::Standing::Newest;
    let kind = kind_of(caller);
    let cause = trigger::Cause { kind, event: None, standing, entry: &entry };
    let rows = trigger::trigger(app, project, pipeline, trigger::Request::default(), cause).await?;
    let first = rows.into_iter().next().ok_or_else(|| Error::not_found("build"))?;
    build_view::show_one(app, first).await
}

impl From<DoctorCheck> for StartCheck {
    fn from(check: DoctorCheck) -> Self {
        let platforms = doctor::needed_for(&check.name).to_vec();
        let DoctorCheck { name, status, what, fix } = check;
        Self { name, status, what, fix, platforms }
    }
}
