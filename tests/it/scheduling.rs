//! Which runner may have which build: draining, pausing, labels, what waits and why, builds that can't be run,
//! builds that wait too long, and what it costs to tell runners of work.

use std::time::Duration;

use oored::builds::{lost, queue};
use oored::domain::role::UserRole;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server, Stream};

struct Rig {
    server: Server,
    owner: Client,
    project: Value,
    pipeline: Value,
    _repository: Repository,
}

impl Rig {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(flags: &[&str]) -> Self {
        let server = Server::start_with(flags).await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        Self { server, owner, project, pipeline, _repository: repository }
    }

    async fn build(&self) -> Value {
        self.owner.build(&self.pipeline).await
    }

    async fn detail(&self, build: &Value) -> Value {
        self.owner.get(&path_of(build)).await.ok()
    }

    async fn status(&self, build: &Value) -> String {
        self.detail(build).await["build"]["status"].as_str().unwrap().to_owned()
    }

    /// What each runner's reason is, by name.
    async fn reasons(&self, build: &Value) -> Vec<(String, String)> {
        let detail = self.detail(build).await;
        let runners = detail["waiting"]["runners"].as_array().unwrap_or_else(|| panic!("{detail}"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        runners.iter().map(|runner| (text(&runner["name"]), text(&runner["reason"]))).collect()
    }

    async fn change(&self, runner: &Agent, body: Value) -> Value {
        self.owner.patch(&format!("/v1/runners/{}", runner.id), body).await.ok()["runner"].clone()
    }

    async fn damage(&self, build: &Value, set: &str) {
        let sql = format!("UPDATE builds SET {set} WHERE id = '{}'", build["id"].as_str().unwrap());
        self.server.app.db.write(async |tx| Ok(tx.execute_unprepared(&sql).await?)).await.unwrap();
    }
}

fn path_of(build: &Value) -> String {
    format!("/v1/builds/{}", build["id"].as_str().unwrap())
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, reason)| ((*name).to_owned(), (*reason).to_owned())).collect()
}

#[tokio::test]
async fn a_drained_runner_finishes_its_build_and_takes_no_other_until_it_is_resumed() {
    let rig = Rig::start().await;
    rig.build().await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let job = runner.begin().await;
    let waiting = rig.build().await;
    let shown = rig.change(&runner, json!({"draining": true, "reason": " new disk "})).await;
    assert_eq!(shown["status"], "draining");
    assert_eq!((&shown["drain"]["reason"], shown["drain"]["since"].is_i64()), (&json!("new disk"), true));
    assert!(shown["drain"]["by"].as_str().unwrap().contains('@'), "{shown}");
    runner.report(&job, json!({"status": "succeeded"})).await.ok();
    assert_eq!(runner.try_claim(0).await.ok(), json!({}));
    let detail = rig.detail(&waiting).await;
    assert_eq!(detail["waiting"]["runners"][0]["reason"], "draining");
    assert_eq!(detail["waiting"]["runners"][0]["note"], "new disk");
    let held = tokio::spawn({
        let runner = runner.clone();
        async move { runner.try_claim(60).await.ok() }
    });
    let shown = rig.change(&runner, json!({"draining": false})).await;
    assert_eq!((shown["status"].as_str(), shown.get("drain")), (Some("online"), None));
    assert_eq!(held.await.unwrap()["job"]["build_id"], waiting["id"], "the held request goes on");
    let log = rig.owner.get("/v1/audit-logs?limit=10").await.ok();
    let acts = log["entries"].as_array().unwrap();
    let found = |action: &str| acts.iter().any(|entry| entry["action"] == action);
    assert!(found("runner_drained") && found("runner_resumed"), "{log}");
}

