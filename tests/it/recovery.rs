//! Recovering access: minted by the real command on the host, used once, on the machine, in time.

use std::path::Path;

use oored::domain::role::UserRole::{Admin, Developer};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::program::{self, Daemon, free_port};
use crate::support::setting_up::behind_proxy;
use crate::support::{Client, Server};

const LOGIN: &str = "/v1/auth/local/login";

/// `oore recovery` on a data folder.
fn recovery(data: &Path, more: &[&str]) -> std::process::Output {
    program::run(&[&["oore", "recovery", "--data-dir", data.to_str().unwrap()], more].concat())
}

fn minted(data: &Path, more: &[&str]) -> Value {
    let output = recovery(data, &[&["--json"], more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(data: &Path, more: &[&str]) -> String {
    let output = recovery(data, more);
    assert!(!output.status.success(), "{more:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn body(minted: &Value) -> Value {
    json!({"recovery_capability": minted["recovery_capability"]})
}

async fn actions(owner: &Client) -> Vec<Value> {
    let log = owner.get("/v1/audit-logs?direction=asc").await.ok()["entries"].clone();
    let log = log.as_array().unwrap().clone();
    log.into_iter().filter(|entry| entry["action"].as_str().unwrap().contains("recovery")).collect()
}

#[tokio::test]
async fn a_capability_signs_its_account_in_once_and_every_outcome_is_recorded() {
    let server = Server::start().await;
    let owner = server.owner().await;
    server.person("ana@x", Admin).await;
    let capability = minted(server.data(), &["--email", "ANA@x", "--web-url", "http://localhost:1234/"]);
    let secret = capability["recovery_capability"].as_str().unwrap();
    assert!(secret.starts_with("oore_recovery_"));
    assert_eq!(capability["url"], format!("http://localhost:1234/login#recovery={secret}"));
    let anonymous = server.anonymous();
    let mut other = body(&capability);
    other["email"] = "owner@local".into();
    anonymous.post(LOGIN, other).await.error(403, "local_recovery_account_mismatch");
    let session = anonymous.post(LOGIN, body(&capability)).await.ok();
    assert_eq!(session["user"]["email"], "ana@x");
    anonymous.post(LOGIN, body(&capability)).await.error(403, "local_recovery_capability_invalid");
    let log = actions(&owner).await;
    let words: Vec<_> = log.iter().map(|entry| entry["action"].clone()).collect();
    let expected = [
        "local_recovery_capability_minted",
        "local_recovery_login_failed",
        "local_recovery_login_succeeded",
        "local_recovery_login_failed",
    ];
    assert_eq!(words, expected);
    assert_eq!((&log[0]["actor_id"], &log[0]["resource_id"]), (&Value::Null, &session["user"]["user_id"]));
    assert!(log[1]["details"].as_str().unwrap().contains("local_recovery_account_mismatch"));
    let hex = secret.rsplit('_').next().unwrap();
    let log = owner.get("/v1/audit-logs").await;
    assert!(!log.text.contains(hex), "never the secret");
    server.assert_not_stored(hex);
}

#[tokio::test]
async fn of_twenty_at_once_one_gets_in() {
    let server = Server::start().await;
    server.owner().await;
    let capability = minted(server.data(), &[]);
    let tries = (0..20).map(|_| {
        let (client, body) = (server.anonymous(), body(&capability));
        tokio::spawn(async move { client.post(LOGIN, body).await.status.as_u16() })
    });
    let mut admitted = 0;
    for answer in tries.collect::<Vec<_>>() {
        admitted += usize::from(answer.await.unwrap() == 200);
    }
    assert_eq!(admitted, 1);
}

#[tokio::test]
async fn it_lifts_no_rule_and_ends_with_its_time_its_account_and_the_access_mode() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ana = server.person("ana@x", Developer).await;
    let anonymous = server.anonymous();
    let invalid = async |capability: &Value| {
        anonymous.post(LOGIN, body(capability)).await.error(403, "local_recovery_capability_invalid");
    };
    let capability = minted(server.data(), &["--email", "ana@x"]);
    let proxied = anonymous.request(Method::POST, LOGIN).json(&body(&capability));
    let proxied = anonymous.send(proxied.header("x-forwarded-for", "127.0.0.1")).await;
    proxied.error(403, "local_login_loopback_required");
    owner.delete(&format!("/v1/users/{}", ana.id().await)).await.ok();
    owner.post(&format!("/v1/users/{}/enable", owner_view(&owner, "ana@x").await), json!({})).await.ok();
    invalid(&capability).await;
    let capability = minted(server.data(), &["--email", "ana@x", "--ttl", "300"]);
    server.advance(301);
    invalid(&capability).await;
    let capability = minted(server.data(), &["--email", "owner@local", "--ttl", "5m"]);
    let modes = json!({"key_storage_mode": "file", "remote_auth_mode": "trusted_proxy"});
    owner.put("/v1/settings/preferences", modes).await.ok();
    invalid(&capability).await;
    for odd in ["x", "oore_recovery_", "oore_session_x", &"y".repeat(100_000)] {
        invalid(&json!({ "recovery_capability": odd })).await;
    }
    anonymous.post(LOGIN, json!({"recovery_capability": 7})).await.error(400, "invalid_request");
}

/// The id of an account, as the owner sees it.
async fn owner_view(owner: &Client, email: &str) -> String {
    let found = owner.get(&format!("/v1/users?q={email}")).await.ok();
    found["users"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn it_works_in_remote_mode_too() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let session = server.anonymous().post(LOGIN, body(&minted(server.data(), &[]))).await.ok();
    assert_eq!(session["user"]["email"], "ana@example.com");
}

#[tokio::test]
async fn the_command_says_what_it_cannot_do() {
    let server = Server::start().await;
    assert!(refused(server.data(), &[]).contains("set-up is not complete"));
    server.owner().await;
    assert!(refused(server.data(), &["--email", "nobody@x"]).contains("no active account matches"));
    for ttl in ["0", "301", "6m", "-5", "x"] {
        refused(server.data(), &[&format!("--ttl={ttl}")]);
    }
    for url in ["javascript:alert(1)", "http://u:p@x", "x", "http://x/#a"] {
        refused(server.data(), &["--web-url", url]);
    }
    server.person("ana@x", Developer).await;
    assert!(refused(server.data(), &[]).contains("several accounts"));
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(refused(elsewhere.path(), &[]).contains("no database"));
}

#[tokio::test]
async fn at_most_thirty_two_wait_to_be_used() {
    let server = Server::start().await;
    server.owner().await;
    let now = server.app.clock.now();
    let mint =
        async || server.app.db.write(async |tx| oored::auth::recovery::mint(tx, None, 300, now).await).await;
    for _ in 0..32 {
        mint().await.unwrap();
    }
    assert_eq!(mint().await.unwrap_err().code, "too_many_recovery_capabilities");
    assert!(refused(server.data(), &[]).contains("too many"));
    let later = now + 300;
    let minted =
        server.app.db.write(async |tx| oored::auth::recovery::mint(tx, None, 300, later).await).await;
    minted.unwrap();
}

#[tokio::test]
async fn it_is_minted_while_the_daemon_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut daemon = Daemon::start(folder.path(), port, &["--runner-mode", "external"]).await;
    daemon.client().sign_in(None).await;
    assert!(daemon.stop());
    let capability = minted(folder.path(), &[]);
    let daemon = Daemon::start(folder.path(), port, &["--runner-mode", "external"]).await;
    let session = daemon.client().post(LOGIN, body(&capability)).await.ok();
    assert_eq!(session["user"]["email"], "owner@local");
    let verified = program::run(&["audit", "verify", "--data-dir", folder.path().to_str().unwrap()]);
    assert!(verified.status.success(), "both write one chain");
}
