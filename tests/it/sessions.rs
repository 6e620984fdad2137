//! Sessions seen and ended by their owner, and that their end is the end of every open stream.

use std::time::{Duration, Instant};

use oored::db::Tx;
use oored::domain::role::UserRole::{Admin, Developer, Owner};
use oored::events::Change;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server, Stream};

const MINE: &str = "/v1/users/me/sessions";
/// How soon a stream has to end.
const SOON: Duration = Duration::from_secs(2);

async fn list(client: &Client) -> Vec<Value> {
    client.get(MINE).await.ok()["sessions"].as_array().unwrap().clone()
}

async fn current(client: &Client) -> String {
    let current = list(client).await.into_iter().find(|session| session["current"] == true).unwrap();
    current["id"].as_str().unwrap().to_owned()
}

async fn end(client: &Client, id: &str) -> crate::support::Answer {
    client.delete(&format!("{MINE}/{id}")).await
}

/// An event stream and the stream of a running build's log, both open.
struct Watching {
    events: Stream,
    log: Stream,
}

impl Watching {
    async fn open(client: &Client, build: &str) -> Self {
        let mut events = Stream::open(client, None).await;
        assert_eq!(events.next().await.unwrap().name, "hello");
        let log = Stream::of(client, &format!("/v1/builds/{build}/logs/stream"), None).await;
        Self { events, log }
    }

    async fn both_end_after(self, act: impl AsyncFnOnce()) {
        act().await;
        let begun = Instant::now();
        self.both_end().await;
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    }

    async fn both_end(mut self) {
        while self.events.next().await.is_some() {}
        log_ends(&mut self.log).await;
    }
}

async fn log_ends(log: &mut Stream) {
    let last = log.next().await.unwrap();
    assert_eq!((last.name.as_str(), &last.data), ("done", &json!("authorization_ended")));
    assert!(log.next().await.is_none());
}

