//! Builds as a runner of its own process executes them: what reaches the steps, what is collected,
//! what ends a build early, and what a runner leaves behind. Real git, real processes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::program::oored;
use crate::support::stream::log_shows;
use crate::support::{Client, Repository, Server, build_in};

/// A server and a registered runner.
pub struct Rig {
    pub server: Server,
    pub owner: Client,
    folder: TempDir,
    runner: Option<Child>,
}

impl Rig {
    pub async fn start(flags: &[&str]) -> Self {
        let rig = Self::without_runner(flags).await;
        rig.with_runner(&[])
    }

    pub async fn without_runner(flags: &[&str]) -> Self {
        let server = Server::start_with(flags).await;
        let owner = server.owner().await;
        Self::of(server, owner).await
    }

    /// A runner's place beside a server that is there already.
    pub async fn of(server: Server, owner: Client) -> Self {
        let body = json!({"name": "mac mini", "capabilities": {"protocol_version": 5}});
        let registered = owner.post("/v1/runners/register", body).await.ok();
        let folder = tempfile::tempdir().unwrap();
        let file = json!({"runner_id": registered["runner"]["id"], "runner_token": registered["token"]});
        std::fs::write(folder.path().join("runner.json"), file.to_string()).unwrap();
        let rig = Self { server, owner, folder, runner: None };
        rig.tell_address();
        rig
    }

    /// Writes down where the server is now.
    fn tell_address(&self) {
        let path = self.folder.path().join("runner.json");
        let mut file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        file["daemon_url"] = self.server.base.as_str().into();
        std::fs::write(path, file.to_string()).unwrap();
    }

    /// The server comes back elsewhere, as after an update with another port.
    async fn move_server(&mut self) {
        let here = std::mem::replace(&mut self.server, Server::start().await);
        self.server = here.restart().await;
        self.owner = self.server.anonymous().with_token(self.owner.token.clone().unwrap());
    }

    pub fn with_runner(mut self, environment: &[(&str, &str)]) -> Self {
        let work = self.work();
        self.runner = Some(self.spawn(&work, environment, &[]));
        self
    }

