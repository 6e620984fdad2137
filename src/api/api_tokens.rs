//! API tokens: list, create, revoke. A token's secret is in one answer and never again.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, Path, Query, searched};
use super::route::{Routes, routes};
use crate::auth::api_token;
use crate::auth::caller::Caller;
use crate::db::api_tokens::{Filter, Sort};
use crate::db::entity::{api_tokens, users};
use crate::db::{self, listing::Direction};
use crate::domain::permission::{Action, Resource};
use crate::domain::role::UserRole;
use crate::domain::text;
use crate::error::{Error, Result};

const MAX_NAME_CHARS: usize = 200;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_api_tokens, create_api_token)).routes(routes!(revoke_api_token))
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiTokenSummary {
    pub id: String,
    pub name: String,
    /// The first characters of its secret part, to tell it from others.
    pub prefix: String,
    pub role: UserRole,
    pub created_by: String,
    pub created_by_email: String,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    /// To the minute.
    pub last_used_at: Option<i64>,
    pub is_expired: bool,
    pub is_revoked: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListApiTokensResponse {
    pub tokens: Vec<ApiTokenSummary>,
    pub total: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateApiTokenRequest {
    pub name: String,
    /// At most the caller's own: `owner`, `admin`, `developer` or `qa_viewer`.
    pub role: String,
    /// Unix seconds; without it the token does not expire.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreateApiTokenResponse {
    pub id: String,
    pub name: String,
    pub prefix: String,
    pub role: UserRole,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    /// Shown once; send it as `Authorization: Bearer`.
    pub token: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RevokeApiTokenResponse {
    pub revoked: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TokensQuery {
    /// Text in name, prefix, role or creator's e-mail, or a status: `active`, `expired`, `revoked`.
    q: Option<String>,
    /// `name`, `role`, `status`, `last_used_at` or `created_at`.
    sort: Option<String>,
}

/// List API tokens
///
/// Owners and admins see all, others their own.
/// A page has 20 rows unless `limit` says otherwise, and 100 at most.
#[utoipa::path(get, path = "/v1/api-tokens", operation_id = "list_api_tokens", tag = "API Tokens",
    security(("bearer" = [])), params(TokensQuery, ListQuery),
    responses(
        (status = 200, description = "The tokens", body = ListApiTokensResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_api_tokens(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<TokensQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListApiTokensResponse>> {
    caller.require(Resource::ApiTokens, Action::Read)?;
    let page = list.page(Limits::Clamped { default: 20, max: 100 })?;
    let now = app.clock.now();
    let filter = Filter {
        created_by: (!caller.role().is_operator()).then_some(caller.user.id),
        search: searched(query.q.as_deref(), "q")?,
        sort: sort_of(query.sort.as_deref()),
        direction: list.direction(Direction::Descending).unwrap_or(Direction::Descending),
        now,
    };
    let (rows, total) = db::api_tokens::list(app.db.read(), &filter, page).await?;
    let tokens = rows.into_iter().map(|(row, creator)| shown(row, creator, now)).collect();
    Ok(axum::Json(ListApiTokensResponse { tokens, total }))
}

fn sort_of(word: Option<&str>) -> Sort {
    match word {
        Some("name") => Sort::Name,
        Some("role") => Sort::Role,
        Some("status") => Sort::Status,
        Some("last_used_at") => Sort::LastUsedAt,
        Some(_) | None => Sort::CreatedAt,
    }
}

fn shown(row: api_tokens::Model, creator: users::Model, now: i64) -> ApiTokenSummary {
    ApiTokenSummary {
        is_expired: row.is_expired(now),
        is_revoked: row.revoked_at.is_some(),
        id: row.id.to_string(),
        name: row.name,
        prefix: row.prefix,
        role: row.role,
        created_by: row.created_by.to_string(),
        created_by_email: creator.email,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}

/// Create an API token
///
/// It acts for the caller, and never with more power than the caller has at that moment.
#[utoipa::path(post, path = "/v1/api-tokens", operation_id = "create_api_token", tag = "API Tokens",
    security(("bearer" = [])), request_body = CreateApiTokenRequest,
    responses(
        (status = 200, description = "The token, shown this once", body = CreateApiTokenResponse),
        (status = 400, description = "invalid_name, invalid_role, invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, role_escalation, origin_not_allowed", body = ApiError),
    ))]
async fn create_api_token(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<CreateApiTokenRequest>,
) -> Result<axum::Json<CreateApiTokenResponse>> {
    caller.require(Resource::ApiTokens, Action::Write)?;
    let name = checked_name(&request.name)?;
    let unknown = |_| Error::invalid("invalid_role", "role must be owner, admin, developer or qa_viewer");
    let role = request.role.parse().map_err(unknown)?;
    check_expiry(request.expires_at, app.clock.now())?;
    let made = api_token::create(&app, &caller, name, role, request.expires_at).await?;
    Ok(axum::Json(CreateApiTokenResponse {
        id: made.row.id.to_string(),
        name: made.row.name,
        prefix: made.row.prefix,
        role: made.row.role,
        created_at: made.row.created_at,
        expires_at: made.row.expires_at,
        token: made.secret,
    }))
}

fn checked_name(name: &str) -> Result<String> {
    let why = || format!("a token's name must have 1 to {MAX_NAME_CHARS} characters");
    text::name(name, MAX_NAME_CHARS).ok_or_else(|| Error::invalid("invalid_name", why()))
}

fn check_expiry(expires_at: Option<i64>, now: i64) -> Result<()> {
    match expires_at {
        Some(at) if at <= now => Err(Error::invalid_field("expires_at", "must be in the future")),
        Some(_) | None => Ok(()),
    }
}

/// Revoke an API token
///
/// It ends at once. Revoking one twice is the same as once.
#[utoipa::path(delete, path = "/v1/api-tokens/{token_id}", operation_id = "revoke_api_token", tag = "API Tokens",
    security(("bearer" = [])), params(("token_id" = String, Path)),
    responses(
        (status = 200, description = "Revoked", body = RevokeApiTokenResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn revoke_api_token(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<RevokeApiTokenResponse>> {
    caller.require(Resource::ApiTokens, Action::Delete)?;
    api_token::revoke(&app, &caller, &id).await?;
    Ok(axum::Json(RevokeApiTokenResponse { revoked: true }))
}
