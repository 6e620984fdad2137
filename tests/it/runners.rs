//! Runners: registering and managing them, and what becomes of builds when they fall silent.

use oored::builds::lost;
use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server};

struct Rig {
    server: Server,
    owner: Client,
    pipeline: Value,
    _repository: Repository,
}

impl Rig {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        Self { server, owner, pipeline, _repository: repository }
    }

    /// Lets time pass in steps in which the daemon is awake; `each` acts at every step.
    async fn pass(&self, seconds: u64, mut each: impl AsyncFnMut()) {
        for _ in 0..seconds / 5 {
            self.server.advance(5);
            each().await;
            lost::run_once(&self.server.app).await.unwrap();
        }
    }

    async fn build(&self, job: &Value) -> Value {
        let path = format!("/v1/builds/{}", job["build_id"].as_str().unwrap());
        self.owner.get(&path).await.ok()["build"].clone()
    }

    async fn runner(&self, agent: &Agent) -> Value {
        self.owner.get(&format!("/v1/runners/{}", agent.id)).await.ok()["runner"].clone()
    }
}

#[tokio::test]
async fn runners_are_registered_listed_renamed_and_removed() {
    let rig = Rig::start().await;
    let a = Agent::register(&rig.owner, "Alpha", 4).await;
    Agent::register(&rig.owner, "beta_1", 4).await;
    let list = async |query: &str| rig.owner.get(&format!("/v1/runners?{query}")).await.ok();
    let names = |list: &Value| -> Vec<String> {
        list["runners"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&list("sort=name&direction=desc").await), ["beta_1", "Alpha"]);
    let found = list("q=ALPHA").await;
    assert_eq!(
        (names(&found), found["total"].as_i64(), found["online_total"].as_i64()),
        (vec!["Alpha".to_owned()], Some(1), Some(1))
    );
    assert_eq!(names(&list("q=_").await), ["beta_1"], "wildcards are taken literally");
    assert_eq!(names(&list("limit=0&sort=nonsense").await).len(), 1, "a bad limit is clamped");
    let path = format!("/v1/runners/{}", a.id);
    assert_eq!(rig.owner.patch(&path, json!({"name": " Gamma "})).await.ok()["runner"]["name"], "Gamma");
    rig.owner.patch(&path, json!({"name": ""})).await.error(400, "invalid_name");
    rig.owner.patch(&path, json!({"name": "x".repeat(256)})).await.error(400, "invalid_name");
    rig.owner.patch(&path, json!({})).await.error(400, "invalid_input");
    rig.owner.post("/v1/runners/register", json!({"name": "  "})).await.error(400, "invalid_name");
    rig.owner
        .post("/v1/runners/register", json!({"name": "x", "capabilities": []}))
        .await
        .error(400, "invalid_request");
    assert_eq!(rig.owner.delete(&path).await.status, 204);
    rig.owner.get(&path).await.error(404, "not_found");
    rig.owner.delete(&path).await.error(404, "not_found");
    a.try_claim(0).await.error(401, "invalid_token");
}

#[tokio::test]
async fn a_runner_with_a_build_cannot_be_removed() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let job = runner.begin().await;
    let path = format!("/v1/runners/{}", runner.id);
    rig.owner.delete(&path).await.error(409, "runner_has_builds");
    assert_eq!(rig.runner(&runner).await["status"], "busy");
    runner.report(&job, json!({"status": "succeeded"})).await.ok();
    assert_eq!(rig.owner.delete(&path).await.status, 204);
}

#[tokio::test]
async fn heartbeats_are_checked_and_keep_what_they_do_not_say() {
    let rig = Rig::start().await;
    let runner = Agent::register(&rig.owner, "r", 4).await;
    runner.beat("sleepy").await.error(400, "invalid_status");
    runner.beat("draining").await.expect(204);
    let shown = rig.runner(&runner).await;
    assert_eq!(
        (shown["status"].as_str(), shown["capabilities"]["os"].as_str()),
        (Some("draining"), Some("linux"))
    );
    assert!(shown["last_heartbeat_at"].is_i64());
    rig.owner.build(&rig.pipeline).await;
    assert_eq!(runner.try_claim(0).await.ok(), json!({}), "a draining runner takes nothing new");
    let path = format!("/v1/runners/{}/heartbeat", runner.id);
    let body = json!({"status": "online", "capabilities": {"os": "macos", "protocol_version": 4}});
    runner.client.post(&path, body).await.expect(204);
    assert_eq!(rig.runner(&runner).await["capabilities"], json!({"os": "macos", "protocol_version": 4}));
}

