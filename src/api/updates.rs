//! A newer version of the daemon: how an update stands, and beginning one. The owner's.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::AppState;
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::update::UpdatePhase;
use crate::error::{Error, Result};
use crate::update::{self, Standing};

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_runtime_update_status, start_runtime_update))
}

/// How an update stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuntimeUpdateStatus {
    pub phase: UpdatePhase,
    /// Why the last one failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether a service manager starts the daemon again; without one it can't be updated from here.
    pub managed_service: bool,
    /// The version that runs.
    pub version: String,
}

impl RuntimeUpdateStatus {
    fn new(app: &App, standing: Standing) -> Self {
        Self {
            phase: standing.phase,
            error: standing.error,
            managed_service: app.config.managed,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// Read how an update stands
///
/// It stays `failed` until the next one begins. Whether there is a newer version is what `oore update --check` says.
#[utoipa::path(get, path = "/v1/system/update", operation_id = "get_runtime_update_status", tag = "System",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "How it stands", body = RuntimeUpdateStatus),
        (status = 403, description = "insufficient_role", body = ApiError),
        (status = 500, description = "session_error, store_error, runtime_update_status_failed", body = ApiError),
    ))]
async fn get_runtime_update_status(
    State(app): AppState,
    caller: Caller,
) -> Result<Json<RuntimeUpdateStatus>> {
    caller.require_owner()?;
    let standing = Standing::read(&app.config.data)?;
    Ok(Json(RuntimeUpdateStatus::new(&app, standing)))
}

/// Begin an update
///
/// A process of its own fetches the newest release of the channel, checks its signature, tries it on a copy of
/// the database, puts it in place and restarts the daemon. Builds go on. If the new version does not come up,
/// this one comes back.
#[utoipa::path(post, path = "/v1/system/update", operation_id = "start_runtime_update", tag = "System",
    security(("bearer" = [])),
    responses(
        (status = 202, description = "It has begun", body = RuntimeUpdateStatus),
        (status = 403, description = "insufficient_role, origin_not_allowed", body = ApiError),
        (status = 409, description = "runtime_update_in_progress, runtime_update_unavailable, runtime_update_unmanaged",
            body = ApiError),
        (status = 500, description = "session_error, store_error, runtime_update_start_failed, \
            runtime_update_status_failed", body = ApiError),
    ))]
async fn start_runtime_update(
    State(app): AppState,
    caller: Caller,
) -> Result<(StatusCode, Json<RuntimeUpdateStatus>)> {
    caller.require_owner()?;
    if !app.config.managed {
        return Err(Error::conflict(
            "runtime_update_unmanaged",
            "no service manager starts this daemon again, so it can't be restarted onto a newer version",
        )
        .hint(
            "Make it a service with `oored install-service`, or run `oore update` and restart it yourself.",
        ));
    }
    update::start(&app.config.data, &app.config.releases)?;
    let entry = caller.did(AuditAction::RuntimeUpdateStarted, AuditResource::Runtime);
    app.db.write(async |tx| audit::record(tx, &app, entry).await).await?;
    let standing = Standing::read(&app.config.data)?;
    Ok((StatusCode::ACCEPTED, Json(RuntimeUpdateStatus::new(&app, standing))))
}
