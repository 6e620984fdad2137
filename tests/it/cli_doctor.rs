//! `oore doctor` against real daemons and real folders: what it finds, what it says to do, and its exit code.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::agent::Agent;
use crate::support::meddle::WallClock;
use crate::support::operator::{Operator, said};
use crate::support::program::free_port;
use crate::support::setting_up::behind_proxy;

/// An operator on the machine of a daemon, where a runner is online.
struct Host {
    server: Server,
    operator: Operator,
    runner: Agent,
}

impl Host {
    async fn start() -> Self {
        let server = Server::start().await;
        let runner = Agent::register(&server.owner().await, "r", 5).await;
        let operator = Operator::new();
        operator.json(&["login", "--daemon-url", &server.base, "--json"]).await;
        Self { server, operator, runner }
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["doctor", "--data-dir", self.server.data().to_str().unwrap()][..], more].concat()
    }

    /// The checks, whatever the exit code, which must fit them.
    async fn checks(&self, more: &[&str]) -> Checks {
        let done = self.operator.run(&self.arguments(&[more, &["--json"]].concat())).await;
        Checks::of(&done)
    }
}

struct Checks(Vec<Value>);

impl Checks {
    fn of(done: &std::process::Output) -> Self {
        let report: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", said(done)));
        let mut keys: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["checks", "missing_count", "warning_count"]);
        let checks = report["checks"].as_array().unwrap().clone();
        let count = |status: &str| checks.iter().filter(|check| check["status"] == status).count();
        assert_eq!(report["missing_count"], count("missing"), "{report}");
        assert_eq!(report["warning_count"], count("warning"), "{report}");
        for check in &checks {
            assert!(check["what"].is_string() && check["area"].is_string(), "{check}");
            assert!(check["status"] == "ok" || check["fix"].is_string(), "no way out: {check}");
        }
        let expected = if count("missing") == 0 { 0 } else { 1 };
        assert_eq!(done.status.code(), Some(expected), "{}", said(done));
        Self(checks)
    }

    fn find(&self, name: &str) -> &Value {
        self.0.iter().find(|check| check["name"] == name).unwrap_or(&Value::Null)
    }

    #[track_caller]
    fn is(&self, name: &str, status: &str, part: &str) {
        let check = self.find(name);
        assert_eq!(check["status"], status, "{name}: {:#?}", self.0);
        let text = format!("{} {}", check["what"], check["fix"]);
        assert!(text.contains(part), "{text}");
    }
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn an_instance_in_order_is_told_so_and_nothing_is_changed() {
    let host = Host::start().await;
    // As the daemon's program makes them; the tests' own process has another umask.
    chmod(host.server.data(), 0o700);
    chmod(&host.server.data().join("oore.db"), 0o600);
    let checks = host.checks(&[]).await;
    for name in
        ["daemon", "version", "clock", "ready", "setup", "session", "runners", "data_folder", "database"]
    {
        checks.is(name, "ok", "");
    }
    for name in ["database_integrity", "key"] {
        checks.is(name, "ok", "");
    }
    checks.is("git", "ok", "git");
    let shown = host.operator.run(&host.arguments(&[])).await;
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.starts_with("Instance\nok") && shown.contains("This machine\n"), "{shown}");
    assert!(!shown.contains('\x1b'), "no colours in a pipe");
}

#[tokio::test]
async fn a_platform_that_is_demanded_must_be_there() {
    let host = Host::start().await;
    let checks = host.checks(&["--platform", "ios", "--platform", "macos"]).await;
    if cfg!(target_os = "macos") {
        checks.is("xcode", checks.find("xcode")["status"].as_str().unwrap(), "");
    } else {
        checks.is("ios", "missing", "macOS");
        checks.is("macos", "missing", "oore runner register");
    }
    let all = host.checks(&["--all"]).await;
    let lenient = host.checks(&[]).await;
    let android = all.find("android_sdk")["status"].as_str().unwrap();
    if android == "missing" {
        lenient.is("android_sdk", "warning", "Android SDK");
    }
    let both = host.operator.run(&["doctor", "--all", "--platform", "ios"]).await;
    assert_eq!(both.status.code(), Some(2), "{}", said(&both));
    let unknown = host.operator.run(&["doctor", "--platform", "windows"]).await;
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));
}

#[tokio::test]
async fn a_daemon_that_is_away_is_a_finding_and_the_machine_is_looked_at_all_the_same() {
    let operator = Operator::new();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let absent = operator.home.path().join("absent");
    let arguments = ["doctor", "--json", "--daemon-url", &nobody, "--data-dir", absent.to_str().unwrap()];
    let checks = Checks::of(&operator.run(&arguments).await);
    checks.is("daemon", "missing", "oored run");
    checks.is("git", "ok", "git");
    assert!(!absent.exists() && checks.find("data_folder").is_null());
}

