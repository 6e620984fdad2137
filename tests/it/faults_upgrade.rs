//! A daemon that is replaced by another version in the middle of builds, and one that finds the database of a newer
//! version. Real programs, really replaced. `make faults` replaces it more often.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::program::{Daemon, end_runner, free_port};
use crate::support::{Client, Repository, build_in, fault_points, log_shows, until};

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let data = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::attempt(data.path(), free_port(), &[]).await.unwrap();
    daemon.client().sign_in(None).await;
    assert!(daemon.stop());
    let file = data.path().join("oore.db");
    let change = async |sql: &str| {
        let db = Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
        db.execute_unprepared(sql).await.unwrap();
        db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        db.close().await.unwrap();
    };
    change("INSERT INTO seaql_migrations VALUES ('m20990101_000001_future', 1)").await;
    let before = Sha256::digest(std::fs::read(&file).unwrap());
    assert!(
        Daemon::attempt(data.path(), free_port(), &[]).await.is_none(),
        "an older version does not start"
    );
    assert_eq!(Sha256::digest(std::fs::read(&file).unwrap()), before, "and changes nothing");
    change("DELETE FROM seaql_migrations WHERE version = 'm20990101_000001_future'").await;
    let daemon = Daemon::attempt(data.path(), free_port(), &[]).await.expect("the right version starts");
    daemon.client().sign_in(None).await;
}

/// An installed daemon whose file can be replaced.
struct Installation {
    folder: tempfile::TempDir,
    data: tempfile::TempDir,
    port: u16,
}

impl Installation {
    fn new() -> Self {
        let new = Self {
            folder: tempfile::tempdir().unwrap(),
            data: tempfile::tempdir().unwrap(),
            port: free_port(),
        };
        new.replace();
        new
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("oored")
    }

    /// As package managers do it: the new file is put in the place of the old one, which may be running.
    fn replace(&self) {
        let next = self.folder.path().join("oored.next");
        std::fs::copy(env!("CARGO_BIN_EXE_oored"), &next).unwrap();
        std::fs::rename(next, self.program()).unwrap();
    }

    async fn start(&self) -> Daemon {
        Daemon::start_of(&self.program(), self.data.path(), self.port).await
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        end_runner(self.data.path());
    }
}

async fn started(owner: &Client, name: &str, repository: &Repository) -> Value {
    let project = owner.project(name, repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    owner.build(&pipeline).await
}

fn lines(ledger: &Path) -> usize {
    std::fs::read_to_string(ledger).unwrap_or_default().lines().count()
}

fn processes(needle: &str) -> usize {
    let found = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = found.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(needle)).count()
}

#[tokio::test]
async fn a_daemon_that_is_replaced_in_the_middle_of_a_build_loses_nothing() {
    let points = fault_points().map_or(2, |points| points / 4);
    let installation = Installation::new();
    let mut daemon = installation.start().await;
    let mut owner = daemon.client().sign_in(None).await;
    let (ledger, gate) = (installation.folder.path().join("ledger"), installation.folder.path().join("gate"));
    let step = format!(
        "i=0; while [ ! -e {} ]; do i=$((i+1)); echo \"line $i\" | tee -a {}; sleep 0.01; done; \
         mkdir -p out; echo ok > out/a",
        gate.display(),
        ledger.display()
    );
    let repository = Repository::running(&[&step]);
    let build = started(&owner, "App", &repository).await;
    log_shows(&owner, &build, "\nline 5").await;
    let runner = std::fs::read_to_string(installation.data.path().join("runner/runner.pid")).unwrap();
    let mut longest = Duration::ZERO;
    for point in 0..points {
        let before = lines(&ledger);
        until("the build goes on", || lines(&ledger) > before + point % 7).await;
        installation.replace();
        let down = Instant::now();
        match point % 2 {
            0 => assert!(daemon.stop()),
            _ => daemon.kill(),
        }
        daemon = installation.start().await;
        longest = longest.max(down.elapsed());
        owner = daemon.client().with_token(owner.token.clone().unwrap());
    }
    std::fs::write(&gate, "").unwrap();
    let build = build_in(&owner, &build, "succeeded").await;
    assert_eq!(build["attempt"], 1);
    let log = String::from_utf8(owner.raw_log(&build).await).unwrap();
    let own: Vec<&str> = log.lines().filter(|line| line.starts_with("line ")).collect();
    let written = std::fs::read_to_string(&ledger).unwrap();
    assert_eq!(own, written.lines().collect::<Vec<_>>());
    let expected: Vec<String> = (1..=own.len()).map(|n| format!("line {n}")).collect();
    assert_eq!(own, expected, "it ran once");
    let pid = std::fs::read_to_string(installation.data.path().join("runner/runner.pid")).unwrap();
    assert_eq!(pid, runner, "and its runner went on");
    eprintln!("F28: replaced {points} times, away for at most {} ms", longest.as_millis());

    // The runner's own file was replaced as well, and still something watches over its builds.
    let mark = format!("stray of {}", installation.folder.path().display());
    let repository = Repository::running(&[&format!("echo begun; sh -c 'sleep 300; : {mark}'")]);
    let build = started(&owner, "Next", &repository).await;
    log_shows(&owner, &build, "\nbegun").await;
    until("it runs", || processes(&mark) > 0).await;
    end_runner(installation.data.path());
    until("nothing is left of it", || processes(&mark) == 0).await;
    build_in(&owner, &build, "failed").await;
}
