//! Runners that do no work: they register, hold their claims and end each build they get at once. So what is
//! left to measure is the daemon.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

use super::api::{Client, text};

/// A silent runner is shown offline after 15 seconds.
const BEAT: Duration = Duration::from_secs(5);

/// Runners at work until this is dropped.
pub struct Fleet(#[expect(dead_code, reason = "dropping it ends the runners")] Vec<AbortOnDropHandle<()>>);

impl Fleet {
    /// Registers `count` runners; answers when all have said that they live.
    pub async fn start(owner: &Client, count: usize) -> anyhow::Result<Self> {
        let mut runners = Vec::with_capacity(count);
        for number in 0..count {
            let runner = Runner::register(owner, &format!("bench-{number}")).await?;
            runners.push(AbortOnDropHandle::new(tokio::spawn(async move {
                let Err(error) = tokio::select! {
                    ended = runner.work() => ended,
                    ended = runner.live() => ended,
                };
                eprintln!("a runner of the fleet ended: {error:#}");
            })));
        }
        Ok(Self(runners))
    }
}

struct Runner {
    client: Client,
    path: String,
}

impl Runner {
    async fn register(owner: &Client, name: &str) -> anyhow::Result<Self> {
        let capabilities = json!({"os": "linux", "arch": "x86_64", "protocol_version": 5});
        let made =
            owner.post("/v1/runners/register", json!({"name": name, "capabilities": capabilities})).await?;
        let client = owner.with_token(text(&made, "/token")?);
        let runner = Self { client, path: format!("/v1/runners/{}", text(&made, "/runner/id")?) };
        runner.beat().await?;
        Ok(runner)
    }

    async fn beat(&self) -> anyhow::Result<()> {
        let beat = json!({"status": "online", "capabilities": {}});
        self.client.tell(&format!("{}/heartbeat", self.path), None, beat).await
    }

    async fn live(&self) -> anyhow::Result<Infallible> {
        loop {
            tokio::time::sleep(BEAT).await;
            self.beat().await?;
        }
    }

    async fn work(&self) -> anyhow::Result<Infallible> {
        loop {
            let wanted = json!({"protocol_version": 5, "wait_seconds": 60});
            let answer = self.client.post(&format!("{}/claim", self.path), wanted).await?;
            if answer["job"].is_object() {
                self.end(&answer["job"]).await?;
            }
        }
    }

    async fn end(&self, job: &Value) -> anyhow::Result<()> {
        let path = format!("{}/jobs/{}/status", self.path, text(job, "/build_id")?);
        let attempt = job["attempt"].as_u64().context("a job without an attempt")?;
        for status in [json!({"status": "running"}), json!({"status": "succeeded", "log_frames": 0})] {
            self.client.tell(&path, Some(attempt), status).await?;
        }
        Ok(())
    }
}
