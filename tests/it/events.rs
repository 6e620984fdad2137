//! The live stream of an instance.

use serde_json::json;

use crate::support::{Repository, Server, Stream};

#[tokio::test]
async fn changes_arrive_as_they_happen() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut stream = Stream::open(&owner, None).await;
    let hello = stream.next().await.unwrap();
    assert_eq!(hello.name, "hello");
    assert!(hello.data["instance_id"].is_string());
    let position = hello.id.expect("a stream can be taken up again from its beginning");
    let read = owner.get("/v1/builds").await;
    assert_eq!(read.header("x-oore-events"), Some(position.as_str()));
    let project = owner.project("Shop", &Repository::with(&[("a", "b")])).await;
    assert_eq!(stream.next().await.unwrap().name, "sources");
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
    assert_eq!(stream.next().await.unwrap().name, "sources");
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
