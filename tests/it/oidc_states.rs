//! What a browser brings to both doors of signing in through a provider: states that are unknown, old,
//! used or somebody else's, addresses to come back to, and trouble of our own on the way.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::doors::{CALLBACK, Doors, VERIFY};
use crate::support::gate::Gate;
use crate::support::provider::Reply;
use crate::support::setting_up::{begin, oidc_settings, open, through_provider};
use crate::support::{Answer, Server};

fn brought(code: &str, state: &str) -> [Value; 2] {
    let body = json!({"code": code, "state": state});
    [body.clone(), body]
}

fn both(answers: [Answer; 2], status: u16, code: &str) {
    for answer in answers {
        answer.error(status, code);
    }
}

#[tokio::test]
async fn a_state_that_was_never_given_out_opens_nothing() {
    let doors = Doors::open().await;
    for state in
        ["", " ", "unknown", "\u{0}", "../../x", "' OR 1=1 --", &"x".repeat(4097), &"x".repeat(1_000_000)]
    {
        both(doors.bring(brought("c", state)).await, 400, "invalid_state");
    }
    for odd in [json!(null), json!(7), json!(["a"]), json!({"a": 1})] {
        let body = json!({"code": "c", "state": odd});
        both(doors.bring([body.clone(), body]).await, 400, "invalid_request");
    }
    both(doors.bring([json!({"state": "s"}), json!({"code": "c"})]).await, 400, "invalid_request");
    both(doors.bring(brought("c", &"x".repeat(3_000_000))).await, 413, "payload_too_large");
    doors.assert_closed().await;
}

#[tokio::test]
async fn a_code_that_cannot_be_one_is_refused_before_the_state_is_used_up() {
    let doors = Doors::open().await;
    let bodies = doors.begin().await;
    for code in ["", &"x".repeat(100_000)] {
        let odd = bodies.clone().map(|body| json!({"code": code, "state": body["state"]}));
        both(doors.bring(odd).await, 400, "invalid_request");
    }
    for answer in doors.bring(bodies).await {
        answer.ok();
    }
}

#[tokio::test]
async fn a_code_that_was_never_given_out_uses_the_state_up() {
    let doors = Doors::open().await;
    let bodies = doors.begin().await.map(|body| json!({"code": "never given out", "state": body["state"]}));
    both(doors.bring(bodies.clone()).await, 502, "token_exchange_error");
    both(doors.bring(bodies).await, 400, "invalid_state");
    doors.assert_closed().await;
}

#[tokio::test]
async fn a_state_works_once_at_both_doors() {
    let doors = Doors::open().await;
    let bodies = doors.begin().await;
    for answer in doors.bring(bodies.clone()).await {
        answer.ok();
    }
    both(doors.bring(bodies).await, 400, "invalid_state");
}

#[tokio::test]
async fn a_state_works_for_ten_minutes_at_both_doors() {
    let doors = Doors::open().await;
    let (late, forgotten) = (doors.begin().await, doors.begin().await);
    let advance = |seconds| {
        doors.ready.advance(seconds);
        doors.fresh.advance(seconds);
    };
    advance(10);
    let early = doors.begin().await;
    advance(590);
    both(doors.bring(late.clone()).await, 400, "auth_expired");
    both(doors.bring(late).await, 400, "invalid_state");
    for answer in doors.bring(early).await {
        answer.ok();
    }
    advance(601);
    both(doors.bring(forgotten).await, 400, "invalid_state");
}

#[tokio::test]
async fn a_state_is_of_use_only_at_the_door_it_was_given_out_for() {
    let doors = Doors::open().await;
    let other = Doors::open().await;
    let ([at_ready, at_fresh], [others, _]) = (doors.begin().await, other.begin().await);
    both(doors.bring([at_fresh, at_ready]).await, 400, "invalid_state");
    doors.ready.anonymous().post(CALLBACK, others).await.error(400, "invalid_state");
    doors.assert_closed().await;
}

#[tokio::test]
async fn of_many_who_bring_the_same_state_one_gets_in() {
    let doors = Doors::open().await;
    let [at_ready, at_fresh] = doors.begin().await;
    for (server, path, body) in [(&doors.ready, CALLBACK, at_ready), (&doors.fresh, VERIFY, at_fresh)] {
        let tries: Vec<_> = (0..20)
            .map(|_| {
                let (client, body) = (server.anonymous(), body.clone());
                tokio::spawn(async move { client.post(path, body).await })
            })
            .collect();
        let mut admitted = 0;
        for one in tries {
            let answer = one.await.unwrap();
            match answer.status.as_u16() {
                200 => admitted += 1,
                _ => drop(answer.error(400, "invalid_state")),
            }
        }
        assert_eq!(admitted, 1, "{path}");
    }
}

