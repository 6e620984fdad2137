//! Says every few seconds that the runner lives, what it does and what it has. On a thread and a
//! connection of its own, so that no build, however heavy, makes the runner look dead.

use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::capabilities::Capabilities;
use super::client::{CallError, Client};
use super::protocol::RunnerHeartbeatRequest;
use crate::domain::runner::RunnerStatus;

const EVERY: Duration = Duration::from_secs(3);
/// How many heartbeats go by between two looks for tools.
const LOOK_EVERY: u32 = 20;
/// How long the last heartbeat may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// The thread that beats.
pub struct Heart {
    thread: JoinHandle<()>,
    stopping: CancellationToken,
}

impl Heart {
    /// Begins to beat. The client must be nobody else's.
    pub fn start(client: Client, status: watch::Receiver<RunnerStatus>) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stopping = CancellationToken::new();
        let stopped = stopping.clone();
        let thread = std::thread::Builder::new().name("heartbeat".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = beat(client, status) => {}
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

/// Beats until nobody holds the status any more; a change of it is told at once.
async fn beat(client: Client, mut status: watch::Receiver<RunnerStatus>) {
    // Tools may take their time to say what they are; that we live is said before.
    let first = RunnerHeartbeatRequest { status: status.borrow().to_string(), capabilities: json!({}) };
    let mut known = said(client.heartbeat(&first).await, true);
    let mut capabilities = Capabilities::detect().await;
    for beats in 1_u32.. {
        if beats.is_multiple_of(LOOK_EVERY) {
            capabilities.refresh().await;
        }
        let present = *status.borrow_and_update();
        known = said(client.heartbeat(&heartbeat(present, &capabilities)).await, known);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            changed = status.changed() => if changed.is_err() { return },
        }
    }
}

/// Tells the daemon that the runner goes.
pub async fn farewell(client: &Client) {
    let request =
        RunnerHeartbeatRequest { status: RunnerStatus::Offline.to_string(), capabilities: json!({}) };
    let _daemon_notices_by_itself = tokio::time::timeout(FAREWELL, client.heartbeat(&request)).await;
}

fn heartbeat(status: RunnerStatus, capabilities: &Capabilities) -> RunnerHeartbeatRequest {
    RunnerHeartbeatRequest { status: status.to_string(), capabilities: capabilities.to_json() }
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
