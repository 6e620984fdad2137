//! Receiving webhooks of GitLab: the secret of each repository, signatures, old events, and headers that nothing signs.

use reqwest::Method;
use serde_json::json;

use crate::support::code_host::connect_gitlab;
use crate::support::payloads::{ZERO, gitlab_push, push, standard_signature};
use crate::support::sources::{SECRET, Source, deliver};
use crate::support::{Client, Server};

fn gitlab(client: &Client, headers: &[(&str, &str)], body: &str) -> reqwest::RequestBuilder {
    let request = client.request(Method::POST, "/v1/webhooks/gitlab").body(body.to_owned());
    let request = request.header("x-gitlab-event", "Push Hook");
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

/// N49.
#[tokio::test]
async fn gitlab_proves_itself_by_the_secret_of_the_repository_it_tells_of() {
    let source = Source::start().await;
    let (a, b) = ("oore_secret_of_a", "oore_secret_of_b");
    connect_gitlab(&source.server, "11", a).await;
    connect_gitlab(&source.server, "12", b).await;
    let client = source.server.anonymous();
    let body = gitlab_push(11, "main", &source.head()).to_string();
    let send = async |headers: &[(&str, &str)]| client.send(gitlab(&client, headers, &body)).await;
    send(&[]).await.error(401, "missing_token");
    send(&[("x-gitlab-token", "wrong")]).await.error(401, "invalid_token");
    send(&[("x-gitlab-token", b)]).await.error(401, "invalid_token");
    send(&[("x-gitlab-token", a), ("x-gitlab-token", a)]).await.error(401, "invalid_token");
    let now = source.server.app.clock.now();
    let signed = |key: &str, id: &str, at: i64| standard_signature(key.as_bytes(), id, at, body.as_bytes());
    let right = signed(a, "m1", now);
    let several = format!("v1,aGk= v2,{} {right}", &right[3..]);
    let (soon, old) = (now + 360, now - 360);
    let (soon_at, old_at, at) = (soon.to_string(), old.to_string(), now.to_string());
    let wrong = [
        (signed(b, "m1", now), "m1", &at),
        (right.replace("v1,", "v1a,"), "m1", &at),
        (right.clone(), "m2", &at),
        (signed(a, "m1", soon), "m1", &soon_at),
        (signed(a, "m1", old), "m1", &old_at),
        (right.clone(), "m1", &old_at),
        (String::new(), "m1", &at),
    ];
    for (signature, id, timestamp) in &wrong {
        let headers =
            [("webhook-signature", signature.as_str()), ("webhook-id", id), ("webhook-timestamp", timestamp)];
        send(&headers).await.error(401, "invalid_signature");
        // A right token does not make up for a wrong signature.
        send(&[&headers[..], &[("x-gitlab-token", a)]].concat()).await.error(401, "invalid_signature");
    }
    send(&[("webhook-signature", &right), ("webhook-timestamp", &at)]).await.error(401, "invalid_signature");
    let headers = [("webhook-signature", several.as_str()), ("webhook-id", "m1"), ("webhook-timestamp", &at)];
    assert_eq!(send(&headers).await.ok(), json!({"ok": true}));
    assert_eq!(send(&headers).await.ok(), json!({"ok": true, "duplicate": true}));
    assert_eq!(send(&[("x-gitlab-token", a)]).await.ok(), json!({"ok": true, "duplicate": true}));
    let of_b = gitlab_push(12, "main", &source.head()).to_string();
    client.send(gitlab(&client, &[("x-gitlab-token", b)], &of_b)).await.ok();
    client.send(gitlab(&client, &[("x-gitlab-token", a)], "no JSON")).await.error(400, "invalid_payload");
}

#[tokio::test]
async fn an_event_of_gitlab_that_says_it_is_old_is_refused() {
    let source = Source::start().await;
    connect_gitlab(&source.server, "11", "oore_s").await;
    let client = source.server.anonymous();
    let mut payload = gitlab_push(11, "main", &source.head());
    let headers = [("x-gitlab-token", "oore_s")];
    payload["created_at"] = json!("2020-01-01T00:00:00Z");
    client.send(gitlab(&client, &headers, &payload.to_string())).await.error(400, "stale_event");
    payload["created_at"] = json!("2020-01-01 00:00:00 UTC");
    client.send(gitlab(&client, &headers, &payload.to_string())).await.ok();
}

/// N48: nothing signs GitLab's own headers, so they don't make another event of the same body.
#[tokio::test]
async fn other_headers_of_gitlab_make_no_other_event_of_a_body() {
    let source = Source::start().await;
    connect_gitlab(&source.server, "11", "oore_s").await;
    let client = source.server.anonymous();
    let body = gitlab_push(11, "main", &source.head()).to_string();
    let post = |event: &str, uuid: &str| {
        let request = client.request(Method::POST, "/v1/webhooks/gitlab").body(body.clone());
        let request = request.header("content-type", "application/json").header("x-gitlab-token", "oore_s");
        client.send(request.header("x-gitlab-event", event).header("x-gitlab-event-uuid", uuid))
    };
    assert_eq!(post("Push Hook", "one").await.ok(), json!({"ok": true}));
    for (event, uuid) in [("Push Hook 2", "two"), ("Tag Push Hook", "three"), ("", "four")] {
        assert_eq!(post(event, uuid).await.ok(), json!({"ok": true, "duplicate": true}), "{event}");
    }
}

/// Its secrets are not the token that has ended: what is pushed meanwhile is told, and can be replayed.
#[tokio::test]
async fn an_integration_whose_access_does_not_work_is_still_listened_to() {
    let source = Source::start().await;
    connect_gitlab(&source.server, "11", "oore_s").await;
    let client = source.server.anonymous();
    let set = async |status: &str| {
        let sql = format!("UPDATE integrations SET status = '{status}'");
        let write = async |tx: &oored::db::Tx| {
            use sea_orm::ConnectionTrait;
            Ok(tx.execute_unprepared(&sql).await?)
        };
        source.server.app.db.write(write).await.unwrap();
    };
    let body = gitlab_push(11, "main", &source.head()).to_string();
    let headers = [("x-gitlab-token", "oore_s")];
    set("error").await;
    client.send(gitlab(&client, &headers, &body)).await.ok();
    source.deliver("push", "d1", &push("refs/heads/main", ZERO, &source.head())).await.ok();
    let integration = source.connected.integration;
    let detail = source.owner.get(&format!("/v1/integrations/{integration}")).await.ok();
    let ago = source.server.app.clock.now() - detail["last_webhook_at"].as_i64().unwrap();
    assert!((0..30).contains(&ago), "{detail}");
    set("inactive").await;
    client.send(gitlab(&client, &headers, &body)).await.error(401, "invalid_token");
    let again = source.deliver("push", "d2", &push("refs/heads/main", ZERO, &source.head())).await;
    again.error(401, "invalid_signature");
}

/// A signing token of GitLab is Base64 behind a prefix.
#[tokio::test]
async fn a_signing_token_is_decoded_before_it_signs() {
    let source = Source::start().await;
    connect_gitlab(&source.server, "11", "whsec_c2VjcmV0").await;
    let (client, now) = (source.server.anonymous(), source.server.app.clock.now());
    let body = gitlab_push(11, "main", &source.head()).to_string();
    let (signature, at) = (standard_signature(b"secret", "m1", now, body.as_bytes()), now.to_string());
    let headers =
        [("webhook-signature", signature.as_str()), ("webhook-id", "m1"), ("webhook-timestamp", &at)];
    client.send(gitlab(&client, &headers, &body)).await.ok();
}

#[tokio::test]
async fn an_instance_in_local_mode_takes_no_webhooks() {
    let server = Server::start().await;
    server.owner().await;
    let client = server.anonymous();
    deliver(&client, SECRET, "push", "d1", "{}").await.error(403, "mode_restricted");
    client.send(gitlab(&client, &[("x-gitlab-token", "x")], "{}")).await.error(403, "mode_restricted");
}
