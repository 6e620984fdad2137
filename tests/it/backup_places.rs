//! Backups whose key or whose files meanwhile are somewhere else than usual, and those that are only made ready: flags for
//! scripts, which no help shows.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::backup::{Instance, create, done, refused, restore, text};
use crate::support::folders::contents;
use crate::support::program::{Daemon, free_port, oored};

fn restore_with(data: &Path, archive: &Path, flags: &[&str]) -> Output {
    let mut command = oored();
    command.args(["oore", "backup", "restore", "--json", "--data-dir", text(data), "--input", text(archive)]);
    command.args(flags).stdin(Stdio::null()).output().unwrap()
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_key_may_be_kept_apart_from_the_data() {
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let (archive, key) = (place.path().join("backup.tar.gz"), place.path().join("key"));
    std::fs::rename(instance.data().join("encryption.key"), &key).unwrap();
    refused(&create(instance.data(), &archive, &[]), 2);
    let made = done(&create(instance.data(), &archive, &["--key-file", text(&key)]));
    assert_eq!(made["secrets"], 1);

    let elsewhere = tempfile::tempdir().unwrap();
    let apart = tempfile::tempdir().unwrap();
    let restored = apart.path().join("key");
    done(&restore_with(elsewhere.path(), &archive, &["--key-file", text(&restored)]));
    assert_eq!(names(apart.path()), ["key"], "nothing else is left there");
    assert_eq!(std::fs::read(&restored).unwrap(), std::fs::read(&key).unwrap());
    assert!(!elsewhere.path().join("encryption.key").exists());
    // The daemon has its key in its folder.
    std::fs::rename(restored, elsewhere.path().join("encryption.key")).unwrap();
    let daemon = Daemon::attempt(elsewhere.path(), free_port(), &[]).await.unwrap();
    instance.verify(&daemon).await;
}

#[tokio::test]
async fn a_restore_that_is_only_prepared_changes_nothing_of_the_instance() {
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("backup.tar.gz");
    done(&create(instance.data(), &archive, &["--with-logs"]));
    let before = contents(instance.data());
    let prepared = done(&restore_with(instance.data(), &archive, &["--prepare-only"]));
    assert_eq!((&prepared["secrets"], prepared.get("kept")), (&json!(1), None));
    let ready = |part: &str| Path::new(prepared["ready"][part].as_str().unwrap()).to_owned();
    assert!(ready("database").is_file() && ready("key").is_file() && ready("folder").join("logs").is_dir());
    let after = contents(instance.data());
    let changed: Vec<_> = before.iter().filter(|file| !after.contains(file)).collect();
    assert!(changed.is_empty(), "{changed:?}");
    // The instance works on, and a restore takes away what was ready.
    let mut daemon = Daemon::attempt(instance.data(), free_port(), &[]).await.unwrap();
    instance.verify(&daemon).await;
    assert!(daemon.stop());
    let restored = done(&restore(instance.data(), &archive));
    assert_eq!(restored["epoch"], 1, "nothing of it was in force before");
    assert!(["database", "key", "folder"].iter().all(|part| !ready(part).exists()));
    let daemon = Daemon::attempt(instance.data(), free_port(), &[]).await.unwrap();
    instance.verify(&daemon).await;
}

#[tokio::test]
async fn what_a_restore_needs_meanwhile_may_lie_elsewhere_on_the_same_disk() {
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("backup.tar.gz");
    done(&create(instance.data(), &archive, &["--with-logs", "--with-artifacts"]));
    let stage = tempfile::tempdir().unwrap();
    let flags = ["--stage-dir", text(stage.path())];
    let prepared =
        done(&restore_with(instance.data(), &archive, &[&flags[..], &["--prepare-only"]].concat()));
    let ready: Value = prepared["ready"].clone();
    assert!(ready["database"].as_str().unwrap().starts_with(text(stage.path())), "{ready}");
    assert_eq!(names(stage.path()), ["oore-restored"]);
    done(&restore_with(instance.data(), &archive, &flags));
    assert!(names(stage.path()).is_empty(), "nothing is left there");
    let daemon = Daemon::attempt(instance.data(), free_port(), &[]).await.unwrap();
    instance.verify(&daemon).await;
    drop(daemon);
    for (folder, words) in [("/proc", "another disk"), ("/nonexistent", "can't be used")] {
        let said = refused(&restore_with(instance.data(), &archive, &["--stage-dir", folder]), 2);
        assert!(said.contains(words), "{said}");
    }
}
