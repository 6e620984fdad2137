//! How often one source may be wrong: who guesses waits, others don't, and a right token always works.

use oored::domain::role::UserRole::Owner;
use reqwest::Method;
use serde_json::json;

use crate::support::setting_up::{behind_proxy, bootstrap_token};
use crate::support::{Answer, Client, Server};

/// A request through a proxy on this machine, which names the client.
async fn from(client: &Client, source: &str, method: Method, path: &str) -> Answer {
    let request = client.request(method.clone(), path).header("x-forwarded-for", source);
    let body = json!({"code": "x", "state": "x"});
    client.send(if method == Method::GET { request } else { request.json(&body) }).await
}

/// A sign-in through the proxy with this secret.
async fn vouched(client: &Client, source: &str, secret: &str, name: &str) -> Answer {
    let request = client.request(Method::POST, "/v1/auth/trusted-proxy/login").header("via", "proxy");
    let request = request.header("x-forwarded-for", source).header("x-warpgate-username", name);
    client.send(request.header("x-oore-trusted-proxy-secret", secret)).await
}

#[tokio::test]
async fn who_guesses_at_the_sign_in_waits_and_nobody_else_does() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let client = server.anonymous();
    let guess = async |source| vouched(&client, source, "guess", "ana@example.com").await;
    for _ in 0..20 {
        guess("203.0.113.5").await.error(401, "trusted_proxy_shared_secret_invalid");
    }
    let refused = guess("203.0.113.5").await;
    let body = refused.error(429, "too_many_attempts");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    assert_eq!(body["details"]["retry_after_seconds"], wait);
    guess("203.0.113.6").await.error(401, "trusted_proxy_shared_secret_invalid");
    assert_eq!(from(&client, "203.0.113.5", Method::GET, "/login").await.status, 200, "the page itself");
    client.sign_in(None).await;
    server.advance(wait);
    guess("203.0.113.5").await.error(401, "trusted_proxy_shared_secret_invalid");
}

#[tokio::test]
async fn guesses_at_a_pairing_code_are_counted() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let client = server.anonymous();
    for _ in 0..20 {
        let refused = from(&client, "203.0.113.5", Method::POST, "/v1/frontend/pair").await;
        refused.error(401, "invalid_pairing_code");
    }
    let refused = from(&client, "203.0.113.5", Method::POST, "/v1/frontend/pair").await;
    refused.error(429, "too_many_attempts");
    vouched(&client, "203.0.113.5", "s3cret", "ana@example.com").await.ok();
}

#[tokio::test]
async fn who_is_wrong_does_not_lock_out_who_is_right_behind_the_same_address() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let client = server.anonymous();
    for _ in 0..30 {
        vouched(&client, "203.0.113.5", "s3cret", "nobody@example.com").await.error(403, "user_not_found");
        let odd = vouched(&client, "203.0.113.5", "s3cret", "nobody").await;
        odd.error(401, "trusted_proxy_identity_invalid");
        let local = from(&client, "203.0.113.5", Method::POST, "/v1/auth/local/login").await;
        local.error(403, "local_login_loopback_required");
        let unknown = from(&client, "203.0.113.5", Method::POST, "/v1/auth/oidc/callback").await;
        unknown.error(403, "mode_restricted");
    }
    for _ in 0..20 {
        let guess = vouched(&client, "203.0.113.5", "guess", "ana@example.com").await;
        guess.error(401, "trusted_proxy_shared_secret_invalid");
    }
    vouched(&client, "203.0.113.5", "guess", "ana@example.com").await.error(429, "too_many_attempts");
    vouched(&client, "203.0.113.5", "s3cret", "ana@example.com").await.ok();
}

#[tokio::test]
async fn the_right_bootstrap_token_works_after_many_wrong_ones() {
    let server = Server::start().await;
    let client = server.anonymous();
    let open = async |token: &str| {
        let request = client.request(Method::POST, "/v1/setup/bootstrap-token/verify");
        client.send(request.header("x-forwarded-for", "203.0.113.5").json(&json!({ "token": token }))).await
    };
    for _ in 0..4 {
        bootstrap_token(&server).await;
        for _ in 0..5 {
            open("wrong").await.error(401, "invalid_token");
        }
    }
    let token = bootstrap_token(&server).await;
    let refused = open("wrong").await;
    refused.error(429, "too_many_attempts");
    assert!(refused.header("retry-after").is_some());
    open(&token).await.ok();
}

#[tokio::test]
async fn wrong_tokens_are_counted_and_right_ones_always_work() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let made = owner.post("/v1/api-tokens", json!({"name": "t", "role": Owner})).await.ok();
    let program = owner.with_token(made["token"].as_str().unwrap());
    let wrong = server.anonymous().with_token("oore_session_wrong");
    let runner = "/v1/runners/00000000-0000-7000-8000-000000000000/claim";
    for _ in 0..50 {
        from(&wrong, "203.0.113.5", Method::GET, "/v1/users/me").await.error(401, "invalid_session");
        from(&wrong, "203.0.113.5", Method::POST, runner).await.error(401, "invalid_token");
    }
    let refused = from(&wrong, "203.0.113.5", Method::GET, "/v1/users/me").await;
    refused.error(429, "too_many_attempts");
    assert!(refused.header("retry-after").is_some());
    from(&wrong, "203.0.113.5", Method::POST, runner).await.error(429, "too_many_attempts");
    let stream = "/v1/builds/00000000-0000-7000-8000-000000000000/logs/stream";
    from(&wrong, "203.0.113.5", Method::GET, stream).await.error(429, "too_many_attempts");
    for right in [&owner, &program] {
        from(right, "203.0.113.5", Method::GET, "/v1/users/me").await.ok();
    }
    let none = server.anonymous();
    from(&none, "203.0.113.5", Method::GET, "/v1/users/me").await.error(401, "missing_auth");
    from(&wrong, "203.0.113.6", Method::GET, "/v1/users/me").await.error(401, "invalid_session");
}

#[tokio::test]
async fn whoever_is_at_the_machine_is_never_kept_waiting() {
    let server = Server::start().await;
    server.owner().await;
    let client = server.anonymous();
    for _ in 0..150 {
        let guess = json!({"recovery_capability": "x"});
        let answer = client.post("/v1/auth/local/login", guess).await;
        answer.error(403, "local_recovery_capability_invalid");
        client.with_token("x").get("/v1/users/me").await.error(401, "invalid_session");
    }
    client.sign_in(None).await;
}
