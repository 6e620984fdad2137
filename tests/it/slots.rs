//! A runner that executes several builds at a time: what the daemon hands it, and that what happens to one build
//! leaves the others alone. Real processes, judged by a ledger that the steps themselves write.

use std::path::{Path, PathBuf};
use std::time::Duration;

use oored::builds::lost;
use oored::domain::runner::RunnerStatus;
use oored::events::{Change, Heard};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::program::{Daemon, end_runner, free_port};
use crate::support::{Agent, Client, Repository, Server, Stream, build_in, until, wait_for};

/// A runner that says it has so many slots.
async fn agent(owner: &Client, protocol: i64, slots: u32) -> Agent {
    let capabilities = json!({"os": "linux", "arch": "x86_64", "protocol_version": protocol, "slots": slots});
    Agent::with(owner, "r", capabilities, &[]).await
}

async fn queue(builds: usize) -> (Server, Client, Vec<Value>, Repository) {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let mut made = Vec::new();
    for _ in 0..builds {
        made.push(owner.build(&pipeline).await);
    }
    (server, owner, made, repository)
}

async fn shown(owner: &Client, runner: &Agent) -> (Value, Value) {
    let runner = owner.get(&format!("/v1/runners/{}", runner.id)).await.ok()["runner"].clone();
    (runner["busy_slots"].clone(), runner["slots"].clone())
}

