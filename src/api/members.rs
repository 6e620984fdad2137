//! The members of a project. Owners and admins of the instance are maintainers everywhere without
//! being listed here.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json, Path};
use super::projects::OkResponse;
use super::route::{Routes, routes};
use crate::audit;
use crate::auth::caller::Caller;
use crate::db::entity::{project_members, projects, users};
use crate::db::{self, Tx};
use crate::domain::audit::{AuditAction, AuditResource, Entry};
use crate::domain::id::ProjectId;
use crate::domain::permission::ProjectPermission;
use crate::domain::role::{ProjectRole, UserRole, UserStatus};
use crate::error::{Error, Result, codes};
use crate::events::Change;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_project_members, add_project_member))
        .routes(routes!(list_project_member_candidates))
        .routes(routes!(update_project_member, remove_project_member))
}

/// Somebody's place in a project.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectMember {
    pub id: String,
    pub project_id: String,
    pub user_id: String,
    pub role: ProjectRole,
    pub user_email: String,
    pub user_role: UserRole,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_avatar_url: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// Somebody who could become a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectMemberCandidate {
    pub id: String,
    pub email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub role: UserRole,
    pub status: UserStatus,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListProjectMembersResponse {
    pub members: Vec<ProjectMember>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListProjectMemberCandidatesResponse {
    pub candidates: Vec<ProjectMemberCandidate>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectMemberResponse {
    pub member: ProjectMember,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct AddProjectMemberRequest {
    pub user_id: String,
    /// `maintainer`, `developer` or `viewer`.
    pub role: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateProjectMemberRequest {
    /// `maintainer`, `developer` or `viewer`.
    pub role: String,
}

/// List the members of a project
#[utoipa::path(get, path = "/v1/projects/{project_id}/members", operation_id = "list_project_members",
    tag = "Project Members", security(("bearer" = [])), params(("project_id" = String, Path)),
    responses(
        (status = 200, description = "The members", body = ListProjectMembersResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_project_members(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<axum::Json<ListProjectMembersResponse>> {
    caller.project(&app, id, ProjectPermission::Read).await?;
    let members = db::members::list(app.db.read(), id).await?;
    let members = members.into_iter().map(|(member, user)| shown(member, user)).collect();
    Ok(axum::Json(ListProjectMembersResponse { members }))
}

/// List who could become a member
#[utoipa::path(get, path = "/v1/projects/{project_id}/members/candidates",
    operation_id = "list_project_member_candidates", tag = "Project Members",
    security(("bearer" = [])), params(("project_id" = String, Path)),
    responses(
        (status = 200, description = "Accounts that are not members", body = ListProjectMemberCandidatesResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_project_member_candidates(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<axum::Json<ListProjectMemberCandidatesResponse>> {
    caller.project(&app, id, ProjectPermission::ManageMembers).await?;
    let candidate = |user: users::Model| ProjectMemberCandidate {
        id: user.id.to_string(),
        email: user.email,
        display_name: user.display_name,
        role: user.role,
        status: user.status,
    };
    let candidates = db::members::candidates(app.db.read(), id).await?.into_iter().map(candidate).collect();
    Ok(axum::Json(ListProjectMemberCandidatesResponse { candidates }))
}

/// Add a member
#[utoipa::path(post, path = "/v1/projects/{project_id}/members", operation_id = "add_project_member",
    tag = "Project Members", security(("bearer" = [])), params(("project_id" = String, Path)),
    request_body = AddProjectMemberRequest,
    responses(
        (status = 201, description = "Added", body = ProjectMemberResponse),
        (status = 400, description = "invalid_project_role, invalid_user, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "already_member", body = ApiError),
    ))]
async fn add_project_member(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Json(request): Json<AddProjectMemberRequest>,
) -> Result<(StatusCode, axum::Json<ProjectMemberResponse>)> {
    let project = caller.project(&app, id, ProjectPermission::ManageMembers).await?.project;
    let (role, now) = (role_of(&request.role)?, app.clock.now());
    let (row, user) = app
        .db
        .write(async |tx| {
            let user = eligible(tx, &request.user_id).await?;
            if db::members::find(tx, id, user.id).await?.is_some() {
                return Err(Error::conflict("already_member", "this person is a member already"));
            }
            let row = project_members::Model {
                project_id: id,
                user_id: user.id,
                role,
                created_at: now,
                updated_at: now,
            };
            db::members::insert(tx, row.clone()).await?;
            tx.signal(Change::Project { project_id: id });
            audit::record(tx, &app, did(&caller, AuditAction::ProjectMemberAdded, &row, &user, &project))
                .await?;
            Ok((row, user))
        })
        .await?;
    Ok((StatusCode::CREATED, axum::Json(ProjectMemberResponse { member: shown(row, user) })))
}

/// Change a member's role
#[utoipa::path(patch, path = "/v1/projects/{project_id}/members/{user_id}", operation_id = "update_project_member",
    tag = "Project Members", security(("bearer" = [])),
    params(("project_id" = String, Path), ("user_id" = String, Path)), request_body = UpdateProjectMemberRequest,
    responses(
        (status = 200, description = "The changed member", body = ProjectMemberResponse),
        (status = 400, description = "invalid_project_role, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "last_maintainer", body = ApiError),
    ))]
async fn update_project_member(
    State(app): AppState,
    caller: Caller,
    Path((id, user_id)): Path<(ProjectId, String)>,
    Json(request): Json<UpdateProjectMemberRequest>,
) -> Result<axum::Json<ProjectMemberResponse>> {
    let project = caller.project(&app, id, ProjectPermission::ManageMembers).await?.project;
    let (role, now) = (role_of(&request.role)?, app.clock.now());
    let (row, user) = app
        .db
        .write(async |tx| {
            let (member, user) = find(tx, id, &user_id).await?;
            if role != ProjectRole::Maintainer {
                keep_a_maintainer(tx, &member).await?;
            }
            db::members::set_role(tx, &member, role, now).await?;
            tx.signal(Change::Project { project_id: id });
            let row = project_members::Model { role, updated_at: now, ..member };
            audit::record(
                tx,
                &app,
                did(&caller, AuditAction::ProjectMemberRoleUpdated, &row, &user, &project),
            )
            .await?;
            Ok((row, user))
        })
        .await?;
    Ok(axum::Json(ProjectMemberResponse { member: shown(row, user) }))
}

/// Remove a member
#[utoipa::path(delete, path = "/v1/projects/{project_id}/members/{user_id}", operation_id = "remove_project_member",
    tag = "Project Members", security(("bearer" = [])),
    params(("project_id" = String, Path), ("user_id" = String, Path)),
    responses(
        (status = 200, description = "Removed", body = OkResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "last_maintainer", body = ApiError),
    ))]
async fn remove_project_member(
    State(app): AppState,
    caller: Caller,
    Path((id, user_id)): Path<(ProjectId, String)>,
) -> Result<axum::Json<OkResponse>> {
    let project = caller.project(&app, id, ProjectPermission::ManageMembers).await?.project;
    app.db
        .write(async |tx| {
            let (member, user) = find(tx, id, &user_id).await?;
            keep_a_maintainer(tx, &member).await?;
            db::members::delete(tx, &member).await?;
            tx.signal(Change::Project { project_id: id });
            let entry = did(&caller, AuditAction::ProjectMemberRemoved, &member, &user, &project);
            audit::record(tx, &app, entry).await
        })
        .await?;
    Ok(axum::Json(OkResponse { ok: true }))
}

fn role_of(word: &str) -> Result<ProjectRole> {
    let unknown = |_| Error::invalid("invalid_project_role", "role must be maintainer, developer or viewer");
    word.parse().map_err(unknown)
}

async fn eligible(tx: &Tx, id: &str) -> Result<users::Model> {
    let unknown = || Error::invalid("invalid_user", "there is no such account, or it is disabled");
    let user = db::users::find(tx, id.parse().map_err(|_| unknown())?).await?;
    user.filter(|user| user.status != UserStatus::Disabled).ok_or_else(unknown)
}

async fn find(tx: &Tx, project: ProjectId, user: &str) -> Result<(project_members::Model, users::Model)> {
    let missing = || Error::not_found("member");
    let user = user.parse().map_err(|_| missing())?;
    let member = db::members::find(tx, project, user).await?.ok_or_else(missing)?;
    let user = db::users::find(tx, user).await?.ok_or_else(missing)?;
    Ok((member, user))
}

/// Refuses to take away the last maintainer of a project.
async fn keep_a_maintainer(tx: &Tx, member: &project_members::Model) -> Result<()> {
    if member.role != ProjectRole::Maintainer {
        return Ok(());
    }
    if db::members::other_maintainers(tx, member.project_id, member.user_id).await? > 0 {
        return Ok(());
    }
    Err(Error::conflict(codes::LAST_MAINTAINER, "the project would be left without a maintainer")
        .hint("Make somebody else a maintainer first."))
}

/// Names both by what people know them by, for whoever reads it when they are gone.
fn did(
    caller: &Caller,
    action: AuditAction,
    member: &project_members::Model,
    user: &users::Model,
    project: &projects::Model,
) -> Entry {
    let details = json!({"project_id": member.project_id, "project": project.name, "user_id": member.user_id,
        "user_email": user.email, "role": member.role});
    caller.did(action, AuditResource::ProjectMember).id(id_of(member)).details(details)
}

fn id_of(member: &project_members::Model) -> String {
    format!("{}:{}", member.project_id, member.user_id)
}

fn shown(member: project_members::Model, user: users::Model) -> ProjectMember {
    ProjectMember {
        id: id_of(&member),
        project_id: member.project_id.to_string(),
        user_id: member.user_id.to_string(),
        role: member.role,
        user_email: user.email,
        user_role: user.role,
        user_display_name: user.display_name,
        user_avatar_url: user.avatar_url,
        created_at: member.created_at,
        updated_at: member.updated_at,
    }
}
