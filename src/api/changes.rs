//! What a build has that the last one that passed had not.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Path};
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::builds::streak;
use crate::db::builds::streak::Ended;
use crate::domain::build::BuildStatus;
use crate::domain::id::BuildId;
use crate::domain::permission::ProjectPermission;
use crate::domain::source::Commit;
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_build_changes))
}

/// A build before another one, in few words.
#[derive(Debug, Serialize, ToSchema)]
pub struct EarlierBuild {
    pub id: String,
    pub build_number: i64,
    pub status: BuildStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
}

impl From<Ended> for EarlierBuild {
    fn from(row: Ended) -> Self {
        Self {
            id: row.id.to_string(),
            build_number: row.build_number,
            status: row.status,
            commit_sha: row.commit_sha,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedCommit {
    pub sha: String,
    pub subject: String,
    pub author: String,
}

impl From<Commit> for ChangedCommit {
    fn from(commit: Commit) -> Self {
        Self { sha: commit.sha, subject: commit.subject, author: commit.author }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BuildChangesResponse {
    /// The last build of the same pipeline, branch and combination that passed before it; absent if none of the 200 before did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<EarlierBuild>,
    /// The newest first, 50 at most. Without a build that passed: the newest ones.
    pub commits: Vec<ChangedCommit>,
    /// Whether there are more.
    pub truncated: bool,
}

/// List what changed since the last build that passed
///
/// The commits that the build has and the last one before it that passed had not: of the same pipeline, branch and combination of the
/// matrix. The code host is asked for them.
#[utoipa::path(get, path = "/v1/builds/{build_id}/changes", operation_id = "list_build_changes", tag = "Builds",
    security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "The commits", body = BuildChangesResponse),
        (status = 400, description = "invalid_ref", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "source_not_configured, source_unresolvable, missing_credentials, \
                                      unsupported_provider", body = ApiError),
        (status = 500, description = "session_error, store_error, git_error, key_error, jwt_error", body = ApiError),
        (status = 502, description = "github_api_error, gitlab_api_error", body = ApiError),
    ))]
async fn list_build_changes(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<BuildChangesResponse>> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let found = streak::changes(&app, &build).await?;
    Ok(axum::Json(BuildChangesResponse {
        since: found.since.map(EarlierBuild::from),
        commits: found.commits.into_iter().map(ChangedCommit::from).collect(),
        truncated: found.truncated,
    }))
}
