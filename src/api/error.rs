//! The only place that knows which HTTP status an error has, and what its body looks like on the
//! wire. An error is logged here once. Details of our own faults never leave.

use std::sync::Arc;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{FoundCaller, origin_of};
use crate::app::App;
use crate::auth::refusal::{self, Wanted};
use crate::error::{Error, FieldError, Kind};

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiError {
    /// A sentence for people.
    pub error: String,
    /// A stable word for programs.
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Which fields were refused, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub fields: Vec<FieldError>,
    /// Also in the `x-request-id` header and in the daemon's log.
    pub request_id: String,
}

/// Carries an error from a handler to `render`, where the request id is known.
#[derive(Clone)]
struct Pending(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(self.kind).into_response();
        response.extensions_mut().insert(Pending(Arc::new(self)));
        response
    }
}

fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Gone => StatusCode::GONE,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        Kind::Misdirected => StatusCode::MISDIRECTED_REQUEST,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Upstream => StatusCode::BAD_GATEWAY,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The id of a request, for an answer that is no error and has to name it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Middleware: gives the request an id of ours (one that a client sends is not used, so that logs
/// can't be forged), gives pending errors their body, logs them, and keeps refusals for the audit log.
pub async fn render(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let request_id = uuid::Uuid::now_v7().simple().to_string();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (origin, caller) = (origin_of(&request), FoundCaller::default());
    request.extensions_mut().insert(caller.clone());
    request.extensions_mut().insert(RequestId(request_id.clone()));
    if let Some(origin) = origin {
        request.extensions_mut().insert(origin);
    }
    let mut response = next.run(request).await;
    if let Some(Pending(error)) = response.extensions_mut().remove::<Pending>() {
        let route = route.as_ref().map_or("no route", MatchedPath::as_str);
        log(&error, &method, route, &request_id);
        if let Some(origin) = origin {
            let wanted = Wanted { method: method.as_str(), path: with_ids(route, uri.path()) };
            refusal::keep(&app, origin, caller.get(), wanted, &error);
        }
        response = with_body(response, &error, &request_id);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The route with the ids of the path, and with nothing else of it: the path may hold a capability.
fn with_ids(route: &str, path: &str) -> String {
    let is_id = |segment: &str| uuid::Uuid::try_parse(segment).is_ok();
    let segments = route.split('/').zip(path.split('/'));
    let named =
        segments.map(|(name, given)| if name.starts_with('{') && is_id(given) { given } else { name });
    named.collect::<Vec<_>>().join("/")
}

/// The route, not the path: the path may hold a capability.
fn log(error: &Error, method: &Method, route: &str, request_id: &str) {
    let status = status(error.kind).as_u16();
    if status >= 500 {
        tracing::error!(%method, route, request_id, code = error.code, "{error}");
    } else {
        tracing::debug!(%method, route, request_id, code = error.code, status, "{error}");
    }
}

fn with_body(pending: Response, error: &Error, request_id: &str) -> Response {
    let body = Json(body(error, request_id.to_owned()));
    let mut response = (pending.status(), body).into_response();
    let wait = error.details.as_ref().and_then(|details| details["retry_after_seconds"].as_u64());
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, value) in pending.headers() {
        response.headers_mut().entry(name).or_insert(value.clone());
    }
    response
}

fn body(error: &Error, request_id: String) -> ApiError {
    let message = match error.kind {
        Kind::Internal => format!("{}; the daemon's log has the cause", error.message),
        Kind::Invalid
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::Gone
        | Kind::Conflict
        | Kind::TooLarge
        | Kind::RangeNotSatisfiable
        | Kind::Misdirected
        | Kind::RateLimited
        | Kind::StorageFull
        | Kind::Upstream
        | Kind::Unavailable => error.message.clone(),
    };
    ApiError {
        error: message,
        code: error.code.to_owned(),
        details: error.details.clone(),
        hint: error.hint.clone(),
        fields: error.fields.clone(),
        request_id,
    }
}

/// The response of a handler that panicked: our fault, like any other.
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Error::internal("internal_error", "the request could not be finished", "a handler panicked")
        .into_response()
}
