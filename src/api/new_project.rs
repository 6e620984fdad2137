//! A new project: what its repository holds, and making it together with its pipelines, all of it or nothing.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::local_git::connect_local;
use super::pipelines::{self, CreatePipelineRequest, PipelineSettings};
use super::projects::{self, CreateProjectResponse};
use super::route::{Routes, routes};
use super::workflows::{RepositoryWorkflowPreview, preview};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::builds::detection::{self, Problem};
use crate::db::{self, Doc, Tx, entity};
use crate::domain::audit::AuditAction;
use crate::domain::delivery::ForkBuilds;
use crate::domain::id::{ProjectId, RepositoryId};
use crate::domain::permission::{Action, Resource};
use crate::domain::role::ProjectRole;
use crate::domain::setup::RuntimeMode;
use crate::domain::source::{Polling, ScmProvider, Source};
use crate::error::{Error, Kind, Result, codes};
use crate::events;
use crate::forge::local_git::{self, Worktree};
use crate::forge::{Access, Repository};
use crate::pipeline::detect::{Proposal, ProposalKind, Root, RootPlatform};
use crate::sources;

/// Most pipelines that are made with a project.
const MAX_PIPELINES: usize = 64;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(create_project)).routes(routes!(detect_project))
}

/// A new project. Exactly one of `repository_id` and `local_repository_path` says where its code is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateProjectRequest {
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub repository_id: Option<String>,
    /// Absolute path of a git work tree on the daemon's machine.
    #[serde(default)]
    pub local_repository_path: Option<String>,
    #[serde(default)]
    pub default_branch: Option<String>,
    /// Made with the project, or not at all.
    #[serde(default)]
    pub pipelines: Vec<CreatePipelineRequest>,
}

/// A repository to look at. Exactly one of `repository_id` and `local_repository_path` says which.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DetectProjectRequest {
    #[serde(default)]
    pub repository_id: Option<String>,
    #[serde(default)]
    pub local_repository_path: Option<String>,
    /// Default: the repository's own.
    #[serde(default)]
    pub branch: Option<String>,
}

/// What a repository holds for pipelines.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetectedProject {
    pub provider: ScmProvider,
    /// The branch that was looked at.
    pub branch: String,
    /// The commit that was looked at.
    pub commit_sha: String,
    /// Folders with a Flutter application or package: applications first, examples last. At most 24.
    pub roots: Vec<FlutterRoot>,
    /// Pipeline files; at most 16.
    pub workflows: Vec<RepositoryWorkflowPreview>,
    /// Pipelines that fit, those that follow a file first. Each can be made as it is, or changed before.
    pub proposals: Vec<PipelineProposal>,
    /// What could not be used.
    pub problems: Vec<DetectionProblem>,
    /// Whether there is more in the repository than was looked at.
    pub truncated: bool,
}

/// A folder with a Flutter application or package.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlutterRoot {
    /// Below the repository; empty for its top.
    pub path: String,
    pub name: String,
    /// Those that the folder has something for; none of a package.
    pub platforms: Vec<RootPlatform>,
    pub flavors: Vec<FlutterFlavor>,
    /// What FVM is told here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flutter_version: Option<String>,
    /// The pipeline file in this folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    pub has_tests: bool,
    pub has_integration_tests: bool,
    /// Whether it is an example of something else.
    pub is_example: bool,
}

/// A variant of an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlutterFlavor {
    pub name: String,
    pub platforms: Vec<RootPlatform>,
}

/// A pipeline that could be made.
#[derive(Debug, Serialize, ToSchema)]
pub struct PipelineProposal {
    /// Absent: it follows the file that its settings name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProposalKind>,
    /// The path of the root it is of; absent of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavor: Option<String>,
    /// Whether most people want it.
    pub suggested: bool,
    pub pipeline: CreatePipelineRequest,
}

/// A file or folder that could not be used.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetectionProblem {
    pub path: String,
    /// Why, in a sentence.
    pub message: String,
}

/// Where the code of a new project is.
enum Place {
    Known(RepositoryId),
    /// A folder, which need not be connected yet.
    Folder(Worktree),
}

/// Create a project
///
/// Owner or admin only. A local folder can be used in local mode only. Pipelines that are given are made with it: when one
/// of them is refused there is no project either.
#[utoipa::path(post, path = "/v1/projects", operation_id = "create_project", tag = "Projects",
    security(("bearer" = [])), request_body = CreateProjectRequest,
    responses(
        (status = 201, description = "Created", body = CreateProjectResponse),
        (status = 400, description = "invalid_input, invalid_repository, invalid_config_path, invalid_execution_config, \
            invalid_trigger_config, invalid_concurrency, invalid_labels, invalid_request", body = ApiError),
        (status = 403, description = "insufficient_role, permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error, git_error", body = ApiError),
    ))]
async fn create_project(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<CreateProjectRequest>,
) -> Result<(StatusCode, axum::Json<CreateProjectResponse>)> {
    require_creator(&caller)?;
    let (_, response) = make(&app, &caller, request).await?;
    Ok((StatusCode::CREATED, axum::Json(response)))
}

