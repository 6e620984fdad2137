//! Accounts: list, invite, change role, disable, enable; one's own address. Who may do what to whom is in
//! `auth::people`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, Path, Query, searched};
use super::projects::OkResponse;
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::auth::identity;
use crate::auth::people::{self, AccountAction};
use crate::db::listing::Direction;
use crate::db::users::{Filter, Sort};
use crate::db::{self, entity::users};
use crate::domain::permission::{Action, Resource};
use crate::domain::role::{UserRole, UserStatus};
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(get_me, update_me))
        .routes(routes!(list_users))
        .routes(routes!(invite_user))
        .routes(routes!(update_user_role))
        .routes(routes!(delete_user))
        .routes(routes!(re_enable_user))
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    pub id: String,
    pub email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub role: UserRole,
    pub status: UserStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    /// What the caller may do to the account now.
    pub capabilities: Vec<AccountAction>,
    /// The roles that the caller may give it.
    pub assignable_roles: Vec<UserRole>,
}

/// The account of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserProfileResponse {
    pub user: User,
}

/// What people change about their own account.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateMeRequest {
    /// By which an identity provider or a trusted proxy knows the person.
    pub email: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListUsersResponse {
    pub users: Vec<User>,
    pub total: u64,
}

/// An account that was made or changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserResponse {
    pub user: User,
}

/// Whom to let in, and as what.
#[derive(Debug, Deserialize, ToSchema)]
pub struct InviteUserRequest {
    pub email: String,
    /// `admin`, `developer` or `qa_viewer`.
    pub role: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateUserRoleRequest {
    /// `admin`, `developer` or `qa_viewer`.
    pub role: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UsersQuery {
    /// Text in e-mail, name, role or status.
    q: Option<String>,
    /// `created_at`, `email`, `role` or `status`.
    sort: Option<String>,
}

impl User {
    /// The account as the caller sees it.
    pub fn seen_by(caller: &Caller, row: users::Model) -> Self {
        Self {
            capabilities: people::allowed(caller, &row),
            assignable_roles: people::assignable_to(caller, &row),
            id: row.id.to_string(),
            email: row.email,
            display_name: row.display_name,
            role: row.role,
            status: row.status,
            avatar_url: row.avatar_url,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Who am I?
#[utoipa::path(get, path = "/v1/users/me", operation_id = "get_me", tag = "Users",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The caller's account", body = UserProfileResponse),
    ))]
async fn get_me(caller: Caller) -> axum::Json<UserProfileResponse> {
    axum::Json(UserProfileResponse { user: User::seen_by(&caller, caller.user.clone()) })
}

/// Change my address
///
/// Only while no identity provider vouches for it; behind a trusted proxy only on the daemon's machine. The
/// first verified sign-in with the new address takes the account over. Sessions go on.
#[utoipa::path(patch, path = "/v1/users/me", operation_id = "update_me", tag = "Users",
    security(("bearer" = [])), request_body = UpdateMeRequest,
    responses(
        (status = 200, description = "The caller's account", body = UserProfileResponse),
        (status = 400, description = "invalid_email, invalid_request", body = ApiError),
        (status = 403, description = "external_access_loopback_required, origin_not_allowed", body = ApiError),
        (status = 409, description = "email_exists, email_from_provider", body = ApiError),
    ))]
async fn update_me(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<UpdateMeRequest>,
) -> Result<axum::Json<UserProfileResponse>> {
    caller.session_id()?;
    let user = identity::change_email(&app, &caller, &request.email).await?;
    Ok(axum::Json(UserProfileResponse { user: User::seen_by(&caller, user) }))
}

