//! What identity providers publish of themselves: the shapes of those that people use, those that
//! are broken or lie, and those that are away for a while.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::doors::{CALLBACK, Doors};
use crate::support::gate::Gate;
use crate::support::provider::{Key, Provider, Reply, Signed};
use crate::support::setting_up::{begin, through_provider};
use crate::support::{Client, Server};

const SETTINGS: &str = "/v1/settings/external-access/oidc";
/// The ten seconds that anything fetched may take, and some for the machine.
const PATIENCE: Duration = Duration::from_secs(12);

/// A provider as its public documentation shows it.
struct Published {
    metadata: &'static str,
    /// What people enter after the provider's address, and what the provider says.
    entered: &'static str,
    issuer: &'static str,
    claims: Value,
    key_members: Value,
    other_keys: Vec<Value>,
}

fn google() -> Published {
    Published {
        metadata: include_str!("support/published/google.json"),
        entered: "",
        issuer: "",
        claims: json!({"azp": "oore", "sub": "110169484474386276334", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
            "hd": "example.com", "email_verified": true, "name": "Ana", "given_name": "Ana", "family_name": "Lima",
            "picture": "https://pics.example.com/a/photo.jpg", "locale": "en"}),
        key_members: json!({}),
        other_keys: vec![Key::rsa("older", 2048).published()],
    }
}

fn okta() -> Published {
    Published {
        metadata: include_str!("support/published/okta.json"),
        entered: "/oauth2/default",
        issuer: "/oauth2/default",
        claims: json!({"ver": 1, "sub": "00uid4BxXw6I6TV4m0g3", "jti": "ID.4eAWJOCMB3SX8XewDfVR", "auth_time": 1700000000,
            "at_hash": "preview_at_hash", "amr": ["pwd", "mfa"], "idp": "00ok1u7AsAkrwdZL3z0g3", "name": "Ana Lima",
            "preferred_username": "ana@example.com", "email_verified": true, "picture": null}),
        key_members: json!({}),
        other_keys: Vec::new(),
    }
}

