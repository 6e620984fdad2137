//! Host names, origins and headers.

use reqwest::Method;
use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_foreign_host_name_is_refused_without_effect() {
    let server = Server::start().await;
    let client = server.anonymous();
    for host in
        ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "user@localhost", "192.0.2.1"]
    {
        let login =
            client.request(Method::POST, "/v1/auth/local/login").json(&json!({})).header("host", host);
        client.send(login).await.error(421, "misdirected_host");
    }
    assert_eq!(client.get("/v1/public/setup-status").await.ok()["state"], "bootstrap_pending");
}

#[tokio::test]
async fn names_of_this_machine_and_configured_names_are_answered() {
    let flags = ["--allowed-hosts", "ci.lan", "--public-url", "https://ci.example.com"];
    let server = Server::start_with(&flags).await;
    let client = server.anonymous();
    for host in
        ["localhost", "LOCALHOST:8787", "127.0.0.1", "127.0.0.2:1", "[::1]:5", "ci.lan", "ci.example.com:443"]
    {
        let request = client.request(Method::GET, "/v1/public/setup-status").header("host", host);
        client.send(request).await.ok();
    }
}

#[tokio::test]
async fn health_is_answered_under_any_name() {
    let server = Server::start().await;
    let client = server.anonymous();
    for path in ["/healthz", "/readyz"] {
        client.send(client.request(Method::GET, path).header("host", "probe.example")).await.ok();
    }
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_write() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let own = server.base.replace("http://", "");
    let foreign = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        "http://localhost.evil".to_owned(),
        format!("http://{own}.evil"),
        "http://127.0.0.1:1".to_owned(),
        "http://localhost:3000".to_owned(),
    ];
    for origin in foreign {
        let request =
            owner.request(Method::POST, "/v1/auth/logout").json(&json!({})).header("origin", &origin);
        let answer = owner.send(request).await;
        answer.error(403, "origin_not_allowed");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
    owner.get("/v1/users/me").await.ok();
    let request = owner.request(Method::POST, "/v1/auth/logout").json(&json!({}));
    owner.send(request.header("sec-fetch-site", "cross-site")).await.error(403, "origin_not_allowed");
}

#[tokio::test]
async fn the_instances_own_page_can_write() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let request = owner.request(Method::POST, "/v1/auth/logout").json(&json!({}));
    owner.send(request.header("origin", &server.base).header("sec-fetch-site", "same-origin")).await.ok();
}

#[tokio::test]
async fn under_the_public_name_only_exactly_the_public_address_is_the_own_page() {
    let server = Server::start_with(&["--public-url", "https://ci.example.com"]).await;
    let owner = server.owner().await;
    let write = async |origin: &str| {
        let request = owner.request(Method::DELETE, "/v1/users/me/sessions").header("host", "ci.example.com");
        owner.send(request.header("origin", origin)).await
    };
    for other in ["http://ci.example.com", "https://ci.example.com:8443", "http://ci.example.com:443"] {
        write(other).await.error(403, "origin_not_allowed");
    }
    write("https://ci.example.com").await.ok();
}

#[tokio::test]
async fn a_listed_origin_can_call_across_origins_with_bearer_tokens() {
    let server = Server::start_with(&["--cors-origins", "https://ci.oore.build"]).await;
    let owner = server.owner().await;
    let preflight = owner
        .request(Method::OPTIONS, "/v1/projects")
        .header("origin", "https://ci.oore.build")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization,content-type,range");
    let answer = owner.send(preflight).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://ci.oore.build"));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"));
    assert!(
        answer.header("access-control-allow-headers").unwrap().contains("range"),
        "parts of logs are read"
    );
    let request = owner.request(Method::GET, "/v1/projects").header("origin", "https://ci.oore.build");
    let answer = owner.send(request).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://ci.oore.build"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("content-range"));
    answer.ok();
    let other = owner.request(Method::GET, "/v1/projects").header("origin", "https://ci.oore.build.evil");
    assert_eq!(owner.send(other).await.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn every_response_forbids_sniffing_framing_and_caching() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for path in ["/v1/users/me", "/v1/nothing", "/healthz", "/v1/projects?limit=x"] {
        let answer = owner.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        for rule in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
    }
}

#[tokio::test]
async fn a_request_id_sent_by_a_client_is_not_used() {
    let server = Server::start().await;
    let client = server.anonymous();
    let request = client.request(Method::GET, "/healthz").header("x-request-id", "forged");
    assert_ne!(client.send(request).await.header("x-request-id"), Some("forged"));
}

#[tokio::test]
async fn proxies_are_asked_to_pass_events_on_at_once() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let stream = owner.request(Method::GET, "/v1/events").send().await.unwrap();
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    assert_eq!(owner.get("/v1/users/me").await.header("x-accel-buffering"), None);
}
