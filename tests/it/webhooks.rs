//! Receiving webhooks: proofs that are none, sizes, repeats, bursts, and what is told about each delivery.

use std::time::Instant;

use oored::domain::id::DeliveryId;
use reqwest::Method;
use serde_json::json;

use crate::support::payloads::{self, ZERO, github_signature, is_ours, push};
use crate::support::setting_up::proxy_sign_in;
use crate::support::sources::{SECRET, Source};
use crate::support::{Answer, Client};

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
