//! Pins: builds that retention takes nothing from.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::build_view::{self, Build};
use super::error::ApiError;
use super::extract::{AppState, Path};
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::db;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::BuildId;
use crate::domain::permission::ProjectPermission;
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(pin_build, unpin_build))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PinnedBuildResponse {
    pub build: Build,
}

/// Pin a build
///
/// Retention takes nothing from it until it is let go, whatever the rules say; its artifacts don't expire. What is gone
/// already does not come back.
#[utoipa::path(post, path = "/v1/builds/{build_id}/pin", operation_id = "pin_build", tag = "Builds",
    security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "The pinned build", body = PinnedBuildResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn pin_build(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<PinnedBuildResponse>> {
    set(&app, &caller, id, AuditAction::BuildPinned, Some(caller.name())).await
}

/// Let a pinned build go
#[utoipa::path(delete, path = "/v1/builds/{build_id}/pin", operation_id = "unpin_build", tag = "Builds",
    security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "The build, which is as all others now", body = PinnedBuildResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn unpin_build(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<PinnedBuildResponse>> {
    set(&app, &caller, id, AuditAction::BuildUnpinned, None).await
}

async fn set(
    app: &App,
    caller: &Caller,
    id: BuildId,
    action: AuditAction,
    by: Option<&str>,
) -> Result<axum::Json<PinnedBuildResponse>> {
    let (build, _) = caller.build(app, id, ProjectPermission::WriteArtifacts).await?;
    if build.pinned_at.is_some() == by.is_some() {
        return Ok(axum::Json(PinnedBuildResponse { build: build_view::show_one(app, build).await? }));
    }
    let now = app.clock.now();
    let row = app
        .db
        .write(async |tx| {
            let row = db::builds::retention::set_pinned(tx, id, by, now).await?;
            audit::record(tx, app, caller.did(action, AuditResource::Build).id(id)).await?;
            Ok(row)
        })
        .await?;
    Ok(axum::Json(PinnedBuildResponse { build: build_view::show_one(app, row).await? }))
}
