//! Which Flutter builds get: FVM where it is, its release where it is not, and what is said if there is neither.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::runner_builds::{Rig, file};
use crate::support::Repository;

#[tokio::test]
async fn a_missing_tool_is_named_with_its_remedy() {
    let rig = Rig::without_runner(&[]).await;
    let home = tempfile::tempdir().unwrap();
    let nobody = nobody_listens();
    let rig = rig.with_runner(&[("HOME", home.path().to_str().unwrap()), ("OORE_RUNNER_FVM_URL", &nobody)]);
    let text = file("    - flutter test\n", "");
    let (build, log) = rig.built(&Repository::with(&[(".oore.yaml", &text)]), "failed").await;
    assert_eq!(build["failure_reason"], "tool_missing", "{build}");
    let message = build["error_message"].as_str().unwrap();
    assert!(message.contains("brew install fvm") && log.contains(message), "{message}\n{log}");
}

/// A runner whose FVM only notes in `calls` how it is called: the program is another product's.
async fn with_noting_fvm() -> (Rig, TempDir) {
    let rig = Rig::without_runner(&[]).await;
    let tools = tempfile::tempdir().unwrap();
    let script = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", tools.path().join("calls").display());
    let fvm = tools.path().join("fvm");
    std::fs::write(&fvm, script).unwrap();
    std::fs::set_permissions(&fvm, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());
    (rig.with_runner(&[("PATH", &path)]), tools)
}

fn calls_of(tools: &TempDir) -> Vec<String> {
    let calls = std::fs::read_to_string(tools.path().join("calls")).unwrap();
    calls.lines().filter(|call| *call != "--version").map(str::to_owned).collect()
}

#[tokio::test]
async fn fvm_is_asked_for_the_repositorys_version_and_wraps_flutter() {
    let (rig, tools) = with_noting_fvm().await;
    let text = file(
        "    - flutter test --machine\n    - dart 'a b'\n",
        "flutter_version: 3.19.0\nartifacts: {patterns: []}\n",
    );
    let repository = Repository::with(&[(".oore.yaml", &text), (".fvmrc", "{\"flutter\": \"3.35.1\"}")]);
    rig.built(&repository, "succeeded").await;
    assert_eq!(
        calls_of(&tools),
        ["install 3.35.1", "use 3.35.1 --force --skip-pub-get", "flutter test --machine", "dart a b"]
    );
}

#[tokio::test]
async fn the_flutter_version_of_a_matrix_wins_over_the_repositorys() {
    let (rig, tools) = with_noting_fvm().await;
    let text = "version: 2\nplatforms: [android]\nflutter_version: 3.19.0\nmatrix: {flutter_version: [3.22.0]}\n\
                artifacts: {patterns: []}\nsteps: [{name: Test, run: flutter test}]\n";
    let repository = Repository::with(&[(".oore.yaml", text), (".fvmrc", "{\"flutter\": \"3.35.1\"}")]);
    rig.built(&repository, "succeeded").await;
    assert_eq!(calls_of(&tools), ["install 3.22.0", "use 3.22.0 --force --skip-pub-get", "flutter test"]);
}

/// An address at which a connection is refused.
fn nobody_listens() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A mirror that has one archive with a stand-in for FVM, and how often it was asked.
struct Mirror {
    url: String,
    sha256: String,
    asked: Arc<AtomicUsize>,
}

impl Mirror {
    async fn start(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("fvm")).unwrap();
        let program = folder.path().join("fvm/fvm");
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let packed =
            Command::new("tar").args(["-czf", "-", "fvm"]).current_dir(folder.path()).output().unwrap();
        let sha256 = Sha256::digest(&packed.stdout).iter().map(|byte| format!("{byte:02x}")).collect();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let answer = async move || {
            count.fetch_add(1, Ordering::SeqCst);
            packed.stdout
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/4.1.2", listener.local_addr().unwrap());
        let routes = axum::Router::new().route("/4.1.2/{archive}", axum::routing::get(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, sha256, asked }
    }
}

const USES_FLUTTER: &str = "    - flutter test\n";

#[tokio::test]
async fn without_fvm_its_release_is_fetched_once_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let calls = home.path().join("calls");
    let mirror = Mirror::start(&format!("#!/bin/sh\necho \"$@\" >> '{}'\n", calls.display())).await;
    let rig = Rig::without_runner(&[]).await.with_runner(&[
        ("HOME", home.path().to_str().unwrap()),
        // A machine with an FVM of its own would not need the mirror.
        ("PATH", "/usr/bin:/bin"),
        ("OORE_RUNNER_FVM_URL", &mirror.url),
        ("OORE_RUNNER_FVM_SHA256", &mirror.sha256),
    ]);
    let text = file(USES_FLUTTER, "artifacts: {patterns: []}\n");
    let repository = Repository::with(&[(".oore.yaml", &text), (".fvmrc", "{\"flutter\": \"3.35.1\"}")]);
    let (_, log) = rig.built(&repository, "succeeded").await;
    assert!(log.contains("fetching http://127.0.0.1"), "{log}");
    let (_, log) = rig.built(&repository, "succeeded").await;
    assert!(!log.contains("fetching"), "{log}");
    assert_eq!(mirror.asked.load(Ordering::SeqCst), 1);
    let calls = std::fs::read_to_string(calls).unwrap();
    assert_eq!(calls.lines().filter(|call| *call == "install 3.35.1").count(), 2, "{calls}");
    assert_eq!(calls.lines().filter(|call| *call == "flutter test").count(), 2, "{calls}");
}

#[tokio::test]
async fn an_fvm_with_another_hash_is_never_unpacked() {
    let home = tempfile::tempdir().unwrap();
    let mirror = Mirror::start("#!/bin/sh\nexit 0\n").await;
    let rig = Rig::without_runner(&[])
        .await
        .with_runner(&[("HOME", home.path().to_str().unwrap()), ("OORE_RUNNER_FVM_URL", &mirror.url)]);
    let repository = Repository::with(&[(".oore.yaml", &file(USES_FLUTTER, ""))]);
    let (build, _) = rig.built(&repository, "failed").await;
    assert_eq!(build["failure_reason"], "tool_missing", "{build}");
    let message = build["error_message"].as_str().unwrap();
    assert!(message.contains(&format!("has the SHA-256 {}", mirror.sha256)), "{message}");
    assert_eq!(std::fs::read_dir(rig.work().join("tools")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_version_that_somebody_chose_is_there_for_commands_that_do_not_name_flutter() {
    let home = tempfile::tempdir().unwrap();
    let mirror = Mirror::start("#!/bin/sh\necho \"fvm $@\"\n").await;
    let rig = Rig::without_runner(&[]).await.with_runner(&[
        ("HOME", home.path().to_str().unwrap()),
        // A machine with an FVM of its own would not need the mirror.
        ("PATH", "/usr/bin:/bin"),
        ("OORE_RUNNER_FVM_URL", &mirror.url),
        ("OORE_RUNNER_FVM_SHA256", &mirror.sha256),
    ]);
    let text = file("    - sh tool/build.sh\n", "flutter_version: 3.19.0\nartifacts: {patterns: []}\n");
    let repository = Repository::with(&[(".oore.yaml", &text), ("tool/build.sh", "flutter build apk\n")]);
    let (_, log) = rig.built(&repository, "succeeded").await;
    assert!(log.contains("fvm install 3.19.0") && log.contains("fvm flutter build apk"), "{log}");
}
