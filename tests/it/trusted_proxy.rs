//! Signing in through a proxy that says who people are: every row of the table, and what an attacker
//! would try.

use oored::domain::role::UserRole::Developer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::setting_up::{behind_proxy, choose_remote, open, proxy_sign_in, through_proxy};
use crate::support::{Answer, Server};

const LOGIN: &str = "/v1/auth/trusted-proxy/login";
const SECRET: (&str, &str) = ("x-oore-trusted-proxy-secret", "s3cret");

async fn login(server: &Server, headers: &[(&str, &str)]) -> Answer {
    through_proxy(&server.anonymous(), LOGIN, headers).await
}

#[tokio::test]
async fn the_proxy_signs_people_in() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let session = login(&server, &[SECRET, ("X-Warpgate-Username", " Ana@Example.com ")]).await.ok();
    assert_eq!(
        (&session["user"]["email"], &session["user"]["role"]),
        (&json!("ana@example.com"), &json!("owner"))
    );
    assert!(session["session_token"].as_str().unwrap().starts_with("oore_session_"));
    let left = session["expires_at"].as_i64().unwrap() - server.app.clock.now();
    assert!((86390..=86400).contains(&left), "{left}");
}

#[tokio::test]
async fn an_invited_person_becomes_active_at_the_first_sign_in() {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let refused = login(&server, &[SECRET, ("x-warpgate-username", "bob@example.com")]).await;
    assert_eq!(refused.error(403, "user_not_found")["details"], json!({"email": "bob@example.com"}));
    owner.post("/v1/users/invite", json!({"email": "Bob@example.com", "role": "developer"})).await.created();
    let bob = proxy_sign_in(&server, "bob@example.com").await;
    let user = bob.get("/v1/users/me").await.ok()["user"].clone();
    assert_eq!((&user["status"], &user["role"]), (&json!("active"), &json!("developer")));
    proxy_sign_in(&server, "bob@example.com").await;
    let activated = owner.get("/v1/audit-logs?action=user_activated").await.ok();
    assert_eq!(activated["total"], 1);
    owner.delete(&format!("/v1/users/{}", user["id"].as_str().unwrap())).await.ok();
    login(&server, &[SECRET, ("x-warpgate-username", "bob@example.com")]).await.error(403, "user_not_found");
}

#[tokio::test]
async fn every_refusal_has_its_word() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let name = ("x-warpgate-username", "ana@example.com");
    login(&server, &[name]).await.error(401, "trusted_proxy_shared_secret_missing");
    for wrong in ["", "s3cre", "s3crets", "S3CRET"] {
        let headers = [name, ("x-oore-trusted-proxy-secret", wrong)];
        login(&server, &headers).await.error(401, "trusted_proxy_shared_secret_invalid");
    }
    login(&server, &[name, SECRET, SECRET]).await.error(401, "trusted_proxy_shared_secret_invalid");
    login(&server, &[SECRET]).await.error(401, "trusted_proxy_identity_missing");
    login(&server, &[SECRET, ("x-warpgate-username", "")]).await.error(401, "trusted_proxy_identity_missing");
    login(&server, &[SECRET, name, name]).await.error(401, "trusted_proxy_identity_invalid");
    login(&server, &[SECRET, name, ("x-warpgate-username", "eve@x")])
        .await
        .error(401, "trusted_proxy_identity_invalid");
    for odd in ["ana", "ana@example.com, eve@example.com", "Ana <ana@example.com>", "@", "ana@example.com;x"]
    {
        login(&server, &[SECRET, ("x-warpgate-username", odd)])
            .await
            .error(401, "trusted_proxy_identity_invalid");
    }
    login(&server, &[SECRET, ("x-warpgate-username", "eve@example.com")]).await.error(403, "user_not_found");
    login(&server, &[SECRET, ("x-oore-user-email", "ana@example.com")])
        .await
        .error(401, "trusted_proxy_identity_missing");
}

#[tokio::test]
async fn it_is_only_for_instances_behind_a_proxy() {
    let server = Server::start().await;
    login(&server, &[SECRET]).await.error(409, "setup_incomplete");
    server.owner().await;
    login(&server, &[SECRET, ("x-warpgate-username", "owner@local")]).await.error(403, "mode_restricted");
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_survive_another_way_of_access() {
    use sea_orm::ConnectionTrait;
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let headers = [SECRET, ("x-warpgate-username", "ana@example.com")];
    let client = server.anonymous();
    let waiting = server.app.db.write(async |tx| {
        tx.execute_unprepared("UPDATE instance SET remote_auth_mode = 'oidc'").await?;
        // It is admitted as things stand, and then waits for this transaction.
        let waiting = tokio::spawn({
            let client = client.clone();
            async move { through_proxy(&client, LOGIN, &headers).await }
        });
        for _ in 0..50 {
            client.get("/v1/public/setup-status").await.ok();
        }
        assert!(!waiting.is_finished());
        Ok(waiting)
    });
    let waiting = waiting.await.unwrap();
    waiting.await.unwrap().error(403, "mode_restricted");
}

#[tokio::test]
async fn a_form_on_a_web_page_cannot_sign_anybody_in() {
    let server = Server::start().await;
    behind_proxy(&server, "ana@example.com").await;
    let name = ("x-warpgate-username", "ana@example.com");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        login(&server, &[SECRET, name, ("content-type", kind)]).await.error(400, "invalid_request");
    }
    login(&server, &[SECRET, name, ("origin", "https://evil.example")])
        .await
        .error(403, "origin_not_allowed");
    login(&server, &[SECRET, name, ("sec-fetch-site", "cross-site")]).await.error(403, "origin_not_allowed");
    login(&server, &[SECRET, name, ("content-type", "application/json")]).await.ok();
}

