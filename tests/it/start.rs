//! Starting and stopping the real program.

use crate::support::program::{Daemon, free_port, oored, run};

fn refused(data: &std::path::Path, flags: &[&str]) -> String {
    let done = oored()
        .args(["run", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .args(flags)
        .output()
        .unwrap();
    assert!(!done.status.success());
    String::from_utf8_lossy(&done.stderr).into_owned()
}

#[tokio::test]
async fn a_second_daemon_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Daemon::start(folder.path(), free_port(), &["--runner-mode", "external"]).await;
    let said = refused(folder.path(), &[]);
    assert!(said.contains("another oored is running on the data folder"), "{said}");
    assert!(said.contains("hint:"), "{said}");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = oored().args(["run", "--listen", &address, "--data-dir"]).arg(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains(&format!("another program listens on {address}")), "{said}");
}

#[tokio::test]
async fn a_lost_key_stops_the_start_and_no_new_one_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path(), free_port(), &["--runner-mode", "external"]).await;
    daemon.kill();
    std::fs::remove_file(folder.path().join("encryption.key")).unwrap();
    let said = refused(folder.path(), &[]);
    assert!(said.contains("encryption.key is missing"), "{said}");
    assert!(!folder.path().join("encryption.key").exists());
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut daemon = Daemon::start(folder.path(), port, &["--runner-mode", "external"]).await;
    let owner = daemon.client().sign_in(None).await;
    let project = owner.project("Shop", &crate::support::Repository::with(&[("a", "b")])).await;
    daemon.kill();
    let daemon = Daemon::start(folder.path(), port, &["--runner-mode", "external"]).await;
    let owner = daemon.client().with_token(owner.token.unwrap());
    let found = owner.get(&format!("/v1/projects/{}", project["id"].as_str().unwrap())).await.ok();
    assert_eq!(found["project"]["name"], "Shop");
}

#[test]
fn the_binary_knows_its_version_and_its_document() {
    let version = run(&["version"]);
    assert_eq!(String::from_utf8_lossy(&version.stdout).trim(), concat!("oored ", env!("CARGO_PKG_VERSION")));
    let document: serde_json::Value = serde_json::from_slice(&run(&["openapi"]).stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn pipeline_files_can_be_checked_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.yaml");
    let bad = folder.path().join("bad.yaml");
    std::fs::write(&good, "version: 1\nplatforms: [android]\n").unwrap();
    std::fs::write(&bad, "version: 1\nplatforms: [android]\nstages: []\n").unwrap();
    assert!(run(&["oore", "pipeline", "validate", good.to_str().unwrap()]).status.success());
    let refused = run(&["oore", "pipeline", "validate", bad.to_str().unwrap()]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stdout).contains("line 3, column 1"));
}
