//! The doorkeeper of every request: which host names we answer to (against DNS rebinding), which
//! origins may call (against other pages in the browser), and the headers every response carries.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, HeaderValue, ORIGIN,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Extensions, HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::metrics;
use crate::app::App;
use crate::auth::approach::Approach;
use crate::auth::peer::Peer;
use crate::error::{Error, Kind, Result};

/// Headers of API responses: nothing is cached, nothing is run.
const API_POLICY: &str = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/// Up to which event an answer shows everything.
pub const EVENTS: HeaderName = HeaderName::from_static("x-oore-events");
/// A year, as browsers ask for at least.
const HSTS: &str = "max-age=31536000";
/// Tells nginx, which otherwise keeps events until it has some kilobytes of them.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Middleware: host allow-list, origin check, response headers.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    // Before the handler reads anything, so that no event falls between the two.
    let position = app.events.position();
    let reads = request.method() == Method::GET && request.uri().path().starts_with("/v1/");
    let mut response = match admitted(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    if reads {
        headers.insert(EVENTS, HeaderValue::from(position));
    }
    if app.network.reach().public_url.as_deref().is_some_and(|url| url.starts_with("https://")) {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(API_POLICY));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream") {
        headers.insert(BUFFERING, HeaderValue::from_static("no"));
    }
    response
}

fn admitted(app: &App, request: &Request) -> Result<()> {
    let approach = approach(request.headers(), request.uri(), request.extensions());
    let path = request.uri().path();
    // Code hosts prove themselves, by whatever name they know us; monitoring learns nothing that not everybody may know.
    if !matches!(path, "/healthz" | "/readyz" | metrics::PATH) && !path.starts_with("/v1/webhooks/") {
        check_host(app, &approach)?;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        check_origin(app, request.headers(), &approach)?;
    }
    Ok(())
}

/// 421 `misdirected_host` unless the request names a host that is ours.
fn check_host(app: &App, approach: &Approach) -> Result<()> {
    if approach.names_us(&app.network.reach(), &app.config.allowed_hosts) {
        return Ok(());
    }
    let message = match approach.host() {
        Some(host) => format!("this instance does not answer to the host name '{host}'"),
        None => "the request names no host".to_owned(),
    };
    Err(Error::new(Kind::Misdirected, "misdirected_host", message)
        .hint("Add the name to OORED_ALLOWED_HOSTS, or set OORE_PUBLIC_URL to the address people use."))
}

/// What a request says of how it comes to us.
pub fn approach(headers: &HeaderMap, uri: &Uri, extensions: &Extensions) -> Approach {
    let page = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()).map(ToOwned::to_owned);
    let local = extensions.get::<Peer>().map(|peer| peer.local.ip());
    Approach { authority: named_authority(headers, uri), page, local }
}

/// Host and port. Two Host headers name none; what the target names counts more than the header
/// (RFC 9112 3.2.2).
fn named_authority(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let mut hosts = headers.get_all(HOST).iter();
    let authority = match (uri.authority(), hosts.next(), hosts.next()) {
        (_, Some(_), Some(_)) => return None,
        (Some(authority), _, _) => authority.as_str(),
        (None, Some(host), None) => host.to_str().ok()?,
        (None, None, _) => return None,
    };
    let authority: axum::http::uri::Authority = authority.parse().ok()?;
    (!authority.as_str().contains('@')).then(|| authority.as_str().to_owned())
}

/// 403 `origin_not_allowed` for a write that another web page sends.
fn check_origin(app: &App, headers: &HeaderMap, approach: &Approach) -> Result<()> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let allowed = match (origins.next(), origins.next()) {
        (None, _) => same_site(headers),
        (Some(_), None) => approach.page.is_some() && approach.may_write(&app.network.reach()),
        (Some(_), Some(_)) => false,
    };
    if allowed {
        return Ok(());
    }
    Err(Error::forbidden("origin_not_allowed", "a page of another origin may not do this")
        .hint("Add the page's exact origin to OORE_CORS_ORIGINS to allow it."))
}

/// Browsers that send no Origin still tell where a request comes from.
fn same_site(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        None => true,
        Some(site) => matches!(site, b"same-origin" | b"none"),
    }
}

/// Whether a page of `origin` may call this daemon from the browser.
pub fn is_listed(app: &App, origin: &str) -> bool {
    app.network.reach().allows(origin)
}

/// Whether the body is declared as JSON; used where a body is optional.
pub fn declares_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The base address of links: the public URL, or the loopback address we listen on.
pub fn base_url(app: &App) -> String {
    match &app.network.reach().public_url {
        Some(url) => url.clone(),
        None => format!("http://127.0.0.1:{}", app.config.listen.port()),
    }
}
