//! What is told arrives in order and is never lost, whatever receivers do wrong, and the log of deliveries says what they did.

use std::time::Duration;

use oored::db::Tx;
use oored::db::notification_deliveries::sql;
use oored::notify;
use oored::tasks::outbox::{Notifications, tell_all};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::notification_channels::{CHANNELS, make, path};
use crate::support::audience::Audience;
use crate::support::program::{Daemon, free_port};
use crate::support::receiver::Receiver;
use crate::support::{Repository, wait_for};

const DAY: u64 = 86_400;
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_fails_in_passing_is_tried_again_in_order_and_then_arrives() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({})).await;
    rig.receiver.answer(500, "");
    rig.receiver.answer_with(503, "retry-after", "600");
    let first = rig.ended().await;
    rig.ended().await;
    rig.work().await;
    let waiting = rig.deliveries(&channel).await;
    assert_eq!(rig.receiver.posted().len(), 1, "what keeps one from arriving keeps the next one too");
    let one = waiting.iter().find(|delivery| delivery["build_id"] == first["id"]).unwrap();
    assert_eq!((&one["status"], &one["attempt_count"]), (&json!("pending"), &json!(1)));
    assert_eq!(one["last_error"], "the receiver answered 500");
    assert!(one["next_attempt_at"].as_i64() > one["created_at"].as_i64(), "{one}");
    rig.work().await;
    assert_eq!(rig.receiver.posted().len(), 1, "it is not due yet");
    rig.server.advance(15);
    rig.work().await;
    assert_eq!(rig.receiver.posted().len(), 2);
    rig.server.advance(300);
    rig.work().await;
    assert_eq!(rig.receiver.posted().len(), 2, "the receiver wants to be left alone for longer");
    rig.server.advance(301);
    rig.work().await;
    let posted = rig.receiver.posted();
    assert_eq!(posted.len(), 4);
    assert!(
        posted[..3].iter().all(|one| one.body == posted[0].body && one.json()["build"]["id"] == first["id"])
    );
    let ids: Vec<_> = posted[..3].iter().map(|posted| posted.header("x-oore-delivery").unwrap()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "receivers can tell that it is the same");
    let done = rig.deliveries(&channel).await;
    assert!(
        done.iter().all(|one| one["status"] == "delivered" && one.get("last_error").is_none()),
        "{done:?}"
    );
    assert_eq!(done[1]["attempt_count"], 3);
}

#[tokio::test]
async fn what_comes_later_does_not_overtake_what_waits_and_one_that_always_fails_holds_nobody_up() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({})).await;
    rig.receiver.answer_with(429, "retry-after", "600");
    let first = rig.ended().await;
    rig.work().await;
    rig.ended().await;
    rig.work().await;
    assert_eq!(rig.receiver.posted().len(), 1, "the receiver wants to be left alone");
    for _ in 0..6 {
        rig.receiver.answer(500, "");
        rig.server.advance(1000);
        rig.work().await;
    }
    rig.server.advance(1000);
    rig.work().await;
    let (posted, done) = (rig.receiver.posted(), rig.deliveries(&channel).await);
    let of_first = |id: &Value| *id == first["id"];
    assert!(
        posted[..7].iter().all(|one| of_first(&one.json()["build"]["id"])),
        "in order, as long as that helps"
    );
    assert!(posted[7..].iter().any(|one| !of_first(&one.json()["build"]["id"])));
    assert!(done.iter().all(|one| one["status"] == "delivered"), "{done:?}");
}

#[tokio::test]
async fn what_was_tried_for_a_day_is_given_up_and_forgotten_in_a_month() {
    let mut rig = Audience::start().await;
    let closed = format!("http://localhost:{}/x", free_port());
    let channel = rig.channel(json!({ "url": closed })).await;
    rig.ended().await;
    rig.work().await;
    assert_eq!(rig.delivery(&channel).await["last_error"], "no connection could be made");
    rig.server.advance(DAY + 60);
    rig.owner = rig.server.owner().await;
    notify::give_up(&rig.server.app).await.unwrap();
    let delivery = rig.delivery(&channel).await;
    assert_eq!(delivery["status"], "failed");
    assert_eq!(delivery["last_error"], "given up after 24 hours: no connection could be made");
    assert_eq!(delivery.get("next_attempt_at"), None);
    notify::remove_old(&rig.server.app).await.unwrap();
    rig.delivery(&channel).await;
    rig.server.advance(30 * DAY);
    rig.owner = rig.server.owner().await;
    notify::remove_old(&rig.server.app).await.unwrap();
    assert!(rig.deliveries(&channel).await.is_empty());
}

#[tokio::test]
async fn what_the_receiver_refuses_is_not_tried_again_and_says_why() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({"url": rig.receiver.url("/s3cret-path")})).await;
    rig.receiver.answer(404, "no_service at /s3cret-path");
    rig.receiver.answer_with(302, "location", &rig.receiver.url("/elsewhere"));
    rig.receiver.answer(400, &"x".repeat(5000));
    for _ in 0..3 {
        rig.ended().await;
    }
    rig.work().await;
    rig.server.advance(DAY / 2);
    rig.work().await;
    let posted: Vec<String> = rig.receiver.posted().into_iter().map(|posted| posted.path).collect();
    assert_eq!(posted, ["/s3cret-path"; 3], "each was tried once, and the redirect was not followed");
    let all = rig.deliveries(&channel).await;
    let why: Vec<&str> = all.iter().map(|one| one["last_error"].as_str().unwrap()).collect();
    assert!(all.iter().all(|one| one["status"] == "failed" && one["attempt_count"] == 1), "{all:?}");
    assert!(
        why[0].starts_with("the receiver answered 400: xxx") && why[0].chars().count() <= 200,
        "{}",
        why[0]
    );
    assert_eq!(why[1], "the receiver answered 302: redirects are not followed");
    assert_eq!(why[2], "the receiver answered 404: no_service at ***");
}

