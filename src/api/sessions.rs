//! The sessions of the caller: list them, end one, end all others. Sessions of other people are out of
//! reach, whatever the role; so are API tokens, which have routes of their own.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Path};
use super::projects::OkResponse;
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::auth::session;
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_my_sessions, end_my_other_sessions)).routes(routes!(end_my_session))
}

/// A place where the caller is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Names the session; it opens nothing.
    pub id: String,
    pub created_at: i64,
    pub expires_at: i64,
    /// The address it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the program called itself that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListSessionsResponse {
    pub sessions: Vec<Session>,
}

/// Sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedSessionsResponse {
    pub ended: u64,
}

/// List my sessions
///
/// Newest first. Needs a session: API tokens are refused.
#[utoipa::path(get, path = "/v1/users/me/sessions", operation_id = "list_my_sessions", tag = "Users",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The sessions", body = ListSessionsResponse),
    ))]
async fn list_my_sessions(State(app): AppState, caller: Caller) -> Result<axum::Json<ListSessionsResponse>> {
    let own = caller.session_id()?;
    let shown = session::list(&app, &caller).await?.into_iter().map(|session| Session {
        current: session.id == own,
        id: session.id,
        created_at: session.created_at,
        expires_at: session.expires_at,
        source: session.source,
        user_agent: session.user_agent,
    });
    Ok(axum::Json(ListSessionsResponse { sessions: shown.collect() }))
}

/// End one of my sessions
///
/// It ends at once, with every stream opened with it.
#[utoipa::path(delete, path = "/v1/users/me/sessions/{session_id}", operation_id = "end_my_session", tag = "Users",
    security(("bearer" = [])), params(("session_id" = String, Path)),
    responses(
        (status = 200, description = "Ended", body = OkResponse),
        (status = 403, description = "origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn end_my_session(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<OkResponse>> {
    session::revoke(&app, &caller, &id).await?;
    Ok(axum::Json(OkResponse { ok: true }))
}

/// End my other sessions
///
/// Every session of the caller but the one that asks.
#[utoipa::path(delete, path = "/v1/users/me/sessions", operation_id = "end_my_other_sessions", tag = "Users",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Ended", body = EndedSessionsResponse),
        (status = 403, description = "origin_not_allowed", body = ApiError),
    ))]
async fn end_my_other_sessions(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<EndedSessionsResponse>> {
    Ok(axum::Json(EndedSessionsResponse { ended: session::revoke_others(&app, &caller).await? }))
}
