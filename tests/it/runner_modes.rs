//! What `OORED_RUNNER_MODE` means: which runners get builds, and what becomes of the daemon's own when it
//! is no longer wanted. Real daemons and runners.

use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::program::{Daemon, end_runner, free_port};
use crate::support::{Client, Repository, build_in, log_shows, wait_for};

struct Rig {
    data: tempfile::TempDir,
    port: u16,
    daemon: Daemon,
    owner: Client,
}

impl Rig {
    async fn start(mode: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let port = free_port();
        let daemon = Daemon::start(data.path(), port, &["--runner-mode", mode]).await;
        let owner = daemon.client().sign_in(None).await;
        Self { data, port, daemon, owner }
    }

    /// Starts the daemon again, in another mode.
    async fn restart(&mut self, mode: &str) {
        self.daemon = Daemon::start(self.data.path(), self.port, &["--runner-mode", mode]).await;
        self.owner = self.daemon.client().with_token(self.owner.token.clone().unwrap());
    }

    async fn build(&self, repository: &Repository) -> Value {
        let project = self.owner.project("App", repository).await;
        self.owner.build(&self.owner.pipeline(&project, "Main").await).await
    }

    async fn embedded_is_online(&self) -> Value {
        let online = |runner: &Value| runner["embedded"] == true && runner["status"] == "online";
        let list = wait_for(&self.owner, "/v1/runners", |list| runners(list).iter().any(online)).await;
        runners(&list).iter().find(|runner| online(runner)).unwrap().clone()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        end_runner(self.data.path());
    }
}

fn runners(list: &Value) -> &Vec<Value> {
    list["runners"].as_array().unwrap()
}

#[tokio::test]
async fn beside_the_daemons_own_runner_others_build_too() {
    for mode in ["embedded", "hybrid"] {
        let rig = Rig::start(mode).await;
        let own = rig.embedded_is_online().await;
        assert_eq!((&own["excluded_by_mode"], &own["capabilities"].get("embedded")), (&json!(false), &None));
        let agent = Agent::register(&rig.owner, "elsewhere", 4).await;
        let repository = Repository::running(&["echo begun; sleep 600"]);
        let first = rig.build(&repository).await;
        log_shows(&rig.owner, &first, "\nbegun").await;
        let second =
            rig.owner.build(&json!({"id": first["pipeline_id"], "project_id": first["project_id"]})).await;
        assert_eq!(agent.claim().await["build_id"], second["id"]);
        let list = rig.owner.get("/v1/runners").await.ok();
        assert!(runners(&list).iter().all(|runner| runner["excluded_by_mode"] == false), "{list}");
    }
}

#[tokio::test]
async fn external_lets_the_own_runner_end_its_build_and_then_ends_it() {
    let mut rig = Rig::start("embedded").await;
    let own = rig.embedded_is_online().await;
    let folder = rig.data.path().join("runner");
    let kept: Value = serde_json::from_slice(&std::fs::read(folder.join("runner.json")).unwrap()).unwrap();
    let repository = Repository::running(&["echo begun; sleep 5; mkdir out; touch out/a"]);
    let build = rig.build(&repository).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    assert!(rig.daemon.stop());
    rig.restart("external").await;
    assert!(rig.daemon.stop());
    rig.restart("external").await;
    let waiting =
        rig.owner.build(&json!({"id": build["pipeline_id"], "project_id": build["project_id"]})).await;
    let ended = build_in(&rig.owner, &build, "succeeded").await;
    assert_eq!(ended["attempt"], 1);
    wait_for(&rig.owner, "/v1/runners", |list| list["total"] == 0).await;
    let path = format!("/v1/runners/{}", own["id"].as_str().unwrap());
    rig.owner.get(&path).await.error(404, "not_found");
    let old = rig.owner.with_token(kept["runner_token"].as_str().unwrap());
    old.post(&format!("{path}/claim"), json!({"protocol_version": 5})).await.error(401, "invalid_token");
    let agent = Agent::register(&rig.owner, "elsewhere", 5).await;
    assert_eq!(agent.claim().await["build_id"], waiting["id"], "it took no other build");
}

#[tokio::test]
async fn external_gives_up_what_a_dead_own_runner_left() {
    let mut rig = Rig::start("embedded").await;
    rig.embedded_is_online().await;
    let repository = Repository::running(&["echo begun; sleep 600"]);
    let build = rig.build(&repository).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.daemon.kill();
    end_runner(rig.data.path());
    rig.restart("external").await;
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "runner_lost");
    wait_for(&rig.owner, "/v1/runners", |list| list["total"] == 0).await;
    rig.daemon.stop();
    rig.restart("hybrid").await;
    rig.embedded_is_online().await;
}
