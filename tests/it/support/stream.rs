//! Follows the live stream of an instance, and waits for things by it: no test sleeps and looks, but for what tells
//! nobody.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;

use super::Client;

/// Longest wait for something that should happen soon.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open stream, read event by event.
pub struct Stream {
    bytes: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

/// One event.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Stream {
    pub async fn open(client: &Client, last: Option<&str>) -> Self {
        Self::of(client, "/v1/events", last).await
    }

    /// The stream at another path.
    pub async fn of(client: &Client, path: &str, last: Option<&str>) -> Self {
        let mut request = client.request(reqwest::Method::GET, path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { bytes: Box::pin(response.bytes_stream()), text: String::new() }
    }

    /// The next event; `None` when the server has ended the stream.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((frame, rest)) = self.text.clone().split_once("\n\n") {
                self.text = rest.to_owned();
                if let Some(event) = parse(frame) {
                    return Some(event);
                }
                continue;
            }
            let more = tokio::time::timeout(PATIENCE, self.bytes.next()).await.expect("an event in time");
            self.text.push_str(std::str::from_utf8(&more?.ok()?).unwrap());
        }
    }
}

fn parse(frame: &str) -> Option<Event> {
    let field = |name: &str| {
        frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
    };
    let text = field("data")?;
    let data = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Some(Event { name: field("event")?, id: field("id"), data })
}

/// Reads `path` now and after every event until `done` holds; answers what was read.
pub async fn wait_for(client: &Client, path: &str, done: impl Fn(&Value) -> bool) -> Value {
    let mut stream = Stream::open(client, None).await;
    loop {
        let read = client.get(path).await.ok();
        if done(&read) {
            return read;
        }
        stream.next().await.unwrap_or_else(|| panic!("the stream ended while waiting for {path}: {read}"));
    }
}

/// Waits until the build's log contains `text`.
pub async fn log_shows(client: &Client, build: &Value, text: &str) {
    let mut stream = Stream::open(client, None).await;
    let shown = |log: &[u8]| log.windows(text.len()).any(|window| window == text.as_bytes());
    while !shown(&client.raw_log(build).await) {
        stream
            .next()
            .await
            .unwrap_or_else(|| panic!("the stream ended while waiting for the log to show {text}"));
    }
}

/// Waits until the build has this status and answers it; fails when it is over with another one.
pub async fn build_in(client: &Client, build: &Value, status: &str) -> Value {
    let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
    let over = |found: &Value| {
        let now = found["build"]["status"].as_str().unwrap();
        now == status || matches!(now, "succeeded" | "failed" | "canceled" | "timed_out" | "expired")
    };
    let found = wait_for(client, &path, over).await["build"].clone();
    assert_eq!(found["status"], status, "{found}");
    found
}

/// Waits for something outside, which tells nobody.
pub async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let seen = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), seen).await.is_ok(), "{what}");
}
