//! `oore runner`: a machine becomes a runner, works, gets a new token and is removed; the service that keeps
//! it running. Real programs, their own home folders, a `systemctl` that writes down what it is told.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::go_between::{FORBIDDEN_PAGE, GoBetween, NOT_FOUND_JSON, PORTAL_PAGE};
use crate::support::operator::{Operator, recording_systemctl, said};
use crate::support::{Client, Repository, Server, build_in, log_shows, wait_for};

/// A machine with its own home, whose programs know nothing of each other.
struct Machine {
    operator: Operator,
    runner: Option<Child>,
}

impl Machine {
    fn new() -> Self {
        Self { operator: Operator::new(), runner: None }
    }

    fn file(&self) -> PathBuf {
        self.operator.home.path().join(".oore/runner.json")
    }

    fn registration(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file()).unwrap()).unwrap()
    }

    fn point_at(&self, base: &str) {
        let mut registration = self.registration();
        registration["daemon_url"] = base.into();
        std::fs::write(self.file(), registration.to_string()).unwrap();
    }

    /// Registers with the session of somebody who is signed in elsewhere.
    async fn register(&self, owner: &Client, name: &str) -> Value {
        let token = owner.token.clone().unwrap();
        let arguments =
            ["runner", "register", "--daemon-url", &owner.base, "--token", &token, "--name", name, "--json"];
        self.operator.json(&arguments).await
    }

    fn start(&mut self, flags: &[&str]) {
        let mut command = self.operator.command(&["runner", "start"]);
        command.args(flags).stdout(Stdio::null()).stderr(Stdio::null());
        self.runner = Some(command.spawn().unwrap());
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(mut runner) = self.runner.take() {
            let _ = runner.kill();
            let _ = runner.wait();
        }
    }
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

async fn online(owner: &Client, id: &Value) -> Value {
    let path = format!("/v1/runners/{}", id.as_str().unwrap());
    wait_for(owner, &path, |found| found["runner"]["status"] == "online").await
}

#[tokio::test]
async fn a_machine_is_registered_once_and_keeps_its_token_to_itself() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let machine = Machine::new();
    let made = machine.register(&owner, "mac mini").await;
    assert_eq!((&made["name"], &made["daemon_url"]), (&json!("mac mini"), &json!(server.base)));
    let kept = machine.registration();
    assert_eq!((&kept["runner_id"], &kept["name"]), (&made["runner_id"], &made["name"]));
    let token = kept["runner_token"].as_str().unwrap();
    assert!(token.starts_with("oore_runner_") && !made.to_string().contains(token));
    server.assert_not_stored(token);
    assert_eq!((mode(&machine.file()), mode(machine.file().parent().unwrap())), (0o600, 0o700));

    let flags = ["--daemon-url", &server.base, "--token", owner.token.as_deref().unwrap()];
    let again = machine.operator.run(&[&["runner", "register"], &flags[..]].concat()).await;
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));
    assert!(said(&again).contains("--replace"), "{}", said(&again));
    assert_eq!(machine.registration(), kept, "what is there is not touched");
    let listed = owner.get("/v1/runners").await.ok();
    assert_eq!(listed["total"], 1, "and nothing was registered in vain");

    let replaced = machine.operator.run(&[&["runner", "register", "--replace"], &flags[..]].concat()).await;
    assert!(replaced.status.success() && !said(&replaced).contains("oore_runner_"), "{}", said(&replaced));
    assert_ne!(machine.registration()["runner_id"], kept["runner_id"]);
    assert!(!machine.registration()["name"].as_str().unwrap().is_empty(), "the machine's own name");
}

#[tokio::test]
async fn a_machine_keeps_the_slots_it_was_registered_with_unless_it_is_started_with_others() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut machine = Machine::new();
    let token = owner.token.clone().unwrap();
    let flags = ["--daemon-url", &owner.base, "--token", &token];
    for wrong in ["0", "65", "many"] {
        let refused =
            machine.operator.run(&[&["runner", "register", "--slots", wrong], &flags[..]].concat()).await;
        assert_eq!(refused.status.code(), Some(2), "{wrong}: {}", said(&refused));
    }
    let made = machine
        .operator
        .json(&[&["runner", "register", "--slots", "3", "--json"], &flags[..]].concat())
        .await;
    let slots = async || owner.get("/v1/runners").await.ok()["runners"][0]["slots"].clone();
    assert_eq!(slots().await, 3, "before it has ever been started");
    let rotated = machine.operator.run(&[&["runner", "rotate-token"], &flags[..]].concat()).await;
    assert!(rotated.status.success(), "{}", said(&rotated));
    assert_eq!(machine.registration()["slots"], 3);
    let listed = machine.operator.run(&[&["runner", "list"], &flags[..]].concat()).await;
    assert!(said(&listed).contains("0 of 3"), "{}", said(&listed));
    machine.start(&["--slots", "2"]);
    let path = format!("/v1/runners/{}", made["runner_id"].as_str().unwrap());
    wait_for(&owner, &path, |found| found["runner"]["slots"] == 2).await;
}