/// Makes a project with its pipelines; the caller may do that.
///
/// Errors: those of `create_project`.
pub async fn make(
    app: &App,
    caller: &Caller,
    request: CreateProjectRequest,
) -> Result<(entity::projects::Model, CreateProjectResponse)> {
    let name = projects::checked_name(&request.name)?;
    let description = projects::checked_description(request.description)?;
    let place = place(app, caller, &request.repository_id, &request.local_repository_path).await?;
    let own_branch = place.branch(app).await?;
    let default_branch = projects::checked_branch("default_branch", request.default_branch)?.or(own_branch);
    let (id, now) = (ProjectId::new(), app.clock.now());
    let pipelines = checked(request.pipelines, id, now)?;
    let row = entity::projects::Model {
        id,
        name,
        description,
        repository_id: None,
        settings: Doc(serde_json::json!({})),
        default_branch,
        last_build_number: 0,
        created_by: caller.user.id,
        created_at: now,
        updated_at: now,
        fork_builds: ForkBuilds::Blocked,
        report_statuses: true,
        report_comment: true,
        public_badge: false,
        polling: Polling::Auto,
    };
    let made = pipelines.clone();
    let row = app
        .db
        .write(async |tx| {
            let repository_id = Some(place.connected(tx, app, caller).await?);
            let row = entity::projects::Model { repository_id, ..row };
            tx.signal(events::Change::Project { project_id: id });
            audit::record(tx, app, projects::did(caller, AuditAction::ProjectCreated, &row)).await?;
            db::projects::insert(tx, row.clone()).await?;
            for pipeline in made {
                pipelines::insert(tx, app, caller, pipeline).await?;
            }
            Ok(row)
        })
        .await?;
    let role = ProjectRole::Maintainer;
    let project = projects::one(app, row.clone(), role).await?;
    let pipelines = pipelines.into_iter().map(|row| pipelines::shown(row, role)).collect();
    Ok((row, CreateProjectResponse { project, pipelines }))
}

/// Refuses those who may not make projects.
pub fn require_creator(caller: &Caller) -> Result<()> {
    caller.require_operator()?;
    caller.require(Resource::Projects, Action::Write)
}

/// The rows of pipelines, once everything about all of them was checked.
fn checked(
    requests: Vec<CreatePipelineRequest>,
    project: ProjectId,
    now: i64,
) -> Result<Vec<entity::pipelines::Model>> {
    if requests.len() > MAX_PIPELINES {
        return Err(Error::invalid_field("pipelines", format!("at most {MAX_PIPELINES} pipelines")));
    }
    let row = |(index, request): (usize, CreatePipelineRequest)| {
        let checked = pipelines::check(&request.settings);
        let row = checked.and_then(|()| pipelines::new_row(project, request, now));
        row.map_err(|error| within(error, &format!("pipelines[{index}]")))
    };
    requests.into_iter().enumerate().map(row).collect()
}

/// The error of one thing in a list, with its place there.
fn within(mut error: Error, place: &str) -> Error {
    for field in &mut error.fields {
        field.field = format!("{place}.{}", field.field);
    }
    error.message = format!("{place}: {}", error.message);
    error
}

async fn place(app: &App, caller: &Caller, id: &Option<String>, path: &Option<String>) -> Result<Place> {
    match (id.as_deref(), path.as_deref()) {
        (Some(id), None) => Ok(Place::Known(projects::known_repository(app, id).await?)),
        (None, Some(path)) => {
            caller.require(Resource::Integrations, Action::Write)?;
            if db::instance::get(app.db.read()).await?.runtime_mode != RuntimeMode::Local {
                return Err(Error::forbidden(
                    codes::MODE_RESTRICTED,
                    "folders of the machine are for local mode only",
                )
                .hint("Connect a code host instead."));
            }
            Ok(Place::Folder(local_git::inspect(path).await?))
        }
        (None, None) | (Some(_), Some(_)) => Err(Error::invalid(
            "invalid_input",
            "give exactly one of repository_id and local_repository_path",
        )),
    }
}

impl Place {
    /// The branch it has itself.
    async fn branch(&self, app: &App) -> Result<Option<String>> {
        match self {
            Place::Known(id) => Ok(db::repositories::source(app.db.read(), *id).await?.default_branch),
            Place::Folder(worktree) => Ok(worktree.branch.clone()),
        }
    }

    /// The repository, connected if it was not yet.
    async fn connected(&self, tx: &Tx, app: &App, caller: &Caller) -> Result<RepositoryId> {
        match self {
            Place::Known(id) => Ok(*id),
            Place::Folder(worktree) => {
                Ok(connect_local(tx, app, caller, worktree, None).await?.repository.id)
            }
        }
    }

    async fn open(self, app: &App) -> Result<Repository> {
        match self {
            Place::Known(id) => sources::open(app, id).await,
            Place::Folder(Worktree { path, branch }) => {
                let path = path.display().to_string();
                let source = Source {
                    provider: ScmProvider::LocalGit,
                    external_id: path.clone(),
                    full_name: path.clone(),
                    clone_url: path,
                    default_branch: branch,
                };
                Ok(Repository { source, access: Access::Folder })
            }
        }
    }
}

