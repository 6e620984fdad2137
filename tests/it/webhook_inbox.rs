//! Where deliveries wait: tried again when they are delivered again, kept out of each other's way, and never held up by
//! who sends slowly.

use std::time::Instant;

use oored::builds::deliveries;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::payloads::{ZERO, github_signature, pull_request, push};
use crate::support::sources::{NEIGHBOURS_SECRET, SECRET, Source, deliver};
use crate::support::wait_for;

/// A delivery whose code host was away until it was given up.
async fn failed(source: &Source, id: &str, payload: &Value) {
    source.host.fail(503);
    source.deliver("push", id, payload).await.ok();
    for _ in 0..5 {
        source.work().await;
        source.server.advance(31);
    }
    source.host.fail(0);
    assert_eq!(source.newest().await["status"], "failed");
}

#[tokio::test]
async fn what_failed_is_worked_off_anew_when_it_is_delivered_again() {
    let source = Source::start().await;
    let payload = push("refs/heads/main", ZERO, &source.head());
    failed(&source, "d1", &payload).await;
    assert_eq!(source.deliver("push", "d1", &payload).await.ok(), json!({"ok": true}));
    source.work().await;
    let told = source.newest().await;
    assert_eq!((&told["external_id"], &told["attempts"]), (&json!("d1"), &json!(1)));
    assert_eq!(Source::verdict(&told).1, "built #1");
    let again = source.deliver("push", "d1", &payload).await.ok();
    assert_eq!(again, json!({"ok": true, "duplicate": true}), "it did not fail this time");
    assert_eq!(source.builds().await.len(), 1);
}

#[tokio::test]
async fn what_failed_is_worked_off_anew_also_when_its_payload_is_gone_or_it_comes_by_another_name() {
    let source = Source::start().await;
    let first = push("refs/heads/main", ZERO, &source.head());
    failed(&source, "d1", &first).await;
    let keep = oored::db::deliveries::Keep { after_ms: 0, most: 10, body_bytes: 1 };
    let tidy = source.server.app.db.write(async |tx| oored::db::deliveries::tidy(tx, keep).await);
    tidy.await.unwrap();
    assert_eq!(source.newest().await["can_replay"], false);
    assert_eq!(source.deliver("push", "d1", &first).await.ok(), json!({"ok": true}));
    source.work().await;
    assert_eq!(Source::verdict(&source.newest().await).1, "built #1");

    let second = push("refs/heads/main", &source.head(), &source.repository.commit("second", &[]));
    failed(&source, "d2", &second).await;
    assert_eq!(source.deliver("push", "d3", &second).await.ok(), json!({"ok": true}));
    source.work().await;
    let told = source.owner.get("/v1/webhook-deliveries?limit=2").await.ok()["deliveries"].clone();
    assert_eq!(Source::verdict(&told[1]).1, "built #2");
    assert_eq!((&told[0]["outcome"], &told[0]["external_id"]), (&json!("duplicate"), &json!("d3")));
}

