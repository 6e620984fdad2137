//! Logs of builds: as numbered chunks, as the exact text, and the tickets of the live stream. The
//! stream itself is in `log_stream`, what a log holds in `log_views`.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bytes::{Content, unsatisfiable};
use super::error::ApiError;
use super::extract::{AppState, FoundCaller, Path, Query, authorization};
use super::log_stream;
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::peer::Origin;
use crate::auth::token::{self, TokenKind};
use crate::builds::log::{self, Durable, Log, Reader, Record};
use crate::builds::viewers::{Presented, TICKET_SECONDS, Ticket};
use crate::db;
use crate::db::entity::builds;
use crate::domain::id::BuildId;
use crate::domain::log::LogStream;
use crate::domain::permission::ProjectPermission;
use crate::error::{Error, Result};
use crate::runner::protocol::FrameRef;
use crate::words;

const DEFAULT_LIMIT: i64 = 1000;
const MAX_LIMIT: i64 = 5000;
/// A page ends early rather than hold more text than this.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
const SEQUENCE: HeaderName = HeaderName::from_static("x-oore-log-sequence");
const STEPS: HeaderName = HeaderName::from_static("x-oore-log-steps");

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(get_build_logs))
        .routes(routes!(get_raw_build_log))
        .routes(routes!(stream_build_logs))
        .routes(routes!(create_stream_token))
}

words! {
    /// Where a step wrote the text.
    BuildLogStream {
        Stdout = "stdout",
        Stderr = "stderr",
    }
}

impl From<BuildLogStream> for LogStream {
    fn from(stream: BuildLogStream) -> Self {
        match stream {
            BuildLogStream::Stdout => LogStream::Stdout,
            BuildLogStream::Stderr => LogStream::Stderr,
        }
    }
}

impl From<LogStream> for BuildLogStream {
    fn from(stream: LogStream) -> Self {
        match stream {
            LogStream::Stdout => BuildLogStream::Stdout,
            LogStream::Stderr => BuildLogStream::Stderr,
        }
    }
}

/// A line of a log, or a piece of a very long one.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuildLogChunk {
    /// Counts both streams of a build from 0.
    pub sequence: i64,
    /// Without the newline; bytes that are no UTF-8 are replaced. `/logs/raw` has them as they were.
    pub content: String,
    pub stream: BuildLogStream,
    /// When the runner read it, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// The step that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// True when no newline follows: the line goes on in the next chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<bool>,
}