#[tokio::test]
async fn the_owners_sign_in_is_bound_to_the_browser_too() {
    let doors = Doors::open().await;
    let binding = "LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"; // SHA-256 of "foo"
    for (shown, status) in [(None, 400), (Some("bar"), 400), (Some(binding), 400), (Some("foo"), 200)] {
        let begun = doors.set_up.post("/v1/setup/owner/start-oidc", json!({ "binding": binding })).await.ok();
        let code = doors.provider.agree(begun["authorization_url"].as_str().unwrap());
        let body = json!({"code": code, "state": begun["state"], "binding": shown});
        doors.fresh.anonymous().post(VERIFY, body).await.expect(status);
    }
}

#[tokio::test]
async fn nobody_is_sent_back_to_a_place_that_is_not_ours() {
    let doors = Doors::open().await;
    let public =
        json!({"public_url": "https://ci.example.com", "allowed_origins": ["https://ui.example.com"]});
    doors.ready.owner().await.put("/v1/settings/external-access/network", public).await.ok();
    let client = doors.ready.anonymous();
    for uri in [
        "https://evil.example/auth/callback",
        "http://ui.example.com/auth/callback",
        "http://192.0.2.1/auth/callback",
        "https://user@ui.example.com/auth/callback",
        "https://ui.example.com/auth/callback#x",
        "https://ui.example.com/auth/callback?next=//evil.example",
        "//evil.example/auth/callback",
        "\\\\evil.example/auth/callback",
        "https://ui.example.com%2f%2fevil.example/auth/callback",
        "https://ui.example.com/auth/callback/../x",
        "https://ui.example.com/auth/callback%2f..",
        "https://ui.example.com./auth/callback",
        "https://ui.ex\u{430}mple.com/auth/callback",
        "https://ui.example.com:8443/auth/callback",
        "https://ci.example.com.evil.example/auth/callback",
        "http://localhost.evil.example/auth/callback",
        "javascript:alert(1)//auth/callback",
        "data:text/html,/auth/callback",
        "file:///auth/callback",
        "oore://auth/callback",
        "*/auth/callback",
        "https://ui.example.com/auth/callback\r\nSet-Cookie: a=b",
    ] {
        let query = reqwest::Url::parse_with_params("http://form", [("redirect_uri", uri)]).unwrap();
        let path = format!("/v1/auth/oidc/start?{}", query.query().unwrap());
        client.get(&path).await.error(400, "invalid_redirect_uri");
        let body = json!({ "redirect_uri": uri });
        doors.set_up.post("/v1/setup/owner/start-oidc", body).await.error(400, "invalid_redirect_uri");
    }
    let (url, _) = begin(&client).await;
    let given = reqwest::Url::parse(&url).unwrap().query_pairs().into_owned().collect::<HashMap<_, _>>();
    assert_eq!(given["redirect_uri"], "https://ci.example.com/auth/callback");
}

/// Whatever needs the table fails from now on.
async fn take_away(server: &Server, table: &str) {
    execute(server, &format!("ALTER TABLE {table} RENAME TO gone_{table}")).await;
}

async fn execute(server: &Server, statement: &str) {
    use sea_orm::ConnectionTrait;
    server.app.db.write(async |tx| Ok(tx.execute_unprepared(statement).await?)).await.unwrap();
}

#[tokio::test]
async fn a_database_that_fails_is_told_and_lets_nobody_in() {
    let doors = Doors::open().await;
    let bodies = doors.begin().await;
    take_away(&doors.ready, "users").await;
    take_away(&doors.fresh, "setup").await;
    both(doors.bring(bodies).await, 500, "store_error");
    take_away(&doors.ready, "oidc_settings").await;
    doors.ready.anonymous().get("/v1/auth/oidc/start").await.error(500, "store_error");
}

#[tokio::test]
async fn a_session_that_cannot_be_made_is_told() {
    let doors = Doors::open().await;
    let millennia = 8_000 * 366 * 86_400;
    doors.ready.advance(millennia);
    doors.provider.claims(json!({"exp": doors.ready.app.clock.now() + 600}));
    through_provider(&doors.ready.anonymous(), &doors.provider).await.error(500, "session_error");
}

#[tokio::test]
async fn a_secret_that_no_longer_opens_is_told_at_both_doors() {
    let doors = Doors::open().await;
    let bodies = doors.begin().await;
    for server in [&doors.ready, &doors.fresh] {
        let spoil = "UPDATE oidc_settings SET client_secret = x'00112233445566778899aabbccddeeff0011223344'";
        execute(server, spoil).await;
    }
    both(doors.bring(bodies).await, 500, "decryption_error");
    doors.assert_closed().await;
}

