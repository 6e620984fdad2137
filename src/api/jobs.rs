//! What runners call: heartbeat, claim, job status, logs. Protocol 4 is the
//! reference's; protocol 5 adds held requests, attempts and binary log frames to the same routes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts};
use serde::Deserialize;
use tokio::sync::broadcast;
use utoipa::{IntoParams, ToSchema};

use super::build_view::{self, BuildDetailResponse};
use super::error::ApiError;
use super::extract::{AppState, Bytes, Json, Path, Query, authorization};
use super::logs::BuildLogStream;
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::peer::Origin;
use crate::auth::runner::identify;
use crate::auth::token::{self, TokenKind};
use crate::builds::claim::{self, Grant};
use crate::builds::job::Speaker;
use crate::builds::log::{self, Gaps, Line};
use crate::builds::progress;
use crate::db::{self, entity::builds};
use crate::domain::id::BuildId;
use crate::domain::runner::RunnerStatus;
use crate::error::{Error, Result};
use crate::events::Change;
use crate::runner::protocol::{
    ATTEMPT_HEADER, AppendFramesResponse, ClaimJobRequest, ClaimJobResponse, JobStatusResponse,
    MAX_FRAMES_BODY, MAX_WAIT_SECONDS, RunnerHeartbeatRequest, UpdateJobStatusRequest, decode_frame,
};

pub fn routes() -> Routes {
    let frames = Routes::new().routes(routes!(append_log_frames));
    Routes::new()
        .routes(routes!(runner_heartbeat))
        .routes(routes!(claim_job))
        .routes(routes!(get_job_status))
        .routes(routes!(update_job_status))
        .routes(routes!(append_build_logs))
        .merge(frames.layer(DefaultBodyLimit::max(MAX_FRAMES_BODY)))
}

