//! Wall clocks that are wrong: set forward and back and standing still under a daemon with its runner, and a runner
//! whose clock is a day off. Nothing may happen to a build because of it. `make faults` waits longer after each jump.

use std::path::{Path, PathBuf};
use std::time::Duration;

use oored::builds::{artifacts, log_keeping, lost, queue};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::agent::frame;
use crate::support::meddle::{WallClock, borrowed};
use crate::support::program::{Daemon, end_runner, free_port};
use crate::support::{Agent, Repository, Server, build_in, fault_points, log_shows};

const HOUR: i64 = 3600;
const TEN_YEARS: i64 = 10 * 365 * 24 * HOUR;

/// The moves of a build.
async fn history(owner: &crate::support::Client, build: &Value) -> Vec<String> {
    let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
    let detail = owner.get(&path).await.ok();
    let moves = detail["events"].as_array().unwrap().iter();
    moves.map(|event| event["to_status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_clock_that_jumps_changes_no_build_no_lease_and_no_wait() {
    let clock = WallClock::new();
    let lines = fault_points().map_or(5, |_| 170);
    let (data, ledger) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let variables = clock.environment();
    let daemon = Daemon::start_in(data.path(), free_port(), &borrowed(&variables)).await;
    let owner = daemon.client().sign_in(None).await;
    let (written, gate) = (ledger.path().join("written"), ledger.path().join("gate"));
    let step = format!(
        "i=0; while [ ! -e {} ]; do i=$((i+1)); echo \"line $i\" | tee -a {}; sleep 0.1; done; \
         mkdir -p out; echo ok > out/a",
        gate.display(),
        written.display()
    );
    let repository = Repository::running(&[&step]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let builds = [owner.build(&pipeline).await, owner.build(&pipeline).await];
    log_shows(&owner, &builds[0], "\nline 2\n").await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let settings: [(&str, &dyn Fn()); 6] = [
        ("an hour on", &|| clock.set(HOUR)),
        ("an hour back", &|| clock.set(-HOUR)),
        ("ten years on", &|| clock.set(TEN_YEARS)),
        ("standing still", &|| clock.freeze(now)),
        ("a day back", &|| clock.set(-24 * HOUR)),
        ("right again", &|| clock.set(0)),
    ];
    for (name, set) in settings {
        set();
        // The old session may be over by now; it is sane that it is.
        let owner = daemon.client().sign_in(None).await;
        let next = format!("\nline {}\n", lines_in(&written) + lines);
        log_shows(&owner, &builds[0], &next).await;
        assert_eq!(
            history(&owner, &builds[0]).await,
            ["queued", "scheduled", "assigned", "running"],
            "{name}"
        );
        assert_eq!(history(&owner, &builds[1]).await, ["queued"], "{name}");
        let runner = owner.get("/v1/runners").await.ok()["runners"][0].clone();
        assert_eq!((&runner["status"], &runner["busy_slots"]), (&json!("busy"), &json!(1)), "{name}");
    }
    std::fs::write(gate, "").unwrap();
    let owner = daemon.client().sign_in(None).await;
    for build in &builds {
        assert_eq!(build_in(&owner, build, "succeeded").await["attempt"], 1);
    }
    eprintln!("F14: {} jumps", settings.len());
    drop(daemon);
    end_runner(data.path());
}

fn lines_in(file: &Path) -> usize {
    std::fs::read_to_string(file).unwrap_or_default().lines().count()
}

/// What the daemon does by itself from time to time.
async fn housekeeping(server: &Server) {
    lost::run_once(&server.app).await.unwrap();
    queue::expire(&server.app).await.unwrap();
    artifacts::sweep(&server.app).await.unwrap();
    log_keeping::pack(&server.app).await.unwrap();
    log_keeping::remove_old(&server.app).await.unwrap();
}

#[tokio::test]
async fn what_waits_or_is_kept_for_a_time_does_not_end_because_the_clock_is_set() {
    let server = Server::start_with(&["--log-retention-days", "1"]).await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let (ended, running, waiting) =
        (owner.build(&pipeline).await, owner.build(&pipeline).await, owner.build(&pipeline).await);
    let runner = Agent::register(&owner, "r", 5).await;
    let job = runner.begin().await;
    runner.frames(&job, 0, &[frame(0, "kept")]).await.ok();
    runner.report(&job, json!({"status": "succeeded"})).await.ok();
    let job = runner.begin().await;
    let announced = runner.announce(&job, "a.bin", b"bytes").await;
    let mut jumps = 0;
    for by in [HOUR, -HOUR, TEN_YEARS, -TEN_YEARS, -HOUR, HOUR] {
        server.app.clock.set_wall(by * 1000);
        jumps += 1;
        housekeeping(&server).await;
        let owner = server.owner().await;
        for (build, moves) in [(&ended, 5), (&running, 4), (&waiting, 1)] {
            assert_eq!(history(&owner, build).await.len(), moves, "after {jumps} jumps");
        }
        assert_eq!(owner.raw_log(&ended).await, b"kept\n");
    }
    runner.put(&announced, b"bytes".to_vec()).await.expect(200);
    let rest = format!("/artifacts/{}/complete", announced["artifact"]["id"].as_str().unwrap());
    runner.post(&job, &rest, json!({})).await.ok();
    runner.report(&job, json!({"status": "succeeded"})).await.ok();
    // Time that really passes still counts.
    server.advance(2 * 24 * 3600);
    housekeeping(&server).await;
    let owner = server.owner().await;
    assert_eq!(history(&owner, &waiting).await, ["queued", "expired"]);
    let path = format!("/v1/builds/{}/logs/raw", ended["id"].as_str().unwrap());
    owner.get(&path).await.error(410, "log_removed");
}

#[tokio::test]
async fn what_waits_or_is_kept_for_a_time_ends_also_if_the_machine_sleeps_meanwhile() {
    let server = Server::start_with(&["--log-retention-days", "1"]).await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let (ended, waiting) = (owner.build(&pipeline).await, owner.build(&pipeline).await);
    let runner = Agent::register(&owner, "r", 5).await;
    let job = runner.begin().await;
    runner.frames(&job, 0, &[frame(0, "kept")]).await.ok();
    runner.report(&job, json!({"status": "succeeded"})).await.ok();
    server.app.clock.sleep(Duration::from_secs(2 * 24 * 3600));
    housekeeping(&server).await;
    let owner = server.owner().await;
    assert_eq!(history(&owner, &waiting).await, ["queued", "expired"]);
    let path = format!("/v1/builds/{}/logs/raw", ended["id"].as_str().unwrap());
    owner.get(&path).await.error(410, "log_removed");
}

#[tokio::test]
async fn a_runner_whose_clock_is_a_day_off_confuses_nothing() {
    let mut errors = 0;
    for skew in [24 * HOUR, -24 * HOUR] {
        let clock = WallClock::new();
        clock.set(skew);
        let variables = clock.environment();
        let rig = Rig::without_runner(&[]).await.with_runner(&borrowed(&variables));
        let folder = tempfile::tempdir().unwrap();
        let ledger: PathBuf = folder.path().join("ledger");
        let step = format!(
            "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo \"line $i\" | tee -a {}; done",
            ledger.display()
        );
        let repository = Repository::running(&[&step, &step, "mkdir -p out; echo ok > out/a"]);
        let before = rig.server.app.clock.now();
        let (build, log) = rig.built(&repository, "succeeded").await;
        let after = rig.server.app.clock.now();
        let times = [&build["queued_at"], &build["started_at"], &build["finished_at"]];
        let times = times.map(|time| time.as_i64().unwrap());
        assert!(times.is_sorted() && before <= times[0] && times[2] <= after, "{before} {times:?} {after}");
        assert!(build["run_ms"].as_i64().unwrap() <= (after - before + 1) * 1000, "{build}");
        let own: Vec<&str> = log.lines().filter(|line| line.starts_with("line ")).collect();
        let written = std::fs::read_to_string(&ledger).unwrap();
        errors += usize::from(own != written.lines().collect::<Vec<_>>());
        let steps = build["step_results"].as_array().unwrap();
        assert!(
            steps.iter().all(|step| (0..60_000).contains(&step["duration_ms"].as_i64().unwrap())),
            "{build}"
        );
        let names: Vec<_> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["checkout", "build-1", "build-2", "build-3", "artifacts"]);
        let path = format!("/v1/builds/{}/logs?limit=1000", build["id"].as_str().unwrap());
        let chunks = rig.owner.get(&path).await.ok();
        let key = if chunks["chunks"].is_array() { "chunks" } else { "logs" };
        let sequences: Vec<i64> =
            chunks[key].as_array().unwrap().iter().map(|chunk| chunk["sequence"].as_i64().unwrap()).collect();
        assert!(sequences.is_sorted() && sequences.len() > 600, "{}", sequences.len());
        rig.tidy().await;
    }
    eprintln!("F15: a day ahead and a day behind, ordering errors {errors}");
    assert_eq!(errors, 0);
}

#[tokio::test]
async fn what_is_made_after_a_clock_was_set_back_is_still_the_newest() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    // As if the clock had been decades ahead when it was made.
    let ahead = "03bb2cc3-d800-7000-8000-000000000000";
    let made = owner.build(&pipeline).await;
    let sql = format!("UPDATE builds SET id = '{ahead}' WHERE id = '{}'", made["id"].as_str().unwrap());
    let renamed = server.app.db.write(async |tx| {
        tx.execute_unprepared("PRAGMA defer_foreign_keys = ON; DELETE FROM build_events").await?;
        Ok(tx.execute_unprepared(&sql).await?)
    });
    assert_eq!(renamed.await.unwrap().rows_affected(), 1);
    let server = server.restart().await;
    let owner = server.owner().await;
    let next = owner.build(&pipeline).await;
    assert!(next["id"].as_str().unwrap() > ahead, "{next}");
}
