//! Figures for monitoring: every request is counted by the pattern of its route, and `/metrics` shows them with the figures of
//! builds, runners and storage. It names nobody, so it asks for no credential.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::extract::AppState;
use super::route::{Routes, routes};
use crate::app::App;
use crate::builds::{figures, measures};
use crate::error::{Error, Result};
use crate::telemetry::traces::{self, Span, SpanId, SpanKind, TraceId};

/// Where the figures are.
pub const PATH: &str = "/metrics";
/// What requests are counted under that no route is for, pages of the web UI among them.
const UNMATCHED: &str = "__unmatched__";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// W3C Trace Context.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Asked for all the time, by programs that watch.
const NOT_TRACED: [&str; 3] = [PATH, "/healthz", "/readyz"];

pub fn routes() -> Routes {
    Routes::new().routes(routes!(metrics))
}

/// Figures for monitoring
///
/// In the text format of Prometheus. Needs no sign-in and answers under any host name; names no project, branch or person, but
/// projects if the operator sets `OORED_METRICS_PROJECTS`.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "System",
    responses(
        (status = 200, description = "The figures", content_type = "text/plain", body = String),
        (status = 500, description = "store_error, internal_error", body = ApiError),
    ))]
async fn metrics(State(app): AppState) -> Result<Response> {
    let text = text(&app).await?;
    Ok(([(CONTENT_TYPE, TEXT)], text).into_response())
}

/// All figures, up to date.
pub async fn text(app: &App) -> Result<String> {
    figures::refresh(app).await?;
    measures::look(app).await?;
    app.metrics
        .text()
        .map_err(|error| Error::internal("internal_error", "the figures could not be written", error))
}

/// Middleware: counts the request and keeps its span.
pub async fn measure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (began, began_ms) = (app.clock.moment(), app.clock.now_ms());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = known(request.method());
    let cause = app.traces.is_on().then(|| cause(request.headers()));
    let response = next.run(request).await;
    let took = app.clock.moment().saturating_sub(began);
    let path = route.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    app.metrics.request(method, path, response.status().as_u16(), took);
    if let Some((trace, parent)) = cause.filter(|_| route.is_some() && !NOT_TRACED.contains(&path)) {
        let began_ns = traces::nanoseconds(began_ms);
        let ended_ns = began_ns.saturating_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
        let span = span(Asked { trace, parent, method, path }, &response, (began_ns, ended_ns));
        app.metrics.spans_dropped.inc_by(app.traces.record([span]));
    }
    response
}

/// The trace that a request belongs to, or a new one.
fn cause(headers: &HeaderMap) -> (TraceId, Option<SpanId>) {
    let named = headers.get(TRACEPARENT).and_then(|value| traces::caused_by(value.to_str().ok()?));
    match named {
        Some((trace, span)) => (trace, Some(span)),
        None => (uuid::Uuid::now_v7().into_bytes(), None),
    }
}

/// What was asked for, and why.
struct Asked<'a> {
    trace: TraceId,
    parent: Option<SpanId>,
    method: &'static str,
    path: &'a str,
}

fn span(asked: Asked<'_>, response: &Response, (began_ns, ended_ns): (u64, u64)) -> Span {
    let Asked { trace, parent, method, path } = asked;
    let [_, _, _, _, _, _, _, _, id @ ..] = uuid::Uuid::now_v7().into_bytes();
    let status = response.status();
    let request_id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    Span {
        trace,
        id,
        parent,
        name: format!("{method} {path}"),
        kind: SpanKind::Server,
        began_ns,
        ended_ns,
        failure: status.is_server_error().then(|| format!("status {}", status.as_u16())),
        attributes: vec![
            ("http.request.method", method.to_owned().into()),
            ("http.route", path.to_owned().into()),
            ("http.response.status_code", i64::from(status.as_u16()).into()),
            ("oore.request_id", request_id.unwrap_or_default().to_owned().into()),
        ],
    }
}

/// A method that somebody made up must not make a label.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("OTHER")
}
