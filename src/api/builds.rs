//! Builds: trigger, list, read, cancel, run again.

use std::collections::BTreeMap;
use std::iter;

use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::build_view::{self, Build, BuildDetailResponse};
use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, OptionalJson, Path, Query, parsed, searched};
use super::related_builds::RelatedBuild;
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::access::Visible;
use crate::auth::caller::Caller;
use crate::builds::rerun::{Again, Begin};
use crate::builds::{cancel, rerun, trigger};
use crate::db;
use crate::db::builds::search::{Author, BuildSort, Filter, Key};
use crate::db::listing::{Direction, Page};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::build::BuildStatus;
use crate::domain::credential::Credential;
use crate::domain::id::{BuildId, MatrixGroupId, PipelineId, ProjectId, RunnerId};
use crate::domain::permission::ProjectPermission;
use crate::domain::spec::BuildPlatform;
use crate::domain::text::given;
use crate::domain::trigger::TriggerType;
use crate::error::{Error, Result};
use crate::words;

const LIMITS: Limits = Limits::Strict { default: 50, max: 200 };
/// Whoever asks, as an author.
const MYSELF: &str = "me";
const MAX_STATUSES: usize = 9;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(create_build))
        .routes(routes!(list_builds))
        .routes(routes!(get_build))
        .routes(routes!(cancel_build))
        .routes(routes!(rerun_build))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListBuildsResponse {
    pub builds: Vec<Build>,
    /// How many there are in all; left out when paging by cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Where the next page begins; absent on the last one and with sorts other than created_at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CreateBuildResponse {
    /// The build; of a matrix the first one.
    pub build: Build,
    /// With a matrix: every build that was made, in the order of the matrix.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub builds: Vec<RelatedBuild>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CancelBuildResponse {
    pub build: Build,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RerunBuildResponse {
    pub build: Build,
}

words! {
    /// Where a build begins that is run again.
    RerunFrom {
        Start = "start",
        /// With the step that failed; those before it are not run again.
        FailedStep = "failed_step",
    }
}

/// Where to begin; from the start if nothing is said.
#[derive(Debug, Default, Deserialize, ToSchema)]
// A misspelt key must not run everything again.
#[serde(deny_unknown_fields)]
pub struct RerunBuildRequest {
    #[serde(default)]
    pub from: Option<RerunFrom>,
    /// Instead of `from`: the name of the step to begin with. Checkout and Flutter come first all the same.
    #[serde(default)]
    pub from_step: Option<String>,
    /// Other values of some of the inputs that the pipeline's file declares; those left out stay as they were.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub inputs: Option<BTreeMap<String, Value>>,
}

/// What to build.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateBuildRequest {
    pub pipeline_id: String,
    /// Some of the pipeline's platforms; all of them if left out.
    #[serde(default)]
    pub platforms: Option<Vec<BuildPlatform>>,
    /// The project's default branch if left out.
    #[serde(default)]
    pub branch: Option<String>,
    /// The branch's newest commit if left out.
    #[serde(default)]
    pub commit_sha: Option<String>,
    /// A tag or full ref name to build instead of a branch.
    #[serde(default)]
    pub trigger_ref: Option<String>,
    /// At most 4000 bytes.
    #[serde(default)]
    pub changelog: Option<String>,
    /// Values of the inputs that the pipeline's file declares: texts, numbers and truth values by name.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub inputs: Option<BTreeMap<String, Value>>,
    /// Of the matrix in the pipeline's file: the values wanted of an axis, by its name. All combinations are built of what is
    /// left out.
    #[serde(default)]
    pub matrix: Option<BTreeMap<String, Vec<String>>>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BuildsQuery {
    project_id: Option<String>,
    pipeline_id: Option<String>,
    /// Builds that this runner executes or executed.
    runner_id: Option<String>,
    /// One status, or several separated by commas.
    status: Option<String>,
    /// Exactly this branch.
    branch: Option<String>,
    /// `manual`, `api`, `webhook` or `schedule`.
    trigger_type: Option<String>,
    /// Text in the name of who made the commit or started the build; `me` for the caller's own.
    author: Option<String>,
    /// Builds for this platform.
    platform: Option<String>,
    /// Not before, in Unix seconds.
    from_ts: Option<i64>,
    /// Not after, in Unix seconds.
    to_ts: Option<i64>,
    /// The builds of one matrix, as a build's `matrix_group` names it.
    matrix_group: Option<String>,
    /// Build number, beginning of a commit id, or text in branch or commit subject.
    q: Option<String>,
    /// `created_at`, `status`, `project_name`, `pipeline_name` or `branch`.
    sort: Option<String>,
    /// Empty for the first page, then the `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Trigger a build
#[utoipa::path(post, path = "/v1/projects/{project_id}/builds", operation_id = "create_build", tag = "Builds",
    security(("bearer" = [])), params(("project_id" = String, Path)), request_body = CreateBuildRequest,
    responses(
        (status = 201, description = "The queued build", body = CreateBuildResponse),
        (status = 400, description = "invalid_input, invalid_ref, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "source_not_configured, source_unresolvable, missing_credentials, source_changed, \
                                      unsupported_provider", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, git_error, key_error, jwt_error", body = ApiError),
        (status = 502, description = "github_api_error, gitlab_api_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn create_build(
    State(app): AppState,
    caller: Caller,
    Path(project_id): Path<ProjectId>,
    Json(request): Json<CreateBuildRequest>,
) -> Result<(StatusCode, axum::Json<CreateBuildResponse>)> {
    let access = caller.project(&app, project_id, ProjectPermission::TriggerBuild).await?;
    let pipeline: PipelineId = request.pipeline_id.parse().map_err(|_| Error::not_found("pipeline"))?;
    let wanted = trigger::Request {
        fork: None,
        platforms: request.platforms,
        branch: request.branch,
        commit_sha: request.commit_sha,
        trigger_ref: request.trigger_ref,
        request_number: None,
        changelog: request.changelog,
        inputs: request.inputs.unwrap_or_default(),
        matrix: request.matrix.unwrap_or_default(),
    };
    let entry = caller.did(AuditAction::BuildCreated, AuditResource::Build);
    let (event, standing) = (None, trigger::Standing::Newest);
    let cause = trigger::Cause { kind: kind_of(&caller), event, standing, entry: &entry };
    let rows = trigger::trigger(&app, &access.project, pipeline, wanted, cause).await?;
    let of_matrix = rows.iter().filter(|row| row.matrix_group.is_some());
    let builds = of_matrix.map(RelatedBuild::from).collect();
    let first = rows.into_iter().next().ok_or_else(|| Error::not_found("build"))?;
    let build = build_view::show_one(&app, first).await?;
    Ok((StatusCode::CREATED, axum::Json(CreateBuildResponse { build, builds })))
}

/// Programs are told from people.
pub fn kind_of(caller: &Caller) -> TriggerType {
    match caller.credential {
        Credential::Session { .. } => TriggerType::Manual,
        Credential::ApiToken { .. } => TriggerType::Api,
    }
}

/// List builds
///
/// Of the projects the caller can see. With `cursor` the pages cost the same at any depth and there
/// is no total. A page has 50 rows unless `limit` says otherwise, and 200 at most.
#[utoipa::path(get, path = "/v1/builds", operation_id = "list_builds", tag = "Builds",
    security(("bearer" = [])), params(BuildsQuery, ListQuery),
    responses(
        (status = 200, description = "The builds", body = ListBuildsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
    ))]
async fn list_builds(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<BuildsQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListBuildsResponse>> {
    let order = Order {
        page: list.page(LIMITS)?,
        sort: parsed(query.sort.as_deref(), "sort")?.unwrap_or(BuildSort::CreatedAt),
        direction: list.direction(Direction::Descending)?,
    };
    let filter = query.filter(&caller, caller.visible(&app).await?)?;
    let response = match query.cursor.as_deref() {
        Some(cursor) => page_after(&app, &filter, order, cursor).await?,
        None => page_at(&app, &filter, order).await?,
    };
    Ok(axum::Json(response))
}

/// Read a build
#[utoipa::path(get, path = "/v1/builds/{build_id}", operation_id = "get_build", tag = "Builds",
    security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "The build and its history", body = BuildDetailResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_build(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<BuildDetailResponse>> {
    let (row, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    Ok(axum::Json(build_view::detail(&app, row, Some(&caller)).await?))
}

/// Cancel a build
///
/// At once, whatever its runner does; refused when the build is over.
#[utoipa::path(post, path = "/v1/builds/{build_id}/cancel", operation_id = "cancel_build", tag = "Builds",
    security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "The canceled build", body = CancelBuildResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "invalid_transition, concurrent_modification", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn cancel_build(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<CancelBuildResponse>> {
    caller.build(&app, id, ProjectPermission::CancelBuild).await?;
    let row = cancel::cancel(&app, id, caller.did(AuditAction::BuildCanceled, AuditResource::Build)).await?;
    let build = build_view::show_one(&app, row).await?;
    Ok(axum::Json(CancelBuildResponse { build }))
}

/// Run a build again
///
/// A new build with the same commit and settings, and other values of inputs if they are given; the first one stays as it is. From a step on, the steps before it
/// are skipped; the workspace is a new one, so what they made is not there, and runners of protocol 4 don't take it.
#[utoipa::path(post, path = "/v1/builds/{build_id}/rerun", operation_id = "rerun_build", tag = "Builds",
    security(("bearer" = [])), params(("build_id" = String, Path)), request_body = Option<RerunBuildRequest>,
    responses(
        (status = 201, description = "The new build", body = RerunBuildResponse),
        (status = 400, description = "invalid_input, invalid_ref, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "build_not_terminal, no_failed_step, source_changed, source_unresolvable, \
                                      unsupported_provider", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, git_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn rerun_build(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
    OptionalJson(request): OptionalJson<RerunBuildRequest>,
) -> Result<(StatusCode, axum::Json<RerunBuildResponse>)> {
    let (source, _) = caller.build(&app, id, ProjectPermission::TriggerBuild).await?;
    let entry = caller.did(AuditAction::BuildRerun, AuditResource::Build);
    let row = rerun::rerun(&app, source, request.again()?, kind_of(&caller), entry).await?;
    let build = build_view::show_one(&app, row).await?;
    Ok((StatusCode::CREATED, axum::Json(RerunBuildResponse { build })))
}

impl RerunBuildRequest {
    fn again(self) -> Result<Again> {
        let begin = match (self.from, self.from_step) {
            (None | Some(RerunFrom::Start), None) => Begin::Start,
            (Some(RerunFrom::FailedStep), None) => Begin::FailedStep,
            (None, Some(step)) => Begin::Step(step),
            (Some(_), Some(_)) => {
                return Err(Error::invalid("invalid_input", "give from or from_step, not both"));
            }
        };
        Ok(Again { begin, inputs: self.inputs.unwrap_or_default() })
    }
}

/// How a list is ordered and cut.
#[derive(Clone, Copy)]
struct Order {
    page: Page,
    sort: BuildSort,
    direction: Direction,
}

impl BuildsQuery {
    fn filter(&self, caller: &Caller, visible: Visible) -> Result<Filter> {
        Ok(Filter {
            projects: self.projects(visible),
            // An id that can't be one matches nothing.
            pipeline: given(self.pipeline_id.as_deref())
                .map(|id| id.parse().unwrap_or_else(|_| PipelineId::new())),
            runner: given(self.runner_id.as_deref()).map(|id| id.parse().unwrap_or_else(|_| RunnerId::new())),
            statuses: statuses(self.status.as_deref())?,
            branch: given(self.branch.as_deref()).map(str::to_owned),
            trigger_type: parsed(self.trigger_type.as_deref(), "trigger_type")?,
            author: searched(self.author.as_deref(), "author")?.map(|text| author(text, caller)),
            platform: parsed(self.platform.as_deref(), "platform")?,
            from: self.from_ts,
            to: self.to_ts,
            matrix: given(self.matrix_group.as_deref())
                .map(|id| id.parse().unwrap_or_else(|_| MatrixGroupId::new())),
            q: searched(self.q.as_deref(), "q")?,
        })
    }

    fn projects(&self, visible: Visible) -> Option<Vec<ProjectId>> {
        if let Some(id) = given(self.project_id.as_deref()) {
            let id: Option<ProjectId> = id.parse().ok();
            return Some(id.filter(|id| visible.contains(*id)).into_iter().collect());
        }
        match visible {
            Visible::All => None,
            Visible::Only(projects) => Some(projects.into_iter().collect()),
        }
    }
}

fn author(text: String, caller: &Caller) -> Author {
    if text != MYSELF {
        return Author::Named(text);
    }
    let display_name = caller.user.display_name.clone();
    Author::Person(iter::once(caller.name().to_owned()).chain(display_name).collect())
}

fn statuses(list: Option<&str>) -> Result<Vec<BuildStatus>> {
    let Some(list) = given(list) else { return Ok(Vec::new()) };
    let words: Vec<&str> = list.split(',').collect();
    if words.len() > MAX_STATUSES {
        return Err(Error::invalid("invalid_input", format!("at most {MAX_STATUSES} statuses can be given")));
    }
    let parse = |word: &&str| {
        let word = word.trim();
        word.parse().map_err(|_| Error::invalid("invalid_input", format!("'{word}' is not a status")))
    };
    words.iter().map(parse).collect()
}

async fn page_at(app: &App, filter: &Filter, order: Order) -> Result<ListBuildsResponse> {
    let Order { page, sort, direction } = order;
    let (rows, total) = db::builds::search::list(app.db.read(), filter, sort, direction, page).await?;
    let more = page.offset + (rows.len() as u64) < total && sort == BuildSort::CreatedAt;
    let next_cursor = rows.last().filter(|_| more).map(cursor_after);
    let builds = build_view::show(app, rows).await?;
    Ok(ListBuildsResponse { builds, total: Some(total), next_cursor })
}

async fn page_after(app: &App, filter: &Filter, order: Order, cursor: &str) -> Result<ListBuildsResponse> {
    if order.sort != BuildSort::CreatedAt {
        return Err(Error::invalid("invalid_input", "cursor works only with sort created_at"));
    }
    let key = match given(Some(cursor)) {
        None => None,
        Some(cursor) => {
            Some(key_of(cursor).ok_or_else(|| Error::invalid("invalid_input", "cursor is unusable"))?)
        }
    };
    let limit = order.page.limit;
    let db = app.db.read();
    let mut rows = db::builds::search::list_after(db, filter, key, order.direction, limit + 1).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = rows.last().filter(|_| more).map(cursor_after);
    let builds = build_view::show(app, rows).await?;
    Ok(ListBuildsResponse { builds, total: None, next_cursor })
}

fn cursor_after(row: &db::entity::builds::Model) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{}", row.created_at, row.id))
}

fn key_of(cursor: &str) -> Option<Key> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (created_at, id) = text.split_once('.')?;
    Some(Key { created_at: created_at.parse().ok()?, id: id.parse().ok()? })
}
