//! Where artifacts are stored: read, choose, test. Keys come in and never go out.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::error::ApiError;
use super::extract::{AppState, Json, OptionalJson};
use super::route::{Routes, routes};
use crate::audit;
use crate::auth::caller::Caller;
use crate::builds::storage_settings::{self, Entered};
use crate::builds::stores::Chosen;
use crate::domain::artifact::{ArtifactStorageProvider, ArtifactStorageSource};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::permission::{Action, Resource};
use crate::error::Result;
use crate::storage::place::Place;
use crate::storage::probe::{ArtifactStorageTestStepName, Step};

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(get_artifact_storage_settings, update_artifact_storage_settings))
        .routes(routes!(test_artifact_storage))
}

/// Where new artifacts go. Older ones stay where they were stored, and can still be fetched.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactStorageSettings {
    pub provider: ArtifactStorageProvider,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_base_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_bucket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_region: Option<String>,
    /// Left out: Amazon's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_endpoint: Option<String>,
    pub has_access_key_id: bool,
    pub has_secret_access_key: bool,
    pub source: ArtifactStorageSource,
    /// Why artifacts can't be stored there at the moment; they are stored nowhere else instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactStorageSettingsResponse {
    pub settings: ArtifactStorageSettings,
}

/// The place that artifacts are to go to.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateArtifactStorageSettingsRequest {
    pub provider: ArtifactStorageProvider,
    /// For `local`: an absolute path outside of the data folder. Left out: a folder in the data folder.
    #[serde(default)]
    pub local_base_dir: Option<String>,
    /// For `s3` and `r2`.
    #[serde(default)]
    pub s3_bucket: Option<String>,
    /// Left out: `us-east-1`.
    #[serde(default)]
    pub s3_region: Option<String>,
    /// `https`, or `http` on the daemon's own machine. Needed for `r2`; left out for `s3` it is Amazon's own.
    #[serde(default)]
    pub s3_endpoint: Option<String>,
    /// Left out: the stored one, if it was entered for the same endpoint.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub access_key_id: Option<Zeroizing<String>>,
    /// Left out: the stored one, if it was entered for the same endpoint.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub secret_access_key: Option<Zeroizing<String>>,
}

/// What to test.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct TestArtifactStorageRequest {
    /// A place that is not chosen yet. Left out: the one in force.
    #[serde(default)]
    pub settings: Option<UpdateArtifactStorageSettingsRequest>,
}

/// A step of the test.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactStorageTestStep {
    pub step: ArtifactStorageTestStepName,
    pub ok: bool,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    pub duration_ms: u64,
}

/// How the test went: the steps in order, up to the first that failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactStorageTestResponse {
    /// Whether every step went well.
    pub ok: bool,
    pub steps: Vec<ArtifactStorageTestStep>,
}

impl From<&Chosen> for ArtifactStorageSettingsResponse {
    fn from(chosen: &Chosen) -> Self {
        let (folder, bucket) = match &chosen.place {
            None => (None, None),
            Some(Place::Folder(folder)) => (Some(folder), None),
            Some(Place::Bucket(bucket)) => (None, Some(bucket)),
        };
        let settings = ArtifactStorageSettings {
            provider: chosen.provider,
            local_base_dir: folder.map(|folder| folder.display().to_string()),
            s3_bucket: bucket.map(|place| place.bucket.clone()),
            s3_region: bucket.map(|place| place.region.clone()),
            s3_endpoint: bucket.and_then(|place| place.endpoint.clone()),
            has_access_key_id: chosen.has_key_id,
            has_secret_access_key: chosen.has_secret,
            source: chosen.source,
            problem: chosen.problem().map(str::to_owned),
            updated_at: chosen.updated_at,
        };
        Self { settings }
    }
}

