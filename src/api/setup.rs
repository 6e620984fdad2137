//! The probe every client calls first: which instance this is and how far it is set up.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::error::ApiError;
use super::extract::AppState;
use crate::app::App;
use crate::db;
use crate::domain::setup::{RemoteAuthMode, RuntimeMode, SetupState};
use crate::error::Result;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get_setup_status))
}

/// How far the instance is set up.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupStatus {
    /// Stable for the life of the data folder.
    pub instance_id: String,
    pub state: SetupState,
    pub runtime_mode: RuntimeMode,
    pub remote_auth_mode: RemoteAuthMode,
    pub setup_mode: bool,
    pub is_configured: bool,
}

/// How far the instance is set up
#[utoipa::path(get, path = "/v1/public/setup-status", operation_id = "get_setup_status", tag = "Setup",
    responses(
        (status = 200, description = "The state", body = SetupStatus),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn get_setup_status(State(app): AppState) -> Result<Json<SetupStatus>> {
    let instance = db::instance::get(app.db.read()).await?;
    let ready = instance.setup_state == SetupState::Ready;
    Ok(Json(SetupStatus {
        instance_id: instance.instance_id.to_string(),
        state: instance.setup_state,
        runtime_mode: instance.runtime_mode,
        remote_auth_mode: instance.remote_auth_mode,
        setup_mode: !ready,
        is_configured: ready,
    }))
}
