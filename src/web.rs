//! The web UI inside the binary: hashed files that may be cached for ever, `index.html` that may
//! not, and the application's page routes. Unknown paths are a real 404.

use std::borrow::Cow;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, HeaderValue, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self' https: http://localhost:* http://127.0.0.1:*; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; \
    trusted-types oore-workers";

const FOREVER: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";

/// First segments of the addresses that are pages of the application.
const PAGES: [&str; 13] = [
    "", "login", "auth", "connect", "start", "setup", "builds", "projects", "runners", "settings", "me",
    "releases", "insights",
];

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Files;

/// Serves the UI for whatever the API doesn't.
pub async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    if path.starts_with("assets/") {
        return file(path, FOREVER, request.headers());
    }
    if path.contains('.') && Files::get(path).is_some() {
        return file(path, REVALIDATE, request.headers());
    }
    let first = path.split('/').next().unwrap_or_default();
    if PAGES.contains(&first) && !path.ends_with(".map") {
        return file("index.html", REVALIDATE, request.headers());
    }
    StatusCode::NOT_FOUND.into_response()
}

fn file(path: &str, caching: &'static str, request: &HeaderMap) -> Response {
    let Some((found, encoding)) = best(path, request) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", hex::encode(&found.metadata.sha256_hash()[..16]));
    let known = request.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let fresh = known.is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    let mut response = match fresh {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => body(found.data).into_response(),
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(ETAG, &tag);
    set(CACHE_CONTROL, caching);
    set(VARY, "accept-encoding");
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(CONTENT_TYPE, content_type(path));
    if let Some(encoding) = encoding {
        set(CONTENT_ENCODING, encoding);
    }
    response
}

/// The smallest form of a file that the client understands.
fn best(path: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts =
        |name: &str| accepted.split(',').any(|one| one.split(';').next().is_some_and(|n| n.trim() == name));
    for (encoding, extension) in [("br", "br"), ("gzip", "gz")] {
        let found = accepts(encoding).then(|| Files::get(&format!("{path}.{extension}"))).flatten();
        if let Some(found) = found {
            return Some((found, Some(encoding)));
        }
    }
    Some((Files::get(path)?, None))
}

fn body(data: Cow<'static, [u8]>) -> Body {
    match data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("webmanifest") => "application/manifest+json",
        Some(_) | None => mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream"),
    }
}

/// Everything the daemon answers: the API, else the UI.
pub fn with_ui(api: Router) -> Router {
    api.fallback(serve)
}
