//! How long builds keep what they made: the policy of the instance, what a project says otherwise, and what either would
//! remove before it is saved.

use axum::extract::State;

use super::error::ApiError;
use super::extract::{AppState, Json, Path};
use super::retention_view::{
    EffectiveProjectRetentionResponse, ProjectRetentionOverride, RetentionCleanupSummaryResponse,
    RetentionPolicy, RetentionPolicyResponse, RetentionPreview, RetentionPreviewRule,
    UpdateProjectRetentionOverrideRequest, UpdateRetentionPolicyRequest, shown,
};
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::builds::retention::{self as story, Due};
use crate::db::{self, Doc};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::ProjectId;
use crate::domain::permission::{Action, ProjectPermission, Resource};
use crate::domain::retention::{Override, Policy, RetentionCleanupTarget, RetentionRule};
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(get_retention_policy, update_retention_policy))
        .routes(routes!(get_retention_last_cleanup))
        .routes(routes!(preview_retention_policy))
        .routes(routes!(get_project_retention, update_project_retention, delete_project_retention))
        .routes(routes!(preview_project_retention))
}

/// Read the retention policy
#[utoipa::path(get, path = "/v1/settings/retention", operation_id = "get_retention_policy",
    tag = "Retention Policy", security(("bearer" = [])),
    responses(
        (status = 200, description = "The policy", body = RetentionPolicyResponse),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_retention_policy(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<RetentionPolicyResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    let policy = RetentionPolicy::from(&db::retention::get(app.db.read()).await?);
    Ok(axum::Json(RetentionPolicyResponse { policy }))
}

/// Change the retention policy
///
/// Nothing is removed before the next pass. Pinned builds are never touched, and outcomes never change: with
/// `artifacts_only` a build says when its artifacts went and by which rule.
#[utoipa::path(put, path = "/v1/settings/retention", operation_id = "update_retention_policy",
    tag = "Retention Policy", security(("bearer" = [])), request_body = UpdateRetentionPolicyRequest,
    responses(
        (status = 200, description = "The new policy", body = RetentionPolicyResponse),
        (status = 400, description = "invalid_request, validation_error", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
    ))]
async fn update_retention_policy(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<UpdateRetentionPolicyRequest>,
) -> Result<axum::Json<RetentionPolicyResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    let now = app.clock.now();
    let row = app
        .db
        .write(async |tx| {
            let row = request.checked(db::retention::get(tx).await?, now)?;
            db::retention::update(tx, &row).await?;
            let policy = serde_json::json!(RetentionPolicy::from(&row));
            let entry = caller.did(AuditAction::UpdateRetentionPolicy, AuditResource::RetentionPolicy);
            audit::record(tx, &app, entry.details(policy)).await?;
            Ok(row)
        })
        .await?;
    Ok(axum::Json(RetentionPolicyResponse { policy: RetentionPolicy::from(&row) }))
}

/// Tell what a retention policy would remove
///
/// As if it were saved and acted now; nothing is saved or removed. `dry_run` makes no difference here.
#[utoipa::path(post, path = "/v1/settings/retention/preview", operation_id = "preview_retention_policy",
    tag = "Retention Policy", security(("bearer" = [])), request_body = UpdateRetentionPolicyRequest,
    responses(
        (status = 200, description = "What would go", body = RetentionPreview),
        (status = 400, description = "invalid_request, validation_error", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
    ))]
async fn preview_retention_policy(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<UpdateRetentionPolicyRequest>,
) -> Result<axum::Json<RetentionPreview>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    let row = request.checked(db::retention::get(app.db.read()).await?, app.clock.now())?;
    let policies = db::retention::policies(app.db.read(), &row).await?;
    let due = story::plan(&app, &policies, row.budget_in_force()).await?;
    Ok(axum::Json(preview(&app, &due, None).await?))
}