fn entra() -> Published {
    let tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
    Published {
        metadata: include_str!("support/published/entra.json"),
        entered: "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        issuer: "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        claims: json!({"sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "aio": "Df2UVXL1ix!lMCWMSOJBcFatzcGfvFGhjKv8q5g0x732dR5MB",
            "name": "Ana Lima", "oid": "00000000-0000-0000-66f3-3332eca7ea81", "preferred_username": "ana@example.com",
            "rh": "0.AXoA", "tid": tenant, "uti": "fqiBqXLPj0eQa82S", "ver": "2.0", "nbf": 1700000000,
            "email_verified": null, "xms_edov": true, "picture": null}),
        key_members: json!({"alg": null, "x5t": "nOo3ZDrODXEK1jKWhXslHR_KXEg", "x5c": ["MIIDBTCCAe2gAwIBAgIQ"],
            "cloud_instance_name": "microsoftonline.com", "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}),
        other_keys: Vec::new(),
    }
}

fn auth0() -> Published {
    Published {
        metadata: include_str!("support/published/auth0.json"),
        entered: "",
        issuer: "/",
        claims: json!({"sub": "auth0|5f7c8ec7c33c6c004bbafe82", "nickname": "ana", "name": "ana@example.com",
            "picture": "https://s.gravatar.example.com/avatar/a?s=480&r=pg", "updated_at": "2026-03-01T09:30:00.123Z",
            "email_verified": true, "sid": "jLm1PRY6h8YkL7w3"}),
        key_members: json!({"x5t": "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg", "x5c": ["MIIC+jCCAeKg"]}),
        other_keys: Vec::new(),
    }
}

fn keycloak() -> Published {
    let mut encryption = Key::rsa("encryption", 2048).published();
    encryption["use"] = json!("enc");
    encryption["alg"] = json!("RSA-OAEP");
    Published {
        metadata: include_str!("support/published/keycloak.json"),
        entered: "/realms/shop",
        issuer: "/realms/shop",
        claims: json!({"sub": "f5d0b6e3-5c5b-4f0a-8a1c-0f6d8f1f4d3a", "typ": "ID", "azp": "oore", "auth_time": 1700000000,
            "jti": "0f0f3c8e-0b3f-4a9e-9f58-3c8d4a0a7a11", "session_state": "e8a7", "sid": "e8a7", "acr": "1",
            "at_hash": "2q0r6s1", "email_verified": true, "name": "Ana Lima", "preferred_username": "ana",
            "given_name": "Ana", "family_name": "Lima", "picture": null}),
        key_members: json!({"x5c": ["MIICmzCCAYMCBgF"], "x5t": "a", "x5t#S256": "b"}),
        other_keys: vec![
            encryption,
            json!({"kty": "OKP", "crv": "Ed448", "kid": "new", "x": "AA"}),
            json!({"kty": "AKP"}),
        ],
    }
}

impl Published {
    /// Lets the provider publish this and sign as it does; answers what people enter.
    fn play(&self, provider: &Provider, key: &Key) -> String {
        let mut claims = self.claims.clone();
        claims["iss"] = json!(format!("{}{}", provider.issuer, self.issuer));
        provider.script(|script| {
            script.document = Some(self.metadata.to_owned());
            script.claims = claims;
            script.published = vec![key.clone()];
            script.signed = Signed::By(key.clone());
            script.key_members = self.key_members.clone();
            script.other_keys = self.other_keys.clone();
        });
        format!("{}{}", provider.issuer, self.entered)
    }
}

async fn configure(owner: &Client, issuer: &str) -> Value {
    let secret = crate::support::provider::SECRET;
    owner
        .put(SETTINGS, json!({"issuer_url": issuer, "client_id": "oore", "client_secret": secret}))
        .await
        .ok()
}

#[tokio::test]
async fn people_of_the_well_known_providers_sign_in() {
    let key = Key::rsa("a", 2048);
    for published in [google(), okta(), entra(), auth0(), keycloak()] {
        let (server, provider) = (Server::start().await, Provider::start().await);
        let owner = server.owner().await;
        owner
            .post("/v1/users/invite", json!({"email": "ana@example.com", "role": "developer"}))
            .await
            .created();
        let entered = published.play(&provider, &key);
        let found = configure(&owner, &entered).await;
        assert_eq!(found["discovered_issuer"], format!("{}{}", provider.issuer, published.issuer));
        for _ in 0..2 {
            let user = through_provider(&server.anonymous(), &provider).await.ok()["user"].clone();
            let expected = (&json!("ana@example.com"), &published.claims["sub"]);
            assert_eq!((&user["email"], &user["oidc_subject"]), expected);
        }
    }
}

#[tokio::test]
async fn a_name_that_looks_like_an_address_is_none() {
    let (server, provider) = (Server::start().await, Provider::start().await);
    let owner = server.owner().await;
    owner.post("/v1/users/invite", json!({"email": "ana@example.com", "role": "developer"})).await.created();
    let published = entra();
    configure(&owner, &published.play(&provider, &Key::rsa("a", 2048))).await;
    let claims = |changes: Value| {
        provider.script(|script| {
            let claims = script.claims.as_object_mut().unwrap();
            claims.extend(changes.as_object().unwrap().clone());
        });
    };
    claims(json!({"email": null}));
    through_provider(&server.anonymous(), &provider).await.error(502, "missing_email");
    claims(json!({"email": "ana@example.com", "xms_edov": null}));
    through_provider(&server.anonymous(), &provider).await.error(403, "unverified_email");
    for no in [json!(false), json!(0), json!("0"), json!("yes")] {
        claims(json!({"xms_edov": no}));
        through_provider(&server.anonymous(), &provider).await.error(403, "unverified_email");
    }
    claims(json!({"xms_edov": "1"}));
    through_provider(&server.anonymous(), &provider).await.ok();
}

#[tokio::test]
async fn metadata_for_many_tenants_name_no_issuer() {
    let (server, provider) = (Server::start().await, Provider::start().await);
    let owner = server.owner().await;
    let common = include_str!("support/published/entra.json")
        .replace("{issuer}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0\"", "{issuer}/{tenantid}/v2.0\"");
    provider.script(|script| script.document = Some(common));
    let body = json!({"issuer_url": format!("{}/common/v2.0", provider.issuer), "client_id": "oore"});
    owner.put(SETTINGS, body).await.error(400, "oidc_discovery_failed");
}

/// What a broken or hostile provider may publish.
fn unusable() -> Vec<(Value, Reply, Reply)> {
    let html = || Reply::Answers(200, "text/html", "<!doctype html><title>Sign in</title>".to_owned());
    let json = |text: &str| Reply::Answers(200, "application/json", text.to_owned());
    let metadata = |changes| (changes, Reply::Honest, Reply::Honest);
    let mut all: Vec<_> = [
        json!({"issuer": "https://other.example"}),
        json!({"issuer": "http://127.0.0.1"}),
        json!({"issuer": 7}),
        json!({"issuer": null}),
        json!({"authorization_endpoint": null}),
        json!({"authorization_endpoint": "javascript:alert(1)"}),
        json!({"authorization_endpoint": "http://evil.example/authorize"}),
        json!({"authorization_endpoint": "/authorize"}),
        json!({"token_endpoint": null}),
        json!({"token_endpoint": "http://evil.example/token"}),
        json!({"token_endpoint": "https://user:word@idp.example/token"}),
        json!({"token_endpoint": "file:///etc/passwd"}),
        json!({"jwks_uri": null}),
        json!({"jwks_uri": "http://169.254.169.254/latest/meta-data"}),
        json!({"jwks_uri": "https://169.254.169.254/latest/meta-data"}),
        json!({"jwks_uri": "https://[fd00:ec2::254]/keys"}),
        json!({"jwks_uri": "https://2852039166/keys"}),
        json!({"jwks_uri": "https://0.0.0.0/keys"}),
        json!({"jwks_uri": "data:application/json,{}"}),
        json!({"response_types_supported": ["id_token", "code id_token"]}),
        json!({"response_types_supported": []}),
        json!({"id_token_signing_alg_values_supported": ["HS256"]}),
        json!({"id_token_signing_alg_values_supported": ["none", "HS512"]}),
        json!({"code_challenge_methods_supported": ["plain"]}),
        json!({"code_challenge_methods_supported": []}),
        json!({"grant_types_supported": ["implicit"]}),
        json!({"token_endpoint_auth_methods_supported": ["private_key_jwt", "tls_client_auth"]}),
    ]
    .into_iter()
    .map(metadata)
    .collect();
    for reply in [
        html(),
        json(""),
        json("[]"),
        json("null"),
        json("{}"),
        json(&"[".repeat(100_000)),
        Reply::Answers(204, "application/json", String::new()),
        Reply::Answers(302, "application/json", "{}".to_owned()),
        Reply::Answers(404, "application/json", "{}".to_owned()),
        Reply::Gzip(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
        Reply::Endless,
    ] {
        all.push((json!({}), reply.clone(), Reply::Honest));
        all.push((json!({}), Reply::Honest, reply));
    }
    all
}

#[tokio::test]
async fn what_is_no_provider_has_its_word_wherever_it_is_asked() {
    let doors = Doors::open().await;
    let owner = doors.ready.owner().await;
    doors.begin().await; // from now on the provider is known
    for (metadata, discovery, keys) in unusable() {
        let told = format!("{metadata} {discovery:?} {keys:?}");
        let told: String = told.chars().take(200).collect();
        doors.provider.script(|script| {
            (script.metadata, script.discovery, script.keys) = (metadata, discovery, keys);
        });
        let settings = crate::support::setting_up::oidc_settings(&doors.provider);
        let wrong = [
            owner.put(SETTINGS, settings.clone()).await,
            owner.post(&format!("{SETTINGS}/test-connection"), settings.clone()).await,
            doors.set_up.post("/v1/setup/oidc/configure", settings).await,
        ];
        for answer in wrong {
            assert_eq!(answer.status, 400, "{told}: {}", answer.text);
            answer.error(400, "oidc_discovery_failed");
        }
        doors.ready.advance(601);
        doors.fresh.advance(601);
        // It is not away, so what it said before is not used on.
        let late = [
            doors.ready.anonymous().get("/v1/auth/oidc/start").await,
            doors.set_up.post("/v1/setup/owner/start-oidc", json!({})).await,
        ];
        for answer in late {
            assert_eq!(answer.status, 502, "{told}: {}", answer.text);
            answer.error(502, "oidc_discovery_error");
        }
    }
    assert_eq!(doors.provider.asked("elsewhere"), 0, "redirects are not followed");
    doors.provider.script(|script| {
        (script.metadata, script.discovery, script.keys) = (json!({}), Reply::Honest, Reply::Honest);
    });
    doors.provider.claims(json!({"exp": doors.ready.app.clock.now() + 600}));
    doors.admit().await;
}

#[tokio::test]
async fn an_issuer_is_an_address_without_extras() {
    let doors = Doors::open().await;
    let owner = doors.ready.owner().await;
    let issuer = &doors.provider.issuer;
    for odd in [
        format!("{issuer}?x=1"),
        format!("{issuer}/#x"),
        format!("{issuer}?"),
        "x".repeat(3000),
        " ".to_owned(),
        String::new(),
        "idp.example.com".to_owned(),
        issuer.replace("http://", "http://user@"),
        issuer.replace("http://", "http://user:s3cret@"),
        issuer.replace("http://", "http://:s3cret@"),
        "https://user:s3cret@".to_owned(),
        "https://user:s3cret@idp.example.com?x".to_owned(),
    ] {
        let body = json!({"issuer_url": odd, "client_id": "oore"});
        let refused = [
            owner.put(SETTINGS, body.clone()).await,
            owner.post(&format!("{SETTINGS}/test-connection"), body.clone()).await,
            doors.set_up.post("/v1/setup/oidc/configure", body).await,
        ];
        for answer in refused {
            assert_eq!(answer.error(400, "invalid_input")["fields"][0]["field"], "issuer_url");
            assert!(!answer.text.contains("s3cret"), "{}", answer.text);
        }
    }
    for other in [issuer.replace("http", "ftp"), format!("{issuer}/realms/none")] {
        let body = json!({"issuer_url": other, "client_id": "oore"});
        owner.put(SETTINGS, body).await.error(400, "oidc_discovery_failed");
    }
}

#[tokio::test]
async fn a_provider_that_cannot_do_what_is_needed_is_told_what_that_is() {
    let doors = Doors::open().await;
    let owner = doors.ready.owner().await;
    for (metadata, missing) in [
        (json!({"response_types_supported": ["id_token"]}), "authorization code flow"),
        (json!({"id_token_signing_alg_values_supported": ["HS256"]}), "HS256"),
        (json!({"code_challenge_methods_supported": ["plain"]}), "PKCE with S256"),
    ] {
        doors.provider.script(|script| script.metadata = metadata);
        let settings = crate::support::setting_up::oidc_settings(&doors.provider);
        let refused = [
            owner.put(SETTINGS, settings.clone()).await,
            owner.post(&format!("{SETTINGS}/test-connection"), settings.clone()).await,
            doors.set_up.post("/v1/setup/oidc/configure", settings).await,
        ];
        for answer in refused {
            let told = answer.error(400, "oidc_discovery_failed")["error"].clone();
            assert!(told.as_str().unwrap().contains(missing), "{told}");
        }
    }
}

/// Ways to be away.
fn away() -> [(Value, Reply, Reply); 5] {
    let fault = |status| Reply::Answers(status, "text/html", "<h1>away</h1>".to_owned());
    [
        (json!({}), fault(503), Reply::Honest),
        (json!({}), fault(500), fault(500)),
        (json!({}), fault(429), Reply::Honest),
        (json!({}), Reply::Honest, fault(502)),
        (json!({"jwks_uri": "http://127.0.0.1:1/keys"}), Reply::Honest, Reply::Honest),
    ]
}

#[tokio::test]
async fn an_outage_of_a_day_is_bridged_and_a_longer_one_told() {
    for (metadata, discovery, keys) in away() {
        let doors = Doors::open().await;
        let (server, provider, client) = (&doors.ready, &doors.provider, doors.ready.anonymous());
        let owner = server.owner().await;
        through_provider(&client, provider).await.ok();
        provider.script(|script| {
            (script.metadata, script.discovery, script.keys) = (metadata, discovery, keys);
        });
        let sign_in = async || {
            provider.claims(json!({"exp": server.app.clock.now() + 600}));
            through_provider(&client, provider).await
        };
        let asked = provider.asked("discovery");
        server.advance(590);
        sign_in().await.ok();
        assert_eq!(provider.asked("discovery"), asked, "known for ten minutes");
        owner.get("/v1/users/me").await.ok();
        server.advance(23 * 3600);
        for _ in 0..5 {
            sign_in().await.ok();
        }
        assert_eq!(provider.asked("discovery") - asked, 1, "not asked at every sign-in");
        server.advance(31);
        sign_in().await.ok();
        assert_eq!(provider.asked("discovery") - asked, 2, "but asked again");
        server.advance(40 * 60);
        let (url, state) = begin(&client).await;
        server.advance(590);
        client.get("/v1/auth/oidc/start").await.error(502, "oidc_discovery_error");
        let body = json!({"code": provider.agree(&url), "state": state});
        client.post(CALLBACK, body).await.error(502, "oidc_discovery_error");
        provider.script(|script| {
            (script.metadata, script.discovery, script.keys) = (json!({}), Reply::Honest, Reply::Honest);
        });
        sign_in().await.ok();
    }
}

#[tokio::test]
async fn a_provider_that_is_away_is_still_asked_for_a_key_that_is_not_known() {
    let doors = Doors::open().await;
    let (server, provider, client) = (&doors.ready, &doors.provider, doors.ready.anonymous());
    through_provider(&client, provider).await.ok();
    provider.script(|script| script.discovery = Reply::Answers(503, "text/html", String::new()));
    server.advance(3600);
    let new = Key::new("two");
    provider.script(|script| {
        script.claims = json!({"exp": server.app.clock.now() + 600});
        script.published = vec![new.clone()];
        script.signed = Signed::By(new);
    });
    through_provider(&client, provider).await.ok();
    provider.script(|script| {
        script.header = json!({"kid": "unknown"});
        script.keys = Reply::Answers(503, "text/html", String::new());
    });
    server.advance(31);
    let asked = provider.asked("keys");
    through_provider(&client, provider).await.error(502, "oidc_discovery_error");
    through_provider(&client, provider).await.error(502, "id_token_verification_error");
    assert_eq!(provider.asked("keys") - asked, 1, "and not at every token");
}

#[tokio::test]
async fn of_a_slow_provider_that_is_known_one_sign_in_asks_and_the_others_go_on() {
    let doors = Doors::open().await;
    let client = doors.ready.anonymous();
    client.get("/v1/auth/oidc/start").await.ok();
    doors.ready.advance(601);
    let gate = Arc::new(Gate::default());
    doors.provider.script(|script| script.discovery = Reply::Held(gate.clone()));
    let asks = client.get("/v1/auth/oidc/start");
    let others = async {
        gate.arrival().await;
        for _ in 0..20 {
            client.get("/v1/auth/oidc/start").await.ok();
        }
        gate.open();
    };
    let (asked, ()) = tokio::join!(asks, others);
    asked.ok();
}

#[tokio::test]
async fn a_slow_provider_is_given_up_and_nobody_else_waits() {
    let doors = Doors::open().await;
    for (discovery, keys) in
        [(Reply::Hangs, Reply::Honest), (Reply::Drips, Reply::Honest), (Reply::Honest, Reply::Drips)]
    {
        doors.provider.script(|script| (script.discovery, script.keys) = (discovery, keys));
        doors.ready.advance(24 * 3600 + 1);
        let owner = doors.ready.owner().await;
        let client = doors.ready.anonymous();
        let asked = doors.provider.asked("discovery");
        let begun = Instant::now();
        let starts: Vec<_> = (0..20)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.get("/v1/auth/oidc/start").await })
            })
            .collect();
        for _ in 0..50 {
            owner.get("/v1/users/me").await.ok();
            owner.post("/v1/auth/local/login", json!({"email": "owner@local"})).await.ok();
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        for start in starts {
            start.await.unwrap().error(502, "oidc_discovery_error");
        }
        assert_eq!(doors.provider.asked("discovery") - asked, 1, "many sign-ins ask once");
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn two_people_at_once_with_a_new_key_both_get_in() {
    let doors = Doors::open().await;
    let client = doors.ready.anonymous();
    let bodies = [doors.begin().await[0].clone(), doors.begin().await[0].clone()];
    let (gate, key) = (Arc::new(Gate::default()), Key::new("two"));
    doors.provider.script(|script| {
        script.published = vec![key.clone()];
        script.signed = Signed::By(key);
        script.exchange = Reply::Held(gate.clone());
    });
    // Both have the old keys in hand by the time they see the new one.
    let act = async {
        gate.arrival().await;
        gate.arrival().await;
        gate.open();
    };
    let [one, other] = bodies;
    let before = doors.provider.asked("keys");
    let (one, other, ()) = tokio::join!(client.post(CALLBACK, one), client.post(CALLBACK, other), act);
    one.ok();
    other.ok();
    assert_eq!(doors.provider.asked("keys") - before, 1, "the keys are read once for both");
}
