//! API tokens: what they open, for how long, and never more than their creator may do.

use oored::domain::role::UserRole::{Admin, Developer, QaViewer};
use serde_json::{Value, json};

use crate::support::stream::Stream;
use crate::support::{Client, Repository, Server};

async fn create(client: &Client, role: &str) -> Value {
    client.post("/v1/api-tokens", json!({"name": format!("{role} token"), "role": role})).await.ok()
}

fn used(client: &Client, token: &Value) -> Client {
    client.with_token(token["token"].as_str().unwrap())
}

#[tokio::test]
async fn a_token_is_shown_once_and_acts_for_its_creator() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = create(&owner, "developer").await;
    let secret = token["token"].as_str().unwrap();
    assert!(secret.starts_with("oore_api_"), "{secret}");
    assert_eq!(token["prefix"], secret["oore_api_".len()..][..8]);
    let program = used(&owner, &token);
    assert_eq!(program.get("/v1/users/me").await.ok()["user"]["email"], "owner@local");
    let listed = owner.get("/v1/api-tokens").await.ok();
    assert_eq!(listed["total"], 1);
    assert!(!listed.to_string().contains(secret));
    let row = &listed["tokens"][0];
    assert_eq!((&row["name"], &row["role"]), (&json!("developer token"), &json!("developer")));
    assert_eq!((&row["is_expired"], &row["is_revoked"]), (&json!(false), &json!(false)));
    assert_eq!(row["created_by_email"], "owner@local");
    assert!(row["last_used_at"].is_i64());
    let log = owner.get("/v1/audit-logs?action=api_token_created").await.ok();
    assert!(!log.to_string().contains(secret));
}

#[tokio::test]
async fn a_token_has_the_lower_of_its_role_and_its_creators_present_role() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", Admin).await;
    let (strong, weak) = (create(&admin, "admin").await, create(&admin, "qa_viewer").await);
    let (strong, weak) = (used(&admin, &strong), used(&admin, &weak));
    strong.get("/v1/users").await.ok();
    weak.get("/v1/users").await.error(403, "permission_denied");
    let capabilities = weak.get("/v1/bootstrap").await.ok()["capabilities"].clone();
    assert!(!capabilities.as_array().unwrap().contains(&json!("builds.write")));
    let demote = json!({"role": "qa_viewer"});
    owner.patch(&format!("/v1/users/{}/role", admin.id().await), demote).await.ok();
    strong.get("/v1/users").await.error(403, "permission_denied");
    strong.get("/v1/users/me").await.ok();
}

#[tokio::test]
async fn nobody_makes_a_token_above_themselves() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (admin, dev) = (server.person("admin@x", Admin).await, server.person("dev@x", Developer).await);
    let qa = server.person("qa@x", QaViewer).await;
    let make = async |client: &Client, role: &str| {
        client.post("/v1/api-tokens", json!({"name": "t", "role": role})).await
    };
    make(&admin, "owner").await.error(403, "role_escalation");
    make(&dev, "admin").await.error(403, "role_escalation");
    make(&qa, "qa_viewer").await.error(403, "permission_denied");
    make(&owner, "owner").await.ok();
    let lent = used(&owner, &create(&owner, "developer").await);
    make(&lent, "owner").await.error(403, "role_escalation");
    make(&lent, "developer").await.ok();
    for (body, code) in [
        (json!({"name": " ", "role": "admin"}), "invalid_name"),
        (json!({"name": "a\u{7}", "role": "admin"}), "invalid_name"),
        (json!({"name": "x".repeat(201), "role": "admin"}), "invalid_name"),
        (json!({"name": "t", "role": "root"}), "invalid_role"),
        (json!({"name": "t"}), "invalid_request"),
    ] {
        owner.post("/v1/api-tokens", body).await.error(400, code);
    }
    for past in [server.app.clock.now(), 0, -1, i64::MIN] {
        let body = json!({"name": "t", "role": "admin", "expires_at": past});
        let refused = owner.post("/v1/api-tokens", body).await.error(400, "invalid_input");
        assert_eq!(refused["fields"][0]["field"], "expires_at");
    }
}

#[tokio::test]
async fn a_token_ends_when_it_expires_is_revoked_or_its_creator_is_disabled() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let dev = server.person("dev@x", Developer).await;
    let until = server.app.clock.now() + 100;
    let short =
        owner.post("/v1/api-tokens", json!({"name": "s", "role": "admin", "expires_at": until})).await.ok();
    let (short, revoked, orphan) =
        (used(&owner, &short), create(&dev, "developer").await, used(&dev, &create(&dev, "developer").await));
    short.get("/v1/users/me").await.ok();
    let child = short.post("/v1/api-tokens", json!({"name": "c", "role": "admin"})).await.ok();
    assert_eq!(child["expires_at"], until, "no token outlives the one that made it");
    server.advance(101);
    short.get("/v1/users/me").await.error(401, "invalid_session");
    let path = format!("/v1/api-tokens/{}", revoked["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(dev.delete(&path).await.ok()["revoked"], true);
    }
    used(&dev, &revoked).get("/v1/users/me").await.error(401, "invalid_session");
    orphan.get("/v1/users/me").await.ok();
    let dev_id = dev.id().await;
    owner.delete(&format!("/v1/users/{dev_id}")).await.ok();
    orphan.get("/v1/users/me").await.error(401, "invalid_session");
    owner.post(&format!("/v1/users/{dev_id}/enable"), json!({})).await.ok();
    orphan.get("/v1/users/me").await.error(401, "invalid_session");
    let log = owner.get("/v1/audit-logs?action=api_token_revoked").await.ok();
    assert_eq!(log["total"], 1);
}