#[tokio::test]
async fn what_is_wanted_of_a_runner_is_checked() {
    let rig = Rig::start().await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let path = format!("/v1/runners/{}", runner.id);
    rig.owner.patch(&path, json!({"reason": "x"})).await.error(400, "invalid_input");
    rig.owner.patch(&path, json!({"draining": false, "reason": "x"})).await.error(400, "invalid_input");
    rig.owner
        .patch(&path, json!({"draining": true, "reason": "x".repeat(501)}))
        .await
        .error(400, "invalid_input");
    rig.owner.patch(&path, json!({"labels": ["a b"]})).await.error(400, "invalid_labels");
    rig.owner.patch(&path, json!({"labels": ["os:macos"]})).await.error(400, "invalid_labels");
    let shown = rig.change(&runner, json!({"labels": ["Big", "big", "pool:a"]})).await;
    assert_eq!(shown["labels"], json!(["big", "pool:a"]));
    assert_eq!(shown["detected_labels"], json!(["arch:x86_64", "os:linux"]));
    let body = json!({"name": "x", "labels": ["tool:java"]});
    rig.owner.post("/v1/runners/register", body).await.error(400, "invalid_labels");
    let pipeline = format!("/v1/pipelines/{}", rig.pipeline["id"].as_str().unwrap());
    rig.owner.patch(&pipeline, json!({"runner_labels": ["ü"]})).await.error(400, "invalid_labels");
}

#[tokio::test]
async fn the_daemons_own_runner_keeps_its_name_and_can_be_drained() {
    let rig = Rig::start().await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let own = "UPDATE runners SET embedded = 1";
    rig.server.app.db.write(async |tx| Ok(tx.execute_unprepared(own).await?)).await.unwrap();
    let path = format!("/v1/runners/{}", runner.id);
    rig.owner.patch(&path, json!({"name": "x", "draining": true})).await.error(409, "managed_runner_locked");
    assert_eq!(rig.change(&runner, json!({"draining": true})).await["status"], "draining");
}

#[tokio::test]
async fn a_pause_says_why_and_holds_every_runner_back() {
    let rig = Rig::start().await;
    let build = rig.build().await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let pause = |paused: bool, reason: Option<&str>| json!({"key_storage_mode": "file", "direct_macos_runner_paused": paused, "pause_reason": reason});
    let path = "/v1/settings/preferences";
    let paused = rig.owner.put(path, pause(true, Some("upgrade"))).await.ok();
    assert_eq!(paused["preferences"]["pause_reason"], "upgrade");
    assert_eq!(runner.try_claim(0).await.ok(), json!({}));
    let detail = rig.detail(&build).await;
    assert_eq!(detail["build"]["runner_policy_block_reason"], "instance_paused");
    assert!(detail["waiting"]["sentence"].as_str().unwrap().contains("upgrade"), "{detail}");
    assert_eq!(rig.reasons(&build).await, pairs(&[("r", "paused")]));
    let held = tokio::spawn({
        let runner = runner.clone();
        async move { runner.try_claim(60).await.ok() }
    });
    rig.owner.put(path, pause(false, Some("why"))).await.error(400, "invalid_input");
    let mut events = Stream::open(&rig.owner, None).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    let resumed = rig.owner.put(path, pause(false, None)).await.ok();
    let event = events.next().await.unwrap();
    assert_eq!((event.name.as_str(), event.data), ("preferences", json!({})), "open pages hear of it");
    assert_eq!(resumed["preferences"].get("pause_reason"), None);
    assert_eq!(held.await.unwrap()["job"]["build_id"], build["id"]);
}

#[tokio::test]
async fn a_build_goes_to_a_runner_that_has_what_it_asks_for() {
    let rig = Rig::start().await;
    let pipeline = format!("/v1/pipelines/{}", rig.pipeline["id"].as_str().unwrap());
    let ios = json!({"execution_config": {"platforms": ["android", "ios"]}, "runner_labels": ["big"]});
    assert_eq!(rig.owner.patch(&pipeline, ios).await.ok()["pipeline"]["runner_labels"], json!(["big"]));
    let build = rig.build().await;
    assert_eq!(build["requirements"], json!(["big", "os:macos"]));
    let linux = Agent::register(&rig.owner, "linux", 5).await;
    assert_eq!(linux.try_claim(0).await.ok(), json!({}));
    let detail = rig.detail(&build).await;
    assert_eq!(detail["waiting"]["runners"][0]["missing"], json!(["big", "os:macos"]));
    assert!(detail["waiting"]["sentence"].as_str().unwrap().contains("os:macos"), "{detail}");
    let mac = json!({"os": "macos", "arch": "arm64", "protocol_version": 5});
    let mac = Agent::with(&rig.owner, "mac", mac, &[]).await;
    assert_eq!(rig.reasons(&build).await, pairs(&[("linux", "missing_labels"), ("mac", "missing_labels")]));
    let held = tokio::spawn({
        let mac = mac.clone();
        async move { mac.try_claim(60).await.ok() }
    });
    rig.change(&mac, json!({"labels": ["big"]})).await;
    let job = held.await.unwrap()["job"].clone();
    assert_eq!(job["build_id"], build["id"]);
    let android = json!({"pipeline_id": rig.pipeline["id"], "platforms": ["android"]});
    let builds = format!("/v1/projects/{}/builds", rig.project["id"].as_str().unwrap());
    let small = rig.owner.post(&builds, android).await.created()["build"].clone();
    assert_eq!(small["requirements"], json!(["big"]));
    let silent = Agent::with(&rig.owner, "old", json!({"protocol_version": 4}), &["big"]).await;
    let ios = rig.build().await;
    let got: Vec<Value> = vec![silent.begin().await["build_id"].clone()];
    assert_eq!(got, [small["id"].clone()]);
    assert_eq!(rig.reasons(&ios).await[2], ("old".to_owned(), "no_slot".to_owned()), "it names no system");
}

