//! What a client needs to know before it draws anything: the instance, the person, and what they
//! may do. Clients never look at roles; they look at capabilities.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::AppState;
use super::route::{Routes, routes};
use super::users::User;
use crate::auth::caller::Caller;
use crate::db;
use crate::domain::permission::instance_capabilities;
use crate::domain::setup::{RemoteAuthMode, RuntimeMode};
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_bootstrap))
}

/// The instance, the person, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct BootstrapResponse {
    pub instance: BootstrapInstance,
    pub user: User,
    /// `<resource>.<action>`, for instance `builds.cancel`.
    pub capabilities: Vec<String>,
}

/// The instance.
#[derive(Debug, Serialize, ToSchema)]
pub struct BootstrapInstance {
    pub id: String,
    pub version: String,
    pub runtime_mode: RuntimeMode,
    pub remote_auth_mode: RemoteAuthMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
}

/// The instance, the person, and what they may do
#[utoipa::path(get, path = "/v1/bootstrap", operation_id = "get_bootstrap", tag = "Users",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "What to start with", body = BootstrapResponse),
    ))]
async fn get_bootstrap(State(app): AppState, caller: Caller) -> Result<Json<BootstrapResponse>> {
    let instance = db::instance::get(app.db.read()).await?;
    Ok(Json(BootstrapResponse {
        instance: BootstrapInstance {
            id: instance.instance_id.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            runtime_mode: instance.runtime_mode,
            remote_auth_mode: instance.remote_auth_mode,
            public_url: app.network.reach().public_url.clone(),
        },
        capabilities: instance_capabilities(caller.role()),
        user: User::seen_by(&caller, caller.user.clone()),
    }))
}
