//! How often one source may be wrong: who guesses waits, others don't, and a right token always works.

use oored::domain::role::UserRole::Owner;
use reqwest::Method;
use serde_json::json;

use crate::support::setting_up::behind_proxy;
use crate::support::{Answer, Client, Server};

/// A request through a proxy on this machine, which names the client.
async fn from(client: &Client, source: &str, method: Method, path: &str) -> Answer {
    let request = client.request(method.clone(), path).header("x-forwarded-for", source);
    client
        .send(if method == Method::GET { request } else { request.json(&json!({"code": "x", "state": "x"})) })
        .await
}

const SIGN_INS: [&str; 2] = ["/v1/auth/local/login", "/v1/frontend/pair"];

#[tokio::test]
async fn who_guesses_at_the_sign_in_waits_and_nobody_else_does() {
    for path in SIGN_INS {
        let server = Server::start().await;
        behind_proxy(&server, "ana@example.com").await;
        let client = server.anonymous();
        for _ in 0..20 {
            let status = from(&client, "203.0.113.5", Method::POST, path).await.status.as_u16();
            assert!(matches!(status, 401 | 403), "{path}: {status}");
        }
        let refused = from(&client, "203.0.113.5", Method::POST, path).await;
        let body = refused.error(429, "too_many_attempts");
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=61).contains(&wait), "{wait}");
        assert_eq!(body["details"]["retry_after_seconds"], wait);
        assert_ne!(from(&client, "203.0.113.6", Method::POST, path).await.status, 429);
        assert_eq!(from(&client, "203.0.113.5", Method::GET, "/login").await.status, 200, "the page itself");
        client.sign_in(None).await;
        server.advance(wait);
        assert_ne!(from(&client, "203.0.113.5", Method::POST, path).await.status, 429);
    }
}

#[tokio::test]
async fn people_whom_the_proxy_vouches_for_do_not_lock_each_other_out() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let client = server.anonymous();
    let login = async |secret: &str, name: &str| {
        let request = client.request(Method::POST, "/v1/auth/trusted-proxy/login").header("via", "proxy");
        let request = request.header("x-forwarded-for", "203.0.113.5").header("x-warpgate-username", name);
        client.send(request.header("x-oore-trusted-proxy-secret", secret)).await
    };
    for _ in 0..30 {
        login("s3cret", "nobody@example.com").await.error(403, "user_not_found");
        login("s3cret", "nobody").await.error(401, "trusted_proxy_identity_invalid");
    }
    for _ in 0..20 {
        login("guess", "ana@example.com").await.error(401, "trusted_proxy_shared_secret_invalid");
    }
    login("s3cret", "ana@example.com").await.error(429, "too_many_attempts");
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
        client.post("/v1/auth/local/login", json!({"email": "x@y"})).await.error(403, "user_not_found");
        client.with_token("x").get("/v1/users/me").await.error(401, "invalid_session");
    }
    client.sign_in(None).await;
}
