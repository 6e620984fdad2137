//! Accounts as clients see them.

use std::sync::Arc;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::error::ApiError;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::db::entity::users;
use crate::domain::role::{UserRole, UserStatus};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get_me))
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
}

/// The account of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserProfileResponse {
    pub user: User,
}

impl From<users::Model> for User {
    fn from(row: users::Model) -> Self {
        Self {
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
        (status = 401, description = "missing_auth, invalid_session", body = ApiError),
        (status = 500, description = "session_error, store_error", body = ApiError),
    ))]
async fn get_me(caller: Caller) -> Json<UserProfileResponse> {
    Json(UserProfileResponse { user: caller.user.into() })
}
