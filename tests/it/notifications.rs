//! What people are told of builds and runners, and of which: over real HTTP, exactly as agreed.

use hmac::{Hmac, Mac};
use oored::builds::{lost, queue};
use oored::domain::role::UserRole;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::notification_channels::{TARGETS, make, path};
use crate::support::audience::Audience;
use crate::support::program::{Daemon, free_port, run};
use crate::support::receiver::Receiver;
use crate::support::{Agent, Client};

const DAY: u64 = 86_400;

#[tokio::test]
async fn a_webhook_gets_exactly_what_was_agreed_on_signed_over_its_bytes() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({"secret": "s3cret"})).await;
    let plain = rig.channel(json!({"url": rig.receiver.url("/plain")})).await;
    let build = rig.build().await;
    rig.end("failed").await;
    rig.work().await;
    let shown =
        rig.owner.get(&format!("/v1/builds/{}", build["id"].as_str().unwrap())).await.ok()["build"].clone();
    let posted = rig.receiver.posted();
    assert_eq!(posted.len(), 2);
    let hook = posted.iter().find(|posted| posted.path == "/hook").unwrap();
    let body = hook.json();
    let expected = json!({
        "event": "build.failed",
        "build": {"id": build["id"], "project_id": build["project_id"], "pipeline_id": build["pipeline_id"],
            "build_number": 1, "status": "failed", "branch": shown["branch"], "commit_sha": shown["commit_sha"],
            "trigger_type": shown["trigger_type"], "started_at": shown["started_at"],
            "finished_at": shown["finished_at"]},
        "project_name": "Shop", "pipeline_name": "Main", "timestamp": body["timestamp"],
    });
    assert_eq!(body, expected);
    assert_eq!(body["timestamp"], shown["finished_at"]);
    let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
    mac.update(&hook.body);
    let signature = format!("sha256={:x}", mac.finalize().into_bytes());
    assert_eq!(hook.header("x-oore-signature"), Some(signature.as_str()));
    assert_eq!(hook.header("user-agent"), Some("oore-ci/1.0"));
    assert_eq!(hook.header("content-type"), Some("application/json"));
    let unsigned = posted.iter().find(|posted| posted.path == "/plain").unwrap();
    assert_eq!(unsigned.header("x-oore-signature"), None, "without a secret nothing is signed");
    let delivery = rig.delivery(&channel).await;
    assert_eq!(hook.header("x-oore-delivery"), delivery["id"].as_str());
    let now = &delivery["delivered_at"];
    let expected = json!({"id": delivery["id"], "channel_id": channel["id"], "build_id": build["id"],
        "event_type": "build.failed", "status": "delivered", "attempt_count": 1,
        "created_at": delivery["created_at"], "delivered_at": now});
    assert_eq!(delivery, expected);
    assert_eq!(rig.delivery(&plain).await["status"], "delivered");
}

#[tokio::test]
async fn each_chat_gets_its_own_payload() {
    let rig = Audience::start().await;
    for kind in ["mattermost", "slack", "discord", "teams"] {
        rig.channel(json!({"channel_type": kind, "url": rig.receiver.url(&format!("/{kind}"))})).await;
    }
    rig.build().await;
    rig.end("succeeded").await;
    rig.work().await;
    let posted = |kind: &str| {
        let all = rig.receiver.posted();
        let found = all.into_iter().find(|posted| posted.path == format!("/{kind}")).unwrap();
        assert_eq!(found.header("user-agent"), Some("oore-ci/1.0"));
        found.json()
    };
    let mattermost = posted("mattermost");
    let keys: Vec<&String> = mattermost.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["text", "username", "icon_url"], "{mattermost}");
    assert_eq!(mattermost["username"], "Oore CI");
    assert!(mattermost["icon_url"].as_str().unwrap().starts_with("http"));
    assert!(
        mattermost["text"].as_str().unwrap().contains("`Shop · Main #1 succeeded on main`"),
        "{mattermost}"
    );
    assert!(posted("slack")["text"].as_str().unwrap().contains("Shop · Main #1 succeeded on main"));
    assert_eq!(posted("discord")["embeds"][0]["description"], "**`Shop · Main #1 succeeded on main`**");
    let card = posted("teams")["attachments"][0].clone();
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["content"]["body"][0]["inlines"][0]["text"], "Shop · Main #1 succeeded on main");
}

