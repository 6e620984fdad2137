//! Whether the daemon lives and is able to work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::AppState;
use super::route::{Routes, routes};
use crate::builds::readiness::{self, Readiness};
use crate::domain::doctor::DoctorCheck;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(healthz)).routes(routes!(readyz))
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
    /// Everything that was looked at, with what is wrong and what to do. A warning does not make it unready.
    pub checks: Vec<DoctorCheck>,
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
/// Checks the database, its schema, the encryption key, the disk and the inbox of webhooks.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "Health",
    responses(
        (status = 200, description = "Every check passes", body = ReadinessResponse),
        (status = 503, description = "A check fails", body = ReadinessResponse),
    ))]
async fn readyz(State(app): AppState) -> (StatusCode, Json<ReadinessResponse>) {
    let found = readiness::look(&app).await;
    let ok = found.is_able();
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let Readiness { database, migrations, encryption, checks } = found;
    (status, Json(ReadinessResponse { ok, database, migrations, encryption, checks }))
}
