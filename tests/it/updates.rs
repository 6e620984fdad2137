//! `oore update` and the update over the API: releases that are signed, served by a real server and installed over a program of
//! their own; and everything that must not be installed. The test is the service manager.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oored::domain::role::UserRole;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::operator::said;
use crate::support::program::{end_runner, free_port, oored};
use crate::support::{Client, Repository, Server, build_in, log_shows};

const OWN: &str = env!("CARGO_PKG_VERSION");
/// As long as the own version, so that it fits into its place in a program.
const NEXT: &str = "0.1.1";
const REPOSITORY: &str = "some-one/some-where";

/// A key that signs releases.
struct Signer(Ed25519KeyPair);

impl Signer {
    fn new() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        Self(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap())
    }

    fn public(&self) -> String {
        STANDARD.encode(self.0.public_key())
    }
}

/// A release to be: what is in it and what is said of it.
struct Release {
    version: &'static str,
    prerelease: bool,
    archive: Vec<u8>,
}

impl Release {
    fn of(version: &'static str, archive: Vec<u8>) -> Self {
        Self { version, prerelease: false, archive }
    }

    fn name(&self) -> String {
        format!("oored-{}-{}-{}.tar.gz", self.version, std::env::consts::OS, std::env::consts::ARCH)
    }

    fn manifest(&self) -> Value {
        let sum: String = Sha256::digest(&self.archive).iter().map(|byte| format!("{byte:02x}")).collect();
        json!({
            "format": "oore-release-v1", "version": self.version,
            "channel": if self.prerelease { "beta" } else { "stable" },
            "files": [{
                "name": self.name(), "system": std::env::consts::OS, "machine": std::env::consts::ARCH,
                "size": self.archive.len(), "sha256": sum,
            }],
        })
    }
}

type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A server with releases.
struct Shelf {
    base: String,
    files: Files,
    listed: Mutex<Vec<Value>>,
    signer: Signer,
}

impl Shelf {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let files = Files::default();
        let routes = axum::Router::new().fallback(serve).with_state(files.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let shelf = Self { base, files, listed: Mutex::default(), signer: Signer::new() };
        shelf.list();
        shelf
    }

    fn put(&self, path: &str, content: Vec<u8>) {
        self.files.lock().unwrap().insert(path.to_owned(), content);
    }

    fn list(&self) {
        let list = serde_json::to_vec(&*self.listed.lock().unwrap()).unwrap();
        self.put(&format!("/repos/{REPOSITORY}/releases"), list);
    }

    /// Publishes a release with a manifest and a signature as they should be.
    fn publish(&self, release: &Release) {
        let manifest = serde_json::to_vec(&release.manifest()).unwrap();
        self.publish_with(release, manifest.clone(), self.signer.0.sign(&manifest).as_ref());
    }

    fn publish_with(&self, release: &Release, manifest: Vec<u8>, signature: &[u8]) {
        let tag = format!("v{}", release.version);
        let files = [
            (release.name(), release.archive.clone()),
            ("release.json".to_owned(), manifest),
            ("release.json.sig".to_owned(), signature.to_vec()),
        ];
        let mut assets = Vec::new();
        for (name, content) in files {
            let path = format!("/download/{tag}/{name}");
            assets.push(json!({"name": name, "browser_download_url": format!("{}{path}", self.base)}));
            self.put(&path, content);
        }
        let entry =
            json!({"tag_name": tag, "draft": false, "prerelease": release.prerelease, "assets": assets});
        self.listed.lock().unwrap().push(entry);
        self.list();
    }

    fn clear(&self) {
        self.listed.lock().unwrap().clear();
        self.list();
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("OORE_RELEASES_URL", self.base.clone()),
            ("OORE_GITHUB_REPO", REPOSITORY.to_owned()),
            ("OORE_RELEASE_KEY", self.signer.public()),
        ]
    }
}