#[tokio::test]
async fn silence_shows_offline_after_15_seconds_or_45_with_protocol_4() {
    let rig = Rig::start().await;
    let (own, reference) =
        (Agent::register(&rig.owner, "a", 5).await, Agent::register(&rig.owner, "b", 4).await);
    rig.pass(15, async || {}).await;
    assert_eq!(rig.runner(&own).await["status"], "offline");
    assert_eq!(rig.runner(&reference).await["status"], "online");
    rig.pass(30, async || {}).await;
    assert_eq!(rig.runner(&reference).await["status"], "offline");
    own.beat("online").await.expect(204);
    assert_eq!(rig.runner(&own).await["status"], "online");
}

#[tokio::test]
async fn a_running_build_of_a_silent_runner_fails_as_lost_and_never_runs_again() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let job = runner.begin().await;
    rig.pass(115, async || {}).await;
    assert_eq!(rig.build(&job).await["status"], "running");
    rig.pass(10, async || {}).await;
    let build = rig.build(&job).await;
    assert_eq!(
        (build["status"].as_str(), build["failure_reason"].as_str()),
        (Some("failed"), Some("runner_lost"))
    );
    assert!(build["error_message"].as_str().unwrap().contains("runner"));
    runner.report(&job, json!({"status": "succeeded"})).await.error(403, "runner_mismatch");
    assert_eq!(runner.try_claim(0).await.ok(), json!({}));
}

#[tokio::test]
async fn an_assigned_build_that_never_began_becomes_a_new_attempt() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let (a, b) = (Agent::register(&rig.owner, "a", 5).await, Agent::register(&rig.owner, "b", 5).await);
    let first = a.claim().await;
    rig.pass(120, async || drop(b.beat("online").await)).await;
    let second = b.begin().await;
    assert_eq!((&second["build_id"], second["attempt"].as_i64()), (&first["build_id"], Some(2)));
    a.report(&first, json!({"status": "running"})).await.error(409, "attempt_superseded");
    assert_eq!(rig.build(&second).await["attempt"], 2);
}

#[tokio::test]
async fn a_daemon_that_slept_or_was_down_gives_no_build_up() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let job = runner.begin().await;
    rig.pass(5, async || {}).await;
    rig.server.advance(900);
    lost::run_once(&rig.server.app).await.unwrap();
    assert_eq!(rig.build(&job).await["status"], "running");
    let server = rig.server.restart().await;
    server.advance(600);
    lost::run_once(&server.app).await.unwrap();
    let client = Client::new(&server.base);
    let runner = Agent { client: client.with_token(runner.client.token.clone().unwrap()), ..runner };
    assert_eq!(runner.status(&job).await.ok()["status"], "running");
}

#[tokio::test]
async fn a_runner_that_started_over_loses_the_build_it_no_longer_mentions() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let runner = Agent::register(&rig.owner, "r", 4).await;
    let job = runner.begin().await;
    rig.pass(35, async || drop(runner.try_claim(0).await)).await;
    let build = rig.build(&job).await;
    assert_eq!(
        (build["status"].as_str(), build["failure_reason"].as_str()),
        (Some("failed"), Some("runner_lost"))
    );
}

#[tokio::test]
async fn a_build_that_runs_too_long_is_timed_out_by_the_daemon() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let runner = Agent::register(&rig.owner, "r", 4).await;
    let job = runner.begin().await;
    rig.pass(3610, async || drop(runner.status(&job).await)).await;
    let build = rig.build(&job).await;
    assert_eq!(
        (build["status"].as_str(), build["failure_reason"].as_str()),
        (Some("timed_out"), Some("timed_out"))
    );
}