#[tokio::test]
async fn who_sees_runners_hears_when_one_gets_a_build_and_when_it_has_none_any_more() {
    let (server, owner, builds, _repository) = queue(2).await;
    let runner = agent(&owner, 5, 1).await;
    let app = server.app.clone();
    let mut feed = app.events.feed(None);
    let mut heard = async || {
        let told = async {
            loop {
                if let Heard::Change(_, Change::Runner { status, .. }) = feed.next(&app.events).await {
                    return status;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), told).await.unwrap()
    };
    let job = runner.begin().await;
    while heard().await != RunnerStatus::Busy {}
    runner.report(&job, json!({"status": "succeeded"})).await.ok();
    assert_eq!(heard().await, RunnerStatus::Online);
    runner.begin().await;
    assert_eq!(heard().await, RunnerStatus::Busy);
    owner.post(&format!("/v1/builds/{}/cancel", builds[1]["id"].as_str().unwrap()), json!({})).await.ok();
    assert_eq!(heard().await, RunnerStatus::Online);
}

#[tokio::test]
async fn a_runner_gets_a_build_for_every_slot_and_no_more() {
    let (_server, owner, builds, _repository) = queue(4).await;
    let runner = agent(&owner, 5, 2).await;
    assert_eq!(shown(&owner, &runner).await, (json!(0), json!(2)));
    let first = runner.begin().await;
    let second = runner.try_claim_beside(&[&first], 0).await.ok()["job"].clone();
    assert_eq!([&first["build_id"], &second["build_id"]], [&builds[0]["id"], &builds[1]["id"]]);
    let again = runner.try_claim_beside(&[&first], 0).await.ok()["job"].clone();
    assert_eq!(again["build_id"], second["build_id"], "the answer was lost: it gets the same one again");
    let older = json!({"build_id": second["build_id"], "attempt": 0});
    let again = runner.try_claim_beside(&[&first, &older], 0).await.ok()["job"].clone();
    assert_eq!(again["build_id"], second["build_id"], "another attempt at it is another job");
    assert_eq!(runner.try_claim_beside(&[&first, &second], 0).await.ok(), json!({}));
    assert_eq!(shown(&owner, &runner).await, (json!(2), json!(2)));
    let path = format!("/v1/builds/{}", builds[2]["id"].as_str().unwrap());
    let waiting = owner.get(&path).await.ok()["waiting"].clone();
    assert_eq!(waiting["runners"][0]["reason"], "no_slot");
    assert_eq!(waiting["sentence"], "The runner has no free slot: it runs 2 builds.");
    runner.report(&first, json!({"status": "succeeded"})).await.ok();
    let waiting = owner.get(&path).await.ok()["waiting"].clone();
    assert_eq!(waiting["runners"][0]["reason"], "ready", "{waiting}");
    let third = runner.try_claim_beside(&[&second], 0).await.ok()["job"].clone();
    assert_eq!(third["build_id"], builds[2]["id"]);
}

#[tokio::test]
async fn a_runner_of_the_older_protocol_has_one_slot_whatever_it_says() {
    let (_server, owner, _builds, _repository) = queue(2).await;
    let runner = agent(&owner, 4, 9).await;
    let job = runner.begin().await;
    assert_eq!(runner.try_claim_beside(&[&job], 0).await.ok(), json!({}));
    assert_eq!(shown(&owner, &runner).await, (json!(1), json!(1)));
    for (absurd, slots) in [(json!(0), 1), (json!(-1), 1), (json!("3"), 1), (json!(1_000_000), 64)] {
        let said = json!({"protocol_version": 5, "slots": absurd});
        let runner = Agent::with(&owner, "odd", said, &[]).await;
        assert_eq!(shown(&owner, &runner).await.1, slots, "{absurd}");
    }
}

#[tokio::test]
async fn a_held_request_hears_of_slots_that_the_runner_has_only_now() {
    let (_server, owner, builds, _repository) = queue(2).await;
    let runner = agent(&owner, 5, 1).await;
    let first = runner.begin().await;
    let held = tokio::spawn({
        let (runner, first) = (runner.clone(), first.clone());
        async move { runner.try_claim_beside(&[&first], 60).await.ok() }
    });
    let path = format!("/v1/runners/{}/heartbeat", runner.id);
    let said = json!({"os": "linux", "arch": "x86_64", "protocol_version": 5, "slots": 2});
    runner.client.post(&path, json!({"status": "busy", "capabilities": said})).await.expect(204);
    assert_eq!(held.await.unwrap()["job"]["build_id"], builds[1]["id"]);
}

#[tokio::test]
async fn asking_for_more_work_gives_up_no_build_that_is_named_and_every_other() {
    let (server, owner, builds, _repository) = queue(1).await;
    let runner = agent(&owner, 5, 2).await;
    let job = runner.begin().await;
    let pass = async |jobs: &[&Value]| {
        for _ in 0..3 {
            server.advance(11);
            runner.try_claim_beside(jobs, 0).await.ok();
            lost::run_once(&server.app).await.unwrap();
        }
    };
    pass(&[&job]).await;
    let path = format!("/v1/builds/{}", builds[0]["id"].as_str().unwrap());
    assert_eq!(owner.get(&path).await.ok()["build"]["status"], "running");
    pass(&[]).await;
    let build = owner.get(&path).await.ok()["build"].clone();
    assert_eq!((&build["status"], &build["failure_reason"]), (&json!("failed"), &json!("runner_lost")));
}

/// What steps write down, and a gate that holds them.
struct Ledger {
    folder: tempfile::TempDir,
}

impl Ledger {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A build that says when it begins and ends, and waits in between until the gate opens.
    fn waiting_build(&self) -> Repository {
        let (ledger, gate) = (self.file("ledger"), self.file("gate"));
        let (ledger, gate) = (ledger.display(), gate.display());
        let step = format!(
            "(setsid sh -c 'sleep 600; : {gate}' &); echo \"this is $OORE_BUILD_NUMBER\"; \
             echo \"begin $OORE_BUILD_NUMBER\" >> {ledger}; \
             while [ ! -e {gate} ]; do sleep 0.02; done; echo \"end $OORE_BUILD_NUMBER\" >> {ledger}; \
             mkdir -p out; echo ok > out/a"
        );
        Repository::running(&[&step])
    }

    fn open_gate(&self) {
        std::fs::write(self.file("gate"), "").unwrap();
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.file("ledger")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn begun(&self) -> usize {
        self.lines().iter().filter(|line| line.starts_with("begin")).count()
    }

    /// Waits for what processes write, who tell nobody.
    async fn has_begun(&self, builds: usize) {
        until("so many builds run at a time", || self.begun() >= builds).await;
    }
}

/// The command lines that name the gate: steps and what they left running, of all builds.
fn processes(gate: &Path) -> usize {
    let needle = gate.display().to_string();
    command_lines().filter(|line| line.contains(&needle)).count()
}

/// What steps have left running in sessions of its own.
fn strays(gate: &Path) -> usize {
    let stray = format!("sh\0-c\0sleep 600; : {}\0", gate.display());
    command_lines().filter(|line| *line == stray).count()
}

fn command_lines() -> impl Iterator<Item = String> {
    let found = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = found.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).into_owned())
}