#[tokio::test]
async fn what_waits_is_given_up_when_its_channel_is_turned_off() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({})).await;
    rig.ended().await;
    rig.owner.put(&path(&channel, ""), json!({"enabled": false})).await.ok();
    rig.work().await;
    assert!(rig.receiver.posted().is_empty());
    let delivery = rig.delivery(&channel).await;
    assert_eq!(
        (&delivery["status"], &delivery["last_error"]),
        (&json!("failed"), &json!("the channel was turned off"))
    );
}

/// They run in the transaction of whoever ends a build, or for every notice that is told.
#[tokio::test]
async fn what_is_owed_is_found_without_reading_what_was_told() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({})).await;
    rig.ended().await;
    let db = &rig.server.app.db;
    let history = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO notification_deliveries SELECT printf('00000000-0000-7000-8000-%012d', i), channel_id, NULL, event_type, notice, 'delivered',
            reached, 1, NULL, NULL, created_at, created_at FROM notification_deliveries, n";
    let grown = async |tx: &Tx| {
        tx.execute_unprepared(history).await?;
        Ok(tx.execute_unprepared("ANALYZE").await?)
    };
    db.write(grown).await.unwrap();
    for sql in [sql::HELD, sql::CHANNELS_DUE, sql::DUE, sql::POSTPONE, sql::RELEASE] {
        let values = sql.matches('?').map(|_| 1.into());
        let plan =
            Statement::from_sql_and_values(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"), values);
        let plan = db.read().query_all_raw(plan).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        let of_the_table: Vec<_> = plan.iter().filter(|step| !step.contains("TEMP B-TREE")).collect();
        let is_cheap = of_the_table.iter().all(|step| step.contains("INDEX notification_deliveries_owed"));
        assert!(is_cheap && !of_the_table.is_empty(), "{sql}: {plan:?}");
    }
    rig.work().await;
    assert_eq!(rig.receiver.posted().len(), 1, "and what is owed arrives");
    assert_eq!(rig.owner.get(&path(&channel, "/deliveries")).await.ok()["total"], 3001);
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_holds_up_no_other_channel() {
    let rig = Audience::start().await;
    let slow = rig.channel(json!({})).await;
    let other = Receiver::start().await;
    rig.channel(json!({"url": other.url("/x")})).await;
    let gate = rig.receiver.hold();
    let telling = tokio::spawn(tell_all::<Notifications>(rig.server.app.clone()));
    rig.ended().await;
    tokio::time::timeout(PATIENCE, gate.arrival()).await.unwrap();
    other.wait_for(1).await;
    rig.ended().await;
    other.wait_for(2).await;
    assert_eq!(rig.receiver.posted().len(), 1);
    gate.open();
    let over = |list: &Value| {
        let all = list["deliveries"].as_array().unwrap();
        all.len() == 2 && all.iter().all(|one| one["status"] == "delivered")
    };
    wait_for(&rig.owner, &path(&slow, "/deliveries"), over).await;
    rig.server.app.stopping.cancel();
    tokio::time::timeout(PATIENCE, telling).await.unwrap().unwrap();
}

/// Killed after the build has ended and before anybody was told, and killed while somebody is told.
#[tokio::test]
async fn a_daemon_that_is_killed_loses_no_notification() {
    let receiver = Receiver::start().await;
    let (folder, repository) = (tempfile::tempdir().unwrap(), Repository::running(&["true"]));
    let flags = ["--runner-mode", "external"];
    let mut daemon = Daemon::start(folder.path(), free_port(), &flags).await;
    let owner = daemon.client().sign_in(None).await;
    let project = owner.project("Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let hook = json!({"name": "Hook", "channel_type": "webhook", "url": receiver.url("/hook")});
    let channel = make(&owner, hook).await;
    let gate = receiver.hold();
    let mut canceled = Vec::new();
    for _ in 0..5 {
        let build = owner.build(&pipeline).await;
        owner.post(&format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap()), json!({})).await.ok();
        canceled.push(build["id"].clone());
    }
    // The first one is at the receiver, the others wait behind it.
    tokio::time::timeout(PATIENCE, gate.arrival()).await.unwrap();
    daemon.kill();
    receiver.release();
    gate.open();
    let daemon = Daemon::start(folder.path(), free_port(), &flags).await;
    let owner = daemon.client().sign_in(None).await;
    let over =
        |list: &Value| list["deliveries"].as_array().unwrap().iter().all(|one| one["status"] == "delivered");
    let list = wait_for(&owner, &path(&channel, "/deliveries"), over).await;
    assert_eq!(list["total"], 5);
    let posted = receiver.posted();
    let told: Vec<Value> = posted.iter().map(|posted| posted.json()["build"]["id"].clone()).collect();
    assert_eq!(told[0], told[1], "the one that was under way is told again");
    assert_eq!(told[1..], canceled, "and then all others, in order");
    assert_eq!(posted[0].header("x-oore-delivery"), posted[1].header("x-oore-delivery"));
    assert_eq!(owner.get(CHANNELS).await.ok()["total"], 1);
}
