//! The builds around one: what runs the same again, and the rest of its matrix.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Path};
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::db::builds::related::{self, Related};
use crate::db::entity::builds;
use crate::domain::build::BuildStatus;
use crate::domain::id::BuildId;
use crate::domain::matrix::Combination;
use crate::domain::permission::ProjectPermission;
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_related_builds))
}

/// The builds that belong to one.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelatedBuildsResponse {
    /// The build and its reruns, reruns of those included, in the order they were made; the newest 50.
    pub chain: Vec<RelatedBuild>,
    /// The newest build of every combination of its matrix, itself included; empty without one.
    pub matrix: Vec<RelatedBuild>,
}

/// A build in few words.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelatedBuild {
    pub id: String,
    pub build_number: i64,
    pub status: BuildStatus,
    /// The build that this one runs again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_build_id: Option<String>,
    /// The step it began with; absent if it was run from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_step: Option<String>,
    /// The combination of the matrix that it builds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Combination>,
}

impl From<Related> for RelatedBuild {
    fn from(row: Related) -> Self {
        Self {
            id: row.id.to_string(),
            build_number: row.build_number,
            status: row.status,
            source_build_id: row.source_build_id.map(|id| id.to_string()),
            from_step: row.from_step,
            matrix: row.matrix.map(|matrix| matrix.0),
        }
    }
}

impl From<&builds::Model> for RelatedBuild {
    fn from(row: &builds::Model) -> Self {
        Self {
            id: row.id.to_string(),
            build_number: row.build_number,
            status: row.status,
            source_build_id: row.source_build_id.map(|id| id.to_string()),
            from_step: None,
            matrix: row.matrix.clone().map(|matrix| matrix.0),
        }
    }
}

/// List the builds that belong to a build
#[utoipa::path(get, path = "/v1/builds/{build_id}/related", operation_id = "list_related_builds", tag = "Builds",
    security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "The builds", body = RelatedBuildsResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_related_builds(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<RelatedBuildsResponse>> {
    let (row, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let chain = related::chain(app.db.read(), id).await?;
    let matrix = match row.matrix_group {
        Some(group) => related::group(app.db.read(), group).await?,
        None => Vec::new(),
    };
    let shown = |rows: Vec<Related>| rows.into_iter().map(RelatedBuild::from).collect();
    Ok(axum::Json(RelatedBuildsResponse { chain: shown(chain), matrix: shown(matrix) }))
}
