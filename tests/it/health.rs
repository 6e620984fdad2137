//! Whether the daemon lives and is able to work.

use crate::support::Server;

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
