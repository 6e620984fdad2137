//! Receiving webhooks: proofs that are none, sizes, repeats, bursts, and what is told about each delivery.

use std::time::Instant;

use oored::domain::id::DeliveryId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::code_host::connect_gitlab;
use crate::support::payloads::{
    self, ZERO, github_signature, gitlab_push, is_ours, pull_request, push, standard_signature,
};
use crate::support::setting_up::proxy_sign_in;
use crate::support::sources::{SECRET, Source, deliver};
use crate::support::{Answer, Client, Server};

async fn post(client: &Client, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(Method::POST, "/v1/webhooks/github").body(body);
    client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test]
async fn a_push_becomes_a_build_of_its_commit_and_the_delivery_says_which() {
    let source = Source::start().await;
    let sha = source.head();
    let told = source.told("push", "d1", &push("refs/heads/main", ZERO, &sha)).await;
    assert_eq!(Source::verdict(&told), ("built".to_owned(), "built #1".to_owned()));
    assert_eq!((&told["status"], &told["outcome"]), (&json!("done"), &json!("built")));
    assert_eq!((&told["event"], &told["sender"]), (&json!("push"), &json!("Codertocat")));
    assert_eq!((&told["ref"], &told["commit_sha"]), (&json!("refs/heads/main"), &json!(sha)));
    let builds = source.builds().await;
    assert_eq!(builds.len(), 1);
    let build = &builds[0];
    assert_eq!((&build["trigger_type"], &build["trigger_event"]), (&json!("webhook"), &json!("push")));
    assert_eq!((&build["trigger_actor"], &build["trigger_ref"]), (&json!("Codertocat"), &json!("main")));
    assert_eq!((&build["commit_sha"], &build["branch"]), (&json!(sha), &json!("main")));
    assert_eq!(told["verdicts"][0]["build_id"], build["id"]);
}

