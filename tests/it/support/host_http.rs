//! What the models of code hosts have in common: answers in JSON, tags of what was seen already, and git asked about a
//! folder.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sha2::Digest;

pub fn said(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

pub fn query(uri: &Uri) -> HashMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://x/?{}", uri.query().unwrap_or_default())).unwrap();
    url.query_pairs().into_owned().collect()
}

/// Answers have a tag; who has seen one is told so, and that they were.
pub async fn tagged(known: Option<HeaderValue>, response: Response) -> (Response, bool) {
    if response.status() != StatusCode::OK {
        return (response, false);
    }
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let tag: HeaderValue = format!("W/\"{:x}\"", sha2::Sha256::digest(&body)).parse().unwrap();
    if known.as_ref() == Some(&tag) {
        return (StatusCode::NOT_MODIFIED.into_response(), true);
    }
    parts.headers.insert("etag", tag);
    (Response::from_parts(parts, Body::from(body)), false)
}

/// What git prints of a folder, unless it refuses.
pub fn git_in(folder: &Path, arguments: &[&str]) -> Option<String> {
    let done = Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap();
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
}