/// List accounts
///
/// A page has 20 rows unless `limit` says otherwise, and 100 at most.
#[utoipa::path(get, path = "/v1/users", operation_id = "list_users", tag = "Users",
    security(("bearer" = [])), params(UsersQuery, ListQuery),
    responses(
        (status = 200, description = "The accounts", body = ListUsersResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_users(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<UsersQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListUsersResponse>> {
    caller.require(Resource::Users, Action::Read)?;
    let page = list.page(Limits::Clamped { default: 20, max: 100 })?;
    let filter = Filter {
        search: searched(query.q.as_deref(), "q")?,
        sort: sort_of(query.sort.as_deref()),
        direction: list.direction(Direction::Descending).unwrap_or(Direction::Descending),
    };
    let (rows, total) = db::users::list(app.db.read(), &filter, page).await?;
    let users = rows.into_iter().map(|row| User::seen_by(&caller, row)).collect();
    Ok(axum::Json(ListUsersResponse { users, total }))
}

fn sort_of(word: Option<&str>) -> Sort {
    match word {
        Some("email") => Sort::Email,
        Some("role") => Sort::Role,
        Some("status") => Sort::Status,
        Some(_) | None => Sort::CreatedAt,
    }
}

/// Invite somebody
///
/// Makes an account that its person takes over by signing in with this e-mail address. No mail is sent.
#[utoipa::path(post, path = "/v1/users/invite", operation_id = "invite_user", tag = "Users",
    security(("bearer" = [])), request_body = InviteUserRequest,
    responses(
        (status = 201, description = "Invited", body = UserResponse),
        (status = 400, description = "invalid_email, invalid_role, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 409, description = "email_exists", body = ApiError),
    ))]
async fn invite_user(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<InviteUserRequest>,
) -> Result<(StatusCode, axum::Json<UserResponse>)> {
    caller.require(Resource::Users, Action::Invite)?;
    let role = people::assignable(&request.role)?;
    let user = people::invite(&app, &caller, &request.email, role).await?;
    Ok((StatusCode::CREATED, axum::Json(UserResponse { user: User::seen_by(&caller, user) })))
}

/// Change somebody's role
///
/// It acts at once, on open sessions too. Only the owner makes or changes admins.
#[utoipa::path(patch, path = "/v1/users/{user_id}/role", operation_id = "update_user_role", tag = "Users",
    security(("bearer" = [])), params(("user_id" = String, Path)), request_body = UpdateUserRoleRequest,
    responses(
        (status = 200, description = "The changed account", body = UserResponse),
        (status = 400, description = "invalid_role, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, cannot_change_owner, insufficient_role, \
                                      origin_not_allowed", body = ApiError),
        (status = 404, description = "user_not_found", body = ApiError),
    ))]
async fn update_user_role(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<UpdateUserRoleRequest>,
) -> Result<axum::Json<UserResponse>> {
    people::require(&caller, AccountAction::ChangeRole)?;
    let role = people::assignable(&request.role)?;
    let user = people::change_role(&app, &caller, &id, role).await?;
    Ok(axum::Json(UserResponse { user: User::seen_by(&caller, user) }))
}

/// Disable an account
///
/// Ends its sessions, API tokens and open streams at once. The account stays, for the histories that name it.
#[utoipa::path(delete, path = "/v1/users/{user_id}", operation_id = "delete_user", tag = "Users",
    security(("bearer" = [])), params(("user_id" = String, Path)),
    responses(
        (status = 200, description = "Disabled", body = OkResponse),
        (status = 400, description = "cannot_delete_self", body = ApiError),
        (status = 403, description = "permission_denied, cannot_delete_owner, insufficient_role, \
                                      origin_not_allowed", body = ApiError),
        (status = 404, description = "user_not_found", body = ApiError),
    ))]
async fn delete_user(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<OkResponse>> {
    people::require(&caller, AccountAction::Disable)?;
    people::disable(&app, &caller, &id).await?;
    Ok(axum::Json(OkResponse { ok: true }))
}

/// Let a disabled account in again
#[utoipa::path(post, path = "/v1/users/{user_id}/enable", operation_id = "re_enable_user", tag = "Users",
    security(("bearer" = [])), params(("user_id" = String, Path)),
    responses(
        (status = 200, description = "The account", body = UserResponse),
        (status = 400, description = "cannot_enable_self", body = ApiError),
        (status = 403, description = "permission_denied, cannot_enable_owner, insufficient_role, \
                                      origin_not_allowed", body = ApiError),
        (status = 404, description = "user_not_found", body = ApiError),
        (status = 409, description = "not_disabled", body = ApiError),
    ))]
async fn re_enable_user(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<UserResponse>> {
    people::require(&caller, AccountAction::Enable)?;
    let user = people::enable(&app, &caller, &id).await?;
    Ok(axum::Json(UserResponse { user: User::seen_by(&caller, user) }))
}
