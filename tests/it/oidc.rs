//! Signing in through an identity provider, honest and lying.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::Digest;

use crate::support::provider::{Provider, Reply, SECRET};
use crate::support::setting_up::{begin, choose_remote, oidc_settings, open, through_provider};
use crate::support::{Client, Server};

const CALLBACK: &str = "/v1/auth/oidc/callback";

/// A local instance with a provider, its owner, and Ana invited.
async fn instance() -> (Server, Provider, Client) {
    let (server, provider) = (Server::start().await, Provider::start().await);
    let owner = server.owner().await;
    owner.put("/v1/settings/external-access/oidc", oidc_settings(&provider)).await.ok();
    owner.post("/v1/users/invite", json!({"email": "Ana@Example.com", "role": "developer"})).await.created();
    (server, provider, owner)
}

#[tokio::test]
async fn an_invited_person_signs_in_and_stays_the_same_person() {
    let (server, provider, owner) = instance().await;
    let client = server.anonymous();
    let session = through_provider(&client, &provider).await.ok();
    let user = &session["user"];
    assert_eq!((&user["email"], &user["role"]), (&json!("Ana@Example.com"), &json!("developer")));
    assert_eq!(
        (&user["oidc_subject"], &user["avatar_url"]),
        (&json!("7"), &json!("https://pics.example.com/ana.png"))
    );
    let ana = client.with_token(session["session_token"].as_str().unwrap());
    assert_eq!(ana.get("/v1/users/me").await.ok()["user"]["status"], "active");
    // The provider's own name counts from now on, whatever the address is.
    provider.claims(json!({"email": "ana.new@example.com", "email_verified": false}));
    assert_eq!(through_provider(&client, &provider).await.ok()["user"]["user_id"], user["user_id"]);
    let words = owner.get("/v1/audit-logs?limit=3").await.ok()["entries"].clone();
    let words: Vec<_> = words.as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(words, ["oidc_login_succeeded", "oidc_login_succeeded", "user_activated"]);
}

#[tokio::test]
async fn who_does_not_belong_does_not_get_in() {
    let (server, provider, owner) = instance().await;
    let client = server.anonymous();
    provider.claims(json!({"email": "eve@example.com"}));
    let refused = through_provider(&client, &provider).await;
    assert_eq!(refused.error(403, "user_not_found")["details"], json!({"email": "eve@example.com"}));
    for unverified in [json!(false), json!("false"), Value::Null] {
        provider.claims(json!({ "email_verified": unverified }));
        through_provider(&client, &provider).await.error(403, "unverified_email");
    }
    assert_eq!(owner.get("/v1/users").await.ok()["total"], 2, "nobody was added");
    provider.claims(json!({"email_verified": null, "xms_edov": true, "email": "ANA@example.com"}));
    let id = through_provider(&client, &provider).await.ok()["user"]["user_id"].clone();
    provider.claims(json!({"sub": "8"}));
    through_provider(&client, &provider).await.error(403, "user_not_found");
    provider.claims(json!({}));
    owner.delete(&format!("/v1/users/{}", id.as_str().unwrap())).await.ok();
    through_provider(&client, &provider).await.error(403, "user_not_found");
    let refused = owner.get("/v1/audit-logs?action=oidc_login_refused&direction=asc").await.ok();
    assert_eq!(refused["total"], 6);
    assert!(refused["entries"][0]["details"].as_str().unwrap().contains("eve@example.com"));
}

#[tokio::test]
async fn the_same_subject_of_another_provider_is_somebody_else() {
    let (server, provider, owner) = instance().await;
    through_provider(&server.anonymous(), &provider).await.ok();
    let other = Provider::start().await;
    owner.put("/v1/settings/external-access/oidc", oidc_settings(&other)).await.ok();
    through_provider(&server.anonymous(), &other).await.error(403, "user_not_found");
}