/// A build that runs, in a project of this caller.
async fn running_build(owner: &Client) -> (Repository, Value, String) {
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let build = owner.build(&owner.pipeline(&project, "Main").await).await;
    Agent::register(owner, "r", 5).await.begin().await;
    (repository, project, build["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in_and_nobody_elses_sessions() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let anonymous = server.anonymous();
    server.advance(1);
    let login = anonymous.request(Method::POST, "/v1/auth/local/login").json(&json!({}));
    let long = format!("Mozilla/5.0\t{}", "x".repeat(1000));
    let second = anonymous.send(login.header("user-agent", &long)).await.ok();
    server.person("ana@x", Developer).await;
    let sessions = list(&owner).await;
    assert_eq!(sessions.len(), 2);
    assert_eq!((&sessions[0]["current"], &sessions[1]["current"]), (&json!(false), &json!(true)));
    let agent = sessions[0]["user_agent"].as_str().unwrap();
    assert!(agent.starts_with("Mozilla/5.0xxx") && agent.len() == 200, "{agent}");
    assert!(sessions[1].get("user_agent").is_none(), "{sessions:?}");
    assert_eq!(sessions[0]["source"], "127.0.0.1");
    assert_eq!(sessions[0]["expires_at"], second["expires_at"]);
    let lifetime =
        |session: &Value| session["expires_at"].as_i64().unwrap() - session["created_at"].as_i64().unwrap();
    assert!(sessions.iter().all(|session| lifetime(session) == 24 * 3600));
    for session in &sessions {
        let id = session["id"].as_str().unwrap();
        for token in [id.to_owned(), format!("oore_session_{id}")] {
            anonymous.with_token(token).get("/v1/users/me").await.error(401, "invalid_session");
        }
    }
    server.advance(24 * 3600);
    assert_eq!(list(&server.anonymous().sign_in(Some("owner@local")).await).await.len(), 1);
}

#[tokio::test]
async fn one_session_is_ended_or_all_others_and_it_is_recorded() {
    let server = Server::start().await;
    let (first, second, third) = (server.owner().await, server.owner().await, server.owner().await);
    let id = current(&second).await;
    assert_eq!(end(&first, &id).await.ok()["ok"], true);
    let refused = second.get("/v1/users/me").await.error(401, "invalid_session");
    assert_eq!(refused["details"]["reason"], "unknown");
    end(&first, &id).await.error(404, "not_found");
    assert_eq!(first.delete(MINE).await.ok()["ended"], 1);
    third.get("/v1/users/me").await.error(401, "invalid_session");
    assert_eq!(first.delete(MINE).await.ok()["ended"], 0);
    end(&first, &current(&first).await).await.ok();
    first.get("/v1/users/me").await.error(401, "invalid_session");
    let owner = server.owner().await;
    let log = owner.get("/v1/audit-logs?resource_type=session&direction=asc").await.ok()["entries"].clone();
    let words: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(words, ["session_revoked", "other_sessions_revoked", "session_revoked"]);
    assert_eq!((&log[0]["resource_id"], &log[1]["details"]), (&json!(id), &json!(r#"{"ended":1}"#)));
}

#[tokio::test]
async fn sessions_of_others_do_not_exist_for_anybody() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let dev = server.person("dev@x", Developer).await;
    let id = current(&dev).await;
    end(&owner, &id).await.error(404, "not_found");
    for odd in ["x", "%00", "..", "%27%20OR%201=1--", &"9".repeat(5000)] {
        let status = end(&owner, odd).await.status.as_u16();
        assert!(matches!(status, 404 | 405), "{odd} got {status}");
    }
    owner.delete(MINE).await.ok();
    dev.get("/v1/users/me").await.ok();
}

#[tokio::test]
async fn an_api_token_neither_sees_nor_ends_sessions() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let made = owner.post("/v1/api-tokens", json!({"name": "t", "role": Owner})).await.ok();
    let program = owner.with_token(made["token"].as_str().unwrap());
    program.get("/v1/users/me").await.ok();
    program.get(MINE).await.error(401, "invalid_session");
    program.delete(MINE).await.error(401, "invalid_session");
    end(&program, &current(&owner).await).await.error(401, "invalid_session");
    owner.delete(MINE).await.ok();
    program.get("/v1/users/me").await.ok();
}

#[tokio::test]
async fn an_expired_api_token_is_told_from_a_revoked_one() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let at = server.app.clock.now() + 100;
    let made = owner.post("/v1/api-tokens", json!({"name": "t", "role": Owner, "expires_at": at})).await.ok();
    let program = owner.with_token(made["token"].as_str().unwrap());
    server.advance(101);
    let reason =
        async || program.get("/v1/users/me").await.error(401, "invalid_session")["details"]["reason"].clone();
    assert_eq!(reason().await, "expired");
    owner.delete(&format!("/v1/api-tokens/{}", made["id"].as_str().unwrap())).await.ok();
    assert_eq!(reason().await, "unknown");
}

#[tokio::test]
async fn a_revoked_session_ends_its_streams_and_no_others() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (_repository, _, build) = running_build(&owner).await;
    let other = server.owner().await;
    let mut kept = Stream::open(&owner, None).await;
    kept.next().await.unwrap();
    let watching = Watching::open(&other, &build).await;
    let id = current(&other).await;
    watching.both_end_after(async || drop(end(&owner, &id).await.ok())).await;
    let other = server.owner().await;
    let watching = Watching::open(&other, &build).await;
    watching.both_end_after(async || drop(owner.delete(MINE).await.ok())).await;
    owner.project("Next", &Repository::with(&[("a", "b")])).await;
    assert_eq!(kept.next().await.unwrap().name, "sources");
    assert_eq!(kept.next().await.unwrap().name, "project");
}

#[tokio::test]
async fn signing_out_and_being_disabled_end_streams() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (_repository, _, build) = running_build(&owner).await;
    let admin = server.person("admin@x", Admin).await;
    let watching = Watching::open(&admin, &build).await;
    watching.both_end_after(async || drop(admin.post("/v1/auth/logout", json!({})).await.ok())).await;
    let admin = server.anonymous().sign_in(Some("admin@x")).await;
    let watching = Watching::open(&admin, &build).await;
    let path = format!("/v1/users/{}", admin.id().await);
    watching.both_end_after(async || drop(owner.delete(&path).await.ok())).await;
}