impl FromRequestParts<Arc<App>> for Speaker {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let Path(path): Path<HashMap<String, String>> = Path::from_request_parts(parts, app).await?;
        let path_id = path.get("runner_id").map(String::as_str).unwrap_or_default();
        let origin = Origin::from_request_parts(parts, app).await?;
        let runner = identify(app, origin, authorization(&parts.headers), path_id).await?;
        let attempt = parts.headers.get(ATTEMPT_HEADER).map(|value| value.to_str().ok()?.parse().ok());
        if attempt == Some(None) {
            return Err(Error::invalid("invalid_request", format!("{ATTEMPT_HEADER} must be a number")));
        }
        Ok(Self { runner, attempt: attempt.flatten() })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WaitQuery {
    /// Seconds the request may be held until the job's status is no longer assigned or running.
    wait_seconds: Option<u64>,
}

/// The job a route names.
#[derive(Debug, Deserialize)]
pub struct JobPath {
    pub job_id: BuildId,
}

/// One line of a log, as runners of protocol 4 send it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LogLine {
    /// Counts both streams of a build from 0.
    pub sequence: i64,
    pub content: String,
    pub stream: BuildLogStream,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct AppendBuildLogsRequest {
    pub chunks: Vec<LogLine>,
}

#[derive(Debug, serde::Serialize, ToSchema)]
pub struct AppendBuildLogsResponse {
    /// How many of the lines were new.
    pub appended: u64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FramesQuery {
    /// The sequence of the first frame in the body.
    from: u64,
}

/// Say that the runner lives
#[utoipa::path(post, path = "/v1/runners/{runner_id}/heartbeat", operation_id = "runner_heartbeat", tag = "Runners",
    security(("bearer" = [])), params(("runner_id" = String, Path)), request_body = RunnerHeartbeatRequest,
    responses(
        (status = 204, description = "Noted"),
        (status = 400, description = "invalid_status, invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn runner_heartbeat(
    State(app): AppState,
    speaker: Speaker,
    Json(request): Json<RunnerHeartbeatRequest>,
) -> Result<StatusCode> {
    let status: RunnerStatus = request.status.parse().map_err(|_| {
        Error::invalid("invalid_status", format!("'{}' is not a status of a runner", request.status))
    })?;
    let said = request.capabilities;
    if !said.is_null() && !said.is_object() {
        return Err(Error::invalid("invalid_request", "capabilities must be an object"));
    }
    let capabilities = said.as_object().is_some_and(|object| !object.is_empty()).then_some(said);
    let (id, now) = (speaker.runner.id, app.clock.now());
    if let Some(new) = capabilities.filter(|new| *new != speaker.runner.capabilities.0) {
        app.db
            .write(async |tx| {
                tx.signal(Change::Runner { runner_id: id, status });
                // It may have slots or labels now that it had not.
                tx.signal(Change::Queue);
                db::runners::set_capabilities(tx, id, new, now).await
            })
            .await?;
    }
    if let Some(figures) = request.figures {
        app.leases.measures(id, figures);
    }
    if app.leases.reports(id, status) {
        let holds = !db::builds::list_held(app.db.read(), Some(id)).await?.is_empty();
        let status = app.leases.status_of(&speaker.runner, holds);
        app.events.publish([Change::Runner { runner_id: id, status }]);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for work
///
/// Held up to `wait_seconds` until there is some.
#[utoipa::path(post, path = "/v1/runners/{runner_id}/claim", operation_id = "claim_job", tag = "Runners",
    security(("bearer" = [])), params(("runner_id" = String, Path)), request_body = ClaimJobRequest,
    responses(
        (status = 200, description = "A job, or nothing", body = ClaimJobResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 409, description = "runner_protocol_mismatch, concurrent_modification", body = ApiError),
        (status = 500, description = "store_error, data_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn claim_job(
    State(app): AppState,
    speaker: Speaker,
    Json(request): Json<ClaimJobRequest>,
) -> Result<axum::Json<ClaimJobResponse>> {
    let token = token::mint(TokenKind::Signing)?;
    let grant = Grant { hash: token::hash(&token), token };
    let job = claim::claim(&app, &speaker.runner, &request, grant).await?;
    if job.is_some() {
        // Who may see the runner need not see the build.
        let status = app.leases.status_of(&speaker.runner, true);
        app.events.publish([Change::Runner { runner_id: speaker.runner.id, status }]);
    }
    Ok(axum::Json(ClaimJobResponse { job }))
}

/// Ask where a job stands
///
/// Any answer but assigned and running, and 403, tell the runner to stop: it no longer holds the job.
/// Runners that name their attempt hear for a minute how it ended, and may send the rest of the log.
#[utoipa::path(get, path = "/v1/runners/{runner_id}/jobs/{job_id}", operation_id = "get_job_status", tag = "Runners",
    security(("bearer" = [])), params(("runner_id" = String, Path), ("job_id" = String, Path), WaitQuery),
    responses(
        (status = 200, description = "The status", body = JobStatusResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "attempt_superseded", body = ApiError),
        (status = 500, description = "store_error", body = ApiError),
    ))]
async fn get_job_status(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<JobPath>,
    Query(query): Query<WaitQuery>,
) -> Result<axum::Json<JobStatusResponse>> {
    let wait = Duration::from_secs(query.wait_seconds.unwrap_or(0).min(MAX_WAIT_SECONDS));
    let until = app.clock.moment() + wait;
    let mut released = app.events.released();
    loop {
        let row = held_or_stopped(&app, &speaker, path.job_id).await?;
        let left = until.saturating_sub(app.clock.moment());
        if left.is_zero() || !row.status.is_held() || app.stopping.is_cancelled() {
            return Ok(axum::Json(JobStatusResponse { status: row.status.to_string() }));
        }
        tokio::select! {
            () = is_released(&mut released, path.job_id) => {}
            () = tokio::time::sleep(left) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

/// Waits until the job is taken from its runner, or may have been.
async fn is_released(released: &mut broadcast::Receiver<BuildId>, job: BuildId) {
    loop {
        match released.recv().await {
            Ok(build) if build != job => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// The job, if this runner holds it; notes that the runner speaks of it.
pub async fn held(app: &App, speaker: &Speaker, job: BuildId) -> Result<builds::Model> {
    let row = speaker.job(app.db.read(), job).await?;
    app.leases.mentions(job);
    Ok(row)
}

/// The same, and a job that was taken from this runner a moment ago.
async fn held_or_stopped(app: &App, speaker: &Speaker, job: BuildId) -> Result<builds::Model> {
    let row = speaker.job_or_its_end(app.db.read(), job, app.clock.now_ms()).await?;
    app.leases.mentions(job);
    Ok(row)
}

/// Report progress or the end of a job
#[utoipa::path(post, path = "/v1/runners/{runner_id}/jobs/{job_id}/status", operation_id = "update_job_status",
    tag = "Runners", security(("bearer" = [])), params(("runner_id" = String, Path), ("job_id" = String, Path)),
    request_body = UpdateJobStatusRequest,
    responses(
        (status = 200, description = "The build and its history", body = BuildDetailResponse),
        (status = 400, description = "invalid_status, invalid_runner_status, invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "invalid_transition, concurrent_modification, attempt_superseded, log_incomplete",
            body = ApiError),
        (status = 500, description = "store_error, data_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn update_job_status(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<JobPath>,
    Json(request): Json<UpdateJobStatusRequest>,
) -> Result<axum::Json<BuildDetailResponse>> {
    let row = progress::report(&app, &speaker, path.job_id, request).await?;
    build_view::detail(&app, row, None).await.map(axum::Json)
}

/// Append lines to a log (protocol 4)
#[utoipa::path(post, path = "/v1/runners/{runner_id}/jobs/{job_id}/logs", operation_id = "append_build_logs",
    tag = "Build Logs", security(("bearer" = [])), params(("runner_id" = String, Path), ("job_id" = String, Path)),
    request_body = AppendBuildLogsRequest,
    responses(
        (status = 200, description = "How many were new", body = AppendBuildLogsResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "attempt_superseded", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn append_build_logs(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<JobPath>,
    Json(request): Json<AppendBuildLogsRequest>,
) -> Result<axum::Json<AppendBuildLogsResponse>> {
    let job = held(&app, &speaker, path.job_id).await?;
    let lines = request.chunks.into_iter().map(line).collect::<Result<Vec<_>>>()?;
    let log = app.logs.open(job.id, job.attempt).await?;
    // Repeated lines must not be read again: a marker among them would count as another step.
    let known = log.durable().next_sequence;
    let lines = lines.into_iter().filter(|line| line.sequence >= known).collect();
    let mut appended = 0;
    for (first, body) in log::encode_lines(lines, log.last_step(), app.clock.now_ms()) {
        appended += log.append(first, &body, Gaps::Accepted).await?.new_frames;
    }
    told(&app, &job, log.durable().next_sequence);
    Ok(axum::Json(AppendBuildLogsResponse { appended }))
}

fn line(chunk: LogLine) -> Result<Line> {
    let sequence = u64::try_from(chunk.sequence)
        .map_err(|_| Error::invalid("invalid_request", "a sequence must not be negative"))?;
    Ok(Line { sequence, stream: chunk.stream.into(), content: chunk.content })
}

fn told(app: &App, job: &builds::Model, next_sequence: u64) {
    let sequence = i64::try_from(next_sequence).unwrap_or(i64::MAX) - 1;
    app.logs.growth.note(job.id, job.project_id, sequence);
}

/// Append frames to a log (protocol 5)
///
/// The body holds frames back to back: flags (bit 0 stderr, bit 1 newline follows), step index
/// (u16), length (u32), Unix milliseconds (i64), bytes; all little endian. Frames that are there
/// already are ignored; a gap is refused with the expected sequence.
#[utoipa::path(post, path = "/v1/runners/{runner_id}/jobs/{job_id}/log-frames", operation_id = "append_log_frames",
    tag = "Build Logs", security(("bearer" = [])),
    params(("runner_id" = String, Path), ("job_id" = String, Path), FramesQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "On the disk", body = AppendFramesResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "log_gap, attempt_superseded", body = ApiError),
        (status = 413, description = "payload_too_large", body = ApiError),
        (status = 500, description = "store_error, storage_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn append_log_frames(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<JobPath>,
    Query(query): Query<FramesQuery>,
    headers: HeaderMap,
    Bytes(body): Bytes,
) -> Result<axum::Json<AppendFramesResponse>> {
    if headers.get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes() != b"application/octet-stream") {
        return Err(Error::invalid("invalid_request", "the body must be application/octet-stream"));
    }
    let job = held_or_stopped(&app, &speaker, path.job_id).await?;
    let log = app.logs.open(job.id, job.attempt).await?;
    let appended = log.append(query.from, &body, Gaps::Refused).await?;
    if appended.new_frames > 0 {
        if let Ok(Some(oldest)) = decode_frame(&mut &body[..], 0) {
            let lag_ms = app.clock.now_ms().saturating_sub(oldest.at_ms).max(0);
            app.metrics.log_lag_seconds.observe(lag_ms as f64 / 1000.0);
        }
        told(&app, &job, appended.next_sequence);
    }
    let next_sequence = i64::try_from(appended.next_sequence).unwrap_or(i64::MAX);
    Ok(axum::Json(AppendFramesResponse { next_sequence }))
}