/// Tell what the last clean-up did
#[utoipa::path(get, path = "/v1/settings/retention/last-cleanup", operation_id = "get_retention_last_cleanup",
    tag = "Retention Policy", security(("bearer" = [])),
    responses(
        (status = 200, description = "What it did, if there was one", body = RetentionCleanupSummaryResponse),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_retention_last_cleanup(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<RetentionCleanupSummaryResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    let last = db::retention::get(app.db.read()).await?.last_cleanup;
    Ok(axum::Json(RetentionCleanupSummaryResponse { last_cleanup: last.map(|Doc(cleanup)| cleanup.into()) }))
}

/// Read the retention of a project
#[utoipa::path(get, path = "/v1/projects/{project_id}/retention", operation_id = "get_project_retention",
    tag = "Retention Policy", security(("bearer" = [])), params(("project_id" = String, Path)),
    responses(
        (status = 200, description = "The policy it is under", body = EffectiveProjectRetentionResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_project_retention(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<axum::Json<EffectiveProjectRetentionResponse>> {
    caller.project(&app, id, ProjectPermission::Read).await?;
    Ok(axum::Json(effective(&app, id).await?))
}

/// Change the retention of a project
///
/// Takes the place of everything the project said before. How often it is looked, and whether that only counts, stays the
/// instance's.
#[utoipa::path(put, path = "/v1/projects/{project_id}/retention", operation_id = "update_project_retention",
    tag = "Retention Policy", security(("bearer" = [])), params(("project_id" = String, Path)),
    request_body = UpdateProjectRetentionOverrideRequest,
    responses(
        (status = 200, description = "The policy it is under now", body = EffectiveProjectRetentionResponse),
        (status = 400, description = "invalid_request, validation_error", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn update_project_retention(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Json(request): Json<UpdateProjectRetentionOverrideRequest>,
) -> Result<axum::Json<EffectiveProjectRetentionResponse>> {
    caller.project(&app, id, ProjectPermission::Write).await?;
    let row = request.checked(id, app.clock.now())?;
    let said = serde_json::json!(ProjectRetentionOverride::from(row.clone()));
    let entry = caller.did(AuditAction::UpdateProjectRetention, AuditResource::Project).id(id).details(said);
    app.db
        .write(async |tx| {
            db::retention::replace_override(tx, row).await?;
            audit::record(tx, &app, entry).await
        })
        .await?;
    Ok(axum::Json(effective(&app, id).await?))
}

/// Let a project be under the instance's retention policy again
#[utoipa::path(delete, path = "/v1/projects/{project_id}/retention", operation_id = "delete_project_retention",
    tag = "Retention Policy", security(("bearer" = [])), params(("project_id" = String, Path)),
    responses(
        (status = 200, description = "The policy it is under now", body = EffectiveProjectRetentionResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn delete_project_retention(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<axum::Json<EffectiveProjectRetentionResponse>> {
    caller.project(&app, id, ProjectPermission::Write).await?;
    let entry = caller.did(AuditAction::DeleteProjectRetention, AuditResource::Project).id(id);
    app.db
        .write(async |tx| {
            db::retention::delete_override(tx, id).await?;
            audit::record(tx, &app, entry).await
        })
        .await?;
    Ok(axum::Json(effective(&app, id).await?))
}

/// Tell what another retention of a project would remove
///
/// Of this project, as if it were saved and acted now; nothing is saved or removed. The disk budget of the instance is
/// left aside.
#[utoipa::path(post, path = "/v1/projects/{project_id}/retention/preview", operation_id = "preview_project_retention",
    tag = "Retention Policy", security(("bearer" = [])), params(("project_id" = String, Path)),
    request_body = UpdateProjectRetentionOverrideRequest,
    responses(
        (status = 200, description = "What would go", body = RetentionPreview),
        (status = 400, description = "invalid_request, validation_error", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn preview_project_retention(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Json(request): Json<UpdateProjectRetentionOverrideRequest>,
) -> Result<axum::Json<RetentionPreview>> {
    caller.project(&app, id, ProjectPermission::Write).await?;
    let own = Override::from(&request.checked(id, app.clock.now())?);
    let policy = Policy::from(&db::retention::get(app.db.read()).await?).with(own);
    let due = story::plan(&app, &[(id, policy)], None).await?;
    Ok(axum::Json(preview(&app, &due, Some(id)).await?))
}

async fn effective(app: &App, id: ProjectId) -> Result<EffectiveProjectRetentionResponse> {
    let row = db::retention::get(app.db.read()).await?;
    let own = db::retention::find_override(app.db.read(), id).await?;
    let policy = Policy::from(&row).with(own.as_ref().map(Override::from).unwrap_or_default());
    let updated_at = own.as_ref().map(|own| own.updated_at).or(row.updated_at);
    Ok(EffectiveProjectRetentionResponse {
        effective: shown(&row, policy, updated_at),
        has_override: own.is_some(),
        override_fields: own.map(ProjectRetentionOverride::from),
    })
}

async fn preview(app: &App, due: &[Due], project: Option<ProjectId>) -> Result<RetentionPreview> {
    let of_rule = |rule: RetentionRule| {
        let named: Vec<&Due> = due.iter().filter(|due| due.rule == rule).collect();
        let (builds, artifacts, bytes) = sums(named.iter().copied());
        (builds > 0).then_some(RetentionPreviewRule { rule, builds, artifacts, bytes })
    };
    let whole = due.iter().filter(|due| due.target == RetentionCleanupTarget::Full);
    let (builds, artifacts, bytes) = sums(due.iter());
    Ok(RetentionPreview {
        builds,
        builds_deleted: sums(whole).0,
        artifacts,
        bytes,
        stored_bytes: db::artifacts::stored_bytes(app.db.read(), project).await?,
        rules: RetentionRule::ALL.iter().filter_map(|rule| of_rule(*rule)).collect(),
    })
}

/// How many builds, and the artifacts and bytes of all of them.
fn sums<'a>(due: impl Iterator<Item = &'a Due>) -> (i64, i64, i64) {
    due.fold((0, 0, 0), |(builds, artifacts, bytes), due| {
        (builds + 1, artifacts + due.artifacts, bytes + due.bytes)
    })
}