#[tokio::test]
async fn another_access_mode_ends_every_session_and_stream() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (_repository, _, build) = running_build(&owner).await;
    let other = server.owner().await;
    let watching = Watching::open(&other, &build).await;
    let modes = json!({"key_storage_mode": "file", "remote_auth_mode": "trusted_proxy"});
    watching.both_end_after(async || drop(owner.put("/v1/settings/preferences", modes).await.ok())).await;
    for client in [owner, other] {
        client.get("/v1/users/me").await.error(401, "invalid_session");
    }
}

#[tokio::test]
async fn a_stream_that_a_lowered_role_no_longer_allows_is_closed_and_the_session_goes_on() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (_repository, project, build) = running_build(&owner).await;
    let admin = server.person("admin@x", Admin).await;
    let id = admin.id().await;
    let mut watching = Watching::open(&admin, &build).await;
    let begun = Instant::now();
    owner.patch(&format!("/v1/users/{id}/role"), json!({"role": "developer"})).await.ok();
    log_ends(&mut watching.log).await;
    assert!(begun.elapsed() < SOON);
    admin.get(&format!("/v1/builds/{build}")).await.error(404, "not_found");
    // The stream of events goes on with what a developer may see: nothing of this project.
    let members = format!("/v1/projects/{}/members", project["id"].as_str().unwrap());
    owner
        .patch(&format!("/v1/projects/{}", project["id"].as_str().unwrap()), json!({"name": "Hidden"}))
        .await
        .ok();
    owner.post(&members, json!({"user_id": id, "role": "viewer"})).await.created();
    let seen = watching.events.next().await.unwrap();
    assert_eq!((seen.name.as_str(), &seen.data["project_id"]), ("project", &project["id"]));
    let mut log = Stream::of(&admin, &format!("/v1/builds/{build}/logs/stream"), None).await;
    let begun = Instant::now();
    owner.delete(&format!("{members}/{id}")).await.ok();
    log_ends(&mut log).await;
    assert!(begun.elapsed() < SOON);
}

#[tokio::test]
async fn a_session_that_expires_takes_its_open_streams_with_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (_repository, _, build) = running_build(&owner).await;
    let end = server.app.clock.now() + 2;
    let sql = format!("UPDATE sessions SET expires_at = {end}");
    let shorten = async |tx: &Tx| {
        tx.signal(Change::Access);
        Ok(tx.execute_unprepared(&sql).await?)
    };
    server.app.db.write(shorten).await.unwrap();
    Watching::open(&owner, &build).await.both_end().await;
    assert!(server.app.clock.now() - end <= 10, "soon after");
    let refused = owner.get("/v1/users/me").await.error(401, "invalid_session");
    assert_eq!(refused["details"]["reason"], "expired");
}

#[tokio::test]
async fn whoever_has_two_hundred_sessions_loses_the_oldest_at_the_next_sign_in() {
    let server = Server::start().await;
    let oldest = server.owner().await;
    let other = server.person("dev@x", oored::domain::role::UserRole::Developer).await;
    server.advance(1);
    let owner = Some("owner@local");
    let second = server.anonymous().sign_in(owner).await;
    server.advance(1);
    for _ in 2..200 {
        server.anonymous().sign_in(owner).await;
    }
    oldest.get("/v1/users/me").await.ok();
    let newest = server.anonymous().sign_in(owner).await;
    oldest.get("/v1/users/me").await.error(401, "invalid_session");
    for client in [second, newest, other] {
        client.get("/v1/users/me").await.ok();
    }
}
