//! The daemon's own runner as real processes: it ends with an idle daemon, outlives a busy one, is
//! found again, and what it left behind is told by its successor.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::program::{Daemon, end_runner, free_port};
use crate::support::{Client, Repository, build_in, log_shows, until, wait_for};

struct Rig {
    data: tempfile::TempDir,
    port: u16,
    daemon: Daemon,
    owner: Client,
}

impl Rig {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let port = free_port();
        let daemon = Daemon::start(data.path(), port, &[]).await;
        let owner = daemon.client().sign_in(None).await;
        let rig = Self { data, port, daemon, owner };
        rig.online().await;
        rig
    }

    async fn restart(&mut self) {
        self.daemon = Daemon::start(self.data.path(), self.port, &[]).await;
        self.owner = self.daemon.client().with_token(self.owner.token.clone().unwrap());
    }

    async fn online(&self) -> Value {
        let online = |list: &Value| list["online_total"] == 1;
        wait_for(&self.owner, "/v1/runners", online).await["runners"][0].clone()
    }

    async fn build(&self, repository: &Repository) -> Value {
        let project = self.owner.project("App", repository).await;
        let pipeline = self.owner.pipeline(&project, "Main").await;
        self.owner.build(&pipeline).await
    }

    fn pid(&self) -> String {
        std::fs::read_to_string(self.data.path().join("runner/runner.pid")).unwrap().trim().to_owned()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        end_runner(self.data.path());
    }
}

fn lives(pid: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    state.is_ok_and(|stat| !stat.contains(") Z "))
}

fn reports(data: &Path) -> usize {
    let Ok(files) = std::fs::read_dir(data.join("runner/spool")) else { return 0 };
    files.flatten().filter(|file| file.path().to_string_lossy().ends_with(".end.json")).count()
}

#[tokio::test]
async fn it_is_managed_by_the_daemon_and_keeps_its_secrets_to_itself() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::start().await;
    let runner = rig.online().await;
    assert_eq!(runner["name"], "local-embedded-runner");
    assert!(runner.get("registered_by").is_none());
    let path = format!("/v1/runners/{}", runner["id"].as_str().unwrap());
    rig.owner.patch(&path, json!({"name": "x"})).await.error(409, "managed_runner_locked");
    rig.owner.delete(&path).await.error(409, "managed_runner_locked");
    for file in ["runner.json", "runner.log", "runner.lock", "runner.pid"] {
        let mode = rig.data.path().join("runner").join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn an_idle_runner_ends_with_its_daemon() {
    let mut rig = Rig::start().await;
    let pid = rig.pid();
    assert!(lives(&pid));
    assert!(rig.daemon.stop());
    assert!(!lives(&pid));
    rig.restart().await;
    rig.online().await;
    assert_ne!(rig.pid(), pid);
}

#[tokio::test]
async fn a_busy_runner_outlives_a_stopped_daemon_and_is_found_again() {
    let mut rig = Rig::start().await;
    let repository = Repository::running(&["echo begun; sleep 3; mkdir -p out; echo ok > out/a; echo over"]);
    let build = rig.build(&repository).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    let pid = rig.pid();
    assert!(rig.daemon.stop());
    assert!(lives(&pid));
    rig.restart().await;
    build_in(&rig.owner, &build, "succeeded").await;
    assert_eq!(rig.pid(), pid, "no second one was started");
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    assert!(log.contains("\nbegun\n") && log.contains("\nover\n"), "{log}");
    rig.daemon.stop();
    until("an adopted runner without work ends as well", || !lives(&pid)).await;
}

#[tokio::test]
async fn the_death_of_a_found_runner_is_seen_too() {
    let mut rig = Rig::start().await;
    let repository = Repository::running(&["echo begun; sleep 300"]);
    let build = rig.build(&repository).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.daemon.kill();
    rig.restart().await;
    rig.online().await;
    let pid = rig.pid();
    end_runner(rig.data.path());
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "runner_lost", "{build}");
    rig.online().await;
    assert_ne!(rig.pid(), pid);
}

#[tokio::test]
async fn a_build_that_ended_while_no_daemon_was_there_ends_as_it_ended() {
    let mut rig = Rig::start().await;
    let repository = Repository::running(&["echo begun; sleep 1; echo over; exit 3"]);
    let build = rig.build(&repository).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.daemon.kill();
    let data = rig.data.path().to_owned();
    until("the runner keeps its report", || reports(&data) == 1).await;
    end_runner(&data);
    rig.restart().await;
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(
        (build["failure_reason"].as_str(), build["exit_code"].as_i64()),
        (Some("step_failed"), Some(3)),
        "{build}"
    );
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    assert!(log.contains("\nover\n"), "{log}");
}

#[tokio::test]
async fn a_build_of_which_a_dead_runner_left_nothing_is_given_up() {
    let mut rig = Rig::start().await;
    let repository = Repository::running(&["echo begun; sleep 300"]);
    let build = rig.build(&repository).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.daemon.kill();
    end_runner(rig.data.path());
    std::fs::remove_dir_all(rig.data.path().join("runner")).unwrap();
    rig.restart().await;
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "runner_lost", "{build}");
}
