//! What a repository holds for pipelines: its pipeline files with what they would execute, and the
//! changes since the last green build. Read from the repository; nothing is stored.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Path, Query};
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::builds::file::{self, Found};
use crate::db::{self, entity::projects};
use crate::domain::id::{PipelineId, ProjectId};
use crate::domain::input::Input;
use crate::domain::matrix::{Axis, Combination};
use crate::domain::permission::ProjectPermission;
use crate::domain::source::{Commit, RefSpec, ScmProvider};
use crate::domain::spec::{
    BuildPlatform, PipelineCommandStages, PipelineExecutionConfig, PlatformBuildArgs, PlatformBuildCommands,
};
use crate::error::{Error, Result, codes};
use crate::forge::Repository;
use crate::pipeline::diagnostic::Diagnostic;
use crate::pipeline::parse::{self, PipelineFile};
use crate::pipeline::validate;
use crate::pipeline::version2::Workflow;
use crate::sources;

/// Most pipeline files that are looked at.
const MAX_FILES: usize = 16;
/// Most commits in a list of changes.
const MAX_COMMITS: usize = 100;
/// Longest list of changes, in bytes.
const MAX_CHANGELOG_BYTES: usize = 3900;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(discover_repository_workflows))
        .routes(routes!(preview_build_changelog))
        .routes(routes!(get_pipeline_inputs))
}

/// The pipeline files of a repository.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiscoverRepositoryWorkflowsResponse {
    pub project_id: String,
    pub provider: ScmProvider,
    /// The commit that was looked at.
    pub reference: String,
    pub workflows: Vec<RepositoryWorkflowPreview>,
    /// Whether there are more than 16.
    pub truncated: bool,
}

/// A pipeline file.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepositoryWorkflowPreview {
    pub path: String,
    pub valid: bool,
    pub errors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution: Option<RepositoryWorkflowExecutionPreview>,
}

/// What it would execute. Values of variables are not shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepositoryWorkflowExecutionPreview {
    /// Which rules the file follows: 1 or 2.
    pub version: u8,
    pub platforms: Vec<BuildPlatform>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flutter_version: Option<String>,
    pub commands: PipelineCommandStages,
    pub platform_build_args: PlatformBuildArgs,
    pub platform_commands: PlatformBuildCommands,
    pub env_keys: Vec<String>,
    pub artifact_patterns: Vec<String>,
    /// The steps of a version 2 file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepPreview>,
    /// What a version 2 file asks of who starts a build.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// The combinations of a version 2 file's matrix: a build for each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub combinations: Vec<Combination>,
}

/// A step.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepPreview {
    pub name: String,
    pub run: String,
}

/// What a pipeline's file asks of who starts a build.
#[derive(Debug, Serialize, ToSchema)]
pub struct PipelineInputsResponse {
    /// The commit whose file was read.
    pub commit_sha: String,
    /// Empty without a file, or with one of version 1.
    pub inputs: Vec<Input>,
    /// The platforms that can be chosen.
    pub platforms: Vec<BuildPlatform>,
    /// The matrix of the file; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<MatrixView>,
    /// What is wrong with the file; absent if nothing is. A build of it fails and says the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<FileProblems>,
}

/// What is wrong with a pipeline's file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileProblems {
    pub path: String,
    pub diagnostics: Vec<Diagnostic>,
}

/// A matrix: one build for each of its combinations.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatrixView {
    /// The values that can be picked.
    pub axes: Vec<Axis>,
    pub combinations: Vec<Combination>,
}

