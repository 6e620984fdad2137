//! The doorkeeper of every request: which host names we answer to (against DNS rebinding), which
//! origins may call (against other pages in the browser), and the headers every response carries.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, HeaderValue, ORIGIN,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::auth::peer::{Peer, is_loopback};
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
    let path = request.uri().path();
    if !matches!(path, "/healthz" | "/readyz") {
        check_host(app, request)?;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        check_origin(app, request)?;
    }
    Ok(())
}

/// 421 `misdirected_host` unless the request names a host that is ours.
fn check_host(app: &App, request: &Request) -> Result<()> {
    let peer = request.extensions().get::<Peer>().copied();
    let host = named_host(request.headers(), request.uri());
    if host.as_deref().is_some_and(|host| is_ours(app, host, peer)) {
        return Ok(());
    }
    let message = match host {
        Some(host) => format!("this instance does not answer to the host name '{host}'"),
        None => "the request names no host".to_owned(),
    };
    Err(Error::new(Kind::Misdirected, "misdirected_host", message)
        .hint("Add the name to OORED_ALLOWED_HOSTS, or set OORE_PUBLIC_URL to the address people use."))
}

/// The host without port, in lower case. Two Host headers name none.
fn named_host(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let mut hosts = headers.get_all(HOST).iter();
    let authority = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?,
        (None, _) => uri.authority()?.as_str(),
        (Some(_), Some(_)) => return None,
    };
    let authority: axum::http::uri::Authority = authority.parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    Some(authority.host().to_ascii_lowercase())
}

fn is_ours(app: &App, host: &str, peer: Option<Peer>) -> bool {
    if let Some(ip) = as_ip(host) {
        return is_loopback(ip)
            || peer.is_some_and(|peer| peer.local.ip().to_canonical() == ip.to_canonical());
    }
    let localhost = host == "localhost" || host.ends_with(".localhost");
    localhost || app.network.reach().names(host) || app.config.allowed_hosts.iter().any(|ours| ours == host)
}

fn as_ip(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// 403 `origin_not_allowed` for a write that another web page sends.
fn check_origin(app: &App, request: &Request) -> Result<()> {
    let headers = request.headers();
    let mut origins = headers.get_all(ORIGIN).iter();
    let allowed = match (origins.next(), origins.next()) {
        (None, _) => same_site(headers),
        (Some(origin), None) => origin
            .to_str()
            .is_ok_and(|origin| is_own_origin(headers, request.uri(), origin) || is_listed(app, origin)),
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

/// The page was served by this daemon: same scheme-less authority as the request's host.
fn is_own_origin(headers: &HeaderMap, uri: &Uri, origin: &str) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).or(uri.authority().map(|a| a.as_str()));
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
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
pub fn base_url(app: &App, listen: SocketAddr) -> String {
    match &app.network.reach().public_url {
        Some(url) => url.clone(),
        None => format!("http://127.0.0.1:{}", listen.port()),
    }
}
