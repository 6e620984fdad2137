//! How answers of code hosts go wrong.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use serde_json::json;

#[derive(Debug, Clone)]
pub enum Fault {
    /// Status, headers, body.
    Answers(u16, Vec<(&'static str, String)>, String),
    /// The connection is taken and nothing comes.
    Silence,
    /// JSON without end.
    Endless,
    /// An answer of another media type without end.
    EndlessAs(&'static str),
}

impl Fault {
    pub fn status(status: u16) -> Self {
        let body = json!({ "message": format!("fault {status}") });
        Self::Answers(status, vec![("content-type", "application/json".to_owned())], body.to_string())
    }

    pub fn html(status: u16) -> Self {
        let page = "<!doctype html><title>Away</title>".to_owned();
        Self::Answers(status, vec![("content-type", "text/html".to_owned())], page)
    }

    pub fn rate_limited(reset: i64) -> Self {
        let headers =
            vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", reset.to_string())];
        Self::Answers(403, headers, json!({"message": "API rate limit exceeded"}).to_string())
    }

    /// The answer.
    pub async fn respond(self) -> Response {
        match self {
            Fault::Answers(status, headers, body) => {
                let builder = Response::builder().status(status);
                let with =
                    headers.into_iter().fold(builder, |builder, (name, value)| builder.header(name, value));
                with.body(Body::from(body)).unwrap()
            }
            Fault::Silence => std::future::pending().await,
            Fault::Endless => endless("application/json"),
            Fault::EndlessAs(media_type) => endless(media_type),
        }
    }
}

fn endless(media_type: &'static str) -> Response {
    let piece = Bytes::from(vec![b' '; 64 * 1024]);
    let pieces = futures_util::stream::repeat_with(move || Ok::<_, std::io::Error>(piece.clone()));
    ([("content-type", media_type)], Body::from_stream(pieces)).into_response()
}