async fn serve(State(files): State<Files>, uri: Uri) -> impl IntoResponse {
    match files.lock().unwrap().get(uri.path()) {
        Some(content) => (StatusCode::OK, content.clone()),
        None => (StatusCode::NOT_FOUND, Vec::new()),
    }
}

/// An archive of a release with this as its program.
fn packed(fill: impl FnOnce(&Path)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("oored-x");
    std::fs::create_dir(&inside).unwrap();
    fill(&inside);
    let archive = folder.path().join("a.tar.gz");
    let pack = "tar -cf - -C \"$1\" oored-x | gzip -1 > \"$2\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", pack, "sh"]).arg(folder.path()).arg(&archive);
    assert!(shell.status().unwrap().success());
    std::fs::read(archive).unwrap()
}

fn script(text: &str) -> Vec<u8> {
    packed(|folder| {
        let program = folder.join("oored");
        std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    })
}

#[cfg(target_os = "linux")]
/// The program under test as its own next version: the same but for the number.
fn next_version() -> Vec<u8> {
    assert_eq!(OWN.len(), NEXT.len());
    let mut program = std::fs::read(env!("CARGO_BIN_EXE_oored")).unwrap();
    let places: Vec<usize> = memchr::memmem::find_iter(&program, OWN).collect();
    for place in places {
        program[place..place + NEXT.len()].copy_from_slice(NEXT.as_bytes());
    }
    packed(|folder| {
        std::fs::write(folder.join("oored"), &program).unwrap();
        std::fs::set_permissions(folder.join("oored"), std::fs::Permissions::from_mode(0o755)).unwrap();
    })
}

/// An installed program with a data folder.
struct Installation {
    folder: tempfile::TempDir,
    data: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
}

impl Installation {
    fn new(shelf: &Shelf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("oored");
        std::fs::copy(env!("CARGO_BIN_EXE_oored"), &program).unwrap();
        Self { folder, data: tempfile::tempdir().unwrap(), settings: shelf.settings() }
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("oored")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let clean = oored();
        let mut command = Command::new(self.program());
        for (key, _) in clean.get_envs() {
            command.env_remove(key);
        }
        command.envs(self.settings.iter().map(|(key, value)| (key, value)));
        command.env("OORED_DATA_DIR", self.data.path()).args(arguments);
        command
    }