#[tokio::test]
async fn every_published_payload_is_taken_and_explained() {
    let source = Source::start().await;
    let payloads = payloads::published();
    assert!(payloads.len() > 300, "{}", payloads.len());
    for (number, (event, payload)) in payloads.iter().enumerate() {
        source.deliver(event, &format!("d{number}"), payload).await.ok();
    }
    // A host may tell of a commit before its API knows it, so those that are nowhere are looked for again.
    for _ in 0..5 {
        source.work().await;
        source.server.advance(31);
    }
    let (mut told, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = source.owner.get(&format!("/v1/webhook-deliveries?limit=100{cursor}")).await.ok();
        told.extend(page["deliveries"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(told.len(), payloads.len());
    for delivery in &told {
        assert!(delivery["status"] == "done" || delivery["status"] == "failed", "{delivery}");
        let verdicts = delivery["verdicts"].as_array().unwrap();
        let all = verdicts.iter().chain([delivery]).filter_map(|verdict| verdict["reason"].as_str());
        assert!(all.clone().count() > 0 && all.clone().all(|reason| reason.len() > 8), "{delivery}");
        if !verdicts.is_empty() {
            assert!(delivery["event"] == "push" || delivery["event"] == "pull_request", "{delivery}");
        }
    }
    let judged = payloads.iter().filter(|(event, payload)| event == "push" && is_ours(payload)).count();
    assert!(judged > 0 && source.builds().await.is_empty(), "none of these commits is in the repository");
}

/// N45.
#[tokio::test]
async fn what_is_not_signed_as_it_should_be_is_refused() {
    let source = Source::start().await;
    let client = source.server.anonymous();
    let body = push("refs/heads/main", ZERO, &source.head()).to_string();
    let right = github_signature(SECRET, body.as_bytes());
    let of_other = github_signature(SECRET, b"{}");
    let (upper, short, sha1) = (right.to_uppercase(), &right[..70], right.replace("sha256", "sha1"));
    let digits_upper = format!("sha256={}", right["sha256=".len()..].to_uppercase());
    let name = "x-hub-signature-256";
    post(&client, &[("x-hub-signature", &sha1)], body.clone()).await.error(401, "missing_signature");
    post(&client, &[], body.clone()).await.error(401, "missing_signature");
    let foreign = github_signature("another secret", body.as_bytes());
    for wrong in [&sha1, &of_other, &upper, &digits_upper, short, "", "sha256=", "sha256=zz", &foreign] {
        let answer = post(&client, &[(name, wrong)], body.clone()).await;
        answer.error(401, "invalid_signature");
    }
    let twice = [(name, right.as_str()), (name, right.as_str())];
    post(&client, &twice, body.clone()).await.error(401, "invalid_signature");
    let first_wrong = [(name, of_other.as_str()), (name, right.as_str())];
    post(&client, &first_wrong, body.clone()).await.error(401, "invalid_signature");
    let listed = source.owner.get("/v1/webhook-deliveries").await.ok();
    assert_eq!(listed["deliveries"], json!([]), "nothing of this was kept");
    post(&client, &[(name, &right)], body).await.ok();
    for (body, code) in [
        ("", "invalid_payload"),
        ("[]", "invalid_payload"),
        ("{", "invalid_payload"),
        ("{} x", "invalid_payload"),
    ] {
        let signed = github_signature(SECRET, body.as_bytes());
        let headers = [(name, signed.as_str()), ("x-github-event", "push")];
        post(&client, &headers, body).await.error(400, code);
    }
}

/// N45: what is not proved is not read.
#[tokio::test]
async fn a_body_with_a_wrong_signature_costs_the_same_whatever_is_in_it() {
    let source = Source::start().await;
    let client = source.server.anonymous();
    let wrong = github_signature("another secret", b"");
    let headers = [("x-hub-signature-256", wrong.as_str()), ("content-type", "application/json")];
    let (mut nested, mut plain) = (f64::MAX, f64::MAX);
    for _ in 0..7 {
        for (byte, best) in [(b'[', &mut nested), (b' ', &mut plain)] {
            let body = vec![byte; 10 * 1024 * 1024];
            let begun = Instant::now();
            post(&client, &headers, body).await.error(401, "invalid_signature");
            *best = best.min(begun.elapsed().as_secs_f64());
        }
    }
    assert!(nested <= plain * 1.5, "{nested} s against {plain} s");
}

/// N47.
#[tokio::test]
async fn a_push_of_24_megabytes_is_built_and_only_webhooks_may_be_so_large() {
    let source = Source::start().await;
    let mut large = push("refs/heads/main", ZERO, &source.head());
    large["commits"][0]["message"] = json!("x".repeat(24 * 1024 * 1024));
    let told = source.told("push", "large", &large).await;
    assert_eq!(Source::verdict(&told).1, "built #1");
    assert!(told["body_bytes"].as_i64().unwrap() > 24 * 1024 * 1024);
    large["commits"][0]["message"] = json!("x".repeat(26 * 1024 * 1024));
    source.deliver("push", "larger", &large).await.error(413, "payload_too_large");
    let body = json!({"name": "x".repeat(3 * 1024 * 1024)});
    source.owner.post("/v1/projects", body).await.error(413, "payload_too_large");
}

/// N48.
#[tokio::test]
async fn a_captured_delivery_that_is_sent_again_builds_nothing() {
    let source = Source::start().await;
    let payload = push("refs/heads/main", ZERO, &source.head());
    assert_eq!(source.deliver("push", "d1", &payload).await.ok(), json!({"ok": true}));
    source.work().await;
    let repeat = json!({"ok": true, "duplicate": true});
    assert_eq!(source.deliver("push", "d1", &payload).await.ok(), repeat);
    assert_eq!(source.deliver("push", "d2", &payload).await.ok(), repeat);
    source.work().await;
    let told = source.newest().await;
    assert_eq!((&told["external_id"], &told["outcome"]), (&json!("d2"), &json!("duplicate")));
    source.server.advance(8 * 24 * 3600);
    assert_eq!(source.deliver("push", "d1", &payload).await.ok(), repeat);
    assert_eq!(source.deliver("push", "d3", &payload).await.ok(), repeat);
    // Long after the deliveries themselves are forgotten the commit still is built.
    source.server.advance(40 * 24 * 3600);
    oored::builds::deliveries::remove_old(&source.server.app).await.unwrap();
    assert_eq!(source.deliver("push", "d1", &payload).await.ok(), json!({"ok": true}));
    source.work().await;
    let owner = proxy_sign_in(&source.server, "ana@example.com").await;
    let told = owner.get("/v1/webhook-deliveries").await.ok()["deliveries"][0].clone();
    assert_eq!(Source::verdict(&told).0, "already_built", "{told}");
    assert_eq!(owner.get("/v1/builds").await.ok()["total"], 1);
}

#[tokio::test]
async fn deliveries_without_an_id_are_told_apart() {
    let source = Source::start().await;
    let (first, second) = (source.head(), source.repository.commit("second", &[("a", "b")]));
    for sha in [&first, &second] {
        let answer = source.deliver("push", "", &push("refs/heads/main", ZERO, sha)).await;
        assert_eq!(answer.ok(), json!({"ok": true}));
    }
    source.work().await;
    assert_eq!(source.builds().await.len(), 2);
}

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
    assert_eq!(detail["last_webhook_at"], source.server.app.clock.now());
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

/// N51.
#[tokio::test]
async fn pull_requests_build_the_commits_of_the_repository_itself_only() {
    let source = Source::start().await;
    source.repository.git(&["checkout", "--quiet", "-b", "topic"]);
    let sha = source.repository.commit("a change", &[("lib/a", "b")]);
    let told = source.told("pull_request", "p1", &pull_request("opened", "topic", &sha)).await;
    assert_eq!(Source::verdict(&told).1, "built #1");
    assert_eq!(told["number"], 2);
    let builds = source.builds().await;
    assert_eq!(
        (&builds[0]["branch"], &builds[0]["trigger_event"]),
        (&json!("topic"), &json!("pull_request"))
    );

    let mut fork = pull_request("opened", "topic", &sha);
    fork["pull_request"]["head"]["repo"]["id"] = json!(42);
    fork["pull_request"]["head"]["repo"]["full_name"] = json!("evil/Hello-World");
    let (outcome, reason) = Source::verdict(&source.told("pull_request", "p2", &fork).await);
    assert!(outcome == "blocked" && reason.contains("evil/Hello-World"), "{outcome}: {reason}");
    fork["pull_request"]["head"]["repo"] = Value::Null;
    assert_eq!(Source::verdict(&source.told("pull_request", "p3", &fork).await).0, "blocked");
    let nowhere = pull_request("synchronize", "topic", &"1".repeat(40));
    let (outcome, reason) = Source::verdict(&source.told("pull_request", "p4", &nowhere).await);
    assert!(outcome == "ignored" && reason.contains("there is no commit"), "{outcome}: {reason}");
    for (number, action) in ["closed", "labeled", "edited", "ready_for_review"].iter().enumerate() {
        let told =
            source.told("pull_request", &format!("q{number}"), &pull_request(action, "topic", &sha)).await;
        assert_eq!((&told["outcome"], told["verdicts"].as_array().unwrap().len()), (&json!("ignored"), 0));
    }
    assert_eq!(source.builds().await.len(), 1);
}

/// N52.
#[tokio::test]
async fn deletions_tags_empty_pushes_and_long_names_are_taken_for_what_they_are() {
    let source = Source::start().await;
    let sha = source.head();
    let mut gone = push("refs/heads/main", &sha, ZERO);
    (gone["deleted"], gone["head_commit"]) = (json!(true), Value::Null);
    let told = source.told("push", "d1", &gone).await;
    assert_eq!(told["reason"], "refs/heads/main was deleted");
    gone["deleted"] = json!(false);
    gone["pusher"] = json!({"name": "another body"});
    assert_eq!(source.told("push", "d2", &gone).await["outcome"], "ignored");

    let mut empty = push("refs/heads/main", &sha, &sha);
    empty["commits"] = json!([]);
    assert_eq!(Source::verdict(&source.told("push", "d3", &empty).await).1, "built #1");
    let tag = push("refs/tags/v1.0", ZERO, &sha);
    assert_eq!(Source::verdict(&source.told("push", "d4", &tag).await).1, "built #2");
    let build = source.builds().await[1].clone();
    assert_eq!(
        (&build["trigger_ref"], build.get("branch").unwrap_or(&Value::Null)),
        (&json!("refs/tags/v1.0"), &Value::Null)
    );
    let long = push(&format!("refs/heads/{}", "b".repeat(1000)), ZERO, &sha);
    assert_eq!(Source::verdict(&source.told("push", "d5", &long).await).1, "built #3");
    let other = push("refs/pull/7/head", ZERO, &sha);
    assert_eq!(source.told("push", "d6", &other).await["outcome"], "ignored");
    let mut elsewhere = push("refs/heads/main", ZERO, &sha);
    elsewhere["repository"]["id"] = json!(5);
    let told = source.told("push", "d7", &elsewhere).await;
    assert_eq!(told["reason"], "unknown repository Codertocat/Hello-World");
}

/// F16.
#[tokio::test]
async fn the_same_delivery_ten_times_at_once_is_one_build() {
    let source = Source::start().await;
    for round in 0..10 {
        let sha = source.repository.commit(&format!("commit {round}"), &[]);
        let body = push("refs/heads/main", ZERO, &sha).to_string();
        let client = source.server.anonymous();
        let sending = (0..10).map(|_| {
            let (client, body, id) = (client.clone(), body.clone(), format!("d{round}"));
            tokio::spawn(async move { deliver(&client, SECRET, "push", &id, &body).await.ok() })
        });
        let sending: Vec<_> = sending.collect();
        let mut first = 0;
        for sent in sending {
            first += usize::from(sent.await.unwrap() == json!({"ok": true}));
        }
        assert_eq!(first, 1, "the other nine are told that it is known");
        let (one, other) = tokio::join!(
            oored::builds::deliveries::work(&source.server.app),
            oored::builds::deliveries::work(&source.server.app)
        );
        one.and(other).unwrap();
        assert_eq!(source.builds().await.len(), round + 1);
    }
}

/// F17.
#[tokio::test]
async fn pushes_out_of_order_build_each_commit_once_and_an_old_one_is_never_the_latest() {
    let source = Source::start().await;
    let mut shas = vec![source.head()];
    for number in 1..6 {
        shas.push(source.repository.commit(&format!("commit {number}"), &[]));
    }
    for (number, at) in [5_usize, 2, 4, 1, 3].into_iter().enumerate() {
        let mut payload = push("refs/heads/main", &shas[at - 1], &shas[at]);
        payload["repository"]["pushed_at"] = json!(1_700_000_000 + at);
        let told = source.told("push", &format!("d{number}"), &payload).await;
        assert_eq!(Source::verdict(&told).0, "built");
    }
    let builds = source.builds().await;
    let mut built: Vec<_> =
        builds.iter().map(|build| build["commit_sha"].as_str().unwrap().to_owned()).collect();
    assert_eq!(built[0], shas[5]);
    built.sort();
    let mut pushed = shas[1..].to_vec();
    pushed.sort();
    assert_eq!(built, pushed);
    let sql = "UPDATE builds SET status = 'succeeded'";
    source
        .server
        .app
        .db
        .write(async |tx| {
            use sea_orm::ConnectionTrait;
            Ok(tx.execute_unprepared(sql).await?)
        })
        .await
        .unwrap();
    let pipeline = source.pipeline["id"].as_str().unwrap().parse().unwrap();
    let latest = oored::db::builds::last_green_commit(source.server.app.db.read(), pipeline).await.unwrap();
    assert_eq!(latest.as_ref(), Some(&shas[5]));
}

#[tokio::test]
async fn a_pipeline_that_builds_the_newest_only_does_not_go_back_to_an_older_push() {
    let source = Source::start().await;
    source.set(json!({"concurrency": {"cancel_previous": true}})).await;
    let first = source.head();
    let second = source.repository.commit("second", &[]);
    let third = source.repository.commit("third", &[]);
    source.told("push", "d1", &push("refs/heads/main", &second, &third)).await;
    let told = source.told("push", "d2", &push("refs/heads/main", &first, &second)).await;
    assert_eq!(Source::verdict(&told).0, "superseded");
    let fourth = source.repository.commit("fourth", &[]);
    source.told("push", "d3", &push("refs/heads/main", &third, &fourth)).await;
    let builds = source.builds().await;
    let statuses: Vec<_> = builds.iter().map(|build| build["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["canceled", "queued"]);
}

/// F18, in short.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_from_64_clients_loses_nothing() {
    let source = Source::start().await;
    let sha = source.head();
    let before = source.server.app.db.writes();
    let sending: Vec<_> = (0..64)
        .map(|lane| {
            let (client, sha) = (source.server.anonymous(), sha.clone());
            tokio::spawn(async move {
                for number in 0..5 {
                    let name = format!("b{lane}-{number}");
                    let body = push(&format!("refs/heads/{name}"), ZERO, &sha).to_string();
                    let answer = deliver(&client, SECRET, "push", &name, &body).await;
                    assert_eq!(answer.ok(), json!({"ok": true}));
                }
            })
        })
        .collect();
    for lane in sending {
        lane.await.unwrap();
    }
    let writes = source.server.app.db.writes() - before;
    assert!(writes <= 320 + 64, "{writes}: what arrives together is written together");
    source.work().await;
    let builds = source.builds().await;
    let built: std::collections::BTreeSet<_> =
        builds.iter().map(|build| build["branch"].to_string()).collect();
    assert_eq!((builds.len(), built.len()), (320, 320));
}

#[tokio::test]
async fn deliveries_are_found_by_what_is_known_of_them() {
    let source = Source::start().await;
    let sha = source.head();
    source.told("push", "d1", &push("refs/heads/main", ZERO, &sha)).await;
    source.told("ping", "d2", &payloads::example("ping", |_| true)).await;
    let found = async |query: &str| {
        let list = source.owner.get(&format!("/v1/webhook-deliveries?{query}")).await.ok();
        let ids = list["deliveries"].as_array().unwrap().iter();
        ids.map(|delivery| delivery["external_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("").await, ["d2", "d1"]);
    for (query, expected) in [
        (format!("commit={}", &sha[..7]), "d1"),
        ("outcome=built".to_owned(), "d1"),
        ("event=ping".to_owned(), "d2"),
        ("search=HEADS%2Fmain".to_owned(), "d1"),
        (format!("repository_id={}&event=push", source.connected.repository), "d1"),
    ] {
        assert_eq!(found(&query).await, [expected], "{query}");
    }
    assert!(found("status=waiting").await.is_empty() && found("commit=abcdef0123").await.is_empty());
    let first = source.owner.get("/v1/webhook-deliveries?limit=1").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(found(&format!("cursor={cursor}")).await, ["d1"]);
    for query in ["status=x", "outcome=x", "commit=main", "cursor=x", "limit=0", "repository_id=x"] {
        source.owner.get(&format!("/v1/webhook-deliveries?{query}")).await.error(400, "invalid_input");
    }
    let unknown = format!("/v1/webhook-deliveries/{}", DeliveryId::new());
    source.owner.get(&unknown).await.error(404, "not_found");
}

/// The code host's own library agrees with how signatures are made here.
#[test]
fn the_signatures_of_these_tests_are_those_of_the_code_host() {
    let script = "import {sign} from '@octokit/webhooks-methods'; \
        console.log(await sign(process.argv[1], process.argv[2]))";
    let body = push("refs/heads/main", ZERO, &"a".repeat(40)).to_string();
    let signed = std::process::Command::new("node")
        .args(["--input-type=module", "-e", script, SECRET, &body])
        .current_dir(payloads::FOLDER)
        .output()
        .unwrap();
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    assert_eq!(String::from_utf8_lossy(&signed.stdout).trim(), github_signature(SECRET, body.as_bytes()));
}