#[tokio::test]
async fn a_provider_that_goes_away_on_the_way_is_told_at_both_doors() {
    let doors = Doors::open().await;
    doors.begin().await; // from now on the provider is known
    let gone = Reply::Answers(503, "text/html", String::new());
    doors.provider.script(|script| script.discovery = gone);
    let advance = |seconds| {
        doors.ready.advance(seconds);
        doors.fresh.advance(seconds);
    };
    advance(1500);
    let bodies = doors.begin().await;
    advance(300);
    doors.provider.script(|script| script.exchange = Reply::Answers(503, "text/html", String::new()));
    both(doors.bring(bodies).await, 502, "token_exchange_error");
    doors.assert_closed().await;
}

#[tokio::test]
async fn a_wall_clock_that_is_set_back_lengthens_no_sign_in_and_ends_none() {
    let doors = Doors::open().await;
    let hour = 3_600_000;
    let set_wall = |by_ms| {
        doors.ready.app.clock.set_wall(by_ms);
        doors.fresh.app.clock.set_wall(by_ms);
    };
    let (late, early) = (doors.begin().await, doors.begin().await);
    set_wall(-hour);
    doors
        .provider
        .claims(json!({"iat": doors.ready.app.clock.now(), "exp": doors.ready.app.clock.now() + 600}));
    doors.ready.advance(590);
    doors.fresh.advance(590);
    for answer in doors.bring(early).await {
        answer.ok();
    }
    doors.ready.advance(10);
    doors.fresh.advance(10);
    both(doors.bring(late).await, 400, "auth_expired");
    set_wall(2 * hour);
    let ahead = doors.ready.anonymous();
    let (url, state) = begin(&ahead).await;
    doors.provider.claims(json!({"exp": doors.ready.app.clock.now() + 600}));
    let body = json!({"code": doors.provider.agree(&url), "state": state});
    set_wall(-hour);
    ahead.post(CALLBACK, body).await.ok();
}

/// Brings one sign-in at each door, and does something while the provider thinks about them.
async fn while_the_provider_thinks(doors: &Doors, meanwhile: impl AsyncFnOnce()) -> [Answer; 2] {
    let bodies = doors.begin().await;
    let gate = Arc::new(Gate::default());
    doors.provider.script(|script| script.exchange = Reply::Held(gate.clone()));
    let act = async {
        gate.arrival().await;
        gate.arrival().await;
        meanwhile().await;
        gate.open();
    };
    let [at_ready, at_fresh] = bodies;
    let (ready, fresh) = (doors.ready.anonymous(), doors.fresh.anonymous());
    let (one, other, ()) = tokio::join!(ready.post(CALLBACK, at_ready), fresh.post(VERIFY, at_fresh), act);
    [one, other]
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_survive_another_way_of_access() {
    let doors = Doors::open().await;
    let proxied = "UPDATE instance SET runtime_mode = 'remote', remote_auth_mode = 'trusted_proxy'";
    let [sign_in, _] = while_the_provider_thinks(&doors, async || execute(&doors.ready, proxied).await).await;
    sign_in.error(403, "mode_restricted");
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_survive_other_settings_of_the_provider() {
    let doors = Doors::open().await;
    let owner = doors.ready.owner().await;
    let [sign_in, set_up] = while_the_provider_thinks(&doors, async || {
        let settings = oidc_settings(&doors.provider);
        owner.put("/v1/settings/external-access/oidc", settings.clone()).await.ok();
        doors.set_up.post("/v1/setup/oidc/configure", settings).await.ok();
    })
    .await;
    sign_in.error(400, "invalid_state");
    set_up.error(409, "stale_oidc_setup");
}

#[tokio::test]
async fn the_owners_sign_in_under_way_does_not_survive_another_set_up_session() {
    let doors = Doors::open().await;
    let [_, set_up] = while_the_provider_thinks(&doors, async || drop(open(&doors.fresh).await)).await;
    set_up.error(401, "invalid_session");
    doors.set_up.get("/v1/setup/summary").await.error(401, "invalid_session");
}

#[tokio::test]
async fn a_refusal_is_recorded_without_secrets() {
    let doors = Doors::open().await;
    doors.provider.claims(json!({"nonce": "wrong"}));
    let bodies = doors.begin().await;
    both(doors.bring(bodies.clone()).await, 502, "id_token_verification_error");
    doors.provider.claims(json!({}));
    doors.admit().await;
    doors.set_up.post("/v1/setup/complete", json!({})).await.ok();
    let owners = [
        doors.ready.anonymous().sign_in(Some("owner@local")).await,
        doors.fresh.anonymous().sign_in(None).await,
    ];
    let actions = ["oidc_login_refused", "setup_owner_refused"];
    for ((owner, body), action) in owners.iter().zip(bodies).zip(actions) {
        let log = owner.get(&format!("/v1/audit-logs?action={action}")).await.ok();
        assert_eq!(log["total"], 1);
        let text = log.to_string();
        assert!(text.contains("id_token_verification_error") && text.contains("127.0.0.1"), "{text}");
        for secret in [&body["code"], &body["state"]] {
            assert!(!text.contains(secret.as_str().unwrap()), "{text}");
        }
    }
}
