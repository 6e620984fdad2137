//! An identity provider that lies, at both doors: every lie has its status and word, and nobody gets
//! in by it. What an honest provider may do differently is accepted.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::doors::{CALLBACK, Doors, VERIFY};
use crate::support::provider::{Key, Reply, Signed};
use crate::support::setting_up::through_provider;

const UNBELIEVED: &str = "id_token_verification_error";
/// The ten seconds that anything fetched may take, and some for the machine.
const PATIENCE: Duration = Duration::from_secs(12);

fn json_answer(status: u16, body: &Value) -> Reply {
    Reply::Answers(status, "application/json", body.to_string())
}

#[tokio::test]
async fn every_lie_in_the_claims_is_seen() {
    let doors = Doors::open().await;
    let now = doors.ready.app.clock.now();
    for lie in [
        json!({"iss": "https://evil.example"}),
        json!({"iss": format!("{}/", doors.provider.issuer)}),
        json!({"iss": doors.provider.issuer.to_uppercase()}),
        json!({"iss": [doors.provider.issuer]}),
        json!({"iss": null}),
        json!({"aud": "somebody"}),
        json!({"aud": "OORE"}),
        json!({"aud": null}),
        json!({"aud": []}),
        json!({"aud": [["oore"]]}),
        json!({"aud": {"0": "oore"}}),
        json!({"aud": ["other"], "azp": "oore"}),
        json!({"aud": ["oore", "other"]}),
        json!({"aud": ["oore", "other"], "azp": "other"}),
        json!({"azp": "other"}),
        json!({"exp": now - 1}),
        json!({"exp": 0}),
        json!({"exp": -1}),
        json!({"exp": "soon"}),
        json!({"exp": null}),
        json!({"nbf": now + 3600}),
        json!({"nbf": "later"}),
        json!({"iat": now + 86400}),
        json!({"iat": "now"}),
        json!({"iat": null}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 7}),
        json!({"sub": "x".repeat(256)}),
        json!({"nonce": "wrong"}),
        json!({"nonce": ""}),
        json!({"nonce": null}),
        json!({"email": ["ana@example.com"]}),
        json!({"email_verified": "perhaps"}),
    ] {
        doors.provider.claims(lie.clone());
        doors.refuse(lie, 502, UNBELIEVED).await;
    }
    doors.assert_closed().await;
}

#[tokio::test]
async fn claims_that_come_twice_are_no_claims() {
    let doors = Doors::open().await;
    for twice in [r#","sub":"8""#, r#","aud":"oore""#, r#","nonce":"n""#, r#","email":"eve@example.com""#] {
        doors.provider.script(|script| script.more_claims = twice.to_owned());
        doors.refuse(twice, 502, UNBELIEVED).await;
    }
    doors.assert_closed().await;
}

#[tokio::test]
async fn every_lie_in_the_header_is_seen() {
    let doors = Doors::open().await;
    for header in [
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"kid": "unknown"}),
        json!({"kid": ""}),
        json!({"kid": 1}),
        json!({"alg": "ES384"}),
        json!({"alg": "RS256"}),
        json!({"alg": "HS256"}),
        json!({"alg": "none"}),
        json!({"alg": "NONE"}),
        json!({"alg": null}),
        json!({"typ": "at+jwt"}),
        json!({"typ": "logout+jwt"}),
        json!({"cty": "JWT"}),
    ] {
        doors.provider.script(|script| script.header = header.clone());
        doors.refuse(header, 502, UNBELIEVED).await;
    }
    doors.assert_closed().await;
}

#[tokio::test]
async fn keys_of_the_token_itself_are_never_used() {
    let doors = Doors::open().await;
    let own = Key::new("one");
    for header in [
        json!({"jwk": own.published()}),
        json!({"jku": format!("{}/elsewhere", doors.provider.issuer)}),
        json!({"x5u": format!("{}/elsewhere", doors.provider.issuer)}),
    ] {
        doors.provider.script(|script| {
            script.signed = Signed::By(own.clone());
            script.header = header.clone();
        });
        doors.refuse(header, 502, UNBELIEVED).await;
    }
    assert_eq!(doors.provider.asked("elsewhere"), 0);
    doors.assert_closed().await;
}

