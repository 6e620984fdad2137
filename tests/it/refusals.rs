//! Refusals in the audit log: each one is there, with who, from where and why, and without the secret that was
//! tried; and nobody can fill the log or hold up those who write.

use std::time::Duration;

use oored::auth::refusal;
use oored::domain::role::UserRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::program::{Daemon, free_port};
use crate::support::setting_up::open;
use crate::support::{Agent, Client, Repository, Server};

/// What the log says of refusals so far, oldest first.
async fn refusals(server: &Server, owner: &Client) -> Vec<Value> {
    refusal::write(&server.app).await.unwrap();
    recorded(owner).await
}

async fn recorded(owner: &Client) -> Vec<Value> {
    let log = owner.get("/v1/audit-logs?resource_type=request&direction=asc&limit=200").await.ok();
    log["entries"].as_array().unwrap().clone()
}

fn what(entry: &Value) -> (&str, String) {
    let details: Value = serde_json::from_str(entry["details"].as_str().unwrap()).unwrap();
    let text = |key: &str| details[key].as_str().unwrap_or_default().to_owned();
    (entry["action"].as_str().unwrap(), format!("{} {} {}", text("code"), text("method"), text("path")))
}

#[tokio::test]
async fn what_a_role_does_not_include_is_recorded_with_the_person_and_the_thing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let bea = server.person("bea@example.com", UserRole::Developer).await;
    let cy = server.person("cy@example.com", UserRole::QaViewer).await;
    let (bea_id, owner_id) = (bea.id().await, owner.id().await);
    let role = format!("/v1/users/{bea_id}/role");
    cy.patch(&role, json!({"role": "admin"})).await.error(403, "permission_denied");
    let owners = format!("/v1/users/{owner_id}/role");
    owner.patch(&owners, json!({"role": "developer"})).await.error(403, "cannot_change_owner");
    owner.delete(&format!("/v1/users/{owner_id}")).await.error(400, "cannot_delete_self");
    let repository = Repository::with(&[("a", "b")]);
    let project = owner.project("Shop", &repository).await;
    let members = format!("/v1/projects/{}/members", project["id"].as_str().unwrap());
    owner.post(&members, json!({"user_id": bea_id, "role": "maintainer"})).await.created();
    bea.delete(&format!("{members}/{bea_id}")).await.error(409, "last_maintainer");
    let token = bea.post("/v1/api-tokens", json!({"name": "ci", "role": "developer"})).await.ok();
    let program = server.anonymous().with_token(token["token"].as_str().unwrap());
    program.get("/v1/audit-logs").await.error(403, "permission_denied");
    let log = refusals(&server, &owner).await;
    let found: Vec<_> =
        log.iter().map(|entry| (entry["actor_email"].as_str().unwrap(), what(entry).1)).collect();
    let expected = [
        ("cy@example.com", format!("permission_denied PATCH {role}")),
        ("owner@local", format!("cannot_change_owner PATCH {owners}")),
        ("owner@local", format!("cannot_delete_self DELETE /v1/users/{owner_id}")),
        ("bea@example.com", format!("last_maintainer DELETE {members}/{bea_id}")),
        ("bea@example.com", "permission_denied GET /v1/audit-logs".to_owned()),
    ];
    assert_eq!(found, expected);
    assert!(log.iter().all(|entry| entry["action"] == "permission_denied" && entry["peer"] == "127.0.0.1"));
    assert!(log[4]["details"].as_str().unwrap().contains(token["prefix"].as_str().unwrap()));
}

