//! Whether the daemon lives and is able to work.

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::payloads::{ZERO, push};
use crate::support::sources::Source;

#[tokio::test]
async fn a_fresh_daemon_lives_and_is_ready() {
    let server = Server::start().await;
    let health = server.anonymous().get("/healthz").await.ok();
    assert_eq!(health["ok"], true);
    assert_eq!(health["package_version"], env!("CARGO_PKG_VERSION"));
    assert!(health["channel"].is_null() && health.as_object().unwrap().contains_key("channel"));
    let ready = server.anonymous().get("/readyz").await.ok();
    for check in ["ok", "database", "migrations", "encryption"] {
        assert_eq!(ready[check], true, "{check}");
    }
}

fn check<'a>(ready: &'a Value, name: &str) -> &'a Value {
    let checks = ready["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap()
}

#[tokio::test]
async fn a_daemon_that_is_not_ready_says_what_is_wrong_and_what_to_do() {
    let most = u64::MAX.to_string();
    let server = Server::start_with(&["--min-free-disk-bytes", &most]).await;
    let ready = server.anonymous().get("/readyz").await.expect(503);
    assert_eq!((&ready["ok"], &ready["database"]), (&json!(false), &json!(true)));
    let disk = check(&ready, "disk");
    assert_eq!(disk["status"], "missing");
    assert!(disk["fix"].as_str().unwrap().contains("space"), "{disk}");
    server.anonymous().get("/healthz").await.ok();
}

#[tokio::test]
async fn what_is_only_slow_is_told_and_does_not_make_it_unready() {
    let source = Source::start().await;
    let payload = push("refs/heads/main", ZERO, &source.head());
    source.deliver("push", "d1", &payload).await.ok();
    let anybody = source.server.anonymous();
    assert_eq!(check(&anybody.get("/readyz").await.ok(), "inbox")["status"], "ok");
    source.server.advance(301);
    let ready = anybody.get("/readyz").await.ok();
    assert_eq!((&ready["ok"], &check(&ready, "inbox")["status"]), (&json!(true), &json!("warning")));
}
