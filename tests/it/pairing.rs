//! Pairing a web server: invited by the real command on the host, used once, by a trusted peer, in time.

use serde_json::{Value, json};

use crate::support::program;
use crate::support::server::own_address;
use crate::support::setting_up::{behind_proxy, through_proxy};
use crate::support::{Answer, Server};

fn invite(server: &Server, more: &[&str]) -> std::process::Output {
    let data = server.data().to_str().unwrap().to_owned();
    program::run(&[&["oore", "frontend", "invite", "--json", "--data-dir", &data], more].concat())
}

fn invited(server: &Server) -> String {
    let output = invite(server, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let left = made["expires_at"].as_i64().unwrap() - server.app.clock.now();
    assert!((590..=600).contains(&left), "{left}");
    made["code"].as_str().unwrap().to_owned()
}

async fn pair(server: &Server, code: &str) -> Answer {
    server.anonymous().post("/v1/frontend/pair", json!({ "code": code })).await
}

#[tokio::test]
async fn an_invited_server_gets_what_it_needs_once() {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let code = invited(&server);
    assert!(code.starts_with("fp_") && code.len() == 35, "{code}");
    let paired = pair(&server, &format!(" {code} ")).await.ok();
    assert_eq!(paired, json!({"backend_proof": "s3cret", "user_email_header": "X-Warpgate-Username"}));
    let proof = paired["backend_proof"].as_str().unwrap();
    let headers = [("x-warpgate-username", "ana@example.com"), ("x-oore-trusted-proxy-secret", proof)];
    through_proxy(&server.anonymous(), "/v1/auth/trusted-proxy/login", &headers).await.ok();
    pair(&server, &code).await.error(401, "invalid_pairing_code");
    let log = owner.get("/v1/audit-logs?direction=asc").await;
    assert!(!log.text.contains("s3cret") && !log.text.contains(&code), "never a secret");
    let log = log.ok()["entries"].clone();
    let words = log.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap());
    let words: Vec<_> = words.filter(|word| word.starts_with("frontend")).collect();
    assert_eq!(
        words,
        ["frontend_pairing_invite_created", "frontend_pairing_completed", "frontend_pairing_refused"]
    );
}

#[tokio::test]
async fn a_code_that_is_old_replaced_or_made_up_pairs_nobody() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let first = invited(&server);
    let second = invited(&server);
    pair(&server, &first).await.error(401, "invalid_pairing_code");
    server.advance(601);
    pair(&server, &second).await.error(401, "invalid_pairing_code");
    for odd in ["", "fp_", "x", &"f".repeat(129), &"é".repeat(5000)] {
        pair(&server, odd).await.error(401, "invalid_pairing_code");
    }
    server.anonymous().post("/v1/frontend/pair", json!({})).await.error(400, "invalid_request");
    server.anonymous().post("/v1/frontend/pair", json!({"code": null})).await.error(400, "invalid_request");
    for ttl in ["0", "61m", "x"] {
        assert!(!invite(&server, &["--ttl", ttl]).status.success(), "{ttl}");
    }
}

#[tokio::test]
async fn of_twenty_servers_at_once_one_is_paired() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let code = invited(&server);
    let tries = (0..20).map(|_| {
        let (client, code) = (server.anonymous(), code.clone());
        tokio::spawn(async move { client.post("/v1/frontend/pair", json!({ "code": code })).await.status })
    });
    let mut paired = 0;
    for answer in tries.collect::<Vec<_>>() {
        paired += usize::from(answer.await.unwrap() == 200);
    }
    assert_eq!(paired, 1);
}

#[tokio::test]
async fn only_an_instance_behind_a_proxy_with_a_secret_pairs_and_only_with_its_peers() {
    let server = Server::start().await;
    pair(&server, "x").await.error(409, "setup_incomplete");
    assert!(!invite(&server, &[]).status.success());
    let owner = behind_proxy(&server, "ana@example.com").await;
    let code = invited(&server);
    let settings = "/v1/settings/external-access/trusted-proxy";
    owner.put(settings, json!({"shared_secret": "", "trusted_proxy_cidrs": ["10.0.0.0/8"]})).await.ok();
    pair(&server, &code).await.error(409, "trusted_proxy_not_configured");
    assert!(!invite(&server, &[]).status.success());
    owner.put(settings, json!({"shared_secret": "other"})).await.ok();
    assert_eq!(pair(&server, &code).await.ok()["backend_proof"], "other");
    let code = invited(&server);
    owner
        .put("/v1/settings/preferences", json!({"key_storage_mode": "file", "runtime_mode": "local"}))
        .await
        .ok();
    pair(&server, &code).await.error(409, "trusted_proxy_not_configured");
    let local = Server::start().await;
    local.owner().await;
    pair(&local, "x").await.error(409, "trusted_proxy_not_configured");
}

#[tokio::test]
async fn who_is_no_peer_of_the_proxy_is_refused_and_the_code_stays_good() {
    let server = Server::start_with(&["--listen", "0.0.0.0:0"]).await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let code = invited(&server);
    let away = server.elsewhere();
    let refused = away.post("/v1/frontend/pair", json!({ "code": code })).await;
    refused.error(403, "pairing_peer_not_allowed");
    let log = owner.get("/v1/audit-logs?action=frontend_pairing_refused").await.ok();
    assert_eq!(log["entries"][0]["details"], r#"{"code":"pairing_peer_not_allowed"}"#);
    assert_eq!(log["entries"][0]["peer"], json!(own_address().to_string()));
    let peers = json!({"trusted_proxy_cidrs": [own_address()]});
    owner.put("/v1/settings/external-access/trusted-proxy", peers).await.ok();
    assert_eq!(away.post("/v1/frontend/pair", json!({ "code": code })).await.ok()["backend_proof"], "s3cret");
}