impl BuildLogChunk {
    pub fn of(sequence: u64, frame: &FrameRef<'_>, log: &Log) -> Self {
        Self {
            sequence: i64::try_from(sequence).unwrap_or(i64::MAX),
            content: String::from_utf8_lossy(frame.content).into_owned(),
            stream: frame.stream.into(),
            at: (frame.at_ms > 0).then_some(frame.at_ms),
            step: log.step_name(frame.step),
            partial: (!frame.newline).then_some(true),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BuildLogsResponse {
    pub logs: Vec<BuildLogChunk>,
    /// How many chunks there are in all.
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StreamTokenResponse {
    /// Opens the stream once, and again to resume while it lives.
    pub token: String,
    pub expires_at: i64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LogsQuery {
    /// Only chunks with a greater sequence.
    after_sequence: Option<i64>,
    /// 1000 if left out, 5000 at most.
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RawQuery {
    /// Only what this step wrote.
    step: Option<String>,
    /// Only what has a greater sequence.
    after_sequence: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StreamQuery {
    /// A stream token, for clients that can't send headers.
    token: Option<String>,
}

/// Read a log in chunks
#[utoipa::path(get, path = "/v1/builds/{build_id}/logs", operation_id = "get_build_logs", tag = "Build Logs",
    security(("bearer" = [])), params(("build_id" = String, Path), LogsQuery),
    responses(
        (status = 200, description = "A page of chunks", body = BuildLogsResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 410, description = "log_removed", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, storage_error", body = ApiError),
    ))]
async fn get_build_logs(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
    Query(query): Query<LogsQuery>,
) -> Result<axum::Json<BuildLogsResponse>> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let log = log_of(&app, &build).await?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let total = log.durable().frames;
    let logs = page(log, after(query.after_sequence), usize::try_from(limit).unwrap_or(1)).await?;
    Ok(axum::Json(BuildLogsResponse { logs, total }))
}

/// The log of a build, unless its time is over.
pub async fn log_of(app: &App, build: &builds::Model) -> Result<Arc<Log>> {
    if build.log_removed_at.is_some() {
        return Err(log::removed());
    }
    app.logs.open(build.id, build.attempt).await
}

/// The first sequence wanted by somebody who has seen `after_sequence`.
fn after(after_sequence: Option<i64>) -> u64 {
    u64::try_from(after_sequence.unwrap_or(-1).saturating_add(1)).unwrap_or(0)
}

async fn page(log: Arc<Log>, from: u64, limit: usize) -> Result<Vec<BuildLogChunk>> {
    let mut reader = Reader::from_sequence(log.clone(), from);
    let (mut chunks, mut bytes) = (Vec::new(), 0);
    while chunks.len() < limit && bytes < PAGE_BYTES {
        let Some(record) = reader.next().await? else { break };
        record.for_each(|sequence, frame| {
            if sequence >= from && chunks.len() < limit && bytes < PAGE_BYTES {
                bytes += frame.content.len();
                chunks.push(BuildLogChunk::of(sequence, &frame, &log));
            }
        });
    }
    Ok(chunks)
}

/// Read a log as text
///
/// The exact bytes the steps wrote, all of them or what a filter leaves; either can be read in parts
/// (`Range`). A step's text begins with its marker and ends where the next step begins. The header
/// `x-oore-log-sequence` names the last chunk included, from which the stream can go on; `x-oore-log-steps` says at which
/// bytes of what is selected steps begin, if that is known: a marker of a beginning that stands elsewhere was printed by a step.
#[utoipa::path(get, path = "/v1/builds/{build_id}/logs/raw", operation_id = "get_raw_build_log", tag = "Build Logs",
    security(("bearer" = [])), params(("build_id" = String, Path), RawQuery),
    responses(
        (status = 200, description = "The text", content_type = "text/plain", body = String),
        (status = 206, description = "The part asked for", content_type = "text/plain", body = String),
        (status = 304, description = "The client has it already"),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 410, description = "log_removed", body = ApiError),
        (status = 416, description = "range_not_satisfiable", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, storage_error", body = ApiError),
    ))]
async fn get_raw_build_log(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
    Query(query): Query<RawQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let log = log_of(&app, &build).await?;
    let upto = log.durable();
    // Later than the end, so that no step before it is missing.
    let starts = log.step_starts();
    let text = selected(&log, &query, upto).await?;
    let content = Content { size: text.end - text.start, etag: etag(&build, &text, upto) };
    let mut response = match content.wanted(&headers) {
        Ok(wanted) => content.respond(wanted, |part| {
            let range = text.start + part.start..text.start + part.end;
            text_of(Reader::from_text(log, range.start).upto(upto), range)
        }),
        Err(error) => unsatisfiable(error, content.size),
    };
    let last = i64::try_from(upto.next_sequence).unwrap_or(i64::MAX) - 1;
    if !response.status().is_client_error() {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    response.headers_mut().insert(SEQUENCE, HeaderValue::from(last));
    if let Some(starts) = starts.and_then(|starts| header(&starts, &text)) {
        response.headers_mut().insert(STEPS, starts);
    }
    Ok(response)
}

/// Those of a part of the text, counted from its beginning.
fn header(starts: &[u64], text: &Range<u64>) -> Option<HeaderValue> {
    let starts = starts.iter().filter(|start| text.contains(start));
    let starts: Vec<String> = starts.map(|start| (start - text.start).to_string()).collect();
    HeaderValue::from_str(&starts.join(",")).ok()
}

/// The part of the text that a request is about. Every selection is one stretch of it.
async fn selected(log: &Arc<Log>, query: &RawQuery, upto: Durable) -> Result<Range<u64>> {
    let start = log.text_offset(after(query.after_sequence)).await?.min(upto.text_bytes);
    let Some(name) = &query.step else { return Ok(start..upto.text_bytes) };
    let outline = log.outline().await?;
    let step = outline.step(name).ok_or_else(|| Error::not_found("step"))?;
    let text = outline.text_of(step);
    let end = text.end.min(upto.text_bytes);
    Ok(text.start.max(start).min(end)..end)
}

/// The last line may count what was left out: then the text changes although its length doesn't.
fn etag(build: &builds::Model, text: &Range<u64>, upto: Durable) -> String {
    let left_out = upto.left_out.filter(|_| text.end == upto.text_bytes);
    let left_out = left_out.map_or(0, |left_out| left_out.frames);
    format!("\"{}.{}.{}.{}.{left_out}\"", build.id, build.attempt, text.start, text.end)
}

/// Appends the part of a record's text that lies in `range`; false when nothing more will.
fn cut(record: &Record, range: &Range<u64>, into: &mut Vec<u8>) -> bool {
    let mut at = record.text_offset;
    record.for_each(|_, frame| {
        for piece in [frame.content, if frame.newline { &b"\n"[..] } else { &[] }] {
            let (start, end) = (range.start.max(at), range.end.min(at + piece.len() as u64));
            if let (true, Ok(from), Ok(to)) = (
                start < end,
                usize::try_from(start.saturating_sub(at)),
                usize::try_from(end.saturating_sub(at)),
            ) {
                into.extend_from_slice(&piece[from..to]);
            }
            at += piece.len() as u64;
        }
    });
    at < range.end
}

/// A body that is read from the log as the client takes it.
fn text_of(reader: Reader, range: Range<u64>) -> Body {
    let stream = futures_util::stream::try_unfold((reader, range), |(mut reader, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let Some(record) = reader.next().await? else { return Ok::<_, Error>(None) };
        let mut text = Vec::new();
        let more = cut(&record, &range, &mut text);
        let rest = if more { range } else { 0..0 };
        Ok(Some((bytes::Bytes::from(text), (reader, rest))))
    });
    Body::from_stream(stream)
}

/// Make a token for the live stream
///
/// For browsers' EventSource, which can't send headers. A newer one replaces the caller's older one
/// for the same build.
#[utoipa::path(post, path = "/v1/builds/{build_id}/stream-token", operation_id = "create_stream_token",
    tag = "Build Logs", security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "The token", body = StreamTokenResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 429, description = "stream_token_limit", body = ApiError),
    ))]