#[tokio::test]
async fn a_token_goes_only_where_nobody_reads_along() {
    let machine = Machine::new();
    for url in ["http://10.0.0.1:8787", "http://localhost:8787", "http://ci.example.com"] {
        let refused =
            machine.operator.run(&["runner", "register", "--daemon-url", url, "--token", "oore_api_x"]).await;
        assert_eq!(refused.status.code(), Some(2), "{url}: {}", said(&refused));
        assert!(said(&refused).contains("https://"), "{}", said(&refused));
    }
    assert!(!machine.file().exists());
    let server = Server::start().await;
    let stranger = machine.operator.run(&["runner", "register", "--daemon-url", &server.base]).await;
    assert_eq!(stranger.status.code(), Some(4), "{}", said(&stranger));
    assert!(!machine.file().exists());
}

#[tokio::test]
async fn a_registered_machine_builds_and_survives_a_new_token() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut machine = Machine::new();
    let made = machine.register(&owner, "linux box").await;
    machine.start(&[]);
    let shown = online(&owner, &made["runner_id"]).await;
    assert_eq!(
        (&shown["runner"]["embedded"], &shown["runner"]["name"]),
        (&json!(false), &json!("linux box"))
    );
    let repository = Repository::running(&["mkdir out; touch out/a"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    build_in(&owner, &owner.build(&pipeline).await, "succeeded").await;

    let old = machine.registration();
    let token = owner.token.clone().unwrap();
    let rotated = machine.operator.run(&["runner", "rotate-token", "--token", &token]).await;
    assert!(rotated.status.success(), "{}", said(&rotated));
    let new = machine.registration();
    assert_eq!(old["runner_id"], new["runner_id"]);
    assert_ne!(old["runner_token"], new["runner_token"]);
    assert_eq!(mode(&machine.file()), 0o600);
    let stale = owner.with_token(old["runner_token"].as_str().unwrap());
    let path = format!("/v1/runners/{}/claim", old["runner_id"].as_str().unwrap());
    stale.post(&path, json!({"protocol_version": 5})).await.error(401, "invalid_token");
    // The running process finds the new token by itself.
    build_in(&owner, &owner.build(&pipeline).await, "succeeded").await;
    let handed =
        owner.get(&format!("/v1/builds?runner_id={}", made["runner_id"].as_str().unwrap())).await.ok();
    assert_eq!((&handed["total"], handed["builds"].as_array().map(Vec::len)), (&json!(2), Some(2)));
    let other = owner.get("/v1/builds?runner_id=00000000-0000-7000-8000-000000000000").await.ok();
    assert_eq!(other["total"], 0);
}

#[tokio::test]
async fn a_new_token_costs_no_build_that_runs() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut machine = Machine::new();
    let made = machine.register(&owner, "linux box").await;
    machine.start(&[]);
    let gate = machine.operator.home.path().join("gate");
    let script = format!(
        "echo begun; for second in $(seq 60); do [ -e {0} ] && break; echo waiting; sleep 1; done; [ -e {0} ] && mkdir out && touch out/a",
        gate.display()
    );
    let repository = Repository::running(&[&script]);
    let project = owner.project("App", &repository).await;
    let build = owner.build(&owner.pipeline(&project, "Main").await).await;
    log_shows(&owner, &build, "\nbegun").await;
    let path = format!("/v1/runners/{}", made["runner_id"].as_str().unwrap());
    let rotated = owner.post(&format!("{path}/rotate-token"), json!({})).await.ok();
    // The old token ended at once, and the runner has tried it since.
    let frames_refused = || {
        let text = server.app.metrics.text().unwrap();
        text.lines().any(|line| line.contains("/log-frames") && line.contains("status=\"401\""))
    };
    while !frames_refused() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut registration = machine.registration();
    registration["runner_token"] = rotated["token"].clone();
    std::fs::write(machine.file(), registration.to_string()).unwrap();
    std::fs::write(&gate, "").unwrap();
    build_in(&owner, &build, "succeeded").await;
}

#[tokio::test]
async fn runners_are_listed_renamed_and_removed_by_name_or_id() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let machine = Machine::new();
    let made = machine.register(&owner, "twin").await;
    owner.post("/v1/runners/register", json!({"name": "twin"})).await.ok();
    let desk = Operator::new();
    desk.json(&["login", "--daemon-url", &server.base, "--json"]).await;
    let listed = desk.json(&["runner", "list", "--json"]).await;
    assert_eq!(listed["runners"].as_array().unwrap().len(), 2);
    let shown = said(&desk.run(&["runner", "list"]).await);
    assert!(shown.contains("twin") && shown.contains("offline") && shown.contains("external"), "{shown}");

    let unclear = desk.run(&["runner", "rename", "twin", "other"]).await;
    assert_eq!(unclear.status.code(), Some(2), "{}", said(&unclear));
    let id = made["runner_id"].as_str().unwrap();
    assert!(said(&unclear).contains(id), "{}", said(&unclear));
    assert!(desk.run(&["runner", "rename", id, "mine"]).await.status.success());
    let nobody = desk.run(&["runner", "remove", "nobody"]).await;
    assert_eq!(nobody.status.code(), Some(1), "{}", said(&nobody));
    let token = owner.token.clone().unwrap();
    let flags = ["--daemon-url", &server.base, "--token", &token];
    let removed = machine.operator.run(&[&["runner", "remove", "mine"], &flags[..]].concat()).await;
    assert!(removed.status.success() && !machine.file().exists(), "{}", said(&removed));
    assert_eq!(owner.get("/v1/runners").await.ok()["total"], 1);
}

