//! Enrolment tokens: one machine becomes a runner without a person's session on it.

use std::process::Stdio;

use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::operator::{Operator, said};
use crate::support::{Client, Server, wait_for};

const REDEEM: &str = "/v1/runners/enrolments/redeem";

async fn made(owner: &Client) -> String {
    let made = owner.post("/v1/runners/enrolments", json!({})).await.created();
    made["token"].as_str().unwrap().to_owned()
}

fn body(token: &str) -> Value {
    json!({"token": token, "name": "box", "capabilities": {"os": "linux"}})
}

#[tokio::test]
async fn a_token_makes_one_runner_of_its_maker() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = made(&owner).await;
    assert!(token.starts_with("oore_enrol_"));
    server.assert_not_stored(&token);
    let machine = server.anonymous();
    machine.post(REDEEM, json!({"token": token, "name": " "})).await.error(400, "invalid_name");
    let joined = machine.post(REDEEM, body(&token)).await.ok();
    assert_eq!(joined["runner"]["registered_by"], owner.id().await);
    assert_eq!(joined["runner"]["capabilities"]["os"], "linux");
    let runner = machine.with_token(joined["token"].as_str().unwrap());
    let path = format!("/v1/runners/{}/heartbeat", joined["runner"]["id"].as_str().unwrap());
    runner.post(&path, json!({"status": "online"})).await.expect(204);
    machine.post(REDEEM, body(&token)).await.error(401, "invalid_enrolment_token");
    assert_eq!(owner.get("/v1/runners").await.ok()["total"], 1);
    let audit = owner.get("/v1/audit-logs").await.ok();
    let actions: Vec<&str> =
        audit["entries"].as_array().unwrap().iter().filter_map(|entry| entry["action"].as_str()).collect();
    assert!(actions.contains(&"runner_enrolment_created") && actions.contains(&"runner_registered"));
}

#[tokio::test]
async fn of_many_machines_with_one_token_one_joins() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = made(&owner).await;
    let tries = (0..8).map(|_| {
        let (machine, body) = (server.anonymous(), body(&token));
        tokio::spawn(async move { machine.post(REDEEM, body).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(owner.get("/v1/runners").await.ok()["total"], 1);
}

#[tokio::test]
async fn a_token_ends_after_15_minutes_and_with_its_makers_rights() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", UserRole::Admin).await;
    let old = made(&owner).await;
    server.advance(900);
    server.anonymous().post(REDEEM, body(&old)).await.error(401, "invalid_enrolment_token");
    let (demoted, disabled) = (made(&admin).await, made(&admin).await);
    let path = format!("/v1/users/{}", admin.id().await);
    owner.patch(&format!("{path}/role"), json!({"role": "developer"})).await.ok();
    server.anonymous().post(REDEEM, body(&demoted)).await.error(401, "invalid_enrolment_token");
    owner.patch(&format!("{path}/role"), json!({"role": "admin"})).await.ok();
    owner.delete(&path).await;
    server.anonymous().post(REDEEM, body(&disabled)).await.error(401, "invalid_enrolment_token");
    assert_eq!(owner.get("/v1/runners").await.ok()["total"], 0);
}

#[tokio::test]
async fn the_command_of_the_add_a_runner_page_works_on_a_machine_without_a_session() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = made(&owner).await;
    let machine = Operator::new();
    let flags = ["--daemon-url", &server.base, "--token", &token, "--name", "new box"];
    let registered = machine.run(&[&["runner", "register"], &flags[..]].concat()).await;
    assert!(registered.status.success(), "{}", said(&registered));
    assert!(!machine.file().exists(), "no session was stored");
    let mut command = machine.command(&["runner", "start"]);
    let mut runner = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let online = |list: &Value| list["runners"][0]["status"] == "online";
    let found = wait_for(&owner, "/v1/runners", online).await;
    assert_eq!(found["runners"][0]["name"], "new box");
    runner.kill().unwrap();
    runner.wait().unwrap();
    let other = Operator::new();
    let again = other.run(&[&["runner", "register"], &flags[..]].concat()).await;
    assert_eq!(again.status.code(), Some(4), "{}", said(&again));
    assert!(said(&again).contains("Add a runner"), "{}", said(&again));
}
