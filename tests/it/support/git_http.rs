//! Git itself over HTTP: `git http-backend` on a repository with a work tree.

use std::path::Path;
use std::process::Stdio;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use tokio::io::AsyncWriteExt;

/// Answers a request for `rest` of the repository in `folder`.
pub async fn serve(
    folder: &Path,
    rest: &str,
    uri: &Uri,
    method: &Method,
    headers: &HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let mut command = tokio::process::Command::new("git");
    command.arg("http-backend").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    command.envs([
        ("GIT_HTTP_EXPORT_ALL", "1".to_owned()),
        ("PATH_TRANSLATED", folder.join(".git").join(rest).display().to_string()),
        ("PATH_INFO", format!("/{rest}")),
        ("QUERY_STRING", uri.query().unwrap_or_default().to_owned()),
        ("REQUEST_METHOD", method.to_string()),
        ("CONTENT_TYPE", header("content-type")),
        ("CONTENT_LENGTH", body.len().to_string()),
        ("HTTP_CONTENT_ENCODING", header("content-encoding")),
        ("GIT_PROTOCOL", header("git-protocol")),
        ("GIT_CONFIG_COUNT", "1".to_owned()),
        ("GIT_CONFIG_KEY_0", "uploadpack.allowReachableSHA1InWant".to_owned()),
        ("GIT_CONFIG_VALUE_0", "true".to_owned()),
    ]);
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    tokio::spawn(async move {
        let _gone_early = input.write_all(&body).await;
    });
    let output = child.wait_with_output().await.unwrap().stdout;
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").expect("CGI headers");
    let (head, content) = (String::from_utf8_lossy(&output[..end]).into_owned(), output[end + 4..].to_vec());
    let mut response = Response::builder();
    for line in head.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        response = match name {
            "Status" => response.status(value.split(' ').next().unwrap().parse::<u16>().unwrap()),
            _ => response.header(name, value),
        };
    }
    response.body(Body::from(content)).unwrap()
}
