//! What a runner has in hands: the jobs that it works on, and what it says of itself because of them. It
//! neither asks for work nor does it.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use super::protocol::{ClaimedJob, HeldJob};
use crate::domain::runner::RunnerStatus;

/// The jobs of one runner. Clones are the same hands.
#[derive(Debug, Clone)]
pub struct Hands {
    state: Arc<Mutex<State>>,
    status: watch::Sender<RunnerStatus>,
}

#[derive(Debug, Default)]
struct State {
    held: Vec<HeldJob>,
    draining: bool,
}

impl Default for Hands {
    fn default() -> Self {
        Self { state: Arc::default(), status: watch::Sender::new(RunnerStatus::Online) }
    }
}

impl Hands {
    /// What to say of the runner, as it changes.
    pub fn status(&self) -> watch::Receiver<RunnerStatus> {
        self.status.subscribe()
    }

    pub fn held(&self) -> Vec<HeldJob> {
        self.state().held.clone()
    }

    /// Holds the job until what is answered is dropped.
    pub fn take(&self, job: &ClaimedJob) -> Grip {
        let job = HeldJob { build_id: job.build_id.clone(), attempt: job.attempt };
        self.change(|state| state.held.push(job.clone()));
        Grip { hands: self.clone(), job }
    }

    /// No more work is taken from now on.
    pub fn drain(&self) {
        self.change(|state| state.draining = true);
    }

    /// Waits until there is nothing in them.
    pub async fn empty(&self) {
        let mut status = self.status();
        while !self.state().held.is_empty() && status.changed().await.is_ok() {}
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        // While it is locked, so that the last word is the true one.
        self.status.send_replace(state.status());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    fn status(&self) -> RunnerStatus {
        match (self.held.is_empty(), self.draining) {
            (_, true) => RunnerStatus::Draining,
            (true, false) => RunnerStatus::Online,
            (false, false) => RunnerStatus::Busy,
        }
    }
}

/// One job in hands.
#[derive(Debug)]
pub struct Grip {
    hands: Hands,
    job: HeldJob,
}

impl Drop for Grip {
    fn drop(&mut self) {
        self.hands.change(|state| state.held.retain(|held| *held != self.job));
    }
}
