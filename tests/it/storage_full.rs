//! A disk that is full, for real: a small file system of memory. Writes answer 507 and change
//! nothing, reads go on, and when there is room again everything works without a restart.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::agent::frame;
use crate::support::{Agent, Repository, Server};

/// A mounted file system of a few megabytes. Needs root, as the tests have in CI.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(megabytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m,mode=0700");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "mount needs root: {}", String::from_utf8_lossy(&done.stderr));
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.path().join("ballast")).unwrap();
        while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
        while std::io::Write::write_all(&mut file, &[0]).is_ok() {}
    }

    fn free(&self) {
        std::fs::remove_file(self.path().join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).output();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_loses_nothing_and_recovers() {
    let disk = SmallDisk::mount(6);
    let data = disk.path().join("data").display().to_string();
    std::fs::create_dir(disk.path().join("data")).unwrap();
    let server = Server::start_with(&["--min-free-disk-bytes", "0", "--data-dir", &data]).await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    owner.build(&pipeline).await;
    let runner = Agent::register(&owner, "r", 5).await;
    let job = runner.begin().await;
    runner.frames(&job, 0, &[frame(0, "before")]).await.ok();
    let announced = runner.announce(&job, "a", &[b'a'; 100_000]).await;

    disk.fill();
    let mut refused = 0;
    for _ in 0..50 {
        let body = json!({"pipeline_id": pipeline["id"]});
        let path = format!("/v1/projects/{}/builds", project["id"].as_str().unwrap());
        let answer = owner.post(&path, body).await;
        if answer.status == 507 {
            answer.error(507, "disk_full");
            refused += 1;
        } else {
            answer.created();
        }
    }
    assert!(refused > 0, "the disk is full");
    runner.frames(&job, 1, &vec![frame(0, vec![b'x'; 4000]); 50]).await.error(507, "disk_full");
    runner.put(&announced, vec![b'a'; 100_000]).await.error(507, "disk_full");
    let list = owner.get("/v1/builds?limit=200").await.ok();
    assert_eq!(
        list["builds"].as_array().unwrap().len() as i64,
        51 - refused,
        "what was refused is not there"
    );
    assert_eq!(owner.raw_log(&json!({"id": job["build_id"]})).await, b"before\n");

    disk.free();
    let numbers = async || -> Vec<i64> {
        let list = owner.get("/v1/builds?limit=200&direction=asc").await.ok();
        list["builds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|build| build["build_number"].as_i64().unwrap())
            .collect()
    };
    let before = numbers().await;
    let build: Value = owner.build(&pipeline).await;
    assert_eq!(build["build_number"].as_i64(), before.last().map(|last| last + 1));
    assert_eq!(before, (1..=before.len() as i64).collect::<Vec<_>>());
    runner.frames(&job, 1, &[frame(0, "after")]).await.ok();
    runner.put(&announced, vec![b'a'; 100_000]).await.expect(200);
    runner.report(&job, json!({"status": "succeeded", "log_frames": 2})).await.ok();
    assert_eq!(owner.raw_log(&json!({"id": job["build_id"]})).await, b"before\nafter\n");
    let reopened = server.restart().await;
    let owner = reopened.anonymous().with_token(owner.token.clone().unwrap());
    let list = owner.get("/v1/builds?limit=200").await.ok();
    assert_eq!(list["builds"].as_array().unwrap().len(), before.len() + 1, "and all of it is on the disk");
}
