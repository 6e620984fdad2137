//! The live stream of an instance.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{Client, Repository, Server};

/// An open stream, read event by event.
struct Stream {
    bytes: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

/// One event.
#[derive(Debug)]
struct Event {
    name: String,
    id: Option<String>,
    data: Value,
}

impl Stream {
    async fn open(client: &Client, last: Option<&str>) -> Self {
        let mut request = client.request(reqwest::Method::GET, "/v1/events");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { bytes: Box::pin(response.bytes_stream()), text: String::new() }
    }

    /// The next event; `None` when the server has ended the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((frame, rest)) = self.text.clone().split_once("\n\n") {
                self.text = rest.to_owned();
                if let Some(event) = parse(frame) {
                    return Some(event);
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(10), self.bytes.next()).await.expect("an event in time");
            self.text.push_str(std::str::from_utf8(&more?.ok()?).unwrap());
        }
    }
}

fn parse(frame: &str) -> Option<Event> {
    let field = |name: &str| {
        frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
    };
    let data = serde_json::from_str(&field("data")?).unwrap();
    Some(Event { name: field("event")?, id: field("id"), data })
}

#[tokio::test]
async fn changes_arrive_as_they_happen() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut stream = Stream::open(&owner, None).await;
    let hello = stream.next().await.unwrap();
    assert_eq!(hello.name, "hello");
    assert!(hello.data["instance_id"].is_string());
    let project = owner.project("Shop", &Repository::with(&[("a", "b")])).await;
    let event = stream.next().await.unwrap();
    assert_eq!((event.name.as_str(), &event.data["project_id"]), ("project", &project["id"]));
    assert!(event.id.is_some());
}

#[tokio::test]
async fn a_client_that_was_away_gets_what_it_missed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let mut stream = Stream::open(&owner, None).await;
    stream.next().await.unwrap();
    owner.project("One", &repository).await;
    let seen = stream.next().await.unwrap().id.unwrap();
    drop(stream);
    let second = owner.project("Two", &repository).await;
    let mut stream = Stream::open(&owner, Some(&seen)).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    assert_eq!(stream.next().await.unwrap().data["project_id"], second["id"]);
}

#[tokio::test]
async fn a_client_from_before_a_restart_is_told_to_read_everything_again() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = owner.token.clone().unwrap();
    let server = server.restart().await;
    let owner = server.anonymous().with_token(token);
    let mut stream = Stream::open(&owner, Some("12")).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    assert_eq!(stream.next().await.unwrap().name, "resync");
}

#[tokio::test]
async fn signing_out_ends_the_stream() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut stream = Stream::open(&owner, None).await;
    stream.next().await.unwrap();
    owner.post("/v1/auth/logout", json!({})).await.ok();
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn the_stream_needs_a_session() {
    let server = Server::start().await;
    server.anonymous().get("/v1/events").await.error(401, "missing_auth");
}
