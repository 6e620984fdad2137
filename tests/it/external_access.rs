//! Letting other machines in: addresses, preflight, the change of modes, and no way to lock oneself out.

use oored::domain::role::UserRole::Admin;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::setting_up::{behind_proxy, through_proxy};
use crate::support::stream::Stream;
use crate::support::{Answer, Client, Server};

const NETWORK: &str = "/v1/settings/external-access/network";
const PREFLIGHT: &str = "/v1/settings/external-access/preflight";
const PREFERENCES: &str = "/v1/settings/preferences";
const PROXY: &str = "/v1/settings/external-access/trusted-proxy";

/// The address of a fresh instance's owner is one that nobody can sign in with from elsewhere.
async fn name_owner(owner: &Client) {
    owner.patch("/v1/users/me", json!({"email": "ana@example.com"})).await.ok();
}

async fn set_addresses(owner: &Client) -> Value {
    let body =
        json!({"public_url": "https://ci.example.com/", "allowed_origins": ["https://ci.example.com"]});
    owner.put(NETWORK, body).await.ok()["settings"].clone()
}

fn remote(auth: &str) -> Value {
    json!({"key_storage_mode": "file", "runtime_mode": "remote", "remote_auth_mode": auth})
}

#[tokio::test]
async fn the_environment_names_addresses_until_they_are_saved() {
    let server = Server::start_with(&[
        "--artifact-delivery-url",
        "https://files.example.com",
        "--cors-origins",
        "https://ui.example.com",
        "--cors-origin",
        "https://old-ui.example.com",
    ])
    .await;
    let owner = server.owner().await;
    let expected = json!({"artifact_delivery_url": "https://files.example.com", "source": "environment",
        "allowed_origins": ["https://ui.example.com", "https://old-ui.example.com"]});
    let found = owner.get(NETWORK).await.ok()["settings"].clone();
    for key in ["artifact_delivery_url", "source", "allowed_origins"] {
        assert_eq!(found[key], expected[key]);
    }
    let delivered = owner.request(reqwest::Method::GET, "/healthz").header("host", "files.example.com");
    owner.send(delivered).await.ok();
}

#[tokio::test]
async fn addresses_act_at_once_and_are_kept() {
    let server = Server::start_with(&["--public-url", "https://old.example.com"]).await;
    let owner = server.owner().await;
    let before = owner.get(NETWORK).await.ok()["settings"].clone();
    assert_eq!(
        (&before["source"], &before["public_url"]),
        (&json!("environment"), &json!("https://old.example.com"))
    );
    let asked = async |client: &Client, host: &str, origin: &str| {
        let request = client.request(Method::GET, "/v1/public/setup-status");
        client.send(request.header("host", host).header("origin", origin)).await
    };
    let hello = "https://ci.example.com";
    assert_eq!(
        Client::send(&owner, owner.request(Method::GET, "/healthz").header("origin", hello))
            .await
            .header("access-control-allow-origin"),
        None
    );
    let settings = set_addresses(&owner).await;
    assert_eq!((&settings["source"], &settings["public_url"]), (&json!("database"), &json!(hello)));
    let answer = asked(&owner, "ci.example.com", "https://ci.example.com").await;
    answer.ok();
    assert_eq!(answer.header("access-control-allow-origin"), Some(hello));
    asked(&owner, "old.example.com", "https://ci.example.com").await.error(421, "misdirected_host");
    assert_eq!(owner.get("/v1/bootstrap").await.ok()["instance"]["public_url"], hello);
    let token = owner.token.clone().unwrap();
    let server = server.restart().await;
    let owner = server.anonymous().with_token(token);
    assert_eq!(owner.get(NETWORK).await.ok()["settings"]["public_url"], hello);
}