#[tokio::test]
async fn a_report_whose_answer_was_lost_can_be_repeated() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let job = runner.begin().await;
    runner.report(&job, json!({"status": "running"})).await.ok();
    let step = json!({"name": "build-1", "status": "failed", "exit_code": 3, "started_at": 1, "finished_at": 2, "duration_ms": 900});
    let last = json!({"status": "failed", "exit_code": 3, "error_message": "m", "steps": [step]});
    let first = runner.report(&job, last.clone()).await.ok();
    let again = runner.report(&job, last).await.ok();
    assert_eq!(first["events"], again["events"]);
    let build = &again["build"];
    assert_eq!(
        (build["failure_reason"].as_str(), build["exit_code"].as_i64()),
        (Some("step_failed"), Some(3))
    );
    assert_eq!((&build["step_results"][0], build["error_message"].as_str()), (&step, Some("m")));
    runner.report(&job, json!({"status": "succeeded"})).await.error(403, "runner_mismatch");
}

#[tokio::test]
async fn reports_that_make_no_sense_are_refused() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let runner = Agent::register(&rig.owner, "r", 4).await;
    let job = runner.claim().await;
    runner.report(&job, json!({"status": "succeeded"})).await.error(409, "invalid_transition");
    runner.report(&job, json!({"status": "canceled"})).await.error(400, "invalid_runner_status");
    runner.report(&job, json!({"status": "timed_out"})).await.error(400, "invalid_runner_status");
    runner.report(&job, json!({"status": "done"})).await.error(400, "invalid_status");
    runner.report(&job, json!({"state": "running"})).await.error(400, "invalid_request");
    assert_eq!(rig.build(&job).await["status"], "assigned");
}

#[tokio::test]
async fn figures_are_shown_and_examined_and_never_written() {
    let rig = Rig::start().await;
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let path = format!("/v1/runners/{}/heartbeat", runner.id);
    let beat = async |free: u64| {
        let capabilities = json!({"os": "linux", "protocol_version": 5, "tools": {"git": "2.47"}});
        let figures = json!({"disk_free_bytes": free, "disk_total_bytes": 1_u64 << 40});
        let body = json!({"status": "online", "capabilities": capabilities, "figures": figures});
        runner.client.post(&path, body).await.expect(204);
    };
    beat(1).await;
    let written = || {
        let log = rig.server.data().join("oore.db-wal").metadata().unwrap();
        (log.len(), log.modified().unwrap())
    };
    let before = written();
    for free in 2..12 {
        beat(free).await;
    }
    assert_eq!(written(), before, "an idle runner costs no write");
    let shown = rig.owner.get(&format!("/v1/runners/{}", runner.id)).await.ok();
    assert_eq!(shown["runner"]["figures"]["disk_free_bytes"], 11);
    let status = |name: &str| {
        let checks = shown["doctor"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap()["status"].clone()
    };
    assert_eq!(
        (status("git"), status("disk"), status("jdk")),
        (json!("ok"), json!("missing"), json!("missing"))
    );
    let listed = rig.owner.get("/v1/runners").await.ok();
    assert_eq!(listed["runners"][0]["figures"]["disk_total_bytes"], 1_u64 << 40);
}

#[tokio::test]
async fn a_build_still_tells_which_runner_had_it_when_it_is_over_and_the_runner_gone() {
    let rig = Rig::start().await;
    rig.owner.build(&rig.pipeline).await;
    let agent = Agent::register(&rig.owner, "mac mini", 5).await;
    let job = agent.begin().await;
    let told = async || rig.build(&job).await["context"]["runner_name"].clone();
    assert_eq!(told().await, "mac mini");
    agent.report(&job, json!({"status": "succeeded"})).await.ok();
    rig.owner.delete(&format!("/v1/runners/{}", agent.id)).await.expect(204);
    let build = rig.build(&job).await;
    assert_eq!((build.get("runner_id"), told().await), (None, json!("mac mini")));
}