/// Look what a repository holds
///
/// Its Flutter roots, its pipeline files, and the pipelines that fit. Nothing is stored. Who may create a project may look.
#[utoipa::path(post, path = "/v1/projects/detect", operation_id = "detect_project", tag = "Projects",
    security(("bearer" = [])), request_body = DetectProjectRequest,
    responses(
        (status = 200, description = "What was found", body = DetectedProject),
        (status = 400, description = "invalid_input, invalid_repository, invalid_ref, invalid_request", body = ApiError),
        (status = 403, description = "insufficient_role, permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 409, description = "source_not_configured, source_unresolvable, missing_credentials, \
            missing_default_branch, gitlab_reconnect_required", body = ApiError),
        (status = 413, description = "payload_too_large, repository_tree_too_large", body = ApiError),
        (status = 500, description = "session_error, store_error, git_error, key_error, jwt_error", body = ApiError),
        (status = 502, description = "github_api_error, gitlab_api_error", body = ApiError),
    ))]
async fn detect_project(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<DetectProjectRequest>,
) -> Result<axum::Json<DetectedProject>> {
    require_creator(&caller)?;
    Ok(axum::Json(look(&app, &caller, request).await?))
}

/// What a repository holds; the caller may make projects.
///
/// Errors: those of `detect_project`.
pub async fn look(app: &App, caller: &Caller, request: DetectProjectRequest) -> Result<DetectedProject> {
    let place = place(app, caller, &request.repository_id, &request.local_repository_path).await?;
    let branch = projects::checked_branch("branch", request.branch)?;
    let repository = place.open(app).await?;
    let found = detection::detect(&repository, branch).await?;
    let mut workflows = Vec::with_capacity(found.workflows.len());
    for path in found.workflows {
        workflows.push(previewed(&repository, &found.commit.sha, path).await?);
    }
    let of_files = workflows.iter().map(PipelineProposal::of_file);
    let proposals = of_files.chain(found.proposals.into_iter().map(PipelineProposal::from)).collect();
    Ok(DetectedProject {
        provider: repository.source.provider,
        branch: found.branch,
        commit_sha: found.commit.sha,
        roots: found.roots.into_iter().map(FlutterRoot::from).collect(),
        proposals,
        workflows,
        problems: found.problems.into_iter().map(DetectionProblem::from).collect(),
        truncated: found.is_cut,
    })
}

/// A file that is too large is one that can't be used.
async fn previewed(repository: &Repository, sha: &str, path: String) -> Result<RepositoryWorkflowPreview> {
    match preview(repository, sha, path.clone()).await {
        Err(error) if matches!(error.kind, Kind::TooLarge | Kind::NotFound) => {
            Ok(RepositoryWorkflowPreview { path, valid: false, errors: vec![error.message], execution: None })
        }
        previewed => previewed,
    }
}

impl PipelineProposal {
    fn of_file(file: &RepositoryWorkflowPreview) -> Self {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let name = match name.trim_end_matches(".yaml").trim_end_matches(".yml") {
            ".oore" => match file.path.rsplit_once('/') {
                Some((folder, _)) => folder.rsplit('/').next().unwrap_or_default(),
                None => "Main",
            },
            name => name,
        };
        Self {
            kind: None,
            root: None,
            flavor: None,
            suggested: file.valid,
            pipeline: CreatePipelineRequest {
                name: name.to_owned(),
                settings: PipelineSettings {
                    config_path: Some(file.path.clone()),
                    config_path_explicit: Some(true),
                    ..PipelineSettings::default()
                },
            },
        }
    }
}

impl From<Proposal> for PipelineProposal {
    fn from(found: Proposal) -> Self {
        Self {
            kind: Some(found.kind),
            root: Some(found.root),
            flavor: found.flavor,
            suggested: found.is_usual,
            pipeline: CreatePipelineRequest {
                name: found.name,
                settings: PipelineSettings {
                    config_path_explicit: found.config_path.is_some().then_some(true),
                    config_path: found.config_path,
                    execution_config: Some(found.execution),
                    trigger_config: Some(found.triggers),
                    ..PipelineSettings::default()
                },
            },
        }
    }
}

impl From<Root> for FlutterRoot {
    fn from(root: Root) -> Self {
        let flavor = |flavor: crate::pipeline::detect::Flavor| FlutterFlavor {
            name: flavor.name,
            platforms: flavor.platforms,
        };
        Self {
            path: root.path,
            name: root.name,
            platforms: root.platforms,
            flavors: root.flavors.into_iter().map(flavor).collect(),
            flutter_version: root.flutter_version,
            workflow: root.workflow,
            has_tests: root.has_tests,
            has_integration_tests: root.has_integration_tests,
            is_example: root.is_example,
        }
    }
}

impl From<Problem> for DetectionProblem {
    fn from(Problem { path, message }: Problem) -> Self {
        Self { path, message }
    }
}