async fn started(owner: &Client, repository: &Repository, builds: usize) -> Vec<Value> {
    let project = owner.project("App", repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let mut made = Vec::new();
    for _ in 0..builds {
        made.push(owner.build(&pipeline).await);
    }
    made
}

async fn cancel(owner: &Client, build: &Value) {
    owner.post(&format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap()), json!({})).await.ok();
}

async fn rig_with_slots(slots: &str) -> Rig {
    Rig::without_runner(&[]).await.with_runner(&[("OORE_RUNNER_SLOTS", slots)])
}

#[tokio::test]
async fn three_slow_builds_run_at_the_same_time_and_a_fourth_waits_for_a_slot() {
    let (rig, ledger) = (rig_with_slots("3").await, Ledger::new());
    let repository = ledger.waiting_build();
    let builds = started(&rig.owner, &repository, 4).await;
    ledger.has_begun(3).await;
    let runner = |list: &Value| list["runners"][0]["busy_slots"] == 3;
    let runner = wait_for(&rig.owner, "/v1/runners", runner).await["runners"][0].clone();
    assert_eq!((&runner["slots"], &runner["status"]), (&json!(3), &json!("busy")));
    let path = format!("/v1/builds/{}", builds[3]["id"].as_str().unwrap());
    let waiting = rig.owner.get(&path).await.ok()["waiting"].clone();
    assert_eq!(waiting["runners"][0]["reason"], "no_slot", "{waiting}");
    ledger.open_gate();
    for build in &builds {
        let build = build_in(&rig.owner, build, "succeeded").await;
        assert_eq!(build["attempt"], 1);
        let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
        let own: Vec<&str> = log.lines().filter(|line| line.starts_with("this is ")).collect();
        assert_eq!(own, [format!("this is {}", build["build_number"])], "each has its own log");
    }
    let lines = ledger.lines();
    assert!(lines[..3].iter().all(|line| line.starts_with("begin")), "{lines:?}");
    let mut sorted = lines.clone();
    sorted.sort();
    let each = ["begin 1", "begin 2", "begin 3", "begin 4", "end 1", "end 2", "end 3", "end 4"];
    assert_eq!(sorted, each, "each ran once");
    rig.tidy().await;
    assert_eq!(processes(&ledger.file("gate")), 0);
}

#[tokio::test]
async fn canceling_one_of_three_builds_leaves_the_others_alone() {
    let (rig, ledger) = (rig_with_slots("3").await, Ledger::new());
    let repository = ledger.waiting_build();
    let builds = started(&rig.owner, &repository, 3).await;
    ledger.has_begun(3).await;
    until("each left something behind", || strays(&ledger.file("gate")) == 3).await;
    cancel(&rig.owner, &builds[1]).await;
    until("that of the canceled one is gone", || strays(&ledger.file("gate")) == 2).await;
    let next = started(&rig.owner, &repository, 1).await;
    ledger.has_begun(4).await;
    ledger.open_gate();
    for build in [&builds[0], &builds[2], &next[0]] {
        build_in(&rig.owner, build, "succeeded").await;
    }
    let ended = ledger.lines().iter().filter(|line| line.starts_with("end")).count();
    assert_eq!(ended, 3, "{:?}", ledger.lines());
    rig.tidy().await;
    assert_eq!(processes(&ledger.file("gate")), 0);
}

