//! Pipelines that start by the clock, which is moved by hand.

use oored::builds::schedules;
use serde_json::{Value, json};

use crate::support::setting_up::proxy_sign_in;
use crate::support::sources::Source;
use crate::support::{Client, Repository, Server, Stream, wait_for};

struct Rig {
    server: Server,
    owner: Client,
    repository: Repository,
    pipeline: Value,
}

impl Rig {
    async fn start(repository: Repository) -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Nightly").await;
        Self { server, owner, repository, pipeline }
    }

    fn path(&self) -> String {
        format!("/v1/pipelines/{}", self.pipeline["id"].as_str().unwrap())
    }

    async fn set(&self, schedule: Value) {
        let config = json!({"events": [], "branches": [], "schedule": schedule});
        self.owner.patch(&self.path(), json!({ "trigger_config": config })).await.ok();
        schedules::refresh_all(&self.server.app).await.unwrap();
    }

    async fn shown(&self) -> Vec<Value> {
        self.owner.get(&self.path()).await.ok()["schedules"].as_array().unwrap().clone()
    }

    /// Moves the clock to `seconds` after the time of the only schedule.
    async fn go_past(&self, seconds: i64) {
        let next = self.shown().await[0]["next_at"].as_i64().unwrap();
        self.server.advance(u64::try_from(next + seconds - self.server.app.clock.now()).unwrap());
    }

    async fn tick(&self) {
        schedules::start_due(&self.server.app).await.unwrap();
    }

    async fn builds(&self) -> Vec<Value> {
        self.owner.get("/v1/builds").await.ok()["builds"].as_array().unwrap().clone()
    }
}

fn file(triggers: &str) -> String {
    format!("version: 2\nplatforms: [android]\ntriggers: {triggers}\nsteps:\n  - {{name: A, run: 'true'}}\n")
}

#[tokio::test]
async fn a_pipeline_starts_at_its_time_and_not_before() {
    let rig = Rig::start(Repository::running(&["true"])).await;
    rig.set(json!([{"cron": "30 3 * * *", "timezone": "Europe/Rome"}])).await;
    let next = rig.shown().await[0]["next_at"].as_i64().unwrap();
    let left = schedules::next_look(&rig.server.app).await.unwrap();
    assert!(left <= std::time::Duration::from_secs(60) && next > rig.server.app.clock.now());
    rig.go_past(-2).await;
    rig.tick().await;
    assert!(rig.builds().await.is_empty(), "two seconds before it");
    let left = schedules::next_look(&rig.server.app).await.unwrap();
    assert!(left <= std::time::Duration::from_secs(2), "{left:?}");
    rig.go_past(0).await;
    rig.tick().await;
    rig.tick().await;
    let builds = rig.builds().await;
    assert_eq!(builds.len(), 1);
    let build = &builds[0];
    assert_eq!((&build["trigger_type"], &build["branch"]), (&json!("schedule"), &json!("main")));
    let shown = rig.shown().await;
    assert_eq!((&shown[0]["last_build_id"], &shown[0]["timezone"]), (&build["id"], &json!("Europe/Rome")));
    let later = shown[0]["next_at"].as_i64().unwrap() - next;
    assert!((23 * 3600..=25 * 3600).contains(&later), "{later} s: a day, of whatever length");
    let log = rig.owner.get("/v1/audit-logs?action=build_created").await.ok();
    assert_eq!(log["total"], 1);
}

#[tokio::test]
async fn times_that_were_missed_are_made_up_for_once() {
    let rig = Rig::start(Repository::running(&["true"])).await;
    rig.set(json!([{"cron": "*/10 * * * *"}])).await;
    rig.go_past(5 * 24 * 3600).await;
    rig.tick().await;
    let owner = rig.server.owner().await;
    assert_eq!(owner.get("/v1/builds").await.ok()["total"], 1);
    let rig = Rig { server: rig.server.restart().await, ..rig };
    rig.tick().await;
    let owner = rig.server.owner().await;
    assert_eq!(owner.get("/v1/builds").await.ok()["total"], 1);
}

#[tokio::test]
async fn the_file_of_the_default_branch_says_when_and_replaces_the_settings() {
    let rules = file("{schedule: [{cron: 0 6 * * MON}, {cron: 0 7 * * *, branch: dev}]}");
    let rig = Rig::start(Repository::with(&[(".oore.yaml", &rules)])).await;
    rig.set(json!([{"cron": "* * * * *"}])).await;
    let crons: Vec<_> = rig.shown().await.iter().map(|row| row["cron"].clone()).collect();
    assert_eq!(crons, ["0 6 * * MON", "0 7 * * *"]);
    rig.repository.git(&["branch", "dev"]);
    rig.repository.commit("no dailies", &[(".oore.yaml", &file("{schedule: [{cron: 0 6 * * MON}]}"))]);
    schedules::refresh_all(&rig.server.app).await.unwrap();
    assert_eq!(rig.shown().await.len(), 1);
    // Nobody has read the file since it changed: the time comes, and the file says that there is none.
    rig.repository.commit("no schedules", &[(".oore.yaml", &file("{events: [push]}"))]);
    rig.go_past(1).await;
    rig.tick().await;
    let owner = rig.server.owner().await;
    assert_eq!(owner.get("/v1/builds").await.ok()["total"], 0);
    assert_eq!(owner.get(&rig.path()).await.ok()["schedules"], json!([]));
}

