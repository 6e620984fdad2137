//! Says every few seconds that the runner lives, what it does and what it has. On a thread and a connection of
//! its own, so that no build, however heavy, makes the runner look dead; looking for tools is another task, so
//! that no tool that hangs does either.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::capabilities::{self, Seen};
use super::client::{CallError, Client};
use super::protocol::RunnerHeartbeatRequest;
use crate::domain::runner::RunnerStatus;

const EVERY: Duration = Duration::from_secs(3);
/// How long the last heartbeat may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// The thread that beats.
pub struct Heart {
    thread: JoinHandle<()>,
    stopping: CancellationToken,
}

impl Heart {
    /// Begins to beat. The client must be nobody else's.
    pub fn start(
        client: Client,
        status: watch::Receiver<RunnerStatus>,
        slots: u32,
        folder: PathBuf,
    ) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stopping = CancellationToken::new();
        let stopped = stopping.clone();
        let thread = std::thread::Builder::new().name("heartbeat".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = beat(client, status, slots, folder) => {}
                    () = stopped.cancelled() => {}
                }
            });
        })?;
        Ok(Self { thread, stopping })
    }

    /// When this returns there is no further heartbeat.
    pub async fn stop(self) {
        self.stopping.cancel();
        let _panicked = tokio::task::spawn_blocking(|| self.thread.join()).await;
    }
}

/// Beats until nobody holds the status any more; a change of it is told at once, as is what was found.
async fn beat(client: Client, mut status: watch::Receiver<RunnerStatus>, slots: u32, folder: PathBuf) {
    let (show, mut seen) = watch::channel(Seen::default());
    let _looking = AbortOnDropHandle::new(tokio::spawn(capabilities::keep_current(folder, show)));
    let mut known = true;
    loop {
        let present = *status.borrow_and_update();
        let beat = heartbeat(present, slots, &seen.borrow_and_update());
        known = said(client.heartbeat(&beat).await, known);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            changed = status.changed() => if changed.is_err() { return },
            Ok(()) = seen.changed() => {}
        }
    }
}

/// Tells the daemon that the runner goes.
pub async fn farewell(client: &Client) {
    let last = RunnerHeartbeatRequest {
        status: RunnerStatus::Offline.to_string(),
        capabilities: json!({}),
        figures: None,
    };
    let _daemon_notices_by_itself = tokio::time::timeout(FAREWELL, client.heartbeat(&last)).await;
}

/// Before anything was found an empty object keeps what the daemon knows.
fn heartbeat(status: RunnerStatus, slots: u32, seen: &Seen) -> RunnerHeartbeatRequest {
    let mut capabilities = json!({});
    if let Some(found) = &seen.capabilities {
        capabilities = found.clone();
        capabilities["slots"] = slots.into();
    }
    RunnerHeartbeatRequest { status: status.to_string(), capabilities, figures: seen.figures }
}

/// Logs when the daemon begins to refuse us, once. Answers whether it knows us.
fn said(answer: Result<(), CallError>, known: bool) -> bool {
    match answer {
        Ok(()) => true,
        Err(CallError::Unreachable(why)) => {
            tracing::debug!("no answer to a heartbeat: {why}");
            known
        }
        Err(CallError::Refused(refusal)) => {
            if known {
                tracing::warn!("the daemon does not accept this runner: {refusal}");
            }
            false
        }
    }
}
