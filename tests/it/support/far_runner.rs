//! A runner program of its own that reaches its daemon by whatever address it is given. It must not know of builds.

use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::json;

use super::Client;
use super::program::oored;

/// The program, with a folder of its own. It is killed when this goes.
pub struct FarRunner {
    folder: tempfile::TempDir,
    child: Child,
}

impl FarRunner {
    pub async fn start(owner: &Client, daemon_url: &str, slots: usize) -> Self {
        let body = json!({"name": "far away", "capabilities": {"protocol_version": 5}});
        let made = owner.post("/v1/runners/register", body).await.ok();
        let folder = tempfile::tempdir().unwrap();
        let file = json!({
            "runner_id": made["runner"]["id"], "runner_token": made["token"], "daemon_url": daemon_url, "slots": slots,
        });
        let config = folder.path().join("runner.json");
        std::fs::write(&config, file.to_string()).unwrap();
        let mut program = oored();
        program.arg("runner").arg("--config").arg(config);
        let child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { folder, child }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for FarRunner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
