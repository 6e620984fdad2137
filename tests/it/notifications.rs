//! What people are told of builds and runners: over real HTTP, exactly, in order, and never lost. What receivers do wrong
//! is seen in the log of deliveries.

use std::time::Duration;

use hmac::{Hmac, Mac};
use oored::builds::{lost, queue};
use oored::domain::role::UserRole;
use oored::notify;
use oored::tasks::outbox::{Notifications, tell_all};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::notification_channels::{CHANNELS, TARGETS, make, path};
use crate::support::program::{Daemon, free_port, run};
use crate::support::receiver::Receiver;
use crate::support::{Agent, Client, Repository, Server, wait_for};

const DAY: u64 = 86_400;
const PATIENCE: Duration = Duration::from_secs(60);

/// An instance with a project, a runner worked by hand, and somebody who is told things.
struct Rig {
    server: Server,
    owner: Client,
    repository: Repository,
    project: Value,
    pipeline: Value,
    agent: Agent,
    receiver: Receiver,
}

impl Rig {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("Shop", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        let agent = Agent::register(&owner, "by hand", 5).await;
        Self { server, owner, repository, project, pipeline, agent, receiver: Receiver::start().await }
    }

    async fn channel(&self, change: Value) -> Value {
        let mut body = json!({"name": "Hook", "channel_type": "webhook", "url": self.receiver.url("/hook")});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        make(&self.owner, body).await
    }

    async fn work(&self) {
        notify::work(&self.server.app).await.unwrap();
    }

    async fn deliveries(&self, channel: &Value) -> Vec<Value> {
        let list = self.owner.get(&path(channel, "/deliveries")).await.ok();
        list["deliveries"].as_array().unwrap().clone()
    }

    /// The only one.
    async fn delivery(&self, channel: &Value) -> Value {
        let mut all = self.deliveries(channel).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    async fn build(&self) -> Value {
        self.owner.build(&self.pipeline).await
    }

    async fn cancel(&self, build: &Value) {
        self.owner
            .post(&format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap()), json!({}))
            .await
            .ok();
    }

    /// A build that ends at once.
    async fn ended(&self) -> Value {
        let build = self.build().await;
        self.cancel(&build).await;
        build
    }

    /// The next build runs and ends so.
    async fn end(&self, status: &str) {
        let job = self.agent.begin().await;
        self.agent.report(&job, json!({"status": status, "log_frames": 0})).await.ok();
    }

    /// Somebody's build on a branch that ends so.
    async fn run(&self, who: &Client, branch: &str, status: &str) {
        let path = format!("/v1/projects/{}/builds", self.project["id"].as_str().unwrap());
        who.post(&path, json!({"pipeline_id": self.pipeline["id"], "branch": branch})).await.created();
        self.end(status).await;
    }

    /// What was posted to this path since the last look, by event.
    async fn told(&self, path: &str) -> Vec<String> {
        self.work().await;
        let posted = self.receiver.posted().into_iter().filter(|posted| posted.path == path);
        posted.map(|posted| posted.json()["event"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_webhook_gets_exactly_what_was_agreed_on_signed_over_its_bytes() {
    let rig = Rig::start().await;
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
    let rig = Rig::start().await;
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
    assert_eq!(keys, ["icon_url", "text", "username"], "{mattermost}");
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
    let rig = Rig::start().await;
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
    let rig = Rig::start().await;
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

#[tokio::test]
async fn rules_say_of_which_builds_a_channel_tells() {
    let rig = Rig::start().await;
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
async fn what_fails_in_passing_is_tried_again_in_order_and_then_arrives() {
    let rig = Rig::start().await;
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
async fn what_was_tried_for_a_day_is_given_up_and_forgotten_in_a_month() {
    let mut rig = Rig::start().await;
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
    let rig = Rig::start().await;
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
async fn a_name_that_leads_to_a_private_address_is_refused_when_it_is_told() {
    let rig = Rig::start().await;
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
    let rig = Rig::start().await;
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
async fn what_waits_is_given_up_when_its_channel_is_turned_off() {
    let rig = Rig::start().await;
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

#[tokio::test]
async fn only_the_last_hundred_are_listed_and_all_are_counted() {
    let rig = Rig::start().await;
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
async fn a_receiver_that_does_not_answer_holds_up_no_other_channel() {
    let rig = Rig::start().await;
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

#[tokio::test]
async fn a_key_that_is_rotated_still_opens_what_channels_need() {
    let rig = Rig::start().await;
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