#[tokio::test]
async fn a_signature_that_proves_nothing_is_refused() {
    let doors = Doors::open().await;
    let other = Key::new("one");
    for signed in [Signed::By(other), Signed::Not, Signed::WithThePublicKey, Signed::Cut] {
        doors.provider.script(|script| script.signed = signed.clone());
        doors.refuse(signed, 502, UNBELIEVED).await;
    }
    for raw in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d.e", "not a token", &"x".repeat(900_000)] {
        doors.provider.script(|script| script.raw_token = Some(raw.to_owned()));
        doors.refuse(raw.len(), 502, UNBELIEVED).await;
    }
    doors.assert_closed().await;
}

#[tokio::test]
async fn keys_that_are_not_for_this_are_refused() {
    let doors = Doors::open().await;
    let small = Key::rsa("small", 1024);
    doors.provider.script(|script| {
        script.published = vec![small.clone()];
        script.signed = Signed::By(small);
    });
    doors.refuse("a small key", 502, UNBELIEVED).await;
    let key = Key::new("one");
    for members in [
        json!({"use": "enc"}),
        json!({"alg": "ES384"}),
        json!({"crv": "P-384"}),
        json!({"kty": "oct", "k": "c2VjcmV0"}),
    ] {
        doors.ready.advance(31);
        doors.fresh.advance(31);
        doors.provider.script(|script| {
            script.published = vec![key.clone()];
            script.signed = Signed::By(key.clone());
            script.key_members = members.clone();
        });
        doors.refuse(members, 502, UNBELIEVED).await;
    }
    doors.assert_closed().await;
}

#[tokio::test]
async fn two_keys_and_a_token_that_names_none_is_no_proof() {
    let doors = Doors::open().await;
    doors.ready.advance(601);
    doors.fresh.advance(601);
    doors.provider.script(|script| {
        script.published.push(Key::new("two"));
        script.header = json!({"kid": null});
    });
    doors.refuse("no key named", 502, UNBELIEVED).await;
    doors.assert_closed().await;
}

#[tokio::test]
async fn honest_variations_are_accepted() {
    let doors = Doors::open().await;
    let client = doors.ready.anonymous();
    for claims in [
        json!({"aud": ["oore"]}),
        json!({"azp": "oore"}),
        json!({"aud": ["oore", "other"], "azp": "oore"}),
        json!({"email_verified": "true"}),
        json!({"groups": ["a"], "address": {"country": "DE"}, "updated_at": 1}),
        json!({"nbf": doors.ready.app.clock.now()}),
    ] {
        doors.provider.claims(claims);
        through_provider(&client, &doors.provider).await.ok();
    }
    for header in [json!({"kid": null, "typ": null}), json!({"typ": "jwt"}), json!({"x5t": "a", "extra": 1})]
    {
        doors.provider.script(|script| script.header = header);
        through_provider(&client, &doors.provider).await.ok();
    }
    doors.admit().await;
}

#[tokio::test]
async fn a_client_that_may_not_use_the_header_sends_its_secret_in_the_form() {
    let doors = Doors::open().await;
    for methods in [json!(["client_secret_post"]), json!(["client_secret_post", "private_key_jwt"])] {
        doors.provider.script(|script| {
            script.metadata = json!({ "token_endpoint_auth_methods_supported": methods });
            script.takes_header = false;
        });
        doors.ready.advance(601);
        through_provider(&doors.ready.anonymous(), &doors.provider).await.ok();
    }
}