#[tokio::test]
async fn times_that_are_learned_are_told_and_those_that_stay_are_not() {
    let rig = Rig::start(Repository::running(&["true"])).await;
    // A time that is given twice has one row.
    let odd = "{schedule: [{cron: 0 6 * * MON}, {cron: 0 6 * * MON}]}";
    rig.repository.commit("schedules", &[(".oore.yaml", &file(odd))]);
    let mut stream = Stream::open(&rig.owner, None).await;
    stream.next().await.unwrap();
    schedules::refresh_all(&rig.server.app).await.unwrap();
    let told = stream.next().await.unwrap();
    assert_eq!((told.name.as_str(), &told.data["pipeline_id"]), ("pipeline", &rig.pipeline["id"]));
    assert_eq!(rig.shown().await.len(), 1);
    schedules::refresh_all(&rig.server.app).await.unwrap();
    let mut paused = rig.owner.get("/v1/settings/preferences").await.ok()["preferences"].clone();
    paused["direct_macos_runner_paused"] = true.into();
    rig.owner.put("/v1/settings/preferences", paused).await.ok();
    assert_eq!(stream.next().await.unwrap().name, "preferences");
}

#[tokio::test]
async fn a_branch_that_is_gone_is_said_and_the_next_time_stays() {
    let rig = Rig::start(Repository::running(&["true"])).await;
    rig.set(json!([{"cron": "0 3 * * *", "branch": "release"}])).await;
    rig.go_past(1).await;
    rig.tick().await;
    let owner = rig.server.owner().await;
    let row = owner.get(&rig.path()).await.ok()["schedules"][0].clone();
    assert!(row["last_error"].as_str().unwrap().contains("no branch 'release'"), "{row}");
    assert!(row["next_at"].as_i64().unwrap() > rig.server.app.clock.now());
    owner.patch(&rig.path(), json!({"enabled": false})).await.ok();
    schedules::refresh_all(&rig.server.app).await.unwrap();
    schedules::refresh(&rig.server.app, rig.pipeline["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
    assert_eq!(owner.get(&rig.path()).await.ok()["schedules"], json!([]));
}

#[tokio::test]
async fn what_is_no_schedule_is_refused() {
    let rig = Rig::start(Repository::running(&["true"])).await;
    for schedule in [
        json!([{"cron": "@daily"}]),
        json!([{"cron": "0 0 30 2 *"}]),
        json!([{"cron": "0 3 * * *", "timezone": "Mars/Base"}]),
        json!([{"cron": "0 3 * * *", "branch": "a..b"}]),
        json!(vec![json!({"cron": "0 3 * * *"}); 17]),
    ] {
        let body = json!({"trigger_config": {"events": [], "branches": [], "schedule": schedule}});
        let refused = rig.owner.patch(&rig.path(), body).await.error(400, "invalid_trigger_config");
        assert!(refused["fields"][0]["field"].as_str().unwrap().starts_with("trigger_config.schedule"));
    }
}

#[tokio::test]
async fn a_code_host_that_hangs_keeps_no_schedule_of_others_and_no_stop_waiting() {
    let source = Source::start().await;
    let other = source.neighbour().await;
    for pipeline in [&source.pipeline, &other.pipeline] {
        let config = json!({"events": [], "branches": [], "schedule": [{"cron": "0 3 * * *"}]});
        let path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
        source.owner.patch(&path, json!({ "trigger_config": config })).await.ok();
    }
    let app = source.server.app.clone();
    schedules::refresh_all(&app).await.unwrap();
    source.server.advance(24 * 3600);
    let owner = proxy_sign_in(&source.server, "ana@example.com").await;
    let gate = source.host.hold();
    let background = oored::tasks::start(app.clone());
    gate.arrival().await;
    wait_for(&owner, &other.builds, |page| page["total"] == 1).await;
    assert_eq!(owner.get("/v1/builds").await.ok()["total"], 1, "the slow one still waits");
    app.stopping.cancel();
    let stopped = tokio::time::timeout(std::time::Duration::from_secs(10), background.finished()).await;
    assert!(stopped.is_ok(), "it stops all the same");
    gate.open();
}

#[tokio::test]
async fn another_default_branch_brings_its_schedules_at_once() {
    let rig = Rig::start(Repository::running(&["true"])).await;
    rig.repository.git(&["checkout", "-q", "-b", "dev"]);
    rig.repository.commit("schedules", &[(".oore.yaml", &file("{schedule: [{cron: 0 6 * * MON}]}"))]);
    rig.repository.git(&["checkout", "-q", "main"]);
    let _background = oored::tasks::start(rig.server.app.clone());
    assert_eq!(rig.shown().await.len(), 0);
    let project = format!("/v1/projects/{}", rig.pipeline["project_id"].as_str().unwrap());
    rig.owner.patch(&project, json!({"default_branch": "dev"})).await.ok();
    let has_one = |shown: &Value| shown["schedules"].as_array().is_some_and(|rows| rows.len() == 1);
    wait_for(&rig.owner, &rig.path(), has_one).await;
}