/// What changed since the last green build.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuildChangelogPreviewResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_commit: Option<String>,
    pub target_commit: String,
    /// One line a commit, newest first.
    pub markdown: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WorkflowsQuery {
    /// Branch, tag or commit; default: the project's default branch.
    #[serde(rename = "ref")]
    #[param(rename = "ref")]
    reference: Option<String>,
    /// Only this file.
    path: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangelogQuery {
    pipeline_id: String,
    branch: Option<String>,
    commit_sha: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InputsQuery {
    /// Branch or tag; default: the project's default branch.
    branch: Option<String>,
    commit_sha: Option<String>,
}

/// Read what a build can be started with
///
/// The inputs that the pipeline's file declares at the commit that would be built.
#[utoipa::path(get, path = "/v1/pipelines/{pipeline_id}/inputs", operation_id = "get_pipeline_inputs",
    tag = "Pipelines", security(("bearer" = [])), params(("pipeline_id" = String, Path), InputsQuery),
    responses(
        (status = 200, description = "The inputs", body = PipelineInputsResponse),
        (status = 400, description = "invalid_ref, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "source_not_configured, source_unresolvable, missing_credentials, missing_default_branch, \
            unsupported_provider", body = ApiError),
        (status = 500, description = "session_error, store_error, git_error, key_error, jwt_error", body = ApiError),
        (status = 502, description = "github_api_error, gitlab_api_error", body = ApiError),
    ))]
async fn get_pipeline_inputs(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<PipelineId>,
    Query(query): Query<InputsQuery>,
) -> Result<axum::Json<PipelineInputsResponse>> {
    let (pipeline, access) = caller.pipeline(&app, id, ProjectPermission::TriggerBuild).await?;
    let repository = repository_of(&app, &access.project).await?;
    let commit = commit_of(&repository, &access.project, query.branch, query.commit_sha).await?;
    let found = file::read(&repository, &commit.sha, &pipeline).await?;
    Ok(axum::Json(PipelineInputsResponse {
        commit_sha: commit.sha,
        inputs: found.declared().to_vec(),
        platforms: found.platforms(&pipeline).to_vec(),
        matrix: found
            .matrix()
            .map(|matrix| MatrixView { axes: matrix.choices(), combinations: matrix.combinations.clone() }),
        problems: problems(found),
    }))
}

fn problems(found: Found) -> Option<FileProblems> {
    match found {
        Found::Invalid { path, diagnostics, .. } => Some(FileProblems { path, diagnostics }),
        Found::File(_) | Found::Nothing => None,
    }
}

/// Look for pipeline files in the repository
#[utoipa::path(get, path = "/v1/projects/{project_id}/repository-workflows",
    operation_id = "discover_repository_workflows", tag = "Pipelines", security(("bearer" = [])),
    params(("project_id" = String, Path), WorkflowsQuery),
    responses(
        (status = 200, description = "The files", body = DiscoverRepositoryWorkflowsResponse),
        (status = 400, description = "invalid_config_path, invalid_ref, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found, source_not_found", body = ApiError),
        (status = 409, description = "source_not_configured, source_unresolvable, missing_credentials, missing_default_branch, \
            unsupported_provider", body = ApiError),
        (status = 413, description = "workflow_too_large", body = ApiError),
        (status = 500, description = "session_error, store_error, git_error, key_error, jwt_error", body = ApiError),
        (status = 502, description = "github_api_error, gitlab_api_error", body = ApiError),
    ))]
async fn discover_repository_workflows(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Query(query): Query<WorkflowsQuery>,
) -> Result<axum::Json<DiscoverRepositoryWorkflowsResponse>> {
    let project = caller.project(&app, id, ProjectPermission::ManagePipelines).await?.project;
    let repository = repository_of(&app, &project).await?;
    let commit = find_commit(&repository, &project, query.reference).await?;
    let mut paths = match query.path.filter(|path| !path.is_empty()) {
        Some(path) => vec![checked(path)?],
        None => repository.list_workflow_candidates(&commit.sha).await?,
    };
    let truncated = paths.len() > MAX_FILES;
    paths.truncate(MAX_FILES);
    let mut workflows = Vec::with_capacity(paths.len());
    for path in paths {
        workflows.push(preview(&repository, &commit.sha, path).await?);
    }
    let project_id = id.to_string();
    Ok(axum::Json(DiscoverRepositoryWorkflowsResponse {
        project_id,
        provider: repository.source.provider,
        reference: commit.sha,
        workflows,
        truncated,
    }))
}

/// Preview what changed since the last green build
#[utoipa::path(get, path = "/v1/projects/{project_id}/builds/changelog-preview",
    operation_id = "preview_build_changelog", tag = "Builds", security(("bearer" = [])),
    params(("project_id" = String, Path), ChangelogQuery),
    responses(
        (status = 200, description = "The changes", body = BuildChangelogPreviewResponse),
        (status = 400, description = "invalid_ref, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "source_not_configured, source_unresolvable, missing_credentials, missing_default_branch, \
            unsupported_provider", body = ApiError),
        (status = 500, description = "session_error, store_error, git_error, key_error, jwt_error", body = ApiError),
        (status = 502, description = "github_api_error, gitlab_api_error", body = ApiError),
    ))]
async fn preview_build_changelog(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Query(query): Query<ChangelogQuery>,
) -> Result<axum::Json<BuildChangelogPreviewResponse>> {
    let pipeline: PipelineId = query.pipeline_id.parse().map_err(|_| Error::not_found("pipeline"))?;
    let (pipeline, access) = caller.pipeline(&app, pipeline, ProjectPermission::TriggerBuild).await?;
    if pipeline.project_id != id {
        return Err(Error::not_found("pipeline"));
    }
    let project = access.project;
    let repository = repository_of(&app, &project).await?;
    let commit = commit_of(&repository, &project, query.branch, query.commit_sha).await?;
    let base_commit = db::builds::last_green_commit(app.db.read(), pipeline.id).await?;
    let commits = repository.history(base_commit.as_deref(), &commit.sha, MAX_COMMITS).await?;
    let markdown = changelog(&commits);
    Ok(axum::Json(BuildChangelogPreviewResponse { base_commit, target_commit: commit.sha, markdown }))
}

