//! How the model of GitLab answers: what goes wrong, what is asked of whom, and what was known already.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::json;

use super::{Call, Inner};
use crate::support::git_http;
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
    let token = shown_token(&headers);
    let (fault, held) = {
        let mut inner = inner.lock();
        inner.calls.push(Call { method: method.to_string(), path: asked, token: token.clone() });
        let fault = inner.faults.iter().find(|(prefix, _)| path.starts_with(prefix));
        let held = inner.held.as_ref().filter(|(prefix, _)| path.starts_with(prefix));
        (fault.map(|(_, fault)| fault.clone()), held.map(|(_, gate)| gate.clone()))
    };
    if let Some(gate) = held {
        gate.pass().await;
    }
    if let Some(fault) = fault {
        return fault.respond().await;
    }
    if let Some((project, rest)) = path.trim_start_matches('/').split_once(".git/") {
        let folder = inner.lock().git(project, token.as_deref());
        return match folder {
            Ok(folder) => git_http::serve(&folder, rest, &uri, &method, &headers, body).await,
            Err(refused) => *refused,
        };
    }
    let known = headers.get("if-none-match").cloned();
    let response = inner.lock().respond(&method, &uri, token.as_deref(), &body);
    let (response, is_known) = tagged(known, response).await;
    if is_known {
        inner.lock().unchanged += 1;
    }
    response
}

/// `Bearer` for the API, `Basic` for git.
fn shown_token(headers: &HeaderMap) -> Option<String> {
    let proof = headers.get("authorization")?.to_str().unwrap();
    match proof.split_once(' ').unwrap() {
        ("Bearer", token) => Some(token.to_owned()),
        ("Basic", pair) => {
            let pair = String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap();
            Some(pair.strip_prefix("oauth2:").unwrap().to_owned())
        }
        _ => panic!("{proof}"),
    }
}

pub(super) fn missing() -> Response {
    said(404, json!({"message": "404 Not found"}))
}

impl Inner {
    fn respond(&mut self, method: &Method, uri: &Uri, token: Option<&str>, body: &Bytes) -> Response {
        let parts: Vec<String> = uri
            .path()
            .trim_start_matches('/')
            .split('/')
            .map(|part| percent_encoding::percent_decode_str(part).decode_utf8().unwrap().into_owned())
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        if (method, &parts[..]) == (&Method::POST, &["oauth", "token"]) {
            return self.exchange(body);
        }
        if let ["api", "v4", "projects", id, rest @ ..] = &parts[..]
            && matches!(rest, ["statuses", _] | ["merge_requests", _, ..])
        {
            return self.report(method, uri, token, id, rest, body);
        }
        let ("GET", ["api", "v4", rest @ ..]) = (method.as_str(), &parts[..]) else {
            return self.not_known(method, uri);
        };
        match rest {
            ["user"] => match self.allowed(token, &["api", "read_api", "read_user"]) {
                Ok(token) => said(
                    200,
                    json!({"id": token.user, "username": format!("user{}", token.user), "bot": false}),
                ),
                Err(refused) => *refused,
            },
            ["personal_access_tokens", "self"] => self.about_itself(token),
            ["projects", rest @ ..] => match self.allowed(token, &["api", "read_api"]) {
                Err(refused) => *refused,
                Ok(_) => match rest {
                    [] => self.list(&query(uri)),
                    [id, rest @ ..] => match self.project(id, rest, &query(uri)) {
                        Some(answer) => answer,
                        None => self.not_known(method, uri),
                    },
                },
            },
            _ => self.not_known(method, uri),
        }
    }

    pub(super) fn not_known(&mut self, method: &Method, uri: &Uri) -> Response {
        self.unknown.push(format!("{method} {uri}"));
        missing()
    }
}
