//! The audit log: every act and every refusal leaves an entry, and tampering is found.

use serde_json::{Value, json};

use oored::audit::{Verdict, verify};
use reqwest::Method;
use sea_orm::ConnectionTrait;

use oored::domain::role::UserRole;

use crate::support::program::{self, Daemon, free_port};
use crate::support::provider::{self, Provider};
use crate::support::setting_up::{
    choose_remote, oidc_settings, open, proxy_sign_in, through_provider, through_proxy,
};
use crate::support::{Client, Repository, Server};

async fn entries(client: &Client, query: &str) -> Vec<Value> {
    client.get(&format!("/v1/audit-logs?{query}")).await.ok()["entries"].as_array().unwrap().clone()
}

fn words(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_act_leaves_an_entry_with_person_thing_and_place() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let project = owner.project("Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Android").await;
    let project_path = format!("/v1/projects/{}", project["id"].as_str().unwrap());
    let pipeline_path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
    owner.patch(&pipeline_path, json!({"name": "Droid"})).await.ok();
    owner.delete(&pipeline_path).await.ok();
    owner.patch(&project_path, json!({"name": "Store"})).await.ok();
    owner.delete(&project_path).await.ok();
    let held = json!({"key_storage_mode": "file", "direct_macos_runner_paused": true});
    owner.put("/v1/settings/preferences", held).await.ok();
    let integration = owner.get("/v1/integrations").await.ok()["integrations"][0]["id"].clone();
    owner.delete(&format!("/v1/integrations/{}", integration.as_str().unwrap())).await.ok();
    owner.post("/v1/auth/logout", json!({})).await.ok();
    let owner = server.owner().await;
    let log = entries(&owner, "direction=asc").await;
    let expected = [
        "owner_created_auto_local",
        "local_login_succeeded",
        "integration_created",
        "project_created",
        "pipeline_created",
        "pipeline_updated",
        "pipeline_deleted",
        "project_updated",
        "project_deleted",
        "direct_macos_runner_pause_updated",
        "integration_deleted",
        "logged_out",
        "local_login_succeeded",
    ];
    assert_eq!(words(&log), expected);
    let me = owner.get("/v1/users/me").await.ok()["user"]["id"].clone();
    for (n, entry) in log.iter().enumerate() {
        assert_eq!(entry["id"], n + 1);
        assert_eq!(
            (&entry["actor_id"], entry["actor_email"].as_str()),
            (&me, Some("owner@local")),
            "{entry}"
        );
        assert_eq!(entry["peer"], "127.0.0.1");
    }
    assert_eq!(log[3]["resource_id"], project["id"]);
    assert_eq!(log[4]["resource_type"], "pipeline");
    assert!(log[8]["details"].as_str().unwrap().contains("Store"));
}

