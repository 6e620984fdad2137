//! Says every few seconds that the runner lives, what it does and what it has. A task of its own, so
//! that no build, however heavy, makes the runner look dead; looking for tools is another one, so that
//! no tool that hangs does either.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::capabilities::{self, Seen};
use super::client::{CallError, Client};
use super::protocol::RunnerHeartbeatRequest;
use crate::domain::runner::RunnerStatus;

const EVERY: Duration = Duration::from_secs(3);
/// How long the last heartbeat may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Beats until the task is aborted; a change of the status is told at once, as is what was found.
pub async fn beat(client: Arc<Client>, mut status: watch::Receiver<RunnerStatus>, folder: PathBuf) {
    let (show, mut seen) = watch::channel(Seen::default());
    let _looking = AbortOnDropHandle::new(tokio::spawn(capabilities::keep_current(folder, show)));
    let mut known = true;
    loop {
        let present = *status.borrow_and_update();
        let beat = heartbeat(present, &seen.borrow_and_update());
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
    let last = heartbeat(RunnerStatus::Offline, &Seen::default());
    let _daemon_notices_by_itself = tokio::time::timeout(FAREWELL, client.heartbeat(&last)).await;
}

/// Before anything was found an empty object keeps what the daemon knows.
fn heartbeat(status: RunnerStatus, seen: &Seen) -> RunnerHeartbeatRequest {
    let capabilities = seen.capabilities.clone().unwrap_or_else(|| json!({}));
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