#[tokio::test]
async fn people_see_and_revoke_their_own_tokens_and_operators_all() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (one, two) = (server.person("one@x", Developer).await, server.person("two@x", Developer).await);
    let token = create(&one, "developer").await;
    create(&owner, "admin").await;
    assert_eq!(one.get("/v1/api-tokens").await.ok()["total"], 1);
    assert_eq!(two.get("/v1/api-tokens").await.ok()["total"], 0);
    assert_eq!(owner.get("/v1/api-tokens").await.ok()["total"], 2);
    let path = format!("/v1/api-tokens/{}", token["id"].as_str().unwrap());
    two.delete(&path).await.error(404, "not_found");
    owner.delete(&path).await.ok();
    owner.delete("/v1/api-tokens/nothing").await.error(404, "not_found");
    let search =
        async |query: &str| owner.get(&format!("/v1/api-tokens?{query}")).await.ok()["total"].clone();
    assert_eq!(search("q=ONE@x").await, 1);
    assert_eq!(search("q=revoked").await, 1);
    assert_eq!(search("q=active").await, 1);
    assert_eq!(search("q=admin").await, 1);
    assert_eq!(search(&format!("q={}", token["prefix"].as_str().unwrap())).await, 1);
    let sorted = owner.get("/v1/api-tokens?sort=status&direction=asc").await.ok();
    assert_eq!(sorted["tokens"][1]["is_revoked"], true);
    for sort in ["name", "role", "last_used_at", "created_at", "nonsense"] {
        owner.get(&format!("/v1/api-tokens?sort={sort}&limit=1")).await.ok();
    }
}

#[tokio::test]
async fn a_developers_token_is_at_most_a_developer_in_a_project() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("Shop", &repository).await;
    let path = format!("/v1/projects/{}", project["id"].as_str().unwrap());
    let dev = server.person("dev@x", Developer).await;
    let member = json!({"user_id": dev.id().await, "role": "maintainer"});
    owner.post(&format!("{path}/members"), member).await.created();
    dev.patch(&path, json!({"description": "mine"})).await.ok();
    let lent = used(&dev, &create(&dev, "developer").await);
    assert_eq!(lent.get(&path).await.ok()["current_user_role"], "developer");
    lent.patch(&path, json!({"description": "mine"})).await.error(403, "permission_denied");
    let weak = used(&dev, &create(&dev, "qa_viewer").await);
    assert_eq!(weak.get(&path).await.ok()["current_user_role"], "viewer");
}

#[tokio::test]
async fn what_a_program_does_is_told_from_what_the_person_does() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Android").await;
    let token = create(&owner, "admin").await;
    let program = used(&owner, &token);
    let builds = format!("/v1/projects/{}/builds", project["id"].as_str().unwrap());
    let build = program.post(&builds, json!({"pipeline_id": pipeline["id"]})).await.created();
    assert_eq!(build["build"]["trigger_type"], "api");
    let log = owner.get("/v1/audit-logs?action=build_created").await.ok();
    let details: Value = serde_json::from_str(log["entries"][0]["details"].as_str().unwrap()).unwrap();
    assert_eq!(details["api_token"], token["prefix"]);
}

#[tokio::test]
async fn a_token_cannot_do_what_needs_a_session() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let program = used(&owner, &create(&owner, "owner").await);
    program.post("/v1/auth/logout", json!({})).await.error(401, "invalid_session");
    program.get("/v1/users/me").await.ok();
    let stream = "/v1/builds/00000000-0000-7000-8000-000000000000/logs/stream";
    program.get(stream).await.error(401, "invalid_session");
    owner.get(stream).await.error(404, "not_found");
}

#[tokio::test]
async fn a_token_works_though_its_use_cannot_be_noted() {
    use sea_orm::ConnectionTrait;
    let server = Server::start().await;
    let owner = server.owner().await;
    let program = used(&owner, &create(&owner, "admin").await);
    let fails = "CREATE TRIGGER full BEFORE UPDATE ON api_tokens \
                 BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
    server.app.db.write(async |tx| Ok(tx.execute_unprepared(fails).await?)).await.unwrap();
    program.get("/v1/users/me").await.ok();
    assert_eq!(owner.get("/v1/api-tokens").await.ok()["tokens"][0]["last_used_at"], Value::Null);
}

#[tokio::test]
async fn revoking_a_token_ends_its_open_streams() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = create(&owner, "admin").await;
    let mut stream = Stream::open(&used(&owner, &token), None).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    owner.delete(&format!("/v1/api-tokens/{}", token["id"].as_str().unwrap())).await.ok();
    assert!(stream.next().await.is_none());
}