#[tokio::test]
async fn wrong_addresses_are_refused_with_their_word() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ok = "https://ci.example.com";
    for (body, code) in [
        (json!({"public_url": "ci.example.com", "allowed_origins": []}), "invalid_input"),
        (json!({"public_url": "https://u:p@ci.example.com", "allowed_origins": []}), "invalid_input"),
        (json!({"allowed_origins": ["*"]}), "invalid_input"),
        (json!({"allowed_origins": ["null"]}), "invalid_input"),
        (json!({"allowed_origins": ["http://*"]}), "invalid_input"),
        (json!({"allowed_origins": ["https://*.example.com"]}), "invalid_input"),
        (json!({"allowed_origins": ["https://ci.example.com/"]}), "invalid_input"),
        (
            json!({"artifact_delivery_url": "https://a.example.com", "allowed_origins": []}),
            "artifact_delivery_public_url_required",
        ),
        (
            json!({"public_url": ok, "artifact_delivery_url": "http://a.example.com", "allowed_origins": []}),
            "artifact_delivery_https_required",
        ),
        (
            json!({"public_url": ok, "artifact_delivery_url": "https://localhost", "allowed_origins": []}),
            "artifact_delivery_url_invalid",
        ),
        (
            json!({"public_url": ok, "artifact_delivery_url": "https://a.example.com/x", "allowed_origins": []}),
            "artifact_delivery_url_invalid",
        ),
        (json!({"public_url": ok}), "invalid_request"),
    ] {
        owner.put(NETWORK, body).await.error(400, code);
    }
    let admin = server.person("admin@x", Admin).await;
    admin.put(NETWORK, json!({"allowed_origins": []})).await.error(403, "external_access_owner_required");
}

#[tokio::test]
async fn the_preflight_says_what_is_missing_and_blocks_until_it_is_there() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let failed = async || -> Vec<Value> {
        let checks = owner.get(PREFLIGHT).await.ok()["checks"].as_array().unwrap().clone();
        checks.iter().filter(|check| check["ok"] == false).map(|check| check["id"].clone()).collect()
    };
    assert_eq!(failed().await, ["oidc_configured", "public_url_https", "owner_address"]);
    owner.put(PREFERENCES, remote("oidc")).await.error(400, "external_access_preflight_failed");
    let proxy = remote("trusted_proxy");
    owner.put(PREFERENCES, proxy.clone()).await.error(400, "external_access_trusted_proxy_not_configured");
    owner.put(PROXY, json!({"shared_secret": "s3cret"})).await.ok();
    owner.put(PREFERENCES, proxy.clone()).await.error(400, "external_access_public_url_missing");
    owner.put(NETWORK, json!({"public_url": "http://ci.lan", "allowed_origins": []})).await.ok();
    owner.put(PREFERENCES, proxy.clone()).await.error(400, "external_access_https_required");
    owner.put(NETWORK, json!({"public_url": "https://ci.lan", "allowed_origins": []})).await.ok();
    owner.put(PREFERENCES, proxy.clone()).await.error(400, "external_access_origin_not_allowed");
    set_addresses(&owner).await;
    owner.put(PREFERENCES, proxy.clone()).await.error(400, "external_access_preflight_failed");
    assert_eq!(owner.get("/v1/audit-logs?action=external_access_enable_blocked").await.ok()["total"], 6);
    name_owner(&owner).await;
    let admin = server.person("admin@x", Admin).await;
    admin.put(PREFERENCES, proxy.clone()).await.error(403, "external_access_owner_required");
    let changed = owner.put(PREFERENCES, proxy).await.ok()["preferences"].clone();
    assert_eq!(
        (&changed["runtime_mode"], &changed["remote_auth_mode"]),
        (&json!("remote"), &json!("trusted_proxy"))
    );
}

#[tokio::test]
async fn the_preflight_checks_what_one_would_switch_to() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ids = async |query: &str| -> Vec<Value> {
        let checks = owner.get(&format!("{PREFLIGHT}?{query}")).await.ok()["checks"].clone();
        checks.as_array().unwrap().iter().map(|check| check["id"].clone()).collect()
    };
    let addresses = ["public_url_https", "public_origin_allowed", "owner_address"];
    assert_eq!(ids("runtime_mode=local").await, ["setup_ready"]);
    let proxy = ids("remote_auth_mode=trusted_proxy").await;
    assert_eq!(proxy[..2], ["setup_ready", "trusted_proxy_configured"]);
    assert_eq!(proxy[2..], addresses);
    let oidc = ids("runtime_mode=remote&remote_auth_mode=oidc").await;
    assert_eq!(oidc[..2], ["setup_ready", "oidc_configured"]);
    assert_eq!(oidc[2..5], addresses);
    assert_eq!(oidc[5..], ["owner_can_sign_in", "accounts_can_sign_in", "redirect_policy_consistent"]);
    assert_eq!(ids("").await, oidc);
    owner.get(&format!("{PREFLIGHT}?remote_auth_mode=magic")).await.error(400, "invalid_request");
}