#[tokio::test]
async fn builds_and_runners_leave_entries_too() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Android").await;
    let builds = format!("/v1/projects/{}/builds", project["id"].as_str().unwrap());
    let build = owner.post(&builds, json!({"pipeline_id": pipeline["id"]})).await.created()["build"].clone();
    let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
    owner.post(&format!("{path}/cancel"), json!({})).await.ok();
    owner.post(&format!("{path}/cancel"), json!({})).await.error(409, "invalid_transition");
    owner.post(&format!("{path}/rerun"), json!({})).await.created();
    let runner = json!({"name": "mac", "capabilities": {}});
    let registered = owner.post("/v1/runners/register", runner).await.ok();
    let runner = format!("/v1/runners/{}", registered["runner"]["id"].as_str().unwrap());
    owner.patch(&runner, json!({"name": "mini"})).await.ok();
    owner.delete(&runner).await.expect(204);
    let log = entries(&owner, "direction=asc&offset=5").await;
    let expected = [
        "build_created",
        "build_canceled",
        "build_rerun",
        "runner_registered",
        "runner_renamed",
        "runner_deleted",
    ];
    assert_eq!(words(&log), expected);
    assert_eq!(log[0]["resource_id"], build["id"]);
    assert!(log[2]["details"].as_str().unwrap().contains(r#""build_number":2"#));
    let token = registered["token"].as_str().unwrap();
    assert!(log.iter().all(|entry| !entry.to_string().contains(token)), "never a secret");
}

/// The entries of the set-up: what was done, with its details.
async fn steps(owner: &Client) -> Vec<(String, String)> {
    let log = entries(owner, "resource_type=setup&direction=asc").await;
    assert!(log.iter().all(|entry| entry["peer"] == "127.0.0.1" && entry["actor_id"].is_null()), "{log:?}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    log.iter().map(|entry| (text(&entry["action"]), text(&entry["details"]))).collect()
}

fn shown(steps: &[(String, String)]) -> Vec<(&str, &str)> {
    steps.iter().map(|(action, details)| (action.as_str(), details.as_str())).collect()
}

#[tokio::test]
async fn a_local_set_up_can_be_followed_step_by_step() {
    let server = Server::start().await;
    let setup = open(&server).await;
    setup.post("/v1/setup/preferences", json!({"runtime_mode": "local"})).await.ok();
    setup.post("/v1/setup/local-owner/create", json!({"email": "ana@example.com"})).await.ok();
    setup.post("/v1/setup/complete", json!({})).await.ok();
    let steps = steps(&server.owner().await).await;
    let expected = [
        ("bootstrap_token_verified", ""),
        ("setup_preferences_chosen", r#"{"runtime_mode":"local","remote_auth_mode":"oidc"}"#),
        ("setup_owner_named", r#"{"email":"ana@example.com","method":"local"}"#),
        (
            "setup_completed",
            r#"{"email":"ana@example.com","runtime_mode":"local","remote_auth_mode":"oidc"}"#,
        ),
    ];
    assert_eq!(shown(&steps), expected);
}

#[tokio::test]
async fn a_set_up_behind_a_proxy_is_followed_with_whoever_was_refused_and_without_the_secret() {
    let server = Server::start().await;
    let setup = open(&server).await;
    choose_remote(&setup, "trusted_proxy").await;
    let proxy = json!({"shared_secret": "s3cret", "setup_owner_email": "ana@example.com",
        "trusted_proxy_cidrs": ["10.0.0.0/8"]});
    setup.post("/v1/setup/trusted-proxy/configure", proxy).await.ok();
    let claim = async |email: &str, secret: &str| {
        let headers = [("x-warpgate-username", email), ("x-oore-trusted-proxy-secret", secret)];
        through_proxy(&setup, "/v1/setup/owner/claim-trusted-proxy", &headers).await
    };
    claim("eve@example.com", "s3cret").await.error(403, "trusted_proxy_owner_email_mismatch");
    claim("ana@example.com", "gu3ss").await.error(401, "trusted_proxy_shared_secret_invalid");
    claim("ana@example.com", "s3cret").await.ok();
    setup.post("/v1/setup/complete", json!({})).await.ok();
    let owner = proxy_sign_in(&server, "ana@example.com").await;
    let all = owner.get("/v1/audit-logs").await;
    assert!(!all.text.contains("s3cret") && !all.text.contains("gu3ss"), "{}", all.text);
    let steps = steps(&owner).await;
    let expected = [
        ("bootstrap_token_verified", ""),
        ("setup_preferences_chosen", r#"{"runtime_mode":"remote","remote_auth_mode":"trusted_proxy"}"#),
        (
            "setup_trusted_proxy_configured",
            r#"{"user_email_header":"X-Warpgate-Username","cidrs":["10.0.0.0/8"],"has_shared_secret":true}"#,
        ),
        ("setup_owner_named", r#"{"email":"ana@example.com","method":"trusted_proxy"}"#),
        (
            "setup_completed",
            r#"{"email":"ana@example.com","runtime_mode":"remote","remote_auth_mode":"trusted_proxy"}"#,
        ),
    ];
    assert_eq!(shown(&steps), expected);
    let refused = entries(&owner, "action=setup_owner_refused&direction=asc").await;
    let codes: Vec<&str> = refused.iter().map(|entry| entry["details"].as_str().unwrap()).collect();
    let expected = ["trusted_proxy_owner_email_mismatch", "trusted_proxy_shared_secret_invalid"];
    assert_eq!(codes, expected.map(|code| format!(r#"{{"code":"{code}"}}"#)));
}

#[tokio::test]
async fn a_set_up_with_a_provider_is_followed_without_the_client_secret() {
    let (server, provider) = (Server::start().await, Provider::start().await);
    let setup = open(&server).await;
    choose_remote(&setup, "oidc").await;
    setup.post("/v1/setup/oidc/configure", oidc_settings(&provider)).await.ok();
    let begun = setup.post("/v1/setup/owner/start-oidc", json!({})).await.ok();
    let back = |state: &Value| json!({"code": provider.agree(begun["authorization_url"].as_str().unwrap()), "state": state});
    setup.post("/v1/setup/owner/verify-oidc", back(&json!("made up"))).await.error(400, "invalid_state");
    setup.post("/v1/setup/owner/verify-oidc", back(&begun["state"])).await.ok();
    setup.post("/v1/setup/complete", json!({})).await.ok();
    let signed_in = through_provider(&server.anonymous(), &provider).await.ok();
    let owner = server.anonymous().with_token(signed_in["session_token"].as_str().unwrap());
    let steps = steps(&owner).await;
    let names: Vec<&str> = steps.iter().map(|(action, _)| action.as_str()).collect();
    let expected = [
        "bootstrap_token_verified",
        "setup_preferences_chosen",
        "setup_oidc_configured",
        "setup_owner_named",
        "setup_completed",
    ];
    assert_eq!(names, expected);
    assert!(steps[2].1.contains(&provider.issuer) && steps[2].1.contains(r#""has_client_secret":true"#));
    assert!(steps[3].1.contains(r#""method":"oidc""#));
    let all = owner.get("/v1/audit-logs").await;
    assert!(all.text.contains("setup_owner_refused"), "{}", all.text);
    assert!(!all.text.contains(provider::SECRET), "{}", all.text);
}

#[tokio::test]
async fn whom_it_was_done_to_can_be_read_when_they_are_gone() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let bea = server.person("bea@example.com", UserRole::Developer).await;
    let id = bea.id().await;
    let repository = Repository::with(&[("a", "b")]);
    let project = owner.project("Shop", &repository).await;
    let members = format!("/v1/projects/{}/members", project["id"].as_str().unwrap());
    owner.post(&members, json!({"user_id": id, "role": "viewer"})).await.created();
    owner.patch(&format!("{members}/{id}"), json!({"role": "developer"})).await.ok();
    owner.delete(&format!("{members}/{id}")).await.ok();
    let token = bea.post("/v1/api-tokens", json!({"name": "ci", "role": "developer"})).await.ok();
    owner.delete(&format!("/v1/api-tokens/{}", token["id"].as_str().unwrap())).await.ok();
    owner.patch(&format!("/v1/users/{id}/role"), json!({"role": "admin"})).await.ok();
    owner.delete(&format!("/v1/users/{id}")).await.ok();
    let by_owner = format!("actor_id={}&direction=asc", owner.id().await);
    let log = entries(&owner, &by_owner).await;
    for action in [
        "project_member_added",
        "project_member_role_updated",
        "project_member_removed",
        "api_token_revoked",
        "role_changed",
        "user_disabled",
    ] {
        let entry = log.iter().find(|entry| entry["action"] == action);
        let details = entry.and_then(|entry| entry["details"].as_str()).unwrap_or_default();
        assert!(details.contains("bea@example.com"), "{action}: {entry:?}");
    }
}

#[tokio::test]
async fn what_fails_leaves_no_entry_of_an_act() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner
        .post("/v1/projects", json!({"name": "a", "repository_id": "x"}))
        .await
        .error(400, "invalid_repository");
    let repository = Repository::with(&[("a", "b")]);
    let body = json!({"name": "a", "local_repository_path": repository.path(), "default_branch": "-x"});
    owner.post("/v1/projects", body).await.error(400, "invalid_input");
    assert!(!words(&entries(&owner, "").await).contains(&"project_created"));
}

#[tokio::test]
async fn a_refused_sign_in_is_recorded_with_its_reason_and_without_what_may_be_a_password() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let client = server.anonymous();
    client
        .post("/v1/auth/local/login", json!({"email": "eve@example.com"}))
        .await
        .error(403, "user_not_found");
    client
        .post("/v1/auth/local/login", json!({"email": "hunter2-secret"}))
        .await
        .error(403, "user_not_found");
    let proxied = client.request(Method::POST, "/v1/auth/local/login").json(&json!({})).header("via", "x");
    client.send(proxied).await.error(403, "local_login_loopback_required");
    let log = entries(&owner, "action=local_login_refused&direction=asc").await;
    assert_eq!(log.len(), 3);
    assert_eq!(log[0]["details"], r#"{"code":"user_not_found","email":"eve@example.com"}"#);
    assert_eq!(log[1]["details"], r#"{"code":"user_not_found"}"#);
    assert_eq!(log[2]["details"], r#"{"code":"local_login_loopback_required"}"#);
    assert_eq!(log[2]["peer"], "127.0.0.1 (behind a proxy)");
    assert!(log.iter().all(|entry| entry["actor_id"].is_null()));
}

#[tokio::test]
async fn refusals_cannot_fill_the_disk() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let refuse = async || {
        let body = json!({"email": "eve@example.com"});
        server.anonymous().post("/v1/auth/local/login", body).await.error(403, "user_not_found");
    };
    for _ in 0..30 {
        refuse().await;
    }
    assert_eq!(entries(&owner, "action=local_login_refused").await.len(), 20);
    server.advance(61);
    oored::auth::refusal::write(&server.app).await.unwrap();
    let last = entries(&owner, "limit=1").await;
    assert_eq!(
        (&last[0]["action"], &last[0]["details"]),
        (&json!("refusals_counted"), &json!(r#"{"not_recorded":10}"#))
    );
    refuse().await;
    assert_eq!(words(&entries(&owner, "limit=1").await), ["local_login_refused"]);
}

#[tokio::test]
async fn entries_are_filtered_sorted_and_paged() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    for name in ["One", "Two", "Three"] {
        server.advance(100);
        owner.project(name, &repository).await;
    }
    let now = server.app.clock.now();
    let list = async |query: String| -> (usize, u64) {
        let answer = owner.get(&format!("/v1/audit-logs?{query}")).await.ok();
        (answer["entries"].as_array().unwrap().len(), answer["total"].as_u64().unwrap())
    };
    assert_eq!(list(String::new()).await, (6, 6));
    assert_eq!(list("limit=2&offset=1".to_owned()).await, (2, 6));
    assert_eq!(list("action=project_created".to_owned()).await, (3, 3));
    assert_eq!(list("resource_type=integration".to_owned()).await, (1, 1));
    assert_eq!(list(format!("from_ts={}", now - 150)).await, (2, 2));
    assert_eq!(list(format!("to_ts={}", now - 250)).await, (2, 2));
    let me = owner.get("/v1/users/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(list(format!("actor_id={me}")).await, (6, 6));
    assert_eq!(list("actor_id=somebody".to_owned()).await, (0, 0));
    let sorted = entries(&owner, "sort=action&direction=asc").await;
    assert!(words(&sorted).is_sorted());
    for query in ["sort=details", "direction=up", "limit=0", "limit=-1"] {
        owner.get(&format!("/v1/audit-logs?{query}")).await.error(400, "invalid_input");
    }
    owner.get("/v1/audit-logs?from_ts=yesterday").await.error(400, "invalid_request");
}

async fn tamper(server: &Server, sql: &str) -> Verdict {
    server.app.db.write(async |tx| Ok(tx.execute_unprepared(sql).await?)).await.unwrap();
    verify(&server.app.db, &server.app.sealer, None).await.unwrap()
}

async fn server_with_entries() -> Server {
    let server = Server::start().await;
    for _ in 0..5 {
        server.owner().await;
    }
    let verdict = verify(&server.app.db, &server.app.sealer, None).await.unwrap();
    assert!(matches!(verdict, Verdict::Intact { entries: 6, .. }), "{verdict:?}");
    server
}

#[tokio::test]
async fn whatever_is_changed_added_or_removed_is_found() {
    for (sql, entry) in [
        ("UPDATE audit_logs SET actor_email = 'eve@x' WHERE id = 3", 3),
        ("UPDATE audit_logs SET action = 'nothing' WHERE id = 1", 1),
        ("UPDATE audit_logs SET created_at = created_at - 1 WHERE id = 6", 6),
        ("UPDATE audit_logs SET peer = NULL WHERE id = 2", 2),
        ("DELETE FROM audit_logs WHERE id = 4", 4),
        ("DELETE FROM audit_logs WHERE id = 6", 6),
        ("DELETE FROM audit_logs; DELETE FROM audit_head", 1),
        (
            "INSERT INTO audit_logs SELECT 7,actor_id,actor_email,action,resource_type,resource_id,details,peer,created_at,hash FROM audit_logs WHERE id = 6",
            7,
        ),
        (
            "UPDATE audit_head SET entries = 5, hash = (SELECT hash FROM audit_logs WHERE id = 5); DELETE FROM audit_logs WHERE id = 6",
            6,
        ),
    ] {
        let server = server_with_entries().await;
        let verdict = tamper(&server, sql).await;
        // An empty log is what a fresh instance has; only a noted hash tells them apart.
        if sql.ends_with("audit_head") {
            let noted = verify(&server.app.db, &server.app.sealer, Some("noted before")).await.unwrap();
            assert!(matches!(noted, Verdict::Broken { .. }), "{sql}");
            continue;
        }
        assert!(
            matches!(verdict, Verdict::Broken { entry: found, .. } if found == entry),
            "{sql}: {verdict:?}"
        );
    }
}

#[tokio::test]
async fn the_log_is_checked_on_the_command_line_while_the_daemon_runs() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), free_port(), &["--runner-mode", "external"]).await;
    daemon.client().sign_in(None).await;
    let data = folder.path().to_str().unwrap();
    let done = program::run(&["audit", "verify", "--data-dir", data]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && said.starts_with("2 entries"), "{said}");
    let hash = said.split("hash ").nth(1).unwrap().trim();
    daemon.client().sign_in(None).await;
    assert!(program::run(&["audit", "verify", "--data-dir", data, "--noted", hash]).status.success());
    let replaced = program::run(&["audit", "verify", "--data-dir", data, "--noted", &"0".repeat(64)]);
    assert!(!replaced.status.success());
    assert!(String::from_utf8_lossy(&replaced.stderr).contains("tampered"));
    let nowhere = program::run(&["audit", "verify", "--data-dir", "/does/not/exist"]);
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("there is no database"));
}