async fn create_stream_token(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<StreamTokenResponse>> {
    caller.build(&app, id, ProjectPermission::Read).await?;
    let token = token::mint(TokenKind::Stream)?;
    let expires_at = app.clock.now() + TICKET_SECONDS;
    let expires_at = caller.credential.expires_at().map_or(expires_at, |end| end.min(expires_at));
    let ticket = Ticket { user: caller.user.id, build: id, credential: caller.credential, expires_at };
    app.viewers.issue(token::hash(&token), ticket)?;
    Ok(axum::Json(StreamTokenResponse { token, expires_at }))
}

/// Follow a log as it grows
///
/// Server-sent events: `log` with the sequence as id and a chunk as data; `done` when the build is
/// over (`build_finished`), gone (`build_not_found`) or the caller may no longer see it
/// (`authorization_ended`). After 300 seconds the stream ends without a word; resume it with
/// `Last-Event-ID`.
#[utoipa::path(get, path = "/v1/builds/{build_id}/logs/stream", operation_id = "stream_build_logs",
    tag = "Build Logs", security(("bearer" = []), ()),
    params(("build_id" = String, Path), StreamQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "The last sequence that was seen")),
    responses(
        (status = 200, description = "The stream", content_type = "text/event-stream", body = String),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_session, invalid_stream_token, stream_authorization_ended",
            body = ApiError),
        (status = 403, description = "permission_denied, stream_token_build_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 410, description = "log_removed", body = ApiError),
        (status = 429, description = "stream_limit", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, storage_error", body = ApiError),
    ))]
async fn stream_build_logs(
    State(app): AppState,
    origin: Origin,
    Extension(found): Extension<FoundCaller>,
    Path(id): Path<BuildId>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<i64>().ok());
    let caller = match &query.token {
        Some(token) => ticket_holder(&app, token, id, last).await?,
        None => {
            let caller = Caller::identify(&app, origin, authorization(&headers)).await?;
            caller.session_id()?;
            caller
        }
    };
    found.keep(&caller);
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let seat = app.viewers.admit(caller.user.id, id)?;
    let stream = log_stream::open(app, caller, build, after(last), seat).await?;
    let events = futures_util::stream::unfold(stream, |mut stream| async move {
        let bytes = stream.next().await?;
        Some((Ok::<_, Infallible>(bytes), stream))
    });
    let kind = HeaderValue::from_static("text/event-stream");
    Ok(([(CONTENT_TYPE, kind)], Body::from_stream(events)).into_response())
}

/// The person who asked for a stream token.
async fn ticket_holder(app: &App, token: &str, build: BuildId, last: Option<i64>) -> Result<Caller> {
    let invalid =
        || Error::unauthenticated("invalid_stream_token", "the stream token is unknown, used or expired");
    let presented = if last.is_some() { Presented::ToResume } else { Presented::First };
    let ticket = app.viewers.redeem(&token::hash(token), presented).ok_or_else(invalid)?;
    if ticket.build != build {
        return Err(Error::forbidden("stream_token_build_mismatch", "the stream token is for another build"));
    }
    let ended =
        || Error::unauthenticated("stream_authorization_ended", "the session of this token has ended");
    let user = db::users::find(app.db.read(), ticket.user).await?.ok_or_else(ended)?;
    Caller::new(user, ticket.credential).refreshed(app).await?.ok_or_else(ended)
}
