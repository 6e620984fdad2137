//! How the model of GitHub answers: what goes wrong, pages with the next one's address, and what was known already.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::app::{By, name};
use super::repositories::git;
use super::{Call, Inner};
use crate::support::github_reports::is_report;
use crate::support::host_http::{query, said, tagged};

type Shared = State<Arc<Mutex<Inner>>>;

pub(super) async fn answer(
    State(inner): Shared,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let asked = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let fault = {
        let inner = inner.lock();
        inner.faults.iter().find(|(prefix, _)| path.starts_with(prefix)).map(|(_, fault)| fault.clone())
    };
    let by = inner.lock().who(&headers);
    if path.starts_with("/api/v3/") {
        let call = Call { method: method.to_string(), path: asked, by: name(&by) };
        inner.lock().calls.push(call);
    }
    if let Some(fault) = fault {
        return fault.respond().await;
    }
    if path.contains(".git/") {
        return git(inner, method, uri, headers, body).await;
    }
    let Some(rest) = path.strip_prefix("/api/v3/") else {
        return page(&inner, &path);
    };
    let parts: Vec<String> = rest.split('/').map(decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let query = query(&uri);
    let accept = headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(headers.get("x-github-api-version").unwrap(), "2022-11-28", "{path}");
    assert!(headers.get("user-agent").is_some(), "GitHub refuses calls without");
    let known = headers.get("if-none-match").cloned();
    let response = inner.lock().api(&method, &parts, &by, &query, accept, &body);
    let held = inner.lock().held.clone();
    if let Some((_, _, gate)) = held.filter(|(asked, prefix, _)| *asked == method && path.starts_with(prefix))
    {
        gate.pass().await;
    }
    let (response, is_known) = tagged(known, response).await;
    if is_known {
        inner.lock().unchanged += 1;
    }
    response
}

impl Inner {
    fn api(
        &mut self,
        method: &Method,
        parts: &[&str],
        by: &By,
        query: &HashMap<String, String>,
        accept: &str,
        body: &Bytes,
    ) -> Response {
        match (method.as_str(), parts) {
            ("POST", ["app-manifests", code, "conversions"]) => self.convert(code),
            ("GET", ["app", "installations"]) => self.installations(by, query),
            ("POST", ["app", "installations", id, "access_tokens"]) => self.mint(by, id, body),
            ("GET", ["app", "hook", "deliveries"]) => self.deliveries(by, query),
            ("GET", ["app", "hook", "deliveries", id]) => self.delivery(by, id),
            ("GET", ["installation", "repositories"]) => self.listed(by, query),
            (_, ["repos", owner, name, rest @ ..]) if is_report(method, rest, accept) => {
                self.report(by, method, &format!("{owner}/{name}"), rest, query, body)
            }
            ("GET", ["repos", owner, name, rest @ ..]) => {
                self.repository(by, &format!("{owner}/{name}"), rest, query, accept)
            }
            (method, parts) => {
                self.unknown.push(format!("{method} {}", parts.join("/")));
                missing()
            }
        }
    }
}

pub(super) fn missing() -> Response {
    said(404, json!({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}))
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// Pictures, and nothing else.
fn page(inner: &Mutex<Inner>, path: &str) -> Response {
    match path {
        "/avatars/acme.png" => {
            ([("content-type", "image/png")], b"\x89PNG not really".to_vec()).into_response()
        }
        "/avatars/vector.svg" => ([("content-type", "image/svg+xml")], "<svg/>").into_response(),
        other => {
            inner.lock().unknown.push(other.to_owned());
            missing()
        }
    }
}

impl Inner {
    pub(super) fn paged(
        &self,
        all: Vec<Value>,
        query: &HashMap<String, String>,
        path: &str,
        wrap: impl Fn(Vec<Value>) -> Value,
    ) -> Response {
        let number = |name: &str, default| query.get(name).map_or(default, |text| text.parse().unwrap());
        let size = self.page_size.unwrap_or_else(|| number("per_page", 30).min(100));
        let page = number("page", 1);
        let begin = ((page - 1) * size).min(all.len());
        let end = (begin + size).min(all.len());
        let is_last = end == all.len();
        let mut response = said(200, wrap(all[begin..end].to_vec()));
        if !is_last {
            let next = format!("{}/api/v3/{path}?per_page={size}&page={}", self.base, page + 1);
            let link = format!("<{next}>; rel=\"next\", <{next}>; rel=\"last\"");
            response.headers_mut().insert("link", link.parse().unwrap());
        }
        response
    }
}
