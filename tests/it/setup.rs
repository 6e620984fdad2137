//! Setting an instance up: the token of the command line, the set-up session, and every step.

use std::time::Duration;

use serde_json::json;

use crate::support::program::{self, Daemon, free_port};
use crate::support::setting_up::{behind_proxy, bootstrap_token, choose_remote, open, through_proxy};
use crate::support::{Client, Server};

async fn verify(client: &Client, token: &str) -> crate::support::Answer {
    client.post("/v1/setup/bootstrap-token/verify", json!({ "token": token })).await
}

async fn state(client: &Client) -> String {
    client.get("/v1/public/setup-status").await.ok()["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_local_instance_is_set_up_with_a_named_owner() {
    let server = Server::start().await;
    let setup = open(&server).await;
    let chosen = setup.post("/v1/setup/preferences", json!({"runtime_mode": "local"})).await.ok();
    assert_eq!(chosen["remote_auth_mode"], "oidc");
    let named = setup.post("/v1/setup/local-owner/create", json!({"email": " ana@example.com "})).await.ok();
    assert_eq!(
        (&named["state"], &named["owner_email"]),
        (&json!("owner_created"), &json!("ana@example.com"))
    );
    let summary = setup.get("/v1/setup/summary").await.ok();
    assert_eq!(summary["owner_email"], "ana@example.com");
    assert_eq!(summary["has_client_secret"], false);
    assert_eq!((&summary["runtime_mode"], &summary["remote_auth_mode"]), (&json!("local"), &json!("oidc")));
    assert_eq!(summary["trusted_proxy_configured"], false);
    assert_eq!(setup.post("/v1/setup/complete", json!({})).await.ok()["state"], "ready");
    let owner = server.owner().await.get("/v1/users/me").await.ok()["user"].clone();
    assert_eq!((&owner["email"], &owner["role"]), (&json!("ana@example.com"), &json!("owner")));
}

#[tokio::test]
async fn signing_in_locally_completes_a_set_up_with_the_owner_it_has_named() {
    let server = Server::start().await;
    let setup = open(&server).await;
    setup.post("/v1/setup/local-owner/create", json!({"email": "ana@example.com"})).await.ok();
    let owner = server.owner().await.get("/v1/users/me").await.ok();
    assert_eq!(owner["user"]["email"], "ana@example.com");
    assert_eq!(state(&setup).await, "ready");
}

#[tokio::test]
async fn the_token_opens_the_set_up_once_and_for_a_short_time() {
    let server = Server::start().await;
    let client = server.anonymous();
    verify(&client, "x").await.error(500, "no_bootstrap_token");
    let first = bootstrap_token(&server).await;
    verify(&client, "oore_bootstrap_wrong").await.error(401, "invalid_token");
    let second = bootstrap_token(&server).await;
    verify(&client, &first).await.error(401, "invalid_token");
    let session = verify(&client, &format!(" {second}\n")).await.ok();
    assert!(session["session_token"].as_str().unwrap().starts_with("oore_setup_"));
    verify(&client, &second).await.error(410, "token_consumed");
    let third = bootstrap_token(&server).await;
    server.advance(901);
    verify(&client, &third).await.error(410, "token_expired");
}

#[tokio::test]
async fn guessing_the_token_is_stopped_and_the_right_one_still_works() {
    let server = Server::start().await;
    let client = server.anonymous();
    let token = bootstrap_token(&server).await;
    for _ in 0..5 {
        verify(&client, "wrong").await.error(401, "invalid_token");
    }
    verify(&client, "wrong").await.error(429, "too_many_attempts");
    verify(&client, "wrong").await.error(429, "too_many_attempts");
    verify(&client, &token).await.ok();
}

#[tokio::test]
async fn a_set_up_session_lives_on_with_use_and_a_newer_one_replaces_it() {
    let server = Server::start().await;
    let client = server.anonymous();
    client.get("/v1/setup/summary").await.error(401, "missing_auth");
    client.with_token("oore_setup_x").get("/v1/setup/summary").await.error(401, "no_session");
    let first = open(&server).await;
    for _ in 0..3 {
        server.advance(29 * 60);
        first.get("/v1/setup/summary").await.ok();
    }
    let second = open(&server).await;
    first.get("/v1/setup/summary").await.error(401, "invalid_session");
    server.advance(30 * 60);
    second.get("/v1/setup/summary").await.error(401, "session_expired");
    open(&server).await.get("/v1/setup/summary").await.ok();
}

#[tokio::test]
async fn a_wrong_token_of_a_set_up_session_waits_for_no_writer_and_is_counted() {
    let server = Server::start().await;
    let setup = open(&server).await;
    let wrong = server.anonymous().with_token("oore_setup_wrong");
    let ask = async |client: &Client| {
        let request = client.request(reqwest::Method::GET, "/v1/setup/summary");
        client.send(request.header("x-forwarded-for", "203.0.113.5")).await
    };
    // While somebody else writes.
    let refused = server.app.db.write(async |_| Ok(ask(&wrong).await));
    let refused = tokio::time::timeout(Duration::from_secs(10), refused).await;
    refused.expect("a wrong token asks for no write").unwrap().error(401, "invalid_session");
    for _ in 1..100 {
        ask(&wrong).await.error(401, "invalid_session");
    }
    ask(&wrong).await.error(429, "too_many_attempts");
    ask(&setup).await.ok();
}

#[tokio::test]
async fn an_interrupted_set_up_goes_on_where_it_stopped() {
    let server = Server::start().await;
    let setup = open(&server).await;
    setup.post("/v1/setup/local-owner/create", json!({"email": "ana@example.com"})).await.ok();
    let server = server.restart().await;
    let setup = open(&server).await;
    assert_eq!(setup.get("/v1/setup/summary").await.ok()["state"], "owner_created");
    setup.post("/v1/setup/complete", json!({})).await.ok();
}

#[tokio::test]
async fn steps_out_of_order_are_refused_without_effect() {
    let server = Server::start().await;
    let setup = open(&server).await;
    setup.post("/v1/setup/complete", json!({})).await.error(409, "invalid_state");
    choose_remote(&setup, "trusted_proxy").await;
    setup.post("/v1/setup/local-owner/create", json!({"email": "a@b"})).await.error(403, "mode_restricted");
    setup.post("/v1/setup/owner/claim-trusted-proxy", json!({})).await.error(409, "invalid_state");
    let local = json!({"runtime_mode": "local"});
    setup.post("/v1/setup/preferences", local).await.ok();
    setup.post("/v1/setup/trusted-proxy/configure", json!({})).await.error(403, "mode_restricted");
    setup.post("/v1/setup/local-owner/create", json!({"email": "nobody"})).await.error(400, "invalid_input");
    assert_eq!(state(&setup).await, "bootstrap_pending");
    setup.post("/v1/setup/local-owner/create", json!({"email": "a@b"})).await.ok();
    for (path, body) in [
        ("/v1/setup/preferences", json!({"runtime_mode": "remote"})),
        ("/v1/setup/local-owner/create", json!({"email": "c@d"})),
        ("/v1/setup/trusted-proxy/configure", json!({})),
    ] {
        setup.post(path, body).await.error(409, "invalid_state");
    }
}

#[tokio::test]
async fn after_ready_every_step_is_refused() {
    let server = Server::start().await;
    let setup = open(&server).await;
    let unused = bootstrap_token(&server).await;
    server.owner().await;
    verify(&server.anonymous(), &unused).await.error(409, "already_configured");
    for (path, body) in [
        ("/v1/setup/preferences", json!({"runtime_mode": "local"})),
        ("/v1/setup/local-owner/create", json!({"email": "c@d"})),
        ("/v1/setup/trusted-proxy/configure", json!({})),
        ("/v1/setup/owner/claim-trusted-proxy", json!({})),
        ("/v1/setup/complete", json!({})),
    ] {
        setup.post(path, body).await.error(409, "already_configured");
    }
    setup.get("/v1/setup/summary").await.error(409, "already_configured");
}

#[tokio::test]
async fn a_remote_set_up_refuses_local_sign_in_until_it_is_complete() {
    let server = Server::start().await;
    let setup = open(&server).await;
    choose_remote(&setup, "trusted_proxy").await;
    let login = || server.anonymous();
    login().post("/v1/auth/local/login", json!({})).await.error(403, "mode_restricted");
    through_proxy(&login(), "/v1/auth/trusted-proxy/login", &[]).await.error(409, "setup_incomplete");
}

#[tokio::test]
async fn the_owner_of_a_remote_instance_proves_who_they_are_through_the_proxy() {
    let server = Server::start().await;
    let setup = open(&server).await;
    choose_remote(&setup, "trusted_proxy").await;
    let configure = async |body| setup.post("/v1/setup/trusted-proxy/configure", body).await;
    for body in [
        json!({"user_email_header": "not a header"}),
        json!({"user_email_header": "Host"}),
        json!({"trusted_proxy_cidrs": ["10.0.0.0/99"]}),
        json!({"shared_secret": "x".repeat(1025)}),
        json!({"setup_owner_email": "nobody"}),
    ] {
        configure(body).await.error(400, "invalid_input");
    }
    let body = json!({"user_email_header": "X-User", "setup_owner_email": "Ana@example.com", "shared_secret": "s3cret"});
    let configured = configure(body).await.ok();
    assert_eq!(
        (&configured["state"], &configured["has_shared_secret"]),
        (&json!("idp_configured"), &json!(true))
    );
    let claim = async |headers: &[(&str, &str)]| {
        through_proxy(&setup, "/v1/setup/owner/claim-trusted-proxy", headers).await
    };
    let secret = ("x-oore-trusted-proxy-secret", "s3cret");
    claim(&[("x-user", "ana@example.com")]).await.error(401, "trusted_proxy_shared_secret_missing");
    claim(&[secret]).await.error(401, "trusted_proxy_identity_missing");
    claim(&[secret, ("x-user", "eve@example.com")]).await.error(403, "trusted_proxy_owner_email_mismatch");
    let claimed = claim(&[secret, ("x-user", "ana@EXAMPLE.com")]).await.ok();
    assert_eq!(
        (&claimed["state"], &claimed["owner_email"]),
        (&json!("owner_created"), &json!("ana@EXAMPLE.com"))
    );
    setup.post("/v1/setup/complete", json!({})).await.ok();
    let headers = [secret, ("x-user", "ana@example.com")];
    let session = through_proxy(&server.anonymous(), "/v1/auth/trusted-proxy/login", &headers).await.ok();
    assert_eq!(session["user"]["role"], "owner");
}

#[tokio::test]
async fn a_public_url_is_noted_with_the_way_to_sign_in_and_acts_at_once() {
    let server = Server::start().await;
    let setup = open(&server).await;
    let choose = async |url: &str| {
        let body = json!({"runtime_mode": "remote", "remote_auth_mode": "oidc", "public_url": url});
        setup.post("/v1/setup/preferences", body).await
    };
    for url in [
        "https://ci.example.com/ci",
        "https://ci.example.com?x",
        "https://user:s3cret@ci.example.com",
        "https://localhost",
        "ci.example.com",
    ] {
        let refused = choose(url).await;
        assert_eq!(refused.error(400, "invalid_input")["fields"][0]["field"], "public_url", "{url}");
        assert!(!refused.text.contains("s3cret"));
    }
    choose("http://ci.example.com").await.error(400, "external_access_https_required");
    let before = setup.get("/v1/setup/summary").await.ok();
    assert_eq!((&before["runtime_mode"], &before["public_url"]), (&json!("local"), &serde_json::Value::Null));
    choose(" https://ci.example.com/ ").await.ok();
    let summary = setup.get("/v1/setup/summary").await.ok();
    assert_eq!(
        (&summary["public_url"], &summary["warnings"]),
        (&json!("https://ci.example.com"), &json!([]))
    );
    // Left out or empty it stays, and in local mode it is of no harm.
    choose("").await.ok();
    setup.post("/v1/setup/preferences", json!({"runtime_mode": "local"})).await.ok();
    let request = server.anonymous().request(reqwest::Method::GET, "/v1/public/setup-status");
    server.anonymous().send(request.header("host", "ci.example.com")).await.ok();
    setup.post("/v1/setup/local-owner/create", json!({"email": "ana@example.com"})).await.ok();
    setup.post("/v1/setup/complete", json!({})).await.ok();
    let server = server.restart().await;
    let owner = server.owner().await;
    let network = owner.get("/v1/settings/external-access/network").await.ok()["settings"].clone();
    assert_eq!(network["public_url"], "https://ci.example.com");
    assert_eq!(network["allowed_origins"], json!(["https://ci.example.com"]));
    let log = owner.get("/v1/audit-logs?action=external_access_network_settings_updated").await.ok();
    assert_eq!(log["total"], 1);
}

#[tokio::test]
async fn a_public_url_of_the_environment_stays_its_to_say() {
    let server = Server::start_with(&["--public-url", "https://ci.example.com"]).await;
    let setup = open(&server).await;
    let choose = async |url: &str| {
        let body = json!({"runtime_mode": "remote", "remote_auth_mode": "oidc", "public_url": url});
        setup.post("/v1/setup/preferences", body).await.ok();
        oored::db::network_settings::find(server.app.db.read()).await.unwrap().map(|row| row.public_url)
    };
    assert_eq!(choose("https://ci.example.com/").await, None);
    assert_eq!(choose("https://other.example.com").await, Some(Some("https://other.example.com".to_owned())));
}

#[tokio::test]
async fn a_remote_instance_without_a_public_url_is_set_up_with_a_warning() {
    let server = Server::start().await;
    let setup = open(&server).await;
    assert_eq!(setup.get("/v1/setup/summary").await.ok()["warnings"], json!([]));
    choose_remote(&setup, "trusted_proxy").await;
    let warnings = setup.get("/v1/setup/summary").await.ok()["warnings"].clone();
    assert!(warnings[0].as_str().unwrap().contains("no public URL"), "{warnings}");
    behind_proxy(&server, "ana@example.com").await.get("/v1/users/me").await.ok();
}

#[tokio::test]
async fn a_ticket_of_warpgate_is_refused_because_nothing_would_use_it() {
    let server = Server::start().await;
    let setup = open(&server).await;
    choose_remote(&setup, "trusted_proxy").await;
    let configure = "/v1/setup/trusted-proxy/configure";
    let with_ticket = |ticket: &str| json!({"shared_secret": "s3cret", "warpgate_ticket": ticket});
    let told = setup.post(configure, with_ticket("t")).await.error(400, "invalid_input");
    assert_eq!(told["fields"][0]["field"], "warpgate_ticket");
    assert_eq!(state(&setup).await, "bootstrap_pending", "nothing was saved");
    setup.post(configure, with_ticket("")).await.ok();
    setup.post(configure, json!({"shared_secret": "s3cret", "warpgate_ticket": null})).await.ok();
    let owner = behind_proxy(&server, "ana@example.com").await;
    let settings = "/v1/settings/external-access/trusted-proxy";
    let told = owner.put(settings, with_ticket("t")).await.error(400, "invalid_input");
    assert_eq!(told["fields"][0]["field"], "warpgate_ticket");
    assert_eq!(owner.put(settings, with_ticket("")).await.ok()["settings"]["has_warpgate_ticket"], false);
}

#[tokio::test]
async fn an_instance_that_nobody_could_sign_in_to_does_not_become_ready() {
    let server = Server::start().await;
    let setup = open(&server).await;
    setup.post("/v1/setup/local-owner/create", json!({"email": "a@b"})).await.ok();
    let remote = "UPDATE instance SET runtime_mode = 'remote'";
    use sea_orm::ConnectionTrait;
    server.app.db.write(async |tx| Ok(tx.execute_unprepared(remote).await?)).await.unwrap();
    setup.post("/v1/setup/complete", json!({})).await.error(409, "remote_auth_not_configured");
    let proxy = "UPDATE instance SET remote_auth_mode = 'trusted_proxy'";
    server.app.db.write(async |tx| Ok(tx.execute_unprepared(proxy).await?)).await.unwrap();
    setup.post("/v1/setup/complete", json!({})).await.error(409, "trusted_proxy_config_invalid");
    assert_eq!(state(&setup).await, "owner_created");
}

#[tokio::test]
async fn the_set_up_is_in_the_audit_log_without_a_secret() {
    let server = Server::start().await;
    verify(&server.anonymous(), "x").await.error(500, "no_bootstrap_token");
    let token = bootstrap_token(&server).await;
    verify(&server.anonymous(), "wrong").await.error(401, "invalid_token");
    let owner = behind_proxy(&server, "ana@example.com").await;
    let log = owner.get("/v1/audit-logs?direction=asc").await.ok();
    let entries = log["entries"].as_array().unwrap();
    let words: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let expected = [
        "bootstrap_token_refused",
        "bootstrap_token_verified",
        "setup_preferences_chosen",
        "setup_trusted_proxy_configured",
        "setup_owner_named",
        "owner_created",
        "setup_completed",
        "trusted_proxy_login_succeeded",
    ];
    assert_eq!(words, expected);
    for secret in [token.as_str(), "s3cret", "wrong"] {
        assert!(!log.to_string().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn the_command_line_mints_the_token_with_the_daemon_stopped_or_running() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mint = |more: &[&str]| {
        let done =
            program::run(&[&["oore", "setup", "token", "--data-dir", data.to_str().unwrap()], more].concat());
        (
            done.status.success(),
            String::from_utf8_lossy(&done.stdout).trim().to_owned(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
        )
    };
    let (_, stopped, _) = mint(&[]);
    let mut daemon = Daemon::start(&data, free_port(), &["--runner-mode", "external"]).await;
    verify(&daemon.client(), &stopped).await.ok();
    let (_, running, _) = mint(&["--ttl", "5m", "--json"]);
    let running: serde_json::Value = serde_json::from_str(&running).unwrap();
    verify(&daemon.client(), running["token"].as_str().unwrap()).await.ok();
    assert!(!mint(&["--ttl", "2h"]).0);
    daemon.client().sign_in(None).await;
    let (minted, _, said) = mint(&[]);
    assert!(!minted && said.contains("set up already"), "{said}");
    daemon.stop();
    let verified = program::run(&["audit", "verify", "--data-dir", data.to_str().unwrap()]);
    assert!(verified.status.success());
}

#[tokio::test]
async fn a_remote_daemon_that_starts_without_a_public_url_warns_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let init = ["oore", "setup", "init", "--mode", "trusted-proxy", "--owner-email", "ana@example.com"];
    let rest = ["--shared-secret", "s3cret", "--data-dir", data.to_str().unwrap()];
    assert!(program::run(&[&init[..], &rest].concat()).status.success());
    for (url, warned) in [("", true), ("https://ci.example.com", false)] {
        let flags = ["--runner-mode", "external", "--public-url", url];
        let said = Daemon::said_at_start(&data, free_port(), &flags).await;
        assert!(said.contains("listens on"), "{said}");
        assert_eq!(said.contains("no public URL"), warned, "{said}");
    }
}