#[tokio::test]
async fn a_killed_runner_ends_all_its_builds_and_its_successor_tells_of_each() {
    let (mut rig, ledger) = (rig_with_slots("3").await, Ledger::new());
    let repository = ledger.waiting_build();
    let builds = started(&rig.owner, &repository, 3).await;
    ledger.has_begun(3).await;
    rig.signal(Signal::KILL);
    rig.ended().await;
    until("no process is left", || processes(&ledger.file("gate")) == 0).await;
    let rig = rig.with_runner(&[("OORE_RUNNER_SLOTS", "3")]);
    for build in &builds {
        let build = build_in(&rig.owner, build, "failed").await;
        assert_eq!((&build["failure_reason"], &build["attempt"]), (&json!("runner_lost"), &json!(1)));
    }
    rig.tidy().await;
    assert!(ledger.lines().iter().all(|line| line.starts_with("begin")), "{:?}", ledger.lines());
    ledger.open_gate();
    let next = started(&rig.owner, &repository, 3).await;
    for build in &next {
        build_in(&rig.owner, build, "succeeded").await;
    }
}

/// Two builds that run on a runner which was told to take no other.
async fn two_while_draining(rig: &Rig, ledger: &Ledger, repository: &Repository) -> Vec<Value> {
    let builds = started(&rig.owner, repository, 2).await;
    ledger.has_begun(2).await;
    rig.signal(Signal::TERM);
    let draining = |list: &Value| list["runners"][0]["status"] == "draining";
    wait_for(&rig.owner, "/v1/runners", draining).await;
    builds
}

#[tokio::test]
async fn a_draining_runner_ends_all_its_builds_and_takes_no_other() {
    let (mut rig, ledger) = (rig_with_slots("3").await, Ledger::new());
    let repository = ledger.waiting_build();
    let builds = two_while_draining(&rig, &ledger, &repository).await;
    let other = started(&rig.owner, &repository, 1).await;
    ledger.open_gate();
    assert!(rig.ended().await);
    for build in &builds {
        build_in(&rig.owner, build, "succeeded").await;
    }
    let path = format!("/v1/builds/{}", other[0]["id"].as_str().unwrap());
    assert_eq!(rig.owner.get(&path).await.ok()["build"]["status"], "queued");
}

#[tokio::test]
async fn a_second_signal_ends_all_builds_at_once() {
    let (mut rig, ledger) = (rig_with_slots("2").await, Ledger::new());
    let repository = ledger.waiting_build();
    let builds = two_while_draining(&rig, &ledger, &repository).await;
    rig.signal(Signal::TERM);
    assert!(rig.ended().await);
    assert_eq!(processes(&ledger.file("gate")), 0);
    for build in &builds {
        build_in(&rig.owner, build, "failed").await;
    }
}

#[tokio::test]
async fn the_daemons_own_runner_with_slots_is_found_again_with_all_its_builds() {
    let (data, ledger) = (tempfile::tempdir().unwrap(), Ledger::new());
    let port = free_port();
    let slots = [("OORE_RUNNER_SLOTS", "2")];
    let mut daemon = Daemon::start_in(data.path(), port, &slots).await;
    let owner = daemon.client().sign_in(None).await;
    let repository = ledger.waiting_build();
    let builds = started(&owner, &repository, 3).await;
    ledger.has_begun(2).await;
    let pid = || std::fs::read_to_string(data.path().join("runner/runner.pid")).unwrap();
    let runner = pid();
    assert!(daemon.stop());
    let daemon = Daemon::start_in(data.path(), port, &slots).await;
    let owner = daemon.client().with_token(owner.token.clone().unwrap());
    Stream::open(&owner, None).await.next().await.unwrap();
    ledger.open_gate();
    for build in &builds {
        assert_eq!(build_in(&owner, build, "succeeded").await["attempt"], 1);
    }
    assert_eq!(pid(), runner, "no second one was started");
    assert_eq!(ledger.lines().len(), 6, "each ran once: {:?}", ledger.lines());
    drop(daemon);
    end_runner(data.path());
}