    async fn update(&self, flags: &[&str]) -> Output {
        let mut command = self.command(&[&["oore", "update"], flags].concat());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    fn says(&self, program: &str) -> String {
        let said = Command::new(self.folder.path().join(program)).arg("version").output().unwrap();
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    }

    /// What is in the program's folder.
    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// What systemd and launchd do: starts the daemon, and again after each failure.
struct Keeper {
    ended: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
    data: PathBuf,
    base: String,
}

impl Keeper {
    async fn start(installation: &Installation) -> Self {
        let listen = format!("127.0.0.1:{}", free_port());
        let ended = Arc::new(AtomicBool::new(false));
        let make = {
            let (program, settings, listen) =
                (installation.command(&[]), installation.settings.clone(), listen.clone());
            let (file, data) = (program.get_program().to_owned(), installation.data.path().to_owned());
            move || {
                let mut command = Command::new(&file);
                command.args(["run", "--listen", &listen, "--managed", "true"]);
                command.envs(settings.iter().map(|(key, value)| (key, value))).env("OORED_DATA_DIR", &data);
                command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
            }
        };
        let thread = {
            let ended = ended.clone();
            std::thread::spawn(move || {
                while !ended.load(Ordering::SeqCst) {
                    if let Ok(mut child) = make() {
                        while child.try_wait().unwrap().is_none() {
                            if ended.load(Ordering::SeqCst) {
                                let _ = child.kill();
                            }
                            std::thread::sleep(Duration::from_millis(20));
                        }
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
            })
        };
        let keeper = Self {
            ended,
            thread: Some(thread),
            data: installation.data.path().to_owned(),
            base: format!("http://{listen}"),
        };
        keeper.runs(OWN).await;
        keeper
    }

    /// Waits until this version answers.
    async fn runs(&self, version: &str) {
        let http = reqwest::Client::new();
        let answers = async || {
            let answer = http.get(format!("{}/healthz", self.base)).send().await.ok()?;
            Some(answer.json::<Value>().await.ok()?["version"] == version)
        };
        let runs = async {
            while answers().await != Some(true) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), runs).await.expect(version);
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = self.thread.take().unwrap().join();
        end_runner(&self.data);
    }
}

async fn phase(owner: &Client, wanted: &str) -> Value {
    let reached = async {
        loop {
            let http = owner.http.get(format!("{}/v1/system/update", owner.base));
            let answer = http.bearer_auth(owner.token.as_deref().unwrap()).send().await;
            // The daemon is away for a moment.
            if let Ok(answer) = answer {
                let status: Value = answer.json().await.unwrap();
                if status["phase"] == wanted {
                    return status;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(180), reached).await.expect(wanted)
}

/// Elsewhere a program that was changed is not started: its signature is broken.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_update_over_the_api_replaces_the_daemon_in_the_middle_of_a_build() {
    let shelf = Shelf::new().await;
    let installation = Installation::new(&shelf);
    let keeper = Keeper::start(&installation).await;
    let owner = Client::new(&keeper.base).sign_in(None).await;
    let status = owner.get("/v1/system/update").await.ok();
    assert_eq!(status, json!({"phase": "idle", "managed_service": true, "version": OWN}));

    let gate = installation.folder.path().join("gate");
    let step = format!("echo begun; while [ ! -e {} ]; do sleep 0.05; done; echo ended", gate.display());
    let project = owner.project("App", &Repository::running(&[&step])).await;
    let build = owner.build(&owner.pipeline(&project, "Main").await).await;
    log_shows(&owner, &build, "\nbegun").await;

    shelf.publish(&Release::of(NEXT, next_version()));
    let begun = owner.post("/v1/system/update", json!({})).await.expect(202);
    assert_eq!(begun["phase"], "updating", "{begun}");
    keeper.runs(NEXT).await;
    let status = phase(&owner, "idle").await;
    assert_eq!((&status["version"], &status["error"]), (&json!(NEXT), &Value::Null));

    std::fs::write(&gate, "").unwrap();
    build_in(&owner, &build, "succeeded").await;
    assert_eq!(installation.says("oored"), format!("oored {NEXT}"));
    assert_eq!(installation.says("oored.previous"), format!("oored {OWN}"), "the one before is kept");
    let kept = keeper.data.join(format!("before-{OWN}.tar.gz"));
    assert!(kept.metadata().unwrap().len() > 0 && kept.metadata().unwrap().mode() & 0o077 == 0);
    assert_eq!(installation.files(), ["gate", "oored", "oored.previous"], "nothing else is left");
    let acts = owner.get("/v1/audit-logs?action=runtime_update_started").await.ok();
    assert_eq!(acts["total"], 1);
}

#[tokio::test]
async fn a_version_that_does_not_come_up_is_taken_back() {
    let shelf = Shelf::new().await;
    let installation = Installation::new(&shelf);
    let keeper = Keeper::start(&installation).await;
    let owner = Client::new(&keeper.base).sign_in(None).await;
    let broken = format!("case $1 in version) echo oored {NEXT};; try-database) ;; *) exit 1;; esac");
    shelf.publish(&Release::of(NEXT, script(&broken)));
    let done = installation.update(&["--patience", "3"]).await;
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    assert!(said(&done).contains(&format!("version {OWN} is back and runs")), "{}", said(&done));
    keeper.runs(OWN).await;
    assert_eq!(installation.says("oored"), format!("oored {OWN}"));
    let status = owner.get("/v1/system/update").await.ok();
    assert_eq!(status["phase"], "failed");
    assert!(status["error"].as_str().unwrap().contains("did not come up"), "{status}");
}

#[tokio::test]
async fn what_is_not_as_it_was_signed_is_not_installed() {
    let shelf = Shelf::new().await;
    let installation = Installation::new(&shelf);
    let before = std::fs::metadata(installation.program()).unwrap();
    let good = script(&format!("case $1 in version) echo oored {NEXT};; esac"));
    let release = || Release::of(NEXT, good.clone());
    let signed = |manifest: &Value| {
        let manifest = serde_json::to_vec(manifest).unwrap();
        let signature = shelf.signer.0.sign(&manifest).as_ref().to_vec();
        (manifest, signature)
    };
    let refused = async |words: &str| {
        let done = installation.update(&[]).await;
        assert_eq!(done.status.code(), Some(1), "{words}: {}", said(&done));
        assert!(said(&done).contains(words), "{words}: {}", said(&done));
        let now = std::fs::metadata(installation.program()).unwrap();
        assert_eq!((now.ino(), now.len()), (before.ino(), before.len()), "{words}");
        assert_eq!(installation.files(), ["oored"], "{words}");
        shelf.clear();
    };

    // A changed manifest, another key, no signature.
    let (mut manifest, signature) = signed(&release().manifest());
    manifest.push(b' ');
    shelf.publish_with(&release(), manifest, &signature);
    refused("not signed by a key").await;
    let manifest = serde_json::to_vec(&release().manifest()).unwrap();
    shelf.publish_with(&release(), manifest.clone(), Signer::new().0.sign(&manifest).as_ref());
    refused("not signed by a key").await;
    shelf.publish_with(&release(), manifest, b"");
    refused("not signed by a key").await;

    // A manifest of another release, and one of a channel that was not asked for.
    let old = Release::of(OWN, good.clone());
    let (manifest, signature) = signed(&old.manifest());
    shelf.publish_with(&release(), manifest, &signature);
    refused("is of another release").await;
    let mut tried = release().manifest();
    tried["channel"] = "beta".into();
    let (manifest, signature) = signed(&tried);
    shelf.publish_with(&release(), manifest, &signature);
    refused("not signed as such").await;

    // A changed archive, one that is longer, and one that broke off.
    let (manifest, signature) = signed(&release().manifest());
    let archive = &good;
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    for (archive, words) in [
        (changed, "not what was signed"),
        ([&archive[..], b"x"].concat(), "larger than what was signed"),
        (archive[..archive.len() - 1].to_vec(), "not what was signed"),
    ] {
        shelf.publish_with(&Release::of(NEXT, archive), manifest.clone(), &signature);
        refused(words).await;
    }

    // An older version, also where it is asked for.
    shelf.publish(&Release::of("0.0.9", good.clone()));
    let done = installation.update(&["--force"]).await;
    assert!(done.status.code() == Some(1) && said(&done).contains("nothing newer"), "{}", said(&done));
    shelf.clear();

    // Signed, and still no program that can be used.
    let link = packed(|folder| std::os::unix::fs::symlink("/bin/true", folder.join("oored")).unwrap());
    shelf.publish(&Release::of(NEXT, link));
    refused("holds no program").await;
    shelf.publish(&Release::of(NEXT, script("echo oored 9.9.9")));
    refused("says that it is 'oored 9.9.9'").await;
    shelf.publish(&Release::of(NEXT, script("exit 7")));
    refused("failed when it was tried").await;
    let mut other = release().manifest();
    other["files"][0]["machine"] = "vax".into();
    let (manifest, signature) = signed(&other);
    shelf.publish_with(&release(), manifest, &signature);
    refused("has nothing for").await;
    refused("no release in the channel").await;
}

#[tokio::test]
async fn a_version_that_cannot_open_the_database_is_not_installed() {
    let shelf = Shelf::new().await;
    let installation = Installation::new(&shelf);
    drop(Keeper::start(&installation).await);
    let fussy =
        format!("case $1 in version) echo oored {NEXT};; try-database) echo too old >&2; exit 1;; esac");
    shelf.publish(&Release::of(NEXT, script(&fussy)));
    let done = installation.update(&[]).await;
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    assert!(said(&done).contains("too old"), "{}", said(&done));
    assert_eq!(installation.says("oored"), format!("oored {OWN}"));
}

#[tokio::test]
async fn a_check_says_what_there_is_and_changes_nothing() {
    let shelf = Shelf::new().await;
    let installation = Installation::new(&shelf);
    let json = async |flags: &[&str]| -> Value {
        let done = installation.update(&[&["--check", "--json"], flags].concat()).await;
        assert!(done.status.success(), "{}", said(&done));
        serde_json::from_slice(&done.stdout).unwrap()
    };
    shelf.publish(&Release::of(OWN, script("")));
    assert_eq!(json(&[]).await["update_available"], false);
    let done = installation.update(&[]).await;
    assert!(done.status.success() && said(&done).contains("is the newest"), "{}", said(&done));
    let beta = Release { prerelease: true, ..Release::of("0.2.0-beta.1", script("")) };
    shelf.publish(&beta);
    assert_eq!(json(&[]).await["latest"], OWN, "what is tried out is not for everybody");
    let found = json(&["--channel", "beta"]).await;
    assert_eq!((&found["latest"], &found["update_available"]), (&json!("0.2.0-beta.1"), &json!(true)));
    shelf.publish(&Release::of(NEXT, script("")));
    let said_to_people = installation.update(&["--check"]).await;
    assert!(said(&said_to_people).contains(NEXT) && said(&said_to_people).contains("oore update"));
    assert_eq!(installation.files(), ["oored"]);

    for wrong in
        [&["--repo", "nothing"][..], &["--release-key", "short"], &["--releases-url", "ftp://x"], &["--json"]]
    {
        let refused = installation.update(wrong).await;
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}: {}", said(&refused));
    }
    // A key must be named: none is compiled in that has signed these.
    let mut command = installation.command(&["oore", "update", "--check"]);
    command.env_remove("OORE_RELEASE_KEY");
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
}

#[tokio::test]
async fn only_the_owner_updates_and_only_a_daemon_that_is_started_again() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("ada@example.com", UserRole::Admin).await;
    for refused in [admin.get("/v1/system/update").await, admin.post("/v1/system/update", json!({})).await] {
        refused.error(403, "insufficient_role");
    }
    assert_eq!(owner.get("/v1/system/update").await.ok()["managed_service"], false);
    owner.post("/v1/system/update", json!({})).await.error(409, "runtime_update_unmanaged");
}

#[tokio::test]
async fn two_updates_at_a_time_are_one_and_an_end_before_its_time_is_told() {
    let shelf = Shelf::new().await;
    let installation = Installation::new(&shelf);
    let keeper = Keeper::start(&installation).await;
    let owner = Client::new(&keeper.base).sign_in(None).await;
    let lock = std::fs::File::create(keeper.data.join("update.lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    owner.post("/v1/system/update", json!({})).await.error(409, "runtime_update_in_progress");
    let done = installation.update(&[]).await;
    assert!(done.status.code() == Some(1) && said(&done).contains("under way"), "{}", said(&done));

    let file = keeper.data.join("update.json");
    std::fs::write(&file, r#"{"phase":"updating"}"#).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(owner.get("/v1/system/update").await.ok()["phase"], "updating");
    drop(lock);
    let status = owner.get("/v1/system/update").await.ok();
    assert_eq!(status["phase"], "failed", "{status}");
    std::fs::write(&file, "{").unwrap();
    owner.get("/v1/system/update").await.error(500, "runtime_update_status_failed");
}
