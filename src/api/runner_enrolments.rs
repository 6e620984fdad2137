//! How a machine becomes a runner without a person's session on it: a person makes an enrolment token, and
//! the machine uses it up.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::route::{Routes, routes};
use super::runner_view::show_one;
use super::runners::{RegisterRunnerRequest, RegisterRunnerResponse};
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::peer::Origin;
use crate::auth::token::{self, TokenKind};
use crate::auth::{enrolment, limits};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::permission::{Action, Resource};
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(create_runner_enrolment)).routes(routes!(redeem_runner_enrolment))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CreateRunnerEnrolmentResponse {
    /// For `oore runner register --token`; shown this once, good for one runner.
    pub token: String,
    /// Unix seconds.
    pub expires_at: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct RedeemRunnerEnrolmentRequest {
    pub token: String,
    #[serde(flatten)]
    pub runner: RegisterRunnerRequest,
}

/// Make an enrolment token
///
/// Good for one runner within 15 minutes, as long as its maker may add runners.
#[utoipa::path(post, path = "/v1/runners/enrolments", operation_id = "create_runner_enrolment", tag = "Runners",
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The token", body = CreateRunnerEnrolmentResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 409, description = "too_many_enrolments", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn create_runner_enrolment(
    State(app): AppState,
    caller: Caller,
) -> Result<(StatusCode, axum::Json<CreateRunnerEnrolmentResponse>)> {
    caller.require(Resource::Runners, Action::Write)?;
    let now = app.clock.now();
    let made = app
        .db
        .write(async |tx| {
            let made = enrolment::create(tx, caller.user.id, now).await?;
            let details = serde_json::json!({"expires_at": made.expires_at});
            let entry = caller.did(AuditAction::RunnerEnrolmentCreated, AuditResource::Runner);
            audit::record(tx, &app, entry.details(details)).await?;
            Ok(made)
        })
        .await?;
    let body = CreateRunnerEnrolmentResponse { token: made.token, expires_at: made.expires_at };
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// Become a runner
///
/// Uses the enrolment token up. The runner counts as registered by the token's maker.
#[utoipa::path(post, path = "/v1/runners/enrolments/redeem", operation_id = "redeem_runner_enrolment",
    tag = "Runners", request_body = RedeemRunnerEnrolmentRequest,
    responses(
        (status = 200, description = "The runner and its token", body = RegisterRunnerResponse),
        (status = 400, description = "invalid_name, invalid_request", body = ApiError),
        (status = 401, description = "invalid_enrolment_token", body = ApiError),
        (status = 403, description = "origin_not_allowed", body = ApiError),
        (status = 429, description = "too_many_attempts", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn redeem_runner_enrolment(
    State(app): AppState,
    origin: Origin,
    Json(request): Json<RedeemRunnerEnrolmentRequest>,
) -> Result<axum::Json<RegisterRunnerResponse>> {
    let token = token::mint(TokenKind::Runner)?;
    let (newcomer, now) = (request.runner.checked()?, app.clock.now());
    let added = app.db.write(async |tx| {
        let maker = enrolment::redeem(tx, &request.token, now).await?;
        let row = newcomer.insert(tx, &app, maker.id, &token).await?;
        let actor = Actor::Person { id: maker.id, email: maker.email };
        let entry = Entry::new(AuditAction::RunnerRegistered, actor, AuditResource::Runner);
        let details = serde_json::json!({"name": row.name, "by_enrolment": true});
        audit::record(tx, &app, entry.id(row.id).from(origin).details(details)).await?;
        Ok(row)
    });
    let row = added.await.map_err(|error| limits::wrong_token(&app, origin, error))?;
    Ok(axum::Json(RegisterRunnerResponse { runner: show_one(&app, row).await?, token }))
}