#[tokio::test]
async fn a_waiting_build_says_its_place_and_what_each_runner_does() {
    let rig = Rig::start().await;
    let (busy, idle) = (Agent::register(&rig.owner, "a", 5).await, Agent::register(&rig.owner, "b", 5).await);
    let gone = Agent::register(&rig.owner, "c", 5).await;
    gone.beat("offline").await.expect(204);
    rig.build().await;
    let job = busy.begin().await;
    let (first, second) = (rig.build().await, rig.build().await);
    let states = pairs(&[("a", "no_slot"), ("b", "ready"), ("c", "offline")]);
    assert_eq!(rig.reasons(&second).await, states);
    let position = async |build: &Value| rig.detail(build).await["waiting"]["position"].clone();
    assert_eq!((position(&first).await, position(&second).await), (json!(1), json!(2)));
    idle.begin().await;
    assert_eq!(position(&second).await, json!(1));
    let detail = rig.detail(&first).await;
    assert_eq!(detail.get("waiting"), None, "it waits no longer");
    let sentence = rig.detail(&second).await["waiting"]["sentence"].clone();
    assert_eq!(sentence, "All 2 runners are busy with other builds.");
    assert_eq!(rig.detail(&second).await["build"]["waiting_reason"], sentence);
    let pipeline = format!("/v1/pipelines/{}", rig.pipeline["id"].as_str().unwrap());
    let limit = json!({"concurrency": {"cancel_previous": false, "max_concurrent": 2}});
    rig.owner.patch(&pipeline, limit).await.ok();
    assert_eq!(rig.reasons(&second).await[0].1, "pipeline_full");
    busy.report(&job, json!({"status": "succeeded"})).await.ok();
    assert_eq!(rig.reasons(&second).await[0].1, "ready");
}

#[tokio::test]
async fn who_may_not_see_runners_is_told_nothing_of_them() {
    let rig = Rig::start().await;
    Agent::register(&rig.owner, "secret-host", 5).await;
    let build = rig.build().await;
    let viewer = rig.server.person("qa@example.com", UserRole::QaViewer).await;
    let members = format!("/v1/projects/{}/members", rig.project["id"].as_str().unwrap());
    let body = json!({"user_id": viewer.id().await, "role": "viewer"});
    assert!(rig.owner.post(&members, body).await.status.is_success());
    let answer = viewer.get(&path_of(&build)).await;
    let detail = answer.ok();
    assert_eq!((detail["waiting"]["position"].as_i64(), detail["waiting"].get("runners")), (Some(1), None));
    assert!(!answer.text.contains("secret-host"), "{}", answer.text);
}

#[tokio::test]
async fn a_build_that_waits_longer_than_it_may_expires() {
    let rig = Rig::start_with(&["--queue-timeout-seconds", "3600"]).await;
    let build = rig.build().await;
    rig.server.advance(3590);
    queue::expire(&rig.server.app).await.unwrap();
    assert_eq!(rig.status(&build).await, "queued");
    let younger = rig.build().await;
    rig.server.advance(20);
    queue::expire(&rig.server.app).await.unwrap();
    let detail = rig.detail(&build).await;
    assert_eq!(detail["build"]["status"], "expired");
    assert!(detail["build"]["error_message"].as_str().unwrap().contains("1 h"), "{detail}");
    assert_eq!(detail["events"][1]["reason"], "queue timeout");
    assert_eq!(rig.status(&younger).await, "queued");
    let runner = Agent::register(&rig.owner, "r", 5).await;
    assert_eq!(runner.claim().await["build_id"], younger["id"]);
}