#[tokio::test]
async fn what_was_built_is_not_built_again_when_its_build_is_gone_and_the_delivery_comes_again() {
    let source = Source::start().await;
    let other = source.owner.pipeline(&source.project, "Other").await;
    let payload = push("refs/heads/main", ZERO, &source.head());
    assert_eq!(source.told("push", "d1", &payload).await["verdicts"].as_array().unwrap().len(), 2);
    let db = &source.server.app.db;
    let other = other["id"].as_str().unwrap();
    // One of the two did not come about, and retention has removed the build of the other one.
    let past = format!(
        "UPDATE webhook_verdicts SET outcome = 'failed', build_id = NULL WHERE pipeline_id = '{other}';
        DELETE FROM builds"
    );
    let come_to_pass = async || {
        db.write(async |tx| Ok(sea_orm::ConnectionTrait::execute_unprepared(tx, &past).await?))
            .await
            .unwrap();
    };
    let built = async || {
        source.work().await;
        let builds = source.builds().await;
        builds.iter().map(|build| build["pipeline_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    come_to_pass().await;
    assert_eq!(source.deliver("push", "d1", &payload).await.ok(), json!({"ok": true}));
    assert_eq!(built().await, [other]);

    // The same when its payload was not kept.
    come_to_pass().await;
    let keep = oored::db::deliveries::Keep { after_ms: 0, most: 10, body_bytes: 1 };
    db.write(async |tx| oored::db::deliveries::tidy(tx, keep).await).await.unwrap();
    assert_eq!(source.newest().await["can_replay"], false);
    assert_eq!(source.deliver("push", "d1", &payload).await.ok(), json!({"ok": true}));
    assert_eq!(built().await, [other]);
    let told = source.newest().await["verdicts"].clone();
    let outcomes = told.as_array().unwrap().iter().map(|verdict| verdict["outcome"].as_str().unwrap());
    assert_eq!(outcomes.collect::<Vec<_>>(), ["built", "built"], "{told}");
}

/// What is slow keeps its own repository waiting, and nobody else.
#[tokio::test]
async fn a_code_host_that_does_not_answer_delays_no_other() {
    let source = Source::start().await;
    let other = source.neighbour().await;
    let gate = source.host.hold();
    source.deliver("push", "slow", &push("refs/heads/main", ZERO, &source.head())).await.ok();
    let app = source.server.app.clone();
    let working = tokio::spawn(async move { deliveries::work(&app).await });
    gate.arrival().await;
    let mut before = ZERO.to_owned();
    for number in 0..3 {
        let sha = other.repository.commit(&format!("{number}"), &[]);
        let body = push("refs/heads/main", &before, &sha).to_string();
        let client = source.server.anonymous();
        deliver(&client, NEIGHBOURS_SECRET, "push", &format!("d{number}"), &body).await.ok();
        wait_for(&source.owner, &other.builds, |page| page["total"] == number + 1).await;
        before = sha;
    }
    assert_eq!(source.builds().await.len(), 3, "the slow one still waits");
    gate.open();
    working.await.unwrap().unwrap();
    source.server.advance(31);
    source.work().await;
    assert_eq!(source.builds().await.len(), 4);
}

#[tokio::test]
async fn a_delivery_that_waits_for_another_has_not_been_attempted() {
    let source = Source::start().await;
    let (first, head) = (source.head(), source.repository.commit("second", &[]));
    source.deliver("push", "d1", &push("refs/heads/main", ZERO, &first)).await.ok();
    source.deliver("push", "d2", &push("refs/heads/main", &first, &head)).await.ok();
    let gate = source.host.hold();
    let app = source.server.app.clone();
    let working = tokio::spawn(async move { deliveries::work(&app).await });
    gate.arrival().await;
    let told = source.owner.get("/v1/webhook-deliveries?limit=2").await.ok()["deliveries"].clone();
    assert_eq!((&told[1]["attempts"], &told[0]["attempts"]), (&json!(1), &json!(0)));
    gate.open();
    working.await.unwrap().unwrap();
    assert_eq!(source.newest().await["attempts"], 1);
}

/// The head of a delivery, and so many bytes of its body.
fn begun(address: &str, length: usize, sent: usize) -> Vec<u8> {
    let signature = github_signature(SECRET, b"never");
    let head = format!(
        "POST /v1/webhooks/github HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         X-GitHub-Event: push\r\nX-Hub-Signature-256: {signature}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.into_bytes(), vec![b' '; sent]].concat()
}

#[tokio::test]
async fn those_who_send_slowly_lock_nobody_out() {
    let source = Source::start().await;
    let address = source.server.base.strip_prefix("http://").unwrap().to_owned();
    let mut slow = Vec::new();
    for _ in 0..6 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(&begun(&address, 20 * 1024 * 1024, 2 * 1024 * 1024)).await.unwrap();
        slow.push(stream);
    }
    let (sha, begun_at) = (source.head(), Instant::now());
    let mut large = push("refs/heads/main", ZERO, &sha);
    large["commits"][0]["message"] = json!("x".repeat(8 * 1024 * 1024));
    source.deliver("push", "small", &push("refs/heads/a", ZERO, &sha)).await.ok();
    source.deliver("push", "large", &large).await.ok();
    assert!(begun_at.elapsed().as_secs() < 20, "{:?}", begun_at.elapsed());
    let mut said = String::new();
    slow[0].read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 400") && said.contains("body_too_slow"), "{said}");
}

#[tokio::test]
async fn an_older_event_of_a_request_does_not_take_the_place_of_a_newer_one() {
    let source = Source::start().await;
    source.set(json!({"concurrency": {"cancel_previous": true}})).await;
    source.repository.git(&["checkout", "--quiet", "-b", "topic"]);
    let shas: Vec<String> = (0..3).map(|n| source.repository.commit(&format!("{n}"), &[])).collect();
    let event = |at: usize| {
        let mut event = pull_request("synchronize", "topic", &shas[at]);
        event["pull_request"]["updated_at"] = json!(format!("2026-11-30T10:00:0{at}Z"));
        event["before"] = Value::Null;
        event
    };
    let told = source.told("pull_request", "p1", &event(1)).await;
    assert_eq!(Source::verdict(&told).1, "built #1");
    let (outcome, reason) = Source::verdict(&source.told("pull_request", "p0", &event(0)).await);
    assert!(outcome == "superseded" && reason.contains("of the request"), "{outcome}: {reason}");
    // Another request of the same branch is another matter.
    let mut other = event(0);
    other["pull_request"]["number"] = json!(77);
    source.set(json!({"concurrency": {"cancel_previous": false}})).await;
    source.told("pull_request", "o0", &other).await;
    assert_eq!(source.builds().await.len(), 2);
    source.set(json!({"concurrency": {"cancel_previous": true}})).await;
    let told = source.told("pull_request", "p2", &event(2)).await;
    assert_eq!(Source::verdict(&told).1, "built #3");
    let builds = source.builds().await;
    let status: Vec<_> = builds.iter().map(|build| build["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["canceled", "canceled", "queued"]);
}

#[tokio::test]
async fn the_push_of_a_branch_and_its_request_do_not_cancel_each_other() {
    let source = Source::start().await;
    source.set(json!({"concurrency": {"cancel_previous": true}})).await;
    source.repository.git(&["checkout", "--quiet", "-b", "topic"]);
    let first = source.repository.commit("first", &[]);
    source.told("push", "d1", &push("refs/heads/topic", ZERO, &first)).await;
    source.told("pull_request", "p1", &pull_request("opened", "topic", &first)).await;
    let statuses = async || {
        let builds = source.builds().await;
        builds.iter().map(|build| build["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(statuses().await, ["queued", "queued"]);
    let second = source.repository.commit("second", &[]);
    source.told("pull_request", "p2", &pull_request("synchronize", "topic", &second)).await;
    assert_eq!(statuses().await, ["queued", "canceled", "queued"]);
    source.told("push", "d2", &push("refs/heads/topic", &first, &second)).await;
    assert_eq!(statuses().await, ["canceled", "canceled", "queued", "queued"]);
}

#[tokio::test]
async fn what_a_forced_push_took_away_may_be_what_a_pipeline_listens_to() {
    let source = Source::start().await;
    source.set(json!({"trigger_config": {"events": [], "branches": [], "paths": ["lib/**"]}})).await;
    let first = source.head();
    let second = source.repository.commit("code", &[("lib/a", "1")]);
    source.repository.git(&["reset", "--quiet", "--hard", &first]);
    let third = source.repository.commit("docs", &[("README.md", "1")]);
    let mut forced = push("refs/heads/main", &second, &third);
    forced["forced"] = json!(true);
    assert_eq!(Source::verdict(&source.told("push", "d1", &forced).await).1, "built #1");
    // A request is compared with where it left its target.
    source.repository.git(&["checkout", "--quiet", "-b", "topic", &first]);
    let docs = source.repository.commit("docs only", &[("docs/a.md", "1")]);
    let told = source.told("pull_request", "p1", &pull_request("opened", "topic", &docs)).await;
    let (outcome, reason) = Source::verdict(&told);
    assert!(outcome == "filtered" && reason.contains("docs/a.md"), "{outcome}: {reason}");
}
