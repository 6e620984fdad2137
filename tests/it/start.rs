//! Starting and stopping the real program.

use std::os::unix::fs::PermissionsExt;

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
async fn a_newer_command_line_does_not_migrate_under_a_running_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let _daemon = Daemon::start(folder.path(), free_port(), &["--runner-mode", "external"]).await;
    let data = folder.path().to_str().unwrap();
    let path = folder.path().join("oore.db");
    let db = sea_orm::Database::connect(format!("sqlite://{}", path.display())).await.unwrap();
    let older = "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)";
    sea_orm::ConnectionTrait::execute_unprepared(&db, older).await.unwrap();
    db.close().await.unwrap();
    let done = run(&["oore", "setup", "token", "--data-dir", data]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(!done.status.success() && said.contains("Restart the daemon"), "{said}");
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

/// What is done to a stopped instance's folder before the next start.
type Harm = fn(&std::path::Path);

fn replace_key(data: &std::path::Path, content: &[u8]) {
    std::fs::write(data.join("encryption.key"), content).unwrap();
}

#[tokio::test]
async fn a_key_or_database_that_is_not_as_it_was_stops_the_start_and_no_new_key_is_made() {
    let harms: [(&str, Harm); 7] = [
        ("encryption.key is missing", |data| std::fs::remove_file(data.join("encryption.key")).unwrap()),
        ("exactly 32 bytes", |data| replace_key(data, &[1; 31])),
        ("another", |data| replace_key(data, &[1; 32])),
        ("can be read by others", |data| {
            std::fs::set_permissions(data.join("encryption.key"), std::fs::Permissions::from_mode(0o604))
                .unwrap();
        }),
        ("symbolic link", |data| {
            std::fs::rename(data.join("encryption.key"), data.join("elsewhere")).unwrap();
            std::os::unix::fs::symlink(data.join("elsewhere"), data.join("encryption.key")).unwrap();
        }),
        ("database file must not be a symbolic link", |data| {
            std::fs::rename(data.join("oore.db"), data.join("elsewhere")).unwrap();
            std::os::unix::fs::symlink(data.join("elsewhere"), data.join("oore.db")).unwrap();
        }),
        ("encryption.key.former does not hold exactly 40 bytes", |data| {
            std::fs::copy(data.join("encryption.key"), data.join("encryption.key.former")).unwrap();
        }),
    ];
    for (why, harm) in harms {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let mut daemon = Daemon::start(data, free_port(), &["--runner-mode", "external"]).await;
        daemon.kill();
        harm(data);
        let key = std::fs::read(data.join("encryption.key")).ok();
        let said = refused(data, &[]);
        assert!(said.contains(why), "{why}: {said}");
        let command = run(&["oore", "setup", "token", "--data-dir", data.to_str().unwrap()]);
        assert!(String::from_utf8_lossy(&command.stderr).contains(why), "{why}: {command:?}");
        assert_eq!(std::fs::read(data.join("encryption.key")).ok(), key, "{why}");
    }
}

#[test]
fn a_data_folder_of_somebody_else_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    // Who may give a folder away does so; who may not finds one that is root's.
    let given = std::os::unix::fs::chown(folder.path(), Some(12345), None);
    let theirs = if given.is_ok() { folder.path() } else { std::path::Path::new("/usr") };
    let said = refused(theirs, &[]);
    assert!(said.contains("belongs to somebody else"), "{said}");
    assert!(!theirs.join("encryption.key").exists() && !theirs.join("oored.lock").exists());
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
    assert!(String::from_utf8_lossy(&refused.stdout).contains("bad.yaml:3:1: "));
}