#[tokio::test]
async fn with_no_limit_builds_wait_for_ever() {
    let rig = Rig::start_with(&["--queue-timeout-seconds", "0"]).await;
    let build = rig.build().await;
    rig.server.advance(10 * 365 * 24 * 3600);
    queue::expire(&rig.server.app).await.unwrap();
    // The session is over, the build is not.
    let owner = rig.server.owner().await;
    assert_eq!(owner.get(&path_of(&build)).await.ok()["build"]["status"], "queued");
}

#[tokio::test]
async fn a_build_that_cannot_be_run_fails_with_a_reason_and_the_next_one_runs() {
    for damage in [
        "config_snapshot = '[]'",
        "config_snapshot = 'nonsense'",
        "requirements = 'nonsense'",
        "trigger_type = 'moon'",
    ] {
        let rig = Rig::start().await;
        let (bad, good) = (rig.build().await, rig.build().await);
        rig.damage(&bad, damage).await;
        let runner = Agent::register(&rig.owner, "r", 4).await;
        assert_eq!(runner.begin().await["build_id"], good["id"], "{damage}");
        // The rest of the row may still be unreadable; what became of it is not.
        let healed = "config_snapshot = '{}', requirements = '[]', trigger_type = 'manual'";
        rig.damage(&bad, healed).await;
        let build = rig.detail(&bad).await["build"].clone();
        assert_eq!(
            (&build["status"], &build["failure_reason"]),
            (&json!("failed"), &json!("not_runnable")),
            "{damage}"
        );
        assert!(build["error_message"].as_str().unwrap().contains("unreadable"), "{build}");
        assert_eq!((build.get("started_at"), build["attempt"].as_i64()), (None, Some(0)));
    }
}

#[tokio::test]
async fn a_build_whose_repository_is_gone_fails_with_a_reason() {
    let rig = Rig::start().await;
    let bad = rig.build().await;
    let file = format!("sqlite://{}", rig.server.data().join("oore.db").display());
    let mut options = ConnectOptions::new(file);
    options.map_sqlx_sqlite_opts(|options| options.foreign_keys(false));
    let raw = Database::connect(options).await.unwrap();
    raw.execute_unprepared("DELETE FROM repositories").await.unwrap();
    let runner = Agent::register(&rig.owner, "r", 4).await;
    assert_eq!(runner.try_claim(0).await.ok(), json!({}), "no error that would end an old runner");
    let build = rig.detail(&bad).await["build"].clone();
    assert_eq!((&build["status"], &build["failure_reason"]), (&json!("failed"), &json!("not_runnable")));
}

#[tokio::test]
async fn one_unreadable_row_at_a_runner_keeps_no_lease_from_being_looked_at() {
    let rig = Rig::start().await;
    let (bad, good) = (rig.build().await, rig.build().await);
    let (a, b) = (Agent::register(&rig.owner, "a", 5).await, Agent::register(&rig.owner, "b", 5).await);
    a.begin().await;
    b.begin().await;
    rig.damage(&bad, "config_snapshot = 'nonsense'").await;
    for _ in 0..26 {
        rig.server.advance(5);
        lost::run_once(&rig.server.app).await.unwrap();
    }
    assert_eq!(rig.status(&good).await, "failed");
    rig.damage(&bad, "config_snapshot = '{}'").await;
    assert_eq!(rig.detail(&bad).await["build"]["failure_reason"], "runner_lost");
}

