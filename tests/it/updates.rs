//! `oore update` and the update over the API: releases that are signed, served by a real server and installed over a program of
//! their own; and everything that must not be installed. The test is the service manager.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;
use std::time::Duration;

use oored::domain::role::UserRole;
use serde_json::{Value, json};

#[cfg(target_os = "linux")]
use crate::support::meddle::library;
use crate::support::operator::said;
use crate::support::program::oored;
use crate::support::releases::{
    Installation, Keeper, NEXT, OWN, Release, Shelf, Signer, next_version, packed, script,
};
use crate::support::{Client, Repository, Server, build_in, log_shows};

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
    let cut_off = installation.folder.path().join(".oored-update-before/trial");
    std::fs::create_dir_all(&cut_off).unwrap();
    std::fs::write(cut_off.join("encryption.key"), "left").unwrap();
    std::fs::set_permissions(installation.program(), PermissionsExt::from_mode(0o754)).unwrap();
    let keeper = Keeper::start(&installation).await;
    let owner = Client::new(&keeper.base).sign_in(None).await;
    let status = owner.get("/v1/system/update").await.ok();
    assert_eq!(status, json!({"phase": "idle", "managed_service": true, "version": OWN}));

    let gate = installation.folder.path().join("gate");
    let step = format!(
        "echo begun; while [ ! -e {} ]; do sleep 0.05; done; mkdir out; echo app > out/app.apk",
        gate.display()
    );
    let repository = Repository::running(&[&step]);
    let project = owner.project("App", &repository).await;
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
    let mode = installation.program().metadata().unwrap().mode() & 0o777;
    assert_eq!(mode, 0o754, "whoever could run the one before can run this one");
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

/// The library stands in for Linux's functions only.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_version_that_hangs_before_it_listens_is_ended_and_taken_back() {
    let shelf = Shelf::new().await;
    let installation = Installation::new(&shelf);
    let keeper = Keeper::start(&installation).await;
    let owner = Client::new(&keeper.base).sign_in(None).await;
    // The real program, which never gets its database open.
    let hanging = format!(
        "case $1 in version) echo oored {NEXT};; try-database) ;; *) \
        export LD_PRELOAD='{}' MEDDLE_FOLDER='{}' MEDDLE_AT=1 MEDDLE_WITH=HANG; exec '{}' \"$@\";; esac",
        library(),
        keeper.data.join("oore.db").display(),
        env!("CARGO_BIN_EXE_oored"),
    );
    shelf.publish(&Release::of(NEXT, script(&hanging)));
    let done = installation.update(&["--patience", "5"]).await;
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    assert!(said(&done).contains(&format!("version {OWN} is back and runs")), "{}", said(&done));
    keeper.runs(OWN).await;
    assert_eq!(installation.says("oored"), format!("oored {OWN}"));
    assert_eq!(owner.get("/v1/system/update").await.ok()["phase"], "failed");
}

#[test]
fn a_daemon_says_who_it_is_before_it_listens() {
    let data = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let mut command = oored();
    command.args(["run", "--listen", &listen, "--data-dir"]).arg(data.path()).env("OORED_MANAGED", "true");
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    let card: Value =
        serde_json::from_slice(&std::fs::read(data.path().join("oored.lock")).unwrap()).unwrap();
    assert_eq!(card, json!({"pid": pid, "url": null, "managed": true}));
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
