//! A network between runner and daemon that works one way only: the daemon hears everything and nobody hears the
//! daemon. Judged by a ledger that steps append to. `make faults` runs more rounds.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::far_runner::FarRunner;
use crate::support::one_way::OneWay;
use crate::support::{Client, Repository, Server, build_in, fault_points, until};

/// A runner with two slots whose answers go through `network`.
struct Rig {
    owner: Client,
    network: OneWay,
    runner: FarRunner,
    _server: Server,
}

impl Rig {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let network = OneWay::before(&server.base).await;
        let runner = FarRunner::start(&owner, &network.base, 2).await;
        Self { owner, network, runner, _server: server }
    }

    fn ledger(&self, build: &Value) -> PathBuf {
        self.runner.folder().join(format!("ledger-{}", build["build_number"]))
    }

    fn written(&self, build: &Value) -> String {
        std::fs::read_to_string(self.ledger(build)).unwrap_or_default()
    }

    fn has_written(&self, builds: &[Value], lines: usize) -> bool {
        builds.iter().all(|build| self.written(build).lines().count() >= lines)
    }

    /// One cut that begins when each build has written so many lines, and ends when all have lost something.
    /// Answers how long after it, and after the end of the steps, the daemon knew of their end.
    async fn round(&self, pipeline: &Value, begins_at: usize, ends_at: usize) -> Duration {
        let before = self.network.lost();
        if begins_at == 0 {
            self.network.cut();
        }
        let builds = [self.owner.build(pipeline).await, self.owner.build(pipeline).await];
        until("they have begun", || self.has_written(&builds, begins_at)).await;
        self.network.cut();
        until("an answer is lost", || self.network.lost() > before).await;
        // A build whose assignment nobody heard of can't go on before the network does.
        until("they go on", || begins_at == 0 || self.has_written(&builds, ends_at)).await;
        self.network.heal();
        let healed = Instant::now();
        until("their steps end", || self.has_written(&builds, LINES)).await;
        let wrote_all = healed.elapsed();
        for build in &builds {
            let build = build_in(&self.owner, build, "succeeded").await;
            let written = self.written(&build);
            let expected: String = (1..=LINES).map(|n| format!("line {n}\n")).collect();
            assert_eq!(
                (written.as_str(), build["attempt"].as_i64()),
                (expected.as_str(), Some(1)),
                "{build}"
            );
            let log = String::from_utf8(self.owner.raw_log(&build).await).unwrap();
            let own: Vec<&str> = log.lines().filter(|line| line.starts_with("line ")).collect();
            assert_eq!(own, written.lines().collect::<Vec<_>>());
        }
        healed.elapsed() - if begins_at == 0 { Duration::ZERO } else { wrote_all }
    }
}

const LINES: usize = 40;

#[tokio::test]
async fn no_build_runs_twice_or_is_lost_when_no_answer_of_the_daemon_arrives() {
    let rounds = fault_points().map_or(4, |points| points / 5);
    let rig = Rig::start().await;
    let ledger = rig.runner.folder().join("ledger-$OORE_BUILD_NUMBER");
    let step = format!(
        "i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo \"line $i\" | tee -a {}; sleep 0.02; done; \
         mkdir -p out; echo ok > out/a",
        ledger.display()
    );
    let repository = Repository::running(&[&step]);
    let project = rig.owner.project("App", &repository).await;
    let pipeline = rig.owner.pipeline(&project, "Main").await;
    // Before the claim, at the beginning, in the middle, over the end.
    let moments = [(0, 0), (1, LINES / 2), (LINES / 2, LINES / 2 + 5), (LINES - 5, LINES)];
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let (begins_at, ends_at) = moments[round % moments.len()];
        slowest = slowest.max(rig.round(&pipeline, begins_at, ends_at).await);
    }
    eprintln!("F32: {rounds} cuts, converged after at most {} ms", slowest.as_millis());
    assert!(slowest < Duration::from_secs(15), "{slowest:?}");
}
