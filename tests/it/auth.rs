//! Signing in on the machine, sessions, signing out.

use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn the_first_local_sign_in_makes_the_owner_and_finishes_the_set_up() {
    let server = Server::start().await;
    let before = server.anonymous().get("/v1/public/setup-status").await.ok();
    assert_eq!(before["state"], "bootstrap_pending");
    assert_eq!(before["is_configured"], false);
    let session = server.anonymous().post("/v1/auth/local/login", json!({})).await.ok();
    assert_eq!(session["user"]["email"], "owner@local");
    assert_eq!(session["user"]["role"], "owner");
    let after = server.anonymous().get("/v1/public/setup-status").await.ok();
    assert_eq!((after["state"].as_str(), after["runtime_mode"].as_str()), (Some("ready"), Some("local")));
    assert_eq!(after["instance_id"], before["instance_id"]);
}

#[tokio::test]
async fn simultaneous_first_sign_ins_make_one_owner() {
    let server = Server::start().await;
    let sign_ins = (0..8).map(|_| {
        let client = server.anonymous();
        tokio::spawn(async move {
            client.post("/v1/auth/local/login", json!({})).await.ok()["user"]["user_id"].clone()
        })
    });
    let mut owners = std::collections::HashSet::new();
    for sign_in in sign_ins.collect::<Vec<_>>() {
        owners.insert(sign_in.await.unwrap().to_string());
    }
    assert_eq!(owners.len(), 1);
}

#[tokio::test]
async fn local_sign_in_behind_a_proxy_is_refused_whatever_the_header_says() {
    let server = Server::start().await;
    let client = server.anonymous();
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip", "via", "x-forwarded-host"]
    {
        let request = client.request(reqwest::Method::POST, "/v1/auth/local/login").json(&json!({}));
        let answer = client.send(request.header(header, "127.0.0.1")).await;
        answer.error(403, "local_login_loopback_required");
    }
}

#[tokio::test]
async fn local_sign_in_tells_what_is_wrong() {
    let server = Server::start().await;
    server.owner().await;
    let client = server.anonymous();
    let login = async |body| client.post("/v1/auth/local/login", body).await;
    login(json!({"email": "nobody@example.com"})).await.error(403, "user_not_found");
    login(json!({"email": "OWNER@local"})).await.ok();
    login(json!({"recovery_capability": "oore_recovery_x"}))
        .await
        .error(403, "local_recovery_capability_invalid");
    login(json!({"email": 7})).await.error(400, "invalid_request");
}

#[tokio::test]
async fn a_sign_in_without_a_json_content_type_has_no_effect() {
    let server = Server::start().await;
    let client = server.anonymous();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let request = client.request(reqwest::Method::POST, "/v1/auth/local/login").body("{}");
        client.send(request.header("content-type", content_type)).await.error(400, "invalid_request");
    }
    let bare = client.request(reqwest::Method::POST, "/v1/auth/local/login");
    client.send(bare).await.error(400, "invalid_request");
    assert_eq!(client.get("/v1/public/setup-status").await.ok()["state"], "bootstrap_pending");
}

#[tokio::test]
async fn a_session_lasts_24_hours_from_sign_in_and_not_longer() {
    let server = Server::start().await;
    let owner = server.owner().await;
    server.advance(24 * 3600 - 60);
    owner.get("/v1/users/me").await.ok();
    server.advance(61);
    let refused = owner.get("/v1/users/me").await.error(401, "invalid_session");
    assert_eq!(refused["details"]["reason"], "expired");
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let server = Server::start().await;
    let (first, second) = (server.owner().await, server.owner().await);
    assert_eq!(first.post("/v1/auth/logout", json!({})).await.ok()["ok"], true);
    first.get("/v1/users/me").await.error(401, "invalid_session");
    first.post("/v1/auth/logout", json!({})).await.error(401, "invalid_session");
    second.get("/v1/users/me").await.ok();
}

#[tokio::test]
async fn a_session_survives_a_restart_and_its_token_is_nowhere_on_disk() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = owner.token.clone().unwrap();
    let secret = token.strip_prefix("oore_session_").unwrap()[..64].to_owned();
    let server = server.restart().await;
    let owner = server.anonymous().with_token(token);
    assert_eq!(owner.get("/v1/users/me").await.ok()["user"]["email"], "owner@local");
    for entry in std::fs::read_dir(server.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(64).any(|window| window == secret.as_bytes()), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn a_request_without_a_proper_token_is_told_which_is_missing() {
    let server = Server::start().await;
    server.owner().await;
    let client = server.anonymous();
    client.get("/v1/users/me").await.error(401, "missing_auth");
    let wrong = client.with_token("oore_session_wrong").get("/v1/users/me").await;
    assert_eq!(wrong.error(401, "invalid_session")["details"]["reason"], "unknown");
    for header in ["Basic b3duZXI6", "Bearer", "Bearer "] {
        let request = client.request(reqwest::Method::GET, "/v1/users/me").header("authorization", header);
        client.send(request).await.error(401, "missing_auth");
    }
}

#[tokio::test]
async fn the_client_is_told_what_the_person_may_do() {
    let server = Server::start().await;
    let bootstrap = server.owner().await.get("/v1/bootstrap").await.ok();
    let capabilities = bootstrap["capabilities"].as_array().unwrap();
    for capability in ["projects.write", "builds.cancel", "runners.read", "instance_settings.write"] {
        assert!(capabilities.iter().any(|held| held == capability), "{capability}");
    }
    assert_eq!(bootstrap["user"]["email"], "owner@local");
    assert_eq!(bootstrap["instance"]["runtime_mode"], "local");
}

#[tokio::test]
async fn sessions_that_expired_a_day_ago_are_removed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let hash = oored::auth::token::hash(owner.token.as_deref().unwrap());
    let id = oored::auth::session_store::id_of(&hash).to_string();
    let found = async || oored::db::sessions::find(server.app.db.read(), &id).await.unwrap().is_some();
    server.advance(2 * 24 * 3600 - 60);
    owner.get("/v1/users/me").await.error(401, "invalid_session");
    oored::tasks::sweep_sessions(&server.app).await.unwrap();
    assert!(found().await);
    server.advance(60);
    oored::tasks::sweep_sessions(&server.app).await.unwrap();
    assert!(!found().await);
    let forgotten = owner.get("/v1/users/me").await.error(401, "invalid_session");
    assert_eq!(forgotten["details"]["reason"], "unknown");
}
