//! Whether the daemon lives and is able to work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::AppState;
use crate::app::App;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// What is running.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthResponse {
    pub ok: bool,
    pub version: String,
    pub package_version: String,
    pub channel: Option<String>,
    pub github_repo: Option<String>,
}

/// Whether each part works.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadinessResponse {
    pub ok: bool,
    pub database: bool,
    pub migrations: bool,
    pub encryption: bool,
}

/// Whether the daemon lives
///
/// Always 200. Needs no sign-in and answers under any host name.
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "Health",
    responses((status = 200, description = "The daemon lives", body = HealthResponse)))]
async fn healthz() -> Json<HealthResponse> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Json(HealthResponse {
        ok: true,
        package_version: version.clone(),
        version,
        channel: None,
        github_repo: None,
    })
}

/// Whether the daemon is able to work
///
/// Checks the database, its schema and the encryption key.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "Health",
    responses(
        (status = 200, description = "Every check passes", body = ReadinessResponse),
        (status = 503, description = "A check fails", body = ReadinessResponse),
    ))]
async fn readyz(State(app): AppState) -> (StatusCode, Json<ReadinessResponse>) {
    let (database, migrations) = app.db.health().await;
    let sealed = app.sealer.seal("readyz", b"probe");
    let encryption = sealed.and_then(|sealed| app.sealer.open("readyz", &sealed)).is_ok();
    let ok = database && migrations && encryption;
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(ReadinessResponse { ok, database, migrations, encryption }))
}