async fn repository_of(app: &App, project: &projects::Model) -> Result<Repository> {
    let Some(repository) = project.repository_id else {
        return Err(Error::conflict(
            codes::SOURCE_NOT_CONFIGURED,
            "the project is not linked to a repository",
        )
        .hint("Link it in the project's settings."));
    };
    sources::open(app, repository).await
}

/// The commit that is named, or that of a branch.
async fn commit_of(
    repository: &Repository,
    project: &projects::Model,
    branch: Option<String>,
    sha: Option<String>,
) -> Result<Commit> {
    match sha.filter(|sha| !sha.is_empty()) {
        Some(sha) => repository.resolve(&RefSpec::Commit(sha)).await,
        None => find_commit(repository, project, branch).await,
    }
}

/// The commit of a branch, tag or id; by default of the project's branch.
async fn find_commit(
    repository: &Repository,
    project: &projects::Model,
    name: Option<String>,
) -> Result<Commit> {
    let default = || project.default_branch.clone().or_else(|| repository.source.default_branch.clone());
    let name = name.filter(|name| !name.is_empty()).or_else(default).ok_or_else(|| {
        Error::conflict("missing_default_branch", "the project has no default branch; name a branch")
    })?;
    match repository.resolve(&RefSpec::Branch(name.clone())).await {
        Err(error) if error.code == codes::INVALID_REF => repository.resolve(&RefSpec::Ref(name)).await,
        resolved => resolved,
    }
}

fn checked(path: String) -> Result<String> {
    let refused = validate::config_path(&path);
    if refused.is_empty() { Ok(path) } else { Err(Error::invalid_fields("invalid_config_path", refused)) }
}

pub async fn preview(repository: &Repository, sha: &str, path: String) -> Result<RepositoryWorkflowPreview> {
    let content = repository.read_file(sha, &path, parse::MAX_BYTES).await?.ok_or_else(|| {
        Error::new(
            crate::error::Kind::NotFound,
            "source_not_found",
            format!("there is no file {path} at {sha}"),
        )
    })?;
    Ok(match parse::parse_bytes(&content) {
        Ok(file) => {
            RepositoryWorkflowPreview { path, valid: true, errors: Vec::new(), execution: Some(file.into()) }
        }
        Err(found) => {
            let errors = found.iter().map(ToString::to_string).collect();
            RepositoryWorkflowPreview { path, valid: false, errors, execution: None }
        }
    })
}

impl From<PipelineFile> for RepositoryWorkflowExecutionPreview {
    fn from(file: PipelineFile) -> Self {
        match file {
            PipelineFile::V1(config) => config.into(),
            PipelineFile::V2(workflow) => workflow.into(),
        }
    }
}

impl From<Workflow> for RepositoryWorkflowExecutionPreview {
    fn from(workflow: Workflow) -> Self {
        let steps = workflow.steps.into_iter().map(|step| StepPreview { name: step.name, run: step.run });
        Self {
            version: 2,
            platforms: workflow.platforms,
            flutter_version: workflow.flutter_version,
            commands: PipelineCommandStages::default(),
            platform_build_args: PlatformBuildArgs::default(),
            platform_commands: PlatformBuildCommands::default(),
            env_keys: workflow.env.into_iter().map(|variable| variable.key).collect(),
            artifact_patterns: workflow.artifact_patterns,
            steps: steps.collect(),
            inputs: workflow.inputs,
            combinations: workflow.matrix.map(|matrix| matrix.combinations).unwrap_or_default(),
        }
    }
}

impl From<PipelineExecutionConfig> for RepositoryWorkflowExecutionPreview {
    fn from(config: PipelineExecutionConfig) -> Self {
        Self {
            version: 1,
            platforms: config.platforms,
            flutter_version: config.flutter_version,
            commands: config.commands,
            platform_build_args: config.platform_build_args,
            platform_commands: config.platform_commands,
            env_keys: config.env.into_iter().map(|variable| variable.key).collect(),
            artifact_patterns: config.artifact_patterns,
            steps: Vec::new(),
            inputs: Vec::new(),
            combinations: Vec::new(),
        }
    }
}

/// One line a commit, cut at a whole line.
fn changelog(commits: &[Commit]) -> String {
    let mut markdown = String::new();
    for commit in commits {
        let short = commit.sha.get(..7).unwrap_or(&commit.sha);
        let line = format!("- {} ({short}, {})\n", commit.subject, commit.author);
        if markdown.len() + line.len() > MAX_CHANGELOG_BYTES {
            break;
        }
        markdown.push_str(&line);
    }
    markdown
}