#[tokio::test]
async fn without_a_secret_this_machine_is_no_proxy_unless_a_range_names_it() {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let settings = "/v1/settings/external-access/trusted-proxy";
    let elsewhere = json!({"shared_secret": "", "trusted_proxy_cidrs": ["10.0.0.0/8"]});
    let read = owner.put(settings, elsewhere).await.ok()["settings"].clone();
    assert_eq!((&read["has_shared_secret"], read["warnings"].as_array().unwrap().len()), (&json!(false), 1));
    let name = ("x-warpgate-username", "ana@example.com");
    login(&server, &[name]).await.error(403, "trusted_proxy_peer_not_allowed");
    login(&server, &[name, ("x-forwarded-for", "10.0.0.1")])
        .await
        .error(403, "trusted_proxy_peer_not_allowed");
    let log = owner.get("/v1/audit-logs?action=trusted_proxy_login_blocked_untrusted_peer").await.ok();
    assert_eq!(log["total"], 2);
    owner.put(settings, json!({"trusted_proxy_cidrs": ["127.0.0.0/8"]})).await.ok();
    login(&server, &[name]).await.ok();
    let nothing = json!({"trusted_proxy_cidrs": []});
    owner.put(settings, nothing).await.error(400, "trusted_proxy_shared_secret_required");
    login(&server, &[name]).await.ok();
}

#[tokio::test]
async fn the_secret_is_sealed_and_never_shown() {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let secret = "correct-horse-battery-staple";
    let settings = "/v1/settings/external-access/trusted-proxy";
    let changed = owner.put(settings, json!({ "shared_secret": secret })).await;
    assert!(!changed.text.contains(secret) && !owner.get(settings).await.text.contains(secret));
    assert_eq!(changed.ok()["settings"]["has_shared_secret"], true);
    let server = server.restart().await;
    server.assert_not_stored(secret);
    let headers = [("x-warpgate-username", "ana@example.com"), ("x-oore-trusted-proxy-secret", secret)];
    login(&server, &headers).await.ok();
}

#[tokio::test]
async fn only_the_owner_changes_the_proxy() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", oored::domain::role::UserRole::Admin).await;
    let dev = server.person("dev@x", Developer).await;
    let settings = "/v1/settings/external-access/trusted-proxy";
    let change = json!({"shared_secret": "x"});
    admin.get(settings).await.ok();
    admin.put(settings, change.clone()).await.error(403, "external_access_owner_required");
    dev.get(settings).await.error(403, "permission_denied");
    dev.put(settings, change.clone()).await.error(403, "permission_denied");
    let proxied = owner.request(Method::PUT, settings).json(&change).header("via", "x");
    owner.send(proxied).await.error(403, "external_access_loopback_required");
    owner.put(settings, json!({"trusted_proxy_cidrs": ["x"]})).await.error(400, "invalid_input");
    owner.put(settings, change).await.ok();
}

#[tokio::test]
async fn nobody_stops_trusting_the_proxy_that_they_come_through() {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let settings = "/v1/settings/external-access/trusted-proxy";
    let proxied = async |body: Value, headers: &[(&str, &str)]| {
        let request = owner.request(Method::PUT, settings).json(&body).header("x-forwarded-for", "192.0.2.7");
        owner.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    };
    let name = ("x-warpgate-username", "ana@example.com");
    let elsewhere = json!({"shared_secret": "", "trusted_proxy_cidrs": ["10.0.0.0/8"]});
    let renamed = json!({"user_email_header": "X-User"});
    for (body, headers) in [
        (&elsewhere, vec![SECRET, name]),
        (&elsewhere, vec![]),
        (&renamed, vec![SECRET, name]),
        (&renamed, vec![SECRET, name, ("x-user", "eve@example.com")]),
    ] {
        let refused = proxied(body.clone(), &headers).await.error(409, "external_access_would_lock_out");
        assert!(refused["hint"].as_str().unwrap().contains("http://localhost:"), "{refused}");
    }
    login(&server, &[SECRET, name]).await.ok();
    proxied(renamed, &[SECRET, name, ("x-user", "ana@example.com")]).await.ok();
    proxied(json!({"shared_secret": "newer"}), &[SECRET, ("x-user", "ana@example.com")]).await.ok();
    login(&server, &[("x-oore-trusted-proxy-secret", "newer"), ("x-user", "ana@example.com")]).await.ok();
    owner.put(settings, elsewhere).await.ok();
}

#[tokio::test]
async fn a_wide_range_is_not_trusted_without_a_secret() {
    let server = Server::start().await;
    let set_up = open(&server).await;
    choose_remote(&set_up, "trusted_proxy").await;
    let ranges = |wide: &str| json!({"trusted_proxy_cidrs": ["10.0.0.0/8", wide]});
    let configure = "/v1/setup/trusted-proxy/configure";
    let settings = "/v1/settings/external-access/trusted-proxy";
    let names_the_range = |answer: Answer| {
        let refused = answer.error(400, "invalid_input");
        assert_eq!(refused["fields"][0]["field"], "trusted_proxy_cidrs[1]", "{refused}");
    };
    for wide in ["0.0.0.0/0", "::/0", "203.0.113.0/24", "fd00::/8"] {
        names_the_range(set_up.post(configure, ranges(wide)).await);
    }
    let owner = behind_proxy(&server, "ana@example.com").await;
    owner.put(settings, ranges("0.0.0.0/0")).await.ok();
    names_the_range(owner.put(settings, json!({"shared_secret": ""})).await);
    let cleared = json!({"shared_secret": "", "trusted_proxy_cidrs": ["10.0.0.0/8", "203.0.113.7"]});
    owner.put(settings, cleared).await.ok();
    names_the_range(owner.put(settings, ranges("0.0.0.0/0")).await);
}