#[tokio::test]
async fn what_answers_in_between_costs_no_build() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut machine = Machine::new();
    let made = machine.register(&owner, "behind a proxy").await;
    let between = GoBetween::before(&server.base).await;
    machine.point_at(&between.base);
    machine.start(&[]);
    online(&owner, &made["runner_id"]).await;
    let repository = Repository::running(&["echo begun; sleep 2; mkdir out; touch out/a; echo over"]);
    let project = owner.project("App", &repository).await;
    let build = owner.build(&owner.pipeline(&project, "Main").await).await;
    log_shows(&owner, &build, "\nbegun").await;
    for answer in [FORBIDDEN_PAGE, NOT_FOUND_JSON, PORTAL_PAGE] {
        between.answer(answer);
        between.has_answered(6).await;
    }
    between.step_aside();
    build_in(&owner, &build, "succeeded").await;
    let log = String::from_utf8(owner.raw_log(&build).await).unwrap();
    assert_eq!(log.matches("\nover\n").count(), 1, "{log}");
}

#[tokio::test]
async fn the_doctor_tells_what_is_there_and_what_to_do_about_the_rest() {
    let operator = Operator::new();
    let done = operator.run(&["runner", "doctor", "--json"]).await;
    assert_eq!(done.status.code(), Some(1), "something is missing: {}", said(&done));
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let named = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap();
    assert_eq!(named("git")["status"], "ok");
    assert_eq!(named("android_sdk")["status"], "missing", "a fresh home has none");
    assert!(named("android_sdk")["fix"].as_str().unwrap().contains("ANDROID_HOME"));
    let count = |status: &str| checks.iter().filter(|check| check["status"] == status).count();
    assert_eq!(report["missing_count"], count("missing"));
    assert_eq!(report["warning_count"], count("warning"));
    let shown = operator.run(&["runner", "doctor"]).await;
    assert_eq!(shown.status.code(), Some(1));
    let shown = said(&shown);
    assert!(shown.contains("missing") && shown.contains("ANDROID_HOME"), "{shown}");

    let sdk = operator.home.path().join("Android/Sdk");
    std::fs::create_dir_all(sdk.join("platforms/android-35")).unwrap();
    let done = operator.run(&["runner", "doctor", "--json"]).await;
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["capabilities"]["android"]["platforms"], json!(["android-35"]));
    assert_eq!(done.status.success(), report["missing_count"] == 0, "{report}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_service_is_written_started_and_removed_for_whoever_installs_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let machine = Machine::new();
    let home = machine.operator.home.path();
    let path = format!("{}:/usr/bin:/bin", recording_systemctl(home).display());
    let run = async |arguments: &[&str]| {
        let mut command = machine.operator.command(arguments);
        command.env("PATH", &path).env("ANDROID_HOME", "/opt/android").env_remove("XDG_CONFIG_HOME");
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    };
    let early = run(&["runner", "install-service"]).await;
    assert_eq!(early.status.code(), Some(2), "{}", said(&early));
    assert!(said(&early).contains("oore runner register"), "{}", said(&early));
    machine.register(&owner, "box").await;

    let unit = home.join(".config/systemd/user/oore-runner.service");
    let printed = run(&["runner", "install-service", "--print"]).await;
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(!unit.exists() && !home.join("told").exists(), "printing changes nothing");
    let config = machine.file().display().to_string();
    for part in ["KillMode=process", "Delegate=yes", "\"ANDROID_HOME=/opt/android\"", &config, &path] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("oore_runner_"), "the token stays in its file");

    let installed = run(&["runner", "install-service"]).await;
    assert!(installed.status.success(), "{}", said(&installed));
    assert_eq!(std::fs::read_to_string(&unit).unwrap().trim_end(), text.trim_end());
    let told = || std::fs::read_to_string(home.join("told")).unwrap();
    assert_eq!(
        told(),
        "--user daemon-reload\n--user enable oore-runner.service\n--user restart --no-block oore-runner.service\n"
    );

    let removed = run(&["runner", "uninstall-service"]).await;
    assert!(removed.status.success() && !unit.exists(), "{}", said(&removed));
    assert!(
        told().ends_with("--user disable --now oore-runner.service\n--user daemon-reload\n"),
        "{}",
        told()
    );
    assert!(machine.file().exists(), "the registration stays");
    assert_eq!(run(&["runner", "uninstall-service"]).await.status.code(), Some(1));
}