#[tokio::test]
async fn what_strangers_try_is_recorded_with_the_reason_and_without_the_secret() {
    let server = Server::start().await;
    let setup = open(&server).await;
    let stranger = server.anonymous();
    stranger.with_token("oore_setup_tried").get("/v1/setup/summary").await.error(401, "invalid_session");
    drop(setup);
    let owner = server.owner().await;
    let agent = Agent::register(&owner, "Runner", 5).await;
    for tried in ["oore_session_tried", "oore_api_tried"] {
        stranger.with_token(tried).get("/v1/users/me").await.error(401, "invalid_session");
    }
    let claim = format!("/v1/runners/{}/claim", agent.id);
    stranger.with_token("oore_runner_tried").post(&claim, json!({})).await.error(401, "invalid_token");
    stranger
        .put("/v1/artifacts/local-upload/tried.1.tried", json!({}))
        .await
        .error(401, "invalid_upload_token");
    let foreign = stranger.request(Method::POST, "/v1/auth/logout").header("origin", "https://evil.example");
    stranger.send(foreign).await.error(403, "origin_not_allowed");
    let rebound = stranger.request(Method::GET, "/v1/users/me").header("host", "evil.example");
    stranger.send(rebound).await.error(421, "misdirected_host");
    let log = refusals(&server, &owner).await;
    let found: Vec<_> = log.iter().map(what).collect();
    let expected = [
        ("token_refused", "invalid_session GET /v1/setup/summary".to_owned()),
        ("token_refused", "invalid_session GET /v1/users/me".to_owned()),
        ("token_refused", "invalid_session GET /v1/users/me".to_owned()),
        ("token_refused", "invalid_token POST ".to_owned() + &claim),
        ("token_refused", "invalid_upload_token PUT /v1/artifacts/local-upload/{token}".to_owned()),
        ("request_refused", "origin_not_allowed POST /v1/auth/logout".to_owned()),
        ("request_refused", "misdirected_host GET /v1/users/me".to_owned()),
    ];
    assert_eq!(found, expected);
    assert!(
        log.iter().all(|entry| entry["actor_id"].is_null() && !entry.to_string().contains("tried")),
        "{log:?}"
    );
}

#[tokio::test]
async fn what_every_browser_does_is_no_refusal() {
    let server = Server::start().await;
    server.anonymous().get("/v1/users/me").await.error(401, "missing_auth");
    server.anonymous().get("/v1/setup/summary").await.error(401, "missing_auth");
    let owner = server.owner().await;
    server.advance(24 * 3600 + 1);
    owner.get("/v1/users/me").await.error(401, "invalid_session");
    let owner = server.owner().await;
    owner.get("/v1/projects/x").await.error(404, "not_found");
    assert_eq!(refusals(&server, &owner).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_flood_of_strangers_waits_for_no_writer_and_adds_a_few_entries_and_a_count() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let stranger = server.anonymous().with_token("oore_session_wrong");
    let flood = async || {
        for n in 0..1000_u32 {
            let from = format!("203.0.{}.{}", n / 250, n % 250 + 1);
            let request = stranger.request(Method::GET, "/v1/users/me").header("x-forwarded-for", from);
            stranger.send(request).await.error(401, "invalid_session");
        }
    };
    // While somebody else writes.
    let flooded = server.app.db.write(async |_| {
        flood().await;
        Ok(())
    });
    tokio::time::timeout(Duration::from_secs(60), flooded)
        .await
        .expect("a refusal asks for no write")
        .unwrap();
    let log = refusals(&server, &owner).await;
    assert_eq!(log.len(), 200);
    let bea = server.person("bea@example.com", UserRole::QaViewer).await;
    bea.get("/v1/audit-logs").await.error(403, "permission_denied");
    refusal::write(&server.app).await.unwrap();
    let denied = owner.get("/v1/audit-logs?action=permission_denied").await.ok();
    assert_eq!(denied["total"], 1, "people have a share of their own");
    server.advance(60);
    refusal::write(&server.app).await.unwrap();
    let last = owner.get("/v1/audit-logs?limit=1").await.ok()["entries"][0].clone();
    assert_eq!(
        (&last["action"], &last["details"]),
        (&json!("refusals_counted"), &json!(r#"{"not_recorded":800}"#))
    );
}

#[tokio::test]
async fn a_daemon_writes_refusals_by_itself_and_the_count_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--runner-mode", "external"];
    let mut daemon = Daemon::start(folder.path(), free_port(), &flags).await;
    let owner = daemon.client().sign_in(None).await;
    let wrong = daemon.client().with_token("oore_session_wrong");
    for _ in 0..30 {
        wrong.get("/v1/users/me").await.error(401, "invalid_session");
    }
    let all_written = async {
        while recorded(&owner).await.len() < 20 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_written).await.expect("nobody has to ask for it");
    assert!(daemon.stop());
    let daemon = Daemon::start(folder.path(), free_port(), &flags).await;
    let owner = daemon.client().sign_in(None).await;
    let log = recorded(&owner).await;
    assert_eq!((log.len(), &log[20]["details"]), (21, &json!(r#"{"not_recorded":10}"#)));
}