#[tokio::test]
async fn no_end_of_a_build_is_silent() {
    let rig = Audience::start().await;
    rig.channel(json!({})).await;
    let superseding = json!({"concurrency": {"cancel_previous": true, "max_concurrent": null}});
    let pipeline = format!("/v1/pipelines/{}", rig.pipeline["id"].as_str().unwrap());
    rig.owner.patch(&pipeline, superseding).await.ok();
    rig.build().await;
    let newer = rig.build().await;
    assert_eq!(rig.told("/hook").await, ["build.canceled"], "by a newer one");
    rig.cancel(&newer).await;
    assert_eq!(rig.told("/hook").await[1..], ["build.canceled"], "by somebody");
    let rejected = rig.build().await;
    let damage = format!("UPDATE builds SET requirements = 'nonsense' WHERE id = {}", rejected["id"]);
    let damage = damage.replace('"', "'");
    let damaged = rig.server.app.db.write(async |tx| Ok(tx.execute_unprepared(&damage).await?));
    damaged.await.unwrap();
    assert_eq!(rig.agent.try_claim(0).await.ok(), json!({}));
    assert_eq!(rig.told("/hook").await[2..], ["build.failed"], "before any runner had it");
    rig.build().await;
    rig.agent.begin().await;
    for _ in 0..30 {
        rig.server.advance(5);
        lost::run_once(&rig.server.app).await.unwrap();
    }
    assert_eq!(rig.told("/hook").await[3..], ["runner.offline", "build.failed"], "with its runner");
    rig.build().await;
    rig.server.advance(DAY + 1);
    queue::expire(&rig.server.app).await.unwrap();
    assert_eq!(rig.told("/hook").await[5..], ["build.expired"]);
}

#[tokio::test]
async fn a_runner_that_falls_silent_is_told_of_once() {
    let rig = Audience::start().await;
    let all = rig.channel(json!({})).await;
    let listed = rig.channel(json!({"events": ["runner_offline"], "rules": {"branches": ["main"]}})).await;
    let others = [json!({"events": ["failed"]}), json!({"rules": {"branches": ["main"]}})];
    let others = [rig.channel(others[0].clone()).await, rig.channel(others[1].clone()).await];
    for _ in 0..10 {
        rig.server.advance(5);
        lost::run_once(&rig.server.app).await.unwrap();
    }
    rig.work().await;
    let posted = rig.receiver.posted();
    assert_eq!(posted.len(), 2);
    let body = posted[0].json();
    let runner =
        json!({"id": rig.agent.id, "name": "by hand", "from_status": "online", "to_status": "offline"});
    assert_eq!(body, json!({"event": "runner.offline", "runner": runner, "timestamp": body["timestamp"]}));
    for channel in [&all, &listed] {
        let delivery = rig.delivery(channel).await;
        assert_eq!((&delivery["event_type"], delivery.get("build_id")), (&json!("runner.offline"), None));
    }
    for channel in &others {
        assert!(rig.deliveries(channel).await.is_empty());
    }
}

/// Looks at leases every few seconds, for so long.
async fn watched(rig: &Audience, seconds: u64) {
    for _ in 0..seconds / 5 {
        rig.server.advance(5);
        lost::run_once(&rig.server.app).await.unwrap();
    }
}

