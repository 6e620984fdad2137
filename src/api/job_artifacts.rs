//! Artifacts as runners bring them: announce, ask for parts, finish, give up. The bytes go to the address that the
//! announcement answers.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

use super::artifacts::{Artifact, base_url};
use super::error::ApiError;
use super::extract::{AppState, Json, Path};
use super::jobs::{JobPath, held};
use super::route::{Routes, routes};
use crate::app::App;
use crate::builds::artifacts::{self, Address};
use crate::builds::job::Speaker;
use crate::builds::links::Link;
use crate::domain::id::{ArtifactId, BuildId};
use crate::error::Result;
use crate::runner::protocol::{
    ArtifactPart, ArtifactPartsResponse, CompleteArtifactRequest, CreateArtifactRequest,
};

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(create_artifact))
        .routes(routes!(list_missing_artifact_parts))
        .routes(routes!(complete_artifact))
        .routes(routes!(abort_artifact))
}

#[derive(Debug, Deserialize)]
struct ArtifactPath {
    job_id: BuildId,
    artifact_id: ArtifactId,
}

#[derive(Debug, serde::Serialize, ToSchema)]
pub struct CreateArtifactResponse {
    pub artifact: Artifact,
    /// Where the bytes go, by PUT; empty while storing artifacts is turned off.
    pub upload_url: String,
    /// How large its parts are, if it may be sent in parts (protocol 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_bytes: Option<u64>,
}

#[derive(Debug, serde::Serialize, ToSchema)]
pub struct CompleteArtifactResponse {
    pub artifact: Artifact,
}

/// Announce an artifact
#[utoipa::path(post, path = "/v1/runners/{runner_id}/jobs/{job_id}/artifacts", operation_id = "create_artifact",
    tag = "Artifacts", security(("bearer" = [])), params(("runner_id" = String, Path), ("job_id" = String, Path)),
    request_body = CreateArtifactRequest,
    responses(
        (status = 200, description = "The pending artifact and where its bytes go", body = CreateArtifactResponse),
        (status = 400, description = "invalid_name, invalid_artifact_type, invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "storage_refused, attempt_superseded", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn create_artifact(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<JobPath>,
    headers: HeaderMap,
    Json(request): Json<CreateArtifactRequest>,
) -> Result<axum::Json<CreateArtifactResponse>> {
    held(&app, &speaker, path.job_id).await?;
    let announced = artifacts::announce(&app, &speaker, path.job_id, request).await?;
    let upload_url = match announced.address {
        Some(Address::Daemon(link)) => upload_url(&app, &headers, &link),
        Some(Address::Store { url, .. }) => url,
        None => String::new(),
    };
    let (artifact, part_bytes) = (announced.row.into(), announced.part_bytes);
    Ok(axum::Json(CreateArtifactResponse { artifact, upload_url, part_bytes }))
}

/// Where the daemon takes bytes in.
fn upload_url(app: &App, headers: &HeaderMap, link: &Link) -> String {
    format!("{}/v1/artifacts/local-upload/{}", base_url(app, headers), link.token)
}

/// Ask where an artifact's parts go
///
/// Those that the store lacks, the first ones if they are many: ask again when they are sent, until none is missing. So
/// an upload that broke off goes on.
#[utoipa::path(post, path = "/v1/runners/{runner_id}/jobs/{job_id}/artifacts/{artifact_id}/parts",
    operation_id = "list_missing_artifact_parts", tag = "Artifacts", security(("bearer" = [])),
    params(("runner_id" = String, Path), ("job_id" = String, Path), ("artifact_id" = String, Path)),
    responses(
        (status = 200, description = "The parts", body = ArtifactPartsResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "artifact_not_pending, storage_refused, attempt_superseded", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 503, description = "storage_not_configured", body = ApiError),
    ))]
async fn list_missing_artifact_parts(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<ArtifactPath>,
    headers: HeaderMap,
) -> Result<axum::Json<ArtifactPartsResponse>> {
    held(&app, &speaker, path.job_id).await?;
    let (part_bytes, parts) = artifacts::missing_parts(&app, &speaker, path.job_id, path.artifact_id).await?;
    let part = |(number, address): (u32, Address)| match address {
        Address::Daemon(link) => {
            let upload_url = format!("{}?part={number}", upload_url(&app, &headers, &link));
            ArtifactPart { number, upload_url }
        }
        Address::Store { url, .. } => ArtifactPart { number, upload_url: url },
    };
    Ok(axum::Json(ArtifactPartsResponse { part_bytes, missing: parts.into_iter().map(part).collect() }))
}

/// Finish an artifact's upload
///
/// What was sent to a store itself is read back and compared first, which takes its time for a large one.
#[utoipa::path(post, path = "/v1/runners/{runner_id}/jobs/{job_id}/artifacts/{artifact_id}/complete",
    operation_id = "complete_artifact", tag = "Artifacts", security(("bearer" = [])),
    params(("runner_id" = String, Path), ("job_id" = String, Path), ("artifact_id" = String, Path)),
    request_body = CompleteArtifactRequest,
    responses(
        (status = 200, description = "The available artifact", body = CompleteArtifactResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "artifact_not_pending, artifact_not_uploaded, checksum_mismatch, storage_refused, attempt_superseded",
            body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 503, description = "storage_not_configured", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn complete_artifact(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<ArtifactPath>,
    Json(_unused): Json<CompleteArtifactRequest>,
) -> Result<axum::Json<CompleteArtifactResponse>> {
    held(&app, &speaker, path.job_id).await?;
    let row = artifacts::complete(&app, &speaker, path.job_id, path.artifact_id).await?;
    Ok(axum::Json(CompleteArtifactResponse { artifact: row.into() }))
}

/// Give an artifact's upload up
#[utoipa::path(post, path = "/v1/runners/{runner_id}/jobs/{job_id}/artifacts/{artifact_id}/abort",
    operation_id = "abort_artifact", tag = "Artifacts", security(("bearer" = [])),
    params(("runner_id" = String, Path), ("job_id" = String, Path), ("artifact_id" = String, Path)),
    request_body = CompleteArtifactRequest,
    responses(
        (status = 200, description = "The failed artifact", body = CompleteArtifactResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "artifact_not_pending, attempt_superseded", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn abort_artifact(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<ArtifactPath>,
    Json(request): Json<CompleteArtifactRequest>,
) -> Result<axum::Json<CompleteArtifactResponse>> {
    held(&app, &speaker, path.job_id).await?;
    let row = artifacts::abort(&app, &speaker, path.job_id, path.artifact_id, request.error_message).await?;
    Ok(axum::Json(CompleteArtifactResponse { artifact: row.into() }))
}