#[tokio::test]
async fn a_new_build_costs_two_writes_however_many_runners_wait_and_waiting_costs_none() {
    const RUNNERS: usize = 40;
    let rig = Rig::start().await;
    let db = &rig.server.app.db;
    let mut agents = Vec::new();
    for n in 0..RUNNERS {
        agents.push(Agent::register(&rig.owner, &format!("r{n}"), 5).await);
    }
    // Of both kinds of tools: with labels that don't fit and without.
    let unfit = json!({"runner_labels": ["none-has-it"]});
    let other = rig.owner.pipeline(&rig.project, "Other").await;
    rig.owner.patch(&format!("/v1/pipelines/{}", other["id"].as_str().unwrap()), unfit).await.ok();
    let mut claims: tokio::task::JoinSet<_> = agents
        .iter()
        .cloned()
        .map(|agent| async move { agent.try_claim(60).await.ok()["job"]["build_id"].clone() })
        .collect();
    // A request that is still on its way would look at the queue by itself.
    let all_wait = async || {
        let waiting = async {
            while rig.server.app.events.line.length() < RUNNERS {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
    };
    all_wait().await;
    // Held requests look at the queue once, without writing.
    let before = db.writes();
    rig.owner.build(&other).await;
    all_wait().await;
    assert_eq!(db.writes() - before, 1, "nobody may have it");
    let before = db.writes();
    let build = rig.build().await;
    assert_eq!(claims.join_next().await.unwrap().unwrap(), build["id"]);
    assert_eq!(db.writes() - before, 2, "one to queue it, one to hand it out");
    for agent in &agents {
        agent.beat("online").await.expect(204);
    }
    lost::run_once(&rig.server.app).await.unwrap();
    queue::expire(&rig.server.app).await.unwrap();
    assert_eq!(db.writes() - before, 2, "runners that live cost nothing");
    rig.server.app.stopping.cancel();
    while let Some(claim) = claims.join_next().await {
        assert_eq!(claim.unwrap(), Value::Null);
    }
}

#[tokio::test]
async fn a_silent_runners_build_is_shown_as_unreachable_until_it_speaks_again() {
    let rig = Rig::start().await;
    let build = rig.build().await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let job = runner.begin().await;
    let mut events = Stream::open(&rig.owner, None).await;
    assert_eq!(rig.detail(&build).await["build"].get("unreachable"), None);
    rig.server.advance(14);
    assert!(rig.server.app.leases.next_look() <= Duration::from_secs(1), "it is looked at when it is due");
    lost::run_once(&rig.server.app).await.unwrap();
    rig.server.advance(1);
    lost::run_once(&rig.server.app).await.unwrap();
    let mut told = async || loop {
        let event = events.next().await.unwrap();
        if event.name == "build" || event.name == "runner" {
            break (event.name, event.data["status"].as_str().unwrap().to_owned());
        }
    };
    assert_eq!(told().await, ("runner".to_owned(), "offline".to_owned()));
    assert_eq!(told().await, ("build".to_owned(), "running".to_owned()));
    assert_eq!(rig.detail(&build).await["build"]["unreachable"], true);
    runner.status(&job).await.ok();
    assert_eq!(told().await, ("build".to_owned(), "running".to_owned()));
    assert_eq!(told().await, ("runner".to_owned(), "busy".to_owned()), "it has a build");
    assert_eq!(rig.detail(&build).await["build"].get("unreachable"), None);
}

#[tokio::test]
async fn an_artifact_of_an_older_attempt_can_neither_be_filled_nor_finished() {
    let rig = Rig::start().await;
    rig.build().await;
    let (a, b) = (Agent::register(&rig.owner, "a", 5).await, Agent::register(&rig.owner, "b", 5).await);
    let first = a.claim().await;
    let announced = a.announce(&first, "app.apk", b"bytes").await;
    for _ in 0..24 {
        rig.server.advance(5);
        b.beat("online").await.expect(204);
        lost::run_once(&rig.server.app).await.unwrap();
    }
    let second = b.begin().await;
    assert_eq!(second["attempt"], 2);
    a.put(&announced, "bytes").await.error(401, "invalid_upload_token");
    let rest = format!("/artifacts/{}/complete", announced["artifact"]["id"].as_str().unwrap());
    a.post(&first, &rest, json!({})).await.error(409, "attempt_superseded");
    b.post(&second, &rest, json!({})).await.error(404, "not_found");
    b.store(&second, "app.apk", b"bytes").await;
}

#[tokio::test]
async fn a_rerun_by_a_program_is_told_from_one_by_a_person() {
    let rig = Rig::start().await;
    let build = rig.build().await;
    let cancel = format!("{}/cancel", path_of(&build));
    rig.owner.post(&cancel, json!({})).await.ok();
    let token = rig.owner.post("/v1/api-tokens", json!({"name": "t", "role": "admin"})).await.ok();
    let program = rig.owner.with_token(token["token"].as_str().unwrap());
    let path = format!("{}/rerun", path_of(&build));
    assert_eq!(rig.owner.post(&path, json!({})).await.created()["build"]["trigger_type"], "manual");
    assert_eq!(program.post(&path, json!({})).await.created()["build"]["trigger_type"], "api");
}
