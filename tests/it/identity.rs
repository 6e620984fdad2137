//! What ties accounts to identities outside, when the way to sign in changes: nobody is locked out for
//! good, and nobody's account is taken over silently.

use oored::domain::role::UserRole::{Admin, Developer};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::provider::Provider;
use crate::support::setting_up::{behind_proxy, oidc_settings, proxy_sign_in, through_provider};
use crate::support::{Answer, Client, Server};

const OIDC: &str = "/v1/settings/external-access/oidc";
const ME: &str = "/v1/users/me";
const PREFERENCES: &str = "/v1/settings/preferences";
const REMOTE: [&str; 4] =
    ["--public-url", "https://ci.example.com", "--cors-origins", "https://ci.example.com"];

async fn forget(client: &Client, id: &str) -> Answer {
    client.post(&format!("/v1/users/{id}/forget-identity"), json!({})).await
}

/// What the preflight says of one thing.
async fn check(owner: &Client, id: &str) -> Value {
    let answer = owner.get("/v1/settings/external-access/preflight").await.ok();
    let checks = answer["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id} in {answer}")).clone()
}

fn remote_oidc() -> Value {
    json!({"key_storage_mode": "file", "runtime_mode": "remote", "remote_auth_mode": "oidc"})
}

#[tokio::test]
async fn people_of_a_trusted_proxy_are_linked_once_by_a_verified_address() {
    let (server, provider) = (Server::start_with(&REMOTE).await, Provider::start().await);
    let owner = behind_proxy(&server, "ana@example.com").await;
    owner.post("/v1/users/invite", json!({"email": "bea@example.com", "role": "developer"})).await.created();
    proxy_sign_in(&server, "bea@example.com").await;
    owner.put(OIDC, oidc_settings(&provider)).await.ok();
    owner.put(PREFERENCES, remote_oidc()).await.ok();
    let client = server.anonymous();
    provider.claims(json!({"email_verified": false}));
    through_provider(&client, &provider).await.error(403, "unverified_email");
    provider.claims(json!({}));
    assert_eq!(through_provider(&client, &provider).await.ok()["user"]["role"], "owner");
    provider.claims(json!({"sub": "8", "email": "bea@example.com"}));
    assert_eq!(through_provider(&client, &provider).await.ok()["user"]["role"], "developer");
    for sub in ["7", "9"] {
        provider.claims(json!({"sub": sub, "email": "bea@example.com"}));
        let answer = through_provider(&client, &provider).await;
        match sub {
            "7" => assert_eq!(answer.ok()["user"]["email"], "ana@example.com", "the subject counts"),
            _ => drop(answer.error(403, "user_not_found")),
        }
    }
}

#[tokio::test]
async fn after_a_change_of_the_issuer_a_forgotten_identity_makes_room() {
    let (server, old, new) =
        (Server::start_with(&REMOTE).await, Provider::start().await, Provider::start().await);
    let local = server.owner().await;
    local.post("/v1/users/invite", json!({"email": "ana@example.com", "role": "developer"})).await.created();
    local.put(OIDC, oidc_settings(&old)).await.ok();
    let client = server.anonymous();
    let id = through_provider(&client, &old).await.ok()["user"]["user_id"].as_str().unwrap().to_owned();
    assert_eq!(check(&local, "accounts_can_sign_in").await["message"], "in order");
    local.put(OIDC, oidc_settings(&new)).await.ok();
    let stranded = check(&local, "accounts_can_sign_in").await;
    assert!(stranded["ok"] == true && stranded["message"].as_str().unwrap().ends_with(": 1"), "{stranded}");
    through_provider(&client, &new).await.error(403, "user_not_found");
    let may_forget = async || {
        let users = local.get("/v1/users?q=ana@example.com").await.ok();
        users["users"][0]["capabilities"].as_array().unwrap().contains(&json!("forget_identity"))
    };
    assert!(may_forget().await, "it is told beforehand");
    assert_eq!(forget(&local, &id).await.ok()["user"]["status"], "active");
    assert!(!may_forget().await, "there is nothing left to forget");
    new.claims(json!({"email_verified": false}));
    through_provider(&client, &new).await.error(403, "unverified_email");
    new.claims(json!({}));
    assert_eq!(through_provider(&client, &new).await.ok()["user"]["user_id"], id);
    assert_eq!(check(&local, "accounts_can_sign_in").await["message"], "in order");
    new.claims(json!({"sub": "8"}));
    through_provider(&client, &new).await.error(403, "user_not_found");
    let log = local.get("/v1/audit-logs?action=user_identity_forgotten").await.ok();
    assert_eq!((&log["total"], &log["entries"][0]["resource_id"]), (&json!(1), &json!(id)));
    assert!(log["entries"][0]["details"].as_str().unwrap().contains(&old.issuer));
}

#[tokio::test]
async fn an_owner_of_another_issuer_is_told_before_the_door_closes() {
    let (server, old, new) =
        (Server::start_with(&REMOTE).await, Provider::start().await, Provider::start().await);
    let setup = crate::support::setting_up::open(&server).await;
    setup.post("/v1/setup/local-owner/create", json!({"email": "ana@example.com"})).await.ok();
    let owner = server.owner().await;
    owner.put(OIDC, oidc_settings(&old)).await.ok();
    through_provider(&server.anonymous(), &old).await.ok();
    owner.put(OIDC, oidc_settings(&new)).await.ok();
    assert_eq!(check(&owner, "owner_can_sign_in").await["failure_code"], "external_access_preflight_failed");
    owner.put(PREFERENCES, remote_oidc()).await.error(400, "external_access_preflight_failed");
    forget(&owner, &owner.id().await).await.ok();
    owner.put(PREFERENCES, remote_oidc()).await.ok();
    // Somebody on the machine gets in whatever the provider says, and may look after the others.
    let recovered = server.anonymous().sign_in(Some("ana@example.com")).await;
    assert_eq!(check(&recovered, "owner_can_sign_in").await["ok"], true);
    assert_eq!(through_provider(&server.anonymous(), &new).await.ok()["user"]["role"], "owner");
}

