//! Backups that are ended in the middle: what they made meanwhile holds database and key, and must not stay.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::process::{Pid, Signal, kill_process};

use crate::backup::{Instance, create, done, text};
use crate::support::folders::contents;
use crate::support::program::oored;
use crate::support::until;

/// So large, and made of nothing but holes, that copying it never comes to its end.
const ENDLESS: u64 = 1 << 40;

fn oore(arguments: &[&str]) -> Child {
    let mut command = oored();
    command.arg("oore").args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// A backup that has made its copies of database and key, and copies artifacts for ever.
async fn endless(data: &Path, archive: &Path) -> Child {
    let artifact = data.join("artifacts/endless");
    std::fs::create_dir_all(artifact.parent().unwrap()).unwrap();
    File::create(&artifact).unwrap().set_len(ENDLESS).unwrap();
    let flags = ["--with-artifacts", "--data-dir", text(data), "--output", text(archive)];
    let child = oore(&[&["backup", "create"], &flags[..]].concat());
    let folder = archive.parent().unwrap();
    until("it is at the artifacts", || holds(folder, "encryption.key") && has_begun(folder)).await;
    child
}

/// Whether a folder holds a file of that name, however deep.
fn holds(folder: &Path, name: &str) -> bool {
    contents(folder).iter().any(|(path, _)| path.file_name().unwrap() == name)
}

/// Whether some of an archive is written: what is packed is held back until there is enough of it.
fn has_begun(folder: &Path) -> bool {
    contents(folder)
        .iter()
        .any(|(path, bytes)| path.extension().is_some_and(|end| end == "partial") && !bytes.is_empty())
}

/// Its exit code after a signal, and what it said.
fn ended(child: Child, signal: Signal) -> (Option<i32>, String) {
    kill_process(Pid::from_child(&child), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn a_backup_that_a_signal_ends_leaves_nothing_behind() {
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("backup.tar.gz");
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let (exit, said) = ended(endless(instance.data(), &archive).await, signal);
        assert_eq!(exit, Some(code), "{said}");
        assert!(std::fs::read_dir(place.path()).unwrap().next().is_none(), "{signal:?}");
    }
}

#[tokio::test]
async fn what_a_killed_backup_left_is_removed_by_the_next_one_unless_somebody_works_at_it() {
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let (first, second) = (place.path().join("first.tar.gz"), place.path().join("second.tar.gz"));
    let mut killed = endless(instance.data(), &first).await;
    done(&create(instance.data(), &second, &[]));
    assert!(holds(place.path(), "encryption.key") && has_begun(place.path()), "that one still works");
    std::fs::remove_file(&second).unwrap();
    killed.kill().unwrap();
    assert_eq!(killed.wait().unwrap().signal(), Some(9));
    assert!(holds(place.path(), "encryption.key") && has_begun(place.path()), "a kill leaves no time");
    done(&create(instance.data(), &second, &[]));
    let left: Vec<_> = contents(place.path()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, [second]);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "no folder either");
}

/// Writes an archive that never ends.
fn write_endless(pipe: &Path, data: &Path) -> io::Result<()> {
    let mut tar = tar::Builder::new(GzEncoder::new(File::create(pipe)?, Compression::fast()));
    for name in ["oore.db", "encryption.key"] {
        tar.append_path_with_name(data.join(name), name)?;
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(ENDLESS);
    header.set_mode(0o600);
    tar.append_data(&mut header, "artifacts/endless", io::repeat(0))?;
    tar.get_mut().flush()
}

#[tokio::test]
async fn a_check_that_a_signal_ends_leaves_nothing_behind() {
    let instance = Instance::new().await;
    let (place, stage) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pipe = place.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    let child = oore(&["backup", "verify", "--input", text(&pipe), "--stage-dir", text(stage.path())]);
    let (pipe, data) = (pipe.clone(), instance.data().to_owned());
    let writing = std::thread::spawn(move || write_endless(&pipe, &data));
    until("the key is unpacked", || holds(stage.path(), "encryption.key")).await;
    let (exit, said) = ended(child, Signal::INT);
    assert_eq!(exit, Some(130), "{said}");
    assert!(std::fs::read_dir(stage.path()).unwrap().next().is_none());
    assert_eq!(writing.join().unwrap().unwrap_err().kind(), io::ErrorKind::BrokenPipe, "it read until then");
}
