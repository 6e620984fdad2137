//! Releases that are signed and served by a real server, a program that is installed in a folder of its own, and what systemd
//! and launchd do for it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Client;
use super::program::{end_runner, free_port, oored};

pub const OWN: &str = env!("CARGO_PKG_VERSION");
/// As long as the own version, so that it fits into its place in a program.
pub const NEXT: &str = "0.1.1";
pub const REPOSITORY: &str = "some-one/some-where";

/// A key that signs releases.
pub struct Signer(pub Ed25519KeyPair);

impl Signer {
    pub fn new() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        Self(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap())
    }

    pub fn public(&self) -> String {
        STANDARD.encode(self.0.public_key())
    }
}

/// A release to be: what is in it and what is said of it.
pub struct Release {
    pub version: &'static str,
    pub prerelease: bool,
    pub archive: Vec<u8>,
}

impl Release {
    pub fn of(version: &'static str, archive: Vec<u8>) -> Self {
        Self { version, prerelease: false, archive }
    }

    pub fn name(&self) -> String {
        format!("oored-{}-{}-{}.tar.gz", self.version, std::env::consts::OS, std::env::consts::ARCH)
    }

    pub fn manifest(&self) -> Value {
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
pub struct Shelf {
    pub base: String,
    files: Files,
    listed: Mutex<Vec<Value>>,
    pub signer: Signer,
}

impl Shelf {
    pub async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let files = Files::default();
        let routes = axum::Router::new().fallback(serve).with_state(files.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let shelf = Self { base, files, listed: Mutex::default(), signer: Signer::new() };
        shelf.list();
        shelf
    }

    pub fn put(&self, path: &str, content: Vec<u8>) {
        self.files.lock().insert(path.to_owned(), content);
    }

    pub fn list(&self) {
        let list = serde_json::to_vec(&*self.listed.lock()).unwrap();
        self.put(&format!("/repos/{REPOSITORY}/releases"), list);
    }

    /// Publishes a release with a manifest and a signature as they should be.
    pub fn publish(&self, release: &Release) {
        let manifest = serde_json::to_vec(&release.manifest()).unwrap();
        self.publish_with(release, manifest.clone(), self.signer.0.sign(&manifest).as_ref());
    }

    pub fn publish_with(&self, release: &Release, manifest: Vec<u8>, signature: &[u8]) {
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
        self.listed.lock().push(entry);
        self.list();
    }

    pub fn clear(&self) {
        self.listed.lock().clear();
        self.list();
    }

    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("OORE_RELEASES_URL", self.base.clone()),
            ("OORE_GITHUB_REPO", REPOSITORY.to_owned()),
            ("OORE_RELEASE_KEY", self.signer.public()),
        ]
    }
}

async fn serve(State(files): State<Files>, uri: Uri) -> impl IntoResponse {
    match files.lock().get(uri.path()) {
        Some(content) => (StatusCode::OK, content.clone()),
        None => (StatusCode::NOT_FOUND, Vec::new()),
    }
}

/// An archive of a release with this as its program.
pub fn packed(fill: impl FnOnce(&Path)) -> Vec<u8> {
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

pub fn script(text: &str) -> Vec<u8> {
    packed(|folder| {
        let program = folder.join("oored");
        std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    })
}

/// The program under test as its own next version: the same but for the number.
#[cfg(target_os = "linux")]
pub fn next_version() -> Vec<u8> {
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
pub struct Installation {
    pub folder: tempfile::TempDir,
    pub data: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
}

impl Installation {
    pub fn new(shelf: &Shelf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("oored");
        std::fs::copy(env!("CARGO_BIN_EXE_oored"), &program).unwrap();
        Self { folder, data: tempfile::tempdir().unwrap(), settings: shelf.settings() }
    }

    pub fn program(&self) -> PathBuf {
        self.folder.path().join("oored")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let clean = oored();
        let mut command = Command::new(self.program());
        for (key, _) in clean.get_envs() {
            command.env_remove(key);
        }
        command.envs(self.settings.iter().map(|(key, value)| (key, value)));
        command.env("OORED_DATA_DIR", self.data.path()).args(arguments);
        command
    }

    pub async fn update(&self, flags: &[&str]) -> Output {
        let mut command = self.command(&[&["oore", "update"], flags].concat());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    pub fn says(&self, program: &str) -> String {
        let said = Command::new(self.folder.path().join(program)).arg("version").output().unwrap();
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    }

    /// What is in the program's folder.
    pub fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// What systemd and launchd do: starts the daemon, and again after each failure.
pub struct Keeper {
    ended: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
    pub data: PathBuf,
    pub base: String,
}

impl Keeper {
    pub async fn start(installation: &Installation) -> Self {
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
    pub async fn runs(&self, version: &str) {
        let http = Client::new(&self.base).http;
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