#[tokio::test]
async fn whose_identity_may_be_forgotten_by_whom() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (one, two) = (server.person("one@x", Admin).await, server.person("two@x", Admin).await);
    let dev = server.person("dev@x", Developer).await;
    let (own, two_id, dev_id) = (owner.id().await, two.id().await, dev.id().await);
    forget(&one, &own).await.error(403, "cannot_change_owner");
    forget(&one, &two_id).await.error(403, "insufficient_role");
    forget(&dev, &dev_id).await.error(403, "permission_denied");
    forget(&owner, "nobody").await.error(404, "user_not_found");
    for (client, id) in [(&owner, &own), (&owner, &two_id), (&one, &dev_id)] {
        forget(client, id).await.ok();
    }
}

async fn rename(client: &Client, email: &str) -> Answer {
    client.patch(ME, json!({ "email": email })).await
}

#[tokio::test]
async fn the_owner_of_a_first_run_is_found_by_a_provider_once_they_said_who_they_are() {
    let (server, provider) = (Server::start_with(&REMOTE).await, Provider::start().await);
    let owner = server.owner().await;
    owner.put(OIDC, oidc_settings(&provider)).await.ok();
    let told = check(&owner, "owner_address").await;
    assert_eq!(told["failure_code"], "external_access_preflight_failed");
    assert!(told["message"].as_str().unwrap().contains("owner@local"), "{told}");
    owner.put(PREFERENCES, remote_oidc()).await.error(400, "external_access_preflight_failed");
    assert_eq!(rename(&owner, " Ana@Example.com ").await.ok()["user"]["email"], "Ana@Example.com");
    assert_eq!(owner.get(ME).await.ok()["user"]["email"], "Ana@Example.com", "the session goes on");
    assert_eq!(check(&owner, "owner_address").await["ok"], true);
    owner.put(PREFERENCES, remote_oidc()).await.ok();
    assert_eq!(through_provider(&server.anonymous(), &provider).await.ok()["user"]["role"], "owner");
    let recovered = server.anonymous().sign_in(Some("ana@example.com")).await;
    let log = recovered.get("/v1/audit-logs?action=user_email_changed").await.ok();
    let details = log["entries"][0]["details"].as_str().unwrap();
    assert!(details.contains("owner@local") && details.contains("Ana@Example.com"), "{log}");
    rename(&recovered, "bea@example.com").await.error(409, "email_from_provider");
    assert!(!recovered.get(ME).await.ok()["user"]["capabilities"].to_string().contains("change_email"));
}

#[tokio::test]
async fn an_address_is_changed_by_its_person_to_one_that_is_free_and_real() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.post("/v1/users/invite", json!({"email": "Bob@example.com", "role": "developer"})).await.created();
    rename(&owner, "bob@EXAMPLE.com").await.error(409, "email_exists");
    for wrong in ["", "ana", "a b@example.com", "ana@local", "ana@LOCAL", &format!("{}@b", "a".repeat(256))] {
        rename(&owner, wrong).await.error(400, "invalid_email");
    }
    owner.patch(ME, json!({})).await.error(400, "invalid_request");
    let token = owner.post("/v1/api-tokens", json!({"name": "t", "role": "owner"})).await.ok();
    let program = owner.with_token(token["token"].as_str().unwrap());
    rename(&program, "ana@example.com").await.error(401, "invalid_session");
    let foreign = owner.request(Method::PATCH, ME).json(&json!({"email": "eve@example.com"}));
    owner.send(foreign.header("origin", "https://evil.example")).await.error(403, "origin_not_allowed");
    assert_eq!(owner.get(ME).await.ok()["user"]["email"], "owner@local");
    for email in ["ana@example.com", "Ana@example.com", "Ana@example.com"] {
        rename(&owner, email).await.ok();
    }
    assert_eq!(owner.get("/v1/audit-logs?action=user_email_changed").await.ok()["total"], 2);
    server.anonymous().sign_in(Some("ana@example.com")).await;
    let old = server.anonymous().post("/v1/auth/local/login", json!({"email": "owner@local"})).await;
    old.error(403, "user_not_found");
}

#[tokio::test]
async fn behind_a_proxy_an_address_is_changed_on_the_machine_itself_only() {
    let server = Server::start_with(&REMOTE).await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    owner.post("/v1/users/invite", json!({"email": "bob@example.com", "role": "developer"})).await.created();
    let bob = proxy_sign_in(&server, "bob@example.com").await;
    let proxied = bob.request(Method::PATCH, ME).json(&json!({"email": "rob@example.com"}));
    bob.send(proxied.header("x-forwarded-for", "192.0.2.7"))
        .await
        .error(403, "external_access_loopback_required");
    rename(&bob, "rob@example.com").await.ok();
    assert_eq!(proxy_sign_in(&server, "rob@example.com").await.id().await, bob.id().await);
    // Whoever has the old address now is somebody else.
    owner.post("/v1/users/invite", json!({"email": "bob@example.com", "role": "developer"})).await.created();
    assert_ne!(proxy_sign_in(&server, "bob@example.com").await.id().await, bob.id().await);
}