#[tokio::test]
async fn a_runner_that_fell_silent_while_the_daemon_was_down_is_told_of_once_after_its_grace() {
    let mut rig = Audience::start().await;
    rig.channel(json!({})).await;
    let back = Agent::register(&rig.owner, "comes back", 5).await;
    Agent::register(&rig.owner, "speaks seldom", 4).await;
    let never = json!({"name": "never seen", "capabilities": {"protocol_version": 5}});
    rig.owner.post("/v1/runners/register", never).await.ok();
    rig = rig.restarted().await;
    let status = async || {
        let path = format!("/v1/runners/{}", back.id);
        rig.owner.get(&path).await.ok()["runner"]["status"].clone()
    };
    assert_eq!(status().await, "offline", "it is not heard yet, and nobody is told so");
    let client = Client { base: rig.server.base.clone(), ..back.client.clone() };
    let again = Agent { client, ..back.clone() };
    again.beat("online").await.expect(204);
    assert_eq!(status().await, "online");
    let told = async || -> Vec<Value> {
        rig.work().await;
        rig.receiver.posted().iter().map(|posted| posted.json()["runner"]["name"].clone()).collect()
    };
    watched(&rig, 10).await;
    again.beat("online").await.expect(204);
    assert!(told().await.is_empty(), "that is not long enough");
    watched(&rig, 5).await;
    assert_eq!(told().await, ["by hand"]);
    for _ in 0..3 {
        again.beat("online").await.expect(204);
        watched(&rig, 10).await;
    }
    assert_eq!(told().await, ["by hand", "speaks seldom"], "the reference's have 45 s");

    // Who is known to be silent is not told of again, and who was online still counts.
    rig = rig.restarted().await;
    watched(&rig, 60).await;
    assert_eq!(rig.told("/hook").await.len(), 3);
    assert_eq!(rig.receiver.posted()[2].json()["runner"]["name"], "comes back");
}

