//! A build that tries to sign in, as a real step of a real build, in every way that hides where it
//! comes from; and everybody else, who signs in as always meanwhile.

use serde_json::{Value, json};

use crate::support::program::{Daemon, end_runner, free_port};
use crate::support::{Client, Repository, build_in, log_shows};

/// A daemon with its embedded runner.
struct Rig {
    data: tempfile::TempDir,
    daemon: Daemon,
    owner: Client,
}

impl Rig {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let daemon = Daemon::start(data.path(), free_port(), &[]).await;
        let owner = daemon.client().sign_in(None).await;
        Self { data, daemon, owner }
    }

    /// Starts a build of these commands.
    async fn build(&self, commands: &[&str]) -> (Repository, Value) {
        let repository = Repository::running(commands);
        let project = self.owner.project("App", &repository).await;
        let build = self.owner.build(&self.owner.pipeline(&project, "Main").await).await;
        (repository, build)
    }

    /// What a step got that ran this line, in which `$LOGIN` is the address and `$OUT` takes the answer.
    async fn answer_to(&self, line: &str) -> String {
        let out = tempfile::tempdir().unwrap();
        let file = out.path().join("answer");
        let wait =
            "for n in $(seq 300); do test -s $OUT.code && break; sleep 0.1; done; mkdir -p out; touch out/a";
        let line = format!("{line}; {wait}")
            .replace("$CURL", "curl -s -o $OUT -w '%{http_code}' --json '{}' $LOGIN")
            .replace("$LOGIN", &format!("{}/v1/auth/local/login", self.daemon.base))
            .replace("$BASE", &self.daemon.base)
            .replace("$HOST", self.daemon.base.trim_start_matches("http://"))
            .replace("$OUT", &file.display().to_string());
        let (_repository, build) = self.build(&[&line]).await;
        build_in(&self.owner, &build, "succeeded").await;
        let code = std::fs::read_to_string(out.path().join("answer.code")).unwrap_or_default();
        let body: Value =
            serde_json::from_slice(&std::fs::read(&file).unwrap_or_default()).unwrap_or_default();
        format!("{code} {}", body["code"].as_str().unwrap_or_default())
    }

    async fn refusals(&self) -> usize {
        let log = self.owner.get("/v1/audit-logs?action=local_login_refused").await.ok();
        let entries = log["entries"].as_array().unwrap().clone();
        entries.iter().filter(|entry| entry["details"].to_string().contains("local_login_from_build")).count()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        end_runner(self.data.path());
    }
}

#[tokio::test]
async fn a_step_cannot_sign_in_however_it_hides() {
    let rig = Rig::start().await;
    let ways = [
        "$CURL > $OUT.code",
        "$CURL -H 'Origin: $BASE' -H 'Host: $HOST' > $OUT.code",
        "setsid -w $CURL > $OUT.code",
        "env -i $(command -v curl) -s -o $OUT -w '%{http_code}' --json '{}' $LOGIN > $OUT.code",
        "(cd / && env -i PATH=$PATH setsid -w $CURL > $OUT.code)",
        // Let go of entirely: no parent, no session, no mark, no folder, no output.
        "(cd / && env -i PATH=$PATH setsid sh -c \"sleep 0.3; $CURL > $OUT.code\" </dev/null >/dev/null 2>&1 &)",
    ];
    for (n, way) in ways.iter().enumerate() {
        assert_eq!(rig.answer_to(way).await, "403 local_login_from_build", "{way}");
        assert_eq!(rig.refusals().await, n + 1, "{way}");
    }
}

#[tokio::test]
async fn a_recovery_capability_does_not_help_a_step() {
    let rig = Rig::start().await;
    let data = rig.data.path().to_str().unwrap();
    let output = crate::support::program::run(&["oore", "recovery", "--json", "--data-dir", data]);
    let minted: Value = serde_json::from_slice(&output.stdout).unwrap();
    let body = json!({"recovery_capability": minted["recovery_capability"]});
    let line = format!("curl -s -o $OUT -w '%{{http_code}}' --json '{body}' $LOGIN > $OUT.code");
    assert_eq!(rig.answer_to(&line).await, "403 local_login_from_build");
    rig.daemon.client().post("/v1/auth/local/login", body).await.ok();
}

#[tokio::test]
async fn others_sign_in_while_a_build_runs() {
    let rig = Rig::start().await;
    let (_repository, build) = rig.build(&["echo begun; sleep 300"]).await;
    log_shows(&rig.owner, &build, "\nbegun").await;
    rig.daemon.client().sign_in(None).await;
    let login = format!("{}/v1/auth/local/login", rig.daemon.base);
    let status = tokio::process::Command::new("curl")
        .args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "--json", "{}", &login])
        .output()
        .await
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&status.stdout), "200", "a program that is younger than the build");
    let cancel = format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap());
    rig.owner.post(&cancel, json!({})).await.ok();
    assert_eq!(rig.refusals().await, 0);
}