#[tokio::test]
async fn a_restart_forgets_sign_ins_under_way() {
    let (server, provider, _) = instance().await;
    let (url, state) = begin(&server.anonymous()).await;
    let server = server.restart().await;
    let body = json!({"code": provider.agree(&url), "state": state});
    server.anonymous().post(CALLBACK, body).await.error(400, "invalid_state");
    through_provider(&server.anonymous(), &provider).await.ok();
}

#[tokio::test]
async fn a_bound_state_is_of_use_only_to_the_browser_that_began() {
    let (server, provider, _) = instance().await;
    let client = server.anonymous();
    let hash = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(b"kept by the browser"));
    for (shown, works) in [(None, false), (Some("guessed"), false), (Some("kept by the browser"), true)] {
        let begun = client.get(&format!("/v1/auth/oidc/start?binding={hash}")).await.ok();
        let code = provider.agree(begun["authorization_url"].as_str().unwrap());
        let answer =
            client.post(CALLBACK, json!({"code": code, "state": begun["state"], "binding": shown})).await;
        match works {
            true => drop(answer.ok()),
            false => drop(answer.error(400, "invalid_state")),
        }
    }
}

#[tokio::test]
async fn every_sign_in_has_a_state_nonce_and_challenge_of_its_own() {
    let (server, provider, _) = instance().await;
    for _ in 0..5 {
        let (url, _) = begin(&server.anonymous()).await;
        provider.agree(&url);
        assert!(url.contains("tenant=7"), "what the endpoint has already stays: {url}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        let values: HashSet<_> = provider.seen().iter().map(|query| query[name].clone()).collect();
        assert_eq!(values.len(), 5, "{name}");
        assert!(values.iter().all(|value| value.len() >= 43), "{name}");
    }
    assert_eq!(provider.asked("discovery"), 2, "once to save the settings, then from memory");
}

#[tokio::test]
async fn starting_tells_what_is_wrong() {
    let server = Server::start().await;
    let client = server.anonymous();
    client.get("/v1/auth/oidc/start").await.error(409, "setup_incomplete");
    client.post(CALLBACK, json!({"code": "c", "state": "s"})).await.error(409, "setup_incomplete");
    let owner = server.owner().await;
    client.get("/v1/auth/oidc/start").await.error(500, "oidc_not_configured");
    let provider = Provider::start().await;
    owner.put("/v1/settings/external-access/oidc", oidc_settings(&provider)).await.ok();
    client
        .get("/v1/auth/oidc/start?redirect_uri=https://evil.example/auth/callback")
        .await
        .error(400, "invalid_redirect_uri");
    client.get("/v1/auth/oidc/start?redirect_uri=http://localhost:4174/auth/callback").await.ok();
    server.advance(601);
    provider.script(|script| script.discovery = Reply::Answers(404, "text/html", String::new()));
    client.get("/v1/auth/oidc/start").await.error(502, "oidc_discovery_error");
}

#[tokio::test]
async fn too_many_sign_ins_under_way_are_refused() {
    let (server, provider, _) = instance().await;
    let client = server.anonymous();
    for _ in 0..1000 {
        client.get("/v1/auth/oidc/start").await.ok();
    }
    client.get("/v1/auth/oidc/start").await.error(429, "too_many_pending");
    server.advance(600);
    through_provider(&client, &provider).await.ok();
}

#[tokio::test]
async fn one_client_behind_the_proxy_cannot_lock_others_out() {
    let (server, _, _) = instance().await;
    let client = server.anonymous();
    let from = async |address: &str| {
        let request =
            client.request(reqwest::Method::GET, "/v1/auth/oidc/start").header("x-forwarded-for", address);
        client.send(request).await
    };
    for _ in 0..20 {
        from("203.0.113.5").await.ok();
    }
    from("203.0.113.5").await.error(429, "oidc_start_rate_limited");
    for header in ["cf-connecting-ip", "x-real-ip", "forwarded", "true-client-ip"] {
        let request =
            client.request(reqwest::Method::GET, "/v1/auth/oidc/start").header(header, "198.51.100.1");
        let answer = client.send(request.header("x-forwarded-for", "203.0.113.5")).await;
        answer.error(429, "oidc_start_rate_limited");
    }
    from("1.2.3.4, 203.0.113.5").await.error(429, "oidc_start_rate_limited");
    from("203.0.113.6").await.ok();
    client.get("/v1/auth/oidc/start").await.ok();
}

#[tokio::test]
async fn whoever_is_limited_causes_no_request_to_the_provider() {
    let (server, provider, _) = instance().await;
    let client = server.anonymous();
    provider.script(|script| script.discovery = Reply::Answers(500, "text/html", String::new()));
    let before = provider.asked("discovery");
    let start = async || {
        let request = client.request(reqwest::Method::GET, "/v1/auth/oidc/start");
        client.send(request.header("x-forwarded-for", "203.0.113.5")).await
    };
    for _ in 0..20 {
        start().await.error(502, "oidc_discovery_error");
    }
    let asked = provider.asked("discovery");
    assert_eq!(asked - before, 20);
    start().await.error(429, "oidc_start_rate_limited");
    assert_eq!(provider.asked("discovery"), asked);
}

#[tokio::test]
async fn settings_are_checked_with_the_provider_and_the_secret_is_sealed() {
    let (server, provider, owner) = instance().await;
    let path = "/v1/settings/external-access/oidc";
    let put = async |body: Value| owner.put(path, body).await;
    for body in [
        json!({"issuer_url": "", "client_id": "c"}),
        json!({"issuer_url": "not a url", "client_id": "c"}),
        json!({"issuer_url": provider.issuer, "client_id": ""}),
        json!({"issuer_url": provider.issuer, "client_id": "c", "client_secret": ""}),
        json!({"issuer_url": provider.issuer, "client_id": "c", "client_secret": "s", "clear_client_secret": true}),
    ] {
        put(body).await.error(400, "invalid_input");
    }
    for issuer in
        ["http://127.0.0.1:1", "http://accounts.example.com", "http://169.254.169.254", &server.base]
    {
        put(json!({"issuer_url": issuer, "client_id": "c"})).await.error(400, "oidc_discovery_failed");
    }
    let read = owner.get(path).await;
    assert!(!read.text.contains("s3cret"));
    let read = read.ok();
    assert_eq!((&read["issuer_url"], &read["has_client_secret"]), (&json!(provider.issuer), &json!(true)));
    let other = json!({"issuer_url": provider.issuer, "client_id": "another"});
    put(other).await.error(400, "oidc_secret_reentry_required");
    let saved = put(json!({"issuer_url": format!("{}/", provider.issuer), "client_id": "oore"})).await.ok();
    assert_eq!(saved["warnings"].as_array().unwrap().len(), 1, "{saved}");
    through_provider(&server.anonymous(), &provider).await.ok();
    let test =
        owner.post(&format!("{path}/test-connection"), json!({"issuer_url": provider.issuer})).await.ok();
    assert_eq!((&test["success"], &test["scopes_supported"]), (&json!(true), &json!(["openid", "email"])));
    assert!(test["warnings"][0].as_str().unwrap().contains("PKCE"), "{test}");
    provider
        .script(|script| script.metadata = json!({"code_challenge_methods_supported": ["plain", "S256"]}));
    let test =
        owner.post(&format!("{path}/test-connection"), json!({"issuer_url": provider.issuer})).await.ok();
    assert_eq!(test["warnings"], json!([]));
    provider.script(|script| script.metadata = json!({"issuer": "https://other.example"}));
    let lying = json!({"issuer_url": provider.issuer});
    owner.post(&format!("{path}/test-connection"), lying).await.error(400, "oidc_discovery_failed");
    let server = server.restart().await;
    server.assert_not_stored(SECRET);
}

#[tokio::test]
async fn changed_settings_void_sign_ins_under_way() {
    let (server, provider, owner) = instance().await;
    let client = server.anonymous();
    let (url, state) = begin(&client).await;
    owner.put("/v1/settings/external-access/oidc", oidc_settings(&provider)).await.ok();
    let body = json!({"code": provider.agree(&url), "state": state});
    client.post(CALLBACK, body).await.error(400, "invalid_state");
}

#[tokio::test]
async fn a_remote_instance_is_set_up_with_an_owner_who_signed_in() {
    let (server, provider) = (Server::start().await, Provider::start().await);
    let setup = open(&server).await;
    choose_remote(&setup, "oidc").await;
    setup.post("/v1/setup/owner/start-oidc", json!({})).await.error(409, "invalid_state");
    let configured = setup.post("/v1/setup/oidc/configure", oidc_settings(&provider)).await.ok();
    assert_eq!(
        (&configured["state"], &configured["discovered_issuer"]),
        (&json!("idp_configured"), &json!(provider.issuer))
    );
    let start = async || -> (String, Value) {
        let begun = setup.post("/v1/setup/owner/start-oidc", json!({})).await.ok();
        (provider.agree(begun["authorization_url"].as_str().unwrap()), begun["state"].clone())
    };
    let client = server.anonymous();
    let verify = async |(code, state): (String, Value)| {
        client.post("/v1/setup/owner/verify-oidc", json!({"code": code, "state": state})).await
    };
    let begun = start().await;
    client.post(CALLBACK, json!({"code": begun.0, "state": begun.1})).await.error(409, "setup_incomplete");
    let stale = start().await;
    setup.post("/v1/setup/oidc/configure", oidc_settings(&provider)).await.ok();
    verify(stale).await.error(409, "stale_oidc_setup");
    let replaced = start().await;
    let setup_two = open(&server).await;
    verify(replaced).await.error(401, "invalid_session");
    let begun = setup_two.post("/v1/setup/owner/start-oidc", json!({})).await.ok();
    let code = provider.agree(begun["authorization_url"].as_str().unwrap());
    for unverified in [json!(false), json!("false"), Value::Null] {
        provider.claims(json!({ "email_verified": unverified }));
        let begun = setup_two.post("/v1/setup/owner/start-oidc", json!({})).await.ok();
        let code = provider.agree(begun["authorization_url"].as_str().unwrap());
        verify((code, begun["state"].clone())).await.error(403, "unverified_email");
    }
    provider.claims(json!({}));
    server.advance(60);
    let owner = verify((code, begun["state"].clone())).await.ok();
    assert_eq!(owner["state"], "owner_created");
    let nowhere = json!({"issuer_url": "http://127.0.0.1:1", "client_id": "c"});
    setup_two.post("/v1/setup/oidc/configure", nowhere).await.error(409, "invalid_state");
    // It counts as a use of the set-up session, which lives on.
    let left = owner["session_expires_at"].as_i64().unwrap() - server.app.clock.now();
    assert!((1700..=1800).contains(&left), "{left}");
    assert_eq!((&owner["owner_email"], &owner["oidc_subject"]), (&json!("ana@example.com"), &json!("7")));
    assert_eq!(setup_two.get("/v1/setup/summary").await.ok()["issuer_url"], provider.issuer);
    setup_two.post("/v1/setup/complete", json!({})).await.ok();
    let session = through_provider(&client, &provider).await.ok();
    assert_eq!(session["user"]["role"], "owner");
    provider.claims(json!({"sub": "8"}));
    through_provider(&client, &provider).await.error(403, "user_not_found");
}

#[tokio::test]
async fn an_owner_who_was_only_local_signs_in_through_the_provider_once_it_is_there() {
    let server = Server::start().await;
    let setup = open(&server).await;
    setup.post("/v1/setup/local-owner/create", json!({"email": "ana@example.com"})).await.ok();
    let (owner, provider) = (server.owner().await, Provider::start().await);
    owner.put("/v1/settings/external-access/oidc", oidc_settings(&provider)).await.ok();
    provider.claims(json!({"email_verified": false}));
    through_provider(&server.anonymous(), &provider).await.error(403, "unverified_email");
    provider.claims(json!({}));
    assert_eq!(through_provider(&server.anonymous(), &provider).await.ok()["user"]["role"], "owner");
}
