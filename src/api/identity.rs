//! What ties accounts to identities outside, as far as people change it. The rules are in
//! `auth::identity`.

use axum::extract::State;

use super::error::ApiError;
use super::extract::{AppState, Path};
use super::route::{Routes, routes};
use super::users::{User, UserResponse};
use crate::auth::caller::Caller;
use crate::auth::identity;
use crate::auth::people::{self, AccountAction};
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(forget_user_identity))
}

/// Forget an account's identity
///
/// After a change of the identity provider nobody's account is taken over silently. This unties one: the
/// next sign-in with its e-mail address, verified by the provider, takes it over. Sessions go on.
#[utoipa::path(post, path = "/v1/users/{user_id}/forget-identity", operation_id = "forget_user_identity",
    tag = "Users", security(("bearer" = [])), params(("user_id" = String, Path)),
    responses(
        (status = 200, description = "The account", body = UserResponse),
        (status = 403, description = "permission_denied, cannot_change_owner, insufficient_role, \
                                      origin_not_allowed", body = ApiError),
        (status = 404, description = "user_not_found", body = ApiError),
    ))]
async fn forget_user_identity(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<UserResponse>> {
    people::require(&caller, AccountAction::ForgetIdentity)?;
    let user = identity::forget(&app, &caller, &id).await?;
    Ok(axum::Json(UserResponse { user: User::seen_by(&caller, user) }))
}