#[tokio::test]
async fn changing_the_mode_ends_every_session_and_stream() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", Admin).await;
    let mut stream = Stream::open(&admin, None).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    set_addresses(&owner).await;
    name_owner(&owner).await;
    owner.put(PROXY, json!({"shared_secret": "s3cret"})).await.ok();
    owner.put(PREFERENCES, remote("trusted_proxy")).await.ok();
    assert!(stream.next().await.is_none());
    owner.get("/v1/users/me").await.error(401, "invalid_session");
    admin.get("/v1/users/me").await.error(401, "invalid_session");
    // Whoever is at the machine itself is never locked out.
    let owner = server.anonymous().sign_in(Some("ana@example.com")).await;
    let headers = [("x-oore-trusted-proxy-secret", "s3cret"), ("x-warpgate-username", "admin@x")];
    through_proxy(&server.anonymous(), "/v1/auth/trusted-proxy/login", &headers).await.ok();
    let same = json!({"key_storage_mode": "file", "direct_macos_runner_paused": true});
    owner.put(PREFERENCES, same).await.ok();
    owner.get("/v1/users/me").await.ok();
}

#[tokio::test]
async fn a_remote_instance_keeps_an_address_that_works() {
    let server = Server::start_with(&[
        "--public-url",
        "https://ci.example.com",
        "--cors-origins",
        "https://ci.example.com",
    ])
    .await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    for (body, code) in [
        (json!({"allowed_origins": []}), "external_access_public_url_missing"),
        (
            json!({"public_url": "http://ci.example.com", "allowed_origins": []}),
            "external_access_https_required",
        ),
        (
            json!({"public_url": "https://ci.example.com", "allowed_origins": []}),
            "external_access_origin_not_allowed",
        ),
        (
            json!({"public_url": "https://localhost", "allowed_origins": ["https://localhost"]}),
            "invalid_input",
        ),
    ] {
        owner.put(NETWORK, body).await.error(400, code);
    }
    set_addresses(&owner).await;
    assert_eq!(owner.get(PREFLIGHT).await.ok()["ready"], true);
}

#[tokio::test]
async fn artifacts_are_delivered_from_their_own_address() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body = json!({"public_url": "https://ci.example.com", "artifact_delivery_url": "https://files.example.com",
        "allowed_origins": []});
    owner.put(NETWORK, body).await.ok();
    let request = owner.request(Method::GET, "/v1/public/setup-status").header("host", "files.example.com");
    owner.send(request).await.ok();
}

#[tokio::test]
async fn nobody_takes_away_the_page_or_the_name_that_they_use() {
    let server = Server::start_with(&[
        "--public-url",
        "https://ci.example.com",
        "--cors-origins",
        "https://ci.example.com,https://ui.example.com",
    ])
    .await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let addresses = |url: &str, origins: &[&str]| json!({"public_url": url, "allowed_origins": origins});
    let from = async |host: &str, page: &str, body: &Value| {
        let request = owner.request(Method::PUT, NETWORK).json(body).header("x-forwarded-for", "192.0.2.7");
        owner.send(request.header("host", host).header("origin", page)).await
    };
    let (own, ui, new) = ("https://ci.example.com", "https://ui.example.com", "https://new.example.com");
    for (host, page, body, named) in [
        ("ci.example.com", own, addresses(new, &[new]), "ci.example.com"),
        ("ci.example.com", ui, addresses(own, &[own]), ui),
    ] {
        let refused = from(host, page, &body).await.error(409, "external_access_would_lock_out");
        assert!(refused["error"].as_str().unwrap().contains(named), "{refused}");
        assert!(refused["hint"].as_str().unwrap().contains("http://localhost:"), "{refused}");
    }
    assert_eq!(owner.get(NETWORK).await.ok()["settings"]["source"], "environment", "nothing has changed");
    from("ci.example.com", own, &addresses(own, &[own])).await.ok();
    from("ci.example.com", ui, &addresses(own, &[own, ui])).await.error(403, "origin_not_allowed");
    // On the machine itself, by command line and by page, everything goes.
    owner.put(NETWORK, addresses(new, &[new])).await.ok();
    let local = owner.request(Method::PUT, NETWORK).json(&addresses(own, &[own]));
    owner.send(local.header("origin", &server.base)).await.ok();
}