#[tokio::test]
async fn a_folder_that_others_can_read_and_a_database_that_is_damaged_are_found() {
    let host = Host::start().await;
    let data = host.server.data().to_owned();
    chmod(&data, 0o755);
    chmod(&data.join("encryption.key"), 0o640);
    chmod(&data.join("oore.db"), 0o644);
    let checks = host.checks(&[]).await;
    checks.is("data_folder", "missing", "chmod 700");
    checks.is("key", "missing", "chmod 600");
    checks.is("database", "missing", "chmod 600");
    checks.is("database_integrity", "ok", "");
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o755, "it only looks");

    let folder = host.server.leave().await;
    chmod(folder.path(), 0o700);
    let database = folder.path().join("oore.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle..middle + 40_000].fill(0xff);
    std::fs::write(&database, bytes).unwrap();
    std::fs::remove_file(folder.path().join("encryption.key")).unwrap();
    let offline = ["doctor", "--json", "--data-dir", folder.path().to_str().unwrap()];
    let checks = Checks::of(&host.operator.run(&offline).await);
    checks.is("database_integrity", "missing", "backup");
    checks.is("key", "missing", "backup");
    std::fs::write(&database, b"no database at all, but long enough to be one").unwrap();
    Checks::of(&host.operator.run(&offline).await).is("database_integrity", "missing", "not a database");
}

#[tokio::test]
async fn runners_that_are_away_and_sessions_that_are_over_are_found() {
    let host = Host::start().await;
    host.runner.beat("offline").await.expect(204);
    host.server.advance(60);
    host.checks(&[]).await.is("runners", "missing", "no runner is online");
    host.server.advance(24 * 3600 + 1);
    let checks = host.checks(&[]).await;
    checks.is("session", "warning", "oore login");
    assert!(checks.find("runners").is_null(), "only who is signed in may know");
    let stranger = Operator::new();
    let arguments = ["doctor", "--json", "--daemon-url", &host.server.base, "--data-dir"];
    let arguments = [&arguments[..], &[host.server.data().to_str().unwrap()]].concat();
    Checks::of(&stranger.run(&arguments).await).is("session", "warning", "oore login");
}

#[tokio::test]
async fn a_fresh_instance_without_a_runner_says_both() {
    let server = Server::start().await;
    let operator = Operator::new();
    let arguments = ["doctor", "--json", "--daemon-url", &server.base, "--data-dir"];
    let arguments = [&arguments[..], &[server.data().to_str().unwrap()]].concat();
    Checks::of(&operator.run(&arguments).await).is("setup", "missing", "oore setup");
    operator.json(&["login", "--daemon-url", &server.base, "--json"]).await;
    Checks::of(&operator.run(&arguments).await).is("runners", "missing", "oore runner register");
}

#[tokio::test]
async fn a_clock_that_differs_from_the_daemons_is_found() {
    let host = Host::start().await;
    let clock = WallClock::new();
    clock.set(600);
    let mut command = host.operator.command(&host.arguments(&["--json"]));
    command.envs(clock.environment());
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Checks::of(&done).is("clock", "warning", "seconds apart");
}

#[tokio::test]
async fn a_missing_public_url_and_a_proxy_that_proves_nothing_are_warned_of() {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let operator = Operator::new();
    let token = owner.token.clone().unwrap();
    let data = server.data().display().to_string();
    let doctor = async || {
        Checks::of(
            &operator
                .run(&[
                    "doctor",
                    "--json",
                    "--daemon-url",
                    &server.base,
                    "--token",
                    &token,
                    "--data-dir",
                    &data,
                ])
                .await,
        )
    };
    let checks = doctor().await;
    checks.is("public_url", "warning", "no public URL");
    checks.is("trusted_proxy", "ok", "");
    let network = json!({"public_url": "https://ci.invalid", "allowed_origins": ["https://ci.invalid"]});
    owner.put("/v1/settings/external-access/network", network).await.ok();
    let open = json!({"shared_secret": "", "trusted_proxy_cidrs": ["127.0.0.1"]});
    owner.put("/v1/settings/external-access/trusted-proxy", open).await.ok();
    doctor().await.is("trusted_proxy", "warning", "shared secret");
}

#[tokio::test]
async fn the_public_url_is_tried_and_must_lead_to_the_same_instance() {
    let host = Host::start().await;
    let owner = host.server.owner().await;
    let other = Server::start().await;
    let url = |url: &str| json!({"public_url": url, "allowed_origins": [url]});
    owner.put("/v1/settings/external-access/network", url(&host.server.base)).await.ok();
    host.checks(&[]).await.is("public_url", "ok", "leads to this instance");
    owner.put("/v1/settings/external-access/network", url(&other.base)).await.ok();
    host.checks(&[]).await.is("public_url", "missing", "another instance");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    owner.put("/v1/settings/external-access/network", url(&nobody)).await.ok();
    host.checks(&[]).await.is("public_url", "warning", "cannot be reached");
}

#[tokio::test]
async fn the_embedded_runner_shares_the_daemons_user_and_doctor_says_so() {
    let host = Host::start().await;
    assert!(host.checks(&[]).await.find("isolation").is_null());
    std::fs::create_dir(host.server.data().join("runner")).unwrap();
    host.checks(&[]).await.is("isolation", "ok", "isolation level 0");
}
