//! What must survive: real processes killed with -9, hostile steps, full disks. Judged by what the
//! steps themselves wrote, not by what the product says of itself.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::program::{Daemon, end_runner, free_port};
use crate::support::{Client, Repository, build_in, log_shows, wait_for};

/// A daemon with its embedded runner, signed in, and a folder that steps can write to.
struct Rig {
    data: tempfile::TempDir,
    ledger: tempfile::TempDir,
    port: u16,
    daemon: Daemon,
    owner: Client,
}

impl Rig {
    async fn start() -> Self {
        let (data, ledger) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let port = free_port();
        let daemon = Daemon::start(data.path(), port, &[]).await;
        let owner = daemon.client().sign_in(None).await;
        Self { data, ledger, port, daemon, owner }
    }

    /// Starts a build that runs these commands; `$LEDGER` in them is the folder of the ledger.
    async fn build(&self, commands: &[&str]) -> Value {
        let ledger = self.ledger.path().display().to_string();
        let commands: Vec<String> =
            commands.iter().map(|command| command.replace("$LEDGER", &ledger)).collect();
        let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
        let repository = Repository::running(&commands);
        let project = self.owner.project("Fault", &repository).await;
        let pipeline = self.owner.pipeline(&project, "Fault").await;
        let build = self.owner.build(&pipeline).await;
        // The runner clones from the folder: it has to stay until the build is over.
        let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
        wait_for(&self.owner, &path, |found| found["build"]["status"] != "queued").await;
        std::mem::forget(repository);
        build
    }

    fn ledger(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.ledger.path().join(name)).unwrap_or_default()
    }

    async fn restart(&mut self) {
        self.daemon = Daemon::start(self.data.path(), self.port, &[]).await;
        self.owner = self.daemon.client().with_token(self.owner.token.clone().unwrap());
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        end_runner(self.data.path());
    }
}

/// Lines of the log that the step wrote, without ours.
fn own_lines(log: &[u8]) -> Vec<u8> {
    let ours =
        |line: &[u8]| line.starts_with(b"[oore-") || line.starts_with(b"$ ") || line.starts_with(b"# ");
    let kept =
        log.split_inclusive(|byte| *byte == b'\n').filter(|line| line.starts_with(b"line ") && !ours(line));
    kept.flatten().copied().collect()
}

/// Processes that still carry something of the ledger folder in their command line.
fn survivors(ledger: &Path) -> Vec<String> {
    let needle = ledger.display().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(&needle)).collect()
}

#[tokio::test]
async fn a_build_and_every_byte_of_its_log_survive_a_killed_daemon() {
    let mut rig = Rig::start().await;
    let count = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo \"line $i\" | tee -a $LEDGER/written; \
                 [ $i -eq 50 ] && echo begun; sleep 0.005; done; mkdir -p out; echo done > out/result.txt";
    let build = rig.build(&[count]).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.daemon.kill();
    rig.restart().await;
    let build = build_in(&rig.owner, &build, "succeeded").await;
    let log = rig.owner.raw_log(&build).await;
    assert_eq!(own_lines(&log), rig.ledger("written"));
    assert_eq!(rig.ledger("written").iter().filter(|byte| **byte == b'\n').count(), 400, "it ran once");
    let artifacts = format!("/v1/builds/{}/artifacts", build["id"].as_str().unwrap());
    assert_eq!(rig.owner.get(&artifacts).await.ok()["artifacts"][0]["name"], "result.txt");
    assert_eq!(build["attempt"], 1);
}

#[tokio::test]
async fn a_killed_runner_fails_its_build_and_leaves_no_process() {
    let rig = Rig::start().await;
    let build = rig.build(&["echo begun; sh -c 'exec sleep 300 # $LEDGER'"]).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    end_runner(rig.data.path());
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "runner_lost", "{build}");
    gone(rig.ledger.path()).await;
    let next = rig.build(&["mkdir -p out; echo ok > out/a"]).await;
    build_in(&rig.owner, &next, "succeeded").await;
}

/// Waits for processes outside, which tell nobody that they end.
async fn gone(ledger: &Path) {
    let gone = async {
        while !survivors(ledger).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let left = tokio::time::timeout(std::time::Duration::from_secs(10), gone).await;
    assert!(left.is_ok(), "{:?}", survivors(ledger));
}

#[tokio::test]
async fn cancel_kills_every_process_of_the_tree() {
    let rig = Rig::start().await;
    let script = "sh -c 'sleep 999 # $LEDGER' & (setsid sh -c 'sleep 999 # $LEDGER' &) ; \
                  nohup sh -c 'sleep 999 # $LEDGER' >/dev/null 2>&1 & trap '' TERM INT; echo begun; \
                  sh -c 'sleep 999 # $LEDGER'; sleep 999";
    let build = rig.build(&[script]).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    let path = format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap());
    rig.owner.post(&path, serde_json::json!({})).await.ok();
    gone(rig.ledger.path()).await;
    let next = rig.build(&["mkdir -p out; echo ok > out/a"]).await;
    build_in(&rig.owner, &next, "succeeded").await;
}

#[tokio::test]
async fn any_bytes_and_a_line_of_any_length_are_kept_exactly() {
    let rig = Rig::start().await;
    let bytes = "printf '\\377\\376\\000\\033[2J' ; head -c 200000000 /dev/zero | tr '\\0' x; echo; mkdir -p out; touch out/a";
    let build = rig.build(&[bytes]).await;
    let build = build_in(&rig.owner, &build, "succeeded").await;
    let log = rig.owner.raw_log(&build).await;
    let begin = log.windows(2).position(|two| two == b"\xff\xfe").expect("the bytes are there");
    let mut expected = Sha256::new();
    expected.update(b"\xff\xfe\x00\x1b[2J");
    for _ in 0..200 {
        expected.update(vec![b'x'; 1_000_000]);
    }
    expected.update(b"\n");
    let length = 7 + 200_000_000 + 1;
    assert_eq!(Sha256::digest(&log[begin..begin + length]), expected.finalize());
}

#[tokio::test]
async fn a_failing_step_an_unknown_key_and_a_missing_tool_are_named() {
    let rig = Rig::start().await;
    let failed = rig.build(&["echo line before; exit 7"]).await;
    let failed = build_in(&rig.owner, &failed, "failed").await;
    assert_eq!(
        (failed["failure_reason"].as_str(), failed["exit_code"].as_i64()),
        (Some("step_failed"), Some(7))
    );
    let nothing = rig.build(&["true"]).await;
    let nothing = build_in(&rig.owner, &nothing, "failed").await;
    assert_eq!(nothing["failure_reason"], "no_artifacts");
    let repository = Repository::with(&[(".oore.yaml", "version: 1\nplatforms: [android]\nstages: []\n")]);
    let project = rig.owner.project("Invalid", &repository).await;
    let pipeline = rig.owner.pipeline(&project, "Invalid").await;
    let build = rig.owner.build(&pipeline).await;
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "invalid_config");
    assert!(build["error_message"].as_str().unwrap().contains("line 3"), "{build}");
}