/// Sends a request that has to wait for a change under way, which is then made before it.
async fn overtaken(
    server: &Server,
    client: &Client,
    (path, body): (&'static str, Value),
    change: &str,
) -> Answer {
    let (client, others) = (client.clone(), server.anonymous());
    let waiting = server.app.db.write(async |tx| {
        tx.execute_unprepared(change).await?;
        let waiting = tokio::spawn(async move { client.put(path, body).await });
        for _ in 0..50 {
            others.get("/v1/public/setup-status").await.ok();
        }
        assert!(!waiting.is_finished());
        Ok(waiting)
    });
    waiting.await.unwrap().await.unwrap()
}

#[tokio::test]
async fn settings_are_judged_by_what_was_committed_before_them() {
    let server = Server::start().await;
    let owner = server.owner().await;
    name_owner(&owner).await;
    let pause = "UPDATE instance SET runners_paused = 1";
    let same = (PREFERENCES, json!({"key_storage_mode": "file"}));
    let preferences = overtaken(&server, &owner, same, pause).await.ok()["preferences"].clone();
    assert_eq!(preferences["direct_macos_runner_paused"], true);

    set_addresses(&owner).await;
    owner.put(PROXY, json!({"shared_secret": "s3cret"})).await.ok();
    let switch = (PREFERENCES, remote("trusted_proxy"));
    let gone = "DELETE FROM trusted_proxy_settings";
    overtaken(&server, &owner, switch, gone).await.error(400, "external_access_trusted_proxy_not_configured");

    let open = "UPDATE instance SET runtime_mode = 'remote'";
    let nowhere = (NETWORK, json!({"allowed_origins": []}));
    overtaken(&server, &owner, nowhere, open).await.error(400, "external_access_public_url_missing");
    assert_eq!(owner.get(NETWORK).await.ok()["settings"]["public_url"], "https://ci.example.com");
}

#[tokio::test]
async fn changes_at_the_same_time_lose_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    name_owner(&owner).await;
    owner.put(PROXY, json!({"shared_secret": "s3cret"})).await.ok();
    for round in 0..10 {
        let (header, range) = (format!("X-Person-{round}"), format!("10.{round}.0.0/16"));
        let (one, other) = tokio::join!(
            owner.put(PROXY, json!({"user_email_header": header})),
            owner.put(PROXY, json!({"trusted_proxy_cidrs": [range]})),
        );
        one.ok();
        other.ok();
        let stored = owner.get(PROXY).await.ok()["settings"].clone();
        assert_eq!(
            (&stored["user_email_header"], &stored["trusted_proxy_cidrs"]),
            (&json!(header), &json!([range]))
        );
    }
    let mut changes = tokio::task::JoinSet::new();
    for n in 0..40 {
        let (owner, body) =
            (owner.clone(), json!({"allowed_origins": [format!("https://ui{n}.example.com")]}));
        changes.spawn(async move { owner.put(NETWORK, body).await.ok() });
    }
    changes.join_all().await;
    let stored = oored::db::network_settings::find(server.app.db.read()).await.unwrap().unwrap();
    assert_eq!(
        server.app.network.reach().allowed_origins,
        stored.allowed_origins.0,
        "the last one is in force"
    );

    set_addresses(&owner).await;
    let token = owner.post("/v1/api-tokens", json!({"name": "t", "role": "owner"})).await.ok();
    let program = owner.with_token(token["token"].as_str().unwrap());
    let pause = json!({"key_storage_mode": "file", "direct_macos_runner_paused": true});
    let (mode, paused) =
        tokio::join!(owner.put(PREFERENCES, remote("trusted_proxy")), program.put(PREFERENCES, pause));
    mode.ok();
    paused.ok();
    let preferences = program.get(PREFERENCES).await.ok()["preferences"].clone();
    assert_eq!(
        (&preferences["runtime_mode"], &preferences["direct_macos_runner_paused"]),
        (&json!("remote"), &json!(true))
    );
}
