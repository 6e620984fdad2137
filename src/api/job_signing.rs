//! What a runner asks for to sign the result of a job: only with the grant of its claim, only
//! while it holds the job, and never for code that is not trusted. Profiles can't be stored yet, so there are none to hand out.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Path};
use super::jobs::{JobPath, held};
use super::route::{Routes, routes};
use crate::auth::token;
use crate::builds::is_untrusted;
use crate::builds::job::Speaker;
use crate::db::entity::builds;
use crate::error::{Error, Result};
use crate::runner::protocol::SIGNING_HEADER;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_job_android_signing)).routes(routes!(get_job_ios_signing))
}

/// Nothing is signed yet.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RunnerAndroidSigningResponse {}

/// Nothing is signed yet.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RunnerIosSigningResponse {}

/// Read the Android signing profiles of a job
#[utoipa::path(get, path = "/v1/runners/{runner_id}/jobs/{job_id}/android-signing",
    operation_id = "get_job_android_signing", tag = "Pipeline Signing", security(("bearer" = [])),
    params(("runner_id" = String, Path), ("job_id" = String, Path),
        ("x-oore-signing-token" = String, Header, description = "The grant from the claim")),
    responses(
        (status = 200, description = "The profiles", body = RunnerAndroidSigningResponse),
        (status = 401, description = "missing_auth, invalid_token, signing_grant_required, invalid_signing_grant",
            body = ApiError),
        (status = 403, description = "runner_mismatch, untrusted_build", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "job_not_active, attempt_superseded", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn get_job_android_signing(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<JobPath>,
    headers: HeaderMap,
) -> Result<axum::Json<RunnerAndroidSigningResponse>> {
    require_grant(&held(&app, &speaker, path.job_id).await?, &headers)?;
    Ok(axum::Json(RunnerAndroidSigningResponse::default()))
}

/// Read the iOS signing bundle of a job
#[utoipa::path(get, path = "/v1/runners/{runner_id}/jobs/{job_id}/ios-signing",
    operation_id = "get_job_ios_signing", tag = "Pipeline Signing", security(("bearer" = [])),
    params(("runner_id" = String, Path), ("job_id" = String, Path),
        ("x-oore-signing-token" = String, Header, description = "The grant from the claim")),
    responses(
        (status = 200, description = "The bundle", body = RunnerIosSigningResponse),
        (status = 401, description = "missing_auth, invalid_token, signing_grant_required, invalid_signing_grant",
            body = ApiError),
        (status = 403, description = "runner_mismatch, untrusted_build", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "job_not_active, attempt_superseded", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn get_job_ios_signing(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<JobPath>,
    headers: HeaderMap,
) -> Result<axum::Json<RunnerIosSigningResponse>> {
    require_grant(&held(&app, &speaker, path.job_id).await?, &headers)?;
    Ok(axum::Json(RunnerIosSigningResponse::default()))
}

fn require_grant(job: &builds::Model, headers: &HeaderMap) -> Result<()> {
    if !job.status.is_held() {
        return Err(Error::conflict("job_not_active", "the build is neither assigned nor running"));
    }
    let grant = headers.get(SIGNING_HEADER).and_then(|value| value.to_str().ok()).ok_or_else(|| {
        Error::unauthenticated("signing_grant_required", format!("this needs the header {SIGNING_HEADER}"))
    })?;
    let genuine =
        job.signing_token_hash.as_deref().is_some_and(|hash| token::same(&token::hash(grant), hash));
    if !genuine {
        let why = "the signing grant is not the one of this job";
        return Err(Error::unauthenticated("invalid_signing_grant", why));
    }
    if is_untrusted(job) {
        return Err(Error::forbidden("untrusted_build", "code that is not trusted is not signed"));
    }
    Ok(())
}
