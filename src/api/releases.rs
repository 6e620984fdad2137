//! Releases: what testers install. A release is a build that passed and left something to install; it is made by nobody.

use std::collections::HashMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::active_builds::{self, ActiveBuild};
use super::artifacts::Artifact;
use super::build_view::{self, Build};
use super::error::ApiError;
use super::extract::{AppState, Limits, ListQuery, Path, Query};
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::access::Visible;
use crate::auth::caller::Caller;
use crate::builds::releases as story;
use crate::builds::retention;
use crate::db::builds::figures;
use crate::db::builds::releases::{self, Built};
use crate::db::{self, entity};
use crate::domain::id::{BuildId, ProjectId};
use crate::domain::permission::ProjectPermission;
use crate::domain::text::given;
use crate::error::{Error, Result};

const LIMITS: Limits = Limits::Strict { default: 20, max: 100 };
const MAX_APPS: u64 = 200;
const MAX_COMING: usize = 10;
const ACTIVE_READ: u64 = 50;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_releases)).routes(routes!(list_project_releases))
}

/// A build that passed and left something to install.
#[derive(Debug, Serialize, ToSchema)]
pub struct Release {
    pub build: Build,
    pub artifacts: Vec<Artifact>,
    /// The commits that were built since the release before of the same pipeline, combination and branch, newest first; at most
    /// 20. Only this build's own one where that release is not on the page.
    pub changes: Vec<ReleaseChange>,
}

/// A commit that a release has and the one before it had not.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseChange {
    pub commit_sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_author: Option<String>,
}

impl From<Built> for ReleaseChange {
    fn from(built: Built) -> Self {
        Self {
            commit_sha: built.commit_sha,
            commit_subject: built.commit_subject,
            commit_author: built.commit_author,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListReleasesResponse {
    pub releases: Vec<Release>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListProjectReleasesResponse {
    pub releases: Vec<Release>,
    /// Builds that are under way and may become releases, those that wait the longest first; at most 10, on the first page only.
    pub coming: Vec<ActiveBuild>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReleasesQuery {
    /// How many at most: 1 to 100, by default 20.
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the newest release of each project
///
/// Of the projects the caller can see, the newest first; at most 200. Builds of pull and merge requests are no releases.
#[utoipa::path(get, path = "/v1/releases", operation_id = "list_releases", tag = "Releases", security(("bearer" = [])),
    responses(
        (status = 200, description = "The releases", body = ListReleasesResponse),
    ))]
async fn list_releases(State(app): AppState, caller: Caller) -> Result<axum::Json<ListReleasesResponse>> {
    let projects = match caller.visible(&app).await? {
        Visible::All => None,
        Visible::Only(projects) => Some(projects.into_iter().collect::<Vec<_>>()),
    };
    let rows = releases::newest(app.db.read(), projects.as_deref(), MAX_APPS).await?;
    let changes = rows.iter().map(story::own_change).collect();
    Ok(axum::Json(ListReleasesResponse { releases: show(&app, rows, changes).await? }))
}

/// List a project's releases, newest first
///
/// With what is under way. A page has 20 rows unless `limit` says otherwise, and 100 at most. Builds of pull and merge requests
/// are no releases.
#[utoipa::path(get, path = "/v1/projects/{project_id}/releases", operation_id = "list_project_releases", tag = "Releases",
    security(("bearer" = [])), params(("project_id" = String, Path), ReleasesQuery),
    responses(
        (status = 200, description = "The releases", body = ListProjectReleasesResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_project_releases(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Query(query): Query<ReleasesQuery>,
) -> Result<axum::Json<ListProjectReleasesResponse>> {
    caller.project(&app, id, ProjectPermission::ReadArtifacts).await?;
    let list = ListQuery { limit: query.limit, ..ListQuery::default() };
    let limit = list.page(LIMITS)?.limit;
    let before = query.before()?;
    // One more than asked for: it says whether there are more, and what changed since.
    let mut rows = releases::list(app.db.read(), id, before, limit + 1).await?;
    let changes = story::changes(&app, id, &rows).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = rows.last().filter(|_| more).map(|row| row.build_number.to_string());
    let coming = match before {
        Some(_) => Vec::new(),
        None => coming(&app, id).await?,
    };
    Ok(axum::Json(ListProjectReleasesResponse {
        releases: show(&app, rows, changes).await?,
        coming,
        next_cursor,
    }))
}

impl ReleasesQuery {
    fn before(&self) -> Result<Option<i64>> {
        let unusable = |_| Error::invalid("invalid_input", "cursor is unusable");
        given(self.cursor.as_deref()).map(|cursor| cursor.parse().map_err(unusable)).transpose()
    }
}

/// `changes` are those of the rows, in the same order.
async fn show(app: &App, rows: Vec<entity::builds::Model>, changes: Vec<Vec<Built>>) -> Result<Vec<Release>> {
    let ids: Vec<BuildId> = rows.iter().map(|row| row.id).collect();
    let mut artifacts: HashMap<BuildId, Vec<Artifact>> = HashMap::new();
    let available = db::artifacts::list_available(app.db.read(), &ids).await?;
    for row in retention::with_true_ends(app, available).await? {
        artifacts.entry(row.build_id).or_default().push(Artifact::from(row));
    }
    let builds = build_view::show(app, rows).await?.into_iter();
    let found = ids.into_iter().map(|id| artifacts.remove(&id).unwrap_or_default());
    let changes = changes.into_iter().map(|built| built.into_iter().map(ReleaseChange::from).collect());
    let releases = builds.zip(found).zip(changes);
    Ok(releases.map(|((build, artifacts), changes)| Release { build, artifacts, changes }).collect())
}

async fn coming(app: &App, project: ProjectId) -> Result<Vec<ActiveBuild>> {
    let mut rows = figures::active(app.db.read(), Some(&[project]), ACTIVE_READ).await?;
    rows.retain(|row| row.request_number.is_none());
    rows.truncate(MAX_COMING);
    active_builds::show(app, rows).await
}