impl From<Step> for ArtifactStorageTestStep {
    fn from(step: Step) -> Self {
        Self {
            step: step.name,
            ok: step.failure.is_none(),
            error: step.failure.as_ref().map(|failure| failure.message.clone()),
            hint: step.failure.map(|failure| failure.hint.to_owned()),
            duration_ms: u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl UpdateArtifactStorageSettingsRequest {
    fn entered(self) -> (ArtifactStorageProvider, Entered) {
        let entered = Entered {
            local_base_dir: self.local_base_dir,
            bucket: self.s3_bucket,
            region: self.s3_region,
            endpoint: self.s3_endpoint,
            access_key_id: self.access_key_id,
            secret_access_key: self.secret_access_key,
        };
        (self.provider, entered)
    }
}

/// Read where artifacts are stored
///
/// Keys are never shown, only whether there are any.
#[utoipa::path(get, path = "/v1/settings/artifact-storage", operation_id = "get_artifact_storage_settings",
    tag = "Instance Settings", security(("bearer" = [])),
    responses(
        (status = 200, description = "The place in force", body = ArtifactStorageSettingsResponse),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_artifact_storage_settings(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<ArtifactStorageSettingsResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    Ok(axum::Json(app.stores.chosen().as_ref().into()))
}

/// Choose where artifacts are stored
///
/// At once, without a restart. Artifacts that are stored already stay where they are and can still be fetched. Another
/// endpoint needs the keys again.
#[utoipa::path(put, path = "/v1/settings/artifact-storage", operation_id = "update_artifact_storage_settings",
    tag = "Instance Settings", security(("bearer" = [])), request_body = UpdateArtifactStorageSettingsRequest,
    responses(
        (status = 200, description = "The new place", body = ArtifactStorageSettingsResponse),
        (status = 400, description = "invalid_local_base_dir, invalid_s3_bucket, invalid_s3_endpoint, \
            missing_s3_credentials, invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error, storage_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn update_artifact_storage_settings(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<UpdateArtifactStorageSettingsRequest>,
) -> Result<axum::Json<ArtifactStorageSettingsResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    let by = caller.did(AuditAction::ArtifactStorageUpdated, AuditResource::ArtifactStorage);
    let (provider, entered) = request.entered();
    storage_settings::change(&app, provider, entered, by).await?;
    Ok(axum::Json(app.stores.chosen().as_ref().into()))
}

/// Test a place for artifacts
///
/// Writes, reads, lists and deletes a small object, in the place in force or in one that is not chosen yet, and says
/// which of these went wrong, why, and what can be done.
#[utoipa::path(post, path = "/v1/settings/artifact-storage/test", operation_id = "test_artifact_storage",
    tag = "Instance Settings", security(("bearer" = [])), request_body = Option<TestArtifactStorageRequest>,
    responses(
        (status = 200, description = "How each step went", body = ArtifactStorageTestResponse),
        (status = 400, description = "invalid_local_base_dir, invalid_s3_bucket, invalid_s3_endpoint, \
            missing_s3_credentials, invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error, decryption_error, storage_error", body = ApiError),
        (status = 503, description = "storage_not_configured", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn test_artifact_storage(
    State(app): AppState,
    caller: Caller,
    OptionalJson(request): OptionalJson<TestArtifactStorageRequest>,
) -> Result<axum::Json<ArtifactStorageTestResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    let steps = match request.settings {
        Some(settings) => {
            let (provider, entered) = settings.entered();
            storage_settings::test(&app, provider, entered).await?
        }
        None => storage_settings::test_chosen(&app).await?,
    };
    let steps: Vec<ArtifactStorageTestStep> = steps.into_iter().map(Into::into).collect();
    let ok = steps.iter().all(|step| step.ok);
    let by = caller.did(AuditAction::ArtifactStorageTested, AuditResource::ArtifactStorage);
    let by = by.details(serde_json::json!({ "ok": ok }));
    app.db.write(async |tx| audit::record(tx, &app, by).await).await?;
    Ok(axum::Json(ArtifactStorageTestResponse { ok, steps }))
}