    fn spawn(&self, work: &Path, environment: &[(&str, &str)], flags: &[&str]) -> Child {
        let mut command: Command = oored();
        command.arg("runner").arg("--config").arg(self.folder.path().join("runner.json"));
        command.arg("--work-dir").arg(work).args(flags).envs(environment.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub async fn pipeline(&self, repository: &Repository) -> Value {
        let project = self.owner.project("App", repository).await;
        self.owner.pipeline(&project, "Main").await
    }

    /// Builds a repository to its end.
    pub async fn built(&self, repository: &Repository, status: &str) -> (Value, String) {
        let build = self.owner.build(&self.pipeline(repository).await).await;
        let build = build_in(&self.owner, &build, status).await;
        let log = self.owner.raw_log(&build).await;
        (build, String::from_utf8_lossy(&log).into_owned())
    }

    pub fn signal(&self, signal: Signal) {
        let runner = self.runner.as_ref().unwrap();
        kill_process(Pid::from_child(runner), signal).unwrap();
    }

    /// Waits for the runner's end; answers whether it ended well.
    pub async fn ended(&mut self) -> bool {
        let mut runner = self.runner.take().unwrap();
        tokio::task::spawn_blocking(move || runner.wait().unwrap().success()).await.unwrap()
    }

    fn left_in(&self, folder: &str) -> usize {
        std::fs::read_dir(self.work().join(folder)).unwrap().count()
    }

    /// A workspace goes in the moment a build ends, not before.
    pub async fn tidy(&self) {
        let tidy = async {
            while self.left_in("workspaces") + self.left_in("spool") > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), tidy).await.expect("nothing is left");
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Some(mut runner) = self.runner.take() {
            let _ = runner.kill();
            let _ = runner.wait();
        }
    }
}

pub fn file(commands: &str, rest: &str) -> String {
    format!("version: 1\nplatforms: [android]\ncommands:\n  build:\n{commands}{rest}")
}

#[tokio::test]
async fn steps_see_what_they_may_and_names_are_only_names() {
    let rig = Rig::without_runner(&[]).await;
    let rig = rig.with_runner(&[("AWS_SECRET", "hidden-from-steps"), ("OORE_TOKEN", "hidden-as-well")]);
    let branch = "zzz\";touch${IFS}pwned;#";
    let text = file(
        "    - env\n    - test ! -e pwned\n    - printf '[%s]' \"$BRANCH\"\n",
        "env:\n  - {key: FLAVOR, value: prod}\n  - {key: API_TOKEN, value: t0psecret}\nartifacts: {patterns: []}\n",
    );
    let repository = Repository::with(&[(".oore.yaml", &text)]);
    repository.git(&["branch", branch]);
    let pipeline = rig.pipeline(&repository).await;
    let path = format!("/v1/projects/{}/builds", pipeline["project_id"].as_str().unwrap());
    let body = json!({"pipeline_id": pipeline["id"], "branch": branch});
    let build = rig.owner.post(&path, body).await.created()["build"].clone();
    let build = build_in(&rig.owner, &build, "succeeded").await;
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    assert!(!log.contains("hidden-"), "{log}");
    for line in
        ["CI=true", "FLAVOR=prod", "# env: FLAVOR=prod", "# env: API_TOKEN=***", "PROJECT_BUILD_NUMBER=1"]
    {
        assert!(log.lines().any(|found| found == line), "{line} is missing: {log}");
    }
    assert!(log.contains(&format!("[{branch}]")), "{log}");
    let names: Vec<&str> =
        build["step_results"].as_array().unwrap().iter().filter_map(|step| step["name"].as_str()).collect();
    assert_eq!(names, ["checkout", "build-1", "build-2", "build-3"]);
    rig.tidy().await;
}

#[tokio::test]
async fn only_plain_files_of_the_workspace_become_artifacts() {
    let rig = Rig::start(&[]).await;
    let secret = rig.folder.path().join("secret");
    std::fs::write(&secret, "s").unwrap();
    let commands = [
        "mkdir -p out other && printf good > out/good.txt && printf more > other/good.txt".to_owned(),
        format!(
            "ln -s {0} out/link; mkfifo out/pipe; ln {0} out/hard; ln -s /etc out/folder",
            secret.display()
        ),
    ];
    let commands: String = commands.iter().map(|command| format!("    - {}\n", json!(command))).collect();
    let text = file(&commands, "artifacts: {patterns: ['out/**', 'other/*']}\n");
    let (build, log) = rig.built(&Repository::with(&[(".oore.yaml", &text)]), "succeeded").await;
    for left_out in ["out/link is a symbolic link", "out/pipe is not a regular file", "out/hard also exists"]
    {
        assert!(log.contains(left_out), "{log}");
    }
    let path = format!("/v1/builds/{}/artifacts", build["id"].as_str().unwrap());
    let listed = rig.owner.get(&path).await.ok();
    let mut found: Vec<(&str, i64)> = listed["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["file_size"].as_i64().unwrap()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, [("good.txt", 4), ("out-good.txt", 4)]);
}

#[tokio::test]
async fn a_bundle_becomes_one_zip() {
    let rig = Rig::start(&[]).await;
    let command = "mkdir -p out/Demo.app/Contents; echo hi > out/Demo.app/Contents/Info; \
                   ln -s Contents/Info out/Demo.app/Link";
    let text = format!(
        "version: 1\nplatforms: [macos]\ncommands:\n  build:\n    - |\n      {command}\nartifacts: {{patterns: ['out/*.app']}}\n"
    );
    let (build, _) = rig.built(&Repository::with(&[(".oore.yaml", &text)]), "succeeded").await;
    let artifacts =
        rig.owner.get(&format!("/v1/builds/{}/artifacts", build["id"].as_str().unwrap())).await.ok();
    assert_eq!(artifacts["artifacts"][0]["name"], "Demo.app.zip", "{artifacts}");
    assert_eq!(artifacts["artifacts"][0]["artifact_type"], "app");
    assert_eq!(artifacts["artifacts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn too_long_and_too_quiet_builds_are_stopped_and_say_why() {
    let rig = Rig::start(&["--build-timeout-seconds", "1"]).await;
    let (build, log) =
        rig.built(&Repository::running(&["while :; do echo tick; sleep 0.1; done"]), "timed_out").await;
    assert_eq!(build["failure_reason"], "timed_out", "{build}");
    assert!(log.contains("longer than it may"), "{log}");
    let rig = Rig::start(&["--no-output-timeout-seconds", "1"]).await;
    let (build, log) = rig.built(&Repository::running(&["echo last words; sleep 60"]), "timed_out").await;
    assert_eq!(build["failure_reason"], "no_output", "{build}");
    assert!(log.contains("last words") && log.contains("printed nothing"), "{log}");
    rig.tidy().await;
}

#[tokio::test]
async fn a_log_beyond_its_limit_says_how_much_is_missing() {
    let rig = Rig::start(&["--log-limit-bytes", "5000"]).await;
    let (_, log) = rig
        .built(&Repository::running(&["mkdir out; touch out/a; yes 1234567 | head -n 1000"]), "succeeded")
        .await;
    assert_eq!(log.lines().filter(|line| *line == "1234567").count(), 625);
    assert!(log.contains("the log limit of 5000 bytes was reached; 3000 bytes were left out"), "{log}");
}

#[tokio::test]
async fn a_drained_runner_finishes_its_build_and_ends() {
    let mut rig = Rig::start(&[]).await;
    let repository = Repository::running(&["echo begun; sleep 1; mkdir out; touch out/a"]);
    let build = rig.owner.build(&rig.pipeline(&repository).await).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.signal(Signal::TERM);
    build_in(&rig.owner, &build, "succeeded").await;
    assert!(rig.ended().await);
    assert_eq!(rig.left_in("workspaces") + rig.left_in("spool"), 0);
}

#[tokio::test]
async fn a_second_signal_stops_the_build() {
    let mut rig = Rig::start(&[]).await;
    let repository = Repository::running(&["echo begun; sleep 300"]);
    let build = rig.owner.build(&rig.pipeline(&repository).await).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.signal(Signal::TERM);
    // Two signals at once may arrive as one.
    tokio::time::sleep(Duration::from_millis(100)).await;
    rig.signal(Signal::TERM);
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "runner_lost", "{build}");
    assert!(rig.ended().await);
}

#[tokio::test]
async fn a_killed_runner_settles_its_build_when_it_is_started_again() {
    let mut rig = Rig::start(&[]).await;
    let repository = Repository::running(&["echo begun; sleep 300"]);
    let build = rig.owner.build(&rig.pipeline(&repository).await).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.signal(Signal::KILL);
    assert!(!rig.ended().await);
    assert!(rig.left_in("workspaces") + rig.left_in("spool") > 0);
    let rig = rig.with_runner(&[]);
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "runner_lost", "{build}");
    rig.tidy().await;
    rig.built(&Repository::running(&["mkdir out; touch out/a"]), "succeeded").await;
}

#[tokio::test]
async fn a_build_goes_on_when_the_daemon_comes_back_at_another_address() {
    let mut rig = Rig::start(&[]).await;
    let commands = [
        "echo begun; i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i; sleep 0.02; done",
        "mkdir out; touch out/a",
    ];
    let repository = Repository::running(&commands);
    let build = rig.owner.build(&rig.pipeline(&repository).await).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.move_server().await;
    rig.tell_address();
    let build = build_in(&rig.owner, &build, "succeeded").await;
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with("line ")).collect();
    assert_eq!(lines, (1..=60).map(|i| format!("line {i}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_report_that_nobody_took_is_delivered_by_the_next_start() {
    let mut rig = Rig::without_runner(&[]).await;
    rig.runner = Some(rig.spawn(&rig.work(), &[], &["--idle-exit-seconds", "5"]));
    let repository =
        Repository::running(&["echo begun; sleep 1; mkdir out; touch out/a; echo finished; exit 3"]);
    let build = rig.owner.build(&rig.pipeline(&repository).await).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.move_server().await;
    assert!(rig.ended().await, "without daemon and work the runner ends");
    rig.tell_address();
    let rig = rig.with_runner(&[]);
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(
        (build["failure_reason"].as_str(), build["exit_code"].as_i64()),
        (Some("step_failed"), Some(3))
    );
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    assert!(log.contains("\nfinished\n"), "{log}");
    rig.tidy().await;
}

#[tokio::test]
async fn an_unreadable_pipeline_file_is_an_invalid_configuration() {
    let rig = Rig::start(&[]).await;
    for (name, commands) in
        [("link", "ln -s /etc/passwd .oore.yaml"), ("folder", "mkdir .oore.yaml && touch .oore.yaml/a")]
    {
        let repository = Repository::with(&[("README.md", name)]);
        let made =
            Command::new("sh").args(["-c", commands]).current_dir(repository.folder()).status().unwrap();
        assert!(made.success());
        repository.commit(name, &[]);
        let (build, log) = rig.built(&repository, "failed").await;
        assert_eq!(build["failure_reason"], "invalid_config", "{build}");
        assert!(!log.contains("root:"), "{log}");
    }
}

/// A small file system of its own; `None` where the tests may not mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        let options = ["-t", "tmpfs", "-o", "size=48m", "tmpfs"];
        let mounted =
            Command::new("mount").args(options).arg(&at).stderr(Stdio::null()).status().ok()?.success();
        mounted.then_some(Self(at))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_named_and_the_next_build_works() {
    let rig = Rig::without_runner(&[]).await;
    let Some(_disk) = SmallDisk::mount(rig.work()) else {
        eprintln!("not tested: a small disk can't be mounted here");
        return;
    };
    let rig = rig.with_runner(&[]);
    let (build, _) = rig.built(&Repository::running(&["cat /dev/zero > fill"]), "failed").await;
    assert_eq!(build["failure_reason"], "disk_full", "{build}");
    rig.tidy().await;
    let (build, _) =
        rig.built(&Repository::running(&["yes fill-the-log | head -c 100000000"]), "failed").await;
    assert_eq!(build["failure_reason"], "disk_full", "{build}");
    rig.tidy().await;
    rig.built(&Repository::running(&["mkdir out; touch out/a"]), "succeeded").await;
}
