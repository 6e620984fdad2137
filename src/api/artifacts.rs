//! Artifacts: lists, signed links, and the bytes behind them. A download is always an attachment
//! that the browser neither sniffs nor runs.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderValue,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bytes::{Content, unsatisfiable};
use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, Path, Query};
use super::guard;
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::builds::artifacts::{self as story, Address};
use crate::builds::{removal, retention};
use crate::db::{self, entity};
use crate::domain::artifact::{ArtifactState, ArtifactType, Device, installs_on};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::{ArtifactId, BuildId, ProjectId};
use crate::domain::permission::ProjectPermission;
use crate::error::{Error, Kind, Result};

const MAX_BUILD_IDS: usize = 200;
/// Everything but the characters RFC 8187 allows as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_artifacts))
        .routes(routes!(list_build_artifacts))
        .routes(routes!(list_project_artifacts))
        .routes(routes!(generate_download_link))
        .routes(routes!(delete_artifact))
        .routes(routes!(download_local_artifact))
        .routes(routes!(download_local_artifact_legacy))
        .routes(routes!(upload_local_artifact))
}

/// A file that a build produced.
#[derive(Debug, Serialize, ToSchema)]
pub struct Artifact {
    pub id: String,
    pub build_id: String,
    pub name: String,
    pub artifact_type: ArtifactType,
    /// What it can be installed on as it is; absent for what goes to a store or a simulator, and for what is no app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installs_on: Option<Device>,
    /// Where it is stored.
    pub file_path: String,
    pub file_size: Option<i64>,
    /// SHA-256 in lower-case hex.
    pub checksum: Option<String>,
    #[schema(value_type = Object)]
    pub metadata: serde_json::Value,
    pub created_at: i64,
    pub state: ArtifactState,
    /// When it can't be downloaded any more. Absent if it stays: nothing says for how long, its build is pinned, or the
    /// rules only count what they would remove.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl From<entity::artifacts::Model> for Artifact {
    fn from(row: entity::artifacts::Model) -> Self {
        let path = row.metadata.0.get("path").and_then(serde_json::Value::as_str);
        Self {
            installs_on: installs_on(row.artifact_type, &row.name, path),
            id: row.id.to_string(),
            build_id: row.build_id.to_string(),
            name: row.name,
            artifact_type: row.artifact_type,
            file_path: format!("artifacts/{}", row.object_key),
            file_size: row.file_size,
            checksum: row.checksum,
            metadata: row.metadata.0,
            created_at: row.created_at,
            state: row.state,
            expires_at: row.expires_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListArtifactsResponse {
    pub artifacts: Vec<Artifact>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ListBuildArtifactsRequest {
    /// At most 200.
    pub build_ids: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactDownloadLinkResponse {
    /// Opens without a session until it expires.
    pub download_url: String,
    pub expires_at: i64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LimitQuery {
    /// How many: 200 at most, and if left out.
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PartQuery {
    /// Which part of an upload in parts this is, from 1 on.
    part: Option<u32>,
}

/// List a build's artifacts
#[utoipa::path(get, path = "/v1/builds/{build_id}/artifacts", operation_id = "list_artifacts", tag = "Artifacts",
    security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "What can be downloaded", body = ListArtifactsResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_artifacts(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<ListArtifactsResponse>> {
    caller.build(&app, id, ProjectPermission::ReadArtifacts).await?;
    let rows = db::artifacts::list_available(app.db.read(), &[id]).await?;
    Ok(axum::Json(shown(&app, rows).await?))
}

/// List the artifacts of several builds
///
/// Builds the caller can't see are left out.
#[utoipa::path(post, path = "/v1/artifacts/query", operation_id = "list_build_artifacts", tag = "Artifacts",
    security(("bearer" = [])), request_body = ListBuildArtifactsRequest,
    responses(
        (status = 200, description = "What can be downloaded", body = ListArtifactsResponse),
        (status = 400, description = "too_many_build_ids, invalid_request", body = ApiError),
        (status = 403, description = "origin_not_allowed", body = ApiError),
    ))]
async fn list_build_artifacts(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<ListBuildArtifactsRequest>,
) -> Result<axum::Json<ListArtifactsResponse>> {
    let given: Vec<&str> = request.build_ids.iter().map(|id| id.trim()).filter(|id| !id.is_empty()).collect();
    if given.len() > MAX_BUILD_IDS {
        return Err(Error::invalid(
            "too_many_build_ids",
            format!("at most {MAX_BUILD_IDS} builds can be given"),
        ));
    }
    let builds: Vec<BuildId> = given.iter().filter_map(|id| id.parse().ok()).collect();
    let visible = caller.visible(&app).await?;
    let mut rows = db::artifacts::list_available(app.db.read(), &builds).await?;
    rows.retain(|row| visible.contains(row.project_id));
    Ok(axum::Json(shown(&app, rows).await?))
}

/// List a project's artifacts, newest first
#[utoipa::path(get, path = "/v1/projects/{project_id}/artifacts", operation_id = "list_project_artifacts",
    tag = "Artifacts", security(("bearer" = [])), params(("project_id" = String, Path), LimitQuery),
    responses(
        (status = 200, description = "What can be downloaded", body = ListArtifactsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_project_artifacts(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Query(query): Query<LimitQuery>,
) -> Result<axum::Json<ListArtifactsResponse>> {
    caller.project(&app, id, ProjectPermission::ReadArtifacts).await?;
    let list = ListQuery { limit: query.limit, ..ListQuery::default() };
    let page = list.page(Limits::Strict { default: 200, max: 200 })?;
    let rows = db::artifacts::list_of_project(app.db.read(), id, page.limit).await?;
    Ok(axum::Json(shown(&app, rows).await?))
}

async fn shown(app: &App, rows: Vec<entity::artifacts::Model>) -> Result<ListArtifactsResponse> {
    let rows = retention::with_true_ends(app, rows).await?;
    Ok(ListArtifactsResponse { artifacts: rows.into_iter().map(Artifact::from).collect() })
}

/// Make a download link
///
/// Good for 15 minutes, without a session, also after a restart of the daemon.
#[utoipa::path(post, path = "/v1/artifacts/{artifact_id}/download-link", operation_id = "generate_download_link",
    tag = "Artifacts", security(("bearer" = [])), params(("artifact_id" = String, Path)),
    responses(
        (status = 200, description = "The link", body = ArtifactDownloadLinkResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 410, description = "artifact_expired", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, storage_error", body = ApiError),
        (status = 503, description = "storage_not_configured", body = ApiError),
    ))]
async fn generate_download_link(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ArtifactId>,
    headers: HeaderMap,
) -> Result<axum::Json<ArtifactDownloadLinkResponse>> {
    let row = of_caller(&app, &caller, id, ProjectPermission::ReadArtifacts).await?;
    story::require_downloadable(&app, &row).await?;
    let address = story::download_address(&app, &row, &disposition(&row.name)).await?;
    let entry = caller.did(AuditAction::ArtifactDownloadLinkGenerated, AuditResource::Artifact).id(id);
    app.db.write(async |tx| audit::record(tx, &app, entry).await).await?;
    let (download_url, expires_at) = download_url(&app, &headers, address);
    Ok(axum::Json(ArtifactDownloadLinkResponse { download_url, expires_at }))
}

/// Delete an artifact
///
/// For good, with its bytes: its links stop to work at once, and the space is free soon after. A pinned build keeps its
/// artifacts.
#[utoipa::path(delete, path = "/v1/artifacts/{artifact_id}", operation_id = "delete_artifact", tag = "Artifacts",
    security(("bearer" = [])), params(("artifact_id" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "build_pinned", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn delete_artifact(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ArtifactId>,
) -> Result<StatusCode> {
    let row = of_caller(&app, &caller, id, ProjectPermission::DeleteArtifacts).await?;
    let entry = caller.did(AuditAction::ArtifactDeleted, AuditResource::Artifact);
    removal::remove(&app, row.id, entry).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The artifact, if the caller may do that with it; otherwise there is none as far as they can tell.
pub async fn of_caller(
    app: &App,
    caller: &Caller,
    id: ArtifactId,
    permission: ProjectPermission,
) -> Result<entity::artifacts::Model> {
    let row = db::artifacts::get(app.db.read(), id).await?;
    let hidden =
        |error: Error| if error.kind == Kind::NotFound { Error::not_found("artifact") } else { error };
    caller.build(app, row.build_id, permission).await.map_err(hidden)?;
    Ok(row)
}

/// Where a download leads, and until when.
pub fn download_url(app: &App, headers: &HeaderMap, address: Address) -> (String, i64) {
    match address {
        Address::Store { url, expires_at } => (url, expires_at),
        Address::Daemon(link) => {
            let delivery = app.network.reach().artifact_delivery_url.clone();
            let base = delivery.unwrap_or_else(|| base_url(app, headers));
            (format!("{base}/v1/artifacts/download/{}", link.token), link.expires_at)
        }
    }
}

/// Where links lead: the public address, or else the one the caller used, which the guard has checked.
pub fn base_url(app: &App, headers: &HeaderMap) -> String {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|_| app.network.reach().public_url.is_none());
    match host {
        Some(host) => format!("http://{host}"),
        None => guard::base_url(app),
    }
}

/// Download an artifact by its link
#[utoipa::path(get, path = "/v1/artifacts/download/{token}", operation_id = "download_local_artifact",
    tag = "Artifacts", params(("token" = String, Path)),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part asked for", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The client has them already"),
        (status = 404, description = "not_found", body = ApiError),
        (status = 416, description = "range_not_satisfiable", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
    ))]
async fn download_local_artifact(
    State(app): AppState,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    download(&app, &token, &headers).await
}

/// Download an artifact by its link, under the older address
#[utoipa::path(get, path = "/v1/artifacts/local-download/{token}", operation_id = "download_local_artifact_legacy",
    tag = "Artifacts", params(("token" = String, Path)),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part asked for", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The client has them already"),
        (status = 404, description = "not_found", body = ApiError),
        (status = 416, description = "range_not_satisfiable", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
    ))]
async fn download_local_artifact_legacy(
    State(app): AppState,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    download(&app, &token, &headers).await
}

async fn download(app: &App, token: &str, headers: &HeaderMap) -> Result<Response> {
    let found = story::download(app, token).await?;
    let (row, blob) = found.ok_or_else(|| {
        Error::not_found("artifact")
            .hint("Links are good for 15 minutes. Make a new one on the build's page.")
    })?;
    let content = Content { size: blob.size, etag: format!("\"{}\"", row.checksum.unwrap_or_default()) };
    let wanted = match content.wanted(headers) {
        Ok(wanted) => wanted,
        Err(error) => return Ok(unsatisfiable(error, content.size)),
    };
    let mut response = content.respond(wanted, |range| Body::from_stream(blob.stretch(range)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_SECURITY_POLICY, SANDBOX);
    if let Ok(value) = HeaderValue::from_str(&disposition(&row.name)) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// RFC 6266: a plain name for old clients and the exact one for all others.
pub fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') { c } else { '_' })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ESCAPED))
}

/// Upload an artifact to its announced address
///
/// The address works once. After an upload that was short or had the wrong checksum it can be used
/// again.
#[utoipa::path(put, path = "/v1/artifacts/local-upload/{token}", operation_id = "upload_local_artifact",
    tag = "Artifacts", params(("token" = String, Path), PartQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "Stored"),
        (status = 400, description = "upload_incomplete, checksum_mismatch, invalid_request", body = ApiError),
        (status = 401, description = "invalid_upload_token", body = ApiError),
        (status = 403, description = "origin_not_allowed", body = ApiError),
        (status = 409, description = "part_out_of_order", body = ApiError),
        (status = 413, description = "payload_too_large", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn upload_local_artifact(
    State(app): AppState,
    Path(token): Path<String>,
    Query(query): Query<PartQuery>,
    request: Request,
) -> Result<()> {
    if let Some(part) = query.part {
        return story::upload_part(&app, &token, part, request.into_body().into_data_stream()).await;
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    story::upload(&app, &token, length, request.into_body().into_data_stream()).await
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn names_survive_exactly_and_forge_no_header() {
        assert_eq!(disposition("app.apk"), "attachment; filename=\"app.apk\"; filename*=UTF-8''app.apk");
        assert_eq!(
            disposition("grö\"ße.txt"),
            "attachment; filename=\"gr___e.txt\"; filename*=UTF-8''gr%C3%B6%22%C3%9Fe.txt"
        );
    }
}