#[tokio::test]
async fn a_daemon_that_is_started_again_tells_of_a_runner_that_is_gone() {
    let (data, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let mut daemon = Daemon::attempt(data.path(), free_port(), &[]).await.unwrap();
    let owner = daemon.client().sign_in(None).await;
    make(&owner, json!({"name": "Hook", "channel_type": "webhook", "url": receiver.url("/hook")})).await;
    let runner = Agent::register(&owner, "gone", 5).await;
    daemon.kill();
    let _daemon = Daemon::attempt(data.path(), free_port(), &[]).await.unwrap();
    receiver.wait_for(1).await;
    let posted = receiver.posted()[0].json();
    assert_eq!((&posted["event"], &posted["runner"]["id"]), (&json!("runner.offline"), &json!(runner.id)));
}

#[tokio::test]
async fn rules_say_of_which_builds_a_channel_tells() {
    let rig = Audience::start().await;
    let ana = rig.server.person("ana@example.com", UserRole::Admin).await;
    rig.repository.git(&["branch", "release/1"]);
    let other = rig.owner.project("Other", &rig.repository).await;
    let (shop, other) = (&rig.project["id"], &other["id"]);
    let rules = [
        ("/all", json!({})),
        ("/failed", json!({"events": ["failed"]})),
        ("/fixed", json!({"events": ["fixed", "failed"]})),
        ("/mine", json!({"rules": {"person_id": ana.id().await}})),
        ("/shop", json!({"rules": {"project_ids": [shop]}})),
        ("/other", json!({"rules": {"project_ids": [other]}})),
        ("/release", json!({"events": ["succeeded"], "rules": {"branches": ["release/*"]}})),
        ("/off", json!({"enabled": false})),
    ];
    for (path, mut change) in rules {
        change["url"] = json!(rig.receiver.url(path));
        rig.channel(change).await;
    }
    rig.run(&rig.owner, "main", "succeeded").await;
    rig.run(&rig.owner, "main", "failed").await;
    rig.run(&ana, "main", "failed").await;
    rig.run(&rig.owner, "release/1", "succeeded").await;
    rig.run(&ana, "main", "succeeded").await;
    rig.run(&rig.owner, "main", "succeeded").await;
    let (good, bad) = ("build.succeeded", "build.failed");
    let expected: [(&str, &[&str]); 8] = [
        ("/all", &[good, bad, bad, good, good, good]),
        ("/failed", &[bad, bad]),
        ("/fixed", &[bad, bad, good]),
        ("/mine", &[bad, good]),
        ("/shop", &[good, bad, bad, good, good, good]),
        ("/other", &[]),
        ("/release", &[good]),
        ("/off", &[]),
    ];
    for (path, events) in expected {
        assert_eq!(rig.told(path).await, events, "{path}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_when_it_is_told() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({})).await;
    rig.owner.put(TARGETS, json!({"allowed_hosts": []})).await.ok();
    rig.ended().await;
    rig.work().await;
    let refused = rig.delivery(&channel).await;
    assert_eq!(refused["status"], "failed");
    let why = "the address is private or otherwise not for others to ask";
    assert_eq!(refused["last_error"], why);
    let tried = rig.owner.post(&path(&channel, "/test"), json!({})).await.ok();
    assert_eq!(tried, json!({"success": false, "error": why}));
    assert!(rig.receiver.posted().is_empty());
    rig.owner.put(TARGETS, json!({"allowed_hosts": ["localhost"]})).await.ok();
    rig.ended().await;
    assert_eq!(rig.told("/hook").await, ["build.canceled"]);
}

#[tokio::test]
async fn a_channel_is_tried_out_at_once_also_when_it_is_off() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({"enabled": false, "secret": "s3cret"})).await;
    let test = path(&channel, "/test");
    assert_eq!(rig.owner.post(&test, json!({})).await.ok(), json!({"success": true}));
    let posted = rig.receiver.posted();
    assert_eq!((posted[0].json()["event"].as_str(), posted.len()), (Some("build.test"), 1));
    assert!(posted[0].header("x-oore-signature").is_some());
    rig.receiver.answer(500, "out of order");
    let failed = rig.owner.post(&test, json!({})).await.ok();
    assert_eq!(failed, json!({"success": false, "error": "the receiver answered 500: out of order"}));
    let log = rig.deliveries(&channel).await;
    let seen: Vec<_> = log
        .iter()
        .map(|one| (one["event_type"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect();
    assert_eq!(seen, [("build.test", "failed"), ("build.test", "delivered")]);
    rig.server.advance(DAY / 2);
    rig.work().await;
    assert_eq!(rig.receiver.posted().len(), 2, "a test is not tried again");
}

#[tokio::test]
async fn only_the_last_hundred_are_listed_and_all_are_counted() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({})).await;
    let last = {
        let mut last = Value::Null;
        for _ in 0..101 {
            last = rig.ended().await;
        }
        last
    };
    let list = rig.owner.get(&path(&channel, "/deliveries")).await.ok();
    assert_eq!((list["total"].as_i64(), list["deliveries"].as_array().unwrap().len()), (Some(101), 100));
    assert_eq!(list["deliveries"][0]["build_id"], last["id"], "newest first");
    rig.owner.delete(&path(&channel, "")).await.ok();
    rig.work().await;
    assert!(rig.receiver.posted().is_empty(), "what was owed goes with its channel");
}

#[tokio::test]
async fn a_key_that_is_rotated_still_opens_what_channels_need() {
    let rig = Audience::start().await;
    let channel = rig.channel(json!({"secret": "s3cret"})).await;
    let data = rig.server.data().to_str().unwrap().to_owned();
    let rotate = move || run(&["oore", "key", "rotate", "--data-dir", &data]);
    let rotated = tokio::task::spawn_blocking(rotate).await.unwrap();
    assert!(rotated.status.success());
    assert_eq!(rig.owner.post(&path(&channel, "/test"), json!({})).await.ok(), json!({"success": true}));
    let posted = rig.receiver.posted().remove(0);
    let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
    mac.update(&posted.body);
    let signature = format!("sha256={:x}", mac.finalize().into_bytes());
    assert_eq!(posted.header("x-oore-signature"), Some(signature.as_str()));
}
