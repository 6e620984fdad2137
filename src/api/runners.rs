//! Runners as people manage them: list, register, rename, remove, give a new token. How a machine joins
//! without a person's session is in `runner_enrolments`, what runners themselves call in `jobs`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, Path, Query, searched};
use super::route::{Routes, routes};
use super::runner_view::{Runner, order, show, show_one};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::token::{self, TokenKind};
use crate::builds::queue::checked_reason;
use crate::db::listing::Direction;
use crate::db::runners::Drain;
use crate::db::{self, Doc, Tx, entity::runners};
use crate::domain::audit::{AuditAction, AuditResource, Entry};
use crate::domain::doctor::{self, DoctorCheck};
use crate::domain::id::{RunnerId, UserId};
use crate::domain::label;
use crate::domain::permission::{Action, Resource};
use crate::domain::runner::RunnerStatus;
use crate::domain::text::{self};
use crate::error::{Error, Result};
use crate::events::Change;

const LIMITS: Limits = Limits::Clamped { default: 20, max: 100 };
const MAX_NAME_CHARS: usize = 255;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_runners))
        .routes(routes!(register_runner))
        .routes(routes!(get_runner, update_runner, delete_runner))
        .routes(routes!(rotate_runner_token))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListRunnersResponse {
    pub runners: Vec<Runner>,
    pub total: u64,
    /// How many of them are online, busy ones included.
    pub online_total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GetRunnerResponse {
    pub runner: Runner,
    /// What it has and lacks to build apps; empty if it tells nothing.
    pub doctor: Vec<DoctorCheck>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterRunnerResponse {
    pub runner: Runner,
    /// Shown this once.
    pub token: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UpdateRunnerResponse {
    pub runner: Runner,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct RegisterRunnerRequest {
    /// 1 to 255 characters.
    pub name: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub capabilities: serde_json::Map<String, serde_json::Value>,
    /// Labels that pipelines can ask for; at most 32.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateRunnerRequest {
    /// Of the daemon's own runner it is fixed.
    #[serde(default)]
    pub name: Option<String>,
    /// Replaces the labels it has.
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    /// Whether it is to take no new builds; the one it has goes on.
    #[serde(default)]
    pub draining: Option<bool>,
    /// Why it is drained; at most 500 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RunnersQuery {
    /// Text in the name or id.
    q: Option<String>,
    /// `name`, `status`, `last_heartbeat_at` or `created_at`.
    sort: Option<String>,
}

/// List runners
///
/// A page has 20 rows unless `limit` says otherwise, and 100 at most.
#[utoipa::path(get, path = "/v1/runners", operation_id = "list_runners", tag = "Runners",
    security(("bearer" = [])), params(RunnersQuery, ListQuery),
    responses(
        (status = 200, description = "The runners", body = ListRunnersResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_runners(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<RunnersQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListRunnersResponse>> {
    caller.require(Resource::Runners, Action::Read)?;
    let q = searched(query.q.as_deref(), "q")?;
    let page = list.page(LIMITS)?;
    let mut runners = show(&app, db::runners::list(app.db.read(), q.as_deref()).await?).await?;
    let online_total = runners.iter().filter(|runner| runner.status != RunnerStatus::Offline).count() as u64;
    let total = runners.len() as u64;
    order(&mut runners, query.sort.as_deref(), list.direction(Direction::Ascending).unwrap_or_default());
    let skipped = usize::try_from(page.offset).unwrap_or(usize::MAX);
    let taken = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let runners = runners.into_iter().skip(skipped).take(taken).collect();
    Ok(axum::Json(ListRunnersResponse { runners, total, online_total }))
}

/// Register a runner
#[utoipa::path(post, path = "/v1/runners/register", operation_id = "register_runner", tag = "Runners",
    security(("bearer" = [])), request_body = RegisterRunnerRequest,
    responses(
        (status = 200, description = "The runner and its token", body = RegisterRunnerResponse),
        (status = 400, description = "invalid_name, invalid_labels, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn register_runner(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<RegisterRunnerRequest>,
) -> Result<axum::Json<RegisterRunnerResponse>> {
    caller.require(Resource::Runners, Action::Write)?;
    let token = token::mint(TokenKind::Runner)?;
    let newcomer = request.checked()?;
    let row = app
        .db
        .write(async |tx| {
            let row = newcomer.insert(tx, &app, caller.user.id, &token).await?;
            audit::record(tx, &app, did(&caller, AuditAction::RunnerRegistered, &row)).await?;
            Ok(row)
        })
        .await?;
    Ok(axum::Json(RegisterRunnerResponse { runner: show_one(&app, row).await?, token }))
}

impl RegisterRunnerRequest {
    /// The same with a name that can be shown and labels that can be compared.
    pub fn checked(self) -> Result<Self> {
        Ok(Self {
            name: checked_name(&self.name)?,
            capabilities: self.capabilities,
            labels: checked_labels(&self.labels)?,
        })
    }

    /// Makes the runner that this asks for, as part of `tx`.
    pub async fn insert(self, tx: &Tx, app: &App, by: UserId, token: &str) -> Result<runners::Model> {
        let now = app.clock.now();
        let row = runners::Model {
            id: RunnerId::new(),
            name: self.name,
            token_hash: token::hash(token),
            capabilities: Doc(self.capabilities.into()),
            embedded: false,
            last_heartbeat_at: None,
            registered_by: Some(by),
            created_at: now,
            updated_at: now,
            labels: Doc(self.labels),
            drained_at: None,
            drained_by: None,
            drain_reason: None,
            online_since: None,
        };
        tx.signal(Change::Runner { runner_id: row.id, status: RunnerStatus::Offline });
        db::runners::insert(tx, row.clone()).await?;
        Ok(row)
    }
}

/// Read a runner
///
/// With a report of what it has and lacks to build apps.
#[utoipa::path(get, path = "/v1/runners/{runner_id}", operation_id = "get_runner", tag = "Runners",
    security(("bearer" = [])), params(("runner_id" = String, Path)),
    responses(
        (status = 200, description = "The runner", body = GetRunnerResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_runner(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<RunnerId>,
) -> Result<axum::Json<GetRunnerResponse>> {
    caller.require(Resource::Runners, Action::Read)?;
    let row = db::runners::get(app.db.read(), id).await?;
    let runner = show_one(&app, row).await?;
    let doctor = doctor::examine(&runner.capabilities, runner.figures);
    Ok(axum::Json(GetRunnerResponse { runner, doctor }))
}

/// Change a runner
///
/// Its name, its labels, and whether it takes new builds.
#[utoipa::path(patch, path = "/v1/runners/{runner_id}", operation_id = "update_runner", tag = "Runners",
    security(("bearer" = [])), params(("runner_id" = String, Path)), request_body = UpdateRunnerRequest,
    responses(
        (status = 200, description = "The changed runner", body = UpdateRunnerResponse),
        (status = 400, description = "invalid_name, invalid_labels, invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "managed_runner_locked", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn update_runner(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<RunnerId>,
    Json(request): Json<UpdateRunnerRequest>,
) -> Result<axum::Json<UpdateRunnerResponse>> {
    caller.require(Resource::Runners, Action::Write)?;
    let known = db::runners::get(app.db.read(), id).await?;
    if request.name.is_some() {
        refuse_managed(&known)?;
    }
    let wanted = Wanted::of(&request, &caller)?;
    let row = app.db.write(async |tx| wanted.apply(tx, &app, &caller, id).await).await?;
    Ok(axum::Json(UpdateRunnerResponse { runner: show_one(&app, row).await? }))
}

/// What is to change of a runner, checked.
struct Wanted {
    name: Option<String>,
    labels: Option<Vec<String>>,
    drain: Option<Option<Drain>>,
}

impl Wanted {
    fn of(request: &UpdateRunnerRequest, caller: &Caller) -> Result<Self> {
        let reason = checked_reason(request.reason.as_deref())?;
        let drain = match (request.draining, &reason) {
            (Some(true), _) => Some(Some(Drain { by: caller.name().to_owned(), reason })),
            (Some(false), None) => Some(None),
            (None, None) => None,
            (Some(false) | None, Some(_)) => {
                return Err(Error::invalid("invalid_input", "a reason is only kept with draining: true"));
            }
        };
        if request.name.is_none() && request.labels.is_none() && drain.is_none() {
            return Err(Error::invalid(
                "invalid_input",
                "there is nothing to change: give a name, labels or draining",
            ));
        }
        Ok(Self {
            name: request.name.as_deref().map(checked_name).transpose()?,
            labels: request.labels.as_deref().map(checked_labels).transpose()?,
            drain,
        })
    }

    async fn apply(self, tx: &Tx, app: &App, caller: &Caller, id: RunnerId) -> Result<runners::Model> {
        let now = app.clock.now();
        let mut row = db::runners::get(tx, id).await?;
        if let Some(name) = self.name {
            row = db::runners::rename(tx, id, name, now).await?;
            audit::record(tx, app, did(caller, AuditAction::RunnerRenamed, &row)).await?;
        }
        if let Some(labels) = self.labels {
            let details = serde_json::json!({"name": row.name, "labels": labels});
            row = db::runners::set_labels(tx, id, labels, now).await?;
            let entry = did(caller, AuditAction::RunnerLabelsUpdated, &row).details(details);
            audit::record(tx, app, entry).await?;
        }
        if let Some(drain) = self.drain {
            row = db::runners::set_drain(tx, id, drain, now).await?;
            let action = match row.is_drained() {
                true => AuditAction::RunnerDrained,
                false => AuditAction::RunnerResumed,
            };
            let details = serde_json::json!({"name": row.name, "reason": row.drain_reason});
            audit::record(tx, app, did(caller, action, &row).details(details)).await?;
        }
        let holds = !db::builds::list_held(tx, Some(id)).await?.is_empty();
        tx.signal(Change::Runner { runner_id: id, status: app.leases.status_of(&row, holds) });
        tx.signal(Change::Queue);
        Ok(row)
    }
}

/// Remove a runner
///
/// Its token ends at once. Refused while it holds a build.
#[utoipa::path(delete, path = "/v1/runners/{runner_id}", operation_id = "delete_runner", tag = "Runners",
    security(("bearer" = [])), params(("runner_id" = String, Path)),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "managed_runner_locked, runner_has_builds, runner_delete_conflict",
            body = ApiError),
    ))]
async fn delete_runner(State(app): AppState, caller: Caller, Path(id): Path<RunnerId>) -> Result<StatusCode> {
    caller.require(Resource::Runners, Action::Delete)?;
    let row = db::runners::get(app.db.read(), id).await?;
    refuse_managed(&row)?;
    app.db
        .write(async |tx| {
            if !db::builds::list_held(tx, Some(id)).await?.is_empty() {
                return Err(Error::conflict("runner_has_builds", "the runner holds a build")
                    .hint("Wait for its end, or cancel it first."));
            }
            if !db::runners::delete(tx, id).await? {
                return Err(Error::conflict("runner_delete_conflict", "the runner has just been removed"));
            }
            tx.signal(Change::Runner { runner_id: id, status: RunnerStatus::Offline });
            audit::record(tx, &app, did(&caller, AuditAction::RunnerDeleted, &row)).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a runner a new token
///
/// The old one ends at once. The runner goes on when the new one is in its file; the build it executes waits a minute for that.
#[utoipa::path(post, path = "/v1/runners/{runner_id}/rotate-token", operation_id = "rotate_runner_token",
    tag = "Runners", security(("bearer" = [])), params(("runner_id" = String, Path)),
    responses(
        (status = 200, description = "The runner and its new token", body = RegisterRunnerResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "managed_runner_locked", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn rotate_runner_token(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<RunnerId>,
) -> Result<axum::Json<RegisterRunnerResponse>> {
    caller.require(Resource::Runners, Action::Write)?;
    let (token, now) = (token::mint(TokenKind::Runner)?, app.clock.now());
    let hash = token::hash(&token);
    let row = app
        .db
        .write(async |tx| {
            let row = db::runners::get(tx, id).await?;
            refuse_managed(&row)?;
            let row = db::runners::set_token(tx, id, row.name, hash, now).await?;
            audit::record(tx, &app, did(&caller, AuditAction::RunnerTokenRotated, &row)).await?;
            Ok(row)
        })
        .await?;
    Ok(axum::Json(RegisterRunnerResponse { runner: show_one(&app, row).await?, token }))
}

fn did(caller: &Caller, action: AuditAction, runner: &runners::Model) -> Entry {
    let details = serde_json::json!({"name": runner.name});
    caller.did(action, AuditResource::Runner).id(runner.id).details(details)
}

fn checked_name(name: &str) -> Result<String> {
    let why = || format!("a runner's name must have 1 to {MAX_NAME_CHARS} characters");
    text::name(name, MAX_NAME_CHARS).ok_or_else(|| Error::invalid("invalid_name", why()))
}

fn checked_labels(labels: &[String]) -> Result<Vec<String>> {
    let labels = label::tidy(labels).map_err(|why| Error::invalid("invalid_labels", why))?;
    match labels.iter().find(|label| label::is_detected(label)) {
        None => Ok(labels),
        Some(label) => Err(Error::invalid(
            "invalid_labels",
            format!("'{label}' follows from what a runner says of itself and can't be given to it"),
        )),
    }
}

fn refuse_managed(row: &runners::Model) -> Result<()> {
    if row.embedded {
        return Err(Error::conflict("managed_runner_locked", "the daemon manages this runner itself").hint(
            "Its name is set by OORED_EMBEDDED_RUNNER_NAME; OORED_RUNNER_MODE=external turns it off.",
        ));
    }
    Ok(())
}
