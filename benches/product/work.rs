//! What a build costs beyond its commands, beside a clone and a shell; and how long the processes of a canceled one
//! live on, beside a kill of a process group.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process};
use serde_json::json;

use super::program::Builds;
use super::repository::Repository;
use super::samples::Samples;
use super::scene::Scene;
use super::table::{Row, Table};

const BUILDS: usize = 20;
const BETWEEN: Duration = Duration::from_millis(150);
const LOOK: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(30);

/// A shell, a child of it and one that has left its session; each writes down who it is.
const TREE: &str = r#"mkdir -p out; (echo "$$"; sleep 600 & echo "$!"; setsid sleep 600 & echo "$!") > "$PIDS.new"; mv "$PIDS.new" "$PIDS"; wait; sleep 600"#;

pub async fn measure() -> anyhow::Result<Table> {
    let mut table = Table::default();
    let mut scene = Scene::open(Builds::ByItsRunner, "mkdir out && echo > out/a").await?;
    let repository = scene.folder.path().join("repository");
    let [mut build, mut floor] = [(); 2].map(|()| Samples::default());
    for number in 0..BUILDS {
        tokio::time::sleep(BETWEEN).await;
        floor.add(by_hand(&repository, &scene.folder.path().join(format!("clone-{number}")))?);
        let began = Instant::now();
        let id = scene.trigger().await?;
        scene.succeeded(&id).await?;
        build.add(began.elapsed());
    }
    let row = Row::new("a build that does nothing, request → green, p50", build.median());
    table.add(row.floor("git clone, sh, sync, p50", floor.median()));

    let pids = scene.folder.path().join("pids");
    let tree = TREE.replace("$PIDS", &pids.display().to_string());
    Repository::at(&repository).run(&tree)?;
    let [mut cancel, mut floor] = [(); 2].map(|()| Samples::default());
    for _ in 0..BUILDS {
        floor.add(killed(&tree, &pids)?);
        let id = scene.trigger().await?;
        let processes = written(&pids).await?;
        let began = Instant::now();
        scene.client.post(&format!("/v1/builds/{id}/cancel"), json!({})).await?;
        gone(&processes)?;
        cancel.add(began.elapsed());
        scene.events.status(&id, "canceled").await?;
    }
    let row = Row::new("cancel → every process is gone, p50", cancel.median());
    table.add(row.floor("kill -9 of the group → gone, p50", floor.median()));
    let row = Row::new("cancel → every process is gone, p99", cancel.percentile(99.0));
    table.add(row.floor("kill -9 of the group → gone, p99", floor.percentile(99.0)));
    Ok(table)
}

/// What the build does, without a CI.
fn by_hand(repository: &Path, clone: &Path) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let script =
        "git clone --quiet \"$0\" \"$1\" && cd \"$1\" && sh -c 'mkdir out && echo > out/a' && sync out/a";
    let done = Command::new("/bin/sh").args(["-c", script]).args([repository, clone]).status()?;
    ensure!(done.success(), "git clone failed");
    Ok(began.elapsed())
}

/// Starts the tree outside of a build and kills its group; what has left the group is killed by its id.
fn killed(tree: &str, pids: &Path) -> anyhow::Result<Duration> {
    let mut shell =
        Command::new("/bin/sh").args(["-c", tree]).process_group(0).stdin(Stdio::null()).spawn()?;
    let until = Instant::now() + PATIENCE;
    while !pids.exists() {
        ensure!(Instant::now() < until, "the processes did not start");
        std::thread::sleep(LOOK);
    }
    let processes = read(pids)?;
    let began = Instant::now();
    kill_process_group(Pid::from_child(&shell), Signal::KILL)?;
    for process in &processes {
        let _gone_already = rustix::process::kill_process(*process, Signal::KILL);
    }
    shell.wait()?;
    gone(&processes)?;
    Ok(began.elapsed())
}

async fn written(pids: &Path) -> anyhow::Result<Vec<Pid>> {
    let until = Instant::now() + PATIENCE;
    while !pids.exists() {
        ensure!(Instant::now() < until, "the build did not start its processes");
        tokio::time::sleep(LOOK).await;
    }
    read(pids)
}

fn read(pids: &Path) -> anyhow::Result<Vec<Pid>> {
    let text = std::fs::read_to_string(pids)?;
    std::fs::remove_file(pids)?;
    let id = |line: &str| line.trim().parse().ok().and_then(Pid::from_raw);
    text.lines().map(|line| id(line).context("not the id of a process")).collect()
}

/// Returns when none of them is alive.
fn gone(processes: &[Pid]) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while processes.iter().any(|process| is_alive(*process)) {
        ensure!(Instant::now() < until, "a process lives on");
        std::thread::sleep(LOOK);
    }
    Ok(())
}

/// What is dead and not yet collected by its parent runs no more; where there is no /proc it counts as alive.
fn is_alive(process: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
    let is_zombie =
        stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')));
    !is_zombie && test_kill_process(process).is_ok()
}
