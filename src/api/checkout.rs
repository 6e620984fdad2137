//! What git calls on a runner to fetch a repository of a code host: discovery and upload-pack, passed through as they come.
//! Nothing else of git is answered here.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::ApiError;
use super::extract::{AppState, Bytes, Path, Query};
use super::route::{Routes, routes};
use crate::app::App;
use crate::builds::checkout::{self, DISCOVERY, Fetch, UPLOAD_PACK};
use crate::builds::job::Speaker;
use crate::domain::id::BuildId;
use crate::error::{Error, Result};
use crate::forge::git_http::Ask;

/// What git sends names commits it wants and has: some dozens of bytes each.
const MAX_BODY: usize = 8 * 1024 * 1024;
const REQUEST_TYPE: &[u8] = b"application/x-git-upload-pack-request";

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(gitlab_checkout_discovery, gitlab_checkout_upload_pack))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

#[derive(Debug, Deserialize)]
struct GitPath {
    job_id: BuildId,
    git_path: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ServiceQuery {
    /// `git-upload-pack`.
    service: Option<String>,
}

/// Begin to fetch the repository of a job (git)
///
/// `git_path` is the full name of the repository with `.git/info/refs`.
#[utoipa::path(get, path = "/v1/runners/{runner_id}/jobs/{job_id}/gitlab/{*git_path}",
    operation_id = "gitlab_checkout_discovery", tag = "Runners", security(("bearer" = [])),
    params(("runner_id" = String, Path), ("job_id" = String, Path), ("git_path" = String, Path), ServiceQuery),
    responses(
        (status = 200, description = "What is there", content_type = "application/x-git-upload-pack-advertisement",
            body = Vec<u8>),
        (status = 400, description = "invalid_git_request, invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "checkout_path_forbidden, runner_mismatch", body = ApiError),
        (status = 404, description = "checkout_not_found", body = ApiError),
        (status = 409, description = "gitlab_reconnect_required, missing_credentials, attempt_superseded",
            body = ApiError),
        (status = 500, description = "store_error, decryption_error", body = ApiError),
        (status = 502, description = "gitlab_checkout_failed, gitlab_redirect_rejected, gitlab_api_error, \
            github_checkout_failed, github_redirect_rejected, github_api_error",
            body = ApiError),
    ))]
async fn gitlab_checkout_discovery(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<GitPath>,
    Query(query): Query<ServiceQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let repository = path.git_path.strip_suffix(DISCOVERY);
    let repository = repository.filter(|_| query.service.as_deref() == Some("git-upload-pack"));
    let repository = repository.ok_or_else(invalid_request)?;
    let fetch = Fetch { repository, protocol: protocol(&headers), ask: Ask::Discovery };
    pass(app, &speaker, path.job_id, fetch).await
}

/// Fetch the repository of a job (git)
///
/// `git_path` is the full name of the repository with `.git/git-upload-pack`.
#[utoipa::path(post, path = "/v1/runners/{runner_id}/jobs/{job_id}/gitlab/{*git_path}",
    operation_id = "gitlab_checkout_upload_pack", tag = "Runners", security(("bearer" = [])),
    params(("runner_id" = String, Path), ("job_id" = String, Path), ("git_path" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/x-git-upload-pack-request"),
    responses(
        (status = 200, description = "What was asked for", content_type = "application/x-git-upload-pack-result",
            body = Vec<u8>),
        (status = 400, description = "invalid_git_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "checkout_path_forbidden, runner_mismatch", body = ApiError),
        (status = 404, description = "checkout_not_found", body = ApiError),
        (status = 409, description = "gitlab_reconnect_required, missing_credentials, attempt_superseded",
            body = ApiError),
        (status = 413, description = "payload_too_large", body = ApiError),
        (status = 500, description = "store_error, decryption_error", body = ApiError),
        (status = 502, description = "gitlab_checkout_failed, gitlab_redirect_rejected, gitlab_api_error, \
            github_checkout_failed, github_redirect_rejected, github_api_error",
            body = ApiError),
    ))]
async fn gitlab_checkout_upload_pack(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<GitPath>,
    headers: HeaderMap,
    Bytes(body): Bytes,
) -> Result<Response> {
    let is_git = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == REQUEST_TYPE);
    let repository =
        path.git_path.strip_suffix(UPLOAD_PACK).filter(|_| is_git).ok_or_else(invalid_request)?;
    let encoding = match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None => None,
        Some(b"gzip") => Some("gzip".to_owned()),
        Some(_) => return Err(invalid_request()),
    };
    let fetch = Fetch { repository, protocol: protocol(&headers), ask: Ask::UploadPack { body, encoding } };
    pass(app, &speaker, path.job_id, fetch).await
}

async fn pass(app: Arc<App>, speaker: &Speaker, job: BuildId, fetch: Fetch<'_>) -> Result<Response> {
    let media_type = fetch.ask.answer_type();
    let passing = checkout::begin(&app, speaker, job, fetch).await?;
    let pieces = futures_util::stream::unfold(Some((app, passing)), |state| async {
        let (app, mut passing) = state?;
        let piece = passing.next(&app).await?;
        let rest = piece.is_ok().then_some((app, passing));
        Some((piece, rest))
    });
    Ok(([(CONTENT_TYPE, media_type)], Body::from_stream(pieces)).into_response())
}

/// The version of git's protocol: words, which are passed on.
fn protocol(headers: &HeaderMap) -> Option<&str> {
    headers.get("git-protocol").and_then(|value| value.to_str().ok()).filter(|text| text.len() <= 256)
}

fn invalid_request() -> Error {
    Error::invalid("invalid_git_request", "only git-upload-pack is answered here")
}
