//! Settings of the instance.

use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn builds_can_be_held_back_and_the_choice_is_kept() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let before = owner.get("/v1/settings/preferences").await.ok()["preferences"].clone();
    assert_eq!(before["direct_macos_runner_paused"], false);
    let change = json!({"key_storage_mode": "file", "direct_macos_runner_paused": true});
    let after = owner.put("/v1/settings/preferences", change).await.ok()["preferences"].clone();
    assert_eq!(after["direct_macos_runner_paused"], true);
    let token = owner.token.clone().unwrap();
    let server = server.restart().await;
    let owner = server.anonymous().with_token(token);
    assert_eq!(
        owner.get("/v1/settings/preferences").await.ok()["preferences"]["direct_macos_runner_paused"],
        true
    );
}

#[tokio::test]
async fn what_cannot_be_chosen_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let keychain = json!({"key_storage_mode": "keychain"});
    owner.put("/v1/settings/preferences", keychain).await.error(400, "unsupported_key_storage_mode");
    let remote = json!({"key_storage_mode": "file", "runtime_mode": "remote"});
    owner.put("/v1/settings/preferences", remote).await.error(400, "external_access_preflight_failed");
    owner
        .put("/v1/settings/preferences", json!({"key_storage_mode": "vault"}))
        .await
        .error(400, "invalid_request");
}
