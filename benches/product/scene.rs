//! A daemon on a fresh folder with one project and pipeline: what most figures begin with.

use anyhow::Context;
use serde_json::json;
use tempfile::TempDir;

use super::api::{Client, Stream, text};
use super::program::{Builds, Daemon, scratch};
use super::repository::Repository;

/// Dropped in this order: the daemon ends before its folder vanishes.
pub struct Scene {
    pub daemon: Daemon,
    pub client: Client,
    pub events: Stream,
    pub project: String,
    pub pipeline: String,
    pub folder: TempDir,
}

impl Scene {
    /// A project whose builds run `command`.
    pub async fn open(builds: Builds, command: &str) -> anyhow::Result<Self> {
        let folder = scratch()?;
        let repository = folder.path().join("repository");
        Repository::create(&repository)?.run(command)?;
        let daemon = Daemon::start(&folder.path().join("data"), builds)?;
        let client = Client::sign_in(daemon.address).await?;
        let body = json!({"name": "Shop", "local_repository_path": repository.canonicalize()?});
        let project = text(&client.post("/v1/projects", body).await?, "/project/id")?;
        let path = format!("/v1/projects/{project}/pipelines");
        let pipeline = text(&client.post(&path, json!({"name": "Android"})).await?, "/pipeline/id")?;
        let events = client.follow("/v1/events").await?;
        Ok(Self { daemon, client, events, project, pipeline, folder })
    }

    /// Starts a build and answers its id.
    pub async fn trigger(&self) -> anyhow::Result<String> {
        let path = format!("/v1/projects/{}/builds", self.project);
        let answer = self.client.post(&path, json!({"pipeline_id": self.pipeline})).await?;
        text(&answer, "/build/id")
    }

    /// Waits until the build is green; says what its log said if it isn't.
    pub async fn succeeded(&mut self, build: &str) -> anyhow::Result<()> {
        if let Err(error) = self.events.status(build, "succeeded").await {
            let found = self.client.get(&format!("/v1/builds/{build}")).await?;
            return Err(error).context(found["build"]["error_message"].to_string());
        }
        Ok(())
    }
}
