//! Backups: made while the daemon works, checked, restored elsewhere and in place, and killed at many points. `make faults`
//! tries more points.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::notification_channels::{make, path};
use crate::support::agent::frame;
use crate::support::far_runner::FarRunner;
use crate::support::folders::{contents, copy_folder};
use crate::support::meddle::{borrowed, library};
use crate::support::program::{Daemon, end_runner, free_port, oored};
use crate::support::receiver::Receiver;
use crate::support::{Agent, Client, Repository, build_in, fault_points, log_shows, until, wait_for};

const SECRET: &str = "a secret of the project";

fn oore(arguments: &[&str]) -> Output {
    oored().arg("oore").args(arguments).stdin(Stdio::null()).output().unwrap()
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a command answers that works.
pub fn done(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a command says that does not work.
pub fn refused(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

pub fn create(data: &Path, archive: &Path, flags: &[&str]) -> Output {
    let arguments = ["backup", "create", "--json", "--data-dir", text(data), "--output", text(archive)];
    oore(&[&arguments[..], flags].concat())
}

pub fn verify(archive: &Path) -> Output {
    oore(&["backup", "verify", "--json", "--input", text(archive)])
}

pub fn restore(data: &Path, archive: &Path) -> Output {
    oore(&["backup", "restore", "--json", "--data-dir", text(data), "--input", text(archive)])
}

/// An instance with a finished build, its log and artifact, and a secret.
pub struct Instance {
    data: tempfile::TempDir,
    project: Value,
    pipeline: Value,
    build: Value,
    log: Vec<u8>,
    repository: Repository,
}

impl Instance {
    /// Made, and stopped.
    pub async fn new() -> Self {
        let (instance, mut daemon) = Self::running().await;
        assert!(daemon.stop());
        instance
    }

    async fn running() -> (Self, Daemon) {
        let (data, repository) = (tempfile::tempdir().unwrap(), Repository::running(&["true"]));
        let daemon = Daemon::attempt(data.path(), free_port(), &[]).await.unwrap();
        let owner = daemon.client().sign_in(None).await;
        let project = owner.project("App", &repository).await;
        let path = format!("/v1/projects/{}/variables/TOKEN", project["id"].as_str().unwrap());
        owner.put(&path, json!({"kind": "secret", "value": SECRET})).await.ok();
        let pipeline = owner.pipeline(&project, "Main").await;
        let build = owner.build(&pipeline).await;
        let runner = Agent::register(&owner, "mac mini", 5).await;
        let job = runner.begin().await;
        runner.frames(&job, 0, &[frame(0, "hello")]).await.ok();
        runner.store(&job, "app.apk", b"the app").await;
        runner.report(&job, json!({"status": "succeeded"})).await.ok();
        let log = owner.raw_log(&build).await;
        (Self { data, project, pipeline, build, log, repository }, daemon)
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// What a restored instance must show.
    pub async fn verify(&self, daemon: &Daemon) -> Client {
        let owner = daemon.client().sign_in(None).await;
        let build = owner.get(&format!("/v1/builds/{}", self.build["id"].as_str().unwrap())).await.ok();
        assert_eq!(build["build"]["status"], "succeeded");
        let jobs = owner.build(&self.pipeline).await;
        let runner = Agent::register(&owner, "another", 5).await;
        let job = runner.begin().await;
        assert_eq!(job["build_id"], jobs["id"]);
        assert!(job.to_string().contains(SECRET), "the secret decrypts: {job}");
        runner.report(&job, json!({"status": "succeeded"})).await.ok();
        owner
    }
}

async fn downloaded(owner: &Client, build: &Value) -> Vec<u8> {
    let path = format!("/v1/builds/{}/artifacts", build["id"].as_str().unwrap());
    let list = owner.get(&path).await.ok();
    let id = list["artifacts"][0]["id"].as_str().unwrap();
    let link = owner.post(&format!("/v1/artifacts/{id}/download-link"), json!({})).await.ok();
    let url = link["download_url"].as_str().unwrap();
    owner.http.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_backup_of_a_running_instance_restores_all_of_it_elsewhere() {
    let (instance, mut daemon) = Instance::running().await;
    let owner = daemon.client().sign_in(None).await;
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("backup.tar.gz");
    let made = done(&create(instance.data(), &archive, &["--with-logs", "--with-artifacts"]));
    assert_eq!((made["secrets"].as_u64(), made["with_logs"].as_bool()), (Some(1), Some(true)));
    assert_eq!(archive.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(contents(place.path()).len(), 1, "nothing is left beside it");
    let checked = done(&verify(&archive));
    assert_eq!((&checked["files"], &checked["secrets"]), (&made["files"], &made["secrets"]));
    let said = refused(&create(instance.data(), &archive, &[]), 1);
    assert!(said.contains("there is a file at"), "{said}");
    // What happens afterwards is not in it.
    owner.project("Later", &instance.repository).await;
    assert!(daemon.stop());

    let elsewhere = tempfile::tempdir().unwrap();
    let restored = done(&restore(elsewhere.path(), &archive));
    assert_eq!((&restored["epoch"], &restored["canceled_builds"]), (&json!(1), &json!(0)));
    let daemon = Daemon::attempt(elsewhere.path(), free_port(), &[]).await.unwrap();
    let ended = daemon.client().with_token(owner.token.unwrap());
    ended.get("/v1/users/me").await.expect_status(401);
    let owner = instance.verify(&daemon).await;
    let projects = owner.get("/v1/projects").await.ok();
    assert_eq!(projects["total"], 1, "{projects}");
    assert_eq!(projects["projects"][0]["id"], instance.project["id"]);
    assert_eq!(owner.raw_log(&instance.build).await, instance.log);
    assert_eq!(downloaded(&owner, &instance.build).await, b"the app");
    let audit = owner.get("/v1/audit-logs?action=instance_restored").await.ok();
    assert_eq!(audit["total"], 1, "{audit}");
    let intact = oored().args(["audit", "verify", "--data-dir", text(elsewhere.path())]).output().unwrap();
    assert!(intact.status.success(), "{}", String::from_utf8_lossy(&intact.stderr));
    for (path, _) in contents(elsewhere.path()) {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} is private", path.display());
    }
}

#[tokio::test]
async fn a_restore_in_place_keeps_what_was_there_and_needs_the_daemon_stopped() {
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("backup.tar.gz");
    done(&create(instance.data(), &archive, &[]));
    let mut daemon = Daemon::attempt(instance.data(), free_port(), &[]).await.unwrap();
    let owner = daemon.client().sign_in(None).await;
    owner.project("Later", &instance.repository).await;
    let said = refused(&restore(instance.data(), &archive), 1);
    assert!(said.contains("the daemon is running") && said.contains("Stop it first"), "{said}");
    assert!(daemon.stop());
    let restored = done(&restore(instance.data(), &archive));
    let kept = restored["kept"].as_array().unwrap();
    assert!(
        kept.len() >= 2 && kept.iter().all(|path| Path::new(path.as_str().unwrap()).exists()),
        "{restored}"
    );
    let daemon = Daemon::attempt(instance.data(), free_port(), &[]).await.unwrap();
    let owner = instance.verify(&daemon).await;
    assert_eq!(owner.get("/v1/projects").await.ok()["total"], 1);
    // The backup has no logs, so those that are there stay.
    assert_eq!(owner.raw_log(&instance.build).await, instance.log);
}

#[tokio::test]
async fn what_a_runner_holds_ends_when_an_older_state_is_restored() {
    let (data, port) = (tempfile::tempdir().unwrap(), free_port());
    let ledger = data.path().with_extension("ledger");
    let step = format!("echo $$ >> {}; while :; do echo on; sleep 0.05; done", ledger.display());
    let repository = Repository::running(&[&step]);
    let mut daemon = Daemon::attempt(data.path(), port, &[]).await.unwrap();
    let owner = daemon.client().sign_in(None).await;
    let runner = FarRunner::start(&owner, &daemon.base, 2).await;
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let known = owner.build(&pipeline).await;
    log_shows(&owner, &known, "on").await;
    let archive = runner.folder().join("backup.tar.gz");
    done(&create(data.path(), &archive, &[]));
    let newer = owner.build(&pipeline).await;
    log_shows(&owner, &newer, "on").await;
    let begun = |path: &Path| -> Vec<i32> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines().map(|line| line.parse().unwrap()).collect()
    };
    assert_eq!(begun(&ledger).len(), 2);
    daemon.kill();
    let restored = done(&restore(data.path(), &archive));
    assert_eq!(restored["canceled_builds"], 1);

    let daemon = Daemon::attempt(data.path(), port, &[]).await.unwrap();
    let is_gone = |pid: &i32| !Path::new(&format!("/proc/{pid}")).exists();
    until("both builds are dead", || begun(&ledger).iter().all(is_gone)).await;
    let owner = daemon.client().sign_in(None).await;
    let build = build_in(&owner, &known, "canceled").await;
    assert_eq!(build["status"], "canceled");
    let next = owner.build(&pipeline).await;
    log_shows(&owner, &next, "on").await;
    assert_eq!(begun(&ledger).len(), 3, "nothing ran twice, and the runner works on");
    owner.post(&format!("/v1/builds/{}/cancel", next["id"].as_str().unwrap()), json!({})).await.ok();
    build_in(&owner, &next, "canceled").await;
    until("it is dead too", || begun(&ledger).iter().all(is_gone)).await;
    std::fs::remove_file(ledger).unwrap();
}

#[tokio::test]
async fn what_was_owed_to_channels_when_the_backup_was_made_is_not_told_after_a_restore() {
    let receiver = Receiver::start().await;
    let (data, repository) = (tempfile::tempdir().unwrap(), Repository::running(&["true"]));
    let flags = ["--runner-mode", "external"];
    let mut daemon = Daemon::start(data.path(), free_port(), &flags).await;
    let owner = daemon.client().sign_in(None).await;
    let project = owner.project("Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let hook = json!({"name": "Hook", "channel_type": "webhook", "url": receiver.url("/hook")});
    let channel = make(&owner, hook).await;
    let gate = receiver.hold();
    let ended = owner.build(&pipeline).await;
    owner.post(&format!("/v1/builds/{}/cancel", ended["id"].as_str().unwrap()), json!({})).await.ok();
    gate.arrival().await;
    let waits = owner.build(&pipeline).await;
    let archive = data.path().with_extension("tar.gz");
    done(&create(data.path(), &archive, &[]));
    daemon.kill();
    receiver.release();
    gate.open();
    assert_eq!(done(&restore(data.path(), &archive))["canceled_builds"], 1);
    std::fs::remove_file(archive).unwrap();

    let posted = receiver.posted().len();
    let daemon = Daemon::start(data.path(), free_port(), &flags).await;
    let owner = daemon.client().sign_in(None).await;
    let list = owner.get(&path(&channel, "/deliveries")).await.ok()["deliveries"].clone();
    let told = |delivery: &Value| [delivery["build_id"].clone(), delivery["last_error"].clone()];
    let told: Vec<_> = list.as_array().unwrap().iter().map(told).collect();
    let reason = json!("the instance was restored");
    assert_eq!(told, [[waits["id"].clone(), reason.clone()], [ended["id"].clone(), reason]]);
    assert!(list.as_array().unwrap().iter().all(|delivery| delivery["status"] == "failed"), "{list}");
    // What is told arrives in order: whatever came before this one would be here.
    let next = owner.build(&pipeline).await;
    owner.post(&format!("/v1/builds/{}/cancel", next["id"].as_str().unwrap()), json!({})).await.ok();
    receiver.wait_for(posted + 1).await;
    assert_eq!(receiver.posted()[posted].json()["build"]["id"], next["id"]);
}

#[tokio::test]
async fn a_restore_that_is_killed_anywhere_leaves_the_old_instance_or_the_new_one() {
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("backup.tar.gz");
    done(&create(instance.data(), &archive, &["--with-logs", "--with-artifacts"]));
    let mut daemon = Daemon::attempt(instance.data(), free_port(), &[]).await.unwrap();
    daemon.client().sign_in(None).await.project("Later", &instance.repository).await;
    assert!(daemon.stop());

    let count = place.path().join("count");
    let attempt = |data: &Path, at: u64| {
        let variables = [
            ("LD_PRELOAD".to_owned(), library()),
            ("MEDDLE_FOLDER".to_owned(), data.display().to_string()),
            ("MEDDLE_AT".to_owned(), at.to_string()),
            ("MEDDLE_WITH".to_owned(), "KILL".to_owned()),
            ("MEDDLE_COUNT".to_owned(), count.display().to_string()),
        ];
        let mut command = oored();
        command.args([
            "oore",
            "backup",
            "restore",
            "--json",
            "--data-dir",
            text(data),
            "--input",
            text(&archive),
        ]);
        command.envs(borrowed(&variables)).stdin(Stdio::null());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        (child.id(), child.wait_with_output().unwrap())
    };
    let copy = || {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(instance.data(), copy.path());
        copy
    };
    let (pid, whole) = attempt(copy().path(), 0);
    done(&whole);
    let total: u64 = std::fs::read_to_string(format!("{}.{pid}", count.display())).unwrap().parse().unwrap();
    let points = fault_points().map_or(12, |points| points as u64);
    let (mut new, mut killed) = (0, 0);
    // The renames are among the last operations, so half of the points are there.
    let last = total.min(40);
    let at = |point: u64| match point % 2 {
        0 => 1 + point * total / points,
        _ => total - last + 1 + point * last / points,
    };
    for at in (0..points).map(at).chain([total]) {
        let data = copy();
        // Some reads come in other pieces each time, so that the last points may lie behind the end.
        let (_, output) = attempt(data.path(), at);
        killed += u64::from(!output.status.success());
        let daemon = Daemon::attempt(data.path(), free_port(), &[]).await;
        let daemon = daemon.unwrap_or_else(|| panic!("the daemon starts after a kill at {at} of {total}"));
        let owner = instance.verify(&daemon).await;
        let is_new = match owner.get("/v1/projects").await.ok()["total"].as_i64() {
            Some(1) => true,
            Some(2) => false,
            other => panic!("{other:?} projects after a kill at {at} of {total}"),
        };
        new += u64::from(is_new);
        assert_eq!(owner.raw_log(&instance.build).await, instance.log, "at {at}");
        assert_eq!(downloaded(&owner, &instance.build).await, b"the app", "at {at}");
    }
    assert!(new > 0 && new < points && killed > points / 2, "{new} new, {killed} killed of {points}");
    eprintln!(
        "restore killed at {killed} of {total} operations: {new} new instances, the others old, none broken"
    );
}

#[tokio::test]
async fn backups_under_load_are_each_a_moment_that_was() {
    let (instance, daemon) = Instance::running().await;
    let owner = daemon.client().sign_in(None).await;
    let place = tempfile::tempdir().unwrap();
    let rounds = fault_points().map_or(3, |points| points / 4);
    let made = std::sync::atomic::AtomicI64::new(1);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let load = async {
        while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
            owner.build(&instance.pipeline).await;
            made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    };
    let data = instance.data().to_owned();
    let folder = place.path().to_owned();
    let backups = async {
        let mut found = Vec::new();
        for round in 0..rounds {
            let before = made.load(std::sync::atomic::Ordering::SeqCst);
            let archive = folder.join(format!("{round}.tar.gz"));
            let (data, path) = (data.clone(), archive.clone());
            done(&tokio::task::spawn_blocking(move || create(&data, &path, &["--with-logs"])).await.unwrap());
            // One more may be committed whose answer is still under way.
            found.push((archive, before..=made.load(std::sync::atomic::Ordering::SeqCst) + 1));
        }
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
        found
    };
    let ((), found) = tokio::join!(load, backups);
    for (archive, range) in found {
        let elsewhere = tempfile::tempdir().unwrap();
        let restored = done(&restore(elsewhere.path(), &archive));
        let daemon = Daemon::attempt(elsewhere.path(), free_port(), &[]).await.unwrap();
        let owner = daemon.client().sign_in(None).await;
        let total = owner.get("/v1/builds").await.ok()["total"].as_i64().unwrap();
        assert!(range.contains(&total), "{total} of {range:?}");
        assert_eq!(restored["canceled_builds"], total - 1, "all but the finished one");
        let newest = owner.get("/v1/builds?limit=1").await.ok();
        assert_eq!(newest["builds"][0]["build_number"], total, "none is missing in between");
        assert_eq!(owner.raw_log(&instance.build).await, instance.log);
    }
}

#[tokio::test]
async fn the_embedded_runner_of_before_a_restore_serves_the_restored_instance() {
    let (data, port) = (tempfile::tempdir().unwrap(), free_port());
    let repository = Repository::running(&["mkdir -p out; echo ok > out/a"]);
    let mut daemon = Daemon::start(data.path(), port, &[]).await;
    let owner = daemon.client().sign_in(None).await;
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    build_in(&owner, &owner.build(&pipeline).await, "succeeded").await;
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("backup.tar.gz");
    done(&create(data.path(), &archive, &[]));
    daemon.kill();
    done(&restore(data.path(), &archive));
    let daemon = Daemon::start(data.path(), port, &[]).await;
    let owner = daemon.client().sign_in(None).await;
    build_in(&owner, &owner.build(&pipeline).await, "succeeded").await;
    wait_for(&owner, "/v1/builds", |page| page["total"] == 2).await;
    drop(daemon);
    end_runner(data.path());
}