#[tokio::test]
async fn a_new_key_is_learned_once_and_not_asked_for_at_every_bad_token() {
    let doors = Doors::open().await;
    let (server, provider, client) = (&doors.ready, &doors.provider, doors.ready.anonymous());
    through_provider(&client, provider).await.ok();
    let new = Key::new("two");
    provider.script(|script| {
        script.published = vec![new.clone()];
        script.signed = Signed::By(new);
    });
    through_provider(&client, provider).await.ok();
    let asked = provider.asked("keys");
    provider.script(|script| script.header = json!({"kid": "bad"}));
    for _ in 0..20 {
        through_provider(&client, provider).await.error(502, UNBELIEVED);
    }
    assert_eq!(provider.asked("keys"), asked);
    server.advance(31);
    through_provider(&client, provider).await.error(502, UNBELIEVED);
    through_provider(&client, provider).await.error(502, UNBELIEVED);
    assert_eq!(provider.asked("keys"), asked + 1);
}

#[tokio::test]
async fn whatever_is_wrong_with_the_token_endpoint_has_its_word() {
    let doors = Doors::open().await;
    for (exchange, code) in [
        (json_answer(200, &json!({"access_token": "a", "token_type": "Bearer"})), "missing_id_token"),
        (json_answer(200, &json!({"id_token": null})), "missing_id_token"),
        (json_answer(200, &json!({"id_token": ["a.b.c"]})), "missing_id_token"),
        (json_answer(200, &json!({})), "missing_id_token"),
        (json_answer(400, &json!({"error": "invalid_grant"})), "token_exchange_error"),
        (json_answer(401, &json!({"error": "invalid_client"})), "token_exchange_error"),
        (json_answer(403, &json!({"error": ["<script>"]})), "token_exchange_error"),
        (json_answer(500, &json!({})), "token_exchange_error"),
        (json_answer(201, &json!({"id_token": "a.b.c"})), "token_exchange_error"),
        (json_answer(302, &json!({"id_token": "a.b.c"})), "token_exchange_error"),
        (json_answer(307, &json!({"id_token": "a.b.c"})), "token_exchange_error"),
        (Reply::Answers(200, "text/html", "<html>".to_owned()), "token_exchange_error"),
        (Reply::Answers(200, "application/json", "[]".to_owned()), "token_exchange_error"),
        (Reply::Answers(200, "application/json", "null".to_owned()), "token_exchange_error"),
        (Reply::Answers(200, "application/json", String::new()), "token_exchange_error"),
        (Reply::Answers(200, "application/json", "[".repeat(100_000)), "token_exchange_error"),
        (Reply::Gzip(vec![0x1f, 0x8b, 8, 0, 0]), "token_exchange_error"),
        (Reply::Endless, "token_exchange_error"),
    ] {
        doors.provider.script(|script| script.exchange = exchange.clone());
        doors.refuse(exchange, 502, code).await;
    }
    doors.provider.script(|script| script.exchange = Reply::Honest);
    for email in [Value::Null, json!(""), json!(" ")] {
        doors.provider.claims(json!({"email": email, "preferred_username": "ana@example.com"}));
        doors.refuse("no address", 502, "missing_email").await;
    }
    assert_eq!(doors.provider.asked("elsewhere"), 0, "a redirect would carry the secret away");
    doors.assert_closed().await;
}

#[tokio::test]
async fn of_an_answer_without_end_little_is_read() {
    let doors = Doors::open().await;
    doors.provider.script(|script| script.exchange = Reply::Endless);
    through_provider(&doors.ready.anonymous(), &doors.provider).await.error(502, "token_exchange_error");
    let sent = doors.provider.sent_endlessly();
    assert!(sent < 16 << 20, "1 MB, and what the sockets hold: {sent}");
}

#[tokio::test]
async fn a_provider_that_does_not_come_to_an_end_is_given_up() {
    let doors = Doors::open().await;
    for slow in [Reply::Hangs, Reply::Drips] {
        doors.provider.script(|script| script.exchange = slow);
        let bodies = doors.begin().await;
        let begun = Instant::now();
        let [at_ready, at_fresh] = bodies;
        let (ready, fresh) = (doors.ready.anonymous(), doors.fresh.anonymous());
        let (one, other) = tokio::join!(ready.post(CALLBACK, at_ready), fresh.post(VERIFY, at_fresh));
        one.error(502, "token_exchange_error");
        other.error(502, "token_exchange_error");
        assert!(begun.elapsed() < PATIENCE);
    }
    doors.assert_closed().await;
}
